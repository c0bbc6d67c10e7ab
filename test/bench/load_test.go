package bench

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"testing"
	"time"
)

// request is an HTTP request that is sent again and again.
type request struct {
	method, url string
	header      http.Header
	host        string
	text        []byte // the whole request without a client
}

// newRequest makes a request with a token; a body is JSON.
func newRequest(b *testing.B, method, address, token, body string) *request {
	b.Helper()
	u, err := url.Parse(address)
	if err != nil {
		b.Fatal(err)
	}
	r := &request{method: method, url: address, host: u.Host, header: http.Header{"Authorization": {"Bearer " + token}}}
	if body != "" {
		r.header.Set("Content-Type", "application/json")
		r.header.Set("Content-Length", strconv.Itoa(len(body)))
	}
	var text bytes.Buffer
	fmt.Fprintf(&text, "%s %s HTTP/1.1\r\nHost: %s\r\n", method, u.RequestURI(), u.Host)
	if err := r.header.Write(&text); err != nil {
		b.Fatal(err)
	}
	text.WriteString("\r\n" + body)
	r.text = text.Bytes()
	return r
}

// connection sends requests one after another, with a client that takes as little
// of the processors as can be.
type connection struct {
	net.Conn
	answers *bufio.Reader
}

// end closes the connection; there is nothing left to learn from it.
func (c *connection) end() { _ = c.Close() }

func (r *request) connect(b *testing.B) *connection {
	b.Helper()
	conn, err := (&net.Dialer{}).DialContext(b.Context(), "tcp", r.host)
	if err != nil {
		b.Fatal(err)
	}
	return &connection{conn, bufio.NewReaderSize(conn, 64<<10)}
}

// send sends the request and reads its answer, which has to be a 200.
func (c *connection) send(r *request) error {
	if _, err := c.Write(r.text); err != nil {
		return err
	}
	line, err := c.answers.ReadSlice('\n')
	if err != nil {
		return err
	}
	if !bytes.HasPrefix(line, []byte("HTTP/1.1 200 ")) {
		return fmt.Errorf("answer: %s", bytes.TrimSpace(line))
	}
	length, chunked := 0, false
	for len(bytes.TrimSpace(line)) > 0 {
		if line, err = c.answers.ReadSlice('\n'); err != nil {
			return err
		}
		if value, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
			if length, err = strconv.Atoi(string(bytes.TrimSpace(value))); err != nil {
				return err
			}
		}
		chunked = chunked || bytes.HasPrefix(line, []byte("Transfer-Encoding: chunked"))
	}
	if chunked {
		return c.skipChunks()
	}
	_, err = c.answers.Discard(length)
	return err
}

// skipChunks reads a body of unknown length (RFC 9112 §7.1) without trailers.
func (c *connection) skipChunks() error {
	for {
		line, err := c.answers.ReadSlice('\n')
		if err != nil {
			return err
		}
		size, err := strconv.ParseUint(string(bytes.TrimSpace(line)), 16, 31)
		if err != nil {
			return err
		}
		if _, err := c.answers.Discard(int(size) + len("\r\n")); err != nil || size == 0 {
			return err
		}
	}
}

// rate sends the request over some connections for a while, with the client that
// Go programs use, and gives the answers per second.
func (r *request) rate(b *testing.B, connections int, while time.Duration) float64 {
	b.Helper()
	transport := &http.Transport{MaxIdleConnsPerHost: connections}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	counts, errs := make([]int, connections), make([]error, connections)
	begin := time.Now()
	var all sync.WaitGroup
	for i := range connections {
		all.Go(func() {
			for time.Since(begin) < while && errs[i] == nil {
				errs[i] = r.once(b.Context(), client)
				counts[i]++
			}
		})
	}
	all.Wait()
	took := time.Since(begin)
	total := 0
	for i := range counts {
		if errs[i] != nil {
			b.Fatal(errs[i])
		}
		total += counts[i]
	}
	return float64(total) / took.Seconds()
}

// once sends a request without body; the answer has to be a 200.
func (r *request) once(ctx context.Context, client *http.Client) error {
	req, err := http.NewRequestWithContext(ctx, r.method, r.url, http.NoBody)
	if err != nil {
		return err
	}
	req.Header = r.header
	got, err := client.Do(req)
	if err != nil {
		return err
	}
	defer got.Body.Close()
	if _, err := io.Copy(io.Discard, got.Body); err != nil {
		return err
	}
	if got.StatusCode != http.StatusOK {
		return fmt.Errorf("%s %s: status %d", r.method, r.url, got.StatusCode)
	}
	return nil
}

// times sends the request n times over one connection and gives how long each took.
func (r *request) times(b *testing.B, n int) []time.Duration {
	b.Helper()
	conn := r.connect(b)
	defer conn.end()
	taken := make([]time.Duration, n)
	for i := range taken {
		begin := time.Now()
		if err := conn.send(r); err != nil {
			b.Fatal(err)
		}
		taken[i] = time.Since(begin)
	}
	return taken
}

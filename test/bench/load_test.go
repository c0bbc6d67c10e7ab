package bench

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// request is an HTTP request that is sent again and again. The client is written
// by hand because net/http's would take more of the processors than the server,
// and hide the differences we look for.
type request struct {
	address string
	text    []byte
}

// newRequest makes a request; headers are whole lines.
func newRequest(b *testing.B, method, address, body string, headers ...string) *request {
	b.Helper()
	u, err := url.Parse(address)
	if err != nil {
		b.Fatal(err)
	}
	lines := append([]string{method + " " + u.RequestURI() + " HTTP/1.1", "Host: " + u.Host}, headers...)
	if body != "" {
		lines = append(lines, "Content-Type: application/json", "Content-Length: "+strconv.Itoa(len(body)))
	}
	return &request{address: u.Host, text: []byte(strings.Join(lines, "\r\n") + "\r\n\r\n" + body)}
}

// connection sends requests one after another.
type connection struct {
	net.Conn
	answers *bufio.Reader
}

// end closes the connection; there is nothing left to learn from it.
func (c *connection) end() { _ = c.Close() }

func (r *request) connect(b *testing.B) *connection {
	b.Helper()
	conn, err := (&net.Dialer{}).DialContext(b.Context(), "tcp", r.address)
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

// rate sends the request over some connections for a while and gives the answers per second.
func (r *request) rate(b *testing.B, connections int, while time.Duration) float64 {
	b.Helper()
	counts, errs := make([]int, connections), make([]error, connections)
	conns := make([]*connection, connections)
	for i := range conns {
		conns[i] = r.connect(b)
	}
	begin := time.Now()
	var all sync.WaitGroup
	for i, conn := range conns {
		all.Go(func() {
			defer conn.end()
			for time.Since(begin) < while && errs[i] == nil {
				errs[i] = conn.send(r)
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

package client

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// Outgoing is a file on its way to an upload, sent with tus 1.0 so that it can go
// on after a break.
type Outgoing struct {
	UploadID string
	// Path of the file in the upload, with slashes.
	Path string
	Size int64
	// SHA256 of the whole file as hex; the server stores nothing that has another one.
	SHA256 string
	// Unpack tells the server to unpack an archive into the folder of Path.
	Unpack bool
	// Address is where it is sent to, "" before the first try; see Begun.
	Address string
	// Open gives the content.
	Open func() (io.ReadSeekCloser, error)
	// Begun is told the address, so that another run can go on there; nil = nobody wants to know.
	Begun func(address string) error
	// At is told how many bytes the server has or was given; nil = nobody wants to know.
	At func(bytes int64)
}

// Tries and pauses after failures that may pass: a server that restarts, a line that breaks.
const (
	mostTries  = 12
	firstPause = 500 * time.Millisecond
	mostPause  = 30 * time.Second
)

// statuses of tus besides those that net/http names.
const statusBadChecksum = 460

// Send sends the file, going on where an earlier try has ended. Failures that may
// pass are tried again for some minutes; a refusal is an *Error.
func (c *Client) Send(ctx context.Context, f *Outgoing) error {
	pause := firstPause
	for try := 1; ; try++ {
		before := f.Address
		moved, err := c.sendOnce(ctx, f)
		if err == nil || ctx.Err() != nil {
			return err
		}
		if moved || before == "" && f.Address != "" {
			try, pause = 1, firstPause
		}
		if try >= mostTries || !passes(err, f.Address != "") {
			return err
		}
		wait := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			wait.Stop()
			return ctx.Err()
		case <-wait.C:
		}
		pause = min(2*pause, mostPause)
	}
}

// passes tells whether a failure may go away by itself. A conflict does once the file
// is on its way: then it is about how far it is.
func passes(err error, begun bool) bool {
	var refused *Error
	if !errors.As(err, &refused) {
		return !errors.Is(err, errLocal)
	}
	switch refused.Status {
	case http.StatusConflict:
		return begun
	case http.StatusLocked, http.StatusTooManyRequests, http.StatusRequestTimeout,
		http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// errLocal is a failure on this computer.
var errLocal = errors.New("on this computer")

// sendOnce goes on with the file; moved tells whether that brought bytes.
func (c *Client) sendOnce(ctx context.Context, f *Outgoing) (moved bool, err error) {
	at := int64(0)
	if f.Address != "" {
		if at, err = c.offset(ctx, f); err != nil {
			return false, err
		}
	}
	if f.Address == "" {
		if at, err = c.begin(ctx, f); err != nil {
			return false, err
		}
	}
	f.tell(at)
	if at == f.Size {
		return true, nil
	}
	content, err := f.Open()
	if err != nil {
		return false, errors.Join(errLocal, err)
	}
	defer content.Close()
	if _, err := content.Seek(at, io.SeekStart); err != nil {
		return false, errors.Join(errLocal, err)
	}
	body := &counted{Reader: io.LimitReader(content, f.Size-at), at: at, tell: f.tell}
	r, err := http.NewRequestWithContext(ctx, http.MethodPatch, f.Address, io.NopCloser(body))
	if err != nil {
		return false, fmt.Errorf("make request: %w", err)
	}
	r.ContentLength = f.Size - at
	r.Header.Set("Upload-Offset", strconv.FormatInt(at, 10))
	r.Header.Set("Content-Type", "application/offset+octet-stream")
	if _, err = c.tus(r); err != nil {
		return body.at > at, err
	}
	return true, nil
}

func (f *Outgoing) tell(at int64) {
	if f.At != nil {
		f.At(at)
	}
}

// counted tells how far the reading of a body is.
type counted struct {
	io.Reader
	at   int64
	tell func(int64)
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.at += int64(n)
	c.tell(c.at)
	return n, err
}

// offset asks how much of the file the server has; an address that it does not know any more is dropped.
func (c *Client) offset(ctx context.Context, f *Outgoing) (int64, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodHead, f.Address, http.NoBody)
	if err != nil {
		return 0, fmt.Errorf("make request: %w", err)
	}
	h, err := c.tus(r)
	var refused *Error
	if errors.As(err, &refused) && (refused.Status == http.StatusNotFound || refused.Status == http.StatusGone) {
		f.Address = ""
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(h.Get("Upload-Offset"), 10, 64)
}

// begin announces the file. A small one goes along.
func (c *Client) begin(ctx context.Context, f *Outgoing) (int64, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+"/api/v1/uploads/"+url.PathEscape(f.UploadID)+"/tus", http.NoBody)
	if err != nil {
		return 0, fmt.Errorf("make request: %w", err)
	}
	if f.Size > 0 && f.Size <= alongUpTo {
		content, err := f.Open()
		if err != nil {
			return 0, errors.Join(errLocal, err)
		}
		defer content.Close()
		r.Body, r.ContentLength = io.NopCloser(io.LimitReader(content, f.Size)), f.Size
		r.Header.Set("Content-Type", "application/offset+octet-stream")
	}
	encode := base64.StdEncoding.EncodeToString
	told := "path " + encode([]byte(f.Path)) + ",sha256 " + encode([]byte(f.SHA256))
	if f.Unpack {
		told += ",auto_decompress " + encode([]byte("true"))
	}
	r.Header.Set("Upload-Length", strconv.FormatInt(f.Size, 10))
	r.Header.Set("Upload-Metadata", told)
	h, err := c.tus(r)
	if err != nil {
		return 0, err
	}
	at, err := r.URL.Parse(h.Get("Location"))
	if err != nil || h.Get("Location") == "" {
		return 0, fmt.Errorf("the server names no address for the file: %q", h.Get("Location"))
	}
	f.Address = at.String()
	if f.Begun != nil {
		if err := f.Begun(f.Address); err != nil {
			return 0, errors.Join(errLocal, err)
		}
	}
	return strconv.ParseInt(h.Get("Upload-Offset"), 10, 64)
}

// alongUpTo is up to which size a file is sent with its announcement.
const alongUpTo = 1 << 20

// tus sends a request of the protocol and gives the headers of the answer.
func (c *Client) tus(r *http.Request) (http.Header, error) {
	r.Header.Set("Tus-Resumable", "1.0.0")
	r.Header.Set("Accept", "application/json")
	if c.token != nil {
		token, err := c.token(r.Context())
		if err != nil {
			return nil, err
		}
		r.Header.Set("Authorization", "Bearer "+token)
	}
	// Not the client with a time limit: a large file takes as long as it takes.
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return nil, fmt.Errorf("reach the server: %w", err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return nil, failure(resp.StatusCode, body)
	}
	if err != nil {
		return nil, fmt.Errorf("read the server's answer: %w", err)
	}
	return resp.Header, nil
}

// IsOtherBytes tells whether the server refused a file because other bytes arrived
// than were announced: it changed while it was sent.
func IsOtherBytes(err error) bool {
	var refused *Error
	return errors.As(err, &refused) && refused.Status == statusBadChecksum
}

// CreateUpload makes an empty upload and gives its id.
func (c *Client) CreateUpload(ctx context.Context, name string) (string, error) {
	address := c.base + "/api/v1/uploads"
	if name != "" {
		address += "?upload_name=" + url.QueryEscape(name)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, http.NoBody)
	if err != nil {
		return "", fmt.Errorf("make request: %w", err)
	}
	var made struct {
		UploadID string `json:"upload_id"`
	}
	err = c.do(r, &made)
	return made.UploadID, err
}

package servers

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
)

// Client calls the API of an Oasis as one person. It may be used by many
// goroutines.
type Client struct {
	// API is the address of the API.
	API string
	// Token is sent with every request.
	Token string
}

// Answer is what the API has answered.
type Answer struct {
	Status int
	Body   []byte
}

// Admin adds an administrator and returns a client with a token of theirs, which
// may do all that a test of data needs. The server may run or not.
func (o *Oasis) Admin(name string) *Client {
	o.t.Helper()
	o.Run("a long enough passphrase\n", "user", "add", name, "--email", name+"@example.org", "--admin", "--password-stdin")
	args := []string{"token", "create", "--user", name, "--name", "test"}
	for _, scope := range []string{"uploads:read", "uploads:write", "uploads:publish", "uploads:process", "entries:read", "users:read"} {
		args = append(args, "--scope", scope)
	}
	return &Client{API: o.URL + "/api/v1", Token: o.Run("", args...)}
}

// Request makes a request that asks for JSON; path begins with a slash.
func (c *Client) Request(ctx context.Context, method, path string, body io.Reader) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, method, c.API+path, body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+c.Token)
	req.Header.Set("Accept", "application/json")
	if body != nil {
		req.Header.Set("Content-Type", "application/octet-stream")
	}
	return req, nil
}

// Do sends a request. An error means that no whole answer came; the status of
// the answer is then still given if that much was read.
func (c *Client) Do(ctx context.Context, method, path string, body io.Reader) (Answer, error) {
	req, err := c.Request(ctx, method, path, body)
	if err != nil {
		return Answer{}, err
	}
	return send(req)
}

// Get reads JSON into out; any other status than 200 is an error.
func (c *Client) Get(ctx context.Context, path string, out any) error {
	req, err := c.Request(ctx, http.MethodGet, path, nil)
	if err != nil {
		return err
	}
	return decode(req, out)
}

// Query posts JSON and reads the answer into out; any other status than 200 is
// an error.
func (c *Client) Query(ctx context.Context, path string, in, out any) error {
	text, err := json.Marshal(in)
	if err != nil {
		return err
	}
	req, err := c.Request(ctx, http.MethodPost, path, bytes.NewReader(text))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	return decode(req, out)
}

func decode(req *http.Request, out any) error {
	got, err := send(req)
	if err != nil {
		return err
	}
	if got.Status != http.StatusOK {
		return fmt.Errorf("%s %s: status %d: %s", req.Method, req.URL.Path, got.Status, got.Body)
	}
	if err := json.Unmarshal(got.Body, out); err != nil {
		return fmt.Errorf("%s %s: %w in %s", req.Method, req.URL.Path, err, got.Body)
	}
	return nil
}

func send(req *http.Request) (Answer, error) {
	got, err := http.DefaultClient.Do(req)
	if err != nil {
		return Answer{}, err
	}
	defer got.Body.Close()
	body, err := io.ReadAll(got.Body)
	return Answer{got.StatusCode, body}, err
}

// Package client talks to an Oasis from another program. It imports nothing but
// the standard library and nothing of the server.
package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Client talks to one server. Make it with New.
type Client struct {
	base  string
	http  *http.Client
	token func(ctx context.Context) (string, error)
}

// timeout bounds requests that carry no files.
const timeout = 30 * time.Second

// New makes a client of the server whose pages and API lie below base, with the
// token that is asked for at each request; nil sends none.
func New(base string, token func(ctx context.Context) (string, error)) *Client {
	return &Client{base: strings.TrimSuffix(base, "/"), http: &http.Client{Timeout: timeout}, token: token}
}

// Base is the address of the server with its base path.
func (c *Client) Base() string { return c.base }

// Error is an answer of the server that is no success.
type Error struct {
	Status int
	// Code is that of OAuth 2.0, "" for operations of the API.
	Code string
	// Detail is a sentence.
	Detail string
}

// Error gives the sentence.
func (e *Error) Error() string {
	if e.Detail == "" {
		return fmt.Sprintf("the server answers %d %s", e.Status, http.StatusText(e.Status))
	}
	return e.Detail
}

// User is an account.
type User struct {
	ID       string `json:"user_id"`
	Username string `json:"username"`
	Name     string `json:"name"`
	Email    string `json:"email"`
}

// Me tells whom the token belongs to.
func (c *Client) Me(ctx context.Context) (User, error) {
	var u User
	return u, c.get(ctx, c.base+"/api/v1/users/me", &u)
}

func (c *Client) get(ctx context.Context, address string, out any) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return fmt.Errorf("make request: %w", err)
	}
	return c.do(r, out)
}

func (c *Client) post(ctx context.Context, address string, form url.Values, out any) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		return fmt.Errorf("make request: %w", err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return c.do(r, out)
}

// maxAnswer bounds what is read of an answer.
const maxAnswer = 4 << 20

func (c *Client) do(r *http.Request, out any) error {
	r.Header.Set("Accept", "application/json")
	if c.token != nil {
		token, err := c.token(r.Context())
		if err != nil {
			return err
		}
		r.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := c.http.Do(r)
	if err != nil {
		return fmt.Errorf("reach the server: %w", err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return fmt.Errorf("read the server's answer: %w", err)
	}
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return failure(resp.StatusCode, body)
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(body, out); err != nil {
		return fmt.Errorf("read the server's answer: %w", err)
	}
	return nil
}

// failure reads a refusal in the form of the API or of OAuth 2.0.
func failure(status int, body []byte) error {
	var said struct {
		Detail      any    `json:"detail"`
		Code        string `json:"error"`
		Description string `json:"error_description"`
	}
	e := &Error{Status: status}
	if json.Unmarshal(body, &said) == nil {
		e.Code, e.Detail = said.Code, said.Description
		if text, ok := said.Detail.(string); ok {
			e.Detail = text
		}
	}
	return e
}

// Find gives the client of the server that a person means with an address: with
// or without base path, also that of a page or of the API.
func Find(ctx context.Context, address string) (*Client, error) {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("%q is no address of a server; it looks like https://data.example.org/nomad-oasis", address)
	}
	u.RawQuery, u.Fragment, u.User = "", "", nil
	path := strings.TrimSuffix(u.Path, "/")
	for _, end := range []string{"/gui", "/api/v1", "/api"} {
		path = strings.TrimSuffix(path, end)
	}
	var last error
	for _, p := range []string{path, path + "/nomad-oasis"} {
		u.Path = p
		c := New(u.String(), nil)
		var d discovery
		if last = c.get(ctx, c.base+discoveryPath, &d); last == nil && d.Token != "" {
			return c, nil
		}
		var refused *Error
		if !errors.As(last, &refused) && last != nil && !strings.Contains(last.Error(), "read the server's answer") {
			return nil, last
		}
	}
	return nil, fmt.Errorf("there is no Oasis with its own sign-in at %s: %w", address, errors.Join(last, errNotFound))
}

var errNotFound = errors.New("no sign-in found")

package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"oasis/internal/work/sending"
)

// Times of talking to servers that uploads are sent to.
const (
	remoteHealth = 15 * time.Second
	// remoteAnswer is how long such a server may work on what has arrived.
	remoteAnswer = time.Hour
)

// remote talks to the servers that uploads are sent to.
type remote struct{ client *http.Client }

// NewRemote makes one. It follows no redirect: that would lead to a server that nobody
// has listed.
func NewRemote() sending.Remote {
	return remote{&http.Client{
		Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment, DialContext: (&net.Dialer{Timeout: remoteHealth}).DialContext, ForceAttemptHTTP2: true,
			TLSHandshakeTimeout: remoteHealth, ResponseHeaderTimeout: remoteAnswer, IdleConnTimeout: time.Minute,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Healthy fits sending.Remote.
func (r remote) Healthy(ctx context.Context, address string) (err error) {
	ctx, cancel := context.WithTimeout(ctx, remoteHealth)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return err
	}
	got, err := r.client.Do(req)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, got.Body.Close()) }()
	if got.StatusCode != http.StatusOK {
		return fmt.Errorf("its health is answered with status %d", got.StatusCode)
	}
	return nil
}

// Post fits sending.Remote.
func (r remote) Post(ctx context.Context, address, token string, body io.Reader) (status int, said []byte, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, body)
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/zip")
	req.Header.Set("Accept", "application/json")
	got, err := r.client.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = got.Body.Close() }()               // only read from
	said, _ = io.ReadAll(io.LimitReader(got.Body, 4<<10)) // what cannot be read is not told
	return got.StatusCode, said, nil
}

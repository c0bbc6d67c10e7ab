package client

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"
)

const discoveryPath = "/auth/.well-known/openid-configuration"

// discovery is the part of the server's discovery document that is read.
type discovery struct {
	Token      string `json:"token_endpoint"`
	Device     string `json:"device_authorization_endpoint"`
	Revocation string `json:"revocation_endpoint"`
}

// clientID is how the command line calls itself at the server.
const clientID = "oasis-cli"

// Tokens are what a sign-in gives.
type Tokens struct {
	AccessToken  string `json:"access_token"`
	RefreshToken string `json:"refresh_token"`
	ExpiresIn    int    `json:"expires_in"`
}

// SignIn is a sign-in that waits for a person to agree in a browser (RFC 8628).
type SignIn struct {
	// UserCode is what the person compares or types at Page; Link is Page with the code filled in.
	UserCode string `json:"user_code"`
	Page     string `json:"verification_uri"`
	Link     string `json:"verification_uri_complete"`

	DeviceCode string `json:"device_code"`
	ExpiresIn  int    `json:"expires_in"`
	Interval   int    `json:"interval"`

	client *Client
	token  string
}

// StartSignIn begins a sign-in.
func (c *Client) StartSignIn(ctx context.Context) (*SignIn, error) {
	var d discovery
	if err := c.get(ctx, c.base+discoveryPath, &d); err != nil {
		return nil, err
	}
	if d.Device == "" {
		return nil, errors.New("this server has no sign-in for programs; use an access token")
	}
	s := &SignIn{client: c, token: d.Token}
	err := c.post(ctx, d.Device, url.Values{"client_id": {clientID}, "scope": {"openid offline_access"}}, s)
	if s.Interval <= 0 {
		s.Interval = 5 // RFC 8628 §3.2
	}
	return s, err
}

// Wait asks until the person has agreed. A refusal and the end of the code are *Error.
func (s *SignIn) Wait(ctx context.Context) (Tokens, error) {
	pause := time.Duration(s.Interval) * time.Second
	timer := time.NewTimer(pause)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return Tokens{}, ctx.Err()
		case <-timer.C:
		}
		var t Tokens
		err := s.client.post(ctx, s.token, url.Values{
			"grant_type": {"urn:ietf:params:oauth:grant-type:device_code"}, "device_code": {s.DeviceCode}, "client_id": {clientID},
		}, &t)
		var refused *Error
		switch {
		case err == nil:
			return t, nil
		case errors.As(err, &refused) && refused.Code == "slow_down":
			pause += 5 * time.Second
		case errors.As(err, &refused) && refused.Code != "authorization_pending" && refused.Status < 500:
			return Tokens{}, err
		}
		timer.Reset(pause)
	}
}

// Refresh gives new tokens for a refresh token, which is used up. An *Error with
// the code invalid_grant means that the person has to sign in again.
func (c *Client) Refresh(ctx context.Context, refreshToken string) (Tokens, error) {
	var t Tokens
	return t, c.atToken(ctx, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {refreshToken}, "client_id": {clientID}}, &t)
}

func (c *Client) atToken(ctx context.Context, form url.Values, out any) error {
	var d discovery
	if err := c.get(ctx, c.base+discoveryPath, &d); err != nil {
		return err
	}
	return c.post(ctx, d.Token, form, out)
}

// SignOut ends a refresh token and everything that came of it.
func (c *Client) SignOut(ctx context.Context, refreshToken string) error {
	var d discovery
	if err := c.get(ctx, c.base+discoveryPath, &d); err != nil {
		return err
	}
	if err := c.post(ctx, d.Revocation, url.Values{"token": {refreshToken}, "client_id": {clientID}}, nil); err != nil {
		return fmt.Errorf("end the sign-in: %w", err)
	}
	return nil
}

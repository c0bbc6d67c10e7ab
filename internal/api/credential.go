package api

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"strings"

	"oasis/internal/access"
	"oasis/internal/access/identity"
	"oasis/internal/access/token"
)

// credential finds the one credential that decides (decisions 4), nil = none:
//
//	Oasis-Token > Authorization: Bearer > Authorization: Basic with a personal
//	access token as password > session cookie
//
// Any other Authorization belongs to a proxy in front and is left alone. A
// cookie counts for methods that change something only when the browser comes
// from a page of ours (product, differences 6 and 8).
func (c *call) credential() *access.Presented {
	h := c.r.Header
	if values, given := h["Oasis-Token"]; given {
		return &access.Presented{Secret: strings.TrimSpace(values[0]), Address: c.address}
	}
	if p := authorization(h["Authorization"]); p != nil {
		p.Address = c.address
		return p
	}
	secret := SessionSecret(c.r.Context())
	if secret == "" || c.server.origin.Check(c.r) != nil {
		return nil
	}
	return &access.Presented{Session: true, Secret: secret, Address: c.address}
}

// authorization reads Authorization headers; Bearer goes before Basic.
func authorization(values []string) *access.Presented {
	var basic *access.Presented
	for _, value := range values {
		scheme, rest, _ := strings.Cut(strings.TrimSpace(value), " ")
		rest = strings.TrimSpace(rest)
		switch {
		case strings.EqualFold(scheme, "Bearer"):
			return &access.Presented{Secret: rest}
		case strings.EqualFold(scheme, "Basic") && basic == nil:
			basic = basicToken(rest)
		}
	}
	return basic
}

// basicToken takes a personal access token out of HTTP Basic credentials
// (curl -u NAME:TOKEN); anything else is not ours.
func basicToken(encoded string) *access.Presented {
	pair, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return nil
	}
	owner, secret, _ := strings.Cut(string(pair), ":")
	if !strings.HasPrefix(secret, token.Prefix) {
		return nil
	}
	return &access.Presented{Secret: secret, Owner: owner}
}

// cookieName is the name of the session cookie (decisions 16). The prefix
// __Host- makes browsers refuse the cookie from any other host or without HTTPS.
func (s *Server) cookieName(secure bool) string {
	sum := sha256.Sum256([]byte(s.opts.BasePath))
	name := "oasis-" + hex.EncodeToString(sum[:4])
	if secure {
		return "__Host-" + name
	}
	return name
}

// SessionSecret gives the value of the session cookie, "" without one.
func SessionSecret(ctx context.Context) string {
	c := callOf(ctx)
	cookie, err := c.r.Cookie(c.server.cookieName(c.secure))
	if err != nil {
		return ""
	}
	return cookie.Value
}

// SessionCookie makes the cookie for a session's secret; "" makes the one that
// removes it.
func SessionCookie(ctx context.Context, secret string) http.Cookie {
	c := callOf(ctx)
	cookie := http.Cookie{
		Name: c.server.cookieName(c.secure), Value: secret, Path: c.server.opts.BasePath + "/",
		HttpOnly: true, SameSite: http.SameSiteLaxMode, MaxAge: int(identity.SessionLife.Seconds()),
	}
	if c.secure {
		cookie.Secure, cookie.Path = true, "/"
	}
	if secret == "" {
		cookie.MaxAge = -1
	}
	return cookie
}

// IdentifyAs makes the rest of the request see the user as the caller; sign-in
// uses it to answer as it would the next request.
func IdentifyAs(ctx context.Context, u identity.User) {
	callOf(ctx).caller = access.Caller{
		Kind: access.SessionCookie, State: access.Valid,
		User: u,
	}
}

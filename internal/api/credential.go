package api

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"oasis/internal/access"
	"oasis/internal/access/identity"
	"oasis/internal/access/token"
)

// authenticate establishes who asks, by the one credential that decides
// (decisions 4):
//
//	Oasis-Token > Authorization: Bearer > Authorization: Basic with a personal
//	access token as password > session cookie > NOMAD's cookie > Upload-Token > token=
//
// Only a dead personal access token may be passed over, for the upload token
// below it, and only with auth.invalid_credentials: anonymous.
func (c *call) authenticate(policy *access.Policy) error {
	p := c.credential(policy)
	if p == nil {
		p = c.uploadToken(policy)
	}
	caller, err := c.presentOrFinish(p)
	if err != nil {
		return err
	}
	if caller.State == access.Invalid && caller.Kind == access.PersonalToken && policy.InvalidAsAnonymous {
		if below := c.uploadToken(policy); below != nil {
			p = below
			caller, err = c.present(below)
		}
	}
	c.caller, c.presented = caller, p
	c.deprecate(p)
	return err
}

// presentOrFinish lets a token whose time is over go on with what was begun with it.
func (c *call) presentOrFinish(p *access.Presented) (access.Caller, error) {
	if p == nil || c.route.Began == nil {
		return c.present(p)
	}
	p.Finishing = true
	caller, err := c.present(p)
	if err != nil || !caller.Lapsed {
		return caller, err
	}
	began, err := c.route.Began(c.r.Context(), c.r, caller.User.ID, credentialName(&caller))
	if err != nil || began {
		return caller, err
	}
	p.Finishing = false
	return c.present(p)
}

func (c *call) present(p *access.Presented) (access.Caller, error) {
	if p != nil {
		p.Address, _ = netip.ParseAddr(c.address) // what is no address is in no network
	}
	return c.server.opts.Authenticator.Authenticate(c.r.Context(), p)
}

// credential finds the credential of a person, nil = none. Any other
// Authorization belongs to a proxy in front and is left alone. A cookie counts
// for methods that change something only when the browser comes from a page of
// ours (product, differences 6 and 8).
func (c *call) credential(policy *access.Policy) *access.Presented {
	h := c.r.Header
	if values, given := h["Oasis-Token"]; given {
		return &access.Presented{Secret: strings.TrimSpace(values[0])}
	}
	if p := authorization(h["Authorization"]); p != nil {
		return p
	}
	if secret := SessionSecret(c.r.Context()); secret != "" && c.foreign() == nil {
		return &access.Presented{Place: access.InSession, Secret: secret}
	}
	return c.authorizationCookie(policy)
}

// authorizationCookie takes an access token out of the cookie that the web page
// of NOMAD sets for plain links (spec auth.md §1): only for reading, and only from
// the same origin. A personal access token there does not count.
func (c *call) authorizationCookie(policy *access.Policy) *access.Presented {
	if policy.NoAuthorizationCookie || c.r.Method != http.MethodGet && c.r.Method != http.MethodHead || !sameOrigin(c.r) {
		return nil
	}
	cookie, err := c.r.Cookie("Authorization")
	if err != nil || cookie.Value == "" {
		return nil
	}
	value, err := url.PathUnescape(cookie.Value)
	if err != nil {
		value = cookie.Value
	}
	secret := strings.TrimPrefix(value, "Bearer ")
	if strings.HasPrefix(secret, token.Prefix) {
		return nil
	}
	return &access.Presented{Place: access.InAuthorizationCookie, Secret: secret}
}

// sameOrigin tells whether a browser asks because of a page of this origin, or
// because of its user. Browsers that do not say so send an Origin when another
// site reads the answer.
func sameOrigin(r *http.Request) bool {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "same-origin", "none":
		return true
	case "":
		origin := r.Header.Get("Origin")
		if origin == "" {
			return true
		}
		u, err := url.Parse(origin)
		return err == nil && u.Host == r.Host
	default:
		return false
	}
}

// uploadToken finds NOMAD's upload token where the operation takes one, nil =
// none. In the address it may stand where files are sent (product, difference 9).
func (c *call) uploadToken(policy *access.Policy) *access.Presented {
	if !c.route.UploadToken {
		return nil
	}
	if values, given := c.r.Header["Upload-Token"]; given {
		return &access.Presented{Place: access.InUploadToken, Secret: strings.TrimSpace(values[0])}
	}
	if policy.NoTokenInQuery || !c.route.TokenInQuery || !strings.Contains(c.r.URL.RawQuery, "token=") {
		return nil
	}
	if values, given := c.r.URL.Query()["token"]; given {
		c.tokenInQuery = true
		return &access.Presented{Place: access.InUploadToken, Secret: strings.TrimSpace(values[0])}
	}
	return nil
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

package local

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"net/http"
	"net/url"
	"slices"

	"github.com/ory/fosite"
)

// Client is an application that may ask for tokens.
type Client struct {
	ID string
	// Name is shown to people, "" = the id.
	Name string
	// Secret of a confidential client; "" makes it a public one, which must use PKCE.
	Secret string
	// RedirectURIs are compared exactly; with the host 127.0.0.1 or [::1] any port will do (RFC 8252 §7.3).
	RedirectURIs []string
	// PostLogoutRedirectURIs are where it may send people after signing out, empty = RedirectURIs.
	PostLogoutRedirectURIs []string
	// Trusted clients are our own: nobody is asked for consent.
	Trusted bool
	// Devices may sign in with a code that is typed in elsewhere (RFC 8628).
	Devices bool
	// Passwords may be sent by it, while Config.PasswordGrant allows any.
	Passwords bool
}

// Title is the name shown to people.
func (c *Client) Title() string {
	if c.Name != "" {
		return c.Name
	}
	return c.ID
}

// mayReturnTo tells whether somebody who signed out may be sent to the address.
func (c *Client) mayReturnTo(address string) bool {
	if len(c.PostLogoutRedirectURIs) > 0 {
		return slices.Contains(c.PostLogoutRedirectURIs, address)
	}
	return slices.Contains(c.RedirectURIs, address)
}

// Grant types, as clients write them.
const (
	grantCode     = "authorization_code"
	grantRefresh  = "refresh_token"
	grantPassword = "password"
	grantDevice   = "urn:ietf:params:oauth:grant-type:device_code"
)

// Scopes that clients may ask for. They say what clients learn; what an access
// token may do is all that its owner may.
const (
	scopeOpenID  = "openid"
	scopeProfile = "profile"
	scopeEmail   = "email"
)

func knownScopes() []string { return []string{scopeOpenID, scopeProfile, scopeEmail, "offline_access"} }

// registered is a client as fosite sees it.
type registered struct {
	*fosite.DefaultClient
	client Client
}

// GetResponseModes lists how the answer may reach the client.
func (r *registered) GetResponseModes() []fosite.ResponseModeType {
	return []fosite.ResponseModeType{fosite.ResponseModeQuery, fosite.ResponseModeFragment}
}

func (p *Provider) client(id string) (Client, bool) {
	for _, c := range p.cfg.Clients() {
		if c.ID == id {
			return c, true
		}
	}
	return Client{}, false
}

func (p *Provider) registered(id string) (*registered, error) {
	c, ok := p.client(id)
	if !ok {
		return nil, fosite.ErrNotFound.WithHint("This server does not know the client.")
	}
	r := &registered{client: c, DefaultClient: &fosite.DefaultClient{
		ID: c.ID, Public: c.Secret == "", RedirectURIs: c.RedirectURIs, Scopes: knownScopes(),
		GrantTypes: []string{grantRefresh}, ResponseTypes: []string{"code"},
	}}
	if len(c.RedirectURIs) > 0 {
		r.GrantTypes = append(r.GrantTypes, grantCode)
	}
	if c.Devices {
		r.GrantTypes = append(r.GrantTypes, grantDevice)
	}
	if c.Passwords {
		r.GrantTypes = append(r.GrantTypes, grantPassword)
	}
	if c.Secret != "" {
		sum := sha256.Sum256([]byte(c.Secret))
		r.Secret = sum[:]
	}
	return r, nil
}

// hasher compares client secrets. They are long and random, so a plain hash will do.
type hasher struct{}

// Hash gives the SHA-256.
func (hasher) Hash(_ context.Context, data []byte) ([]byte, error) {
	sum := sha256.Sum256(data)
	return sum[:], nil
}

// Compare refuses other data than what was hashed.
func (h hasher) Compare(ctx context.Context, hash, data []byte) error {
	sum, _ := h.Hash(ctx, data) // never fails
	if len(hash) == 0 || subtle.ConstantTimeCompare(sum, hash) != 1 {
		return errors.New("the client secret is wrong")
	}
	return nil
}

// authenticateClient is fosite's way with two differences: a Basic header that is
// none of our clients' belongs to a proxy in front (product, difference 6), and
// wrong secrets are throttled.
func (o *OAuth) authenticateClient(ctx context.Context, r *http.Request, form url.Values) (fosite.Client, error) {
	id := form.Get("client_id")
	if name, _, basic := r.BasicAuth(); basic {
		name, err := url.QueryUnescape(name)
		if _, known := o.provider.client(name); err == nil && known {
			id = name
		} else {
			r = r.Clone(ctx)
			r.Header.Del("Authorization")
		}
	}
	account, address := "client "+id, unitOf(ctx).address
	if err := o.people.Throttled(account, address); err != nil {
		return nil, err
	}
	client, err := o.fosite.DefaultClientAuthenticationStrategy(ctx, r, form)
	if err != nil && errors.Is(err, fosite.ErrInvalidClient) {
		o.people.Failed(account, address)
	}
	return client, err
}

// Package local is the embedded identity provider: it signs access tokens for
// the accounts of this Oasis and checks them, publishes its public keys, and
// speaks OAuth 2.0 and OpenID Connect with clients (the protocol is fosite's,
// see docs/adr/0006-embedded-provider.md).
package local

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"oasis/internal/access/identity"
	"oasis/internal/access/secret"
)

// Audience is the audience of access tokens: this server's API.
const Audience = "oasis-api"

// Types of our tokens, in the header typ. Only the first opens the API, so that
// an id token or a refresh token is never taken for an access token (RFC 8725 §3.11).
const (
	typeAccess  jose.ContentType = "at+jwt"
	typeID      jose.ContentType = "JWT"
	typeRefresh jose.ContentType = "refresh+jwt"
)

// Config of a Provider. Functions are asked at every use, so that changed
// settings hold for the next request; Issuer, Lifetime and Now must be there.
type Config struct {
	// Issuer is the URL under which the discovery document is served (decisions 15).
	Issuer func() string
	// Lifetime of access tokens (auth.access_token_lifetime).
	Lifetime func() time.Duration
	// RefreshLifetime is how long a refresh token may lie unused (auth.refresh_token_lifetime).
	RefreshLifetime func() time.Duration
	// KeyMaxAge is when a new signing key is made (auth.signing_key_max_age).
	KeyMaxAge func() time.Duration
	// Clients that may ask for tokens, the built-in ones included.
	Clients func() []Client
	// PasswordGrant tells whether clients may send passwords (auth.password_grant).
	PasswordGrant func() bool
	// Changed is called with a user's id after tokens of the user have ended.
	Changed func(userID string)
	// Secret encrypts the private keys at rest (services.api_secret).
	Secret string
	Now    func() time.Time
}

// withDefaults fills in what may be left out.
func (c Config) withDefaults() Config {
	if c.RefreshLifetime == nil {
		c.RefreshLifetime = func() time.Duration { return 30 * 24 * time.Hour }
	}
	if c.KeyMaxAge == nil {
		c.KeyMaxAge = func() time.Duration { return 0 }
	}
	if c.Clients == nil {
		c.Clients = func() []Client { return nil }
	}
	if c.PasswordGrant == nil {
		c.PasswordGrant = func() bool { return true }
	}
	if c.Changed == nil {
		c.Changed = func(string) {}
	}
	return c
}

// Provider signs and checks tokens. It is safe for concurrent use.
type Provider struct {
	cfg   Config
	store Store
	box   *sealer
	keys  atomic.Pointer[keyring]
	// userCodeKey keys the digests of codes that people type.
	userCodeKey [secret.Size]byte

	mu       sync.Mutex // one change of the keys at a time
	reloaded time.Time
}

// New loads the keys, making the first one when there is none.
func New(ctx context.Context, store Store, cfg Config) (*Provider, error) {
	box, err := newSealer(cfg.Secret)
	if err != nil {
		return nil, err
	}
	p := &Provider{cfg: cfg.withDefaults(), store: store, box: box, userCodeKey: secret.Derive(cfg.Secret, "oasis device user codes v1")}
	if err := p.loadKeys(ctx); err != nil {
		return nil, err
	}
	return p, nil
}

// claims are those of RFC 9068, the names NOMAD clients read from Keycloak, and
// the account's generation.
type claims struct {
	jwt.Claims
	AuthorizedParty string `json:"azp,omitempty"`
	ClientID        string `json:"client_id,omitempty"`
	Username        string `json:"preferred_username,omitempty"`
	Name            string `json:"name,omitempty"`
	Email           string `json:"email,omitempty"`
	GivenName       string `json:"given_name,omitempty"`
	FamilyName      string `json:"family_name,omitempty"`
	Generation      *int64 `json:"oasis_gen,omitempty"`
	Scope           string `json:"scope,omitempty"`
	// GrantID names the grant a token belongs to; SessionState is Keycloak's name for the same.
	GrantID      string `json:"sid,omitempty"`
	SessionState string `json:"session_state,omitempty"`
	// Nonce is here too because the JavaScript client of Keycloak looks for it.
	Nonce string `json:"nonce,omitempty"`
	// Use is Keycloak's name for the kind of a token.
	Use string `json:"typ,omitempty"`
}

// AccessToken is a signed token and how long it lives.
type AccessToken struct {
	Raw       string
	ExpiresIn time.Duration
}

// passwordClient is the client named in tokens that POST /auth/token gives; it asks for none.
const passwordClient = "oasis"

// Issue signs an access token for the user that belongs to no grant.
func (p *Provider) Issue(user identity.User) (AccessToken, error) {
	life := p.cfg.Lifetime()
	raw, _, err := p.signAccess(user, passwordClient, Grant{}, life)
	return AccessToken{Raw: raw, ExpiresIn: life}, err
}

// signAccess makes an access token and gives its id.
func (p *Provider) signAccess(user identity.User, client string, grant Grant, life time.Duration) (raw, id string, err error) {
	id = randomID(12)
	c := p.claims(user, client, grant, life)
	c.ID, c.Audience, c.Use = id, jwt.Audience{Audience}, "Bearer"
	raw, err = p.sign(typeAccess, c)
	return raw, id, err
}

// claims are those that access and refresh tokens share.
func (p *Provider) claims(user identity.User, client string, grant Grant, life time.Duration) claims {
	now := p.cfg.Now().UTC()
	c := claims{
		Claims: jwt.Claims{
			Issuer: p.cfg.Issuer(), Subject: user.ID,
			IssuedAt: jwt.NewNumericDate(now), NotBefore: jwt.NewNumericDate(now), Expiry: jwt.NewNumericDate(now.Add(life)),
		},
		AuthorizedParty: client, ClientID: client, Generation: &user.Generation,
		GrantID: grant.ID, SessionState: grant.ID, Nonce: grant.Parameters[paramNonce],
		Username: user.Username, Name: user.Name(), Email: user.Email, GivenName: user.FirstName, FamilyName: user.LastName,
	}
	for i, s := range grant.Scopes {
		if i > 0 {
			c.Scope += " "
		}
		c.Scope += s
	}
	return c
}

func (p *Provider) sign(typ jose.ContentType, body any) (string, error) {
	signer, err := p.keys.Load().signer(typ)
	if err != nil {
		return "", err
	}
	raw, err := jwt.Signed(signer).Claims(body).Serialize()
	if err != nil {
		return "", fmt.Errorf("sign token: %w", err)
	}
	return raw, nil
}

// Verify checks type, signature, algorithm, key, issuer, audience and times (no
// leeway: the clock is our own), and that neither the token nor its grant was ended.
func (p *Provider) Verify(ctx context.Context, raw string) (identity.Claims, error) {
	c, err := p.verify(ctx, raw)
	if err != nil {
		return identity.Claims{}, err
	}
	return identity.Claims{UserID: c.Subject, TokenID: c.ID, Expires: c.Expiry.Time(), Generation: c.Generation}, nil
}

func (p *Provider) verify(ctx context.Context, raw string) (claims, error) {
	refuse := func(cause error) (claims, error) {
		return claims{}, fmt.Errorf("%w: %w", identity.ErrInvalidToken, cause)
	}
	var c claims
	if err := p.open(ctx, raw, typeAccess, &c); err != nil {
		return refuse(err)
	}
	if c.Subject == "" || c.ID == "" || c.Expiry == nil || c.Generation == nil {
		return refuse(errors.New("a claim is missing"))
	}
	expected := jwt.Expected{Issuer: p.cfg.Issuer(), AnyAudience: jwt.Audience{Audience}, Time: p.cfg.Now()}
	if err := c.ValidateWithLeeway(expected, 0); err != nil {
		return refuse(err)
	}
	ended, err := p.store.TokenEnded(ctx, c.ID, c.GrantID)
	if err != nil {
		return claims{}, fmt.Errorf("look whether the access token was ended: %w", err)
	}
	if ended {
		return refuse(errors.New("it was ended"))
	}
	return c, nil
}

// maxTokenBytes bounds what is parsed at all; ours have about 1 KiB.
const maxTokenBytes = 16 << 10

// open checks signature and type of a token of ours and reads its claims.
func (p *Provider) open(ctx context.Context, raw string, typ jose.ContentType, into any) error {
	if len(raw) > maxTokenBytes {
		return errors.New("too long")
	}
	parsed, err := jwt.ParseSigned(raw, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		return err
	}
	header := parsed.Headers[0]
	if got, _ := header.ExtraHeaders[jose.HeaderType].(string); got != string(typ) {
		return fmt.Errorf("its type is %q, not %q", got, typ)
	}
	known := func(k jose.JSONWebKey) bool { return k.KeyID == header.KeyID }
	if header.KeyID == "" {
		return errors.New("it names no key")
	}
	if !slices.ContainsFunc(p.keys.Load().public.Keys, known) {
		if err := p.reload(ctx); err != nil {
			return err
		}
	}
	return parsed.Claims(p.keys.Load().public, into)
}

// JWKS is the set of public keys, ready to be served as JSON (RFC 7517).
func (p *Provider) JWKS() jose.JSONWebKeySet { return p.keys.Load().public }

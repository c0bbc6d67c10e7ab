// Package local is the embedded identity provider: it signs access tokens for
// the accounts of this Oasis and checks them, and publishes its public keys.
package local

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"oasis/internal/access/identity"
)

// keyBits is the size of the RSA keys; RS256 is what every OpenID client can check.
const keyBits = 2048

// Audience is the audience of access tokens: this server's API.
const Audience = "oasis-api"

// Config of a Provider.
type Config struct {
	// Issuer is the URL under which the discovery document is served (decisions 15).
	Issuer func() string
	// Lifetime of access tokens (auth.access_token_lifetime).
	Lifetime func() time.Duration
	// Secret encrypts the private keys at rest (services.api_secret).
	Secret string
	Now    func() time.Time
}

// Keys is what the provider needs of a store.
type Keys interface {
	SigningKeys(ctx context.Context) ([]identity.SigningKey, error)
	InsertSigningKey(ctx context.Context, key identity.SigningKey) error
}

// Provider signs and checks access tokens. It is safe for concurrent use.
type Provider struct {
	cfg  Config
	keys atomic.Pointer[keyring]
}

// keyring is the set of keys in force; the newest signs, all verify.
type keyring struct {
	signer  jose.Signer
	public  jose.JSONWebKeySet
	private []*rsa.PrivateKey
	ids     []string
}

// New loads the keys, making the first one when there is none.
func New(ctx context.Context, keys Keys, cfg Config) (*Provider, error) {
	stored, err := keys.SigningKeys(ctx)
	if err != nil {
		return nil, fmt.Errorf("read signing keys: %w", err)
	}
	box, err := newSealer(cfg.Secret)
	if err != nil {
		return nil, err
	}
	if len(stored) == 0 {
		key, err := generate(box, cfg.Now())
		if err != nil {
			return nil, err
		}
		if err := keys.InsertSigningKey(ctx, key); err != nil {
			return nil, fmt.Errorf("store signing key: %w", err)
		}
		stored = []identity.SigningKey{key}
	}
	ring, err := openRing(box, stored)
	if err != nil {
		return nil, err
	}
	p := &Provider{cfg: cfg}
	p.keys.Store(ring)
	return p, nil
}

func generate(box *sealer, now time.Time) (identity.SigningKey, error) {
	private, err := rsa.GenerateKey(rand.Reader, keyBits)
	if err != nil {
		return identity.SigningKey{}, fmt.Errorf("make signing key: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return identity.SigningKey{}, fmt.Errorf("encode signing key: %w", err)
	}
	var id [8]byte
	_, _ = rand.Read(id[:]) // never fails
	kid := hex.EncodeToString(id[:])
	return identity.SigningKey{ID: kid, Sealed: box.seal(der, kid), Created: now.UTC()}, nil
}

func openRing(box *sealer, stored []identity.SigningKey) (*keyring, error) {
	stored = slices.Clone(stored)
	slices.SortFunc(stored, func(a, b identity.SigningKey) int { return a.Created.Compare(b.Created) })
	ring := &keyring{}
	for _, key := range stored {
		der, err := box.open(key.Sealed, key.ID)
		if err != nil {
			return nil, fmt.Errorf("the signing keys cannot be read with this services.api_secret: "+
				"put back the secret the server was set up with: %w", err)
		}
		parsed, err := x509.ParsePKCS8PrivateKey(der)
		if err != nil {
			return nil, fmt.Errorf("signing key %s: %w", key.ID, err)
		}
		private, ok := parsed.(*rsa.PrivateKey)
		if !ok {
			return nil, fmt.Errorf("signing key %s is a %T, not an RSA key", key.ID, parsed)
		}
		ring.private, ring.ids = append(ring.private, private), append(ring.ids, key.ID)
		ring.public.Keys = append(ring.public.Keys, jose.JSONWebKey{
			Key: private.Public(), KeyID: key.ID, Algorithm: string(jose.RS256), Use: "sig",
		})
	}
	last := len(ring.private) - 1
	signer, err := jose.NewSigner(
		jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: ring.private[last], KeyID: ring.ids[last]}},
		(&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		return nil, fmt.Errorf("set up signing: %w", err)
	}
	ring.signer = signer
	return ring, nil
}

// claims are those of RFC 9068, the names NOMAD clients read from Keycloak, and
// the account's generation.
type claims struct {
	jwt.Claims
	AuthorizedParty string `json:"azp,omitempty"`
	Username        string `json:"preferred_username,omitempty"`
	Email           string `json:"email,omitempty"`
	GivenName       string `json:"given_name,omitempty"`
	FamilyName      string `json:"family_name,omitempty"`
	Generation      *int64 `json:"oasis_gen,omitempty"`
}

// AccessToken is a signed token and how long it lives.
type AccessToken struct {
	Raw       string
	ExpiresIn time.Duration
}

// Issue signs an access token for the user.
func (p *Provider) Issue(user identity.User) (AccessToken, error) {
	now := p.cfg.Now().UTC()
	life := p.cfg.Lifetime()
	var id [12]byte
	_, _ = rand.Read(id[:]) // never fails
	raw, err := jwt.Signed(p.keys.Load().signer).Claims(claims{
		Claims: jwt.Claims{
			Issuer: p.cfg.Issuer(), Subject: user.ID, Audience: jwt.Audience{Audience}, ID: hex.EncodeToString(id[:]),
			IssuedAt: jwt.NewNumericDate(now), NotBefore: jwt.NewNumericDate(now), Expiry: jwt.NewNumericDate(now.Add(life)),
		},
		AuthorizedParty: "oasis", Username: user.Username, Email: user.Email,
		GivenName: user.FirstName, FamilyName: user.LastName, Generation: &user.Generation,
	}).Serialize()
	if err != nil {
		return AccessToken{}, fmt.Errorf("sign access token: %w", err)
	}
	return AccessToken{Raw: raw, ExpiresIn: life}, nil
}

// Verify checks signature, algorithm, key, issuer, audience and times (no
// leeway: the clock is our own). It does no I/O.
func (p *Provider) Verify(_ context.Context, raw string) (identity.Claims, error) {
	refuse := func(cause error) (identity.Claims, error) {
		return identity.Claims{}, fmt.Errorf("%w: %w", identity.ErrInvalidToken, cause)
	}
	if len(raw) > maxTokenBytes {
		return refuse(errors.New("too long"))
	}
	parsed, err := jwt.ParseSigned(raw, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		return refuse(err)
	}
	var c claims
	if err := parsed.Claims(p.keys.Load().public, &c); err != nil {
		return refuse(err)
	}
	if c.Subject == "" || c.Expiry == nil || c.Generation == nil {
		return refuse(errors.New("a claim is missing"))
	}
	expected := jwt.Expected{Issuer: p.cfg.Issuer(), AnyAudience: jwt.Audience{Audience}, Time: p.cfg.Now()}
	if err := c.ValidateWithLeeway(expected, 0); err != nil {
		return refuse(err)
	}
	return identity.Claims{UserID: c.Subject, TokenID: c.ID, Expires: c.Expiry.Time(), Generation: c.Generation}, nil
}

// maxTokenBytes bounds what is parsed at all; ours have about 1 KiB.
const maxTokenBytes = 16 << 10

// JWKS is the set of public keys, ready to be served as JSON (RFC 7517).
func (p *Provider) JWKS() jose.JSONWebKeySet { return p.keys.Load().public }

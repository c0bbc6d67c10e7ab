package local

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"github.com/go-jose/go-jose/v4"

	"oasis/internal/access/identity"
)

// keyBits is the size of the RSA keys; RS256 is what every OpenID client can check.
const keyBits = 2048

// reloadPause is how often an unknown key id may make the keys be read again:
// another server process may have made a new one.
const reloadPause = time.Second

// keyring is the set of keys in force; the newest signs, all verify.
type keyring struct {
	private *rsa.PrivateKey
	id      string
	public  jose.JSONWebKeySet
	made    []identity.SigningKey
}

// newest is the key that signs.
func (k *keyring) newest() identity.SigningKey { return k.made[len(k.made)-1] }

// signer makes signatures with the newest key for tokens of a type (RFC 9068 for access tokens).
func (k *keyring) signer(typ jose.ContentType) (jose.Signer, error) {
	signer, err := jose.NewSigner(
		jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: k.private, KeyID: k.id}},
		(&jose.SignerOptions{}).WithType(typ))
	if err != nil {
		return nil, fmt.Errorf("set up signing: %w", err)
	}
	return signer, nil
}

// loadKeys reads the keys, making the first one when there is none.
func (p *Provider) loadKeys(ctx context.Context) error {
	stored, err := p.store.SigningKeys(ctx)
	if err != nil {
		return fmt.Errorf("read signing keys: %w", err)
	}
	if len(stored) == 0 {
		key, err := p.makeKey(ctx)
		if err != nil {
			return err
		}
		stored = []identity.SigningKey{key}
	}
	ring, err := openRing(p.box, stored)
	if err != nil {
		return err
	}
	p.keys.Store(ring)
	return nil
}

func (p *Provider) makeKey(ctx context.Context) (identity.SigningKey, error) {
	key, err := generate(p.box, p.cfg.Now())
	if err != nil {
		return key, err
	}
	if err := p.store.InsertSigningKey(ctx, key); err != nil {
		return key, fmt.Errorf("store signing key: %w", err)
	}
	return key, nil
}

// RotateKey makes a new signing key and gives its id. Keys before it go on
// verifying what they have signed, until PruneKeys removes them.
func (p *Provider) RotateKey(ctx context.Context) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	key, err := p.makeKey(ctx)
	if err != nil {
		return "", err
	}
	return key.ID, p.loadKeys(ctx)
}

// PruneKeys makes a new key when the newest is older than Config.KeyMaxAge, and
// removes those whose successor is older than anything they can have signed.
func (p *Provider) PruneKeys(ctx context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.loadKeys(ctx); err != nil { // another process may have made one
		return err
	}
	now := p.cfg.Now()
	if age := p.cfg.KeyMaxAge(); age > 0 && now.Sub(p.keys.Load().newest().Created) > age {
		if _, err := p.makeKey(ctx); err != nil {
			return err
		}
	}
	keep := max(p.cfg.Lifetime(), idTokenLife) + keyMargin
	made := p.keys.Load().made
	for i := range made[:len(made)-1] {
		if now.Sub(made[i+1].Created) > keep {
			if err := p.store.DeleteSigningKey(ctx, made[i].ID); err != nil {
				return fmt.Errorf("remove old signing key: %w", err)
			}
		}
	}
	return p.loadKeys(ctx)
}

// keyMargin is for servers that have not noticed a new key at once.
const keyMargin = time.Hour

// reload reads the keys again, unless that was done a moment ago.
func (p *Provider) reload(ctx context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.cfg.Now()
	if now.Sub(p.reloaded) < reloadPause {
		return nil
	}
	p.reloaded = now
	return p.loadKeys(ctx)
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
	kid := randomID(8)
	return identity.SigningKey{ID: kid, Sealed: box.seal(der, kid), Created: now.UTC()}, nil
}

// randomID gives n random bytes in hex.
func randomID(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}

func openRing(box *sealer, stored []identity.SigningKey) (*keyring, error) {
	stored = slices.Clone(stored)
	slices.SortStableFunc(stored, func(a, b identity.SigningKey) int { return a.Created.Compare(b.Created) })
	ring := &keyring{made: stored}
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
		ring.private, ring.id = private, key.ID
		ring.public.Keys = append(ring.public.Keys, jose.JSONWebKey{
			Key: private.Public(), KeyID: key.ID, Algorithm: string(jose.RS256), Use: "sig",
		})
	}
	return ring, nil
}

// PublicKey gives the key that signs now, in the DER form of X.509.
func (p *Provider) PublicKey() ([]byte, error) {
	der, err := x509.MarshalPKIXPublicKey(p.keys.Load().private.Public())
	if err != nil {
		return nil, fmt.Errorf("encode public key: %w", err)
	}
	return der, nil
}

package local_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"oasis/internal/access/identity"
	"oasis/internal/access/identity/local"
)

// keys is a store of signing keys in memory. No token of these tests belongs to a grant.
type keys struct {
	local.Store
	all []identity.SigningKey
}

func (k *keys) SigningKeys(context.Context) ([]identity.SigningKey, error) { return k.all, nil }
func (k *keys) InsertSigningKey(_ context.Context, key identity.SigningKey) error {
	k.all = append(k.all, key)
	return nil
}

func (k *keys) DeleteSigningKey(_ context.Context, id string) error {
	k.all = slices.DeleteFunc(k.all, func(key identity.SigningKey) bool { return key.ID == id })
	return nil
}

func (k *keys) TokenEnded(context.Context, string, string) (bool, error) { return false, nil }

const issuer = "https://oasis.example/nomad-oasis/auth"

func provider(t *testing.T, store *keys, change func(*local.Config)) *local.Provider {
	t.Helper()
	cfg := local.Config{
		Issuer: func() string { return issuer }, Lifetime: func() time.Duration { return time.Hour },
		RefreshLifetime: func() time.Duration { return time.Hour }, KeyMaxAge: func() time.Duration { return 24 * time.Hour },
		Secret: strings.Repeat("s", 32), Now: time.Now,
	}
	if change != nil {
		change(&cfg)
	}
	p, err := local.New(t.Context(), store, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

var ada = identity.User{ID: "c0ffee00-0000-4000-8000-000000000000", Username: "ada", Email: "ada@lab.example", Generation: 3}

func issue(t *testing.T, p *local.Provider) string {
	t.Helper()
	token, err := p.Issue(ada)
	if err != nil {
		t.Fatal(err)
	}
	return token.Raw
}

func TestAccessTokenIsVerifiedAndSurvivesARestart(t *testing.T) {
	t.Parallel()
	store := &keys{}
	raw := issue(t, provider(t, store, nil))
	again := provider(t, store, nil)
	claims, err := again.Verify(t.Context(), raw)
	if err != nil {
		t.Fatal(err)
	}
	if claims.UserID != ada.ID || claims.TokenID == "" || *claims.Generation != 3 {
		t.Errorf("claims %+v", claims)
	}
	if len(store.all) != 1 || len(again.JWKS().Keys) != 1 || !again.JWKS().Keys[0].IsPublic() {
		t.Errorf("%d keys stored, published %+v", len(store.all), again.JWKS())
	}
}

func TestTokenEndsWhenItsLifeDoes(t *testing.T) {
	t.Parallel()
	store := &keys{}
	provider(t, store, nil) // make the key outside of the bubble: it takes a while
	synctest.Test(t, func(t *testing.T) {
		p := provider(t, store, nil)
		raw := issue(t, p)
		time.Sleep(time.Hour - time.Second) //nolint:forbidigo // the bubble's clock, no real time passes
		if _, err := p.Verify(t.Context(), raw); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Second) //nolint:forbidigo // see above
		if _, err := p.Verify(t.Context(), raw); !errors.Is(err, identity.ErrInvalidToken) {
			t.Fatalf("error %v", err)
		}
	})
}

func TestForeignAndForgedTokensAreRefused(t *testing.T) {
	t.Parallel()
	store := &keys{}
	p := provider(t, store, nil)
	good := issue(t, p)
	parts := strings.Split(good, ".")
	otherIssuer := issue(t, provider(t, store, func(c *local.Config) { c.Issuer = func() string { return "https://evil.example" } }))
	otherKey := issue(t, provider(t, &keys{}, nil))
	future := issue(t, provider(t, store, func(c *local.Config) { c.Now = func() time.Time { return time.Now().Add(time.Hour) } }))
	for name, raw := range map[string]string{
		"empty": "", "garbage": "garbage", "two parts": parts[0] + "." + parts[1], "too long": good + strings.Repeat("A", 20_000),
		"changed claims":     parts[0] + "." + parts[1][:len(parts[1])-2] + "AA." + parts[2],
		"no signature":       parts[0] + "." + parts[1] + ".",
		"other issuer":       otherIssuer,
		"key of another":     otherKey,
		"not yet valid":      future,
		"alg none":           "eyJhbGciOiJub25lIn0." + parts[1] + ".",
		"symmetric, our key": symmetric(t, p),
		"no generation":      withoutGeneration(t),
	} {
		if _, err := p.Verify(t.Context(), raw); !errors.Is(err, identity.ErrInvalidToken) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

// symmetric signs with the public key as if it were a shared secret, the classic confusion of algorithms.
func symmetric(t *testing.T, p *local.Provider) string {
	t.Helper()
	public := p.JWKS().Keys[0]
	secret, err := public.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.HS256, Key: jose.JSONWebKey{Key: secret, KeyID: public.KeyID}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := jwt.Signed(signer).Claims(jwt.Claims{Issuer: issuer, Subject: ada.ID}).Serialize()
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// withoutGeneration is a well-formed token of an unknown key without our claim.
func withoutGeneration(t *testing.T) string {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: key}, nil)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := jwt.Signed(signer).Claims(jwt.Claims{Issuer: issuer, Subject: ada.ID, Expiry: jwt.NewNumericDate(time.Now().Add(time.Hour))}).Serialize()
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestKeysCannotBeReadWithAnotherSecret(t *testing.T) {
	t.Parallel()
	store := &keys{}
	provider(t, store, nil)
	_, err := local.New(t.Context(), store, local.Config{Secret: strings.Repeat("x", 32), Now: time.Now})
	if err == nil || !strings.Contains(err.Error(), "services.api_secret") {
		t.Errorf("error %v", err)
	}
}

func FuzzVerify(f *testing.F) {
	store := &keys{}
	p, err := local.New(f.Context(), store, local.Config{
		Issuer: func() string { return issuer }, Lifetime: func() time.Duration { return time.Hour }, Secret: "secret", Now: time.Now,
	})
	if err != nil {
		f.Fatal(err)
	}
	good, err := p.Issue(ada)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good.Raw)
	f.Add("eyJhbGciOiJub25lIn0..")
	f.Add("{}.{}.{}")
	f.Fuzz(func(t *testing.T, raw string) {
		claims, err := p.Verify(t.Context(), raw)
		if err == nil && claims.UserID != ada.ID {
			t.Errorf("%q is a token of %q", raw, claims.UserID)
		}
		if err != nil && !errors.Is(err, identity.ErrInvalidToken) {
			t.Errorf("error %v", err)
		}
	})
}

package local

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"oasis/internal/access/identity"
)

// memory is a store with one key and nothing else.
type memory struct {
	Store
	keys  []identity.SigningKey
	ended string
}

func (m *memory) SigningKeys(context.Context) ([]identity.SigningKey, error) { return m.keys, nil }

func (m *memory) InsertSigningKey(_ context.Context, k identity.SigningKey) error {
	m.keys = append(m.keys, k)
	return nil
}

func (m *memory) DeleteSigningKey(_ context.Context, id string) error {
	kept := m.keys[:0:0]
	for _, k := range m.keys {
		if k.ID != id {
			kept = append(kept, k)
		}
	}
	m.keys = kept
	return nil
}

func (m *memory) TokenEnded(_ context.Context, _, grantID string) (bool, error) {
	return grantID != "" && grantID == m.ended, nil
}

func newTestProvider(t *testing.T, m *memory, now func() time.Time) *Provider {
	t.Helper()
	p, err := New(t.Context(), m, Config{
		Issuer: func() string { return "https://oasis.example/auth" }, Lifetime: func() time.Duration { return time.Hour },
		KeyMaxAge: func() time.Duration { return 90 * 24 * time.Hour }, Secret: strings.Repeat("s", 32), Now: now,
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Signed with the right key, and yet no access tokens for this API.
func TestTokensWithTheRightSignatureAreNotEnough(t *testing.T) {
	t.Parallel()
	p := newTestProvider(t, &memory{ended: "ended"}, time.Now)
	user := identity.User{ID: "ada", Username: "ada", Generation: 3}
	good := func() claims {
		c := p.claims(user, "desk", Grant{ID: "g", Scopes: []string{"openid"}}, time.Hour)
		c.ID, c.Audience = "jti", jwt.Audience{Audience}
		return c
	}
	for name, c := range map[string]struct {
		typ    jose.ContentType
		kid    string
		change func(*claims)
		fine   bool
	}{
		"good":              {fine: true},
		"id token":          {typ: typeID},
		"refresh token":     {typ: typeRefresh},
		"no type":           {typ: "none"},
		"no key id":         {kid: "none"},
		"unknown key id":    {kid: "0123456789abcdef"},
		"wrong issuer":      {change: func(c *claims) { c.Issuer = "https://oasis.example/auth/" }},
		"no issuer":         {change: func(c *claims) { c.Issuer = "" }},
		"wrong audience":    {change: func(c *claims) { c.Audience = jwt.Audience{"desk"} }},
		"no audience":       {change: func(c *claims) { c.Audience = nil }},
		"expired":           {change: func(c *claims) { c.Expiry = jwt.NewNumericDate(time.Now().Add(-time.Second)) }},
		"never expires":     {change: func(c *claims) { c.Expiry = nil }},
		"not yet":           {change: func(c *claims) { c.NotBefore = jwt.NewNumericDate(time.Now().Add(time.Minute)) }},
		"nobody":            {change: func(c *claims) { c.Subject = "" }},
		"no id":             {change: func(c *claims) { c.ID = "" }},
		"no generation":     {change: func(c *claims) { c.Generation = nil }},
		"of an ended grant": {change: func(c *claims) { c.GrantID = "ended" }},
	} {
		body, typ, kid := good(), typeAccess, p.keys.Load().id
		if c.change != nil {
			c.change(&body)
		}
		if c.typ != "" {
			typ = c.typ
		}
		if c.kid != "" {
			kid = c.kid
		}
		opts := (&jose.SignerOptions{}).WithType(typ)
		if typ == "none" {
			opts = &jose.SignerOptions{}
		}
		key := any(jose.JSONWebKey{Key: p.keys.Load().private, KeyID: kid})
		if kid == "none" {
			key = p.keys.Load().private
		}
		signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: key}, opts)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := jwt.Signed(signer).Claims(body).Serialize()
		if err != nil {
			t.Fatal(err)
		}
		if _, err = p.Verify(t.Context(), raw); (err == nil) != c.fine || err != nil && !errors.Is(err, identity.ErrInvalidToken) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

func TestOldKeysGoWhenNothingTheySignedCanLive(t *testing.T) {
	t.Parallel()
	now := time.Now()
	m := &memory{}
	p := newTestProvider(t, m, func() time.Time { return now })
	prune := func(want int) {
		t.Helper()
		if err := p.PruneKeys(t.Context()); err != nil || len(m.keys) != want || len(p.JWKS().Keys) != want {
			t.Fatalf("%d keys, %d published, want %d (%v)", len(m.keys), len(p.JWKS().Keys), want, err)
		}
	}
	prune(1)
	now = now.Add(89 * 24 * time.Hour)
	prune(1)
	user := identity.User{ID: "ada"}
	old, err := p.Issue(user)
	if err != nil {
		t.Fatal(err)
	}
	now = now.Add(25 * time.Hour)
	old, err = p.Issue(user)
	if err != nil {
		t.Fatal(err)
	}
	prune(2)
	if _, err := p.Verify(t.Context(), old.Raw); err != nil {
		t.Errorf("a token of the old key: %v", err)
	}
	now = now.Add(90 * time.Minute)
	prune(2)
	now = now.Add(time.Hour)
	prune(1)
	if _, err := p.Verify(t.Context(), old.Raw); !errors.Is(err, identity.ErrInvalidToken) {
		t.Errorf("a token of a key that is gone: %v", err)
	}
}

// Another server process has made a key that this one has not seen.
func TestUnknownKeyIsLookedForOnce(t *testing.T) {
	t.Parallel()
	m := &memory{}
	here, there := newTestProvider(t, m, time.Now), newTestProvider(t, m, time.Now)
	if _, err := there.RotateKey(t.Context()); err != nil {
		t.Fatal(err)
	}
	token, err := there.Issue(identity.User{ID: "ada"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := here.Verify(t.Context(), token.Raw); err != nil {
		t.Error(err)
	}
}

// FuzzUserCode types anything as a user code.
func FuzzUserCode(f *testing.F) {
	for _, s := range []string{"BCDF-GHJK", "bcdf ghjk", "", "ÄÖÜ", "B\x00C", strings.Repeat("Z", 1000)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		code := normalUserCode(typed)
		if strings.Trim(code, userCodeLetters) != "" {
			t.Errorf("%q became %q", typed, code)
		}
		if normalUserCode(code) != code {
			t.Errorf("%q changes again", code)
		}
	})
}

func TestUserCodesAreTypeable(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 1000 {
		code := newUserCode()
		if len(code) != userCodeLength || normalUserCode(strings.ToLower(code[:4]+"-"+code[4:])) != code {
			t.Fatalf("code %q", code)
		}
		seen[code] = true
	}
	if len(seen) < 999 {
		t.Errorf("only %d of 1000 codes differ", len(seen))
	}
}

// Package identitytest holds what every identity provider promises
// (identity.Provider), as a test suite: it accepts its own tokens and nothing else.
package identitytest

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"oasis/internal/access/identity"
)

// Subject is a provider under test.
type Subject struct {
	Provider identity.Provider
	// UserID is the user of the token that Token makes.
	UserID string
	// Token makes a good token.
	Token func(t *testing.T) string
	// Pass moves the provider's clock.
	Pass func(time.Duration)
	// Life is how long a token of Token lives, and Leeway what is granted beyond.
	Life, Leeway time.Duration
	// Public is the key that the token is signed with.
	Public crypto.PublicKey
}

// Run holds a provider against the promises; make builds a new one.
func Run(t *testing.T, newSubject func(t *testing.T) Subject) {
	for name, test := range map[string]func(*testing.T, Subject){
		"own token": ownToken, "end of life": endOfLife, "forgeries": forgeries, "together": together,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, newSubject(t))
		})
	}
}

func ownToken(t *testing.T, s Subject) {
	a, b := s.Token(t), s.Token(t)
	first, err := s.Provider.Verify(t.Context(), a)
	if err != nil || first.UserID != s.UserID || first.TokenID == "" || first.Expires.IsZero() {
		t.Fatalf("%+v, %v", first, err)
	}
	second, err := s.Provider.Verify(t.Context(), b)
	if err != nil || second.TokenID == first.TokenID {
		t.Errorf("two tokens have the id %s: %v", second.TokenID, err)
	}
}

func endOfLife(t *testing.T, s Subject) {
	raw := s.Token(t)
	s.Pass(s.Life - time.Second)
	if _, err := s.Provider.Verify(t.Context(), raw); err != nil {
		t.Fatalf("a second before: %v", err)
	}
	s.Pass(s.Leeway + 2*time.Second)
	refused(t, s, "after its life", raw)
}

func refused(t *testing.T, s Subject, what, raw string) {
	t.Helper()
	if claims, err := s.Provider.Verify(t.Context(), raw); !errors.Is(err, identity.ErrInvalidToken) || claims.UserID != "" {
		t.Errorf("%s: %+v, %v", what, claims, err)
	}
}

func forgeries(t *testing.T, s Subject) {
	good := s.Token(t)
	parts := strings.Split(good, ".")
	header, claims := part(t, parts[0]), part(t, parts[1])
	claims["sub"] = "somebody else"
	changed := encode(t, claims)
	for what, raw := range map[string]string{
		"nothing": "", "blank": " ", "dots": "..", "no signature": parts[0] + "." + parts[1] + ".", "two parts": parts[0] + "." + parts[1],
		"four parts": good + ".x", "changed claims": parts[0] + "." + changed + "." + parts[2], "a signature of something else": parts[0] + "." + parts[1] + "." + parts[0],
		"very long":             good + strings.Repeat("A", 100_000),
		"alg none":              encode(t, with(header, "alg", "none")) + "." + changed + ".",
		"alg None":              encode(t, with(header, "alg", "None")) + "." + changed + ".",
		"shared secret":         sign(t, jose.HS256, sharedSecret(t, s.Public), header["kid"], claims),
		"key of another":        sign(t, jose.RS256, otherKey(), header["kid"], claims),
		"key within the token":  embedded(t, claims),
		"unknown key":           sign(t, jose.RS256, otherKey(), "nobody's", claims),
		"JSON form of the JWS":  `{"payload":"` + parts[1] + `","protected":"` + parts[0] + `","signature":"` + parts[2] + `"}`,
		"whitespace in between": parts[0] + ".\n" + parts[1] + "." + parts[2] + "x",
	} {
		refused(t, s, what, raw)
	}
	if _, err := s.Provider.Verify(t.Context(), good); err != nil {
		t.Errorf("the good one, in the end: %v", err)
	}
}

func together(t *testing.T, s Subject) {
	var g sync.WaitGroup
	for range 20 {
		raw := s.Token(t)
		g.Go(func() {
			if c, err := s.Provider.Verify(t.Context(), raw); err != nil || c.UserID != s.UserID {
				t.Errorf("%+v, %v", c, err)
			}
		})
	}
	g.Wait()
}

func part(t *testing.T, text string) map[string]any {
	t.Helper()
	var m map[string]any
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err == nil {
		err = json.Unmarshal(raw, &m)
	}
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func encode(t *testing.T, m map[string]any) string {
	t.Helper()
	text, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

func with(m map[string]any, name string, value any) map[string]any {
	c := map[string]any{name: value}
	for n, v := range m {
		if n != name {
			c[n] = v
		}
	}
	return c
}

func sign(t *testing.T, algorithm jose.SignatureAlgorithm, key, kid any, claims map[string]any) string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: key}, &jose.SignerOptions{ExtraHeaders: map[jose.HeaderKey]any{"kid": kid}})
	if err != nil {
		t.Fatal(err)
	}
	raw, err := jwt.Signed(signer).Claims(claims).Serialize()
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// sharedSecret is the public key as a forger would use it: as text that both sides know.
func sharedSecret(t *testing.T, public crypto.PublicKey) []byte {
	t.Helper()
	secret, err := jose.JSONWebKey{Key: public}.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	return secret
}

// embedded is a token that brings its own key.
func embedded(t *testing.T, claims map[string]any) string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: otherKey()}, &jose.SignerOptions{EmbedJWK: true})
	if err != nil {
		t.Fatal(err)
	}
	raw, err := jwt.Signed(signer).Claims(claims).Serialize()
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// otherKey is a key of nobody's; made once, it takes a while.
var otherKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, _ := rsa.GenerateKey(rand.Reader, 2048) // fails only without randomness
	return key
})

package oidc_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"oasis/internal/access/identity"
	"oasis/internal/access/identity/oidc"
)

func TestGoodTokensAreAccepted(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil, nil)
	w.addEC("curve")
	for name, raw := range map[string]string{
		"as Keycloak makes them":      w.sign("first", nil, w.claims()),
		"of RFC 9068":                 w.sign("first", map[jose.HeaderKey]any{"typ": "at+jwt"}, w.claims("typ", nil, "azp", nil, "client_id", "oasis")),
		"as Cognito makes them":       w.sign("first", nil, w.claims("typ", nil, "token_use", "access")),
		"with a scope only":           w.sign("first", nil, w.claims("typ", nil, "scope", "openid")),
		"for us by audience":          w.sign("first", nil, w.claims("azp", "another", "aud", []string{"account", "oasis"})),
		"made for an accepted one":    w.sign("first", nil, w.claims("azp", "friend")),
		"for an accepted audience":    w.sign("first", nil, w.claims("azp", nil, "aud", "friend")),
		"ES256":                       w.sign("curve", nil, w.claims()),
		"ended within the leeway":     w.sign("first", nil, w.claims("exp", time.Now().Add(-50*time.Second).Unix())),
		"valid in a moment":           w.sign("first", nil, w.claims("nbf", time.Now().Add(50*time.Second).Unix())),
		"e-mail verified as a string": w.sign("first", nil, w.claims("email_verified", "true")),
	} {
		claims, err := w.provider.Verify(t.Context(), raw)
		if err != nil || claims.UserID != sheldon || claims.TokenID == "" || claims.Expires.Before(w.now()) {
			t.Errorf("%s: %+v, %v", name, claims, err)
		}
	}
	if u := w.user(t, sheldon); u.Username != "sheldon" || u.Email != "sheldon@lab.example" || u.Name() != "Sheldon Cooper" || u.Origin != w.URL {
		t.Errorf("the account is %+v", u)
	}
}

func TestBadTokensAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil, nil)
	other := newIssuer(t)
	w.published = append(w.published, jose.JSONWebKey{Key: rsaKeys()[1].Public(), KeyID: "for-encryption", Use: "enc", Algorithm: "RSA-OAEP"})
	w.private["for-encryption"] = rsaKeys()[1]
	good := w.sign("first", nil, w.claims())
	parts := strings.Split(good, ".")
	ago := func(d time.Duration) int64 { return time.Now().Add(-d).Unix() }
	for name, raw := range map[string]string{
		"nothing":                       "",
		"garbage":                       "garbage",
		"too long":                      good + strings.Repeat("A", 40_000),
		"no signature":                  parts[0] + "." + parts[1] + ".",
		"another payload":               parts[0] + "." + base64.RawURLEncoding.EncodeToString(marshal(t, w.claims("sub", "admin"))) + "." + parts[2],
		"expired":                       w.sign("first", nil, w.claims("exp", ago(61*time.Second))),
		"endless":                       w.sign("first", nil, w.claims("exp", nil)),
		"not valid yet":                 w.sign("first", nil, w.claims("nbf", ago(-2*time.Minute))),
		"made in the future":            w.sign("first", nil, w.claims("iat", ago(-2*time.Minute))),
		"issuer of somebody else":       other.sign("first", nil, other.claims()),
		"our issuer, key of another":    w.foreign(t, rsaKeys()[2]),
		"other issuer, our key":         w.sign("first", nil, w.claims("iss", "https://evil.example")),
		"no issuer":                     w.sign("first", nil, w.claims("iss", nil)),
		"for another application":       w.sign("first", nil, w.claims("azp", "other_app", "aud", "other_app")),
		"for nobody":                    w.sign("first", nil, w.claims("azp", nil, "aud", nil)),
		"ID token of Keycloak":          w.sign("first", nil, w.claims("typ", "ID", "aud", "oasis", "nonce", "n")),
		"refresh token":                 w.sign("first", nil, w.claims("typ", "Refresh")),
		"ID token of Cognito":           w.sign("first", nil, w.claims("typ", nil, "token_use", "id", "aud", "oasis")),
		"ID token of others":            w.sign("first", nil, w.claims("typ", nil, "aud", "oasis", "nonce", "n", "at_hash", "h")),
		"plain ID token":                w.sign("first", nil, w.claims("typ", nil, "aud", "oasis")),
		"ID token that names a scope":   w.sign("first", nil, w.claims("typ", nil, "aud", "oasis", "scope", "openid", "nonce", "n")),
		"logout token":                  w.sign("first", map[jose.HeaderKey]any{"typ": "logout+jwt"}, w.claims("typ", nil, "scope", "x")),
		"no subject":                    w.sign("first", nil, w.claims("sub", nil)),
		"no key id":                     w.sign("first", map[jose.HeaderKey]any{"kid": ""}, w.claims()),
		"unknown key":                   w.sign("first", map[jose.HeaderKey]any{"kid": "nobody"}, w.claims()),
		"signed with an encryption key": w.sign("for-encryption", nil, w.claims()),
		"no algorithm":                  "eyJhbGciOiJub25lIiwia2lkIjoiZmlyc3QifQ." + parts[1] + ".",
		"public key as shared secret":   w.symmetric(t),
		"algorithm that is not allowed": w.other(t),
		"subject that is a number":      w.sign("first", nil, w.claims("sub", 7)),
	} {
		claims, err := w.provider.Verify(t.Context(), raw)
		if !errors.Is(err, identity.ErrInvalidToken) {
			t.Errorf("%s: %+v, %v", name, claims, err)
		}
	}
	if n := other.asked["/keys"].Load() + other.asked["/.well-known/openid-configuration"].Load(); n != 0 {
		t.Errorf("a foreign issuer was asked %d times", n)
	}
	if n := w.asked["/keys"].Load(); n != 1 {
		t.Errorf("the keys were fetched %d times", n)
	}
}

// Sentences that NOMAD's clients compare.
func TestRefusalsSayWhatNOMADSays(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil, nil)
	for want, raw := range map[string]string{
		"Could not validate credentials.\nThe user provided keycloak public key does not exist.\nDoes the UI use the right realm?": w.sign("first", map[jose.HeaderKey]any{"kid": "x"}, w.claims()),
		"Could not validate credentials.\nThe given token does not contain a user_id.":                                             w.sign("first", nil, w.claims("sub", nil)),
	} {
		_, err := w.provider.Verify(t.Context(), raw)
		var refused *identity.RefusedToken
		if !errors.As(err, &refused) || refused.Detail != want {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

func marshal(t *testing.T, v any) []byte {
	t.Helper()
	text, err := json.Marshal(v)
	must(t, err)
	return text
}

// foreign signs with a key of somebody else under the id of a published one.
func (w *world) foreign(t *testing.T, key any) string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: key},
		&jose.SignerOptions{ExtraHeaders: map[jose.HeaderKey]any{"kid": "first"}})
	must(t, err)
	raw, err := jwt.Signed(signer).Claims(w.claims()).Serialize()
	must(t, err)
	return raw
}

// other signs with the right key, but an algorithm nobody has allowed.
func (w *world) other(t *testing.T) string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.PS256, Key: w.private["first"]},
		&jose.SignerOptions{ExtraHeaders: map[jose.HeaderKey]any{"kid": "first"}})
	must(t, err)
	raw, err := jwt.Signed(signer).Claims(w.claims()).Serialize()
	must(t, err)
	return raw
}

// symmetric signs with the public key as a shared secret, the classic confusion of algorithms.
func (w *world) symmetric(t *testing.T) string {
	t.Helper()
	public := w.published[0]
	secret, err := public.MarshalJSON()
	must(t, err)
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.HS256, Key: secret},
		&jose.SignerOptions{ExtraHeaders: map[jose.HeaderKey]any{"kid": "first"}})
	must(t, err)
	raw, err := jwt.Signed(signer).Claims(w.claims()).Serialize()
	must(t, err)
	return raw
}

func TestRotatedKeyIsFetchedAndWithdrawnOneStopsCounting(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil, nil)
	old := w.sign("first", nil, w.claims("exp", time.Now().Add(time.Hour).Unix()))
	accepted(t, w, old)
	w.addKey("second")
	w.withdraw("first")
	fresh := w.sign("second", nil, w.claims("exp", time.Now().Add(time.Hour).Unix()))
	if _, err := w.provider.Verify(t.Context(), fresh); !errors.Is(err, identity.ErrInvalidToken) {
		t.Errorf("within the pause between two fetches: %v", err)
	}
	w.pass(11 * time.Second)
	accepted(t, w, fresh)
	if _, err := w.provider.Verify(t.Context(), old); !errors.Is(err, identity.ErrInvalidToken) {
		t.Errorf("withdrawn key: %v", err)
	}
}

func accepted(t *testing.T, w *world, raw string) {
	t.Helper()
	if _, err := w.provider.Verify(t.Context(), raw); err != nil {
		t.Fatal(err)
	}
}

func TestMadeUpKeyIDsDoNotMakeUsAsk(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil, nil)
	var g sync.WaitGroup
	for range 50 {
		raw := w.sign("first", map[jose.HeaderKey]any{"kid": rand.Text()}, w.claims())
		g.Go(func() {
			if _, err := w.provider.Verify(t.Context(), raw); !errors.Is(err, identity.ErrInvalidToken) {
				t.Error(err)
			}
		})
	}
	g.Wait()
	if n := w.asked["/keys"].Load(); n != 1 {
		t.Errorf("asked %d times", n)
	}
}

func TestKnownKeysGoOnWhileTheProviderIsDown(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil, nil)
	day := time.Now().Add(24 * time.Hour).Unix()
	good := w.sign("first", nil, w.claims("exp", day))
	w.down.Store(true)
	if _, err := w.provider.Verify(t.Context(), good); !errors.Is(err, identity.ErrDirectoryDown) || errors.Is(err, identity.ErrInvalidToken) {
		t.Errorf("without any key: %v", err)
	}
	w.down.Store(false)
	w.pass(6 * time.Second)
	accepted(t, w, good)
	w.down.Store(true)
	w.pass(20 * time.Minute) // the set is old and cannot be had anew
	accepted(t, w, good)
	w.pass(11 * time.Second)
	w.addKey("second")
	if _, err := w.provider.Verify(t.Context(), w.sign("second", nil, w.claims("exp", day))); !errors.Is(err, identity.ErrDirectoryDown) {
		t.Errorf("unknown key: %v", err)
	}
	w.down.Store(false)
	w.pass(11 * time.Second)
	accepted(t, w, w.sign("second", nil, w.claims("exp", day)))
}

func TestOddKeySetsDoNoHarm(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"too many keys": `{"keys":[` + strings.TrimSuffix(strings.Repeat(`{},`, 100), ",") + `]}`,
		"too long":      `{"keys":[{"kty":"` + strings.Repeat("x", 5<<20) + `"}]}`,
		"no JSON":       `<html>`,
	} {
		w := newWorld(t, nil, func(c *oidc.Config, _ *oidc.PeopleConfig) {
			c.Transport = transport(func(r *http.Request) (*http.Response, error) {
				answer, err := http.DefaultTransport.RoundTrip(r)
				if err == nil && r.URL.Path == "/keys" {
					answer.Body = readCloser{strings.NewReader(body)}
				}
				return answer, err
			})
		})
		if _, err := w.provider.Verify(t.Context(), w.sign("first", nil, w.claims())); !errors.Is(err, identity.ErrDirectoryDown) {
			t.Errorf("%s: %v", name, err)
		}
	}
	w := newWorld(t, nil, nil) // a strange key beside the good one does not spoil it
	w.published = append([]jose.JSONWebKey{{Key: []byte("a shared secret of some length, really"), KeyID: "oct"}}, w.published...)
	accepted(t, w, w.sign("first", nil, w.claims()))
}

type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

type readCloser struct{ *strings.Reader }

func (readCloser) Close() error { return nil }

// Behind a reverse proxy the provider has two addresses: tokens and browsers
// know one, this server uses the other.
func TestProviderMayHaveTwoAddresses(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil, func(c *oidc.Config, _ *oidc.PeopleConfig) {
		c.BackChannel, c.Issuer = c.Issuer, "https://id.example.org/realms/lab"
	})
	w.change = func(d map[string]any) {
		for name, value := range d { // as a Keycloak with a fixed hostname answers
			if text, ok := value.(string); ok {
				d[name] = strings.Replace(text, w.URL, "https://id.example.org/realms/lab", 1)
			}
		}
	}
	accepted(t, w, w.sign("first", nil, w.claims("iss", "https://id.example.org/realms/lab")))
	accepted(t, w, w.sign("first", nil, w.claims())) // asked for at the inner address
	address, _, err := w.flow.Start(t.Context(), "https://oasis.example/callback", "/")
	must(t, err)
	if !strings.HasPrefix(address, "https://id.example.org/realms/lab/authorize?") {
		t.Errorf("browsers are sent to %s", address)
	}
	if u := w.user(t, sheldon); u.Origin != "https://id.example.org/realms/lab" {
		t.Errorf("the account's origin is %s", u.Origin)
	}
}

func TestDocumentOfAnotherIssuerIsNotBelieved(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil, nil)
	w.change = func(d map[string]any) { d["issuer"] = "https://evil.example" }
	if _, err := w.provider.Verify(t.Context(), w.sign("first", nil, w.claims())); !errors.Is(err, identity.ErrDirectoryDown) {
		t.Errorf("%v", err)
	}
}

func TestUserIDIsTheSubjectOrMadeOfIt(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ issuer, subject, want string }{
		{"https://a.example", sheldon, sheldon},
		{"https://a.example", "C0FFEE00-0000-4000-8000-000000000000", "c0ffee00-0000-4000-8000-000000000000"},
		{"https://a.example", "auth0|17", oidc.UserID("https://a.example/", "auth0|17")},
	} {
		if got := oidc.UserID(tc.issuer, tc.subject); got != tc.want {
			t.Errorf("%s %s: %s", tc.issuer, tc.subject, got)
		}
	}
	for _, other := range [][2]string{{"https://b.example", "auth0|17"}, {"https://a.example", "auth0|18"}, {"https://a.example", "urn:uuid:" + sheldon}} {
		if id := oidc.UserID(other[0], other[1]); id == oidc.UserID("https://a.example", "auth0|17") || id == sheldon {
			t.Errorf("%v has the id of somebody else", other)
		}
	}
}

// fixed is a provider that knows everybody.
type fixed string

func (f fixed) Verify(context.Context, string) (identity.Claims, error) {
	return identity.Claims{UserID: string(f)}, nil
}

func TestTokenGoesToTheProviderItNames(t *testing.T) {
	t.Parallel()
	token := func(claims string) string {
		return "e30." + base64.RawURLEncoding.EncodeToString([]byte(claims)) + ".c2ln"
	}
	both := oidc.Choice{Local: fixed("local"), External: fixed("external"), LocalIssuer: func() string { return "https://oasis.example/auth" }}
	for raw, want := range map[string]string{
		token(`{"iss":"https://oasis.example/auth"}`):  "local",
		token(`{"iss":"https://oasis.example/auth/"}`): "external",
		token(`{"iss":"https://id.example"}`):          "external",
		token(`{}`):                                    "external", token(`[`): "external", "garbage": "external", "": "external", "a.b.c": "external",
	} {
		got, err := both.Verify(t.Context(), raw)
		if err != nil || got.UserID != want {
			t.Errorf("%s: %s, %v", raw, got.UserID, err)
		}
	}
	alone := both
	alone.Local = nil
	if _, err := alone.Verify(t.Context(), token(`{"iss":"https://oasis.example/auth"}`)); !errors.Is(err, identity.ErrInvalidToken) {
		t.Errorf("local token while local accounts are off: %v", err)
	}
}

func FuzzVerify(f *testing.F) {
	w := newWorld(f, nil, nil)
	good := w.sign("first", nil, w.claims("exp", time.Now().Add(time.Hour).Unix()))
	f.Add([]byte(good))
	f.Add([]byte("eyJhbGciOiJub25lIn0.e30."))
	f.Add([]byte("{}.{}.{}"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		claims, err := w.provider.Verify(t.Context(), string(raw))
		if err == nil && claims.UserID != sheldon || err != nil && !errors.Is(err, identity.ErrInvalidToken) {
			t.Errorf("%q: %+v, %v", bytes.TrimSpace(raw), claims, err)
		}
	})
}

// Checking costs the signature and nothing more; the Authenticator's cache is measured in package access.
func BenchmarkVerify(b *testing.B) {
	for _, kid := range []string{"first", "curve"} {
		b.Run(map[string]string{"first": "RS256", "curve": "ES256"}[kid], func(b *testing.B) {
			w := newWorld(b, nil, nil)
			w.addEC("curve")
			raw := w.sign(kid, nil, w.claims("exp", time.Now().Add(time.Hour).Unix()))
			for b.Loop() {
				if _, err := w.provider.Verify(b.Context(), raw); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

package matrix

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"oasis/internal/access/identity"
	"oasis/internal/access/identity/local"
)

// forgersSecret is that of the server whose tokens are forged here.
const forgersSecret = "the secret of a server whose keys a test can open"

// ownIssuer is what that server calls itself.
const ownIssuer = "http://oasis.example/nomad-oasis/auth"

// TestEveryOperationWithForgedAccessTokens presents tokens of the server's own
// keys that are for somebody else or over, and tokens that only look signed.
func TestEveryOperationWithForgedAccessTokens(t *testing.T) {
	t.Parallel()
	var c crowd
	var elsewhere, over string
	w := start(t, policy{yaml: "services:\n  public_url: http://oasis.example\n  api_secret: " + forgersSecret + "\n", seed: func(s *seeder) {
		c.seed(s)
		// The server finds the key that is made here.
		sign := func(issuer string, life time.Duration) string {
			p, err := local.New(s.ctx, s.db.Grants(), local.Config{
				Issuer: func() string { return issuer }, Lifetime: func() time.Duration { return life }, Secret: forgersSecret, Now: time.Now,
			})
			s.check(err)
			token, err := p.Issue(identity.User{ID: s.ids["member"], Username: "member"})
			s.check(err)
			return token.Raw
		}
		elsewhere = sign("https://evil.example/auth", time.Hour)
		over = sign(ownIssuer, -time.Minute)
	}})
	c.signIn(t, w)
	as := func(token string) func(*http.Request, string) {
		return func(r *http.Request, _ string) { bearer(token)(r) }
	}
	parts := strings.Split(c.member.provider, ".")
	ways := []way{{"access token", c.jwt(&c.member), through}}
	for name, token := range map[string]string{
		"wrong issuer":         elsewhere,
		"expired":              over,
		"alg none":             encode(t, map[string]string{"alg": "none", "typ": "at+jwt"}) + "." + parts[1] + ".",
		"signature cut off":    parts[0] + "." + parts[1] + ".",
		"other claims":         parts[0] + "." + encode(t, map[string]any{"sub": c.member.pat}) + "." + parts[2],
		"no key id":            encode(t, map[string]string{"alg": "RS256", "typ": "at+jwt"}) + "." + parts[1] + "." + parts[2],
		"public key as secret": w.symmetric(t),
		"id token":             w.idToken(t),
	} {
		ways = append(ways, way{name, as(token), dead(deadJWT)})
	}
	walk(t, w, ways)
}

func encode(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

// symmetric signs with the published key as if it were a shared secret.
func (w *world) symmetric(t *testing.T) string {
	t.Helper()
	var set jose.JSONWebKeySet
	a := send(t, http.MethodGet, w.url+"/auth/jwks", "", func(*http.Request) {})
	if err := json.Unmarshal([]byte(a.body), &set); err != nil || len(set.Keys) == 0 {
		t.Fatalf("keys: %v %s", err, a.body)
	}
	secret, err := set.Keys[0].MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	signer, err := jose.NewSigner(
		jose.SigningKey{Algorithm: jose.HS256, Key: jose.JSONWebKey{Key: secret, KeyID: set.Keys[0].KeyID}}, (&jose.SignerOptions{}).WithType("at+jwt"))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := jwt.Signed(signer).Claims(jwt.Claims{
		Issuer: ownIssuer, Subject: w.ids["member"], Audience: jwt.Audience{local.Audience}, Expiry: jwt.NewNumericDate(time.Now().Add(time.Hour)),
	}).Serialize()
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// idToken is a good id token of the member, which is no access token.
func (w *world) idToken(t *testing.T) string {
	t.Helper()
	form := "grant_type=password&client_id=nomad_public&scope=openid&username=member&password=" + strings.ReplaceAll(password, " ", "+")
	a := send(t, http.MethodPost, w.url+"/auth/token", form, func(r *http.Request) {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	})
	var got struct {
		IDToken string `json:"id_token"`
	}
	if err := json.Unmarshal([]byte(a.body), &got); err != nil || got.IDToken == "" {
		t.Fatalf("no id token: %d %s", a.status, a.body)
	}
	return got.IDToken
}

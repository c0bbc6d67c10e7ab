package api_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"oasis/internal/api"
)

func TestSession(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	nobody := l.get("", "/auth/session").want(200)
	if nobody.value("user") != nil || nobody.text("lab_name") != "Test lab" || nobody.text("set_up") != "true" || nobody.text("contact.email") != "ada@example.org" {
		t.Errorf("session of nobody: %s", nobody.body)
	}
	l.do(request{method: "POST", path: "/auth/session", body: map[string]string{"username": "jane", "password": "x"}}).
		detail(401, "That user name and password do not match.")
	in := l.do(request{method: "POST", path: "/auth/session", body: map[string]string{"username": "JANE@example.org", "password": password}}).want(200)
	cookie := parseCookie(t, in)
	if !cookie.HttpOnly || cookie.Secure || cookie.SameSite != http.SameSiteLaxMode || cookie.Path != base+"/" || !strings.HasPrefix(cookie.Name, "oasis-") || len(cookie.Name) != 14 {
		t.Errorf("cookie %+v", cookie)
	}
	if in.text("user.user_id") != l.users["jane"].ID || in.text("user.email") != "jane@example.org" || in.text("user.is_admin") != "false" {
		t.Errorf("session: %s", in.body)
	}
	with := map[string]string{"Cookie": cookie.Name + "=" + cookie.Value}
	if got := l.do(request{path: "/auth/session", header: with}).want(200); got.text("user.username") != "jane" {
		t.Errorf("session: %s", got.body)
	}
	// Signing in again ends the session before.
	again := parseCookie(t, l.do(request{method: "POST", path: "/auth/session", header: with, body: map[string]string{"username": "max", "password": password}}).want(200))
	if got := l.do(request{path: "/auth/session", header: with}).want(200); got.value("user") != nil || again.Value == cookie.Value {
		t.Errorf("the former session lives on: %s", got.body)
	}
	with = map[string]string{"Cookie": again.Name + "=" + again.Value}
	l.do(request{method: "DELETE", path: "/auth/session", header: map[string]string{"Cookie": with["Cookie"], "Sec-Fetch-Site": "cross-site"}}).want(403)
	l.do(request{path: "/api/v1/users/me", header: with}).want(200)
	out := l.do(request{method: "DELETE", path: "/auth/session", header: with}).want(204)
	if gone := parseCookie(t, out); gone.MaxAge >= 0 || gone.Value != "" || gone.Path != base+"/" {
		t.Errorf("cookie %+v", gone)
	}
	l.do(request{path: "/api/v1/users/me", header: with}).want(401)
	l.do(request{method: "DELETE", path: "/auth/session"}).want(204)
	l.do(request{method: "POST", path: "/auth/session", body: map[string]string{"username": "jane", "password": password}, header: map[string]string{"Origin": "https://evil.example"}}).
		detail(403, "only from a page of this server")
}

func parseCookie(t *testing.T, a answer) *http.Cookie {
	t.Helper()
	cookie, err := http.ParseSetCookie(a.header.Get("Set-Cookie"))
	must(t, err)
	return cookie
}

func TestSecureCookieNeedsHTTPS(t *testing.T) {
	t.Parallel()
	l := newLab(t, func(o *api.Options) {
		host := strings.TrimPrefix(o.PublicURL(), "http://")
		o.PublicURL = func() string { return "https://" + host }
	})
	cookie := parseCookie(t, l.do(request{method: "POST", path: "/auth/session", body: map[string]string{"username": "jane", "password": password}}).want(200))
	if !strings.HasPrefix(cookie.Name, "__Host-oasis-") || !cookie.Secure || cookie.Path != "/" {
		t.Errorf("cookie %+v", cookie)
	}
	l.do(request{path: "/api/v1/users/me", header: map[string]string{"Cookie": cookie.Name + "=" + cookie.Value}}).want(200)
	l.do(request{path: "/api/v1/users/me", header: map[string]string{"Cookie": strings.TrimPrefix(cookie.Name, "__Host-") + "=" + cookie.Value}}).want(401)
}

func TestFirstSetUp(t *testing.T) {
	t.Parallel()
	l := emptyLab(t)
	secret := l.people.NewSetUpSecret()
	if got := l.get("", "/auth/setup").want(200); got.text("open") != "true" {
		t.Errorf("set-up: %s", got.body)
	}
	if got := l.get("", "/auth/session").want(200); got.text("set_up") != "false" {
		t.Errorf("session: %s", got.body)
	}
	check := func(secret string) answer {
		return l.do(request{method: "POST", path: "/auth/setup/check", body: map[string]string{"secret": secret}})
	}
	check("guess").detail(410, "This link was used or is too old.")
	if got := check(secret).want(200); got.text("free_bytes") == "" || got.text("data_dir") == "" {
		t.Errorf("check: %s", got.body)
	}
	form := func(secret, user, password, lab string) answer {
		return l.do(request{method: "POST", path: "/auth/setup", body: map[string]any{
			"secret": secret, "username": user, "password": password, "email": user + "@example.org", "first_name": "Ada", "last_name": "Lovelace",
			"lab_name": lab, "require_authentication": true,
		}})
	}
	form("guess", "ada", password, "My lab").want(410)
	if len(l.saved) != 0 {
		t.Errorf("a wrong link has saved %v", l.saved)
	}
	form(secret, "ada", "short", "My lab").detail(422, "password")
	if len(l.saved) != 0 {
		t.Errorf("a refused password has saved %v", l.saved)
	}
	form(secret, "ada", password, "Locked").detail(409, "nomad.yaml")
	l.do(request{method: "POST", path: "/auth/setup", body: map[string]any{"secret": secret}}).detail(422, `["body","username"]`)
	done := form(secret, "ada", password, "My lab").want(201)
	if done.text("user.username") != "ada" || done.text("user.is_admin") != "true" || done.text("set_up") != "true" {
		t.Errorf("set up: %s", done.body)
	}
	if l.saved["meta.name"] != "My lab" || l.saved["auth.require_authentication"] != true {
		t.Errorf("saved %v", l.saved)
	}
	cookie := parseCookie(t, done)
	l.do(request{path: "/api/v1/users/me", header: map[string]string{"Cookie": cookie.Name + "=" + cookie.Value}}).want(200)
	form(secret, "eve", password, "").want(410)
	check(secret).want(410)
	if got := l.get("", "/auth/setup").want(200); got.text("open") != "false" {
		t.Errorf("set-up: %s", got.body)
	}
}

// A stock client finds the keys by discovery and checks a token with them.
func TestTokensCanBeCheckedByDiscovery(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	found := l.get("", "/auth/.well-known/openid-configuration").want(200)
	if found.text("issuer") != l.url+"/auth" || found.header.Get("Access-Control-Allow-Origin") != "*" {
		t.Errorf("discovery: %v %s", found.header, found.body)
	}
	var keys jose.JSONWebKeySet
	must(t, json.Unmarshal([]byte(l.do(request{path: found.text("jwks_uri")}).want(200).body), &keys))
	got := l.do(request{
		method: "POST", path: "/api/v1/auth/token", body: "grant_type=password&username=jane&password=correct+horse+battery",
		header: map[string]string{"Content-Type": "application/x-www-form-urlencoded"},
	}).want(200)
	parsed, err := jwt.ParseSigned(got.text("access_token"), []jose.SignatureAlgorithm{jose.RS256})
	must(t, err)
	var claims jwt.Claims
	must(t, parsed.Claims(keys, &claims))
	if claims.Issuer != found.text("issuer") || claims.Subject != l.users["jane"].ID {
		t.Errorf("claims %+v", claims)
	}
	for _, key := range keys.Keys {
		if !key.IsPublic() {
			t.Error("a private key is published")
		}
	}
}

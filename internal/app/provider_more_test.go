package app_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"oasis/internal/app"
)

// keycloak is where NOMAD's clients look for the provider.
const keycloak = "/auth/realms/fairdi_nomad_prod/protocol/openid-connect"

func TestNomadClientSignsInByPassword(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	grant := func(name, secret string) answer {
		return l.form(keycloak+"/token", url.Values{
			"grant_type": {"password"}, "client_id": {"nomad_public"}, "username": {name}, "password": {secret}, "scope": {"openid"},
		})
	}
	a := grant("bert", password).want(t, http.StatusOK, "")
	if a.str("token_type") != "Bearer" || a.str("id_token") == "" || a.body["expires_in"] == nil || l.me(a.str("access_token")) != http.StatusOK {
		t.Errorf("answer %s", a.text)
	}
	next := l.form(keycloak+"/token", url.Values{"grant_type": {"refresh_token"}, "client_id": {"nomad_public"}, "refresh_token": {a.str("refresh_token")}})
	next.want(t, http.StatusOK, "")
	if next.str("id_token") == "" {
		t.Errorf("refreshing gives no id token: %s", next.text)
	}
	grant("bert", "wrong").want(t, http.StatusBadRequest, "invalid_grant")
	grant("nobody", password).want(t, http.StatusBadRequest, "invalid_grant")
	for range 10 {
		grant("bert", "wrong")
	}
	if a := grant("bert", "wrong"); a.status != http.StatusTooManyRequests || a.header.Get("Retry-After") == "" {
		t.Errorf("after many guesses: %d %s", a.status, a.text)
	}
	if a := l.form("/auth/token", url.Values{"grant_type": {"password"}, "client_id": {"desk"}, "username": {"ada"}, "password": {password}}); a.str("error") != "unauthorized_client" {
		t.Errorf("a client that sends no passwords: %d %s", a.status, a.text)
	}
	for kind, code := range map[string]string{"client_credentials": "unsupported_grant_type", "": "invalid_request", "urn:ietf:params:oauth:grant-type:jwt-bearer": "unsupported_grant_type"} {
		l.form("/auth/token", url.Values{"grant_type": {kind}, "client_id": {"desk"}}).want(t, http.StatusBadRequest, code)
	}
	l.form("/auth/realms/other/protocol/openid-connect/token", url.Values{"grant_type": {"password"}}).want(t, http.StatusNotFound, "")
	found := l.do(http.MethodGet, "/auth/realms/fairdi_nomad_prod/.well-known/openid-configuration", "", "")
	if found.str("issuer") != l.issuer() || found.str("token_endpoint") != l.issuer()+"/token" {
		t.Errorf("discovery %s", found.text)
	}
}

func TestPasswordGrantCanBeSwitchedOff(t *testing.T) {
	t.Parallel()
	l := newLab(t, "NOMAD_AUTH_PASSWORD_GRANT=false")
	v := url.Values{"grant_type": {"password"}, "client_id": {"nomad_public"}, "username": {"bert"}, "password": {password}}
	l.form(keycloak+"/token", v).want(t, http.StatusBadRequest, "unsupported_grant_type")
	if a := l.form("/api/v1/auth/token", v); a.status != http.StatusBadRequest || !strings.Contains(a.str("detail"), "oasis login") {
		t.Errorf("%d %s", a.status, a.text)
	}
	if a := l.do(http.MethodGet, "/auth/.well-known/openid-configuration", "", ""); strings.Contains(a.text, `"password"`) {
		t.Errorf("discovery still offers it: %s", a.text)
	}
}

// device begins a device sign-in and gives the device code and the user code.
func (l *lab) device() (deviceCode, userCode string) {
	l.t.Helper()
	a := l.form("/auth/device", url.Values{"client_id": {"oasis-cli"}, "scope": {"openid"}}).want(l.t, http.StatusOK, "")
	if a.body["interval"] != 5.0 || a.body["expires_in"] != 600.0 || a.str("verification_uri") != l.base+"/gui/device" {
		l.t.Errorf("answer %s", a.text)
	}
	return a.str("device_code"), a.str("user_code")
}

func (l *lab) poll(deviceCode, clientID string) answer {
	l.t.Helper()
	return l.form("/auth/token", url.Values{
		"grant_type": {"urn:ietf:params:oauth:grant-type:device_code"}, "device_code": {deviceCode}, "client_id": {clientID},
	})
}

func (l *lab) decide(userCode string, yes bool) answer {
	l.t.Helper()
	return l.json(http.MethodPost, "/auth/device/verify", map[string]any{"user_code": userCode, "approve": yes}, l.as("bert"))
}

func TestDeviceSignsIn(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	deviceCode, userCode := l.device()
	l.poll(deviceCode, "nomad_public").want(t, http.StatusBadRequest, "invalid_grant")
	l.poll("no such code", "oasis-cli").want(t, http.StatusBadRequest, "invalid_grant")
	page := l.do(http.MethodGet, "/auth/device/verify?user_code="+strings.ToLower(strings.ReplaceAll(userCode, "-", "+")), "", "", l.as("bert"))
	if page.status != http.StatusOK || !strings.Contains(page.text, `"Oasis command line"`) || page.str("address") != "127.0.0.1" {
		t.Fatalf("page: %d %s", page.status, page.text)
	}
	if a := l.decide(userCode, true); a.status != http.StatusNoContent {
		t.Fatalf("yes: %d %s", a.status, a.text)
	}
	if a := l.decide(userCode, false); a.status != http.StatusNotFound {
		t.Errorf("decided twice: %d %s", a.status, a.text)
	}
	a := l.poll(deviceCode, "oasis-cli").want(t, http.StatusOK, "")
	if a.str("refresh_token") == "" || a.str("id_token") == "" || l.me(a.str("access_token")) != http.StatusOK {
		t.Errorf("tokens %s", a.text)
	}
	l.poll(deviceCode, "oasis-cli").want(t, http.StatusBadRequest, "invalid_grant")
	if got := l.me(a.str("access_token")); got != http.StatusUnauthorized {
		t.Errorf("the token of a device code used twice gives %d", got)
	}
}

func TestDeviceHasToWait(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	deviceCode, userCode := l.device()
	l.poll(deviceCode, "oasis-cli").want(t, http.StatusBadRequest, "authorization_pending")
	l.poll(deviceCode, "oasis-cli").want(t, http.StatusBadRequest, "slow_down")
	if a := l.decide(userCode, false); a.status != http.StatusNoContent {
		t.Fatalf("no: %d %s", a.status, a.text)
	}
	l.poll(deviceCode, "oasis-cli").want(t, http.StatusBadRequest, "access_denied")
	for range 10 {
		l.decide("BBBB-BBBB", true)
	}
	if a := l.decide("BBBB-BBBB", true); a.status != http.StatusTooManyRequests {
		t.Errorf("after many guesses: %d %s", a.status, a.text)
	}
	l.form("/auth/device", url.Values{"client_id": {"wiki"}, "client_secret": {clientSecret}}).want(t, http.StatusBadRequest, "unauthorized_client")
	l.form("/auth/device", url.Values{"client_id": {"oasis-cli"}, "scope": {"root"}}).want(t, http.StatusBadRequest, "invalid_scope")
}

func TestIntrospectionAndRevocation(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	tokens := l.redeem2(t)
	access, refresh := tokens.str("access_token"), tokens.str("refresh_token")
	var pat app.TokenInfo
	life := time.Hour
	must(t, app.Call(t.Context(), l.opts, app.VerbTokenCreate, app.TokenCreate{Username: "bert", Name: "t", Scopes: []string{"users:read"}, Lifetime: &life}, &pat))
	plain := l.form("/api/v1/auth/token", url.Values{"grant_type": {"password"}, "username": {"bert"}, "password": {password}}).str("access_token")
	all := map[string]string{"access": access, "refresh": refresh, "personal": pat.Raw, "plain": plain}
	ask := func(token string, change ...func(*http.Request)) answer {
		return l.form("/auth/introspect", url.Values{"token": {token}}, change...)
	}
	wiki := basic("wiki", clientSecret)
	for name, token := range all {
		if a := ask(token, wiki); a.status != http.StatusOK || a.body["active"] != true || a.str("username") != "bert" {
			t.Errorf("%s: %d %s", name, a.status, a.text)
		}
		ask(token).want(t, http.StatusUnauthorized, "invalid_client")
		ask(token, basic("wiki", "wrong")).want(t, http.StatusUnauthorized, "invalid_client")
		ask(token, bearer(access)).want(t, http.StatusUnauthorized, "invalid_client")
		ask(token, basic("desk", "")).want(t, http.StatusUnauthorized, "invalid_client")
	}
	if a := ask(pat.Raw, l.as("ada")); a.status != http.StatusOK || a.str("scope") != "users:read" {
		t.Errorf("an administrator asks: %d %s", a.status, a.text)
	}
	for name, token := range map[string]string{"garbage": "garbage", "id token": tokens.str("id_token"), "unknown": "nomad_pat_" + strings.Repeat("a", 43)} {
		if a := ask(token, wiki); a.status != http.StatusOK || len(a.body) != 1 || a.body["active"] != false {
			t.Errorf("%s: %d %s", name, a.status, a.text)
		}
	}
	revoke := func(token string, v url.Values, change ...func(*http.Request)) int {
		if v == nil {
			v = url.Values{}
		}
		v.Set("token", token)
		return l.form("/auth/revoke", v, change...).status
	}
	if got := revoke(refresh, nil, wiki); got != http.StatusOK || l.me(access) != http.StatusOK {
		t.Errorf("another client revokes: %d", got)
	}
	if got := revoke(access, nil); got != http.StatusUnauthorized {
		t.Errorf("nobody revokes: %d", got)
	}
	desk := url.Values{"client_id": {"desk"}}
	for name, token := range all {
		client := desk
		if name == "personal" {
			client = nil
		}
		if got := revoke(token, client); got != http.StatusOK {
			t.Errorf("%s: %d", name, got)
		}
		if a := ask(token, wiki); a.body["active"] != false {
			t.Errorf("%s is still active: %s", name, a.text)
		}
		if name != "refresh" && l.me(token) != http.StatusUnauthorized {
			t.Errorf("%s still opens the API", name)
		}
	}
	if got := revoke("garbage", desk); got != http.StatusOK {
		t.Errorf("garbage: %d", got)
	}
}

func TestSigningOutOfAClient(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	tokens := l.redeem2(t)
	out := func(q url.Values, change ...func(*http.Request)) answer {
		return l.do(http.MethodGet, "/auth/end-session?"+q.Encode(), "", "", change...)
	}
	if a := out(url.Values{"client_id": {"wiki"}, "post_logout_redirect_uri": {"https://evil.example/"}}); a.status != http.StatusBadRequest || a.header.Get("Location") != "" {
		t.Errorf("to another site: %d %s", a.status, a.header.Get("Location"))
	}
	if a := out(url.Values{"id_token_hint": {tokens.str("access_token")}}); a.status != http.StatusBadRequest {
		t.Errorf("with an access token as the hint: %d", a.status)
	}
	a := out(url.Values{"client_id": {"wiki"}, "post_logout_redirect_uri": {"https://wiki.example/bye"}, "state": {"s"}}, l.as("bert"))
	if a.header.Get("Location") != "https://wiki.example/bye?state=s" || a.header.Get("Set-Cookie") != "" {
		t.Errorf("without a hint: %s, cookie %s", a.header.Get("Location"), a.header.Get("Set-Cookie"))
	}
	if a := out(url.Values{"id_token_hint": {tokens.str("id_token")}}, l.as("ada")); a.header.Get("Set-Cookie") != "" {
		t.Errorf("somebody else's hint ends a session: %v", a.header)
	}
	if got := l.me(tokens.str("access_token")); got != http.StatusUnauthorized {
		t.Errorf("after signing out the access token gives %d", got)
	}
	hint := l.redeem2(t).str("id_token")
	if a := out(url.Values{"id_token_hint": {hint}}, l.as("bert")); a.status != http.StatusSeeOther || !strings.Contains(a.header.Get("Set-Cookie"), "Max-Age=0") {
		t.Errorf("%d %v", a.status, a.header)
	}
	if a := l.do(http.MethodGet, "/api/v1/users/me", "", "", l.as("bert")); a.status != http.StatusUnauthorized {
		t.Errorf("the session still holds: %d", a.status)
	}
}

func TestTokensOutliveTheKeyButNotTheAccount(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	tokens := l.redeem2(t)
	var made app.KeyInfo
	must(t, app.Call(t.Context(), l.opts, app.VerbKeyRotate, struct{}{}, &made))
	if got := l.me(tokens.str("access_token")); got != http.StatusOK {
		t.Errorf("after the rotation the token gives %d", got)
	}
	next := l.refresh(tokens.str("refresh_token")).want(t, http.StatusOK, "")
	if keys := l.do(http.MethodGet, keycloak+"/certs", "", ""); strings.Count(keys.text, `"kid"`) != 2 || !strings.Contains(keys.text, made.ID) {
		t.Errorf("keys %s", keys.text)
	}
	must(t, app.Call(t.Context(), l.opts, app.VerbUserSetPassword, app.SetPassword{Username: "bert", Password: password + " two"}, nil))
	if got := l.me(next.str("access_token")); got != http.StatusUnauthorized {
		t.Errorf("after a new password the token gives %d", got)
	}
	l.refresh(next.str("refresh_token")).want(t, http.StatusBadRequest, "invalid_grant")
	code, verifier := "", oauth2.GenerateVerifier()
	l.redeem(code, verifier, nil).want(t, http.StatusBadRequest, "invalid_grant")
}

package app_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"oasis/internal/app"
)

const (
	password     = "correct horse battery staple"
	clientSecret = "0123456789abcdef0123456789abcdef"
	wikiCallback = "https://wiki.example/cb"
)

// clients are those of nomad.yaml in these tests.
const clients = `[
	{"id": "wiki", "name": "Wiki", "secret": "` + clientSecret + `", "redirect_uris": ["` + wikiCallback + `"], "post_logout_redirect_uris": ["https://wiki.example/bye"]},
	{"id": "desk", "public": true, "trusted": true, "redirect_uris": ["http://127.0.0.1/cb", "https://desk.example/cb?a=b"]}
]`

// lab is a running server with the administrator ada and the user bert.
type lab struct {
	t      *testing.T
	opts   app.Options
	base   string // with the base path
	cookie map[string]string
}

func newLab(t *testing.T, env ...string) *lab {
	t.Helper()
	opts := options(t, t.TempDir(), append(env, "NOMAD_AUTH_CLIENTS="+clients)...)
	for _, u := range []app.UserAdd{
		{Username: "ada", Email: "ada@lab.example", FirstName: "Ada", LastName: "L", Password: password, Admin: true},
		{Username: "bert", Email: "bert@lab.example", FirstName: "Bert", LastName: "B", Password: password},
	} {
		must(t, app.Call(t.Context(), opts, app.VerbUserAdd, u, nil))
	}
	server, _ := serve(t, opts)
	return &lab{t: t, opts: opts, base: "http://" + server.Addr() + "/nomad-oasis", cookie: map[string]string{}}
}

func (l *lab) issuer() string { return l.base + "/auth" }

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   map[string]any
	text   string
}

func (a answer) str(name string) string {
	s, _ := a.body[name].(string)
	return s
}

// param reads a parameter of the address that an answer sends the browser to.
func (a answer) param(name string) string {
	u, err := url.Parse(a.header.Get("Location"))
	if err != nil {
		return ""
	}
	if u.Fragment != "" {
		q, _ := url.ParseQuery(u.Fragment)
		return q.Get(name)
	}
	return u.Query().Get(name)
}

var noRedirects = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

// do sends a request; change may add headers.
func (l *lab) do(method, path, kind, body string, change ...func(*http.Request)) answer {
	l.t.Helper()
	if !strings.HasPrefix(path, "http") {
		path = l.base + path
	}
	r, err := http.NewRequestWithContext(l.t.Context(), method, path, strings.NewReader(body))
	must(l.t, err)
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	for _, c := range change {
		c(r)
	}
	resp, err := noRedirects.Do(r)
	must(l.t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	must(l.t, err)
	a := answer{status: resp.StatusCode, header: resp.Header, text: string(text)}
	_ = json.Unmarshal(text, &a.body) // not every answer is JSON
	return a
}

func (l *lab) form(path string, values url.Values, change ...func(*http.Request)) answer {
	l.t.Helper()
	return l.do(http.MethodPost, path, "application/x-www-form-urlencoded", values.Encode(), change...)
}

func (l *lab) json(method, path string, body any, change ...func(*http.Request)) answer {
	l.t.Helper()
	text, err := json.Marshal(body)
	must(l.t, err)
	return l.do(method, path, "application/json", string(text), change...)
}

// as presents the session of a user.
func (l *lab) as(name string) func(*http.Request) {
	l.t.Helper()
	if l.cookie[name] == "" {
		a := l.json(http.MethodPost, "/auth/session", map[string]string{"username": name, "password": password})
		if a.status != http.StatusOK {
			l.t.Fatalf("sign in: %d %s", a.status, a.text)
		}
		l.cookie[name], _, _ = strings.Cut(a.header.Get("Set-Cookie"), ";")
	}
	return func(r *http.Request) {
		r.Header.Set("Cookie", l.cookie[name])
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
}

func bearer(token string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) }
}

func basic(id, secret string) func(*http.Request) {
	return func(r *http.Request) { r.SetBasicAuth(id, secret) }
}

// me is the status of GET /users/me with a token.
func (l *lab) me(token string) int {
	l.t.Helper()
	return l.do(http.MethodGet, "/api/v1/users/me", "", "", bearer(token)).status
}

// want fails the test unless the answer has the status and, for refusals, the code.
func (a answer) want(t *testing.T, status int, code string) answer {
	t.Helper()
	if a.status != status || a.str("error") != code {
		t.Fatalf("status %d %s, want %d %q", a.status, a.text, status, code)
	}
	return a
}

// desk is the public client as a stock library knows it.
func (l *lab) desk() *oauth2.Config {
	return &oauth2.Config{
		ClientID: "desk", RedirectURL: "http://127.0.0.1:43210/cb", Scopes: []string{"openid"},
		Endpoint: oauth2.Endpoint{AuthURL: l.issuer() + "/authorize", TokenURL: l.issuer() + "/token", AuthStyle: oauth2.AuthStyleInParams},
	}
}

// code signs a person in to the desk client and gives the code and the verifier.
func (l *lab) code(name string, more ...oauth2.AuthCodeOption) (code, verifier string) {
	l.t.Helper()
	verifier = oauth2.GenerateVerifier()
	address := l.desk().AuthCodeURL("a state of the client", append(more, oauth2.S256ChallengeOption(verifier))...)
	a := l.do(http.MethodGet, address, "", "", l.as(name))
	if code = a.param("code"); a.status != http.StatusSeeOther || code == "" {
		l.t.Fatalf("authorize: %d %s %s", a.status, a.header.Get("Location"), a.text)
	}
	if got := a.param("state"); got != "a state of the client" {
		l.t.Errorf("state %q", got)
	}
	return code, verifier
}

// redeem asks for the tokens of a code.
func (l *lab) redeem(code, verifier string, change url.Values) answer {
	l.t.Helper()
	v := url.Values{
		"grant_type": {"authorization_code"}, "code": {code}, "code_verifier": {verifier}, "client_id": {"desk"},
		"redirect_uri": {l.desk().RedirectURL},
	}
	for name, values := range change {
		v[name] = values
	}
	return l.form("/auth/token", v)
}

func TestStockClientSignsSomebodyIn(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	ctx := t.Context()
	provider, err := oidc.NewProvider(ctx, l.issuer())
	must(t, err)
	cfg := l.desk()
	cfg.Endpoint = provider.Endpoint()
	code, verifier := l.code("bert", oidc.Nonce("a nonce of the client"))
	tokens, err := cfg.Exchange(ctx, code, oauth2.VerifierOption(verifier))
	must(t, err)
	raw, _ := tokens.Extra("id_token").(string)
	id, err := provider.Verifier(&oidc.Config{ClientID: "desk"}).Verify(ctx, raw)
	must(t, err)
	must(t, id.VerifyAccessToken(tokens.AccessToken))
	var claims struct{ Email, Name string }
	must(t, id.Claims(&claims))
	if id.Nonce != "a nonce of the client" || claims.Email != "bert@lab.example" || claims.Name != "Bert B" {
		t.Errorf("id token %+v %+v", id, claims)
	}
	info, err := provider.UserInfo(ctx, oauth2.StaticTokenSource(tokens))
	must(t, err)
	if info.Subject != id.Subject || info.Email != "bert@lab.example" {
		t.Errorf("user info %+v", info)
	}
	if got := l.me(tokens.AccessToken); got != http.StatusOK {
		t.Errorf("the access token gives %d", got)
	}
	if got := l.me(raw); got != http.StatusUnauthorized {
		t.Errorf("the id token gives %d", got)
	}
	if got := l.me(tokens.RefreshToken); got != http.StatusUnauthorized {
		t.Errorf("the refresh token gives %d", got)
	}
	next, err := cfg.TokenSource(ctx, &oauth2.Token{RefreshToken: tokens.RefreshToken}).Token()
	must(t, err)
	if next.RefreshToken == tokens.RefreshToken || next.AccessToken == tokens.AccessToken {
		t.Error("refreshing gives the same tokens again")
	}
	if got := l.me(next.AccessToken); got != http.StatusOK {
		t.Errorf("the refreshed token gives %d", got)
	}
}

func TestUsedRefreshTokenEndsTheFamily(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	first := l.redeem2(t)
	second := l.refresh(first.str("refresh_token")).want(t, http.StatusOK, "")
	l.refresh(first.str("refresh_token")).want(t, http.StatusBadRequest, "invalid_grant")
	l.refresh(second.str("refresh_token")).want(t, http.StatusBadRequest, "invalid_grant")
	for name, a := range map[string]answer{"first": first, "second": second} {
		if got := l.me(a.str("access_token")); got != http.StatusUnauthorized {
			t.Errorf("the %s access token of an ended family gives %d", name, got)
		}
	}
}

// redeem2 signs bert in to the desk client and gives the tokens.
func (l *lab) redeem2(t *testing.T) answer {
	t.Helper()
	code, verifier := l.code("bert")
	a := l.redeem(code, verifier, nil).want(t, http.StatusOK, "")
	if got := l.me(a.str("access_token")); got != http.StatusOK {
		t.Fatalf("a new access token gives %d", got)
	}
	return a
}

func (l *lab) refresh(token string) answer {
	l.t.Helper()
	return l.form("/auth/token", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token}, "client_id": {"desk"}})
}

func TestOneOfManyWithTheSameSecretGetsTokensAtMost(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	code, verifier := l.code("bert")
	const n = 8
	answers := make([]answer, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { answers[i] = l.redeem(code, verifier, nil) })
	}
	all.Wait()
	won := 0
	for _, a := range answers {
		if a.status == http.StatusOK {
			won++
			if got := l.me(a.str("access_token")); got != http.StatusUnauthorized {
				t.Errorf("the access token of a code that %d had gives %d", n, got)
			}
		}
	}
	if won > 1 {
		t.Errorf("%d of %d got tokens for one code", won, n)
	}
}

func TestCodesThatAreRefused(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	for name, change := range map[string]url.Values{
		"wrong verifier":   {"code_verifier": {oauth2.GenerateVerifier()}},
		"no verifier":      {"code_verifier": {""}},
		"short verifier":   {"code_verifier": {"abc"}},
		"another address":  {"redirect_uri": {"http://127.0.0.1:43211/cb"}},
		"no address":       {"redirect_uri": {""}},
		"another client":   {"client_id": {"nomad_public"}},
		"two verifiers":    nil,
		"verifier of old ": {"code_verifier": {strings.Repeat("a", 129)}},
	} {
		code, verifier := l.code("bert")
		if change == nil {
			change = url.Values{"code_verifier": {verifier, oauth2.GenerateVerifier()}}
		}
		if a := l.redeem(code, verifier, change); a.status != http.StatusBadRequest || a.str("access_token") != "" {
			t.Errorf("%s: %d %s", name, a.status, a.text)
		}
		if name == "two verifiers" { // nobody has looked at the code
			continue
		}
		if a := l.redeem(code, verifier, nil); a.status != http.StatusBadRequest || a.str("error") != "invalid_grant" {
			t.Errorf("%s: the code still holds: %d %s", name, a.status, a.text)
		}
	}
}

func TestUsedCodeEndsWhatItGave(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	code, verifier := l.code("bert")
	a := l.redeem(code, verifier, nil).want(t, http.StatusOK, "")
	if got := l.me(a.str("access_token")); got != http.StatusOK {
		t.Fatalf("the access token gives %d", got)
	}
	l.redeem(code, verifier, nil).want(t, http.StatusBadRequest, "invalid_grant")
	if got := l.me(a.str("access_token")); got != http.StatusUnauthorized {
		t.Errorf("the access token of a code used twice gives %d", got)
	}
	l.refresh(a.str("refresh_token")).want(t, http.StatusBadRequest, "invalid_grant")
}

func TestAuthorizationsThatAreRefused(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	good := url.Values{
		"client_id": {"desk"}, "response_type": {"code"}, "redirect_uri": {"http://127.0.0.1:1/cb"}, "scope": {"openid"},
		"state": {"0123456789"}, "code_challenge": {strings.Repeat("a", 43)}, "code_challenge_method": {"S256"},
	}
	for name, c := range map[string]struct {
		change url.Values
		code   string // "" = shown, never redirected
	}{
		"unknown client":       {url.Values{"client_id": {"evil"}}, ""},
		"other address":        {url.Values{"redirect_uri": {"https://evil.example/cb"}}, ""},
		"other path":           {url.Values{"redirect_uri": {"http://127.0.0.1:1/cb/"}}, ""},
		"other query":          {url.Values{"redirect_uri": {"https://desk.example/cb?a=c"}}, ""},
		"no query":             {url.Values{"redirect_uri": {"https://desk.example/cb"}}, ""},
		"user in address":      {url.Values{"redirect_uri": {"http://127.0.0.1@evil.example/cb"}}, ""},
		"name of loopback":     {url.Values{"redirect_uri": {"http://localhost:1/cb"}}, ""},
		"no address":           {url.Values{"redirect_uri": {""}}, ""},
		"two addresses":        {url.Values{"redirect_uri": {"http://127.0.0.1:1/cb", "https://evil.example/cb"}}, ""},
		"no challenge":         {url.Values{"code_challenge": {""}, "code_challenge_method": {""}}, "invalid_request"},
		"plain challenge":      {url.Values{"code_challenge_method": {"plain"}}, "invalid_request"},
		"challenge, no method": {url.Values{"code_challenge_method": {""}}, "invalid_request"},
		"implicit":             {url.Values{"response_type": {"token"}}, "unsupported_response_type"},
		"hybrid":               {url.Values{"response_type": {"code id_token"}}, "unsupported_response_type"},
		"form post":            {url.Values{"response_mode": {"form_post"}}, "unsupported_response_mode"},
		"unknown scope":        {url.Values{"scope": {"openid root"}}, "invalid_scope"},
		"request object":       {url.Values{"request": {"eyJhbGciOiJub25lIn0.e30."}}, ""},
		"short state":          {url.Values{"state": {"a"}}, "invalid_state"},
	} {
		q := url.Values{}
		for name, values := range good {
			q[name] = values
		}
		for name, values := range c.change {
			q[name] = values
		}
		a := l.do(http.MethodGet, "/auth/authorize?"+q.Encode(), "", "", l.as("bert"))
		switch {
		case a.param("code") != "":
			t.Errorf("%s: got a code", name)
		case c.code == "" && (a.header.Get("Location") != "" && !strings.HasPrefix(a.header.Get("Location"), "http://127.0.0.1:1/cb?") || a.status < 300):
			t.Errorf("%s: sent to %q with %d", name, a.header.Get("Location"), a.status)
		case c.code != "" && a.param("error") != c.code:
			t.Errorf("%s: %d %s %s, want %s", name, a.status, a.header.Get("Location"), a.text, c.code)
		}
	}
	a := l.do(http.MethodGet, "/auth/authorize?"+good.Encode(), "", "", l.as("bert"))
	if a.param("code") == "" || a.param("iss") != l.issuer() || a.param("state") != "0123456789" {
		t.Errorf("the good one: %d %s", a.status, a.header.Get("Location"))
	}
	good.Set("response_mode", "fragment")
	if a := l.do(http.MethodGet, "/auth/authorize?"+good.Encode(), "", "", l.as("bert")); a.param("code") == "" || !strings.Contains(a.header.Get("Location"), "/cb#") {
		t.Errorf("in the fragment: %d %s", a.status, a.header.Get("Location"))
	}
}

func TestPeopleSignInOnOurPage(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	address := l.desk().AuthCodeURL("a state of the client", oauth2.S256ChallengeOption(oauth2.GenerateVerifier()))
	_, query, _ := strings.Cut(address, "?")
	a := l.do(http.MethodGet, address, "", "")
	login, next, _ := strings.Cut(a.header.Get("Location"), "?next=")
	next, err := url.QueryUnescape(next)
	must(t, err)
	if a.status != http.StatusSeeOther || login != "/nomad-oasis/gui/login" || !strings.HasPrefix(next, "/nomad-oasis/auth/authorize?") {
		t.Fatalf("without a session: %d %s", a.status, a.header.Get("Location"))
	}
	if a := l.do(http.MethodGet, address+"&prompt=none", "", ""); a.param("error") != "login_required" {
		t.Errorf("silently without a session: %s", a.header.Get("Location"))
	}
	if a := l.do(http.MethodGet, address+"&prompt=none", "", "", l.as("bert")); a.param("code") == "" {
		t.Errorf("silently with a session: %s", a.header.Get("Location"))
	}
	if a := l.do(http.MethodGet, address+"&max_age=3600", "", "", l.as("bert")); a.param("code") == "" {
		t.Errorf("with a new session: %s", a.header.Get("Location"))
	}
	if a := l.do(http.MethodGet, address+"&max_age=0", "", "", l.as("bert")); a.param("again") != "1" {
		t.Errorf("with max_age=0: %s", a.header.Get("Location"))
	}
	if a := l.do(http.MethodGet, address+"&prompt=login", "", "", l.as("bert")); a.param("code") == "" && a.param("again") != "1" {
		t.Errorf("with prompt=login: %s", a.header.Get("Location"))
	}
	if a := l.form("/auth/authorize", mustQuery(t, query)); a.status != http.StatusSeeOther || !strings.Contains(a.header.Get("Location"), "/auth/authorize?") {
		t.Errorf("as a form: %d %s", a.status, a.header.Get("Location"))
	}
}

func mustQuery(t *testing.T, q string) url.Values {
	t.Helper()
	v, err := url.ParseQuery(q)
	must(t, err)
	return v
}

func TestClientsThatAreNotOursNeedConsent(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	wiki := &oauth2.Config{ClientID: "wiki", ClientSecret: clientSecret, RedirectURL: wikiCallback, Scopes: []string{"openid", "email"}, Endpoint: l.desk().Endpoint}
	wiki.Endpoint.AuthStyle = oauth2.AuthStyleInHeader
	address := wiki.AuthCodeURL("a state of the client")
	a := l.do(http.MethodGet, address, "", "", l.as("bert"))
	request := a.param("request")
	if !strings.HasPrefix(a.header.Get("Location"), "/nomad-oasis/gui/consent?") || request == "" {
		t.Fatalf("%d %s", a.status, a.header.Get("Location"))
	}
	if a := l.do(http.MethodGet, address+"&prompt=none", "", "", l.as("bert")); a.param("error") != "consent_required" {
		t.Errorf("silently: %s", a.header.Get("Location"))
	}
	page := l.do(http.MethodGet, "/auth/consent?request="+url.QueryEscape(request), "", "", l.as("bert"))
	if page.status != http.StatusOK || !strings.Contains(page.text, `"name":"Wiki"`) || page.str("redirect_host") != "wiki.example" {
		t.Fatalf("page: %d %s", page.status, page.text)
	}
	decide := func(yes bool, change ...func(*http.Request)) answer {
		return l.json(http.MethodPost, "/auth/consent", map[string]any{"request": request, "approve": yes}, change...)
	}
	if a := decide(true); a.status != http.StatusUnauthorized {
		t.Errorf("a visitor consents: %d", a.status)
	}
	elsewhere := func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") }
	if a := decide(true, l.as("bert"), elsewhere); a.status != http.StatusForbidden {
		t.Errorf("another site consents: %d", a.status)
	}
	if a := decide(false, l.as("bert")); !strings.Contains(a.str("redirect_to"), "error=access_denied") {
		t.Errorf("no: %s", a.text)
	}
	u, err := url.Parse(decide(true, l.as("bert")).str("redirect_to"))
	must(t, err)
	tokens, err := wiki.Exchange(t.Context(), u.Query().Get("code"))
	must(t, err)
	info := l.do(http.MethodGet, "/auth/userinfo", "", "", bearer(tokens.AccessToken))
	if info.str("email") != "bert@lab.example" || info.body["name"] != nil || info.str("sub") == "" {
		t.Errorf("user info with the scopes openid and email: %s", info.text)
	}
	if a := l.do(http.MethodGet, address, "", "", l.as("bert")); a.param("code") == "" {
		t.Errorf("asked again: %s", a.header.Get("Location"))
	}
	if a := l.do(http.MethodGet, address+"&prompt=consent", "", "", l.as("bert")); a.param("request") == "" {
		t.Errorf("not asked with prompt=consent: %s", a.header.Get("Location"))
	}
	wiki.ClientSecret = "wrong"
	if _, err := wiki.Exchange(context.WithoutCancel(t.Context()), "x"); err == nil || !strings.Contains(err.Error(), "invalid_client") {
		t.Errorf("wrong secret: %v", err)
	}
}

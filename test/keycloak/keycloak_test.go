package keycloak

import (
	"context"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"oasis/test/servers"
)

func TestMain(m *testing.M) { os.Exit(servers.Main(m)) }

// Ids of the people of testdata/realm.json.
const (
	admin   = "5eed0000-0000-4000-8000-000000000000"
	sheldon = "5eed0000-0000-4000-8000-000000000001"
	leonard = "5eed0000-0000-4000-8000-000000000002"
)

// patience is how long a change at the provider may take to hold here (decisions 9).
const patience = 60 * time.Second

// The parts share one Keycloak, which takes half a minute to start; the last ones break it.
func TestWithKeycloak(t *testing.T) {
	k := servers.NewKeycloak(t, "testdata/realm.json")
	binary := servers.Binary(t)
	settings := []string{
		"NOMAD_KEYCLOAK_SERVER_URL=" + k.URL, "NOMAD_KEYCLOAK_REALM_NAME=lab", "NOMAD_KEYCLOAK_CLIENT_ID=nomad_public",
		"NOMAD_KEYCLOAK_USERNAME=admin", "NOMAD_KEYCLOAK_PASSWORD=password", "NOMAD_SERVICES_ADMIN_USER_ID=" + admin,
	}
	o := servers.NewOasis(t, binary, settings...)
	o.Start()
	// The second one looks people up as its client, has accounts of its own, and accepts another client.
	both := servers.NewOasis(t, binary, "NOMAD_KEYCLOAK_SERVER_URL="+k.URL, "NOMAD_KEYCLOAK_REALM_NAME=lab", "NOMAD_KEYCLOAK_CLIENT_ID=oasis",
		"NOMAD_KEYCLOAK_CLIENT_SECRET=oasis-secret", "NOMAD_AUTH_LOCAL_ACCOUNTS=true", `NOMAD_OIDC_ACCEPTED_CLIENTS=["nomad_public"]`)
	both.Start()
	for _, part := range []struct {
		name string
		test func(*testing.T, *world)
	}{
		{"bearer", bearer},
		{"tokens that are not for us", notForUs},
		{"accounts of both kinds", mixed},
		{"sign-in in the browser", browser},
		{"password for old clients", password},
		{"people are looked up", people},
		{"disabled there, out here", disabled},
		{"removed there, out here", removed},
		{"new signing key", rotated},
		{"Keycloak stopped", stopped},
	} {
		t.Run(part.name, func(t *testing.T) { part.test(t, &world{t: t, k: k, o: o, both: both}) })
	}
}

type world struct {
	t       *testing.T
	k       *servers.Keycloak
	o, both *servers.Oasis
}

// as gives a client of the first server with an access token of Keycloak.
func (w *world) as(name string) *servers.Client {
	w.t.Helper()
	return &servers.Client{API: w.o.URL + "/api/v1", Token: w.k.Token("nomad_public", name, "password")}
}

// status makes a request and compares its status.
func status(t *testing.T, c *servers.Client, want int, method, path, body string) servers.Answer {
	t.Helper()
	var in io.Reader
	if body != "" {
		in = strings.NewReader(body)
	}
	req, err := c.Request(t.Context(), method, path, in)
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != want {
		t.Fatalf("%s %s: status %d, want %d: %s (%v)", method, path, answer.StatusCode, want, text, err)
	}
	return servers.Answer{Status: answer.StatusCode, Body: text}
}

// within asks again and again until the status is the one wanted.
func within(t *testing.T, c *servers.Client, want int) {
	t.Helper()
	began := time.Now()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	tick := time.NewTicker(250 * time.Millisecond)
	defer tick.Stop()
	last := servers.Answer{}
	for {
		var err error
		if last, err = c.Do(ctx, http.MethodGet, "/users/me", nil); err == nil && last.Status == want {
			t.Logf("status %d after %s", want, time.Since(began).Round(100*time.Millisecond))
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("still status %d after %s: %s", last.Status, patience, last.Body)
		case <-tick.C:
		}
	}
}

type me struct {
	UserID      string `json:"user_id"`
	Username    string `json:"username"`
	Email       string `json:"email"`
	Affiliation string `json:"affiliation"`
	IsAdmin     bool   `json:"is_admin"`
}

func bearer(t *testing.T, w *world) {
	var got me
	if err := w.as("sheldon").Get(t.Context(), "/users/me", &got); err != nil {
		t.Fatal(err)
	}
	if got != (me{UserID: sheldon, Username: "sheldon", Email: "sheldon@lab.example", Affiliation: "Example Lab"}) {
		t.Errorf("%+v", got)
	}
	got = me{}
	if err := w.as("admin").Get(t.Context(), "/users/me", &got); err != nil || !got.IsAdmin || got.UserID != admin {
		t.Errorf("the administrator of the configuration: %+v, %v", got, err)
	}
	got = me{} // nobody has verified this address
	if err := w.as("zoe").Get(t.Context(), "/users/me", &got); err != nil || got.Username != "zoe" || got.Email != "" {
		t.Errorf("%+v, %v", got, err)
	}
}

func notForUs(t *testing.T, w *world) {
	token := w.k.Token("other_app", "sheldon", "password")
	status(t, &servers.Client{API: w.o.URL + "/api/v1", Token: token}, http.StatusUnauthorized, http.MethodGet, "/users/me", "")
	// ID tokens and refresh tokens are signed by the same realm.
	form := url.Values{"grant_type": {"password"}, "scope": {"openid"}, "client_id": {"nomad_public"}, "username": {"sheldon"}, "password": {"password"}}
	answer, err := http.PostForm(w.k.Issuer()+"/protocol/openid-connect/token", form)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var tokens map[string]any
	if err := json.NewDecoder(answer.Body).Decode(&tokens); err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{"id_token", "refresh_token"} {
		raw, _ := tokens[kind].(string)
		if raw == "" {
			t.Fatalf("Keycloak gave no %s", kind)
		}
		status(t, &servers.Client{API: w.o.URL + "/api/v1", Token: raw}, http.StatusUnauthorized, http.MethodGet, "/users/me", "")
	}
}

var formAction = regexp.MustCompile(`<form[^>]*id="kc-form-login"[^>]*action="([^"]+)"`)

// signIn drives Keycloak's page as a browser would and gives the browser.
func signIn(t *testing.T, o *servers.Oasis, name, returnTo string) (*http.Client, *http.Response) {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar}
	page := get(t, browser, o.URL+"/auth/external/start?return_to="+url.QueryEscape(returnTo))
	text, err := io.ReadAll(page.Body)
	if err != nil {
		t.Fatal(err)
	}
	form := formAction.FindSubmatch(text)
	if form == nil {
		t.Fatalf("%s shows no form: %s", page.Request.URL, text)
	}
	answer, err := browser.PostForm(html.UnescapeString(string(form[1])), url.Values{"username": {name}, "password": {"password"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { answer.Body.Close() })
	return browser, answer
}

func get(t *testing.T, browser *http.Client, address string) *http.Response {
	t.Helper()
	answer, err := browser.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { answer.Body.Close() })
	return answer
}

func sessionOf(t *testing.T, browser *http.Client, o *servers.Oasis) (s struct {
	User    *me `json:"user"`
	Methods struct {
		Password bool `json:"password"`
		Provider *struct {
			Name string `json:"name"`
			URL  string `json:"url"`
		} `json:"provider"`
	} `json:"methods"`
},
) {
	t.Helper()
	if err := json.NewDecoder(get(t, browser, o.URL+"/auth/session").Body).Decode(&s); err != nil {
		t.Fatal(err)
	}
	return s
}

func browser(t *testing.T, w *world) {
	nobody := sessionOf(t, http.DefaultClient, w.o)
	if p := nobody.Methods.Provider; nobody.Methods.Password || p == nil || p.URL != w.o.URL+"/auth/external/start" {
		t.Errorf("ways to sign in: %+v", nobody.Methods)
	}
	b, page := signIn(t, w.o, "leonard", "/nomad-oasis/gui/uploads")
	if page.Request.URL.String() != w.o.URL+"/gui/uploads" {
		t.Fatalf("the browser ended at %s", page.Request.URL)
	}
	s := sessionOf(t, b, w.o)
	if s.User == nil || s.User.UserID != leonard || s.User.Username != "leonard" {
		t.Fatalf("signed in as %+v", s.User)
	}
	if answer := get(t, b, w.o.URL+"/api/v1/users/me"); answer.StatusCode != http.StatusOK {
		t.Errorf("the session's API: status %d", answer.StatusCode)
	}
	// The way back works once, and only in the browser that began.
	for name, address := range map[string]string{
		"no sign-in begun": w.o.URL + "/auth/external/callback?code=x&state=y",
		"declined":         w.o.URL + "/auth/external/callback?error=access_denied&state=y",
	} {
		if answer := get(t, b, address); !strings.Contains(answer.Request.URL.String(), "/gui/sign-in?external=again") {
			t.Errorf("%s: ended at %s", name, answer.Request.URL)
		}
	}
	_, elsewhere := signIn(t, w.o, "leonard", "https://evil.example/nomad-oasis/gui/")
	if elsewhere.Request.URL.String() != w.o.URL+"/gui/" {
		t.Errorf("sent to %s", elsewhere.Request.URL)
	}

	// Signing out here says where to sign out there; doing so ends the session there.
	req, err := http.NewRequestWithContext(t.Context(), http.MethodDelete, w.o.URL+"/auth/session", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := b.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var out struct {
		ProviderURL string `json:"provider_url"`
	}
	if err := json.NewDecoder(answer.Body).Decode(&out); err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("sign out: status %d, %v", answer.StatusCode, err)
	}
	if s := sessionOf(t, b, w.o); s.User != nil {
		t.Errorf("still signed in as %+v", s.User)
	}
	if last := get(t, b, out.ProviderURL); last.Request.URL.String() != w.o.URL+"/gui/" {
		t.Errorf("signing out at Keycloak ended at %s", last.Request.URL)
	}
	again := get(t, b, w.o.URL+"/auth/external/start")
	if again.Request.URL.Host == strings.TrimPrefix(w.o.URL, "http://") {
		t.Error("Keycloak still knows the browser")
	}
}

func password(t *testing.T, w *world) {
	for password, want := range map[string]int{"password": http.StatusOK, "wrong": http.StatusUnauthorized} {
		answer, err := http.PostForm(w.o.URL+"/api/v1/auth/token", url.Values{"grant_type": {"password"}, "username": {"sheldon"}, "password": {password}})
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		var got struct {
			AccessToken  string `json:"access_token"`
			RefreshToken string `json:"refresh_token"`
			Detail       string `json:"detail"`
		}
		if err := json.NewDecoder(answer.Body).Decode(&got); err != nil || answer.StatusCode != want {
			t.Fatalf("password %q: status %d, %v", password, answer.StatusCode, err)
		}
		if want != http.StatusOK {
			if got.Detail != "Incorrect username or password" || answer.Header.Get("WWW-Authenticate") != "Basic" {
				t.Errorf("%+v, %s", got, answer.Header.Get("WWW-Authenticate"))
			}
			continue
		}
		status(t, &servers.Client{API: w.o.URL + "/api/v1", Token: got.AccessToken}, http.StatusOK, http.MethodGet, "/users/me", "")
		if got.RefreshToken == "" {
			t.Error("no refresh token")
		}
	}
}

func people(t *testing.T, w *world) {
	for _, o := range []*servers.Oasis{w.o, w.both} {
		c := &servers.Client{API: o.URL + "/api/v1", Token: w.k.Token("nomad_public", "sheldon", "password")}
		for query, want := range map[string]string{
			"prefix=pen":                "penny", // never seen here
			"prefix=" + "M%C3%BCller":   "zoe",
			"username=PENNY":            "penny",
			"email=penny%40lab.example": "penny",
			"user_id=" + admin:          "admin",
			"email=lab.example":         "", // part of an address finds nobody
			"prefix=penny%40":           "",
			"username=pen":              "",
			"user_id=nobody":            "",
		} {
			var got struct{ Data []me }
			if err := c.Get(t.Context(), "/users?"+query, &got); err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, u := range got.Data {
				names = append(names, u.Username)
			}
			if strings.Join(names, ",") != want {
				t.Errorf("%s: %v, want %s", query, names, want)
			}
		}
	}
}

func mixed(t *testing.T, w *world) {
	w.both.Run("a long enough passphrase\n", "user", "add", "leonard", "--email", "l@here.example", "--admin", "--password-stdin")
	_, page := signIn(t, w.both, "leonard", "")
	if page.Request.URL.String() != w.both.URL+"/gui/" {
		t.Fatalf("ended at %s", page.Request.URL)
	}
	c := &servers.Client{API: w.both.URL + "/api/v1", Token: w.k.Token("oasis&client_secret=oasis-secret", "leonard", "password")}
	var got me
	if err := c.Get(t.Context(), "/users/me", &got); err != nil || got.UserID != leonard || got.Username != "leonard1" || got.IsAdmin {
		t.Errorf("%+v, %v", got, err)
	}
	answer, err := http.PostForm(w.both.URL+"/api/v1/auth/token", url.Values{"grant_type": {"password"}, "username": {"leonard"}, "password": {"a long enough passphrase"}})
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var ours struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.NewDecoder(answer.Body).Decode(&ours); err != nil || ours.AccessToken == "" {
		t.Fatalf("status %d, %v", answer.StatusCode, err)
	}
	got = me{}
	c.Token = ours.AccessToken
	if err := c.Get(t.Context(), "/users/me", &got); err != nil || got.UserID == leonard || got.Username != "leonard" || !got.IsAdmin {
		t.Errorf("%+v, %v", got, err)
	}
	// A token of ours is none where accounts of ours are switched off.
	status(t, &servers.Client{API: w.o.URL + "/api/v1", Token: ours.AccessToken}, http.StatusUnauthorized, http.MethodGet, "/users/me", "")
}

// pat makes a personal access token of somebody who has signed in.
func pat(t *testing.T, c *servers.Client) *servers.Client {
	t.Helper()
	answer := status(t, c, http.StatusCreated, http.MethodPost, "/auth/pats", `{"metadata": {"name": "t", "scopes": ["users:read"]}}`)
	var made struct {
		RawToken string `json:"raw_token"`
	}
	if err := json.Unmarshal(answer.Body, &made); err != nil {
		t.Fatal(err)
	}
	return &servers.Client{API: c.API, Token: made.RawToken}
}

func disabled(t *testing.T, w *world) {
	c := w.as("leonard")
	token := pat(t, c)
	status(t, token, http.StatusOK, http.MethodGet, "/users/me", "")
	w.k.Admin(http.MethodPut, "/users/"+leonard, `{"enabled": false}`)
	within(t, token, http.StatusForbidden)
	within(t, c, http.StatusForbidden)
	answer := status(t, c, http.StatusForbidden, http.MethodGet, "/users/me", "")
	if !strings.Contains(string(answer.Body), "Your account is disabled.") {
		t.Errorf("%s", answer.Body)
	}
	w.k.Admin(http.MethodPut, "/users/"+leonard, `{"enabled": true}`)
	within(t, token, http.StatusOK)
}

func removed(t *testing.T, w *world) {
	c := w.as("penny")
	token := pat(t, c)
	status(t, token, http.StatusOK, http.MethodGet, "/users/me", "")
	w.k.Admin(http.MethodDelete, "/users/5eed0000-0000-4000-8000-000000000004", "")
	within(t, c, http.StatusForbidden)
	answer := status(t, c, http.StatusForbidden, http.MethodGet, "/users/me", "")
	if !strings.Contains(string(answer.Body), "You are logged in with an unknown user") {
		t.Errorf("%s", answer.Body)
	}
	within(t, token, http.StatusForbidden)
}

func rotated(t *testing.T, w *world) {
	old := w.as("sheldon")
	status(t, old, http.StatusOK, http.MethodGet, "/users/me", "")
	w.k.Admin(http.MethodPost, "/components", fmt.Sprintf(`{"name": "next", "providerId": "rsa-generated", "providerType": "org.keycloak.keys.KeyProvider",
		"config": {"priority": ["%d"], "enabled": ["true"], "active": ["true"], "algorithm": ["RS256"], "keySize": ["2048"]}}`, 500))
	fresh := w.as("sheldon")
	if kid(t, old.Token) == kid(t, fresh.Token) {
		t.Fatal("Keycloak still signs with the old key")
	}
	within(t, fresh, http.StatusOK) // at once, or after the pause between two fetches
	status(t, old, http.StatusOK, http.MethodGet, "/users/me", "")
}

func kid(t *testing.T, raw string) string {
	t.Helper()
	head, _, _ := strings.Cut(raw, ".")
	return head
}

func stopped(t *testing.T, w *world) {
	seen, unseen := w.as("sheldon"), w.as("zoe")
	fresh := servers.NewOasis(t, servers.Binary(t), "NOMAD_KEYCLOAK_SERVER_URL="+w.k.URL, "NOMAD_KEYCLOAK_REALM_NAME=lab",
		"NOMAD_KEYCLOAK_USERNAME=admin", "NOMAD_KEYCLOAK_PASSWORD=password")
	fresh.Start()
	known := &servers.Client{API: fresh.URL + "/api/v1", Token: seen.Token}
	status(t, known, http.StatusOK, http.MethodGet, "/users/me", "")
	token := pat(t, known)
	w.k.Stop()
	status(t, known, http.StatusOK, http.MethodGet, "/users/me", "")
	status(t, token, http.StatusOK, http.MethodGet, "/users/me", "")
	status(t, &servers.Client{API: fresh.URL + "/api/v1", Token: unseen.Token}, http.StatusServiceUnavailable, http.MethodGet, "/users/me", "")
	status(t, &servers.Client{API: fresh.URL + "/api/v1", Token: "garbage"}, http.StatusUnauthorized, http.MethodGet, "/users/me", "")
	answer, err := http.PostForm(fresh.URL+"/api/v1/auth/token", url.Values{"grant_type": {"password"}, "username": {"sheldon"}, "password": {"password"}})
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("password: status %d", answer.StatusCode)
	}

	// A server that starts while Keycloak is down serves personal tokens of known people.
	fresh.Stop()
	fresh.Start()
	status(t, token, http.StatusOK, http.MethodGet, "/users/me", "")
	status(t, known, http.StatusServiceUnavailable, http.MethodGet, "/users/me", "") // its keys are not known yet
	if page := get(t, http.DefaultClient, fresh.URL+"/auth/external/start"); page.Request.URL.RequestURI() != "/nomad-oasis/gui/sign-in?external=unavailable" {
		t.Errorf("sign-in ended at %s", page.Request.URL)
	}
}

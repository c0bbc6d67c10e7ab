package oidc_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"oasis/internal/access/identity/oidc"
	"oasis/internal/problem"
)

const callback = "https://oasis.example/auth/external/callback"

// begin starts a sign-in and gives the query with which the provider sends the browser back.
func (w *world) begin(t *testing.T) (query url.Values, cookie string) {
	t.Helper()
	address, cookie, err := w.flow.Start(t.Context(), callback, "/gui/uploads")
	must(t, err)
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Get(address)
	must(t, err)
	answer.Body.Close()
	back, err := url.Parse(answer.Header.Get("Location"))
	must(t, err)
	return back.Query(), cookie
}

func TestSignInGivesTheAccount(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil, nil)
	query, cookie := w.begin(t)
	done, err := w.flow.Finish(t.Context(), callback, cookie, query)
	must(t, err)
	if done.User.ID != sheldon || done.User.Username != "sheldon" || done.Return != "/gui/uploads" || done.IDToken == "" {
		t.Errorf("%+v", done)
	}
	out := w.flow.SignOut(t.Context(), done.IDToken, "https://oasis.example/gui/")
	if !strings.HasPrefix(out, w.URL+"/logout?") || !strings.Contains(out, "from=oasis") || !strings.Contains(out, "id_token_hint="+done.IDToken) {
		t.Errorf("sign out at %s", out)
	}
}

func TestSignInAsksForWhatItMust(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil, nil)
	address, cookie, err := w.flow.Start(t.Context(), callback, "/gui/")
	must(t, err)
	u, err := url.Parse(address)
	must(t, err)
	q := u.Query()
	if q.Get("response_type") != "code" || q.Get("code_challenge_method") != "S256" || len(q.Get("code_challenge")) != 43 ||
		len(q.Get("state")) < 20 || len(q.Get("nonce")) < 20 || q.Get("scope") != "openid profile email" || q.Get("client_id") != "oasis" {
		t.Errorf("%s", address)
	}
	if strings.Contains(cookie, q.Get("state")) {
		t.Error("the cookie can be read")
	}
}

func TestSignInOfAnotherBrowserIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil, nil)
	for name, change := range map[string]func(url.Values, string) (url.Values, string){
		"no cookie":        func(q url.Values, _ string) (url.Values, string) { return q, "" },
		"garbled cookie":   func(q url.Values, c string) (url.Values, string) { return q, "A" + c[1:] + "A" },
		"another's cookie": func(q url.Values, _ string) (url.Values, string) { _, c := w.begin(t); return q, c },
		"no state":         func(q url.Values, c string) (url.Values, string) { q.Del("state"); return q, c },
	} {
		query, cookie := change(w.begin(t))
		if done, err := w.flow.Finish(t.Context(), callback, cookie, query); !problem.Is(err, problem.BadRequest) || done.User.ID != "" {
			t.Errorf("%s: %+v, %v", name, done, err)
		}
	}
}

func TestSignInThatWentWrongIsRefused(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		change func(*world, url.Values)
		kind   problem.Kind
	}{
		"too late":            {func(w *world, _ url.Values) { w.pass(11 * time.Minute) }, problem.BadRequest},
		"declined":            {func(_ *world, q url.Values) { q.Set("error", "access_denied") }, problem.Forbidden},
		"provider overloaded": {func(_ *world, q url.Values) { q.Set("error", "temporarily_unavailable") }, problem.Unavailable},
		"wrong code":          {func(_ *world, q url.Values) { q.Set("code", "x") }, problem.BadRequest},
		"another provider":    {func(_ *world, q url.Values) { q.Set("iss", "https://evil.example") }, problem.BadRequest},
		"provider down":       {func(w *world, _ url.Values) { w.down.Store(true) }, problem.Unavailable},
		"another nonce":       {func(w *world, _ url.Values) { w.idToken = func(c map[string]any) { c["nonce"] = "x" } }, problem.Unauthenticated},
		"for another client":  {func(w *world, _ url.Values) { w.idToken = func(c map[string]any) { c["aud"] = "other" } }, problem.Unauthenticated},
		"made for another":    {func(w *world, _ url.Values) { w.idToken = func(c map[string]any) { c["azp"] = "other" } }, problem.Unauthenticated},
		"of another issuer":   {func(w *world, _ url.Values) { w.idToken = func(c map[string]any) { c["iss"] = "https://x.example" } }, problem.Unauthenticated},
		"expired":             {func(w *world, _ url.Values) { w.idToken = func(c map[string]any) { c["exp"] = 1000 } }, problem.Unauthenticated},
		"of another access":   {func(w *world, _ url.Values) { w.idToken = func(c map[string]any) { c["at_hash"] = "AAAA" } }, problem.Unauthenticated},
		"nobody's":            {func(w *world, _ url.Values) { w.idToken = func(c map[string]any) { delete(c, "sub") } }, problem.Unauthenticated},
	} {
		w := newWorld(t, nil, nil)
		query, cookie := w.begin(t)
		tc.change(w, query)
		done, err := w.flow.Finish(t.Context(), callback, cookie, query)
		if !problem.Is(err, tc.kind) || done.User.ID != "" {
			t.Errorf("%s: %+v, %v", name, done, err)
		}
	}
}

func TestCodeCountsOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil, nil)
	query, cookie := w.begin(t)
	_, err := w.flow.Finish(t.Context(), callback, cookie, query)
	must(t, err)
	if _, err := w.flow.Finish(t.Context(), callback, cookie, query); !problem.Is(err, problem.BadRequest) {
		t.Errorf("%v", err)
	}
}

// Some providers say in the ID token only who it is, and the rest at the userinfo endpoint.
func TestUserInfoFillsWhatTheIDTokenLeavesOut(t *testing.T) {
	t.Parallel()
	for subject, want := range map[string]string{sheldon: "cooper", "somebody-else": "user"} {
		w := newWorld(t, nil, nil)
		w.idToken = func(c map[string]any) { delete(c, "preferred_username"); delete(c, "email") }
		w.userInfo = map[string]any{"sub": subject, "preferred_username": "cooper"}
		query, cookie := w.begin(t)
		done, err := w.flow.Finish(t.Context(), callback, cookie, query)
		if err != nil || done.User.ID != sheldon || done.User.Username != want {
			t.Errorf("userinfo of %s: %+v, %v", subject, done.User, err)
		}
	}
}

func TestSignInOfSomebodyTheDirectoryDoesNotHaveIsRefused(t *testing.T) {
	t.Parallel()
	d := newTown()
	w := newWorld(t, d, nil)
	query, cookie := w.begin(t)
	if _, err := w.flow.Finish(t.Context(), callback, cookie, query); !problem.Is(err, problem.Forbidden) {
		t.Errorf("%v", err)
	}
	d.change(sheldon, func(p *oidc.Person) { *p = cooper(); p.Disabled = true })
	w.pass(time.Minute)
	query, cookie = w.begin(t)
	if done, err := w.flow.Finish(t.Context(), callback, cookie, query); err != nil || !done.User.Disabled {
		t.Errorf("disabled there: %+v, %v", done.User, err)
	}
}

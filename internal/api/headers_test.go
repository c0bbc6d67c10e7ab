package api_test

import (
	"net/http"
	"strings"
	"testing"

	"oasis/internal/api"
)

// preflight is what a browser asks before a page of the origin may make a change.
func preflight(origin string) map[string]string {
	return map[string]string{"Origin": origin, "Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "authorization"}
}

func TestPagesOfOtherSitesReadNothingByDefault(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	const other = "https://other.example"
	for _, got := range []answer{
		l.do(request{path: "/api/v1/info", header: map[string]string{"Origin": other}}).want(200),
		l.do(request{path: "/auth/session", header: map[string]string{"Origin": other}}).want(200),
		l.do(request{method: "OPTIONS", path: "/api/v1/uploads", header: preflight(other)}).want(405),
	} {
		if allowed := got.header.Get("Access-Control-Allow-Origin"); allowed != "" {
			t.Errorf("pages of %q may read the answer", allowed)
		}
	}
}

func TestPagesOfListedSitesUseTheAPIWithoutCredentials(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		origins []string
		origin  string
		allowed string
		varies  bool
	}{
		{"any site", []string{"*"}, "https://other.example", "*", false},
		{"a listed site", []string{"https://portal.example", "https://other.example"}, "https://other.example", "https://other.example", true},
		{"an unlisted site", []string{"https://portal.example"}, "https://other.example", "", true},
		{"another port", []string{"https://portal.example"}, "https://portal.example:8443", "", true},
		{"another scheme", []string{"https://portal.example"}, "http://portal.example", "", true},
		{"a sandboxed page", []string{"https://portal.example"}, "null", "", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t, func(o *api.Options) { o.CORSOrigins = func() []string { return tt.origins } })
			got := l.do(request{path: "/api/v1/info", header: map[string]string{"Origin": tt.origin}}).want(200)
			if allowed := got.header.Get("Access-Control-Allow-Origin"); allowed != tt.allowed {
				t.Errorf("pages of %q may read the answer, want %q", allowed, tt.allowed)
			}
			for _, origin := range []string{tt.origin, ""} { // what a cache keeps must not depend on who asked first
				varies := l.do(request{path: "/api/v1/info", header: map[string]string{"Origin": origin}}).want(200).header.Get("Vary")
				if strings.Contains(varies, "Origin") != tt.varies || !strings.Contains(varies, "Authorization") {
					t.Errorf("Vary: %s", varies)
				}
			}
			status := 405
			if tt.allowed != "" {
				status = 204
			}
			asked := l.do(request{method: "OPTIONS", path: "/api/v1/uploads", header: preflight(tt.origin)}).want(status)
			if status == 204 && (!strings.Contains(asked.header.Get("Access-Control-Allow-Headers"), "Authorization") ||
				!strings.Contains(asked.header.Get("Access-Control-Allow-Methods"), "PUT")) {
				t.Errorf("preflight: %v", asked.header)
			}
			for _, a := range []answer{got, asked} {
				if a.header.Get("Access-Control-Allow-Credentials") != "" {
					t.Error("the visitor's session is open to another site")
				}
			}
			session := l.do(request{path: "/auth/session", header: map[string]string{"Origin": tt.origin}}).want(200)
			if session.header.Get("Access-Control-Allow-Origin") != "" {
				t.Error("other sites may read who is signed in")
			}
		})
	}
}

func TestEveryAnswerMakesBrowsersCareful(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	pages := map[string]string{"Accept": "text/html"}
	for _, tt := range []struct {
		name string
		r    request
		want int
	}{
		{"the page", request{path: "/gui/"}, 200},
		{"an address of the page", request{path: "/gui/uploads"}, 200},
		{"a file of the page", request{path: "/gui/icon.svg"}, 200},
		{"the page of the API", request{path: "/api/v1/extensions/docs"}, 200},
		{"a refused sign-in for an application", request{path: "/auth/authorize?client_id=unknown", header: pages}, 400},
		{"an answer", request{path: "/api/v1/info"}, 200},
		{"a refusal", request{path: "/api/v1/users/me"}, 401},
		{"no such address", request{path: "/nothing"}, 404},
		{"health", request{path: "/alive"}, 200},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := l.in(t).do(tt.r).want(tt.want)
			policy := got.header.Get("Content-Security-Policy")
			for _, part := range []string{"default-src 'none'", "frame-ancestors 'none'"} {
				if !strings.Contains(policy, part) {
					t.Errorf("policy %q lacks %s", policy, part)
				}
			}
			if strings.Contains(policy, "unsafe") || strings.Contains(policy, "http") || strings.Contains(policy, "*") {
				t.Errorf("policy %q is lax", policy)
			}
			for name, want := range map[string]string{
				"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin",
				"Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
				// Over plain HTTP browsers must not be told to keep to HTTPS (RFC 6797 §7.2).
				"Strict-Transport-Security": "",
			} {
				if got.header.Get(name) != want {
					t.Errorf("%s: %q, want %q", name, got.header.Get(name), want)
				}
			}
			if strings.Contains(got.body, "<script>") || strings.Contains(got.body, " style=") || strings.Contains(got.body, " onclick=") {
				t.Errorf("something inline that the policy refuses:\n%s", got.body)
			}
		})
	}
}

func TestHTTPSIsKeptToWhereItIsTheWayIn(t *testing.T) {
	t.Parallel()
	public := func(scheme string) func(*api.Options) {
		return func(o *api.Options) {
			_, rest, _ := strings.Cut(o.PublicURL(), "://")
			o.PublicURL = func() string { return scheme + "://" + rest }
		}
	}
	for _, path := range []string{"/gui/", "/api/v1/info", "/nothing"} {
		if got := newLab(t, public("https")).get("", path).header.Get("Strict-Transport-Security"); got != "max-age=31536000" {
			t.Errorf("%s over HTTPS: %q", path, got)
		}
		if got := newLab(t, public("http")).get("", path).header.Get("Strict-Transport-Security"); got != "" {
			t.Errorf("%s over HTTP: %q", path, got)
		}
	}
	// Somebody who comes to another name than the public one has not come through the proxy.
	elsewhere := newLab(t, func(o *api.Options) { o.PublicURL = func() string { return "https://data.example.org" + base } })
	if got := elsewhere.do(request{method: http.MethodHead, path: "/gui/"}).header.Get("Strict-Transport-Security"); got != "" {
		t.Errorf("at another name: %q", got)
	}
}

func TestPlainPageOfOurHostIsAnotherSiteWhereHTTPSIsTheWayIn(t *testing.T) {
	t.Parallel()
	l := newLab(t, func(o *api.Options) {
		_, rest, _ := strings.Cut(o.PublicURL(), "://")
		o.PublicURL = func() string { return "https://" + rest }
	})
	in := parseCookie(t, l.do(request{method: "POST", path: "/auth/session", body: map[string]string{"username": "jane", "password": password}}).want(200))
	_, host, _ := strings.Cut(strings.TrimSuffix(l.url, base), "://")
	for origin, status := range map[string]int{"https://" + host: 200, "http://" + host: 401} {
		header := map[string]string{"Cookie": in.Name + "=" + in.Value, "Origin": origin}
		l.do(request{method: "POST", path: "/api/v1/uploads", header: header}).want(status)
	}
}

package api_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"oasis/internal/api/gui"
)

func TestWebApp(t *testing.T) {
	t.Parallel()
	l := emptyLab(t)
	tests := []struct {
		name, path, accept string
		status             int
		body               string
		header, value      string
	}{
		{"the page", "/gui/", "", 200, `<base href="/nomad-oasis/gui/">`, "Cache-Control", "no-store"},
		{"the page without slash", "/gui", "", 200, `<base href="/nomad-oasis/gui/">`, "Content-Type", "text/html; charset=utf-8"},
		{"an address of the app", "/gui/uploads/abc", "", 200, `<base href="/nomad-oasis/gui/">`, "", ""},
		{"another address of the app", "/gui/sign-in/", "", 200, `<base href="/nomad-oasis/gui/">`, "", ""},
		{"an asset", "/gui/assets/main-abc.js", "identity", 200, "console.log(1)", "Cache-Control", "public, max-age=31536000, immutable"},
		{"an asset by brotli", "/gui/assets/main-abc.js", "gzip, br", 200, "packed by brotli", "Content-Encoding", "br"},
		{"an asset by gzip", "/gui/assets/main-abc.js", "gzip;q=0.5, br;q=0", 200, "packed by gzip", "Content-Encoding", "gzip"},
		{"the type of an asset", "/gui/assets/main-abc.js", "br", 200, "", "Content-Type", "text/javascript; charset=utf-8"},
		{"a packed twin", "/gui/assets/main-abc.js.br", "", 404, "no such file", "", ""},
		{"an asset of an older version", "/gui/assets/main-old.js", "", 404, "older version", "", ""},
		{"a folder of assets", "/gui/assets", "", 200, "base href", "", ""},
		{"an icon", "/gui/icon.svg", "identity", 200, "<svg/>", "Content-Type", "image/svg+xml"},
		{"above the app", "/gui/../../secret", "", 200, "base href", "", ""},
		{"above the app, encoded", "/gui/%2e%2e%2findex.html", "", 200, "base href", "", ""},
		{"doubled slash", "/gui//assets/main-abc.js", "", 200, "base href", "", ""},
		{"an upload of NOMAD", "/gui/user/uploads/upload/id/abc_1-2", "", 302, "", "Location", "/nomad-oasis/gui/uploads/abc_1-2"},
		{"a tab of an upload of NOMAD", "/gui/user/uploads/upload/id/abc/files/x", "", 302, "", "Location", "/nomad-oasis/gui/uploads/abc"},
		{"an odd id", "/gui/user/uploads/upload/id/%2F%2Fevil.example", "", 200, "", "", ""},
		{"another odd id", "/gui/user/uploads/upload/id/a%22b", "", 302, "", "Location", "/nomad-oasis/gui/uploads/a%22b"},
		{"the uploads of NOMAD", "/gui/user/uploads", "", 302, "", "Location", "/nomad-oasis/gui/uploads"},
		{"an entry of NOMAD", "/gui/entry/id/xyz/data", "", 302, "", "Location", "/nomad-oasis/gui/entries/xyz"},
		{"an entry of NOMAD in its upload", "/gui/entry/id/upl/xyz", "", 302, "", "Location", "/nomad-oasis/gui/entries/xyz"},
		{"a tab of it", "/gui/entry/id/upl/xyz/data/a/b", "", 302, "", "Location", "/nomad-oasis/gui/entries/xyz"},
		{"an entry from NOMAD's uploads", "/gui/user/uploads/upload/id/upl/entry/id/xyz", "", 302, "", "Location", "/nomad-oasis/gui/entries/xyz"},
		{"an entry from NOMAD's search", "/gui/search/entries/entry/id/xyz/overview", "", 302, "", "Location", "/nomad-oasis/gui/entries/xyz"},
		{"an entry without id", "/gui/entry/id/", "", 200, "base href", "", ""},
		{"an app of NOMAD's search", "/gui/search/eln", "", 302, "", "Location", "/nomad-oasis/gui/search"},
		{"a data set of NOMAD", "/gui/dataset/id/x", "", 302, "", "Location", "/nomad-oasis/gui/search"},
		{"the search of NOMAD", "/gui/search/entries/", "", 302, "", "Location", "/nomad-oasis/gui/search"},
		{"our search", "/gui/search", "", 200, "base href", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := l.in(t).do(request{path: tt.path, header: map[string]string{"Accept-Encoding": tt.accept}}).want(tt.status)
			if !strings.Contains(got.body, tt.body) {
				t.Errorf("body %q lacks %q", got.body, tt.body)
			}
			if tt.header != "" && got.header.Get(tt.header) != tt.value {
				t.Errorf("%s: %q, want %q", tt.header, got.header.Get(tt.header), tt.value)
			}
			if got.header.Get("X-Content-Type-Options") != "nosniff" {
				t.Error("nosniff is missing")
			}
		})
	}
}

func TestPageCarriesAFreshNonce(t *testing.T) {
	t.Parallel()
	l := emptyLab(t)
	seen := map[string]bool{}
	for range 3 {
		got := l.get("", "/gui/").want(200)
		_, rest, _ := strings.Cut(got.body, `content="`)
		nonce, _, _ := strings.Cut(rest, `"`)
		policy := got.header.Get("Content-Security-Policy")
		if len(nonce) < 16 || seen[nonce] || !strings.Contains(policy, "'nonce-"+nonce+"'") {
			t.Errorf("nonce %q, policy %s", nonce, policy)
		}
		seen[nonce] = true
		for _, part := range []string{"default-src 'none'", "script-src 'self';", "frame-ancestors 'none'"} {
			if !strings.Contains(policy, part) {
				t.Errorf("policy %s lacks %s", policy, part)
			}
		}
	}
}

func TestWithoutBuiltAppThePlaceholderIsServed(t *testing.T) {
	t.Parallel()
	if _, err := gui.Routes(gui.Options{BasePath: base, Files: fstest.MapFS{}}); err == nil {
		t.Error("no page at all is no error")
	}
	routes, err := gui.Routes(gui.Options{Files: fstest.MapFS{"index.html": {Data: []byte("not built")}}})
	must(t, err)
	if len(routes) != 3 {
		t.Errorf("%d routes at the root", len(routes))
	}
}

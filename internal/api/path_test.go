package api

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"oasis/internal/access"
	"oasis/internal/access/scope"
)

// echoServer answers with the tail it was asked for.
func echoServer(t testing.TB, base string) *Server {
	t.Helper()
	open := access.Operation{ID: "raw", Open: true, BeforeSetUp: true}
	s, err := New(Options{
		BasePath: base, PublicURL: func() string { return "http://localhost:8000" + base }, SetUp: func() bool { return true },
		Policy: func() *access.Policy { return &access.Policy{} }, Log: slog.New(slog.DiscardHandler),
		Routes: []Route{Serve(Row{Operation: open, Method: "GET", Path: "/api/v1/uploads/{upload_id}/raw/{path...}"},
			http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				var p FilePath
				_ = p.UnmarshalText([]byte(r.PathValue("path")))
				_, _ = w.Write([]byte(r.PathValue("upload_id") + "\x00" + p.String()))
			}))},
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Whatever follows /raw/ reaches the handler decoded once and otherwise untouched.
func FuzzTail(f *testing.F) {
	for _, seed := range []string{"", "a", "a/b", "a/", "/", "//", "..", "../..", "a/../b", ".", "%2e%2e", "%2F", "a%2Fb", "%00", "%", "%zz", "a?b", "a#b", "=", "=a", "ä", "a b", "a+b", "%25", "\\", ";"} {
		f.Add(seed)
	}
	s := echoServer(f, "/nomad-oasis")
	f.Fuzz(func(t *testing.T, rest string) {
		target, err := url.ParseRequestURI("/nomad-oasis/api/v1/uploads/abc/raw/" + rest)
		if err != nil {
			return // net/http refuses such a request line itself
		}
		want, err := url.PathUnescape(strings.TrimPrefix(target.EscapedPath(), "/nomad-oasis/api/v1/uploads/abc/raw/"))
		if err != nil {
			return
		}
		r := httptest.NewRequestWithContext(context.Background(), "GET", "/", nil)
		r.URL = target
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code != 200 || w.Body.String() != "abc\x00"+want {
			t.Errorf("%q: status %d, got %q, want %q", rest, w.Code, w.Body, want)
		}
	})
}

func TestOnlyTheTailMayHoldDots(t *testing.T) {
	t.Parallel()
	for _, base := range []string{"/nomad-oasis", ""} {
		s := echoServer(t, base)
		tests := []struct {
			path   string
			status int
		}{
			{"/api/v1/uploads/abc/raw/..", 200},
			{"/api/v1/uploads/abc/raw/a//b", 200},
			{"/api/v1/uploads/abc/raw", 404},
			{"/api/v1/uploads/../raw/a", 404},
			{"/api/v1/uploads/./raw/a", 404},
			{"/api/v1/uploads//raw/a", 404},
			{"/api/v1//uploads/abc/raw/a", 404},
			{"/x/../api/v1/uploads/abc/raw/a", 404},
			{"/api/v1/uploads/a%2Fb/raw/c", 200},
			{"/api/v1/uploads/%2e%2e/raw/c", 200}, // an id nobody has
		}
		for _, tt := range tests {
			r := httptest.NewRequestWithContext(t.Context(), "GET", base+tt.path, nil)
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r)
			if w.Code != tt.status {
				t.Errorf("%s%s: status %d, want %d", base, tt.path, w.Code, tt.status)
			}
		}
	}
}

func TestRowsThatMustNotBeServed(t *testing.T) {
	t.Parallel()
	fine := Row{Operation: access.Operation{ID: "x", Scopes: scope.Of(scope.InfoRead)}, Method: "GET", Path: "/x"}
	handler := http.NotFoundHandler()
	tests := []struct {
		name   string
		change func(*Route)
		says   string
	}{
		{"a good one", func(*Route) {}, ""},
		{"no scope", func(r *Route) { r.Scopes = 0 }, "declares no scope"},
		{"no id", func(r *Route) { r.ID = "" }, "has no id"},
		{"open with a scope", func(r *Route) { r.Open = true }, "is Open"},
		{"open for administrators", func(r *Route) { r.Open, r.Scopes, r.AdminOnly = true, 0, true }, "is Open"},
		{"anonymous administrators", func(r *Route) { r.Anonymous, r.AdminOnly = true, true }, "cannot be anonymous"},
		{"no handler", func(r *Route) { r.plain = nil }, "no handler"},
		{"odd method", func(r *Route) { r.Method = "STEAL" }, "unknown method"},
		{"taken address", func(r *Route) { r.Path = "/alive" }, "mount route"},
		{"taken id", func(r *Route) { r.ID = "alive" }, "its id is taken"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := Serve(fine, handler)
			tt.change(&r)
			_, err := New(Options{PublicURL: func() string { return "http://localhost" }, Routes: []Route{r}})
			switch {
			case tt.says == "" && err != nil:
				t.Errorf("refused: %v", err)
			case tt.says != "" && (err == nil || !strings.Contains(err.Error(), tt.says)):
				t.Errorf("error %v does not say %q", err, tt.says)
			}
		})
	}
}

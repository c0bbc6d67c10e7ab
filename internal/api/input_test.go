package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"oasis/internal/access"
	"oasis/internal/api"
)

func TestForwardedAddressesCountFromTrustedProxiesOnly(t *testing.T) {
	t.Parallel()
	l := emptyLab(t, func(o *api.Options) {
		o.Routes = append(o.Routes, api.Serve(api.Row{
			Operation: access.Operation{ID: "where", Open: true, BeforeSetUp: true}, Method: "GET", Path: "/test/where",
		}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write([]byte(api.Address(r.Context()))) })))
	})
	tests := []struct{ name, peer, forwarded, want string }{
		{"no proxy", "192.0.2.1:1", "", "192.0.2.1"},
		{"a client that claims an address", "192.0.2.1:1", "203.0.113.9", "192.0.2.1"},
		{"a trusted proxy", "10.0.0.1:1", "203.0.113.9", "203.0.113.9"},
		{"a chain", "10.0.0.1:1", "1.1.1.1, 203.0.113.9, 10.0.0.2", "203.0.113.9"},
		{"a trusted proxy that says nothing", "10.0.0.1:1", "", "10.0.0.1"},
		{"nonsense", "10.0.0.1:1", "who knows", "10.0.0.1"},
		{"nonsense further out", "10.0.0.1:1", "who, 203.0.113.9", "203.0.113.9"},
		{"only proxies", "10.0.0.1:1", "10.0.0.3, 10.0.0.2", "10.0.0.3"},
		{"IPv4 in IPv6", "[::ffff:10.0.0.1]:1", "203.0.113.9", "203.0.113.9"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r, err := http.NewRequestWithContext(t.Context(), "GET", base+"/test/where", nil)
			must(t, err)
			r.RemoteAddr = tt.peer
			if tt.forwarded != "" {
				r.Header.Set("X-Forwarded-For", tt.forwarded)
			}
			w := &memory{header: http.Header{}}
			l.api.ServeHTTP(w, r)
			if w.text != tt.want {
				t.Errorf("address %q, want %q", w.text, tt.want)
			}
		})
	}
}

// memory keeps an answer.
type memory struct {
	header http.Header
	text   string
}

func (m *memory) Header() http.Header { return m.header }
func (m *memory) WriteHeader(int)     {}
func (m *memory) Write(b []byte) (int, error) {
	m.text += string(b)
	return len(b), nil
}

func TestWrongValuesAreNamed(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	tests := []struct {
		name    string
		request request
		loc     string
		kind    string
		msg     string
	}{
		{"no integer", request{path: "/api/v1/uploads?page_size=x"}, `["query","page_size"]`, "int_parsing", "valid integer"},
		{"too small", request{path: "/api/v1/uploads?page_size=-1"}, `["query","page_size"]`, "greater_than_equal", ">= 0"},
		{"no boolean", request{path: "/api/v1/uploads?is_published=maybe"}, `["query","is_published"]`, "bool_parsing", "true or false"},
		{"no member of the enum", request{path: "/api/v1/uploads?order=up"}, `["query","order"]`, "enum", "asc"},
		{"no member of the enum in a list", request{path: "/api/v1/uploads?roles=king"}, `["query","roles",0]`, "enum", "coauthor"},
		{"two values for one", request{path: "/api/v1/uploads?page_size=1&page_size=2"}, `["query","page_size"]`, "multiple_values", "once"},
		{"not supported yet", request{path: "/api/v1/uploads?doi=10.1"}, `["query","doi"]`, "extra_forbidden", "doi"},
		{"no time", request{path: "/api/v1/auth/pats?created_after=soon"}, `["query","created_after"]`, "value_error", "2026-01-31"},
		{"no body", request{method: "POST", path: "/api/v1/auth/pats"}, `["body"]`, "missing", "required"},
		{"no JSON", request{method: "POST", path: "/api/v1/auth/pats", body: "{"}, `["body"]`, "json_invalid", "JSON decode error"},
		{"another type", request{method: "POST", path: "/api/v1/auth/pats", body: "[]"}, `["body"]`, "dict_type", "object"},
		{"missing member", request{method: "POST", path: "/api/v1/auth/pats", body: "{}"}, `["body","metadata"]`, "missing", "required"},
		{"missing inner member", request{method: "POST", path: "/api/v1/auth/pats", body: `{"metadata":{"name":"x"}}`}, `["body","metadata","scopes"]`, "missing", "required"},
		{"wrong inner type", request{method: "POST", path: "/api/v1/auth/pats", body: `{"metadata":{"name":"x","scopes":["a",1]}}`}, `["body","metadata","scopes",1]`, "string_type", "string"},
		{"null list", request{method: "POST", path: "/api/v1/auth/pats", body: `{"metadata":{"name":"x","scopes":null}}`}, `["body","metadata","scopes"]`, "list_type", "list"},
		{"form as JSON", request{method: "POST", path: "/api/v1/auth/pats", body: "a=b", header: map[string]string{"Content-Type": "application/x-www-form-urlencoded"}}, `["body"]`, "content_type", "application/json"},
		{"restrictions", request{method: "POST", path: "/api/v1/auth/pats", body: `{"metadata":{"name":"x","scopes":["info:read"],"restrictions":{"append":true}}}`}, `["body","metadata","restrictions","append"]`, "extra_forbidden", "restrictions"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			l := l.in(t)
			tt.request.as = "jane"
			if tt.request.header == nil {
				tt.request.header = map[string]string{"Content-Type": "application/json"}
			}
			got := l.do(tt.request).detail(422, tt.msg)
			if loc := fmt.Sprint(got.value("detail.0.loc")); loc != fmt.Sprint(parse(t, tt.loc)) {
				t.Errorf("loc %s, want %s", loc, tt.loc)
			}
			if kind := got.text("detail.0.type"); kind != tt.kind {
				t.Errorf("type %q, want %q (%s)", kind, tt.kind, got.body)
			}
		})
	}
}

func TestLargeJSONIsRefused(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	body := `{"metadata":{"name":"` + strings.Repeat("x", 11<<20) + `"}}`
	l.do(request{as: "jane", method: "POST", path: "/api/v1/auth/pats", body: body, header: map[string]string{"Content-Type": "application/json"}}).
		detail(413, "10 MiB")
}

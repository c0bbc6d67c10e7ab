package app_test

import (
	"net/http"
	"strings"
	"testing"
)

func TestRequestHeadersAreBounded(t *testing.T) {
	t.Parallel()
	server, _ := serve(t, options(t, t.TempDir()))
	for _, tt := range []struct {
		name   string
		size   int
		status int
	}{
		{"what proxies and browsers send", 32 << 10, http.StatusOK},
		{"too much", 80 << 10, http.StatusRequestHeaderFieldsTooLarge},
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+server.Addr()+"/nomad-oasis/alive", http.NoBody)
		must(t, err)
		req.Header.Set("Cookie", "other="+strings.Repeat("x", tt.size))
		got, err := http.DefaultClient.Do(req)
		must(t, err)
		must(t, got.Body.Close())
		if got.StatusCode != tt.status {
			t.Errorf("%s: status %d, want %d", tt.name, got.StatusCode, tt.status)
		}
	}
}

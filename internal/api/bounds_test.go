package api_test

import (
	"net/http"
	"strings"
	"testing"
)

// Anybody could send {"or":[{},{}…]}: the server kept each of the millions of
// empty objects, and sent them all back.
func TestSearchOfMillionsOfPartsIsRefused(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	attack := func(n int) string {
		return `{"query":{"or":[` + strings.Repeat(`{},`, n) + `{}]}}`
	}
	for range 20 { // more than may run at once: each one gives its turn back
		a := l.do(request{method: http.MethodPost, path: "/api/v1/entries/query", body: attack(400_000), header: map[string]string{"Content-Type": "application/json"}})
		a.want(http.StatusUnprocessableEntity)
		if !strings.Contains(a.body, `"loc":["body","query","or",`) || len(a.body) > 2000 {
			t.Fatalf("%.2000s", a.body)
		}
	}
	l.do(request{method: http.MethodPost, path: "/api/v1/entries/query", body: attack(1_000_000), header: map[string]string{"Content-Type": "application/json"}}).want(http.StatusRequestEntityTooLarge)
	l.do(request{method: http.MethodPost, path: "/api/v1/entries/query", body: `{"query":{}}`, header: map[string]string{"Content-Type": "application/json"}}).want(http.StatusOK)
}

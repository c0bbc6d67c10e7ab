package matrix

import (
	"net/http"
	"testing"
)

// TestEveryOperationOfAnAdministrator lets administrators through everywhere, but
// none of their tokens where a person is asked for.
func TestEveryOperationOfAnAdministrator(t *testing.T) {
	t.Parallel()
	var root credentials
	w := start(t, policy{seed: func(s *seeder) {
		s.user("root", password)
		root.pat = s.token("root", everyScope(), nil)
		root.sessions = map[string]string{}
		for id := range operations() {
			root.sessions[id] = s.session("root")
		}
	}})
	root.provider = w.accessToken(t, "root")
	everywhere := func(row *operation, _ string) want { return want{status: row.status} }
	walk(t, w, []way{
		{"session", w.cookie(&root), everywhere},
		{"access token", func(r *http.Request, _ string) { bearer(root.provider)(r) }, everywhere},
		{"personal access token", func(r *http.Request, _ string) { bearer(root.pat)(r) }, asMachine},
	})
}

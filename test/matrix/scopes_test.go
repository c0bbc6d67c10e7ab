package matrix

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"oasis/internal/access/scope"
)

// TestEveryOperationWithEveryScope tries each operation with tokens that hold one
// scope, and with tokens that hold all but one.
func TestEveryOperationWithEveryScope(t *testing.T) {
	t.Parallel()
	only, allBut := map[string]string{}, map[string]string{}
	w := start(t, policy{seed: func(s *seeder) {
		s.user("root", "")
		for _, info := range scope.All() {
			one := scope.Of(info.Scope)
			only[info.Name] = s.token("root", one, nil)
			allBut[info.Name] = s.token("root", everyScope().Without(one), nil)
		}
	}})
	if len(only) != 37 {
		t.Fatalf("there are %d scopes", len(only))
	}
	rows := operations()
	for i := range w.routes {
		r := &w.routes[i]
		row := rows[r.ID]
		t.Run(r.ID, func(t *testing.T) {
			t.Parallel()
			for name := range only {
				holding := func(s string) bool { return s == name }
				agree(t, "only "+name, withScopes(&row, holding), w.probe(t, r, &row, bearer(only[name])))
				holding = func(s string) bool { return s != name }
				agree(t, "all but "+name, withScopes(&row, holding), w.probe(t, r, &row, bearer(allBut[name])))
			}
		})
	}
}

// want is what must come back; an empty detail may be anything.
type want struct {
	status            int
	detail, challenge string
}

// withScopes is the answer to a personal access token that holds some scopes. No
// such token ever holds those for tokens, whatever is written in it.
func withScopes(row *operation, holds func(string) bool) want {
	var missing []string
	for _, need := range row.needs() {
		if strings.HasPrefix(need, "tokens:") || !holds(need) {
			missing = append(missing, "'"+need+"'")
		}
	}
	if missing == nil && row.people {
		return want{status: http.StatusForbidden, detail: notAMachine}
	}
	if missing == nil {
		return want{status: row.status}
	}
	slices.Sort(missing)
	return want{status: http.StatusForbidden, detail: "Missing scopes: [" + strings.Join(missing, ", ") + "]"}
}

func agree(t *testing.T, who string, want want, got answer) {
	t.Helper()
	if got.status != want.status || want.detail != "" && got.detail != want.detail || got.challenge != want.challenge {
		t.Errorf("%s: got %d %q, challenge %q; want %d %q, challenge %q\n%.300s",
			who, got.status, got.detail, got.challenge, want.status, want.detail, want.challenge, got.body)
	}
}

package matrix

import (
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"

	"oasis/internal/access/scope"
	"oasis/internal/access/token"
	"oasis/internal/api"
	v1 "oasis/internal/api/v1"
)

// asker asks about requests and sends them.
type asker struct {
	t       *testing.T
	w       *world
	root    string            // session of the administrator
	cookies map[string]string // user → session
	pats    map[string][]pat  // user → tokens
}

type pat struct{ id, raw string }

// TestExplanationsAgreeWithWhatHappens changes the policy at random, asks why
// somebody may or may not do something, and does it: the answers must be the same.
func TestExplanationsAgreeWithWhatHappens(t *testing.T) {
	t.Parallel()
	const seed, rounds, asks = 20261121, 40, 25
	random := rand.New(rand.NewPCG(seed, 1))
	a := asker{t: t, cookies: map[string]string{}, pats: map[string][]pat{}}
	a.w = start(t, policy{seed: func(s *seeder) {
		for _, name := range []string{"root", "mia", "guest", "leo"} {
			s.user(name, "")
			a.cookies[name] = s.session(name)
			for _, set := range []scope.Set{scope.EveryRead(), scope.Every(), scope.Of(scope.UploadsWrite), scope.Of(scope.UsersRead, scope.InfoRead)} {
				var id string
				raw := s.token(name, set, func(p *token.PAT) { id = p.ID })
				a.pats[name] = append(a.pats[name], pat{id, raw})
			}
		}
	}})
	a.root = a.cookies["root"]
	operations := a.harmless()
	if len(operations) < 20 {
		t.Fatalf("only %d operations can be asked about", len(operations))
	}
	refused, allowed := 0, 0
	for range rounds {
		a.change(random)
		for range asks {
			if a.compare(random, operations[random.IntN(len(operations))]) {
				allowed++
			} else {
				refused++
			}
		}
	}
	if allowed < 100 || refused < 100 {
		t.Errorf("%d allowed and %d refused: this compares too little", allowed, refused)
	}
}

// harmless lists operations that change nothing when they are let through as in the table.
func (a *asker) harmless() (all []*api.Route) {
	rows := operations()
	for i := range a.w.routes {
		r := &a.w.routes[i]
		if row := rows[r.ID]; !row.unguarded() && (row.status >= 400 || r.Method == http.MethodGet) && !row.sameSite {
			all = append(all, r)
		}
	}
	return all
}

// change puts a random policy in force; one that would lock the administrator out is refused.
func (a *asker) change(random *rand.Rand) {
	pick := func(of ...any) any { return of[random.IntN(len(of))] }
	body := map[string]any{
		"require_authentication":      pick(true, false),
		"reject_unauthorized_users":   pick(true, false),
		"authorized_users":            pick(nil, []string{"root"}, []string{"ROOT", "mia"}, []string{"*@lab.example"}, []string{}, []string{"root", "guest@lab.example"}),
		"unauthenticated_user_scopes": map[string]any{"include": pick([]string{}, []string{"*:read"}, []string{"info:read", "uploads:*"}), "exclude": pick([]string{}, []string{"users:read"})},
		"unauthorized_user_scopes":    map[string]any{"include": pick([]string{}, []string{"*:read"}, []string{"*:*"})},
		"invalid_credentials":         pick("reject", "anonymous"),
	}
	got := a.admin(http.MethodPut, "/api/v1/policy", body)
	if got.status != http.StatusOK && (got.status != http.StatusConflict || !strings.Contains(got.detail, "You would lock yourself out")) {
		a.t.Fatalf("PUT /policy %v: %d %s", body, got.status, got.body)
	}
}

// compare asks, sends, and tells whether it was allowed.
func (a *asker) compare(random *rand.Rand, r *api.Route) bool {
	t := a.t
	question := map[string]any{"operation": r.ID}
	row := operations()[r.ID]
	credential := func(*http.Request) {}
	if name := []string{"", "root", "mia", "guest", "leo"}[random.IntN(5)]; name != "" {
		question["user"] = name
		credential = withCookie(a.cookies[name])
		if random.IntN(2) == 0 {
			pats := a.pats[name]
			pat := pats[random.IntN(len(pats))]
			question["credential"] = map[string]any{"kind": "personal_access_token", "pat_id": pat.id}
			credential = func(req *http.Request) { req.Header.Set("Authorization", "Bearer "+pat.raw) }
		}
	}
	var said struct {
		Allowed  bool
		Status   int
		Detail   string
		Decision struct {
			Steps []step
			Help  string
		}
	}
	if got := a.admin(http.MethodPost, "/api/v1/policy/explain", question); got.status != http.StatusOK || json.Unmarshal([]byte(got.body), &said) != nil {
		t.Fatalf("explain %v: %d %s", question, got.status, got.body)
	}
	got := a.w.probe(t, r, &row, credential)
	var happened struct{ Decision struct{ Steps []step } }
	_ = json.Unmarshal([]byte(got.body), &happened) // what is no refusal may be anything
	switch {
	case said.Allowed && got.status != row.status:
		t.Errorf("%v: said to be allowed, but %d %s", question, got.status, got.body)
	case said.Allowed:
	case got.status != said.Status || got.detail != said.Detail:
		t.Errorf("%v: said to be refused with %d %q, but %d %s", question, said.Status, said.Detail, got.status, got.body)
	case !slices.Equal(happened.Decision.Steps, said.Decision.Steps):
		t.Errorf("%v: the steps are %v, but were said to be %v", question, happened.Decision.Steps, said.Decision.Steps)
	case said.Decision.Help == "":
		t.Errorf("%v: nothing is said to help", question)
	}
	return said.Allowed
}

// step is a box of the flowchart with what happened there.
type step struct{ Step, Outcome string }

func withCookie(secret string) func(*http.Request) {
	return func(req *http.Request) { req.Header.Set("Cookie", cookieName+"="+secret) }
}

// admin sends a request of the administrator.
func (a *asker) admin(method, path string, body any) answer {
	a.t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		a.t.Fatal(err)
	}
	return send(a.t, method, a.w.url+path, string(text), withCookie(a.root))
}

// TestExplanationsKnowTheRulesOfUploads holds explanations against the hand-written
// table of who may do what to an upload.
func TestExplanationsKnowTheRulesOfUploads(t *testing.T) {
	t.Parallel()
	var o objects
	a := asker{t: t}
	a.w = start(t, policy{seed: func(s *seeder) {
		o.seed(s)
		a.root = s.session("root")
	}})
	rows := objectRows()
	for i := range a.w.routes {
		r := &a.w.routes[i]
		if r.Open || !strings.Contains(r.Path, "/uploads/{upload_id}") {
			continue
		}
		if _, known := v1.ObjectRule(r.ID); !known {
			t.Errorf("%s is done to an upload, but v1.ObjectRule does not know which of its rules it asks", r.ID)
			continue
		}
		row := rows[r.ID]
		for roleColumn, role := range roles() {
			for stateColumn, state := range states() {
				question := map[string]any{"operation": r.ID, "upload_id": o.uploads[state], "user": role}
				if role == "anonymous" {
					question["user"] = nil
				}
				var said struct {
					Allowed bool
					Status  int
				}
				got := a.admin(http.MethodPost, "/api/v1/policy/explain", question)
				if got.status != http.StatusOK || json.Unmarshal([]byte(got.body), &said) != nil {
					t.Fatalf("explain %v: %d %s", question, got.status, got.body)
				}
				status := row.status(t, roleColumn, stateColumn)
				refused := status == http.StatusUnauthorized || status == http.StatusForbidden
				if said.Allowed && refused || !said.Allowed && said.Status != status {
					t.Errorf("%s by %s on %s is said to be allowed: %v, %d; the table has %d", r.ID, role, state, said.Allowed, said.Status, status)
				}
			}
		}
	}
}

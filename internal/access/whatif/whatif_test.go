package whatif_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"oasis/internal/access"
	"oasis/internal/access/identity"
	"oasis/internal/access/scope"
	"oasis/internal/access/token"
	"oasis/internal/access/whatif"
	"oasis/internal/problem"
)

func deeds() []whatif.Deed {
	return []whatif.Deed{
		{Name: "read", Operation: access.Operation{ID: "read", Scopes: scope.Of(scope.UploadsRead), Anonymous: true, Reach: access.ReachUpload}},
		{Name: "upload", Operation: access.Operation{ID: "upload", Scopes: scope.Of(scope.UploadsWrite), Adds: true}},
		{Name: "publish", Operation: access.Operation{ID: "publish", Scopes: scope.Of(scope.UploadsPublish)}},
	}
}

// may writes a matrix as one word per row: + for what the draft allows.
func may(rows []whatif.Row) map[whatif.Who]string {
	out := map[whatif.Who]string{}
	for _, r := range rows {
		for i := range r.Cells {
			out[r.Who] += map[bool]string{true: "+", false: "-"}[r.Cells[i].Then.Allowed]
		}
	}
	return out
}

func TestMatrixSaysWhoMayDoWhat(t *testing.T) {
	t.Parallel()
	listed := access.NewAllowList([]string{"ada"})
	now := &access.Policy{}
	tests := []struct {
		name                                  string
		draft                                 access.Policy
		visitor, unlisted, person, instrument string
	}{
		{"everything shut", access.Policy{RequireAuthentication: true, Authorized: listed, RejectUnauthorized: true}, "---", "---", "+++", "-+-"},
		{"public data", access.Policy{Authorized: listed, RejectUnauthorized: true, UnauthenticatedScopes: scope.EveryRead()}, "+--", "---", "+++", "-+-"},
		{"limited", access.Policy{Authorized: listed, UnauthorizedScopes: scope.EveryRead()}, "---", "+--", "+++", "-+-"},
		{"no list", access.Policy{RejectUnauthorized: true}, "---", "+++", "+++", "-+-"},
	}
	for _, tt := range tests {
		got := may(whatif.Matrix(now, &tt.draft, deeds()))
		want := map[whatif.Who]string{whatif.Visitor: tt.visitor, whatif.Unlisted: tt.unlisted, whatif.Listed: tt.person, whatif.Instrument: tt.instrument}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: %v, want %v", tt.name, got, want)
		}
	}
}

func names(users []identity.User) (all []string) {
	for i := range users {
		all = append(all, users[i].Username)
	}
	return all
}

func TestPeopleWhomADraftConcernsAreNamed(t *testing.T) {
	t.Parallel()
	user := func(name string) identity.User {
		return identity.User{ID: "id-" + name, Username: name, Email: name + "@lab.example"}
	}
	root, mia, leo, gone := user("root"), user("mia"), user("leo"), user("gone")
	root.Admin, gone.Disabled = true, true
	mia.Groups = []string{"x-ray"}
	users := []identity.User{root, mia, leo, gone}
	now := &access.Policy{Authorized: access.NewAllowList([]string{"root", "leo"}), RejectUnauthorized: true}
	c := whatif.People(now, &access.Policy{
		Authorized: access.NewAllowList([]string{"root", "group:X-Ray"}), RejectUnauthorized: true, SecondFactor: identity.FactorAdmins,
	}, users)
	for what, both := range map[string][2][]string{
		"locked out": {names(c.LockedOut), {"leo"}}, "let in": {names(c.LetIn), {"mia"}}, "outside": {names(c.StayOutside), {"leo"}},
		"need a factor": {names(c.NeedFactor), {"root"}}, "narrowed": {names(c.Narrowed), nil},
	} {
		if !slices.Equal(both[0], both[1]) {
			t.Errorf("%s: %v, want %v", what, both[0], both[1])
		}
	}
	if c.Accounts != 3 || c.Inside != 2 {
		t.Errorf("%d of %d inside", c.Inside, c.Accounts)
	}
	c = whatif.People(now, &access.Policy{Authorized: access.NewAllowList([]string{"root"})}, users)
	if !slices.Equal(names(c.Narrowed), []string{"leo"}) || !slices.Equal(names(c.LetIn), []string{"mia"}) || len(c.LockedOut) != 0 {
		t.Errorf("narrowed %v, let in %v, locked out %v", names(c.Narrowed), names(c.LetIn), names(c.LockedOut))
	}
}

// For random policies and callers: an answer is the one of Decide, and what it says
// to help is there exactly when it refuses.
func TestAnswersAreThoseOfDecide(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(7, 7))
	yes := func() bool { return random.IntN(2) == 0 }
	set := func() scope.Set {
		return scope.Set(random.Uint64()) & (scope.Every() | scope.Of(scope.FederationWrite))
	}
	few := func() scope.Set {
		a, b, c := set(), set(), set()
		return a & b & c
	}
	kinds := func() access.Kinds { return access.Kinds(random.Uint32()) & access.Kinds(random.Uint64()>>40) }
	users := map[string]identity.User{}
	for _, name := range []string{"root", "mia"} {
		users[name] = identity.User{ID: "id-" + name, Username: name, Admin: name == "root"}
	}
	for range 3000 {
		policy := &access.Policy{
			RequireAuthentication: yes(), RejectUnauthorized: yes(), UnauthenticatedScopes: set(), UnauthorizedScopes: set(),
			ForbiddenPATScopes: few(), RefusedKinds: kinds(),
		}
		if yes() {
			policy.Authorized = access.NewAllowList([]string{"mia"})
		}
		op := access.Operation{ID: "op", Scopes: few(), Anonymous: yes(), Adds: yes(), AdminOnly: random.IntN(4) == 0}
		setUp := random.IntN(10) > 0
		e := whatif.Explainer{
			Policy: func() *access.Policy { return policy }, SetUp: func() bool { return setUp },
			Operation: func(string) (access.Operation, bool) { return op, true },
			Person: func(_ context.Context, name string) (identity.User, error) {
				u, ok := users[name]
				if !ok {
					return u, problem.NotFound("nobody")
				}
				return u, nil
			},
			Object: func(context.Context, string, *access.Caller, string) (bool, error) {
				return true, problem.Denied("not yours")
			},
		}
		q := whatif.Question{Operation: "op", User: []string{"", "root", "mia"}[random.IntN(3)]}
		if q.User != "" && yes() {
			q.Kind, q.ScopesGiven, q.Scopes = "personal_access_token", true, set().Names()
			q.Restrictions = []*token.Restrictions{nil, {AppendOnly: true}, {Uploads: []string{"u"}}}[random.IntN(3)]
		}
		a, err := e.Explain(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		want := access.Decide(policy, setUp, &op, &a.Caller, "")
		if (a.Refusal == nil) != want.Allowed || a.Decision.Path != want.Path {
			t.Fatalf("%+v: %+v, want %+v", q, a.Decision, want)
		}
		q.UploadID = "u"
		onUpload, err := e.Explain(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		if stopped := onUpload.Object == access.Stopped; stopped != onUpload.Decision.Allowed || onUpload.Refusal == nil {
			t.Fatalf("%+v: the rules of the object: %+v", q, onUpload)
		}
	}
}

func TestWhatDoesNotExistCannotBeAskedAbout(t *testing.T) {
	t.Parallel()
	e := whatif.Explainer{
		Policy: func() *access.Policy { return &access.Policy{} }, SetUp: func() bool { return true },
		Operation: func(id string) (access.Operation, bool) { return access.Operation{ID: id}, id == "op" },
		Person: func(context.Context, string) (identity.User, error) {
			return identity.User{}, problem.NotFound("nobody")
		},
	}
	for _, tt := range []struct {
		q    whatif.Question
		want problem.Kind
	}{
		{whatif.Question{Operation: "fly"}, problem.Missing},
		{whatif.Question{Operation: "op", User: "nobody"}, problem.Missing},
		{whatif.Question{Operation: "op", Kind: "session"}, problem.Unprocessable},
	} {
		if _, err := e.Explain(t.Context(), tt.q); !problem.Is(err, tt.want) {
			t.Errorf("%+v: %v", tt.q, err)
		}
	}
}

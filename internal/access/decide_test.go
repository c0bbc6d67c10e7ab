package access_test

import (
	"fmt"
	"strings"
	"testing"

	"oasis/internal/access"
	"oasis/internal/access/scope"
	"oasis/internal/problem"
)

// expected is the flowchart once more, written as a list of rules that are read
// from top to bottom; the first that applies is the outcome. It is the second,
// independent form against which Decide is held for every combination of inputs.
type expected struct {
	when      func(c combination) bool
	kind      problem.Kind
	detail    string
	challenge string
	step      access.Step
}

// combination is one point of the whole input space.
type combination struct {
	setUp, beforeSetUp, open                    bool
	anonymousAllowed, requireAuth               bool
	state                                       access.CredentialState
	kind                                        access.Kind
	userState                                   access.UserState
	listed, listConfigured, reject, asAnonymous bool
	tokenHas, visitorHas, unlistedHas           bool
	personOnly, adminOnly, admin                bool
}

const allowed = problem.Kind(255)

var rules = []expected{
	{func(c combination) bool { return !c.setUp && !c.beforeSetUp }, problem.Unavailable, "This Oasis is not set up yet.", "", access.StepSetUp},
	{func(c combination) bool { return c.open }, allowed, "", "", 0},
	{func(c combination) bool { return c.state == access.Invalid && !c.ignored() }, problem.Unauthenticated, "dead", `Bearer error="invalid_token"`, access.StepCredential},
	{func(c combination) bool { return c.visitor() && (c.requireAuth || !c.anonymousAllowed) }, problem.Unauthenticated, "Authentication required.", "Bearer", access.StepSignIn},
	{func(c combination) bool { return c.visitor() && !c.visitorHas }, problem.Forbidden, "Missing scopes: ['uploads:write']", "", access.StepScopes},
	{func(c combination) bool { return c.visitor() }, allowed, "", "", 0},
	{func(c combination) bool { return c.userState == access.UserUnknown }, problem.Forbidden, "You are logged in with an unknown user", "", access.StepUser},
	{func(c combination) bool { return c.userState == access.UserDisabled }, problem.Forbidden, "Your account is disabled.", "", access.StepUser},
	{func(c combination) bool { return c.userState == access.UserUnavailable }, problem.Unavailable, "The user directory does not answer. Try again in a minute.", "", access.StepUser},
	{func(c combination) bool { return c.unlisted() && c.reject }, problem.Forbidden, "You are not authorized to access this Oasis", "", access.StepAllowList},
	{func(c combination) bool { return c.unlisted() && !c.unlistedHas }, problem.Forbidden, "Missing scopes: ['uploads:write']", "", access.StepScopes},
	{func(c combination) bool { return !c.unlisted() && !c.tokenHas }, problem.Forbidden, "Missing scopes: ['uploads:write']", "", access.StepScopes},
	{func(c combination) bool { return c.personOnly && c.kind == access.PersonalToken }, problem.Forbidden, "This operation needs a person who is signed in; it does not accept a personal access token.", "", access.StepRole},
	{func(c combination) bool { return c.adminOnly && !c.admin }, problem.Forbidden, "This operation is for administrators of this Oasis.", "", access.StepRole},
	{func(combination) bool { return true }, allowed, "", "", 0},
}

func (c combination) ignored() bool {
	return c.asAnonymous && c.kind == access.PersonalToken
}

func (c combination) visitor() bool {
	return c.state == access.Absent || c.state == access.Invalid && c.ignored()
}

func (c combination) unlisted() bool { return c.listConfigured && !c.listed }

func (c combination) decide() access.Decision {
	need := scope.Of(scope.UploadsWrite)
	pick := func(has bool) scope.Set {
		if has {
			return scope.Every()
		}
		return scope.Every().Without(need)
	}
	policy := &access.Policy{
		RequireAuthentication: c.requireAuth, RejectUnauthorized: c.reject, InvalidAsAnonymous: c.asAnonymous,
		UnauthenticatedScopes: pick(c.visitorHas), UnauthorizedScopes: pick(c.unlistedHas),
	}
	if c.listConfigured {
		policy.Authorized = access.NewAllowList([]string{"listed"})
	}
	op := &access.Operation{
		ID: "op", Open: c.open, BeforeSetUp: c.beforeSetUp, Scopes: need, Anonymous: c.anonymousAllowed, AdminOnly: c.adminOnly,
	}
	if c.personOnly {
		op.Accepts = access.People()
	}
	caller := &access.Caller{Kind: c.kind, State: c.state, Reason: "dead", UserState: c.userState, Granted: pick(c.tokenHas)}
	caller.User = access.User{ID: "u", Username: "stranger", Admin: c.admin}
	if c.listed {
		caller.User.Username = "Listed"
	}
	return access.Decide(policy, c.setUp, op, caller)
}

// everyCombination yields the whole input space. Inputs that a path never reads
// are varied too: they must not matter.
func everyCombination(yield func(combination)) {
	bits := 16
	for mask := range 1 << bits {
		b := func(i int) bool { return mask>>i&1 == 1 }
		c := combination{
			setUp: b(0), beforeSetUp: b(1), open: b(2), anonymousAllowed: b(3), requireAuth: b(4),
			listed: b(5), listConfigured: b(6), reject: b(7), asAnonymous: b(8), tokenHas: b(9),
			visitorHas: b(10), unlistedHas: b(11), personOnly: b(12), adminOnly: b(13), admin: b(14),
		}
		if b(15) && !c.setUp { // halves the space without losing a path: these inputs are read after set-up only
			continue
		}
		for _, state := range []access.CredentialState{access.Absent, access.Valid, access.Invalid} {
			for kind := access.NoCredential; kind <= access.SessionCookie; kind++ {
				if (state == access.Absent) != (kind == access.NoCredential) {
					continue
				}
				for us := access.UserKnown; us <= access.UserUnavailable; us++ {
					c.state, c.kind, c.userState = state, kind, us
					yield(c)
				}
			}
		}
	}
}

func TestDecideEveryPathOfTheChart(t *testing.T) {
	t.Parallel()
	reached := make([]int, len(rules))
	everyCombination(func(c combination) {
		i := 0
		for !rules[i].when(c) {
			i++
		}
		reached[i]++
		want, got := rules[i], c.decide()
		if err := agree(want, got); err != "" {
			t.Fatalf("%+v\nrule %d: %s", c, i, err)
		}
	})
	for i, n := range reached {
		if n == 0 {
			t.Errorf("no input reaches rule %d (%s)", i, rules[i].detail)
		}
	}
}

func agree(want expected, got access.Decision) string {
	if want.kind == allowed {
		if _, stopped := got.StoppedAt(); !got.Allowed || got.Denial != nil || stopped || got.Challenge != "" {
			return fmt.Sprintf("should be allowed: %+v", got)
		}
		return ""
	}
	step, stopped := got.StoppedAt()
	switch {
	case got.Allowed || got.Denial == nil || !stopped:
		return fmt.Sprintf("should be refused: %+v", got)
	case got.Denial.Kind != want.kind || got.Denial.Detail != want.detail:
		return fmt.Sprintf("refused with %d %q, want %d %q", got.Denial.Kind, got.Denial.Detail, want.kind, want.detail)
	case got.Challenge != want.challenge:
		return fmt.Sprintf("challenge %q, want %q", got.Challenge, want.challenge)
	case step != want.step:
		return fmt.Sprintf("stopped at %s, want %s", step, want.step)
	}
	for s, outcome := range got.Path {
		if access.Step(s) > step && outcome != access.NotReached || access.Step(s) < step && outcome == access.Stopped {
			return fmt.Sprintf("path %v does not end at %s", got.Path, step)
		}
	}
	return ""
}

// More rights never turn a yes into a no.
func TestDecideIsMonotonic(t *testing.T) {
	t.Parallel()
	everyCombination(func(c combination) {
		if !c.decide().Allowed {
			return
		}
		more := c
		more.tokenHas, more.visitorHas, more.unlistedHas, more.admin, more.listed = true, true, true, true, true
		if d := more.decide(); !d.Allowed {
			t.Fatalf("%+v is allowed, but not with more rights: %+v", c, d)
		}
	})
}

func TestAllowListMatchesWithoutRegardToCase(t *testing.T) {
	t.Parallel()
	list := access.NewAllowList([]string{" Ada ", "BOB@lab.example", "*@Physics.Example", "C0FFEE00-0000-4000-8000-000000000000", ""})
	for name, tc := range map[string]struct {
		user access.User
		want bool
	}{
		"user name":              {access.User{Username: "aDA"}, true},
		"e-mail":                 {access.User{Username: "x", Email: "bob@LAB.example"}, true},
		"domain":                 {access.User{Email: "any.one@physics.example"}, true},
		"user id":                {access.User{ID: "c0ffee00-0000-4000-8000-000000000000"}, true},
		"other domain":           {access.User{Email: "any@notphysics.example"}, false},
		"sub domain":             {access.User{Email: "any@sub.physics.example"}, false},
		"domain in a local part": {access.User{Email: `"x@physics.example"@evil.example`}, false},
		"name as a prefix":       {access.User{Username: "adam"}, false},
		"nobody":                 {access.User{}, false},
	} {
		if got := list.Holds(&tc.user); got != tc.want {
			t.Errorf("%s: %v, want %v", name, got, tc.want)
		}
	}
	if access.NewAllowList(nil).Holds(&access.User{Username: "ada"}) {
		t.Error("an empty list is nobody")
	}
}

func TestMissingScopesAreSortedAndQuoted(t *testing.T) {
	t.Parallel()
	op := &access.Operation{ID: "rotate", Scopes: scope.Of(scope.TokensDelete, scope.TokensCreate)}
	d := access.Decide(&access.Policy{}, true, op, &access.Caller{Kind: access.SessionCookie, State: access.Valid})
	if want := "Missing scopes: ['tokens:create', 'tokens:delete']"; d.Denial.Detail != want {
		t.Errorf("got %q, want %q", d.Denial.Detail, want)
	}
	if !strings.HasPrefix(d.Denial.Detail, "Missing scopes:") || d.Missing != op.Scopes {
		t.Errorf("missing %v", d.Missing.Names())
	}
}

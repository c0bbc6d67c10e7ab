package access_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"oasis/internal/access"
	"oasis/internal/access/scope"
	"oasis/internal/access/token"
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
	kindOff, forbidden                          bool
	restricted                                  restricted
}

// restricted is how a token is narrowed, and by what of it the request is met.
type restricted uint8

const (
	unrestricted restricted = iota
	fromElsewhere
	fromWithin
	appendOnlyAndMore // an operation that does more than adding
	appendOnlyAndAdds // one that adds
	uploadsAndElse    // an operation beyond uploads
	uploadsAndOther   // another upload
	uploadsAndListed  // one of them
	uploadsAndVisible // what the viewer may see
	uploadsAndPublic  // nobody's data
	everythingAtOnce  // all restrictions, all met
	restrictions
)

const allowed = problem.Kind(255)

var rules = []expected{
	{func(c combination) bool { return !c.setUp && !c.beforeSetUp }, problem.Unavailable, "This Oasis is not set up yet.", "", access.StepSetUp},
	{func(c combination) bool { return c.open }, allowed, "", "", 0},
	{func(c combination) bool { return c.state == access.Invalid && !c.ignored() }, problem.Unauthenticated, "dead", `Bearer error="invalid_token"`, access.StepCredential},
	{func(c combination) bool { return c.state == access.Valid && c.kindOff }, problem.Unauthenticated, "Simple token is not accepted here: the administrator of this Oasis has switched this kind off. Use a personal access token.", `Bearer error="invalid_token"`, access.StepCredential},
	{func(c combination) bool { return c.visitor() && (c.requireAuth || !c.anonymousAllowed) }, problem.Unauthenticated, "Authentication required.", "Bearer", access.StepSignIn},
	{func(c combination) bool { return c.visitor() && !c.visitorHas }, problem.Forbidden, "Missing scopes: ['uploads:write']", "", access.StepScopes},
	{func(c combination) bool { return c.visitor() }, allowed, "", "", 0},
	{func(c combination) bool { return c.userState == access.UserUnknown }, problem.Forbidden, "You are logged in with an unknown user", "", access.StepUser},
	{func(c combination) bool { return c.userState == access.UserDisabled }, problem.Forbidden, "Your account is disabled.", "", access.StepUser},
	{func(c combination) bool { return c.userState == access.UserUnavailable }, problem.Unavailable, "The user directory does not answer. Try again in a minute.", "", access.StepUser},
	{func(c combination) bool { return c.unlisted() && c.reject }, problem.Forbidden, "You are not authorized to access this Oasis", "", access.StepAllowList},
	{func(c combination) bool { return c.unlisted() && !c.unlistedHas }, problem.Forbidden, "Missing scopes: ['uploads:write']", "", access.StepScopes},
	{func(c combination) bool { return c.unlisted() && c.narrow() && !c.tokenHas }, problem.Forbidden, "Missing scopes: ['uploads:write']", "", access.StepScopes},
	{func(c combination) bool { return c.kind == access.PersonalToken && c.forbidden }, problem.Forbidden, "Missing scopes: ['uploads:write']", "", access.StepScopes},
	{func(c combination) bool { return !c.unlisted() && !c.tokenHas }, problem.Forbidden, "Missing scopes: ['uploads:write']", "", access.StepScopes},
	{func(c combination) bool { return c.restricted == fromElsewhere }, problem.Forbidden, "This token may not be used from 203.0.113.9.", "", access.StepRestrictions},
	{func(c combination) bool { return c.restricted == appendOnlyAndMore }, problem.Forbidden, "This token may only create uploads and add new files.", "", access.StepRestrictions},
	{func(c combination) bool { return c.restricted == uploadsAndElse }, problem.Forbidden, "This token may only be used with certain uploads, and this operation concerns more than those.", "", access.StepRestrictions},
	{func(c combination) bool { return c.restricted == uploadsAndOther }, problem.Forbidden, "This token may only be used with certain uploads, and this is not one of them.", "", access.StepRestrictions},
	{func(c combination) bool { return c.personOnly && c.kind == access.PersonalToken }, problem.Forbidden, "This operation needs a person who is signed in; it does not accept a personal access token.", "", access.StepRole},
	{func(c combination) bool { return c.personOnly && c.kind == access.UploadToken }, problem.Forbidden, "This operation needs a person who is signed in; it does not accept an upload token.", "", access.StepRole},
	{func(c combination) bool { return c.personOnly && c.kind == access.SimpleToken }, problem.Forbidden, "This operation needs a person who is signed in; it does not accept a simple token.", "", access.StepRole},
	{func(c combination) bool { return c.adminOnly && !c.admin }, problem.Forbidden, "This operation is for administrators of this Oasis.", "", access.StepRole},
	{func(combination) bool { return true }, allowed, "", "", 0},
}

func (c combination) ignored() bool {
	return c.asAnonymous && c.kind == access.PersonalToken
}

func (c combination) visitor() bool {
	return c.state == access.Absent || c.state == access.Invalid && c.ignored()
}

// narrow kinds were given less than their owner holds.
func (c combination) narrow() bool {
	return c.kind == access.PersonalToken || c.kind == access.UploadToken || c.kind == access.SimpleToken
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
	if c.kindOff {
		policy.RefusedKinds = access.KindsOf(access.SimpleToken)
	}
	if c.forbidden {
		policy.ForbiddenPATScopes = need
	}
	uploadID := c.restricted.apply(op, caller)
	return access.Decide(policy, c.setUp, op, caller, uploadID)
}

// apply makes the operation and the caller such, and gives the upload that is asked for.
func (r restricted) apply(op *access.Operation, caller *access.Caller) (uploadID string) {
	const mine, other = "mine", "other"
	home := []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("2001:db8::/32")}
	caller.Address = netip.MustParseAddr("192.0.2.7")
	uploads := &token.Restrictions{Uploads: []string{"x", mine}}
	switch r {
	case fromElsewhere:
		caller.Restrictions = &token.Restrictions{Networks: home}
		caller.Address = netip.MustParseAddr("203.0.113.9")
	case fromWithin:
		caller.Restrictions = &token.Restrictions{Networks: home}
	case appendOnlyAndMore, appendOnlyAndAdds:
		caller.Restrictions, op.Adds = &token.Restrictions{AppendOnly: true}, r == appendOnlyAndAdds
	case uploadsAndElse:
		caller.Restrictions = uploads
		return mine // what stands in the path does not matter here
	case uploadsAndOther:
		caller.Restrictions, op.Reach = uploads, access.ReachUpload
		return other
	case uploadsAndListed:
		caller.Restrictions, op.Reach = uploads, access.ReachUpload
		return mine
	case uploadsAndVisible:
		caller.Restrictions, op.Reach = uploads, access.ReachVisible
	case uploadsAndPublic:
		caller.Restrictions, op.Reach = uploads, access.ReachPublic
	case everythingAtOnce:
		caller.Restrictions = &token.Restrictions{Uploads: []string{mine}, AppendOnly: true, Networks: home}
		op.Adds, op.Reach = true, access.ReachUpload
		return mine
	}
	return ""
}

// everyCombination yields the whole input space. Inputs that a path never reads
// are varied too: they must not matter.
func everyCombination(yield func(combination)) {
	const bits = 16
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
		c.everyCaller(yield)
	}
}

func (c combination) everyCaller(yield func(combination)) {
	for _, state := range []access.CredentialState{access.Absent, access.Valid, access.Invalid} {
		for kind := access.NoCredential; kind <= access.SimpleToken; kind++ {
			if (state == access.Absent) != (kind == access.NoCredential) {
				continue
			}
			for us := access.UserKnown; us <= access.UserUnavailable; us++ {
				c.state, c.kind, c.userState = state, kind, us
				c.kindOff, c.forbidden, c.restricted = false, false, unrestricted
				yield(c)
				// What can only be true of some kinds is varied where it can be.
				if kind == access.SimpleToken {
					c.kindOff = true
					yield(c)
				}
				if kind == access.PersonalToken && us == access.UserKnown && state == access.Valid {
					for c.restricted = range restrictions {
						for _, c.forbidden = range []bool{false, true} {
							yield(c)
						}
					}
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
		more.forbidden = false
		if d := more.decide(); !d.Allowed {
			t.Fatalf("%+v is allowed, but not with more rights: %+v", c, d)
		}
	})
}

func TestAllowListMatchesWithoutRegardToCase(t *testing.T) {
	t.Parallel()
	list := access.NewAllowList([]string{
		" Ada ", "BOB@lab.example", "*@Physics.Example", "C0FFEE00-0000-4000-8000-000000000000", "", "Group: Crystal Growers", "JÜRGEN@lab.example",
	})
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
		"group":                  {access.User{Username: "x", Groups: []string{"9f", "crystal growers"}}, true},
		"other group":            {access.User{Username: "x", Groups: []string{"growers"}}, false},
		"group as a user name":   {access.User{Username: "crystal growers"}, false},
		"group:name as a name":   {access.User{Username: "group:crystal growers"}, false},
		"name as a group":        {access.User{Username: "x", Groups: []string{"ada"}}, false},
		"domain as a name":       {access.User{Username: "physics.example"}, false},
		"letters beyond ASCII":   {access.User{Email: "Jürgen@LAB.example"}, true},
		"a very long address":    {access.User{Email: strings.Repeat("A", 300) + "@Physics.example"}, true},
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
	d := access.Decide(&access.Policy{}, true, op, &access.Caller{Kind: access.SessionCookie, State: access.Valid}, "")
	if want := "Missing scopes: ['tokens:create', 'tokens:delete']"; d.Denial.Detail != want {
		t.Errorf("got %q, want %q", d.Denial.Detail, want)
	}
	if !strings.HasPrefix(d.Denial.Detail, "Missing scopes:") || d.Missing != op.Scopes {
		t.Errorf("missing %v", d.Missing.Names())
	}
}

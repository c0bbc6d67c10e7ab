package explain_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"oasis/internal/access"
	"oasis/internal/access/explain"
	"oasis/internal/access/identity"
	"oasis/internal/access/scope"
	"oasis/internal/access/token"
	"oasis/internal/problem"
)

// ask decides and puts the decision into sentences.
func ask(p *access.Policy, op access.Operation, c access.Caller, forAdmin bool) *explain.Explanation {
	d := access.Decide(p, true, &op, &c, "")
	return explain.Explain(explain.Question{Decision: &d, Operation: &op, Caller: &c, Policy: p, ForAdmin: forAdmin})
}

func signed(name string) access.Caller {
	return access.Caller{Kind: access.SessionCookie, State: access.Valid, User: identity.User{ID: name, Username: name}, Granted: scope.Every()}
}

func TestHelpNamesTheChangeThatWouldLetTheRequestPass(t *testing.T) {
	t.Parallel()
	write := access.Operation{ID: "write", Scopes: scope.Of(scope.UploadsWrite)}
	read := access.Operation{ID: "read", Scopes: scope.Of(scope.UploadsRead), Anonymous: true}
	nobody := access.NewAllowList(nil)
	pat := func(change func(*access.Caller)) access.Caller {
		c := signed("mia")
		c.Kind, c.Granted = access.PersonalToken, scope.Of(scope.UploadsWrite)
		change(&c)
		return c
	}
	disabled := signed("mia")
	disabled.UserState = access.UserDisabled
	tests := []struct {
		name              string
		policy            access.Policy
		op                access.Operation
		caller            access.Caller
		toAdmin, toCaller string
	}{
		{"allow list", access.Policy{Authorized: nobody, RejectUnauthorized: true}, write, signed("mia"), "adding mia to auth.authorized_users", "Ask an administrator"},
		{"sign in", access.Policy{RequireAuthentication: true}, read, access.Caller{}, "auth.require_authentication to false", "Sign in"},
		{"never anonymous", access.Policy{}, write, access.Caller{}, "Nobody may do this without signing in", "Sign in"},
		{"visitor's scopes", access.Policy{}, read, access.Caller{}, "uploads:read to auth.unauthenticated_user_scopes.include", "visitors hold fewer"},
		{"limited", access.Policy{Authorized: nobody}, write, signed("mia"), "uploads:write to auth.unauthorized_user_scopes.include", "hold fewer scopes here"},
		{"disabled", access.Policy{}, write, disabled, "enabling the account mia", "Ask an administrator"},
		{"token's scopes", access.Policy{}, read, pat(func(*access.Caller) {}), "a token that holds uploads:read", "Make an access token"},
		{"restriction", access.Policy{}, write, pat(func(c *access.Caller) { c.Restrictions = &token.Restrictions{AppendOnly: true} }), "not restricted like this", "narrowed by its owner"},
		{"role", access.Policy{}, access.Operation{ID: "a", AdminOnly: true, Accepts: access.People()}, signed("mia"), "making mia an administrator", "Ask an administrator"},
		{"kind", access.Policy{}, access.Operation{ID: "a", Accepts: access.People()}, pat(func(*access.Caller) {}), "takes no personal access token", "sign in on the page"},
		{"switched off", access.Policy{RefusedKinds: access.KindsOf(access.PersonalToken)}, write, pat(func(*access.Caller) {}), "allowing this kind", "personal access token"},
		{"second factor", access.Policy{SecondFactor: identity.FactorEveryone}, write, signed("mia"), "mia has set up a second factor", "set up a second factor"},
	}
	for _, tt := range tests {
		if got := ask(&tt.policy, tt.op, tt.caller, true).Help; !strings.Contains(got, tt.toAdmin) {
			t.Errorf("%s, to the administrator: %q", tt.name, got)
		}
		e := ask(&tt.policy, tt.op, tt.caller, false)
		if !strings.Contains(e.Help, tt.toCaller) {
			t.Errorf("%s, to the caller: %q", tt.name, e.Help)
		}
		if strings.Contains(e.Help, "auth.") {
			t.Errorf("%s: the caller learns how this Oasis is set up: %q", tt.name, e.Help)
		}
	}
}

// Whatever the caller, each box has a sentence, the stopping one says that it
// stopped, and refusals come with help.
func TestEveryBoxHasASentence(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 3))
	for range 20_000 {
		p := access.Policy{
			RequireAuthentication: random.IntN(2) == 0, RejectUnauthorized: random.IntN(2) == 0, InvalidAsAnonymous: random.IntN(2) == 0,
			UnauthenticatedScopes: scope.Set(random.Uint64()) & scope.Every(), RefusedKinds: access.Kinds(random.Uint32() & random.Uint32()),
			SecondFactor: []identity.FactorRule{"", identity.FactorOptional, identity.FactorEveryone}[random.IntN(3)],
		}
		if random.IntN(2) == 0 {
			p.Authorized = access.NewAllowList([]string{"mia"})
		}
		c := signed([]string{"mia", "leo"}[random.IntN(2)])
		c.Kind, c.State, c.UserState = access.Kind(random.IntN(6)), access.CredentialState(random.IntN(3)), access.UserState(random.IntN(4))
		if c.State == access.Absent {
			c = access.Caller{}
		}
		c.Granted = scope.Set(random.Uint64()) & scope.Every()
		op := access.Operation{ID: "op", Scopes: scope.Set(random.Uint64()&random.Uint64()&random.Uint64()) & scope.Every(), Anonymous: random.IntN(2) == 0, AdminOnly: random.IntN(4) == 0}
		d := access.Decide(&p, random.IntN(9) > 0, &op, &c, "")
		for _, forAdmin := range []bool{true, false} {
			e := explain.Explain(explain.Question{Decision: &d, Operation: &op, Caller: &c, Policy: &p, ForAdmin: forAdmin})
			for _, s := range e.Steps {
				if s.Text == "" || s.Outcome == "stopped" && s.Text == "Somebody is signed in." {
					t.Fatalf("%+v", s)
				}
			}
			if (e.Help == "") != d.Allowed {
				t.Fatalf("allowed %v, help %q, %+v", d.Allowed, e.Help, e.Steps)
			}
		}
	}
}

func TestRulesOfTheObjectAreTheLastBox(t *testing.T) {
	t.Parallel()
	c, op, p := signed("mia"), access.Operation{ID: "op"}, access.Policy{}
	d := access.Decide(&p, true, &op, &c, "")
	q := explain.Question{Decision: &d, Operation: &op, Caller: &c, Policy: &p, Object: access.Stopped, Refusal: problem.Denied("No.")}
	e := explain.Explain(q)
	last := e.Steps[len(e.Steps)-1]
	if last != (explain.ExplainedStep{Step: "object", Outcome: "stopped", Text: "No."}) || e.Help == "" {
		t.Errorf("%+v, help %q", last, e.Help)
	}
}

package access

import (
	"oasis/internal/access/scope"
	"oasis/internal/problem"
)

// Sentences that clients of the API know (spec auth.md §3, decisions 6).
const (
	textAuthRequired = "Authentication required."
	textNotSetUp     = "This Oasis is not set up yet."
	textUnknownUser  = "You are logged in with an unknown user"
	textDisabled     = "Your account is disabled."
	textDirectory    = "The user directory does not answer. Try again in a minute."
	textUnauthorized = "You are not authorized to access this Oasis"
	textAdminOnly    = "This operation is for administrators of this Oasis."
	textMissing      = "Missing scopes: "
	textWrongKind    = "This operation needs a person who is signed in; it does not accept a "
)

// Challenges of 401 answers (RFC 6750 §3).
const (
	challengeBearer  = "Bearer"
	challengeInvalid = `Bearer error="invalid_token"`
)

// Decide walks the flowchart from top to bottom and tells at which box it
// ended. It does no I/O, looks at no clock, and gives an answer for every
// combination of its arguments.
//
// setUp tells whether an administrator exists; until then everything but the
// operations marked BeforeSetUp is closed.
func Decide(policy *Policy, setUp bool, op *Operation, caller *Caller) Decision {
	w := walk{d: Decision{}}
	w.pass(StepNetwork) // the request has reached us: the deployment let it through
	if !setUp && !op.BeforeSetUp {
		return w.stop(StepSetUp, problem.Unavailable, textNotSetUp, "")
	}
	w.pass(StepSetUp)
	if op.Open {
		w.d.Allowed = true
		return w.d
	}
	state := caller.State
	if state == Invalid && policy.InvalidAsAnonymous && caller.Kind == PersonalToken {
		state = Absent
	}
	if state == Invalid {
		return w.stop(StepCredential, problem.Unauthenticated, caller.Reason, challengeInvalid)
	}
	w.pass(StepCredential)
	if state == Absent {
		return w.anonymous(policy, op)
	}
	return w.user(policy, op, caller)
}

// walk collects the path while Decide goes along it.
type walk struct{ d Decision }

func (w *walk) pass(s Step) { w.d.Path[s] = Passed }

func (w *walk) stop(s Step, kind problem.Kind, detail, challenge string) Decision {
	w.d.Path[s] = Stopped
	w.d.Denial = problem.New(kind, "%s", detail)
	w.d.Challenge = challenge
	return w.d
}

// anonymous goes on along the left side of the chart.
func (w *walk) anonymous(policy *Policy, op *Operation) Decision {
	if policy.RequireAuthentication || !op.Anonymous {
		return w.stop(StepSignIn, problem.Unauthenticated, textAuthRequired, challengeBearer)
	}
	w.pass(StepSignIn)
	return w.scopes(op, policy.UnauthenticatedScopes)
}

// user goes on along the right side of the chart.
func (w *walk) user(policy *Policy, op *Operation, caller *Caller) Decision {
	w.pass(StepSignIn)
	switch caller.UserState {
	case UserKnown:
		w.pass(StepUser)
	case UserDisabled:
		return w.stop(StepUser, problem.Forbidden, textDisabled, "")
	case UserUnavailable:
		return w.stop(StepUser, problem.Unavailable, textDirectory, "")
	default:
		return w.stop(StepUser, problem.Forbidden, textUnknownUser, "")
	}
	granted := caller.Granted
	if policy.Authorized != nil && !policy.Authorized.Holds(&caller.User) {
		if policy.RejectUnauthorized {
			return w.stop(StepAllowList, problem.Forbidden, textUnauthorized, "")
		}
		granted = policy.UnauthorizedScopes
		if caller.Kind == PersonalToken { // no token manages tokens, whatever the configuration says
			granted = granted.Without(scope.Tokens())
		}
	}
	w.pass(StepAllowList)
	d := w.scopes(op, granted)
	if !d.Allowed {
		return d
	}
	return w.role(op, caller)
}

// scopes is the last box of the chart.
func (w *walk) scopes(op *Operation, granted scope.Set) Decision {
	w.d.InForce = granted
	if missing := op.Scopes.Without(granted); missing != 0 {
		w.d.Missing = missing
		return w.stop(StepScopes, problem.Forbidden, textMissing+missing.Quoted(), "")
	}
	w.pass(StepScopes)
	w.d.Allowed = true
	return w.d
}

// role is ours: operations that manage this Oasis need a role and a person.
func (w *walk) role(op *Operation, caller *Caller) Decision {
	w.d.Allowed = false
	if op.Accepts != 0 && !op.Accepts.Has(caller.Kind) {
		return w.stop(StepRole, problem.Forbidden, textWrongKind+caller.Kind.String()+".", "")
	}
	if op.AdminOnly && !caller.User.Admin {
		return w.stop(StepRole, problem.Forbidden, textAdminOnly, "")
	}
	w.pass(StepRole)
	w.d.Allowed = true
	return w.d
}

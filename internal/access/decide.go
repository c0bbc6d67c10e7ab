package access

import (
	"oasis/internal/access/scope"
	"oasis/internal/problem"
)

// Decide walks the flowchart from top to bottom and tells at which box it
// ended. It does no I/O, looks at no clock, and gives an answer for every
// combination of its arguments.
//
// setUp tells whether an administrator exists; until then everything but the
// operations marked BeforeSetUp is closed. uploadID is the upload in the path of
// an operation that reaches for one (ReachUpload), "" for the others.
func Decide(policy *Policy, setUp bool, op *Operation, caller *Caller, uploadID string) Decision {
	var w walk
	w.decide(policy, setUp, op, caller, uploadID)
	return w.d
}

// walk collects the path while Decide goes along it.
type walk struct{ d Decision }

func (w *walk) pass(s Step) { w.d.Path[s] = Passed }

func (w *walk) stop(s Step, denial *problem.Error, challenge string) {
	w.d.Path[s] = Stopped
	w.d.Denial, w.d.Challenge = denial, challenge
}

func (w *walk) decide(policy *Policy, setUp bool, op *Operation, caller *Caller, uploadID string) {
	w.pass(StepNetwork) // the request has reached us: the deployment let it through
	if !setUp && !op.BeforeSetUp {
		w.stop(StepSetUp, errNotSetUp, "")
		return
	}
	w.pass(StepSetUp)
	if op.Open {
		w.d.Allowed = true
		return
	}
	state := caller.State
	if state == Invalid && policy.InvalidAsAnonymous && caller.Kind == PersonalToken {
		state = Absent
	}
	switch {
	case state == Invalid:
		w.stop(StepCredential, invalidCredential(caller.Reason), challengeInvalid)
		return
	case state == Valid && policy.RefusedKinds.Has(caller.Kind):
		w.stop(StepCredential, errKindOff[caller.Kind], challengeInvalid)
		return
	}
	w.pass(StepCredential)
	if state == Absent {
		w.anonymous(policy, op)
		return
	}
	w.user(policy, op, caller, uploadID)
}

// anonymous goes on along the left side of the chart.
func (w *walk) anonymous(policy *Policy, op *Operation) {
	if policy.RequireAuthentication || !op.Anonymous {
		w.stop(StepSignIn, errAuthRequired, challengeBearer)
		return
	}
	w.pass(StepSignIn)
	w.d.Allowed = w.scopes(op, policy.UnauthenticatedScopes)
}

// user goes on along the right side of the chart.
func (w *walk) user(policy *Policy, op *Operation, caller *Caller, uploadID string) {
	w.pass(StepSignIn)
	switch caller.UserState {
	case UserKnown:
		if policy.SecondFactor != "" && !op.BeforeFactor && People().Has(caller.Kind) && policy.SecondFactor.Lacks(&caller.User) {
			w.stop(StepUser, errNoFactor, "")
			return
		}
		w.pass(StepUser)
	case UserDisabled:
		w.stop(StepUser, errDisabled, "")
		return
	case UserUnavailable:
		w.stop(StepUser, errDirectory, "")
		return
	default:
		w.stop(StepUser, errUnknownUser, "")
		return
	}
	granted := caller.Granted
	if policy.Authorized != nil && !policy.Authorized.Holds(&caller.User) {
		if policy.RejectUnauthorized {
			w.stop(StepAllowList, errUnauthorized, "")
			return
		}
		granted = policy.unlisted(caller)
	}
	if caller.Kind == PersonalToken {
		granted = granted.Without(policy.ForbiddenPATScopes)
	}
	w.pass(StepAllowList)
	w.d.Allowed = w.scopes(op, granted) && w.restrictions(op, caller, uploadID) && w.role(op, caller)
}

// unlisted gives the scopes of somebody who is not on the allow list and not
// rejected. A person holds those of the configuration. A token that was given
// less never comes to more by that: it keeps what is in both.
func (p *Policy) unlisted(caller *Caller) scope.Set {
	switch caller.Kind {
	case PersonalToken, UploadToken, SimpleToken:
		return caller.Granted & p.UnauthorizedScopes
	default:
		return p.UnauthorizedScopes
	}
}

// scopes is the last box of the chart.
func (w *walk) scopes(op *Operation, granted scope.Set) bool {
	w.d.InForce = granted
	if lacking := op.Scopes.Without(granted); lacking != 0 {
		w.d.Missing = lacking
		w.stop(StepScopes, missing(lacking), "")
		return false
	}
	w.pass(StepScopes)
	return true
}

// restrictions is ours: what the owner wrote into a token to narrow it.
func (w *walk) restrictions(op *Operation, caller *Caller, uploadID string) bool {
	r := caller.Restrictions
	if r == nil {
		w.pass(StepRestrictions)
		return true
	}
	switch {
	case !r.AllowsFrom(caller.Address):
		w.stop(StepRestrictions, problem.New(problem.Forbidden, "%s", textNetwork+placeOf(caller)+"."), "")
	case r.AddsOnly() && !op.Adds:
		w.stop(StepRestrictions, errAppendOnly, "")
	case r.Uploads != nil && op.Reach == ReachElse:
		w.stop(StepRestrictions, errBeyond, "")
	case r.Uploads != nil && op.Reach == ReachUpload && !r.AllowsUpload(uploadID):
		w.stop(StepRestrictions, errOtherUpload, "")
	default:
		w.pass(StepRestrictions)
		return true
	}
	return false
}

func placeOf(caller *Caller) string {
	if !caller.Address.IsValid() {
		return "an unknown address"
	}
	return caller.Address.String()
}

// role is ours: operations that manage this Oasis need a role and a person.
func (w *walk) role(op *Operation, caller *Caller) bool {
	switch {
	case op.Accepts != 0 && !op.Accepts.Has(caller.Kind):
		w.stop(StepRole, errWrongKind[caller.Kind], "")
	case op.AdminOnly && !caller.User.Admin:
		w.stop(StepRole, errAdminOnly, "")
	default:
		w.pass(StepRole)
		return true
	}
	return false
}

package explain

import (
	"strings"

	"oasis/internal/access"
)

// sentence says what happened at a box.
func (q *Question) sentence(step access.Step, outcome access.Outcome) string {
	if outcome == access.NotReached {
		return "Not asked any more."
	}
	passed := outcome == access.Passed
	anonymous := q.anonymous()
	switch step {
	case access.StepNetwork:
		return "The request reached this server."
	case access.StepSetUp:
		return choose(passed, "This Oasis is set up.", "This Oasis has no administrator yet.")
	case access.StepCredential:
		return q.credential(passed)
	case access.StepSignIn:
		switch {
		case !passed:
			return "This operation needs somebody who is signed in."
		case anonymous:
			return "This operation may be used without signing in."
		}
		return "Somebody is signed in."
	case access.StepUser:
		return choose(passed, "The account is known and active.", q.userTrouble())
	case access.StepAllowList:
		return q.allowList(passed)
	case access.StepScopes:
		switch {
		case !passed:
			return "Needed scopes are not in force: " + strings.Join(q.Decision.Missing.Names(), ", ") + "."
		case q.Operation.Scopes == 0:
			return "No scope is needed."
		}
		return "All needed scopes are in force: " + strings.Join(q.Operation.Scopes.Names(), ", ") + "."
	case access.StepRestrictions:
		switch {
		case !passed:
			return q.Decision.Denial.Detail
		case q.Caller.Restrictions == nil:
			return "The credential is not restricted any further."
		}
		return "The restrictions of the token allow it."
	default:
		return choose(passed, "The account's role and the kind of credential suffice.", "The account's role or the kind of credential does not suffice.")
	}
}

// anonymous tells whether the decision saw a visitor.
func (q *Question) anonymous() bool {
	return q.Caller.State == access.Absent || q.Caller.State == access.Invalid && q.Decision.Path[access.StepCredential] == access.Passed
}

func (q *Question) credential(passed bool) string {
	kind := withArticle(q.Caller.Kind.String())
	switch {
	case passed && q.Caller.State == access.Invalid:
		return "The request carried " + kind + " that is not valid; it counts as none."
	case passed && q.Caller.State == access.Absent:
		return "The request carried no credential."
	case passed:
		return "The request carried a valid " + q.Caller.Kind.String() + "."
	case q.Caller.State == access.Valid:
		return "The request carried " + kind + "; this kind is switched off."
	}
	return "The request carried " + kind + " that is not valid, or not any more."
}

func (q *Question) userTrouble() string {
	switch q.Caller.UserState {
	case access.UserDisabled:
		return "The account is disabled."
	case access.UserUnavailable:
		return "The user directory does not answer."
	case access.UserUnknown:
		return "The account behind the credential is not known here."
	}
	return "The account must have a second factor and has none."
}

func (q *Question) allowList(passed bool) string {
	switch {
	case !passed:
		return "The account is not on the list of people who may use this Oasis."
	case !q.unlisted():
		return "The account may use this Oasis."
	}
	return "The account is not on the list of people who may use this Oasis, but people outside of it hold some scopes."
}

// unlisted tells whether the caller is somebody whom the allow list does not hold.
func (q *Question) unlisted() bool {
	return !q.anonymous() && q.Policy.Authorized != nil && !q.Policy.Authorized.Holds(&q.Caller.User)
}

func choose(first bool, a, b string) string {
	if first {
		return a
	}
	return b
}

// withArticle puts "a" or "an" before a name.
func withArticle(name string) string {
	if strings.ContainsRune("aeiou", rune(name[0])) {
		return "an " + name
	}
	return "a " + name
}

package explain

import (
	"strings"

	"oasis/internal/access"
	"oasis/internal/problem"
)

// helpSignIn is what visitors are told.
const helpSignIn = "Sign in, or send an access token in the header Authorization: Bearer or Oasis-Token."

// help says what would get the request past the box that stopped it, as far as
// the caller may know.
func (q *Question) help() string {
	step, _ := q.Decision.StoppedAt()
	ask := "Ask an administrator of this Oasis"
	if q.Policy.Contact != "" {
		ask += " (" + q.Policy.Contact + ")"
	}
	switch step {
	case access.StepSetUp:
		return "Whoever started the server finds a link in its output that makes the first administrator."
	case access.StepCredential:
		switch {
		case q.Caller.State == access.Valid:
			return "Use a personal access token: they are made on the page \"Access tokens\"."
		case q.Caller.Kind == access.SessionCookie:
			return "Sign in again."
		}
		return "Use another token: access tokens are made, renewed and looked up on the page \"Access tokens\"."
	case access.StepSignIn:
		return helpSignIn
	case access.StepUser:
		switch {
		case q.Caller.UserState == access.UserUnavailable:
			return "Try again in a minute."
		case q.lacksFactor():
			return "Sign in with the browser and set up a second factor under \"Security\"."
		}
		return ask + " to let this account in."
	case access.StepAllowList:
		return ask + " to let this account in."
	case access.StepScopes:
		switch {
		case q.anonymous():
			return "Sign in: visitors hold fewer scopes."
		case q.Caller.Kind != access.SessionCookie && q.Caller.Kind != access.ProviderToken && !q.Caller.Granted.Grants(q.Operation.Scopes):
			return "Make an access token that has these scopes."
		}
		return ask + ": accounts like yours hold fewer scopes here."
	case access.StepRestrictions:
		return "Use another token, or sign in: this one is narrowed by its owner, see its line on the page \"Access tokens\"."
	case access.StepRole:
		return ask + ", or sign in on the page."
	default:
		return ""
	}
}

// adminHelp says which change would let the request pass the box that stopped it.
func (q *Question) adminHelp() string {
	step, _ := q.Decision.StoppedAt()
	name := q.Caller.User.Username
	switch step {
	case access.StepSetUp:
		return "Would be answered once the first administrator is made, with the link in the output of the server."
	case access.StepCredential:
		if q.Caller.State == access.Valid {
			return "Would be accepted by allowing this kind of credential in the sign-in settings."
		}
		return "Would be let in with a credential that is alive."
	case access.StepSignIn:
		if q.Operation.Anonymous {
			return "Would be let in by setting auth.require_authentication to false, or by signing in."
		}
		return "Nobody may do this without signing in, whatever the settings."
	case access.StepUser:
		return q.userHelp(name)
	case access.StepAllowList:
		return "Would be let in by adding " + name + " to auth.authorized_users."
	case access.StepScopes:
		return q.scopeHelp(name)
	case access.StepRestrictions:
		return "Would be allowed with a token that is not restricted like this, or by signing in."
	case access.StepRole:
		if q.Operation.Accepts != 0 && !q.Operation.Accepts.Has(q.Caller.Kind) {
			return "Would get further by signing in: this operation takes no " + q.Caller.Kind.String() + "."
		}
		return "Would be allowed by making " + name + " an administrator."
	default:
		return ""
	}
}

func (q *Question) userHelp(name string) string {
	switch {
	case q.Caller.UserState == access.UserDisabled:
		return "Would be let in by enabling the account " + name + "."
	case q.Caller.UserState == access.UserUnavailable:
		return "Would be let in once the user directory answers."
	case q.lacksFactor():
		return "Would be let in once " + name + " has set up a second factor, or with another value of auth.second_factor."
	}
	return "Would be let in with the credential of an account that exists."
}

func (q *Question) lacksFactor() bool {
	return q.Caller.UserState == access.UserKnown && q.Policy.SecondFactor != ""
}

func (q *Question) scopeHelp(name string) string {
	missing := strings.Join(q.Decision.Missing.Names(), ", ")
	switch {
	case q.anonymous():
		return "Would be allowed by signing in, or by adding " + missing + " to auth.unauthenticated_user_scopes.include."
	case !q.Caller.Granted.Grants(q.Operation.Scopes):
		return "Would be allowed with a token that holds " + missing + "."
	case q.unlisted():
		return "Would be allowed by adding " + name + " to auth.authorized_users, or " + missing + " to auth.unauthorized_user_scopes.include."
	}
	return "Would be allowed by taking " + missing + " off auth.pat_forbidden_scopes, or by signing in."
}

// objectHelp says what would get past the rules of an object.
func (q *Question) objectHelp() string {
	if q.Refusal.Kind == problem.Unauthenticated {
		return helpSignIn
	}
	return "Ask the main author of the upload to give you the role you need."
}

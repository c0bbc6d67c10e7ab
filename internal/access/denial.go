package access

import (
	"strings"

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
	textNoFactor     = "Your account must have a second factor. Sign in with the browser and set one up."
	textUnauthorized = "You are not authorized to access this Oasis"
	textAdminOnly    = "This operation is for administrators of this Oasis."
	textMissing      = "Missing scopes: "
	textWrongKind    = "This operation needs a person who is signed in; it does not accept "
	textAppendOnly   = "This token may only create uploads and add new files."
	textOtherUpload  = "This token may only be used with certain uploads, and this is not one of them."
	textBeyond       = "This token may only be used with certain uploads, and this operation concerns more than those."
	textNetwork      = "This token may not be used from "
	textKindOff      = " is not accepted here: the administrator of this Oasis has switched this kind off. Use a personal access token."
)

// Challenges of 401 answers (RFC 6750 §3).
const (
	challengeBearer  = "Bearer"
	challengeInvalid = `Bearer error="invalid_token"`
)

// Refusals are made once: deciding allocates nothing, also when it says no.
// Only what names several scopes or an address is made on the way.
var (
	errNotSetUp     = problem.New(problem.Unavailable, textNotSetUp)
	errAuthRequired = problem.New(problem.Unauthenticated, textAuthRequired)
	errUnknownUser  = problem.New(problem.Forbidden, textUnknownUser)
	errDisabled     = problem.New(problem.Forbidden, textDisabled)
	errDirectory    = problem.New(problem.Unavailable, textDirectory)
	errNoFactor     = problem.New(problem.Forbidden, textNoFactor)
	errUnauthorized = problem.New(problem.Forbidden, textUnauthorized)
	errAdminOnly    = problem.New(problem.Forbidden, textAdminOnly)
	errAppendOnly   = problem.New(problem.Forbidden, textAppendOnly)
	errOtherUpload  = problem.New(problem.Forbidden, textOtherUpload)
	errBeyond       = problem.New(problem.Forbidden, textBeyond)

	errWrongKind = forEachKind(problem.Forbidden, func(kind string) string { return textWrongKind + article(kind) + "." })
	errKindOff   = forEachKind(problem.Unauthenticated, func(kind string) string { return strings.ToUpper(kind[:1]) + kind[1:] + textKindOff })
	errMissing   = forEachScope()
	errReason    = map[string]*problem.Error{
		textInvalidToken:   problem.New(problem.Unauthenticated, textInvalidToken),
		textInvalidJWT:     problem.New(problem.Unauthenticated, textInvalidJWT),
		textInvalidSession: problem.New(problem.Unauthenticated, textInvalidSession),
	}
)

func forEachKind(kind problem.Kind, text func(string) string) (all [kinds]*problem.Error) {
	for k := range kinds {
		all[k] = problem.New(kind, "%s", text(k.String()))
	}
	return all
}

// article puts "a" or "an" before a name.
func article(name string) string {
	if strings.ContainsRune("aeiou", rune(name[0])) {
		return "an " + name
	}
	return "a " + name
}

func forEachScope() map[scope.Set]*problem.Error {
	all := map[scope.Set]*problem.Error{}
	for _, info := range scope.All() {
		one := scope.Of(info.Scope)
		all[one] = problem.New(problem.Forbidden, "%s", textMissing+one.Quoted())
	}
	return all
}

// missing is the refusal that names scopes.
func missing(set scope.Set) *problem.Error {
	if e := errMissing[set]; e != nil {
		return e
	}
	return problem.New(problem.Forbidden, "%s", textMissing+set.Quoted())
}

// invalidCredential is the refusal of a credential that is no good.
func invalidCredential(reason string) *problem.Error {
	if e := errReason[reason]; e != nil {
		return e
	}
	return problem.New(problem.Unauthenticated, "%s", reason)
}

// Package access answers one question: may this request do this? Decide is the
// flowchart as one pure function; Authenticator turns a presented credential
// into what Decide reads.
//
// Every operation of the API passes Decide exactly once, with the scopes that
// its row of the route table declares. What the object itself allows is the
// second gate: data/upload/permission.go.
package access

import (
	"net/netip"
	"time"

	"oasis/internal/access/identity"
	"oasis/internal/access/scope"
	"oasis/internal/access/token"
	"oasis/internal/problem"
)

// Operation is what a row of the route table says about access.
type Operation struct {
	// ID is the operationId, unique.
	ID string
	// Open operations are never guarded: sign-in, health, the API description.
	Open bool
	// BeforeSetUp operations work while no administrator exists.
	BeforeSetUp bool
	// Scopes are all needed.
	Scopes scope.Set
	// Anonymous tells whether a visitor without credential may call it (given the scopes).
	Anonymous bool
	// Accepts lists the kinds of credentials; 0 = all.
	Accepts Kinds
	// AdminOnly operations need the admin role.
	AdminOnly bool
	// BeforeFactor operations also work for people who must set up a second factor first.
	BeforeFactor bool
	// UploadToken operations take the deprecated header Upload-Token (spec auth.md §8, column UT).
	UploadToken bool
	// Adds marks operations that only ever add, and those that tell what was added by such a token: append-only
	// tokens may call them, and no others.
	Adds bool
	// Reach says what a token that is restricted to certain uploads meets here.
	Reach Reach
}

// Reach is how far an operation goes beyond one upload (decisions 23).
type Reach uint8

// The reaches.
const (
	// ReachElse operations concern something else than certain uploads; a token restricted to uploads may not call them.
	ReachElse Reach = iota
	// ReachUpload operations concern the upload in the path, {upload_id}.
	ReachUpload
	// ReachVisible operations give what the viewer may see; the object rules cut it to the token's uploads.
	ReachVisible
	// ReachPublic operations concern nobody's data, or only the caller's own account.
	ReachPublic
)

// Policy is the part of the configuration that decides. It is immutable; a
// change swaps the whole value.
type Policy struct {
	RequireAuthentication bool
	// Authorized is nil when every account may use this Oasis.
	Authorized         *AllowList
	RejectUnauthorized bool
	// UnauthenticatedScopes are what a visitor holds.
	UnauthenticatedScopes scope.Set
	// UnauthorizedScopes replace the scopes of users that are not on the list, unless they are rejected. Tokens
	// that were given fewer scopes than their owner holds keep only those that are in both (docs/adr/0005).
	UnauthorizedScopes scope.Set
	// RefusedKinds of credentials are switched off (auth.allow_*).
	RefusedKinds Kinds
	// ForbiddenPATScopes are in force in no personal access token (auth.pat_forbidden_scopes).
	ForbiddenPATScopes scope.Set
	// NoAuthorizationCookie ignores NOMAD's cookie (auth.allow_authorization_cookie: false).
	NoAuthorizationCookie bool
	// NoTokenInQuery ignores token= in the address (auth.allow_upload_token_in_query: false).
	NoTokenInQuery bool
	// SecondFactor says who must have a second factor; until they have, they may only set one up.
	SecondFactor identity.FactorRule
	// InvalidAsAnonymous treats a dead personal access token as no credential (the literal chart).
	InvalidAsAnonymous bool
	// Contact is whom a refused person may ask, "" = nobody named.
	Contact string
}

// CredentialState is what checking the credential found.
type CredentialState uint8

// The states of a credential.
const (
	// Absent: none was presented.
	Absent CredentialState = iota
	// Valid: it is genuine and alive.
	Valid
	// Invalid: forged, expired, revoked, unknown or unreadable.
	Invalid
)

// UserState is what looking up the user behind a valid credential found.
type UserState uint8

// The states of a user.
const (
	UserKnown UserState = iota
	// UserUnknown: the account was removed or never existed here.
	UserUnknown
	// UserDisabled: an administrator switched the account off.
	UserDisabled
	// UserUnavailable: the directory does not answer.
	UserUnavailable
)

// User is the account of a caller as the directory has it. Deciding reads the id,
// the names to compare with the allow list, and the role; the rest spares
// handlers a look-up.
type User = identity.User

// Caller is who asks, as established by the Authenticator.
type Caller struct {
	Kind  Kind
	State CredentialState
	// CredentialID names the credential in logs and in the audit: the token id, never the secret.
	CredentialID string
	// Reason is the detail of the 401 for an Invalid credential.
	Reason string
	// Fate tells the audit log, and nobody else, what became of an Invalid credential that is known.
	Fate      string
	User      User
	UserState UserState
	// Granted are the scopes of the credential.
	Granted scope.Set
	// Restrictions of a personal access token, nil = none.
	Restrictions *token.Restrictions
	// Address the request comes from; the zero value is no address.
	Address netip.Addr
	// Expires is when the credential ends by itself; zero = never, or not known.
	Expires time.Time
	// Lapsed tells that the time of a Valid credential is over, see Presented.Finishing.
	Lapsed bool
}

// Step is a box of the flowchart.
type Step uint8

// The boxes, in their order.
const (
	StepNetwork Step = iota
	StepSetUp
	StepCredential
	StepSignIn
	StepUser
	StepAllowList
	StepScopes
	StepRestrictions
	StepRole
	steps
)

// String names the step as the decision path shows it.
func (s Step) String() string {
	return [...]string{"network", "set_up", "credential", "sign_in", "user", "allow_list", "scopes", "restrictions", "role"}[s]
}

// Outcome is what happened at a step.
type Outcome uint8

// The outcomes.
const (
	NotReached Outcome = iota
	Passed
	Stopped
)

// String names the outcome as the decision path shows it.
func (o Outcome) String() string { return [...]string{"not_reached", "passed", "stopped"}[o] }

// Path is the way through the flowchart: one outcome per step.
type Path [steps]Outcome

// Decision is the answer of Decide.
type Decision struct {
	Allowed bool
	// Denial is nil when allowed: the kind and the sentence of the refusal.
	Denial *problem.Error
	// Challenge is the value of the WWW-Authenticate header of a 401, "" = none.
	Challenge string
	Path      Path
	// InForce are the scopes that counted.
	InForce scope.Set
	// Missing are the needed scopes that were not in force.
	Missing scope.Set
}

// StoppedAt gives the step that refused; ok is false when allowed.
func (d *Decision) StoppedAt() (Step, bool) {
	for s, o := range d.Path {
		if o == Stopped {
			return Step(s), true
		}
	}
	return 0, false
}

// Package identity holds the people of this Oasis: accounts, passwords and
// browser sessions. Tokens are in package token; what somebody may do is decided
// in package access.
package identity

import (
	"context"
	"time"
)

// User is an account.
type User struct {
	// ID is a UUID in its usual text form.
	ID string
	// Username matches ^[a-zA-Z0-9_.-]+$ and is unique without regard to case.
	Username string
	// Email is unique without regard to case.
	Email              string
	FirstName          string
	LastName           string
	Affiliation        string
	AffiliationAddress string
	Created            time.Time
	// Origin is "" for an account of this Oasis, else the issuer that knows the person.
	Origin string
	// LastSignIn and LastSeen are zero for somebody who has never been here.
	LastSignIn time.Time
	LastSeen   time.Time
	// HasPassword tells whether the account can sign in with a password; the store derives it.
	HasPassword bool
	// SecondFactor tells whether a second factor is set up; the store derives it.
	SecondFactor bool
	// Admin marks an administrator of this Oasis.
	Admin bool
	// LabManager manages instruments, their tokens and claims, and nothing else (decisions 3).
	LabManager bool
	// Groups are the ids and the names, in lower case, of the groups that the user is in; directories fill
	// them where one user is looked up.
	Groups []string
	// GroupIDs are the ids of the same groups as they are: object rules compare these, never names.
	GroupIDs []string
	// Disabled accounts cannot sign in and their credentials are refused.
	Disabled bool
	// Generation counts changes that end what was handed out before: access tokens carry the
	// generation they were made under and die when it moves on (password change, disabling).
	Generation int64
}

// Name is first and last name, or the user name when both are missing.
func (u *User) Name() string {
	switch {
	case u.FirstName != "" && u.LastName != "":
		return u.FirstName + " " + u.LastName
	case u.FirstName+u.LastName != "":
		return u.FirstName + u.LastName
	default:
		return u.Username
	}
}

// Session is a browser session. The cookie holds a random secret; only its
// SHA-256 is stored.
type Session struct {
	// Digest is the lower-case hex SHA-256 of the cookie's value.
	Digest   string
	UserID   string
	Created  time.Time
	LastSeen time.Time
	// Address and Agent tell the owner where the session was started.
	Address string
	Agent   string
}

// SigningKey is a private key of the embedded provider.
type SigningKey struct {
	// ID is the "kid" in tokens and in the JWKS.
	ID string
	// Sealed is the private key, encrypted under the server's secret.
	Sealed  []byte
	Created time.Time
}

// AccountFilter selects accounts for administrators.
type AccountFilter struct {
	// Search is found anywhere in user name, names or e-mail, without regard to case.
	Search string
	// State is "" for all, or one of the States.
	State State
	// Offset and Limit cut the page.
	Offset, Limit int
}

// State is what an administrator selects accounts by.
type State string

// The states. Somebody is invited who has never signed in and has no password yet.
const (
	StateActive   State = "active"
	StateDisabled State = "disabled"
	StateInvited  State = "invited"
	StateAdmin    State = "admin"
)

// State of an account: active, disabled or invited.
func (u *User) State() State {
	switch {
	case u.Disabled:
		return StateDisabled
	case u.Origin == "" && !u.HasPassword && u.LastSignIn.IsZero():
		return StateInvited
	default:
		return StateActive
	}
}

// Search selects users; the results of all criteria are joined in this order
// without duplicates (spec auth.md §7).
type Search struct {
	IDs       []string
	Usernames []string
	Emails    []string
	// Prefix of user name, first, last or full name, without regard to case.
	Prefix string
	Limit  int
	// Everywhere asks the directory of an external provider too.
	Everywhere bool
}

// Store keeps users, sessions and keys. Methods that look up one thing return a
// problem of kind Missing when it is not there; inserts return Conflict naming
// what is taken.
type Store interface {
	User(ctx context.Context, id string) (User, error)
	// UserByLogin finds by user name or e-mail, without regard to case.
	UserByLogin(ctx context.Context, login string) (User, error)
	FindUsers(ctx context.Context, search Search) ([]User, error)
	ListUsers(ctx context.Context) ([]User, error)
	// InsertUser stores a new account; an empty hash is an account that cannot sign in with a password.
	InsertUser(ctx context.Context, user User, passwordHash string) error
	// InsertFirstAdmin stores the first account; Conflict when an admin exists already (checked in the same transaction).
	InsertFirstAdmin(ctx context.Context, user User, passwordHash string) error
	// UpdateUser overwrites names, e-mail, flags; it bumps Generation when bump is true and ends the user's sessions.
	UpdateUser(ctx context.Context, user User, bump bool) error
	DeleteUser(ctx context.Context, id string) error
	PasswordHash(ctx context.Context, id string) (string, error)
	// SetPasswordHash replaces the hash, bumps Generation and ends the user's sessions but the one with
	// the digest keep; it also ends links and half-done sign-ins of the user.
	SetPasswordHash(ctx context.Context, id, hash, keep string) error
	// UpgradePasswordHash replaces the hash by another one of the same password, if it still is old.
	UpgradePasswordHash(ctx context.Context, id, old, hash string) error
	HasAdmin(ctx context.Context) (bool, error)
	// HashLike gives a password hash that begins with prefix, "" when there is none.
	HashLike(ctx context.Context, prefix string) (string, error)
	// ListAccounts gives a page of the accounts that filter selects, by user name, and how many there are.
	ListAccounts(ctx context.Context, filter AccountFilter) ([]User, int, error)
	// EndCredentials ends all sessions of a user but the one with the digest keep, and all access tokens.
	EndCredentials(ctx context.Context, userID, keep string) error

	// InsertSession also notes the sign-in in the account.
	InsertSession(ctx context.Context, s Session) error
	// Sessions gives the sessions of a user, last used first.
	Sessions(ctx context.Context, userID string) ([]Session, error)
	Session(ctx context.Context, digest string) (Session, error)
	DeleteSession(ctx context.Context, digest string) error
	// TouchSessions writes last-seen times, also of the accounts, in one go; unknown digests are skipped.
	TouchSessions(ctx context.Context, seen map[string]time.Time) error
	// DeleteSessionsBefore removes sessions last seen, or created, before the given times.
	DeleteSessionsBefore(ctx context.Context, lastSeen, created time.Time) error

	FactorStore
	TicketStore

	SigningKeys(ctx context.Context) ([]SigningKey, error)
	InsertSigningKey(ctx context.Context, key SigningKey) error
}

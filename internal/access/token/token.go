// Package token holds personal access tokens: long-lived, least-privilege
// credentials that people make for scripts and instruments.
package token

import (
	"context"
	"net/netip"
	"time"

	"oasis/internal/access/scope"
)

// PAT is a personal access token as stored; the secret itself is never kept.
type PAT struct {
	// ID is 24 hex digits.
	ID          string
	UserID      string
	Name        string
	Description string // "" = none
	Scopes      scope.Set
	// Digest is the lower-case hex SHA-256 of the whole raw token, prefix included.
	Digest    string
	CreatedAt time.Time
	UpdatedAt time.Time
	// ExpiredAt is when the token ends; zero = never.
	ExpiredAt time.Time
	// RevokedAt is when it was revoked; zero = not revoked.
	RevokedAt  time.Time
	LastUsedAt time.Time // zero = never
	// LastUsedFrom is the address of the last use.
	LastUsedFrom string
	// Restrictions narrow the token, nil = not at all.
	Restrictions *Restrictions
	// Ended tells how a revoked token came to its end; empty for others.
	Ended Ending
}

// Ending is how a token was ended before its time.
type Ending struct {
	// How is what ended it, "" = not known (tokens ended by an older version).
	How EndedHow
	// By is the user who ended it.
	By string
	// Successor is the token that replaced it, "" = none.
	Successor string
}

// EndedHow is a way to end a token.
type EndedHow string

// The ways.
const (
	EndedRevoked EndedHow = "revoked"          // by its owner
	EndedRotated EndedHow = "rotated"          // its owner replaced it
	EndedByAdmin EndedHow = "revoked_by_admin" // an administrator revoked it
	EndedLeaked  EndedHow = "leaked"           // an administrator was shown it
	EndedAll     EndedHow = "all_ended"        // its owner ended all tokens and sessions
)

// State is where a token is in its life; revoked counts before expired.
type State string

// The states.
const (
	Active  State = "active"
	Expired State = "expired"
	Revoked State = "revoked"
)

// State tells whether the token can be used at the time now.
func (p *PAT) State(now time.Time) State {
	switch {
	case !p.RevokedAt.IsZero():
		return Revoked
	case !p.ExpiredAt.IsZero() && p.ExpiredAt.Before(now):
		return Expired
	default:
		return Active
	}
}

// Filter selects tokens of one user (spec auth.md §6, GET /auth/pats). Nil and
// empty members do not restrict; times are inclusive.
type Filter struct {
	Search        string // case-insensitive substring of the name
	Revoked       *bool
	Active        *bool // true: neither revoked nor expired; false: one of them
	CreatedAfter  *time.Time
	CreatedBefore *time.Time
	UsedAfter     *time.Time
	UsedBefore    *time.Time
	ExpiresAfter  *time.Time
	ExpiresBefore *time.Time
	// OrderBy is created_desc (default), created_asc, expires_asc|desc, last_used_asc|desc, name_asc|desc.
	OrderBy string
	Offset  int
	Limit   int
	// Now decides what is expired.
	Now time.Time
}

// Use is a use of a token, written in batches.
type Use struct {
	At time.Time
	// From is the address; the zero value could not be told.
	From netip.Addr
}

// Store keeps tokens. Look-ups of one token return a problem of kind Missing
// when it is not there.
type Store interface {
	// InsertPAT stores a token unless the user has maxActive active ones at now (checked in the same
	// transaction); then it returns ErrTooMany.
	InsertPAT(ctx context.Context, p PAT, maxActive int, now time.Time) error
	PATByDigest(ctx context.Context, digest string) (PAT, error)
	PAT(ctx context.Context, userID, id string) (PAT, error)
	// ListPATs gives one page and the total.
	ListPATs(ctx context.Context, userID string, f Filter) ([]PAT, int, error)
	// PATByID finds a token of anybody.
	PATByID(ctx context.Context, id string) (PAT, error)
	// RevokePAT sets RevokedAt and how it ended unless it is revoked already.
	RevokePAT(ctx context.Context, userID, id string, at time.Time, ending Ending) error
	// RevokeAllPATs does so for all active tokens of a user and gives those it ended.
	RevokeAllPATs(ctx context.Context, userID string, at time.Time, ending Ending) ([]PAT, error)
	// RotatePAT revokes old and stores next in one transaction; ErrNotActive when old is revoked or expired at now.
	RotatePAT(ctx context.Context, oldID string, next PAT, now time.Time) error
	// TouchPATs writes last-used times in one go, by token id.
	TouchPATs(ctx context.Context, uses map[string]Use) error
	// PrunePATs deletes tokens that ended (expired or revoked) before the given time and tells how many.
	PrunePATs(ctx context.Context, endedBefore time.Time) (int, error)

	// AddUsage notes what tokens were used for, and forgets what lies before the given time.
	AddUsage(ctx context.Context, usage []Used, forgetBefore time.Time) error
	// Usage gives what a token was used for since a time, at most limit items of each kind, the latest first.
	Usage(ctx context.Context, patID string, since time.Time, limit int) ([]Used, error)

	// LegacyTokensOff tells whether the upload and simple tokens of a user are switched off.
	LegacyTokensOff(ctx context.Context, userID string) (bool, error)
	// SetLegacyTokensOff switches them off or on.
	SetLegacyTokensOff(ctx context.Context, userID string, off bool, at time.Time) error
}

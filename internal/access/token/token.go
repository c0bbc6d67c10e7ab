// Package token holds personal access tokens: long-lived, least-privilege
// credentials that people make for scripts and instruments.
package token

import (
	"context"
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
}

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
	At   time.Time
	From string
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
	// RevokePAT sets RevokedAt unless it is set.
	RevokePAT(ctx context.Context, userID, id string, at time.Time) error
	// RotatePAT revokes old and stores next in one transaction; ErrNotActive when old is revoked or expired at now.
	RotatePAT(ctx context.Context, oldID string, next PAT, now time.Time) error
	// TouchPATs writes last-used times in one go, by token id.
	TouchPATs(ctx context.Context, uses map[string]Use) error
	// PrunePATs deletes tokens that ended (expired or revoked) before the given time and tells how many.
	PrunePATs(ctx context.Context, endedBefore time.Time) (int, error)
}

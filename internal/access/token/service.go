package token

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"oasis/internal/access/audit"
	"oasis/internal/access/scope"
	"oasis/internal/problem"
)

// Limits are the rules for tokens that the configuration sets (auth.pat_*).
type Limits struct {
	// MaxLifetime is the longest life; 0 = tokens may live for ever.
	MaxLifetime time.Duration
	// MaxActive is how many active tokens one user may have.
	MaxActive int
	// PruneAfter is how long ended tokens stay listed.
	PruneAfter time.Duration
}

// DefaultDays is the life of a token for which none is asked (spec auth.md §6).
const DefaultDays = 30

// Service makes, lists, revokes and rotates tokens.
type Service struct {
	Store Store
	// Limits gives the rules in force; it is asked at every use, so a changed configuration holds at once.
	Limits func() Limits
	// Changed is called after a user's tokens changed, so that caches forget them.
	Changed func(userID string)
	Now     func() time.Time
}

// New describes a token to be made.
type New struct {
	Name        string
	Description string
	// Scopes are names; wildcards are refused, the second spellings of the catalogue are accepted.
	Scopes []string
	// Lifetime or ExpiresAt bound the life; with neither the token lives for ever, if that is allowed.
	Lifetime  *time.Duration
	ExpiresAt *time.Time
}

// day is what spec auth.md §6 counts lifetimes in.
const day = 24 * time.Hour

// Days gives a lifetime in days of 24 hours, for New.Lifetime; more days than a
// duration can hold (292 years) become the longest there is.
func Days(n int) *time.Duration {
	const most = int(math.MaxInt64 / day)
	d := time.Duration(max(-most, min(n, most))) * day
	return &d
}

// Create makes a token of the user. The raw token is given only here. Refusals
// are the 400s of spec auth.md §6, in its order.
func (s *Service) Create(ctx context.Context, userID string, n New) (PAT, string, error) {
	now := s.Now().UTC()
	limits := s.Limits()
	if len(n.Scopes) == 0 {
		return PAT{}, "", problem.Bad("At least one scope must be selected.")
	}
	expires, err := expiry(n, now, limits)
	if err != nil {
		return PAT{}, "", err
	}
	scopes, unknown := scope.ParseNames(n.Scopes)
	if len(unknown) > 0 {
		return PAT{}, "", problem.Bad("Invalid scopes: %s", braced(unknown))
	}
	if scopes&scope.Tokens() != 0 {
		return PAT{}, "", problem.Bad("Personal access tokens are not allowed to operate on PATs.")
	}
	raw := NewSecret()
	p := PAT{
		ID: newID(), UserID: userID, Name: n.Name, Description: n.Description, Scopes: scopes,
		Digest: Digest(raw), CreatedAt: now, UpdatedAt: now, ExpiredAt: expires,
	}
	err = s.Store.InsertPAT(note(ctx, audit.TokenCreate, p.ID, userID, "scopes "+strings.Join(scopes.Names(), " ")), p, limits.MaxActive, now)
	if errors.Is(err, ErrTooMany) {
		return PAT{}, "", problem.Bad("Maximum number of active PAT (%d) reached.", limits.MaxActive)
	}
	if err != nil {
		return PAT{}, "", fmt.Errorf("store token: %w", err)
	}
	return p, raw, nil
}

// expiry gives when a token ends, zero = never.
func expiry(n New, now time.Time, limits Limits) (time.Time, error) {
	var end time.Time
	ends := true
	switch {
	case n.ExpiresAt != nil:
		end = n.ExpiresAt.UTC()
	case n.Lifetime != nil:
		end = now.Add(*n.Lifetime)
	default:
		ends = false
	}
	if ends && !end.After(now) {
		return end, problem.Bad("Cannot create an already expired token.")
	}
	if limits.MaxLifetime == 0 {
		return end, nil
	}
	longest := int(limits.MaxLifetime / day)
	if !ends {
		return end, problem.Bad("Infinite tokens are disabled. Max lifetime is %d days.", longest)
	}
	if asked := end.Sub(now); asked > limits.MaxLifetime {
		return end, problem.Bad("Requested lifetime (%d days) exceeds the maximum allowed (%d days).",
			int(math.Ceil(asked.Hours()/24)), longest)
	}
	return end, nil
}

// braced prints names in the set notation of the API's error text.
func braced(names []string) string {
	names = slices.Clone(names)
	slices.Sort(names)
	return "{'" + strings.Join(slices.Compact(names), "', '") + "'}"
}

// textUnknown is for ids that do not exist, are malformed, or belong to somebody else.
const textUnknown = "Token not found or does not belong to the user."

// Get gives one token of the user.
func (s *Service) Get(ctx context.Context, userID, id string) (PAT, error) {
	p, err := s.Store.PAT(ctx, userID, id)
	if problem.Is(err, problem.Missing) {
		return PAT{}, problem.NotFound(textUnknown)
	}
	return p, err
}

// List gives one page of the user's tokens and the total.
func (s *Service) List(ctx context.Context, userID string, f Filter) ([]PAT, int, error) {
	f.Now = s.Now().UTC()
	return s.Store.ListPATs(ctx, userID, f)
}

// Revoke ends a token for good; revoking it again changes nothing.
func (s *Service) Revoke(ctx context.Context, userID, id string) error {
	err := s.Store.RevokePAT(note(ctx, audit.TokenRevoke, id, userID, ""), userID, id, s.Now().UTC())
	s.Changed(userID) // also after an error: a connection that broke may have committed
	if problem.Is(err, problem.Missing) {
		return problem.NotFound(textUnknown)
	}
	return err
}

// Rotate replaces a token by one with the same name, scopes and exact duration.
// Everything is checked first and both changes are one transaction: if the new
// token cannot be made, the old one still works (product difference 5).
func (s *Service) Rotate(ctx context.Context, userID, id string) (PAT, string, error) {
	old, err := s.Get(ctx, userID, id)
	if err != nil {
		return PAT{}, "", err
	}
	now := s.Now().UTC()
	if old.State(now) != Active {
		return PAT{}, "", problem.Bad(textNotActive)
	}
	n := New{Scopes: old.Scopes.Names()}
	if !old.ExpiredAt.IsZero() {
		life := old.ExpiredAt.Sub(old.CreatedAt)
		n.Lifetime = &life
	}
	expires, err := expiry(n, now, s.Limits())
	if err != nil {
		return PAT{}, "", err
	}
	raw := NewSecret()
	next := PAT{
		ID: newID(), UserID: userID, Name: old.Name, Description: old.Description, Scopes: old.Scopes,
		Digest: Digest(raw), CreatedAt: now, UpdatedAt: now, ExpiredAt: expires,
	}
	err = s.Store.RotatePAT(note(ctx, audit.TokenRotate, next.ID, userID, "replaces "+old.ID), old.ID, next, now)
	s.Changed(userID) // also after an error, as in Revoke
	if errors.Is(err, ErrNotActive) {
		return PAT{}, "", problem.Bad(textNotActive)
	}
	if err != nil {
		return PAT{}, "", fmt.Errorf("rotate token: %w", err)
	}
	return next, raw, nil
}

const textNotActive = "Cannot rotate an expired/revoked token."

// Prune deletes tokens that ended longer ago than Limits.PruneAfter.
func (s *Service) Prune(ctx context.Context) (int, error) {
	return s.Store.PrunePATs(ctx, s.Now().UTC().Add(-s.Limits().PruneAfter))
}

// note makes the change of a token a row of the audit log. It names the owner,
// because administrators may change tokens of others.
func note(ctx context.Context, operation, id, owner, detail string) context.Context {
	text := "owner " + owner
	if detail != "" {
		text += ", " + detail
	}
	return audit.Note(ctx, audit.Event{Operation: operation, Object: audit.TokenObject(id), Detail: text})
}

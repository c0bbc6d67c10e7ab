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
	"oasis/internal/access/identity"
	"oasis/internal/access/scope"
	"oasis/internal/problem"
)

// Limits are the rules for tokens that the configuration sets (auth.pat_*).
type Limits struct {
	// MaxLifetime is the longest life; 0 = tokens may live for ever.
	MaxLifetime time.Duration
	// MaxActive is how many active tokens one user may have.
	MaxActive int
	// MaxLifetimeAppendOnly is the same for tokens that may only add (decisions 10); 0 = no limit.
	MaxLifetimeAppendOnly time.Duration
	// PruneAfter is how long ended tokens stay listed.
	PruneAfter time.Duration
	// Forbidden scopes are in no token (auth.pat_forbidden_scopes).
	Forbidden scope.Set
	// MayCreate tells who may make tokens (auth.pat_creators); nil = everyone.
	MayCreate func(*identity.User) bool
}

// lifetime is the longest life for a token with these restrictions.
func (l *Limits) lifetime(r *Restrictions) time.Duration {
	if r.AddsOnly() {
		return l.MaxLifetimeAppendOnly
	}
	return l.MaxLifetime
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
	// Restrictions narrow the token, nil = not at all.
	Restrictions *Restrictions
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

// CreateAs makes a token for the person who asks for it; who may have tokens, and
// who may have which restrictions, is checked before what Create checks.
func (s *Service) CreateAs(ctx context.Context, user *identity.User, n New) (PAT, string, error) {
	if err := s.mayCreate(user); err != nil {
		return PAT{}, "", err
	}
	if err := mayRestrict(user, n.Restrictions); err != nil {
		return PAT{}, "", err
	}
	return s.Create(ctx, user.ID, n)
}

// mayRestrict refuses restrictions that give more than the owner has: whose
// uploads a token makes is for administrators and lab managers to say (decisions 3, 24).
func mayRestrict(user *identity.User, r *Restrictions) error {
	if r != nil && r.DepositFor != nil && !user.Admin && !user.LabManager {
		return problem.Denied("Only administrators and lab managers make tokens that deposit for others.")
	}
	return nil
}

func (s *Service) mayCreate(user *identity.User) error {
	if may := s.Limits().MayCreate; may != nil && !may(user) {
		return problem.Denied("On this Oasis, only certain people may make access tokens. Ask an administrator.")
	}
	return nil
}

// Create makes a token of the user. The raw token is given only here. Refusals
// are the 400s of spec auth.md §6, in its order.
func (s *Service) Create(ctx context.Context, userID string, n New) (PAT, string, error) {
	now := s.Now().UTC()
	limits := s.Limits()
	scopes, expires, err := s.judge(n, now, &limits)
	if err != nil {
		return PAT{}, "", err
	}
	raw := NewSecret()
	p := PAT{
		ID: newID(), UserID: userID, Name: n.Name, Description: n.Description, Scopes: scopes,
		Digest: Digest(raw), CreatedAt: now, UpdatedAt: now, ExpiredAt: expires, Restrictions: n.Restrictions,
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

// judge checks a description and gives the scopes and the end of the token.
func (s *Service) judge(n New, now time.Time, limits *Limits) (scope.Set, time.Time, error) {
	if len(n.Scopes) == 0 {
		return 0, time.Time{}, problem.Bad("At least one scope must be selected.")
	}
	expires, err := expiry(n, now, limits.lifetime(n.Restrictions))
	if err != nil {
		return 0, expires, err
	}
	scopes, unknown := scope.ParseNames(n.Scopes)
	if len(unknown) > 0 {
		return 0, expires, problem.Bad("Invalid scopes: %s", braced(unknown))
	}
	if scopes&scope.Tokens() != 0 {
		return 0, expires, problem.Bad("Personal access tokens are not allowed to operate on PATs.")
	}
	if barred := scopes & limits.Forbidden; barred != 0 {
		return 0, expires, errForbidden(barred)
	}
	return scopes, expires, nil
}

func errForbidden(barred scope.Set) error {
	return problem.Bad("This Oasis does not allow these scopes in access tokens: %s", braced(barred.Names()))
}

// Draft is the token that Create would make, without making it.
func (s *Service) Draft(user *identity.User, n New) (PAT, error) {
	if err := s.mayCreate(user); err != nil {
		return PAT{}, err
	}
	if err := mayRestrict(user, n.Restrictions); err != nil {
		return PAT{}, err
	}
	now := s.Now().UTC()
	limits := s.Limits()
	scopes, expires, err := s.judge(n, now, &limits)
	return PAT{UserID: user.ID, Name: n.Name, Scopes: scopes, CreatedAt: now, ExpiredAt: expires, Restrictions: n.Restrictions}, err
}

// expiry gives when a token ends, zero = never.
func expiry(n New, now time.Time, maxLife time.Duration) (time.Time, error) {
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
	if maxLife == 0 {
		return end, nil
	}
	longest := int(maxLife / day)
	if !ends {
		return end, problem.Bad("Infinite tokens are disabled. Max lifetime is %d days.", longest)
	}
	if asked := end.Sub(now); asked > maxLife {
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

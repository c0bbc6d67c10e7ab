package token

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"oasis/internal/access/audit"
	"oasis/internal/access/identity"
	"oasis/internal/problem"
)

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
	return s.revoke(ctx, userID, id, audit.TokenRevoke, Ending{How: EndedRevoked, By: userID})
}

func (s *Service) revoke(ctx context.Context, userID, id, operation string, ending Ending) error {
	err := s.Store.RevokePAT(note(ctx, operation, id, userID, ""), userID, id, s.Now().UTC(), ending)
	s.Changed(userID) // also after an error: a connection that broke may have committed
	if problem.Is(err, problem.Missing) {
		return problem.NotFound(textUnknown)
	}
	return err
}

// RevokeAll ends all active tokens of the user, and the upload and simple tokens
// of old with them. It gives the tokens that it ended.
func (s *Service) RevokeAll(ctx context.Context, userID string, ending Ending) ([]PAT, error) {
	now := s.Now().UTC()
	defer s.Changed(userID) // also after an error, as in Revoke
	ended, err := s.Store.RevokeAllPATs(note(ctx, audit.TokenRevoke, "all", userID, string(ending.How)), userID, now, ending)
	if err != nil {
		return nil, fmt.Errorf("revoke tokens: %w", err)
	}
	if err := s.Store.SetLegacyTokensOff(ctx, userID, true, now); err != nil {
		return ended, fmt.Errorf("switch upload tokens off: %w", err)
	}
	return ended, nil
}

// SwitchLegacy ends the upload and simple tokens of a user, or lets them live
// again. They are made of the user id and nothing else, so that ending them means
// taking none of them until this is undone.
func (s *Service) SwitchLegacy(ctx context.Context, userID string, off bool) error {
	defer s.Changed(userID) // also after an error, as in Revoke
	return s.Store.SetLegacyTokensOff(note(ctx, audit.TokenRevoke, "legacy", userID, map[bool]string{true: "switched off", false: "switched on"}[off]),
		userID, off, s.Now().UTC())
}

// RevokeByAdmin ends a token of somebody else.
func (s *Service) RevokeByAdmin(ctx context.Context, adminID, userID, id string) error {
	return s.revoke(ctx, userID, id, audit.TokenRevoke, Ending{How: EndedByAdmin, By: adminID})
}

// Leaked ends the token whose secret has turned up somewhere, and gives it; a text
// that was never a token of this Oasis is Missing. A token that had ended before
// is given as it was.
func (s *Service) Leaked(ctx context.Context, adminID, raw string) (PAT, error) {
	raw = strings.TrimSpace(raw)
	if !WellFormed(raw) {
		return PAT{}, problem.NotFound("This is no access token of this Oasis: it does not have the form of one, or a character of it is wrong.")
	}
	p, err := s.Store.PATByDigest(ctx, Digest(raw))
	if problem.Is(err, problem.Missing) {
		return PAT{}, problem.NotFound("This Oasis knows no such token. It may be of another Oasis, or it ended so long ago that it was forgotten.")
	}
	if err != nil {
		return PAT{}, err
	}
	if err := s.revoke(ctx, p.UserID, p.ID, audit.TokenLeaked, Ending{How: EndedLeaked, By: adminID}); err != nil {
		return PAT{}, err
	}
	return s.Store.PATByID(ctx, p.ID)
}

// mostShown bounds the lists of a usage report.
const mostShown = 1000

// Usage gives what one token of the user was used for in the last UsageDays.
func (s *Service) Usage(ctx context.Context, userID, id string) (PAT, []Used, error) {
	p, err := s.Get(ctx, userID, id)
	if err != nil {
		return p, nil, err
	}
	used, err := s.Store.Usage(ctx, id, s.Now().UTC().Add(-UsageWindow), mostShown)
	return p, used, err
}

// RotateAs is Rotate for somebody who has to be allowed to have tokens.
func (s *Service) RotateAs(ctx context.Context, user *identity.User, id string) (PAT, string, error) {
	if err := s.mayCreate(user); err != nil {
		return PAT{}, "", err
	}
	return s.Rotate(ctx, user.ID, id)
}

// Rotate replaces a token by one with the same name, scopes, restrictions and exact duration.
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
	n := New{Restrictions: old.Restrictions}
	if !old.ExpiredAt.IsZero() {
		life := old.ExpiredAt.Sub(old.CreatedAt)
		n.Lifetime = &life
	}
	limits := s.Limits()
	if barred := old.Scopes & limits.Forbidden; barred != 0 {
		return PAT{}, "", errForbidden(barred)
	}
	expires, err := expiry(n, now, limits.lifetime(n.Restrictions))
	if err != nil {
		return PAT{}, "", err
	}
	raw := NewSecret()
	next := PAT{
		ID: newID(), UserID: userID, Name: old.Name, Description: old.Description, Scopes: old.Scopes,
		Digest: Digest(raw), CreatedAt: now, UpdatedAt: now, ExpiredAt: expires, Restrictions: old.Restrictions,
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

package identity

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"oasis/internal/access/audit"
	"oasis/internal/problem"
)

// StartSession makes a browser session and gives the value of its cookie.
func (s *Service) StartSession(ctx context.Context, user User, address, agent string) (string, error) {
	secret := NewSessionSecret()
	now := s.now().UTC()
	if len(agent) > 300 {
		agent = strings.ToValidUTF8(agent[:300], "")
	}
	digest := SessionDigest(secret)
	err := s.store.InsertSession(noteOwn(ctx, audit.SignIn, audit.SessionObject(digest), &user), Session{
		Digest: digest, UserID: user.ID, Created: now, LastSeen: now, Address: address, Agent: agent,
	})
	if err != nil {
		return "", fmt.Errorf("store session: %w", err)
	}
	return secret, nil
}

// EndSession ends the session of a cookie; an unknown one is no error.
func (s *Service) EndSession(ctx context.Context, secret string) error {
	session, err := s.store.Session(ctx, SessionDigest(secret))
	if problem.Is(err, problem.Missing) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look up session: %w", err)
	}
	user, err := s.store.User(ctx, session.UserID)
	if err != nil && !problem.Is(err, problem.Missing) {
		return fmt.Errorf("look up user: %w", err)
	}
	user.ID = session.UserID // also of an account that was removed
	err = s.store.DeleteSession(noteOwn(ctx, audit.SignOut, audit.SessionObject(session.Digest), &user), session.Digest)
	s.changed(session.UserID)
	if err != nil {
		return fmt.Errorf("delete session: %w", err)
	}
	return nil
}

// PruneSessions removes sessions, links and half-done sign-ins that have ended by time.
func (s *Service) PruneSessions(ctx context.Context) error {
	now := s.now().UTC()
	return errors.Join(
		s.store.DeleteSessionsBefore(ctx, now.Add(-SessionIdle), now.Add(-SessionLife)),
		s.store.DeleteTicketsBefore(ctx, now),
	)
}

// Sessions gives the living sessions of a user, last used first.
func (s *Service) Sessions(ctx context.Context, userID string) ([]Session, error) {
	all, err := s.store.Sessions(ctx, userID)
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	now := s.now()
	living := all[:0]
	for i := range all {
		if all[i].Alive(now) {
			living = append(living, all[i])
		}
	}
	return living, nil
}

// EndSessionByID ends one session of a user.
func (s *Service) EndSessionByID(ctx context.Context, userID, id string) error {
	all, err := s.store.Sessions(ctx, userID)
	if err != nil {
		return fmt.Errorf("list sessions: %w", err)
	}
	for i := range all {
		if all[i].ID() != id {
			continue
		}
		err := s.store.DeleteSession(noteUser(ctx, audit.SessionsEnd, userID, "session "+id), all[i].Digest)
		s.changed(userID)
		if err != nil {
			return fmt.Errorf("delete session: %w", err)
		}
		return nil
	}
	return problem.NotFound("There is no such session. It may have ended.")
}

// EndAll ends all sessions of a user but the one whose cookie is keep, all access
// tokens of the identity provider, and with tokens the personal access tokens too.
// It tells how many personal access tokens it revoked.
func (s *Service) EndAll(ctx context.Context, userID, keep string, tokens bool) (revoked int, err error) {
	if keep != "" {
		keep = SessionDigest(keep)
	}
	detail := "sessions"
	if tokens {
		detail = "sessions and personal access tokens"
		if revoked, err = s.cfg.EndTokens(ctx, userID); err != nil {
			return revoked, fmt.Errorf("revoke tokens of %s: %w", userID, err)
		}
	}
	err = s.store.EndCredentials(noteUser(ctx, audit.SessionsEnd, userID, detail), userID, keep)
	s.changed(userID)
	if err != nil {
		return revoked, fmt.Errorf("end sessions of %s: %w", userID, err)
	}
	return revoked, nil
}

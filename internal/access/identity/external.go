package identity

import (
	"context"
	"errors"
	"fmt"

	"oasis/internal/problem"
)

// What Provider.Verify gives besides ErrInvalidToken when the people belong to
// somebody else's directory.
var (
	// ErrUnknownUser: the token is genuine, but the directory has no such user (spec auth.md §3 7b).
	ErrUnknownUser = errors.New("the user directory has no such user")
	// ErrDirectoryDown: the token is genuine, but nothing is known about its user and the directory does not answer.
	ErrDirectoryDown = errors.New("the user directory does not answer")
)

// RefusedToken is an ErrInvalidToken whose bearer is told more than usual.
type RefusedToken struct { //nolint:errname // reads as what it is
	// Detail is the sentence for the bearer; it must not tell what a forger would like to know.
	Detail string
	// Cause is for the log.
	Cause error
}

// Error gives the cause.
func (e *RefusedToken) Error() string { return fmt.Sprintf("%v: %v", ErrInvalidToken, e.Cause) }

// Unwrap makes errors.Is(err, ErrInvalidToken) hold.
func (e *RefusedToken) Unwrap() []error { return []error{ErrInvalidToken, e.Cause} }

// Directory finds people whom an external provider knows.
type Directory interface {
	// User gives an account of this Oasis, or a problem of kind Missing.
	User(ctx context.Context, id string) (User, error)
	Find(ctx context.Context, search Search) ([]User, error)
}

// here refuses what needs accounts of this Oasis when those are switched off.
func (s *Service) here() error {
	if name := s.cfg.Settings().Elsewhere; name != "" {
		return problem.Denied("People sign in with %s here. Accounts of this Oasis are switched off; auth.local_accounts: true switches them on.", name)
	}
	return nil
}

// ConfirmLink refuses to link an account that is not one of this Oasis, and wrong
// passwords of accounts that have one.
func (s *Service) ConfirmLink(ctx context.Context, userID, password, address string) error {
	user, err := s.store.User(ctx, userID)
	if err != nil {
		return err
	}
	if user.Origin != "" {
		return problem.Clash("You sign in at %s; this account cannot be linked to somebody else there.", user.Origin)
	}
	return s.confirm(ctx, &user, password, address)
}

// MayUnlink refuses to end the only way an account can sign in.
func (s *Service) MayUnlink(ctx context.Context, userID string) error {
	user, err := s.store.User(ctx, userID)
	if err != nil {
		return err
	}
	factors, err := s.Factors(ctx, userID)
	if err != nil {
		return err
	}
	if !user.HasPassword && len(factors.Passkeys) == 0 {
		return problem.Clash("Without the link nobody could sign in to this account. Set a password first.")
	}
	return nil
}

// Open ends the set-up without an administrator: who may come in is for an
// external provider to say, and who administers for services.admin_user_id.
func (s *Service) Open() { s.setUp.Store(true) }

// purposeIDToken is what signing out at an external provider needs.
const purposeIDToken Purpose = "id_token"

// StartExternalSession makes a browser session for somebody who has signed in at
// an external provider, and keeps the ID token for TakeIDToken.
func (s *Service) StartExternalSession(ctx context.Context, user User, idToken, address, agent string) (string, error) {
	if user.Disabled {
		return "", problem.Denied("%s", textDisabled)
	}
	secret, err := s.StartSession(ctx, user, address, agent)
	if err != nil || idToken == "" {
		return secret, err
	}
	now := s.now().UTC()
	err = s.store.PutTicket(ctx, Ticket{
		Digest: idTokenDigest(secret), UserID: user.ID, Purpose: purposeIDToken, Data: []byte(idToken),
		Created: now, Expires: now.Add(SessionLife),
	})
	if err != nil {
		return "", fmt.Errorf("keep ID token: %w", err)
	}
	return secret, nil
}

// TakeIDToken gives the ID token of an external session and forgets it; "" when
// the session is not external.
func (s *Service) TakeIDToken(ctx context.Context, secret string) (string, error) {
	t, err := s.store.TakeTicket(ctx, idTokenDigest(secret))
	if problem.Is(err, problem.Missing) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("take ID token: %w", err)
	}
	return string(t.Data), nil
}

func idTokenDigest(secret string) string { return SessionDigest("id_token " + secret) }

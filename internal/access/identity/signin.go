package identity

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"oasis/internal/access/audit"
	"oasis/internal/problem"
)

// Sentences that say the same for different causes.
const (
	// textWrongPair is for an unknown name, a wrong password and an account without password.
	textWrongPair = "That user name and password do not match."
	textDisabled  = "Your account is disabled."
	textTooSlow   = "This took too long. Sign in again."
	textWrongCode = "That code is not right, or was used before. Wait for the next one."
	// textSecondFactor is that of decisions 8.
	textSecondFactor = "Second factor required: use 'oasis login' or an access token."
)

// ErrSecondFactor is wrapped by what SignIn gives for an account that needs more than its password.
var ErrSecondFactor = errors.New("the account needs a second factor")

// halfDoneLife is how long the second factor may come after the password.
const halfDoneLife = 10 * time.Minute

// Methods of a second factor.
const (
	MethodTOTP     = "totp"
	MethodPasskey  = "passkey"
	MethodRecovery = "recovery"
)

// SignedIn is how far a sign-in has come.
type SignedIn struct {
	User User
	// Methods is what is still needed, one of them; empty when the sign-in is complete.
	Methods []string
	// Secret continues a sign-in that is not complete, see CompleteSignIn.
	Secret string
}

// SignIn checks a password for programs that have nothing but that: accounts with a
// second factor, and those that must have one, are refused (decisions 8). login is
// a user name or an e-mail address. Wrong pairs are a 401, disabled accounts a 403
// (only after the right password), too many failures a 429 that says when to come back.
func (s *Service) SignIn(ctx context.Context, login, password, address string) (User, error) {
	user, err := s.checkPassword(ctx, login, password, address)
	if err == nil && (user.SecondFactor || s.cfg.Settings().SecondFactor.Lacks(&user)) {
		err = problem.New(problem.Unauthenticated, textSecondFactor).Because(ErrSecondFactor)
	}
	if err != nil {
		s.recordFailure(ctx, &user, address, err)
		return User{}, err
	}
	return user, nil
}

// BeginSignIn checks a password as SignIn does, for pages that can ask for the second factor.
func (s *Service) BeginSignIn(ctx context.Context, login, password, address string) (SignedIn, error) {
	user, err := s.checkPassword(ctx, login, password, address)
	if err != nil {
		s.recordFailure(ctx, &user, address, err)
		return SignedIn{}, err
	}
	return s.afterPassword(ctx, user)
}

// afterPassword goes on with somebody who has shown the first factor.
func (s *Service) afterPassword(ctx context.Context, user User) (SignedIn, error) {
	if !user.SecondFactor {
		return SignedIn{User: user}, nil
	}
	methods, err := s.methods(ctx, user.ID)
	if err != nil {
		return SignedIn{}, err
	}
	secret, err := s.newTicket(ctx, user.ID, purposeSignIn, nil, halfDoneLife)
	if err != nil {
		return SignedIn{}, err
	}
	return SignedIn{User: user, Methods: methods, Secret: secret}, nil
}

// methods are those that the user can use as second factor.
func (s *Service) methods(ctx context.Context, userID string) ([]string, error) {
	f, err := s.Factors(ctx, userID)
	if err != nil {
		return nil, err
	}
	var methods []string
	if f.App {
		methods = append(methods, MethodTOTP)
	}
	if len(f.Passkeys) > 0 && f.PasskeysPossible {
		methods = append(methods, MethodPasskey)
	}
	if f.RecoveryCodes > 0 {
		methods = append(methods, MethodRecovery)
	}
	return methods, nil
}

// Unfinished gives the sign-in whose second factor is still to come; a problem of
// kind Missing when the secret is of none.
func (s *Service) Unfinished(ctx context.Context, secret string) (SignedIn, error) {
	ticket, err := s.ticket(ctx, secret, purposeSignIn)
	if err != nil {
		return SignedIn{}, err
	}
	user, err := s.store.User(ctx, ticket.UserID)
	if err != nil {
		return SignedIn{}, err
	}
	methods, err := s.methods(ctx, user.ID)
	return SignedIn{User: user, Methods: methods, Secret: secret}, err
}

// Proof is a second factor as somebody shows it: one of the two.
type Proof struct {
	// Code of the app, or a recovery code.
	Code string
	// Passkey is the answer of an authenticator to AskPasskey.
	Passkey json.RawMessage
}

// CompleteSignIn checks the second factor of a sign-in that BeginSignIn has begun.
func (s *Service) CompleteSignIn(ctx context.Context, secret string, p Proof, address string) (User, error) {
	half, err := s.Unfinished(ctx, secret)
	if problem.Is(err, problem.Missing) {
		return User{}, problem.New(problem.Unauthenticated, textTooSlow)
	}
	if err != nil {
		return User{}, err
	}
	if err := s.proveTo(ctx, &half.User, p, address); err != nil {
		return User{}, err
	}
	_, err = s.store.TakeTicket(ctx, SessionDigest(secret))
	if problem.Is(err, problem.Missing) { // somebody else was faster, or the password was changed meanwhile
		return User{}, problem.New(problem.Unauthenticated, textTooSlow)
	}
	return half.User, err
}

// proveTo checks a proof under the rules against guessing.
func (s *Service) proveTo(ctx context.Context, user *User, p Proof, address string) error {
	if user.Disabled {
		return problem.Denied(textDisabled)
	}
	if err := s.codes.try(user.ID, address, s.now()); err != nil {
		s.recordFailure(ctx, user, address, err)
		return err
	}
	err := s.prove(ctx, user, p)
	switch {
	case err == nil:
		s.codes.takeBack(user.ID, address, s.now())
	case problem.As(err) != nil:
		s.recordFailure(ctx, user, address, err)
	}
	return err
}

func (s *Service) prove(ctx context.Context, user *User, p Proof) error {
	if len(p.Passkey) > 0 {
		owner, err := s.answered(ctx, p.Passkey, user.ID)
		if err == nil && owner != user.ID {
			return problem.New(problem.Unauthenticated, textNoPasskey)
		}
		return err
	}
	ok, err := s.useCode(ctx, user, p.Code)
	if err != nil {
		return err
	}
	if !ok {
		return problem.New(problem.Unauthenticated, textWrongCode)
	}
	return nil
}

// checkPassword gives the account also when it refuses, if there is one.
func (s *Service) checkPassword(ctx context.Context, login, password, address string) (User, error) {
	if err := s.here(); err != nil {
		return User{}, err
	}
	user, err := s.store.UserByLogin(ctx, login)
	// Who waits is told by what was typed, so that the answer does not tell which
	// names belong to one account. That account has limits of its own; beyond them
	// it answers like one that nobody has.
	typed, hash := typedLogin(login), ""
	switch {
	case err == nil:
		if hash, err = s.store.PasswordHash(ctx, user.ID); err != nil {
			return User{}, fmt.Errorf("read password of %s: %w", user.ID, err)
		}
		if user.Origin != "" { // whatever was set: who may come in is for their provider to say
			hash = ""
		}
	case !problem.Is(err, problem.Missing):
		return User{}, fmt.Errorf("look up user: %w", err)
	}
	if err := s.tries.check(typed, address, s.now()); err != nil {
		return user, err
	}
	if len(password) > maxPassword {
		return user, problem.New(problem.Unauthenticated, textWrongPair)
	}
	// Asked again and counted while the hasher is held: tries that come all at once
	// are then no more guesses than tries one after another.
	err = s.hasher.run(ctx, address, func() error {
		if err := s.tries.check(typed, address, s.now()); err != nil {
			return err
		}
		waits := user.ID != "" && s.owners.check(user.ID, address, s.now()) != nil
		compared := hash
		if waits {
			compared = ""
		}
		ok, err := s.matches(password, compared)
		switch {
		case err != nil:
			return fmt.Errorf("compare password of %s: %w", user.ID, err)
		case !ok || waits:
			s.tries.failed(typed, address, s.now())
			if user.ID != "" && !waits {
				s.owners.failed(user.ID, address, s.now())
			}
			return problem.New(problem.Unauthenticated, textWrongPair)
		}
		s.tries.succeeded(typed, address, s.now())
		s.owners.succeeded(user.ID, address, s.now())
		return nil
	})
	if err != nil {
		return user, err
	}
	if user.Disabled {
		return user, problem.Denied(textDisabled)
	}
	return user, s.upgrade(ctx, &user, hash, password)
}

// typedLogin is the account of the throttle for a name that somebody typed; no id
// and none of the accounts of Throttled looks like it.
func typedLogin(login string) string { return "typed\x00" + strings.TrimSpace(login) }

// newTicket stores something that can be used once, and gives its secret.
func (s *Service) newTicket(ctx context.Context, userID string, purpose Purpose, data []byte, life time.Duration) (string, error) {
	secret := NewSessionSecret()
	return secret, s.putTicket(ctx, s.store.PutTicket, SessionDigest(secret), userID, purpose, data, life)
}

func (s *Service) putTicket(ctx context.Context, put func(context.Context, Ticket) error,
	digest, userID string, purpose Purpose, data []byte, life time.Duration,
) error {
	now := s.now().UTC()
	err := put(ctx, Ticket{Digest: digest, UserID: userID, Purpose: purpose, Data: data, Created: now, Expires: now.Add(life)})
	if err != nil {
		return fmt.Errorf("store %s: %w", purpose, err)
	}
	return nil
}

// ticket gives the living ticket of a secret, or a problem of kind Missing.
func (s *Service) ticket(ctx context.Context, secret string, purposes ...Purpose) (Ticket, error) {
	t, err := s.store.Ticket(ctx, SessionDigest(secret))
	if err != nil {
		return Ticket{}, err
	}
	for _, p := range purposes {
		if t.Purpose == p && s.now().Before(t.Expires) {
			return t, nil
		}
	}
	return Ticket{}, problem.NotFound("This was used or is too old.")
}

// noteFactor makes the change of a factor a row of the audit log.
func noteFactor(ctx context.Context, user *User, detail string) context.Context {
	return noteUser(ctx, audit.AccountFactor, user.ID, user.Username+": "+detail)
}

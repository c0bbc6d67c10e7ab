package identity

import (
	"context"
	"fmt"
	"strings"
	"time"

	"oasis/internal/access/audit"
	"oasis/internal/access/identity/secondfactor"
	"oasis/internal/problem"
)

// Lives of what is set up in steps.
const (
	appLife       = 15 * time.Minute
	challengeLife = 5 * time.Minute
)

// Factors are what an account can prove itself with besides its password.
type Factors struct {
	// App tells whether an authenticator app is set up, AppSince since when.
	App      bool
	AppSince time.Time
	Passkeys []Passkey
	// RecoveryCodes is how many are left.
	RecoveryCodes int
	// Required tells that this account must have a second factor.
	Required bool
	// PasskeysPossible tells whether this server has an address at which passkeys work (decisions 15).
	PasskeysPossible bool
}

// Factors gives those of a user.
func (s *Service) Factors(ctx context.Context, userID string) (Factors, error) {
	user, err := s.store.User(ctx, userID)
	if err != nil {
		return Factors{}, err
	}
	settings := s.cfg.Settings()
	f := Factors{Required: settings.SecondFactor.Demands(&user), PasskeysPossible: secondfactor.Available(settings.PublicURL)}
	if !user.SecondFactor {
		return f, nil
	}
	app, err := s.store.TOTP(ctx, userID)
	switch {
	case err == nil:
		f.App, f.AppSince = true, app.Created
	case !problem.Is(err, problem.Missing):
		return f, fmt.Errorf("read authenticator app: %w", err)
	}
	if f.Passkeys, err = s.store.Passkeys(ctx, userID); err != nil {
		return f, fmt.Errorf("read passkeys: %w", err)
	}
	if f.RecoveryCodes, err = s.store.RecoveryCodes(ctx, userID); err != nil {
		return f, fmt.Errorf("count recovery codes: %w", err)
	}
	return f, nil
}

// localUser gives an account that may have factors here.
func (s *Service) localUser(ctx context.Context, userID string) (User, error) {
	user, err := s.store.User(ctx, userID)
	if err == nil && user.Origin != "" {
		return user, problem.Clash("You sign in at %s. Set up the second factor there.", user.Origin)
	}
	return user, err
}

// appDigest is the one ticket of a user for an app that is being set up.
func appDigest(userID string) string { return SessionDigest("authenticator app of " + userID) }

// NewApp begins to set up an authenticator app; it counts after ConfirmApp.
func (s *Service) NewApp(ctx context.Context, userID string) (secondfactor.App, error) {
	user, err := s.localUser(ctx, userID)
	if err != nil {
		return secondfactor.App{}, err
	}
	app, err := secondfactor.NewApp(s.siteName(), user.Username)
	if err != nil {
		return secondfactor.App{}, err
	}
	sealed, err := secondfactor.Seal(s.cfg.Key, userID, app.Secret)
	if err != nil {
		return secondfactor.App{}, err
	}
	return app, s.putTicket(ctx, s.store.PutTicket, appDigest(userID), userID, purposeTOTP, sealed, appLife)
}

// siteName is what authenticators call this Oasis.
func (s *Service) siteName() string {
	if name := strings.TrimSpace(s.cfg.Settings().LabName); name != "" {
		return name
	}
	return "Oasis"
}

// ConfirmApp ends the set-up of an app with its first code, replaces an earlier app,
// and gives new recovery codes.
func (s *Service) ConfirmApp(ctx context.Context, userID, code, address string) ([]string, error) {
	user, err := s.localUser(ctx, userID)
	if err != nil {
		return nil, err
	}
	ticket, err := s.store.Ticket(ctx, appDigest(userID))
	if problem.Is(err, problem.Missing) || err == nil && !s.now().Before(ticket.Expires) {
		return nil, problem.New(problem.Gone, "This took too long. Begin with a new QR code.")
	}
	if err != nil {
		return nil, fmt.Errorf("read authenticator app: %w", err)
	}
	if err := s.codes.try(userID, address, s.now()); err != nil {
		return nil, err
	}
	secret, err := secondfactor.Open(s.cfg.Key, userID, ticket.Data)
	if err != nil {
		return nil, err
	}
	step, ok := secondfactor.CheckCode(secret, code, s.now(), 0)
	if !ok {
		return nil, problem.Invalid("wrong_code", "That code is not right. Is the clock of your phone right?", "body", "code")
	}
	s.codes.takeBack(userID, address, s.now())
	if _, err := s.store.TakeTicket(ctx, ticket.Digest); err != nil {
		return nil, err
	}
	recovery, digests := s.newRecoveryCodes(userID)
	err = s.store.PutTOTP(noteFactor(ctx, &user, "authenticator app set up"),
		TOTP{UserID: userID, Sealed: ticket.Data, Created: s.now().UTC(), LastStep: step}, digests)
	s.changed(userID)
	if err != nil {
		return nil, fmt.Errorf("store authenticator app: %w", err)
	}
	s.notify(ctx, &user, "An authenticator app was set up", "An authenticator app was set up for your account %s.", user.Username)
	return recovery, nil
}

func (s *Service) newRecoveryCodes(userID string) (codes, digests []string) {
	codes = secondfactor.NewRecoveryCodes()
	for _, c := range codes {
		digests = append(digests, secondfactor.RecoveryDigest(s.cfg.Key, userID, c))
	}
	return codes, digests
}

// RemoveApp removes the authenticator app, unless it is the last factor of an account that must have one.
func (s *Service) RemoveApp(ctx context.Context, userID string) error {
	return s.removeFactor(ctx, userID, "authenticator app removed", func(f *Factors) bool {
		had := f.App
		f.App = false
		return had
	}, func(ctx context.Context) error { return s.store.DeleteTOTP(ctx, userID) })
}

// RemovePasskey removes a passkey, unless it is the last factor of an account that must have one.
func (s *Service) RemovePasskey(ctx context.Context, userID, id string) error {
	return s.removeFactor(ctx, userID, "passkey removed", func(f *Factors) bool {
		for i := range f.Passkeys {
			if f.Passkeys[i].ID == id {
				f.Passkeys = append(f.Passkeys[:i:i], f.Passkeys[i+1:]...)
				return true
			}
		}
		return false
	}, func(ctx context.Context) error { return s.store.DeletePasskey(ctx, userID, id) })
}

// removeFactor removes what without takes out of the factors.
func (s *Service) removeFactor(ctx context.Context, userID, detail string, without func(*Factors) bool, remove func(context.Context) error) error {
	user, err := s.store.User(ctx, userID)
	if err != nil {
		return err
	}
	f, err := s.Factors(ctx, userID)
	if err != nil {
		return err
	}
	if !without(&f) {
		return problem.NotFound("It is not set up, or not any more.")
	}
	if f.Required && !f.App && len(f.Passkeys) == 0 {
		return problem.Clash("Your account must have a second factor. Set up another one first.")
	}
	err = remove(noteFactor(ctx, &user, detail))
	s.changed(userID)
	if err != nil {
		return fmt.Errorf("remove factor: %w", err)
	}
	s.notify(ctx, &user, "A second factor was removed", "Of your account %s: %s.", user.Username, detail)
	return nil
}

// RemoveFactors removes all factors of a user who has lost them; administrators do it.
func (s *Service) RemoveFactors(ctx context.Context, userID string) error {
	user, err := s.store.User(ctx, userID)
	if err != nil {
		return err
	}
	err = s.store.DeleteFactors(noteFactor(ctx, &user, "all factors removed"), userID)
	s.changed(userID)
	if err != nil {
		return fmt.Errorf("remove factors: %w", err)
	}
	s.notify(ctx, &user, "Your second factor was removed", "An administrator has removed the second factor of your account %s.", user.Username)
	return nil
}

// RenewRecoveryCodes replaces the recovery codes of an account with a second factor.
func (s *Service) RenewRecoveryCodes(ctx context.Context, userID string) ([]string, error) {
	user, err := s.localUser(ctx, userID)
	if err != nil {
		return nil, err
	}
	if !user.SecondFactor {
		return nil, problem.Clash("Recovery codes are for accounts with a second factor. Set one up first.")
	}
	codes, digests := s.newRecoveryCodes(userID)
	if err := s.store.PutRecoveryCodes(noteFactor(ctx, &user, "new recovery codes"), userID, digests); err != nil {
		return nil, fmt.Errorf("store recovery codes: %w", err)
	}
	return codes, nil
}

// useCode spends a code of the app or a recovery code.
func (s *Service) useCode(ctx context.Context, user *User, code string) (bool, error) {
	app, err := s.store.TOTP(ctx, user.ID)
	if err != nil && !problem.Is(err, problem.Missing) {
		return false, fmt.Errorf("read authenticator app: %w", err)
	}
	if err == nil {
		secret, err := secondfactor.Open(s.cfg.Key, user.ID, app.Sealed)
		if err != nil {
			return false, err
		}
		if step, ok := secondfactor.CheckCode(secret, code, s.now(), app.LastStep); ok {
			return s.store.UseTOTPStep(ctx, user.ID, step)
		}
	}
	digest := secondfactor.RecoveryDigest(s.cfg.Key, user.ID, code)
	ok, err := s.store.UseRecoveryCode(ctx, user.ID, digest)
	if ok {
		s.audit.Record(ctx, audit.Event{
			Operation: audit.AccountFactor, Object: audit.UserObject(user.ID), Actor: user.ID, ActorName: user.Username,
			Detail: user.Username + ": a recovery code was used",
		})
		s.notify(ctx, user, "A recovery code was used", "Somebody has signed in to your account %s with a recovery code.", user.Username)
	}
	return ok, err
}

package identity

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"oasis/internal/access/identity/secondfactor"
	"oasis/internal/problem"
)

// textNoPasskey is for a passkey that is unknown, of another account, or wrong.
const textNoPasskey = "This passkey was not accepted. Try again, or sign in another way."

// site gives the server as authenticators see it.
func (s *Service) site() (*secondfactor.Site, error) {
	site, err := secondfactor.NewSite(s.cfg.Settings().PublicURL, s.siteName())
	if err != nil {
		return nil, problem.Clash("Passkeys work only where this server is reached by a host name with HTTPS.").Because(err)
	}
	return site, nil
}

// ownerOf makes the owner that authenticators are told about.
func (s *Service) ownerOf(ctx context.Context, user *User) (secondfactor.Owner, error) {
	keys, err := s.store.Passkeys(ctx, user.ID)
	if err != nil {
		return secondfactor.Owner{}, fmt.Errorf("read passkeys: %w", err)
	}
	o := secondfactor.Owner{ID: user.ID, Username: user.Username, Name: user.Name()}
	for i := range keys {
		o.Records = append(o.Records, keys[i].Record)
	}
	return o, nil
}

// challengeDigest is the ticket of a challenge. The answer names its challenge, so
// the browser needs to keep nothing.
func challengeDigest(value string) string { return SessionDigest("passkey challenge " + value) }

// NewPasskey begins to make a passkey; what it gives goes to the browser.
func (s *Service) NewPasskey(ctx context.Context, userID string) (json.RawMessage, error) {
	user, err := s.localUser(ctx, userID)
	if err != nil {
		return nil, err
	}
	site, err := s.site()
	if err != nil {
		return nil, err
	}
	owner, err := s.ownerOf(ctx, &user)
	if err != nil {
		return nil, err
	}
	c, err := site.Register(owner)
	if err != nil {
		return nil, err
	}
	return c.Options, s.putTicket(ctx, s.store.PutTicket, challengeDigest(c.Value), userID, purposeRegister, c.State, challengeLife)
}

// AddPasskey ends what NewPasskey began. The first factor of an account also makes
// recovery codes.
func (s *Service) AddPasskey(ctx context.Context, userID, name string, answer json.RawMessage) (Passkey, []string, error) {
	user, err := s.localUser(ctx, userID)
	if err != nil {
		return Passkey{}, nil, err
	}
	site, err := s.site()
	if err != nil {
		return Passkey{}, nil, err
	}
	state, err := s.takeChallenge(ctx, answer, purposeRegister, userID)
	if err != nil {
		return Passkey{}, nil, err
	}
	id, record, err := site.Registered(secondfactor.Owner{ID: user.ID, Username: user.Username, Name: user.Name()}, state, answer)
	if errors.Is(err, secondfactor.ErrPasskey) {
		return Passkey{}, nil, problem.Bad("The passkey could not be made. Try again.").Because(err)
	}
	if err != nil {
		return Passkey{}, nil, err
	}
	if name = strings.TrimSpace(name); name == "" {
		name = "Passkey"
	}
	key := Passkey{ID: id, UserID: userID, Name: name, Record: record, Created: s.now().UTC()}
	var recovery, digests []string
	if !user.SecondFactor {
		recovery, digests = s.newRecoveryCodes(userID)
	}
	err = s.store.InsertPasskey(noteFactor(ctx, &user, "passkey added"), key, digests)
	s.changed(userID)
	if err != nil {
		return Passkey{}, nil, err
	}
	s.notify(ctx, &user, "A passkey was added", "The passkey %q was added to your account %s.", key.Name, user.Username)
	return key, recovery, nil
}

// takeChallenge gives the state of the challenge that an answer is for. It can be
// taken once, whatever comes of it.
func (s *Service) takeChallenge(ctx context.Context, answer json.RawMessage, purpose Purpose, userID string) ([]byte, error) {
	refused := problem.New(problem.Unauthenticated, textNoPasskey)
	value, _, err := secondfactor.AnswerOf(answer)
	if err != nil {
		return nil, refused.Because(err)
	}
	ticket, err := s.store.TakeTicket(ctx, challengeDigest(value))
	if problem.Is(err, problem.Missing) {
		return nil, refused.Because(err)
	}
	if err != nil {
		return nil, fmt.Errorf("read passkey challenge: %w", err)
	}
	if ticket.Purpose != purpose || ticket.UserID != userID || !s.now().Before(ticket.Expires) {
		return nil, refused.Because(errors.New("the challenge is old or for something else"))
	}
	return ticket.Data, nil
}

// AskPasskey begins a sign-in by passkey; what it gives goes to the browser. With
// the secret of an unfinished sign-in it asks for a passkey of that account.
func (s *Service) AskPasskey(ctx context.Context, secret string) (json.RawMessage, error) {
	site, err := s.site()
	if err != nil {
		return nil, err
	}
	userID, owner := "", (*secondfactor.Owner)(nil)
	if secret != "" {
		half, err := s.Unfinished(ctx, secret)
		if err != nil && !problem.Is(err, problem.Missing) {
			return nil, err
		}
		if err == nil {
			o, err := s.ownerOf(ctx, &half.User)
			if err != nil {
				return nil, err
			}
			if len(o.Records) == 0 {
				return nil, problem.Clash("Your account has no passkey. Use another method.")
			}
			userID, owner = half.User.ID, &o
		}
	}
	c, err := site.Ask(owner)
	if err != nil {
		return nil, err
	}
	return c.Options, s.putTicket(ctx, s.store.PutTicket, challengeDigest(c.Value), userID, purposeAssert, c.State, challengeLife)
}

// SignInWithPasskey signs somebody in who answers AskPasskey without a password:
// the passkey itself has checked who holds it.
func (s *Service) SignInWithPasskey(ctx context.Context, answer json.RawMessage, address string) (User, error) {
	if err := s.here(); err != nil {
		return User{}, err
	}
	if err := s.secrets.try("passkey", address, s.now()); err != nil {
		return User{}, err
	}
	var user User
	userID, err := s.answered(ctx, answer, "")
	if err == nil {
		user, err = s.store.User(ctx, userID)
	}
	if err == nil && user.Disabled {
		err = problem.Denied(textDisabled)
	}
	if err != nil {
		s.recordFailure(ctx, &user, address, err)
		return User{}, err
	}
	s.secrets.takeBack("passkey", address, s.now())
	return user, nil
}

// answered checks the answer to a challenge that was made for the user, "" for
// anybody, and gives whose passkey it is.
func (s *Service) answered(ctx context.Context, answer json.RawMessage, userID string) (string, error) {
	site, err := s.site()
	if err != nil {
		return "", err
	}
	state, err := s.takeChallenge(ctx, answer, purposeAssert, userID)
	if err != nil {
		return "", err
	}
	_, id, err := secondfactor.AnswerOf(answer)
	refused := problem.New(problem.Unauthenticated, textNoPasskey)
	if err != nil {
		return "", refused.Because(err)
	}
	key, err := s.store.Passkey(ctx, id)
	if problem.Is(err, problem.Missing) {
		return "", refused.Because(err)
	}
	if err != nil {
		return "", fmt.Errorf("read passkey: %w", err)
	}
	user, err := s.store.User(ctx, key.UserID)
	if err != nil {
		return "", err
	}
	owner, err := s.ownerOf(ctx, &user)
	if err != nil {
		return "", err
	}
	proof, err := site.Answered(state, answer, owner)
	if errors.Is(err, secondfactor.ErrPasskey) {
		return "", refused.Because(err)
	}
	if err != nil {
		return "", err
	}
	if proof.ID != key.ID {
		return "", refused.Because(errors.New("the answer names another passkey than it used"))
	}
	key.Record, key.LastUsed = proof.Record, s.now().UTC()
	if err := s.store.UpdatePasskey(ctx, key); err != nil {
		return "", fmt.Errorf("store passkey: %w", err)
	}
	return key.UserID, nil
}

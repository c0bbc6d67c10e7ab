package identity

import (
	"context"
	"crypto/subtle"
	"fmt"
	"sync"
	"time"

	"oasis/internal/access/audit"
	"oasis/internal/problem"
)

// setUpLife is how long the one-time link of the first run can be used.
const setUpLife = 24 * time.Hour

// setUpLink is the secret that lets its holder make the first administrator. It
// lives in memory only: a restart makes a new one.
type setUpLink struct {
	mu     sync.Mutex
	secret string
	made   time.Time
	// completing is held from settling until the administrator is stored.
	completing sync.Mutex
}

// textLinkUsed is what a used, wrong or old link gets.
const textLinkUsed = "This link was used or is too old. Restart the server to get a new one."

// NewSetUpSecret makes the secret of the first-run link and forgets an earlier
// one. It gives "" when an administrator exists already.
func (s *Service) NewSetUpSecret() string {
	if s.SetUp() {
		return ""
	}
	s.invite.mu.Lock()
	defer s.invite.mu.Unlock()
	s.invite.secret, s.invite.made = NewSessionSecret(), s.now()
	return s.invite.secret
}

// CheckSetUpSecret refuses a secret that is not that of the link, was used, or is too old.
func (s *Service) CheckSetUpSecret(secret string) error {
	s.invite.mu.Lock()
	defer s.invite.mu.Unlock()
	right := s.invite.secret != "" && subtle.ConstantTimeCompare([]byte(secret), []byte(s.invite.secret)) == 1
	if s.SetUp() || !right || s.now().Sub(s.invite.made) > setUpLife {
		return problem.New(problem.Gone, textLinkUsed)
	}
	return nil
}

// CompleteSetUp makes the first administrator. The link can be used once; of two
// people using it at the same time one gets the account and the other a refusal.
// settle is called when nothing is wrong with the description and before the
// account is made: were it the other way round and the settings failed, the server
// would be open in a way nobody chose.
func (s *Service) CompleteSetUp(ctx context.Context, secret string, n NewUser, settle func(context.Context) error) (User, error) {
	if err := s.CheckSetUpSecret(secret); err != nil {
		return User{}, err
	}
	n.Admin = true
	if n.Password == "" {
		return User{}, CheckPassword("")
	}
	user, hash, err := s.prepare(ctx, n)
	if err != nil {
		return User{}, err
	}
	// Of several with the link only one may settle anything: the settings of one who
	// does not get the account would stay.
	s.invite.completing.Lock()
	defer s.invite.completing.Unlock()
	if err := s.CheckSetUpSecret(secret); err != nil {
		return User{}, err
	}
	if err := settle(ctx); err != nil {
		return User{}, err
	}
	err = s.store.InsertFirstAdmin(noteOwn(ctx, audit.SetUp, audit.UserObject(user.ID), &user), user, hash)
	if problem.Is(err, problem.Conflict) {
		return User{}, problem.New(problem.Gone, textLinkUsed)
	}
	if err != nil {
		return User{}, fmt.Errorf("store the first administrator: %w", err)
	}
	s.invite.mu.Lock()
	s.invite.secret = ""
	s.invite.mu.Unlock()
	s.setUp.Store(true)
	return user, nil
}

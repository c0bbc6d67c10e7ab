package identity

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/alexedwards/argon2id"
	"golang.org/x/crypto/bcrypt"

	"oasis/internal/access/audit"
	"oasis/internal/access/identity/weak"
	"oasis/internal/problem"
)

// Limits of passwords. The longest is far beyond any sentence and keeps hashing
// from being fed megabytes (decisions 11); the shortest follows NIST SP 800-63B.
const (
	minPassword = 12
	maxPassword = 1024
	hashQueue   = 2 * time.Second
)

// CheckPassword refuses passwords that are too short or too long, and those that
// are guessed first. known are words about the account that none may hold.
func CheckPassword(password string, known ...string) error {
	refuse := func(typ, msg string) error { return problem.Invalid(typ, msg, "body", "password") }
	switch {
	case len([]rune(password)) < minPassword:
		return refuse("too_short", fmt.Sprintf("A password has %d characters or more; a sentence is fine.", minPassword))
	case len(password) > maxPassword:
		return refuse("too_long", fmt.Sprintf("A password has at most %d bytes.", maxPassword))
	}
	switch weak.Check(password, known...) {
	case weak.Common:
		return refuse("common_password", "This password is among those that are tried first. Take a sentence of your own.")
	case weak.Pattern:
		return refuse("common_password", "This password is a pattern that is easy to guess. Take a sentence of your own.")
	case weak.Personal:
		return refuse("personal_password", "A password must not hold your name, your e-mail address or the name of the lab.")
	}
	return nil
}

// checkNewPassword is CheckPassword for an account.
func (s *Service) checkNewPassword(u *User, password string) error {
	return CheckPassword(password, wordsOf(u, s.cfg.Settings().LabName)...)
}

// SetPassword replaces the password and ends everything handed out under the old one.
func (s *Service) SetPassword(ctx context.Context, id, password string) error {
	user, err := s.store.User(ctx, id)
	if err != nil {
		return err
	}
	return s.setPassword(ctx, &user, password, "")
}

func (s *Service) setPassword(ctx context.Context, user *User, password, keep string) error {
	if user.Origin != "" {
		return problem.Clash("%s signs in at %s and has no password here.", user.Username, user.Origin)
	}
	if err := s.checkNewPassword(user, password); err != nil {
		return err
	}
	hash, err := s.hasher.hash(ctx, password)
	if err != nil {
		return err
	}
	err = s.store.SetPasswordHash(noteUser(ctx, audit.AccountPassword, user.ID, user.Username), user.ID, hash, keep)
	s.changed(user.ID)
	if err != nil {
		return fmt.Errorf("store password of %s: %w", user.ID, err)
	}
	return nil
}

// ChangePassword replaces somebody's own password, who must know the current one.
// It ends all access tokens and sessions but the one whose cookie is keep.
func (s *Service) ChangePassword(ctx context.Context, id, current, password, keep, address string) error {
	user, err := s.store.User(ctx, id)
	if err != nil {
		return err
	}
	if err := s.confirm(ctx, &user, current, address); err != nil {
		return err
	}
	if keep != "" {
		keep = SessionDigest(keep)
	}
	if err := s.setPassword(ctx, &user, password, keep); err != nil {
		return err
	}
	s.notify(ctx, &user, "Your password was changed", "The password of your account %s was changed. All other sessions have ended.", user.Username)
	return nil
}

// confirm asks somebody who is signed in for the password once more.
func (s *Service) confirm(ctx context.Context, user *User, password, address string) error {
	if !user.HasPassword {
		return nil
	}
	checked, err := s.checkPassword(ctx, user.Username, password, address)
	if problem.Is(err, problem.Unauthenticated) {
		s.recordFailure(ctx, &checked, address, err)
		return problem.Invalid("wrong_password", "This is not your current password.", "body", "current")
	}
	return err
}

// hasher computes argon2id hashes, at most one per processor at a time: each
// costs 19 MiB and tens of milliseconds, so a flood of sign-ins must queue, not
// pile up (decisions 11).
//
// One address has one of them at a time, running or waiting: whoever sends
// thousands of passwords waits for himself, and others wait for one hash of his.
type hasher struct {
	slots  chan struct{}
	mu     sync.Mutex
	turns  map[string]*turn
	params *argon2id.Params
}

// turn is that of one network; users counts who has or awaits it.
type turn struct {
	mine  chan struct{}
	users int
}

func newHasher() *hasher {
	return &hasher{
		slots:  make(chan struct{}, runtime.NumCPU()),
		turns:  map[string]*turn{},
		params: &argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32},
	}
}

// run executes work when it is the turn of the address and a slot is free, or
// refuses with a 429 after two seconds. Without an address nobody else waits.
func (h *hasher) run(ctx context.Context, address string, work func() error) error {
	wait, cancel := context.WithTimeout(ctx, hashQueue)
	defer cancel()
	if address != "" {
		mine, leave := h.enter(network(address))
		defer leave()
		select {
		case mine <- struct{}{}:
			defer func() { <-mine }()
		case <-wait.Done():
			return crowded()
		}
	}
	select {
	case h.slots <- struct{}{}:
		defer func() { <-h.slots }()
		return work()
	case <-wait.Done():
		return crowded()
	}
}

func crowded() error {
	p := problem.New(problem.TooMany, "Too many people are signing in at once. Try again in a few seconds.")
	p.RetryAfter = 5
	return p
}

// enter gives the turn of a network; leave forgets it after its last user.
func (h *hasher) enter(from string) (mine chan struct{}, leave func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	t := h.turns[from]
	if t == nil {
		t = &turn{mine: make(chan struct{}, 1)}
		h.turns[from] = t
	}
	t.users++
	return t.mine, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		if t.users--; t.users == 0 {
			delete(h.turns, from)
		}
	}
}

func (h *hasher) hash(ctx context.Context, password string) (hash string, err error) {
	err = h.run(ctx, "", func() (err error) {
		hash, err = argon2id.CreateHash(password, h.params)
		return err
	})
	return hash, err
}

// bcryptPrefix begins the hashes of Keycloak and of `nomad admin users import`.
const bcryptPrefix = "$2"

// findImported remembers whether hashes of another system are in use.
func (s *Service) findImported(ctx context.Context) error {
	hash, err := s.store.HashLike(ctx, bcryptPrefix)
	if err != nil {
		return fmt.Errorf("look for imported passwords: %w", err)
	}
	if s.imported.Store(nil); hash != "" {
		s.imported.Store(&hash)
	}
	return nil
}

// matches compares. However it ends, a refusal takes the time of every kind of
// hash that is in use here, so that the clock does not tell unknown user names
// from wrong passwords, nor accounts that were imported from others.
func (s *Service) matches(password, hash string) (bool, error) {
	if strings.HasPrefix(hash, bcryptPrefix) {
		err := bcrypt.CompareHashAndPassword([]byte(hash), []byte(password))
		if err == nil {
			return true, nil
		}
		_, _ = argon2id.ComparePasswordAndHash(password, blindHash)
		if errors.Is(err, bcrypt.ErrMismatchedHashAndPassword) {
			return false, nil
		}
		return false, err
	}
	ok, err := false, error(nil)
	if hash == "" {
		_, err = argon2id.ComparePasswordAndHash(password, blindHash)
	} else {
		ok, err = argon2id.ComparePasswordAndHash(password, hash)
	}
	if old := s.imported.Load(); old != nil && !ok {
		_ = bcrypt.CompareHashAndPassword([]byte(*old), []byte(password)) // for the time it takes
	}
	return ok, err
}

// upgrade replaces an imported hash by one of ours once its password is known.
func (s *Service) upgrade(ctx context.Context, user *User, hash, password string) error {
	if !strings.HasPrefix(hash, bcryptPrefix) {
		return nil
	}
	fresh, err := s.hasher.hash(ctx, password)
	if err != nil {
		return err
	}
	if err := s.store.UpgradePasswordHash(ctx, user.ID, hash, fresh); err != nil {
		return fmt.Errorf("store password of %s: %w", user.ID, err)
	}
	return s.findImported(ctx)
}

// blindHash is the hash of a random password that nobody knows.
const blindHash = "$argon2id$v=19$m=19456,t=2,p=1$b2FzaXNvYXNpc29hc2lz$NDm6xOsZcTpPSrEzy7qYh4nFWU3cXXDCb2q1ZgGJjD4"

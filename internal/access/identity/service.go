package identity

import (
	"context"
	"fmt"
	"net/mail"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"oasis/internal/access/audit"
	"oasis/internal/problem"
)

// Service holds the use cases of people: sign-in, accounts, first set-up.
type Service struct {
	store   Store
	now     func() time.Time
	changed func(userID string)
	audit   audit.Recorder
	hasher  *hasher
	tries   throttle
	setUp   atomic.Bool
	invite  setUpLink
	// admins is held from looking for another administrator until one is gone.
	admins sync.Mutex
}

// NewService joins a store. changed is called after anything about a user, or
// about the user's sessions, has changed.
func NewService(ctx context.Context, store Store, changed func(userID string), now func() time.Time) (*Service, error) {
	s := &Service{
		store: store, now: now, changed: changed, audit: audit.Nowhere{}, hasher: newHasher(), tries: throttle{tries: map[pair]*attempts{}},
	}
	has, err := store.HasAdmin(ctx)
	if err != nil {
		return nil, fmt.Errorf("look for an administrator: %w", err)
	}
	s.setUp.Store(has)
	return s, nil
}

// SetUp tells whether an administrator exists; until then the server is closed.
func (s *Service) SetUp() bool { return s.setUp.Load() }

// NewUser describes an account to be made.
type NewUser struct {
	Username, Email, FirstName, LastName string
	Affiliation, AffiliationAddress      string
	Admin                                bool
	// Password may be empty: then the account cannot sign in with one.
	Password string
}

var userNamePattern = regexp.MustCompile(`^[a-zA-Z0-9_.-]{1,64}$`)

// check collects everything that is wrong with the description.
func (n *NewUser) check() error {
	var fields []problem.Field
	add := func(name, typ, msg string) {
		fields = append(fields, problem.Field{Loc: []any{"body", name}, Msg: msg, Type: typ})
	}
	if !userNamePattern.MatchString(n.Username) {
		add("username", "pattern", "A user name has 1 to 64 letters (a-z), digits, or the characters _ . -")
	}
	if addr, err := mail.ParseAddress(n.Email); err != nil || addr.Address != n.Email {
		add("email", "email", "This is not an e-mail address. It looks like name@example.org.")
	}
	if len(n.FirstName) > 200 || len(n.LastName) > 200 || len(n.Affiliation) > 500 || len(n.AffiliationAddress) > 1000 {
		add("first_name", "too_long", "Names have at most 200 characters.")
	}
	if n.Password != "" {
		if p := problem.As(CheckPassword(n.Password)); p != nil {
			fields = append(fields, p.Fields...)
		}
	}
	if len(fields) > 0 {
		return problem.InvalidAll(fields)
	}
	return nil
}

func (s *Service) prepare(ctx context.Context, n NewUser) (User, string, error) {
	n.Username, n.Email = strings.TrimSpace(n.Username), strings.TrimSpace(n.Email)
	if err := n.check(); err != nil {
		return User{}, "", err
	}
	hash := ""
	if n.Password != "" {
		var err error
		if hash, err = s.hasher.hash(ctx, n.Password); err != nil {
			return User{}, "", err
		}
	}
	return User{
		ID: uuid.NewString(), Username: n.Username, Email: n.Email,
		FirstName: strings.TrimSpace(n.FirstName), LastName: strings.TrimSpace(n.LastName),
		Affiliation: n.Affiliation, AffiliationAddress: n.AffiliationAddress,
		Created: s.now().UTC(), Admin: n.Admin,
	}, hash, nil
}

// Add makes an account. The first one with the admin role ends the set-up.
func (s *Service) Add(ctx context.Context, n NewUser) (User, error) {
	user, hash, err := s.prepare(ctx, n)
	if err != nil {
		return User{}, err
	}
	if err := s.store.InsertUser(noteUser(ctx, audit.AccountCreate, user.ID, user.Username), user, hash); err != nil {
		return User{}, fmt.Errorf("store user %s: %w", user.Username, err)
	}
	if user.Admin {
		s.setUp.Store(true)
	}
	return user, nil
}

// textWrongPair says the same for an unknown name, a wrong password and an
// account without password.
const textWrongPair = "That user name and password do not match."

// SignIn checks a password. login is a user name or an e-mail address. Wrong
// pairs are a 401, disabled accounts a 403 (only after the right password), too
// many failures a 429 that says when to come back.
func (s *Service) SignIn(ctx context.Context, login, password, address string) (User, error) {
	user, err := s.checkPassword(ctx, login, password, address)
	if err != nil {
		s.recordFailure(ctx, &user, address, err)
		return User{}, err
	}
	return user, nil
}

// checkPassword gives the account also when it refuses, if there is one.
func (s *Service) checkPassword(ctx context.Context, login, password, address string) (User, error) {
	user, err := s.store.UserByLogin(ctx, login)
	account, hash := login, ""
	switch {
	case err == nil:
		account = user.ID // whichever of its names is tried
		if hash, err = s.store.PasswordHash(ctx, user.ID); err != nil {
			return User{}, fmt.Errorf("read password of %s: %w", user.ID, err)
		}
	case !problem.Is(err, problem.Missing):
		return User{}, fmt.Errorf("look up user: %w", err)
	}
	if err := s.tries.check(account, address, s.now()); err != nil {
		return user, err
	}
	if len(password) > maxPassword {
		return user, problem.New(problem.Unauthenticated, textWrongPair)
	}
	// Asked again and counted while the hasher is held: tries that come all at once
	// are then no more guesses than tries one after another.
	err = s.hasher.run(ctx, func() error {
		if err := s.tries.check(account, address, s.now()); err != nil {
			return err
		}
		ok, err := matches(password, hash)
		switch {
		case err != nil:
			return fmt.Errorf("compare password of %s: %w", user.ID, err)
		case !ok:
			s.tries.failed(account, address, s.now())
			return problem.New(problem.Unauthenticated, textWrongPair)
		}
		s.tries.succeeded(account, address)
		return nil
	})
	if err != nil {
		return user, err
	}
	if user.Disabled {
		return user, problem.Denied("Your account is disabled.")
	}
	return user, nil
}

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

// PruneSessions removes sessions that have ended by time.
func (s *Service) PruneSessions(ctx context.Context) error {
	now := s.now().UTC()
	return s.store.DeleteSessionsBefore(ctx, now.Add(-SessionIdle), now.Add(-SessionLife))
}

// User gives an account by its id.
func (s *Service) User(ctx context.Context, id string) (User, error) { return s.store.User(ctx, id) }

// ByLogin gives an account by user name or e-mail address.
func (s *Service) ByLogin(ctx context.Context, login string) (User, error) {
	user, err := s.store.UserByLogin(ctx, login)
	if problem.Is(err, problem.Missing) {
		return User{}, problem.NotFound("There is no user called %q.", login)
	}
	return user, err
}

// Find selects accounts.
func (s *Service) Find(ctx context.Context, search Search) ([]User, error) {
	return s.store.FindUsers(ctx, search)
}

// List gives all accounts, by user name.
func (s *Service) List(ctx context.Context) ([]User, error) { return s.store.ListUsers(ctx) }

// SetDisabled switches an account off or on. Switching off ends its sessions and
// access tokens at once; the last active administrator cannot be switched off.
func (s *Service) SetDisabled(ctx context.Context, id string, disabled bool) error {
	s.admins.Lock()
	defer s.admins.Unlock()
	user, err := s.store.User(ctx, id)
	if err != nil {
		return err
	}
	if disabled {
		if err := s.notLastAdmin(ctx, user); err != nil {
			return err
		}
	}
	operation := audit.AccountEnable
	if user.Disabled = disabled; disabled {
		operation = audit.AccountDisable
	}
	err = s.store.UpdateUser(noteUser(ctx, operation, id, user.Username), user, disabled)
	s.changed(id) // also after an error: a connection that broke may have committed
	if err != nil {
		return fmt.Errorf("update user %s: %w", id, err)
	}
	return nil
}

// SetPassword replaces the password and ends everything handed out under the old one.
func (s *Service) SetPassword(ctx context.Context, id, password string) error {
	if err := CheckPassword(password); err != nil {
		return err
	}
	hash, err := s.hasher.hash(ctx, password)
	if err != nil {
		return err
	}
	err = s.store.SetPasswordHash(noteUser(ctx, audit.AccountPassword, id, ""), id, hash, "")
	s.changed(id)
	if err != nil {
		return fmt.Errorf("store password of %s: %w", id, err)
	}
	return nil
}

// Remove deletes an account with its sessions and tokens. The uploads stay.
func (s *Service) Remove(ctx context.Context, id string) error {
	s.admins.Lock()
	defer s.admins.Unlock()
	user, err := s.store.User(ctx, id)
	if err != nil {
		return err
	}
	if err := s.notLastAdmin(ctx, user); err != nil {
		return err
	}
	err = s.store.DeleteUser(noteUser(ctx, audit.AccountRemove, id, user.Username), id)
	s.changed(id)
	if err != nil {
		return fmt.Errorf("delete user %s: %w", id, err)
	}
	return nil
}

func (s *Service) notLastAdmin(ctx context.Context, user User) error {
	if !user.Admin || user.Disabled {
		return nil
	}
	all, err := s.store.ListUsers(ctx)
	if err != nil {
		return fmt.Errorf("list users: %w", err)
	}
	for i := range all {
		if all[i].Admin && !all[i].Disabled && all[i].ID != user.ID {
			return nil
		}
	}
	return problem.Clash("%s is the only administrator. Make another one first: oasis user add NAME --admin.", user.Username)
}

package identity

import (
	"context"
	"errors"
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
	// owners counts by account what tries counts by typed name; it has no part in the limit of an address.
	owners throttle
	// codes counts wrong second factors, secrets wrong links and passkeys.
	codes   throttle
	secrets throttle
	setUp   atomic.Bool
	invite  setUpLink
	// imported is a password hash of another system that waits for its owner's next sign-in, nil without any.
	imported atomic.Pointer[string]
	// admins is held from looking for another administrator until one is gone.
	admins sync.Mutex
	cfg    Config
}

// Config is what people need beyond the store.
type Config struct {
	// Settings is asked at every use.
	Settings func() Settings
	// Mail sends links and notices.
	Mail Mailer
	// Key seals the secrets of second factors; derived for this purpose only.
	Key [32]byte
	// EndTokens revokes all personal access tokens of a user and tells how many.
	EndTokens func(ctx context.Context, userID string) (int, error)
	// Directory looks people up whom an external provider knows; nil = there is none.
	Directory Directory
}

// Settings are the options that concern people.
type Settings struct {
	// PublicURL is the address of this Oasis, with the base path.
	PublicURL string
	// LabName is shown in mails and authenticator apps.
	LabName string
	// SecondFactor says who must have a second factor (auth.second_factor).
	SecondFactor FactorRule
	// Elsewhere names the external provider when accounts of this Oasis are switched off, "" = they are on.
	Elsewhere string
}

// Mailer sends mail.
type Mailer interface {
	// Ready tells whether mail is configured.
	Ready() bool
	// Send hands a message to the mail server.
	Send(ctx context.Context, to, subject, text string) error
}

// noMail is the Mailer of an Oasis without one.
type noMail struct{}

func (noMail) Ready() bool { return false }

func (noMail) Send(context.Context, string, string, string) error {
	return errors.New("mail is not configured")
}

// Configure sets what people need beyond the store. It is called once, before the service is used.
func (s *Service) Configure(c Config) {
	if c.Settings == nil {
		c.Settings = s.cfg.Settings
	}
	if c.Mail == nil {
		c.Mail = s.cfg.Mail
	}
	if c.EndTokens == nil {
		c.EndTokens = s.cfg.EndTokens
	}
	s.cfg = c
}

// NewService joins a store. changed is called after anything about a user, or
// about the user's sessions, has changed.
func NewService(ctx context.Context, store Store, changed func(userID string), now func() time.Time) (*Service, error) {
	s := &Service{
		store: store, now: now, changed: changed, audit: audit.Nowhere{}, hasher: newHasher(),
		tries: newThrottle(passwordLimits()), owners: newThrottle(ownerLimits()), codes: newThrottle(codeLimits()), secrets: newThrottle(secretLimits()),
		cfg: Config{
			Settings: func() Settings { return Settings{} }, Mail: noMail{},
			EndTokens: func(context.Context, string) (int, error) { return 0, errors.New("tokens are not configured") },
		},
	}
	has, err := store.HasAdmin(ctx)
	if err != nil {
		return nil, fmt.Errorf("look for an administrator: %w", err)
	}
	s.setUp.Store(has)
	return s, s.findImported(ctx)
}

// SetUp tells whether an administrator exists; until then the server is closed.
func (s *Service) SetUp() bool { return s.setUp.Load() }

// LookForAdmin ends the set-up if another server has seen an administrator being made.
func (s *Service) LookForAdmin(ctx context.Context) error {
	if s.SetUp() {
		return nil
	}
	has, err := s.store.HasAdmin(ctx)
	if err != nil {
		return fmt.Errorf("look for an administrator: %w", err)
	}
	if has {
		s.setUp.Store(true)
	}
	return nil
}

// NewUser describes an account to be made.
type NewUser struct {
	Username, Email, FirstName, LastName string
	Affiliation, AffiliationAddress      string
	Admin, LabManager                    bool
	// Password may be empty: then the account cannot sign in with one.
	Password string
}

var userNamePattern = regexp.MustCompile(`^[a-zA-Z0-9_.-]{1,64}$`)

// checkNames collects everything that is wrong with what an account is called.
func checkNames(n *User) []problem.Field {
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
	return fields
}

// wordsOf are what everybody may know about an account: no password may hold them.
func wordsOf(u *User, labName string) []string {
	return []string{u.Username, u.Email, u.FirstName, u.LastName, labName}
}

func (s *Service) prepare(ctx context.Context, n NewUser) (User, string, error) {
	if err := s.here(); err != nil {
		return User{}, "", err
	}
	user := User{
		ID: uuid.NewString(), Username: strings.TrimSpace(n.Username), Email: strings.TrimSpace(n.Email),
		FirstName: capitalised(n.FirstName), LastName: capitalised(n.LastName),
		Affiliation: strings.TrimSpace(n.Affiliation), AffiliationAddress: strings.TrimSpace(n.AffiliationAddress),
		Created: s.now().UTC(), Admin: n.Admin, LabManager: n.LabManager,
	}
	fields := checkNames(&user)
	if n.Password != "" {
		if p := problem.As(s.checkNewPassword(&user, n.Password)); p != nil {
			fields = append(fields, p.Fields...)
		}
	}
	if len(fields) > 0 {
		return User{}, "", problem.InvalidAll(fields)
	}
	if n.Password == "" {
		return user, "", nil
	}
	hash, err := s.hasher.hash(ctx, n.Password)
	return user, hash, err
}

// Add makes an account. The first one with the admin role ends the set-up.
func (s *Service) Add(ctx context.Context, n NewUser) (User, error) {
	user, hash, err := s.prepare(ctx, n)
	if err != nil {
		return User{}, err
	}
	user.HasPassword = hash != ""
	if err := s.store.InsertUser(noteUser(ctx, audit.AccountCreate, user.ID, user.Username), user, hash); err != nil {
		return User{}, fmt.Errorf("store user %s: %w", user.Username, err)
	}
	if user.Admin {
		s.setUp.Store(true)
	}
	return user, nil
}

// User gives an account by its id.
func (s *Service) User(ctx context.Context, id string) (User, error) {
	if s.cfg.Directory != nil {
		return s.cfg.Directory.User(ctx, id)
	}
	return s.store.User(ctx, id)
}

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
	if s.cfg.Directory != nil {
		return s.cfg.Directory.Find(ctx, search)
	}
	return s.store.FindUsers(ctx, search)
}

// List gives all accounts, by user name.
func (s *Service) List(ctx context.Context) ([]User, error) { return s.store.ListUsers(ctx) }

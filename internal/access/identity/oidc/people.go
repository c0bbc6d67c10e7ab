package oidc

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/sync/singleflight"

	"oasis/internal/access/audit"
	"oasis/internal/access/identity"
)

// Times of keeping records fresh. Together they keep the promise that somebody
// who is disabled at the provider is out within 60 s (decisions 9).
const (
	// freshFor is how old a record may be when a credential is resolved.
	freshFor = 30 * time.Second
	// CheckEvery is how often Refresh is to be called.
	CheckEvery = 15 * time.Second
	// watchFor is how long somebody is looked after in the background; then their
	// credentials are forgotten, and the next one asks again.
	watchFor = 15 * time.Minute
	// writeEvery is how often the time of the last check is stored, if nothing else is.
	writeEvery = 10 * time.Minute
	// nobodyFor is how long it is remembered that the directory does not have somebody.
	nobodyFor  = 30 * time.Second
	maxNobody  = 10_000
	checkers   = 8
	checkLimit = 5 * time.Second
)

// State is how a person stands at the provider.
type State string

// The states.
const (
	Active   State = "active"
	Disabled State = "disabled"
	// Removed: the directory had them and has them no more.
	Removed State = "removed"
)

// Record is what we keep about a person of the provider, beside the account.
type Record struct {
	UserID  string
	Issuer  string
	Subject string
	State   State
	// Checked is when the provider was last asked; stores may be behind by writeEvery.
	Checked time.Time
}

// Saved tells what saving a person came to.
type Saved struct {
	User identity.User
	// Created and Changed tell whether the account is new, or not as it was.
	Created, Changed bool
	// Linked tells that the account is one of this Oasis: only how the person stands has been stored.
	Linked bool
	// NameTaken and EmailTaken tell that another account has the user name or the
	// address: this one then has a numbered name, or no address.
	NameTaken, EmailTaken bool
}

// Store keeps the records. Accounts are rows of identity.Store as well.
type Store interface {
	// User gives an account, or a problem of kind Missing.
	User(ctx context.Context, id string) (identity.User, error)
	FindUsers(ctx context.Context, search identity.Search) ([]identity.User, error)
	// External gives the record of a user, or a problem of kind Missing.
	External(ctx context.Context, userID string) (Record, error)
	// SaveExternal makes or updates the account of a person in one transaction and
	// moves its generation on when it ends. It refuses with a Conflict an id that an
	// account of somebody else has. admin gives the role; it never takes it.
	SaveExternal(ctx context.Context, r Record, p Person, admin bool) (Saved, error)
	// EndExternal notes that the person is gone, and ends the account's credentials.
	EndExternal(ctx context.Context, r Record) error
	// ExternalID gives the account of a person, or a problem of kind Missing.
	ExternalID(ctx context.Context, issuer, subject string) (string, error)
	// Link gives the person that an account of this Oasis is linked to, or a problem of kind Missing.
	Link(ctx context.Context, userID string) (Linked, error)
	// LinkExternal makes a link and removes the account that the person has had so far, whose id it gives; a
	// Conflict says what is in the way.
	LinkExternal(ctx context.Context, r Record, name string) (other string, err error)
	// UnlinkExternal ends a link, and the account's sessions.
	UnlinkExternal(ctx context.Context, userID string) error
}

// PeopleConfig is what People needs.
type PeopleConfig struct {
	Issuer *Issuer
	// Directory may be nil: then what tokens say is all there is to know, and
	// nobody is looked after.
	Directory Directory
	Store     Store
	// Changed is called after anything about a user has changed.
	Changed func(userID string)
	// StaleMax is how long the last known record holds while the directory does not answer.
	StaleMax func() time.Duration
	// AdminID is the user who is an administrator by configuration, "" = nobody.
	AdminID string
	Audit   audit.Recorder
	Log     *slog.Logger
	Now     func() time.Time
}

// People are our records of the people of a provider. It is safe for concurrent use.
type People struct {
	PeopleConfig
	flight singleflight.Group
	failed atomic.Int64 // Unix nanoseconds of the last failure of the directory
	nobody *lru.Cache[string, time.Time]

	mu      sync.Mutex
	watched map[string]*watch // by user id
}

// watch is somebody whose credentials may be in caches.
type watch struct {
	Record
	person  Person
	written time.Time
	until   time.Time
}

// NewPeople joins the directory and the store.
func NewPeople(cfg PeopleConfig) *People {
	nobody, _ := lru.New[string, time.Time](maxNobody) // fails only for a size below 1
	return &People{PeopleConfig: cfg, watched: map[string]*watch{}, nobody: nobody}
}

// isNobody tells whether the directory did not have somebody a moment ago.
func (p *People) isNobody(key string) bool {
	at, ok := p.nobody.Get(key)
	return ok && p.Now().Sub(at) < nobodyFor
}

// how a person has shown who they are.
type how uint8

const (
	// bearer is an access token: its claims serve only for somebody who was never seen.
	bearer how = iota
	// signedIn is a sign-in in the browser: its claims are new.
	signedIn
)

// admit makes sure that a person, of whom the provider has just told us, has a
// fresh account here.
func (p *People) admit(ctx context.Context, claimed Person, by how) (identity.User, error) {
	u, err := p.admitOnce(ctx, claimed, by)
	if isMissing(err) { // the account was removed here; somebody who comes again gets a new one
		id, err := p.idOf(ctx, claimed.Subject)
		if err != nil {
			return u, err
		}
		p.mu.Lock()
		delete(p.watched, id)
		p.mu.Unlock()
		return p.admitOnce(ctx, claimed, by)
	}
	return u, err
}

func (p *People) admitOnce(ctx context.Context, claimed Person, by how) (identity.User, error) {
	id, err := p.idOf(ctx, claimed.Subject)
	if err != nil {
		return identity.User{}, err
	}
	w, known, err := p.watch(ctx, id)
	if err != nil {
		return identity.User{}, err
	}
	if known && w.Subject != claimed.Subject {
		return identity.User{}, refuse(fmt.Errorf("account %s belongs to another subject", id))
	}
	switch {
	case p.Directory != nil:
		err = p.freshen(ctx, w, known, claimed.Subject)
	case !known || by == signedIn:
		_, err = p.save(ctx, claimed)
	}
	if err != nil {
		return identity.User{}, err
	}
	u, err := p.User(ctx, id)
	if err != nil {
		return u, err
	}
	return p.standing(ctx, u)
}

// User gives an account, after asking the provider if the account is the
// provider's and our record is old. Somebody who is out there is Disabled here.
// The error wraps identity.ErrDirectoryDown when the record is too old to go by.
func (p *People) User(ctx context.Context, id string) (identity.User, error) {
	u, err := p.Store.User(ctx, id)
	if err != nil || u.Origin != p.Issuer.ID() || p.Directory == nil {
		return u, err
	}
	w, known, err := p.watch(ctx, id)
	if err != nil || !known {
		return u, err
	}
	err = p.freshen(ctx, w, true, w.Subject)
	switch {
	case errors.Is(err, identity.ErrUnknownUser):
		u.Disabled = true
		return u, nil
	case err != nil:
		return u, err
	}
	if u, err = p.Store.User(ctx, id); err != nil {
		return u, err
	}
	now, _, err := p.watch(ctx, id)
	u.Disabled = u.Disabled || now.State != Active
	return u, err
}

// save stores a person if anything has changed, and reports what an
// administrator should know.
func (p *People) save(ctx context.Context, person Person) (identity.User, error) {
	person.clean()
	id, err := p.idOf(ctx, person.Subject)
	if err != nil {
		return identity.User{}, err
	}
	now := p.Now()
	record := Record{UserID: id, Issuer: p.Issuer.ID(), Subject: person.Subject, State: Active, Checked: now}
	if person.Disabled {
		record.State = Disabled
	}
	p.mu.Lock()
	if w := p.watched[id]; w != nil && w.person == person && w.State == record.State && now.Sub(w.written) < writeEvery {
		w.Checked = now
		p.mu.Unlock()
		return identity.User{ID: id}, nil
	}
	p.mu.Unlock()
	saved, err := p.Store.SaveExternal(ctx, record, person, p.AdminID != "" && id == p.AdminID)
	if err != nil {
		return identity.User{}, fmt.Errorf("store external user %s: %w", id, err)
	}
	p.mu.Lock()
	w := p.watched[id]
	if w == nil {
		w = &watch{until: now.Add(watchFor)}
		p.watched[id] = w
	}
	w.Record, w.person, w.written = record, person, now
	p.mu.Unlock()
	if saved.Created || saved.Changed {
		p.Changed(id)
	}
	if (saved.Created || saved.Changed) && !saved.Linked {
		p.report(ctx, &saved, person)
	}
	return saved.User, nil
}

// report tells the log and the record of the administrators.
func (p *People) report(ctx context.Context, saved *Saved, person Person) {
	u := &saved.User
	if saved.NameTaken && u.Username != person.Username {
		p.Log.WarnContext(ctx, "the user name of an external user belongs to another account", "user_id", u.ID, "wanted", person.Username, "got", u.Username)
	}
	if saved.EmailTaken {
		p.Log.WarnContext(ctx, "the e-mail address of an external user belongs to another account and was left out", "user_id", u.ID, "username", u.Username)
	}
	event := audit.Event{Operation: audit.AccountChange, Object: audit.UserObject(u.ID), Detail: "Brought up to date from " + p.Issuer.Name() + "."}
	switch {
	case saved.Created:
		event.Operation, event.Detail = audit.AccountCreate, "First seen, known to "+p.Issuer.Name()+"."
	case u.Disabled:
		event.Operation, event.Detail = audit.AccountDisable, "Disabled at "+p.Issuer.Name()+"."
	}
	if saved.NameTaken {
		event.Detail += " The user name " + person.Username + " belongs to another account."
	}
	if saved.EmailTaken {
		event.Detail += " The e-mail address belongs to another account."
	}
	p.Audit.Record(ctx, event)
}

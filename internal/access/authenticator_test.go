package access_test

import (
	"context"
	"errors"
	"net/netip"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"oasis/internal/access"
	"oasis/internal/access/identity"
	"oasis/internal/access/identity/local"
	"oasis/internal/access/scope"
	"oasis/internal/access/token"
	"oasis/internal/problem"
	"oasis/internal/store/sqlstore"
)

// gate is an Authenticator over a real database and the embedded provider, with
// a clock that tests move and a watch on what is asked of the database.
type gate struct {
	*access.Authenticator
	path     string // of the database
	people   *identity.Service
	tokens   *token.Service
	provider *local.Provider
	pats     token.Store
	sessions identity.Store
	watch    *watch
	ada      identity.User

	mu    sync.Mutex
	clock time.Time
}

// watch counts what is asked of the database.
type watch struct {
	asked atomic.Int64
	// after, when set, runs after each question with its number.
	after func(n int64)
	// fail, when set, is what every question gives.
	fail error
	// failWrites, when set, is what noting uses gives.
	failWrites error
}

func (w *watch) ask() {
	n := w.asked.Add(1)
	if w.after != nil {
		w.after(n)
	}
}

type watchedUsers struct {
	identity.Store
	*watch
}

func (w watchedUsers) User(ctx context.Context, id string) (identity.User, error) {
	defer w.ask()
	if w.fail != nil {
		return identity.User{}, w.fail
	}
	return w.Store.User(ctx, id)
}

func (w watchedUsers) Session(ctx context.Context, digest string) (identity.Session, error) {
	defer w.ask()
	if w.fail != nil {
		return identity.Session{}, w.fail
	}
	return w.Store.Session(ctx, digest)
}

func (w watchedUsers) TouchSessions(ctx context.Context, seen map[string]time.Time) error {
	if w.failWrites != nil {
		return w.failWrites
	}
	return w.Store.TouchSessions(ctx, seen)
}

type watchedTokens struct {
	token.Store
	*watch
}

func (w watchedTokens) PATByDigest(ctx context.Context, digest string) (token.PAT, error) {
	defer w.ask()
	if w.fail != nil {
		return token.PAT{}, w.fail
	}
	return w.Store.PATByDigest(ctx, digest)
}

func (w watchedTokens) TouchPATs(ctx context.Context, uses map[string]token.Use) error {
	if w.failWrites != nil {
		return w.failWrites
	}
	return w.Store.TouchPATs(ctx, uses)
}

const day = 24 * time.Hour

const apiSecret = "ssssssssssssssssssssssssssssssss"

func home() netip.Addr { return netip.MustParseAddr("192.0.2.7") }

func newGate(t *testing.T) *gate { t.Helper(); return newGateOn(t, "") }

// newGateOn is newGate on a PostgreSQL database, or on a file of its own.
func newGateOn(t *testing.T, postgres string) *gate {
	t.Helper()
	g := &gate{clock: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), watch: &watch{}}
	g.path = filepath.Join(t.TempDir(), "oasis.db")
	db, err := sqlstore.Open(t.Context(), sqlstore.Config{URL: postgres, Path: g.path, Now: g.now})
	must(t, err)
	t.Cleanup(func() { must(t, db.Close()) })
	forget := func(userID string) { g.Forget(userID) }
	g.people, err = identity.NewService(t.Context(), db.Identity(), forget, g.now)
	must(t, err)
	g.pats, g.sessions = db.Tokens(), db.Identity()
	g.tokens = &token.Service{
		Store: g.pats, Now: g.now, Changed: forget,
		Limits: func() token.Limits { return token.Limits{MaxActive: 1000, PruneAfter: day} },
	}
	g.provider, err = local.New(t.Context(), db.Grants(), local.Config{
		Issuer: func() string { return "https://oasis.example/auth" }, Lifetime: func() time.Duration { return day },
		Secret: apiSecret, Now: g.now,
	})
	must(t, err)
	g.Authenticator = access.NewAuthenticator(watchedUsers{db.Identity(), g.watch}, watchedTokens{g.pats, g.watch}, g.provider, apiSecret, g.now)
	g.ada, err = g.people.Add(t.Context(), identity.NewUser{Username: "Ada", Email: "ada@lab.example", Admin: true})
	must(t, err)
	_, err = g.people.Add(t.Context(), identity.NewUser{Username: "root", Email: "root@lab.example", Admin: true})
	must(t, err)
	return g
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (g *gate) now() time.Time { g.mu.Lock(); defer g.mu.Unlock(); return g.clock }

func (g *gate) pass(by time.Duration) { g.mu.Lock(); defer g.mu.Unlock(); g.clock = g.clock.Add(by) }

// pat, session and access make one credential of ada each.
func (g *gate) pat(t *testing.T, life time.Duration) (*access.Presented, token.PAT) {
	t.Helper()
	p, raw, err := g.tokens.Create(t.Context(), g.ada.ID, token.New{Name: "t", Scopes: []string{"uploads:read", "users:read"}, Lifetime: &life})
	must(t, err)
	return &access.Presented{Secret: raw, Address: home()}, p
}

func (g *gate) session(t *testing.T) *access.Presented {
	t.Helper()
	secret, err := g.people.StartSession(t.Context(), g.ada, "192.0.2.7", "Firefox")
	must(t, err)
	return &access.Presented{Secret: secret, Place: access.InSession, Address: home()}
}

func (g *gate) access(t *testing.T) *access.Presented {
	t.Helper()
	u, err := g.people.User(t.Context(), g.ada.ID)
	must(t, err)
	issued, err := g.provider.Issue(u)
	must(t, err)
	return &access.Presented{Secret: issued.Raw}
}

// credentials makes one of each kind.
func (g *gate) credentials(t *testing.T) map[access.Kind]*access.Presented {
	t.Helper()
	pat, _ := g.pat(t, 90*day)
	return map[access.Kind]*access.Presented{
		access.PersonalToken: pat, access.SessionCookie: g.session(t), access.ProviderToken: g.access(t),
	}
}

func (g *gate) ask(t *testing.T, p *access.Presented) access.Caller {
	t.Helper()
	c, err := g.Authenticate(t.Context(), p)
	must(t, err)
	return c
}

func (g *gate) alive(t *testing.T, p *access.Presented) {
	t.Helper()
	if c := g.ask(t, p); c.State != access.Valid || c.UserState != access.UserKnown || c.User.ID != g.ada.ID {
		t.Errorf("not alive: %+v", c)
	}
}

func (g *gate) dead(t *testing.T, p *access.Presented, reason string) {
	t.Helper()
	c := g.ask(t, p)
	if c.State != access.Invalid || c.Reason != reason {
		t.Errorf("got %+v, want invalid because %q", c, reason)
	}
}

const (
	invalidToken   = "Invalid token."
	invalidJWT     = "Could not validate credentials. The given token is invalid."
	invalidSession = "Your session has ended. Sign in again."
)

func TestNobodyPresentsNothing(t *testing.T) {
	t.Parallel()
	g := newGate(t)
	if c := g.ask(t, nil); c.Kind != access.NoCredential || c.State != access.Absent || c.Granted != 0 {
		t.Errorf("%+v", c)
	}
	if n := g.watch.asked.Load(); n != 0 {
		t.Errorf("%d look-ups", n)
	}
}

func TestEachKindOfCredentialSaysWhoAsks(t *testing.T) {
	t.Parallel()
	g := newGate(t)
	few, _ := scope.ParseNames([]string{"uploads:read", "users:read"})
	want := map[access.Kind]scope.Set{access.PersonalToken: few, access.SessionCookie: scope.Every(), access.ProviderToken: scope.Every()}
	for kind, p := range g.credentials(t) {
		for range 2 { // looked up and from the cache
			c := g.ask(t, p)
			if c.Kind != kind || c.State != access.Valid || c.Granted != want[kind] || c.CredentialID == "" {
				t.Errorf("%s: %+v", kind, c)
			}
			if u := c.User; u.ID != g.ada.ID || u.Username != "Ada" || u.Email != "ada@lab.example" || !u.Admin || !u.Created.Equal(g.ada.Created) {
				t.Errorf("%s: user %+v", kind, c.User)
			}
			if strings.Contains(p.Secret, c.CredentialID) {
				t.Errorf("%s: the id is part of the secret", kind)
			}
		}
	}
}

func TestACredentialSeenBeforeAsksNoDatabase(t *testing.T) {
	t.Parallel()
	g := newGate(t)
	for kind, p := range g.credentials(t) {
		g.alive(t, p)
		before := g.watch.asked.Load()
		for range 100 {
			g.alive(t, p)
		}
		if n := g.watch.asked.Load() - before; n != 0 {
			t.Errorf("%s: %d look-ups", kind, n)
		}
	}
}

func TestWhatCannotBeATokenIsRefusedWithoutALookUp(t *testing.T) {
	t.Parallel()
	g := newGate(t)
	good, _ := g.pat(t, day)
	last := "a"
	if strings.HasSuffix(good.Secret, "a") {
		last = "b"
	}
	for name, raw := range map[string]string{
		"prefix only": token.Prefix, "typo in the checksum": good.Secret[:len(good.Secret)-1] + last,
		"cut": good.Secret[:len(good.Secret)-1], "longer": good.Secret + "a", "long": token.Prefix + strings.Repeat("a", 1<<20),
	} {
		g.dead(t, &access.Presented{Secret: raw}, invalidToken)
		if n := g.watch.asked.Load(); n != 0 {
			t.Fatalf("%s: %d look-ups", name, n)
		}
	}
	g.dead(t, &access.Presented{Secret: token.NewSecret()}, invalidToken)                                      // well formed, unknown
	g.dead(t, &access.Presented{Secret: token.Prefix + strings.Repeat("a", 43)}, invalidToken)                 // NOMAD's form
	g.dead(t, &access.Presented{Secret: "eyJhbGciOiJub25lIn0.e30."}, invalidJWT)                               // no PAT at all
	g.dead(t, &access.Presented{Secret: ""}, invalidJWT)                                                       // empty Bearer
	g.dead(t, &access.Presented{Secret: good.Secret, Place: access.InSession}, invalidSession)                 // a token is no session
	g.dead(t, &access.Presented{Secret: g.session(t).Secret}, invalidJWT)                                      // and a session no token
	g.dead(t, &access.Presented{Secret: identity.SessionDigest("x"), Place: access.InSession}, invalidSession) // nor is a digest
	g.alive(t, good)
}

func TestBadCredentialsAreNotCached(t *testing.T) {
	t.Parallel()
	g := newGate(t)
	raw := token.NewSecret()
	p := &access.Presented{Secret: raw}
	g.dead(t, p, invalidToken)
	must(t, g.pats.InsertPAT(t.Context(), token.PAT{
		ID: strings.Repeat("a", 24), UserID: g.ada.ID, Digest: token.Digest(raw), CreatedAt: g.now(), UpdatedAt: g.now(),
	}, 10, g.now()))
	g.alive(t, p)
}

func TestBasicNameMustBeTheOwners(t *testing.T) {
	t.Parallel()
	g := newGate(t)
	p, _ := g.pat(t, day)
	for range 2 { // looked up and from the cache
		g.alive(t, &access.Presented{Secret: p.Secret, Owner: "aDA"})
		g.alive(t, &access.Presented{Secret: p.Secret})
		g.dead(t, &access.Presented{Secret: p.Secret, Owner: "root"}, invalidToken)
	}
}

func TestChangesOfAnAccountHoldForTheNextRequest(t *testing.T) {
	t.Parallel()
	reasons := map[access.Kind]string{
		access.PersonalToken: invalidToken, access.SessionCookie: invalidSession, access.ProviderToken: invalidJWT,
	}
	gone := map[access.Kind]string{
		access.PersonalToken: invalidToken, access.SessionCookie: invalidSession, access.ProviderToken: invalidToken,
	}
	type fate int
	const (
		lives fate = iota
		dies
		isDisabled
	)
	tests := []struct {
		name   string
		change func(context.Context, *gate) error
		want   map[access.Kind]fate
		reason map[access.Kind]string
	}{
		{
			"disabled", func(ctx context.Context, g *gate) error { return g.people.SetDisabled(ctx, g.ada.ID, true) },
			map[access.Kind]fate{access.PersonalToken: isDisabled, access.SessionCookie: dies, access.ProviderToken: isDisabled}, reasons,
		},
		{
			"disabled and enabled again", func(ctx context.Context, g *gate) error {
				return errors.Join(g.people.SetDisabled(ctx, g.ada.ID, true), g.people.SetDisabled(ctx, g.ada.ID, false))
			},
			map[access.Kind]fate{access.PersonalToken: lives, access.SessionCookie: dies, access.ProviderToken: dies}, reasons,
		},
		{
			"new password", func(ctx context.Context, g *gate) error {
				return g.people.SetPassword(ctx, g.ada.ID, "correct horse battery")
			},
			map[access.Kind]fate{access.PersonalToken: lives, access.SessionCookie: dies, access.ProviderToken: dies}, reasons,
		},
		{
			"removed", func(ctx context.Context, g *gate) error { return g.people.Remove(ctx, g.ada.ID) },
			map[access.Kind]fate{access.PersonalToken: dies, access.SessionCookie: dies, access.ProviderToken: dies}, gone,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			g := newGate(t)
			all := g.credentials(t)
			for _, p := range all {
				g.alive(t, p)
			}
			must(t, tt.change(t.Context(), g))
			for kind, p := range all {
				switch tt.want[kind] {
				case lives:
					g.alive(t, p)
				case dies:
					g.dead(t, p, tt.reason[kind])
				case isDisabled:
					if c := g.ask(t, p); c.State != access.Valid || c.UserState != access.UserDisabled {
						t.Errorf("%s: %+v", kind, c)
					}
				}
			}
		})
	}
}

func TestRevokedAndRotatedTokensEndForTheNextRequest(t *testing.T) {
	t.Parallel()
	g := newGate(t)
	first, revoked := g.pat(t, day)
	second, rotated := g.pat(t, day)
	other, _ := g.pat(t, day)
	for _, p := range []*access.Presented{first, second, other} {
		g.alive(t, p)
	}
	must(t, g.tokens.Revoke(t.Context(), g.ada.ID, revoked.ID))
	g.dead(t, first, invalidToken)
	g.alive(t, second)
	_, raw, err := g.tokens.Rotate(t.Context(), g.ada.ID, rotated.ID)
	must(t, err)
	g.dead(t, second, invalidToken)
	g.alive(t, &access.Presented{Secret: raw})
	g.alive(t, other)
}

func TestSignedOutSessionEndsForTheNextRequest(t *testing.T) {
	t.Parallel()
	g := newGate(t)
	one, other := g.session(t), g.session(t)
	g.alive(t, one)
	g.alive(t, other)
	must(t, g.people.EndSession(t.Context(), one.Secret))
	g.dead(t, one, invalidSession)
	g.alive(t, other)
}

func TestTokensEndByTimeAlsoInTheCache(t *testing.T) {
	t.Parallel()
	g := newGate(t)
	p, _ := g.pat(t, time.Hour)
	jwt := g.access(t)
	g.alive(t, p)
	g.alive(t, jwt)
	g.pass(time.Hour)
	g.alive(t, p) // expired is strictly after (spec auth.md §6)
	g.pass(time.Microsecond)
	g.dead(t, p, invalidToken)
	g.alive(t, jwt)
	g.pass(day)
	g.dead(t, jwt, invalidJWT)
}

func TestSessionEndsAfterTwelveIdleHours(t *testing.T) {
	t.Parallel()
	g := newGate(t)
	used, idle := g.session(t), g.session(t)
	for range 5 { // two and a half days of use, a look every 12 h
		g.pass(identity.SessionIdle)
		g.alive(t, used)
	}
	g.dead(t, idle, invalidSession)
	g.pass(identity.SessionIdle + time.Nanosecond)
	g.dead(t, used, invalidSession)
}

func TestSessionEndsAfterThirtyDaysOfUse(t *testing.T) {
	t.Parallel()
	g := newGate(t)
	p := g.session(t)
	for range 30*2 - 1 {
		g.pass(identity.SessionIdle)
		g.alive(t, p)
		must(t, g.Flush(t.Context()))
	}
	g.pass(identity.SessionIdle + time.Nanosecond)
	g.dead(t, p, invalidSession)
}

// The facts of a look-up that began before a change must not be kept after it,
// at whichever point of the look-up the change comes.
func TestChangeInTheMiddleOfALookUpIsNotOverlooked(t *testing.T) {
	t.Parallel()
	changes := map[string]func(context.Context, *gate, token.PAT, string) error{
		"revoke": func(ctx context.Context, g *gate, p token.PAT, _ string) error {
			return g.tokens.Revoke(ctx, g.ada.ID, p.ID)
		},
		"disable": func(ctx context.Context, g *gate, _ token.PAT, _ string) error {
			return g.people.SetDisabled(ctx, g.ada.ID, true)
		},
		"end session": func(ctx context.Context, g *gate, _ token.PAT, secret string) error {
			return g.people.EndSession(ctx, secret)
		},
	}
	for name, change := range changes {
		for at := range int64(3) {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				g := newGate(t)
				p, pat := g.pat(t, day)
				if name == "end session" {
					p = g.session(t)
				}
				g.watch.after = func(n int64) {
					if n == at+1 {
						must(t, change(t.Context(), g, pat, p.Secret))
					}
				}
				g.ask(t, p) // this one may still pass
				g.watch.after = nil
				if c := g.ask(t, p); c.State == access.Valid && c.UserState == access.UserKnown {
					t.Errorf("after a change at look-up %d: %+v", at, c)
				}
			})
		}
	}
}

func TestRevokeWinsAgainstRequestsThatRunAtTheSameTime(t *testing.T) {
	t.Parallel()
	g := newGate(t)
	ctx := context.WithoutCancel(t.Context())
	for range 30 {
		p, pat := g.pat(t, day)
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				for range 20 {
					if _, err := g.Authenticate(ctx, p); err != nil {
						t.Error(err)
					}
				}
			})
		}
		must(t, g.tokens.Revoke(ctx, g.ada.ID, pat.ID))
		g.dead(t, p, invalidToken)
		all.Wait()
		g.dead(t, p, invalidToken)
	}
}

func TestFaultsOfTheDatabaseAreNotTheCallersFault(t *testing.T) {
	t.Parallel()
	g := newGate(t)
	all := g.credentials(t)
	g.watch.fail = errors.New("disk gone")
	for kind, p := range all {
		if _, err := g.Authenticate(t.Context(), p); !errors.Is(err, g.watch.fail) || problem.As(err) != nil {
			t.Errorf("%s: %v", kind, err)
		}
	}
	g.watch.fail = nil
	for _, p := range all { // and the fault is not remembered
		g.alive(t, p)
	}
}

func TestUsesAreWrittenInBatchesAndKeptWhenTheyCannotBe(t *testing.T) {
	t.Parallel()
	g := newGate(t)
	p, pat := g.pat(t, day)
	s := g.session(t)
	began := g.now()
	g.alive(t, p)
	g.pass(time.Hour)
	g.alive(t, p)
	g.alive(t, s)
	seen := g.now()
	stored := func() (time.Time, string, time.Time) {
		got, err := g.pats.PAT(t.Context(), g.ada.ID, pat.ID)
		must(t, err)
		session, err := g.sessions.Session(t.Context(), identity.SessionDigest(s.Secret))
		must(t, err)
		return got.LastUsedAt, got.LastUsedFrom, session.LastSeen
	}
	if used, _, last := stored(); !used.IsZero() || !last.Equal(began) {
		t.Errorf("written on the way of the request: %s, %s", used, last)
	}
	g.watch.failWrites = errors.New("database locked")
	if err := g.Flush(t.Context()); !errors.Is(err, g.watch.failWrites) {
		t.Errorf("flush: %v", err)
	}
	g.watch.failWrites = nil
	must(t, g.Flush(t.Context()))
	if used, from, last := stored(); !used.Equal(seen) || from != "192.0.2.7" || !last.Equal(seen) {
		t.Errorf("used %s from %q, session seen %s; want %s", used, from, last, seen)
	}
}

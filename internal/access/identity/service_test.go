package identity_test

import (
	"context"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"oasis/internal/access/identity"
	"oasis/internal/problem"
	"oasis/internal/store/sqlstore"
)

const password = "correct horse battery"

// house is a Service over a real database, with a clock that tests move.
type house struct {
	*identity.Service
	store identity.Store

	mu      sync.Mutex
	clock   time.Time
	changed []string
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{clock: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	db, err := sqlstore.Open(t.Context(), sqlstore.Config{Path: filepath.Join(t.TempDir(), "oasis.db"), Now: h.now})
	must(t, err)
	t.Cleanup(func() { must(t, db.Close()) })
	h.store = db.Identity()
	h.open(t)
	return h
}

// open makes the Service anew, as a restart does.
func (h *house) open(t *testing.T) {
	t.Helper()
	var err error
	h.Service, err = identity.NewService(t.Context(), h.store, h.forget, h.now)
	must(t, err)
}

func (h *house) forget(userID string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.changed = append(h.changed, userID)
}

func (h *house) now() time.Time { h.mu.Lock(); defer h.mu.Unlock(); return h.clock }

func (h *house) pass(by time.Duration) { h.mu.Lock(); defer h.mu.Unlock(); h.clock = h.clock.Add(by) }

func (h *house) add(t *testing.T, name string, change ...func(*identity.NewUser)) identity.User {
	t.Helper()
	n := identity.NewUser{Username: name, Email: name + "@lab.example"}
	for _, c := range change {
		c(&n)
	}
	u, err := h.Add(t.Context(), n)
	must(t, err)
	return u
}

func withPassword(n *identity.NewUser) { n.Password = password }
func asAdmin(n *identity.NewUser)      { n.Admin = true }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// refused holds an error against a refusal.
func refused(t *testing.T, err error, kind problem.Kind, detail string) {
	t.Helper()
	p := problem.As(err)
	if p == nil || p.Kind != kind || p.Detail != detail {
		t.Errorf("got %v, want %q", err, detail)
	}
}

const (
	wrongPair = "That user name and password do not match."
	usedLink  = "This link was used or is too old. Restart the server to get a new one."
)

func TestSignIn(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ada := h.add(t, "Ada", withPassword)
	h.add(t, "robot")
	off := h.add(t, "off", withPassword)
	must(t, h.SetDisabled(t.Context(), off.ID, true))
	tests := []struct {
		name, login, password string
		kind                  problem.Kind
		detail                string
	}{
		{"user name", "Ada", password, 0, ""},
		{"user name in another case", "aDA", password, 0, ""},
		{"e-mail", "ADA@lab.example", password, 0, ""},
		{"wrong password", "ada", password + "!", problem.Unauthenticated, wrongPair},
		{"no password", "ada", "", problem.Unauthenticated, wrongPair},
		{"megabytes of password", "ada", strings.Repeat("x", 1<<20), problem.Unauthenticated, wrongPair},
		{"unknown name", "eve", password, problem.Unauthenticated, wrongPair},
		{"account without password", "robot", "", problem.Unauthenticated, wrongPair},
		{"disabled, right password", "off", password, problem.Forbidden, "Your account is disabled."},
		{"disabled, wrong password", "off", "wrong", problem.Unauthenticated, wrongPair},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			u, err := h.SignIn(t.Context(), tt.login, tt.password, "192.0.2.1")
			if tt.detail != "" {
				refused(t, err, tt.kind, tt.detail)
				return
			}
			if err != nil || u.ID != ada.ID {
				t.Errorf("%+v, %v", u, err)
			}
		})
	}
}

// The clock must not tell who has an account: hashing is what takes the time, and
// it shows in the memory it takes. Not parallel: it counts that of the process.
func TestUnknownNamesCostAsMuchAsWrongPasswords(t *testing.T) {
	h := newHouse(t)
	h.add(t, "ada", withPassword)
	h.add(t, "robot")
	for _, login := range []string{"ada", "robot", "eve"} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := h.SignIn(t.Context(), login, "a wrong password", "192.0.2.1")
		runtime.ReadMemStats(&after)
		refused(t, err, problem.Unauthenticated, wrongPair)
		if used := after.TotalAlloc - before.TotalAlloc; used < 19<<20 {
			t.Errorf("%s cost %d bytes: nothing was hashed", login, used)
		}
	}
}

func TestTenFailuresAreFreeAndThenOneHasToWait(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.add(t, "ada", withPassword)
	try := func(login, password, address string) error {
		_, err := h.SignIn(t.Context(), login, password, address)
		return err
	}
	wait := func(seconds int, detail string) {
		t.Helper()
		err := try("ada", password, "192.0.2.1")
		refused(t, err, problem.TooMany, detail)
		if p := problem.As(err); p != nil && p.RetryAfter != seconds {
			t.Errorf("retry after %d s, want %d", p.RetryAfter, seconds)
		}
	}
	for i := range 10 {
		refused(t, try([]string{"ada", "ADA"}[i%2], "wrong", "192.0.2.1"), problem.Unauthenticated, wrongPair)
	}
	wait(1, "Too many tries. Next try in 1 s.")
	must(t, try("ada", password, "192.0.2.2")) // from elsewhere its owner can still come in
	for _, seconds := range []int{2, 4, 8, 16, 32, 60, 60} {
		h.pass(time.Duration(seconds) * time.Second)
		refused(t, try("ada", "wrong", "192.0.2.1"), problem.Unauthenticated, wrongPair)
	}
	wait(60, "Too many tries. Next try in 60 s.")
	h.pass(time.Minute)
	must(t, try("ada", password, "192.0.2.1"))
	refused(t, try("ada", "wrong", "192.0.2.1"), problem.Unauthenticated, wrongPair) // all is forgiven
	must(t, try("ada", password, "192.0.2.1"))
}

// Failures for the user name once made the e-mail address answer 429, and only the
// right one: who knew a name could find out whose address it is.
func TestThrottleDoesNotTellWhichNamesAreOneAccount(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.add(t, "ada", withPassword)
	try := func(login, password string) error {
		_, err := h.SignIn(t.Context(), login, password, "192.0.2.1")
		return err
	}
	for range 10 {
		refused(t, try("ada", "wrong"), problem.Unauthenticated, wrongPair)
	}
	refused(t, try("ada", "wrong"), problem.TooMany, "Too many tries. Next try in 1 s.")
	refused(t, try("ada@lab.example", "wrong"), problem.Unauthenticated, wrongPair)
	refused(t, try("bob@lab.example", "wrong"), problem.Unauthenticated, wrongPair)
	// A second name is no second set of tries, although it does not say so.
	refused(t, try("ada@lab.example", password), problem.Unauthenticated, wrongPair)
	h.pass(time.Second)
	must(t, try("ada@lab.example", password))
}

func TestFailuresAreForgottenAfterAQuarterOfAnHour(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for range 9 {
		_, err := h.SignIn(t.Context(), "eve", "wrong", "192.0.2.1")
		refused(t, err, problem.Unauthenticated, wrongPair)
	}
	h.pass(15 * time.Minute)
	for range 2 { // the tenth and the eleventh in all
		_, err := h.SignIn(t.Context(), "eve", "wrong", "192.0.2.1")
		refused(t, err, problem.Unauthenticated, wrongPair)
	}
}

func TestTriesThatComeAllAtOnceAreNotMoreGuesses(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.add(t, "ada", withPassword)
	var mu sync.Mutex
	kinds := map[problem.Kind]int{}
	var all sync.WaitGroup
	for range 30 {
		all.Go(func() {
			_, err := h.SignIn(context.WithoutCancel(t.Context()), "ada", "wrong", "192.0.2.1")
			mu.Lock()
			defer mu.Unlock()
			if p := problem.As(err); p != nil {
				kinds[p.Kind]++
			} else {
				t.Error(err)
			}
		})
	}
	all.Wait()
	// Those that held a hasher when the tenth failure was counted are through already.
	if guesses := kinds[problem.Unauthenticated]; guesses < 1 || guesses > 10+runtime.NumCPU() {
		t.Errorf("%d guesses: %v", guesses, kinds)
	}
}

func TestAddRefusesWhatNoAccountCanHave(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.add(t, "Ada")
	ok := identity.NewUser{Username: "bert", Email: "bert@lab.example"}
	tests := []struct {
		name   string
		change func(*identity.NewUser)
		field  string
		msg    string
	}{
		{"no name", func(n *identity.NewUser) { n.Username = " " }, "username", "A user name has 1 to 64 letters (a-z), digits, or the characters _ . -"},
		{"slash", func(n *identity.NewUser) { n.Username = "a/b" }, "username", "A user name has"},
		{"umlaut", func(n *identity.NewUser) { n.Username = "jürgen" }, "username", "A user name has"},
		{"newline", func(n *identity.NewUser) { n.Username = "bert\nada" }, "username", "A user name has"},
		{"e-mail as name", func(n *identity.NewUser) { n.Username = "a@b" }, "username", "A user name has"},
		{"65 letters", func(n *identity.NewUser) { n.Username = strings.Repeat("a", 65) }, "username", "A user name has"},
		{"no e-mail", func(n *identity.NewUser) { n.Email = "" }, "email", "This is not an e-mail address. It looks like name@example.org."},
		{"e-mail with a name", func(n *identity.NewUser) { n.Email = "Bert <bert@lab.example>" }, "email", "This is not an e-mail"},
		{"long name", func(n *identity.NewUser) { n.LastName = strings.Repeat("x", 201) }, "first_name", "Names have at most 200 characters."},
		{"short password", func(n *identity.NewUser) { n.Password = "elevenchars" }, "password", "A password has 12 characters or more; a sentence is fine."},
		{"short password of long letters", func(n *identity.NewUser) { n.Password = strings.Repeat("ü", 11) }, "password", "A password has 12"},
		{"long password", func(n *identity.NewUser) { n.Password = strings.Repeat("x", 1025) }, "password", "A password has at most 1024 bytes."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			n := ok
			tt.change(&n)
			_, err := h.Add(t.Context(), n)
			p := problem.As(err)
			if p == nil || p.Kind != problem.Unprocessable || len(p.Fields) != 1 {
				t.Fatal(err)
			}
			if f := p.Fields[0]; !slices.Equal(f.Loc, []any{"body", tt.field}) || !strings.HasPrefix(f.Msg, tt.msg) {
				t.Errorf("%+v", f)
			}
		})
	}
	for _, tt := range []struct {
		new  identity.NewUser
		want string
	}{
		{identity.NewUser{Username: "aDa", Email: "x@lab.example"}, "A user with the name aDa already exists."},
		{identity.NewUser{Username: "x", Email: "ADA@lab.example"}, "User with email ADA@lab.example already exists"},
	} {
		_, err := h.Add(t.Context(), tt.new)
		refused(t, err, problem.Conflict, tt.want)
	}
}

func TestAddCollectsEverythingThatIsWrong(t *testing.T) {
	t.Parallel()
	_, err := newHouse(t).Add(t.Context(), identity.NewUser{Password: "short"})
	if p := problem.As(err); p == nil || len(p.Fields) != 3 {
		t.Errorf("%v", err)
	}
}

func TestNewPasswordEndsWhatTheOldOneOpened(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ada := h.add(t, "ada", withPassword)
	secret, err := h.StartSession(t.Context(), ada, "192.0.2.1", "Firefox")
	must(t, err)
	if err := h.SetPassword(t.Context(), ada.ID, "too short"); problem.As(err) == nil {
		t.Errorf("%v", err)
	}
	must(t, h.SetPassword(t.Context(), ada.ID, password+" staple"))
	if _, err := h.store.Session(t.Context(), identity.SessionDigest(secret)); !problem.Is(err, problem.Missing) {
		t.Errorf("the session is still there: %v", err)
	}
	after, err := h.User(t.Context(), ada.ID)
	must(t, err)
	if after.Generation == ada.Generation {
		t.Error("access tokens made before stay alive")
	}
	if !slices.Contains(h.changed, ada.ID) {
		t.Error("caches were not told")
	}
	_, err = h.SignIn(t.Context(), "ada", password, "")
	refused(t, err, problem.Unauthenticated, wrongPair)
	_, err = h.SignIn(t.Context(), "ada", password+" staple", "")
	must(t, err)
	if err := h.SetPassword(t.Context(), "nobody", password); !problem.Is(err, problem.Missing) {
		t.Errorf("password of nobody: %v", err)
	}
}

func TestEndSessionEndsOneSession(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ada := h.add(t, "ada")
	phone, err := h.StartSession(t.Context(), ada, "192.0.2.1", strings.Repeat("ü", 200)) // cut within a letter
	must(t, err)
	desktop, err := h.StartSession(t.Context(), ada, "192.0.2.2", "Firefox")
	must(t, err)
	must(t, h.EndSession(t.Context(), phone))
	must(t, h.EndSession(t.Context(), phone))
	must(t, h.EndSession(t.Context(), "unknown"))
	if _, err := h.store.Session(t.Context(), identity.SessionDigest(phone)); !problem.Is(err, problem.Missing) {
		t.Errorf("ended session: %v", err)
	}
	if _, err := h.store.Session(t.Context(), identity.SessionDigest(desktop)); err != nil {
		t.Errorf("other session: %v", err)
	}
	if !slices.Equal(h.changed, []string{ada.ID}) {
		t.Errorf("told to forget %v", h.changed)
	}
}

func TestPruneRemovesSessionsThatEndedByTime(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ada := h.add(t, "ada")
	idle, err := h.StartSession(t.Context(), ada, "", "")
	must(t, err)
	used, err := h.StartSession(t.Context(), ada, "", "")
	must(t, err)
	there := func(secret string) bool {
		_, err := h.store.Session(t.Context(), identity.SessionDigest(secret))
		if err != nil && !problem.Is(err, problem.Missing) {
			t.Fatal(err)
		}
		return err == nil
	}
	touch := func() {
		must(t, h.store.TouchSessions(t.Context(), map[string]time.Time{identity.SessionDigest(used): h.now()}))
	}
	h.pass(identity.SessionIdle)
	touch()
	must(t, h.PruneSessions(t.Context()))
	if !there(idle) || !there(used) {
		t.Error("a session was removed too early")
	}
	h.pass(time.Second)
	must(t, h.PruneSessions(t.Context()))
	if there(idle) || !there(used) {
		t.Errorf("idle %v, used %v", there(idle), there(used))
	}
	h.pass(identity.SessionLife - identity.SessionIdle)
	touch()
	must(t, h.PruneSessions(t.Context()))
	if there(used) {
		t.Error("a session lives for more than 30 days")
	}
}

func TestTheLastAdministratorStays(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ada, bert := h.add(t, "ada", asAdmin), h.add(t, "bert", asAdmin)
	user := h.add(t, "carl")
	must(t, h.SetDisabled(t.Context(), user.ID, true))
	must(t, h.Remove(t.Context(), user.ID))
	must(t, h.SetDisabled(t.Context(), bert.ID, true))
	const last = "ada is the only administrator. Make another one first: oasis user make-admin NAME."
	refused(t, h.SetDisabled(t.Context(), ada.ID, true), problem.Conflict, last)
	refused(t, h.Remove(t.Context(), ada.ID), problem.Conflict, last)
	must(t, h.SetDisabled(t.Context(), ada.ID, false)) // is no change
	must(t, h.SetDisabled(t.Context(), bert.ID, false))
	must(t, h.Remove(t.Context(), ada.ID))
	refused(t, h.Remove(t.Context(), bert.ID), problem.Conflict, strings.Replace(last, "ada", "bert", 1))
	for _, err := range []error{h.Remove(t.Context(), ada.ID), h.SetDisabled(t.Context(), ada.ID, true)} {
		if !problem.Is(err, problem.Missing) {
			t.Errorf("removed account: %v", err)
		}
	}
	_, err := h.ByLogin(t.Context(), "ada")
	refused(t, err, problem.Missing, `There is no user called "ada".`)
}

func TestTwoAdministratorsCannotRemoveEachOtherAtOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for range 10 {
		ada, bert := h.add(t, "ada", asAdmin), h.add(t, "bert", asAdmin)
		var all sync.WaitGroup
		errs := make([]error, 2)
		ctx := context.WithoutCancel(t.Context())
		all.Go(func() { errs[0] = h.Remove(ctx, ada.ID) })
		all.Go(func() { errs[1] = h.SetDisabled(ctx, bert.ID, true) })
		all.Wait()
		if (errs[0] == nil) == (errs[1] == nil) {
			t.Fatalf("%v, %v", errs[0], errs[1])
		}
		for _, u := range []identity.User{ada, bert} {
			if err := h.store.DeleteUser(ctx, u.ID); err != nil && !problem.Is(err, problem.Missing) {
				t.Fatal(err)
			}
		}
	}
}

func TestSetUpLinkWorksOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	if h.SetUp() {
		t.Fatal("set up without an administrator")
	}
	refused(t, h.CheckSetUpSecret(""), problem.Gone, usedLink) // no link was made yet
	first := h.NewSetUpSecret()
	secret := h.NewSetUpSecret()
	refused(t, h.CheckSetUpSecret(first), problem.Gone, usedLink)
	refused(t, h.CheckSetUpSecret(secret+"x"), problem.Gone, usedLink)
	must(t, h.CheckSetUpSecret(secret))

	n := identity.NewUser{Username: "ada", Email: "ada@lab.example"}
	settled := 0
	settle := func(context.Context) error { settled++; return nil }
	if _, err := h.CompleteSetUp(t.Context(), secret, n, settle); problem.As(err) == nil || problem.As(err).Fields[0].Type != "too_short" {
		t.Errorf("an administrator without password: %v", err)
	}
	n.Password = password
	_, err := h.CompleteSetUp(t.Context(), secret+"x", n, settle)
	refused(t, err, problem.Gone, usedLink)
	if h.SetUp() || settled != 0 {
		t.Errorf("a wrong link ended the set-up (%t) or saved settings (%d)", h.SetUp(), settled)
	}
	_, err = h.CompleteSetUp(t.Context(), secret, n, func(context.Context) error { return problem.Clash("no") })
	refused(t, err, problem.Conflict, "no")
	if h.SetUp() {
		t.Error("settings that could not be saved ended the set-up")
	}
	u, err := h.CompleteSetUp(t.Context(), secret, n, nothing)
	if err != nil || !u.Admin || !h.SetUp() {
		t.Fatalf("%+v, %v", u, err)
	}
	n.Username, n.Email = "eve", "eve@lab.example"
	_, err = h.CompleteSetUp(t.Context(), secret, n, nothing)
	refused(t, err, problem.Gone, usedLink)
	if h.NewSetUpSecret() != "" {
		t.Error("a link was made for a server that is set up")
	}
	_, err = h.SignIn(t.Context(), "ada", password, "")
	must(t, err)
}

func nothing(context.Context) error { return nil }

func TestSetUpLinkGrowsOld(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	secret := h.NewSetUpSecret()
	h.pass(24 * time.Hour)
	must(t, h.CheckSetUpSecret(secret))
	h.pass(time.Second)
	refused(t, h.CheckSetUpSecret(secret), problem.Gone, usedLink)
	must(t, h.CheckSetUpSecret(h.NewSetUpSecret()))
	again := h.NewSetUpSecret()
	h.open(t)
	refused(t, h.CheckSetUpSecret(again), problem.Gone, usedLink) // a restart makes a new one
}

func TestOfManyWhoUseTheLinkOneBecomesAdministrator(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	secret := h.NewSetUpSecret()
	errs := make([]error, 4)
	var settled atomic.Value // by whom last; the settings of a loser must not stay
	var all sync.WaitGroup
	for i := range errs {
		name := string(rune('a' + i))
		all.Go(func() {
			_, errs[i] = h.CompleteSetUp(context.WithoutCancel(t.Context()), secret,
				identity.NewUser{Username: name, Email: name + "@lab.example", Password: password},
				func(context.Context) error { settled.Store(name); return nil })
		})
	}
	all.Wait()
	users, err := h.List(t.Context())
	must(t, err)
	if len(users) != 1 || !users[0].Admin {
		t.Errorf("accounts: %+v", users)
	}
	if by := settled.Load(); by != users[0].Username {
		t.Errorf("%s is administrator, with the settings of %s", users[0].Username, by)
	}
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
		} else {
			refused(t, err, problem.Gone, usedLink)
		}
	}
	if won != 1 {
		t.Errorf("%d won", won)
	}
}

func TestAnAdministratorFromTheCommandLineEndsTheSetUp(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	secret := h.NewSetUpSecret()
	h.add(t, "carl")
	must(t, h.CheckSetUpSecret(secret))
	h.add(t, "ada", asAdmin)
	if !h.SetUp() {
		t.Error("still closed")
	}
	refused(t, h.CheckSetUpSecret(secret), problem.Gone, usedLink)
	h.open(t)
	if !h.SetUp() {
		t.Error("closed after a restart")
	}
}

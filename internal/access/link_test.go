package access_test

import (
	"context"
	"database/sql"
	"errors"
	"testing"
	"time"

	"oasis/internal/access"
	"oasis/internal/access/identity/local"
	"oasis/internal/access/token"
	"oasis/internal/store/sqlstore"
	"oasis/test/servers"
)

func TestWithoutLinkNothingCachedCounts(t *testing.T) {
	t.Parallel()
	g := newGate(t)
	p, _ := g.pat(t, day)
	// asked tells whether the database was asked about the token.
	asked := func() bool {
		before := g.watch.asked.Load()
		g.alive(t, p)
		return g.watch.asked.Load() > before
	}
	steps := []struct {
		name string
		do   func()
		want bool
	}{
		{"first use", func() {}, true},
		{"second use", func() {}, false},
		{"link lost", func() { g.Link(false) }, true},
		{"still lost", func() { g.Link(false) }, true},
		{"link is back: what was cached before does not count", func() { g.Link(true) }, true},
		{"what is cached now does", func() { g.Link(true) }, false},
		{"everybody is forgotten", func() { g.ForgetAll() }, true},
		{"and cached again", func() {}, false},
	}
	for _, step := range steps {
		step.do()
		if got := asked(); got != step.want {
			t.Errorf("%s: the database was asked: %v", step.name, got)
		}
	}
}

func TestLinkThatComesBackInTheMiddleOfALookUpIsNotOverlooked(t *testing.T) {
	t.Parallel()
	g := newGate(t)
	p, pat := g.pat(t, day)
	g.watch.after = func(n int64) {
		if n == 2 { // the token was read; another process revokes it while nobody hears
			g.Link(false)
			_, err := g.pats.RevokeAllPATs(t.Context(), pat.UserID, g.now(), token.Ending{How: token.EndedRevoked, By: pat.UserID})
			must(t, err)
			g.Link(true)
		}
	}
	g.ask(t, p) // began before, may still pass
	g.watch.after = nil
	g.dead(t, p, invalidToken)
}

// neighbour is the Authenticator of another server process on the same database.
type neighbour struct {
	*access.Authenticator
	watch *watch
	heard chan string
	lost  chan error
}

func newNeighbour(t *testing.T, g *gate, url string) *neighbour {
	t.Helper()
	db, err := sqlstore.Open(t.Context(), sqlstore.Config{URL: url, Now: g.now})
	must(t, err)
	provider, err := local.New(t.Context(), db.Grants(), local.Config{
		Issuer: func() string { return "https://oasis.example/auth" }, Lifetime: func() time.Duration { return day }, Secret: apiSecret, Now: g.now,
	})
	must(t, err)
	n := &neighbour{watch: &watch{}, heard: make(chan string, 1000), lost: make(chan error, 1000)}
	n.Authenticator = access.NewAuthenticator(watchedUsers{db.Identity(), n.watch}, watchedTokens{db.Tokens(), n.watch}, provider, apiSecret, g.now)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		ended <- db.Follow(ctx, sqlstore.Listener{Access: func(userID string) {
			if userID == "" {
				n.ForgetAll()
			} else {
				n.Forget(userID)
			}
			n.heard <- userID
		}, Link: func(lost error) {
			n.Link(lost == nil)
			n.lost <- lost
		}})
	}()
	t.Cleanup(func() {
		stop()
		must(t, errors.Join(<-ended, db.Close()))
	})
	if err := <-n.lost; err == nil {
		t.Error("the link is good before it is there")
	}
	n.linked(t)
	return n
}

// patience is far more than the second that is promised: machines of tests are busy.
const patience = 20 * time.Second

// linked waits for the link.
func (n *neighbour) linked(t *testing.T) {
	t.Helper()
	for end := time.After(patience); ; {
		select {
		case lost := <-n.lost:
			if lost == nil {
				return
			}
		case <-end:
			t.Fatal("no link")
		}
	}
}

// hears waits for a notice about a user.
func (n *neighbour) hears(t *testing.T, userID string) {
	t.Helper()
	began := time.Now()
	for end := time.After(patience); ; {
		select {
		case id := <-n.heard:
			if id == userID {
				t.Logf("heard after %s", time.Since(began).Round(time.Millisecond))
				return
			}
		case <-end:
			t.Fatalf("nothing was heard of %s", userID)
		}
	}
}

func (n *neighbour) ask(t *testing.T, p *access.Presented) access.Caller {
	t.Helper()
	c, err := n.Authenticate(t.Context(), p)
	must(t, err)
	return c
}

// refuses asks until the credential counts no more, which begins with a notice.
func (n *neighbour) refuses(t *testing.T, p *access.Presented) {
	t.Helper()
	began := time.Now()
	for end := time.After(patience); ; {
		if c := n.ask(t, p); c.State != access.Valid || c.UserState != access.UserKnown {
			t.Logf("refused after %s", time.Since(began).Round(time.Millisecond))
			return
		}
		select {
		case <-n.heard:
		case <-end:
			t.Fatal("the neighbour still takes it")
		}
	}
}

// settled asks until the answer comes from the cache.
func (n *neighbour) settled(t *testing.T, p *access.Presented) {
	t.Helper()
	for range 2 {
		if c := n.ask(t, p); c.State != access.Valid || c.UserState != access.UserKnown {
			t.Fatalf("not alive at the neighbour: %+v", c)
		}
	}
}

func TestChangesHoldInOtherProcesses(t *testing.T) {
	t.Parallel()
	url := servers.Postgres(t)
	g := newGateOn(t, url)
	n := newNeighbour(t, g, url)
	pat, row := g.pat(t, day)
	session, provider := g.session(t), g.access(t)
	for _, p := range []*access.Presented{pat, session, provider} {
		n.settled(t, p)
	}

	// Noting uses is no change: it would empty the caches of all processes every few seconds.
	g.alive(t, pat)
	g.alive(t, session)
	must(t, g.Flush(t.Context()))
	other, err := g.people.ByLogin(t.Context(), "root")
	must(t, err)
	must(t, g.people.SetPassword(t.Context(), other.ID, "correct horse battery"))
	n.hears(t, other.ID) // notices come in order: whatever was told before has arrived
	before := n.watch.asked.Load()
	n.ask(t, pat)
	n.ask(t, session)
	if asked := n.watch.asked.Load() - before; asked != 0 {
		t.Errorf("%d questions after changes of somebody else", asked)
	}

	must(t, g.tokens.Revoke(t.Context(), g.ada.ID, row.ID))
	n.refuses(t, pat)
	n.settled(t, session)
	must(t, g.people.EndSession(t.Context(), session.Secret))
	n.refuses(t, session)
	n.settled(t, provider)
	must(t, g.people.SetDisabled(t.Context(), g.ada.ID, true))
	n.refuses(t, provider)
}

func TestLinkThatIsCutIsMadeAgain(t *testing.T) {
	t.Parallel()
	url := servers.Postgres(t)
	g := newGateOn(t, url)
	n := newNeighbour(t, g, url)
	pat, row := g.pat(t, day)
	n.settled(t, pat)
	db, err := sql.Open("pgx", url) // the driver comes with sqlstore
	must(t, err)
	defer db.Close()
	var cut int
	must(t, db.QueryRowContext(t.Context(), `select count(pg_terminate_backend(pid)) from pg_stat_activity
		where datname = current_database() and pid <> pg_backend_pid() and application_name = 'oasis listens'`).Scan(&cut))
	if cut != 1 {
		t.Fatalf("%d links were cut", cut)
	}
	select {
	case lost := <-n.lost:
		if lost == nil {
			t.Fatal("the link came without having gone")
		}
	case <-time.After(patience):
		t.Fatal("nobody has noticed")
	}
	must(t, g.tokens.Revoke(t.Context(), g.ada.ID, row.ID)) // perhaps not heard
	if c := n.ask(t, pat); c.State != access.Invalid {
		t.Errorf("trusted the cache without a link: %+v", c)
	}
	n.linked(t)
	again, row := g.pat(t, day)
	n.settled(t, again)
	must(t, g.tokens.Revoke(t.Context(), g.ada.ID, row.ID))
	n.refuses(t, again)
}

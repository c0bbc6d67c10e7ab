package token_test

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"oasis/internal/access/identity"
	"oasis/internal/access/token"
	"oasis/internal/problem"
	"oasis/internal/store/sqlstore"
)

const (
	day  = 24 * time.Hour
	ada  = "c0ffee00-0000-4000-8000-000000000001"
	bert = "c0ffee00-0000-4000-8000-000000000002"
)

// desk is a Service over a real database, with a clock and rules that tests change.
type desk struct {
	*token.Service
	db *sqlstore.DB

	mu      sync.Mutex
	clock   time.Time
	limits  token.Limits
	changed []string
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{
		clock:  time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC),
		limits: token.Limits{MaxLifetime: 365 * day, MaxActive: 100, PruneAfter: 365 * day},
	}
	var err error
	d.db, err = sqlstore.Open(t.Context(), sqlstore.Config{Path: filepath.Join(t.TempDir(), "oasis.db"), Now: d.now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.db.Close(); err != nil {
			t.Error(err)
		}
	})
	for id, name := range map[string]string{ada: "ada", bert: "bert"} {
		if err := d.db.Identity().InsertUser(t.Context(), identity.User{ID: id, Username: name, Email: name + "@lab.example"}, ""); err != nil {
			t.Fatal(err)
		}
	}
	d.Service = &token.Service{
		Store: d.db.Tokens(), Now: d.now,
		Limits: func() token.Limits { d.mu.Lock(); defer d.mu.Unlock(); return d.limits },
		Changed: func(userID string) {
			d.mu.Lock()
			defer d.mu.Unlock()
			d.changed = append(d.changed, userID)
		},
	}
	return d
}

func (d *desk) now() time.Time { d.mu.Lock(); defer d.mu.Unlock(); return d.clock }

func (d *desk) pass(by time.Duration) { d.mu.Lock(); defer d.mu.Unlock(); d.clock = d.clock.Add(by) }

func (d *desk) create(t *testing.T, userID string, n token.New) token.PAT {
	t.Helper()
	if n.Scopes == nil {
		n.Scopes = []string{"uploads:read"}
	}
	p, _, err := d.Create(t.Context(), userID, n)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// wantBad holds an error against the sentence of a 400.
func wantBad(t *testing.T, err error, detail string) {
	t.Helper()
	wantProblem(t, err, problem.BadRequest, detail)
}

func wantProblem(t *testing.T, err error, kind problem.Kind, detail string) {
	t.Helper()
	p := problem.As(err)
	if p == nil || p.Kind != kind || p.Detail != detail {
		t.Errorf("got %v, want %q", err, detail)
	}
}

// Each row breaks its own rule and all that come after it, so the sentence shows
// which one was asked first (spec auth.md §6).
func TestCreateAsksItsRulesInTheOrderOfTheSpec(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.limits.MaxActive = 1
	d.create(t, ada, token.New{Lifetime: token.Days(1)})
	const (
		bad    = "uploads:fly"
		token1 = "tokens:read"
	)
	past := d.now().Add(-time.Second)
	tests := []struct {
		name string
		new  token.New
		want string
	}{
		{"no scopes, expired", token.New{Lifetime: token.Days(-1)}, "At least one scope must be selected."},
		{"zero days", token.New{Scopes: []string{bad, token1}, Lifetime: token.Days(0)}, "Cannot create an already expired token."},
		{"negative days", token.New{Scopes: []string{bad, token1}, Lifetime: token.Days(-1)}, "Cannot create an already expired token."},
		{"ages before", token.New{Scopes: []string{bad}, Lifetime: token.Days(-106752)}, "Cannot create an already expired token."},
		{"end in the past", token.New{Scopes: []string{bad}, ExpiresAt: &past}, "Cannot create an already expired token."},
		{"end in the year 1", token.New{Scopes: []string{bad}, ExpiresAt: &time.Time{}}, "Cannot create an already expired token."},
		{"for ever", token.New{Scopes: []string{bad, token1}}, "Infinite tokens are disabled. Max lifetime is 365 days."},
		{"too long", token.New{Scopes: []string{bad, token1}, Lifetime: token.Days(400)}, "Requested lifetime (400 days) exceeds the maximum allowed (365 days)."},
		{"one day too long", token.New{Scopes: []string{bad}, Lifetime: token.Days(366)}, "Requested lifetime (366 days) exceeds the maximum allowed (365 days)."},
		{"ages", token.New{Scopes: []string{bad}, Lifetime: token.Days(1 << 40)}, "Requested lifetime (106751 days) exceeds the maximum allowed (365 days)."},
		{"unknown scope", token.New{Scopes: []string{token1, bad, bad}, Lifetime: token.Days(365)}, "Invalid scopes: {'uploads:fly'}"},
		{"two unknown scopes", token.New{Scopes: []string{"x:y", "a:b", "uploads:read"}, Lifetime: token.Days(1)}, "Invalid scopes: {'a:b', 'x:y'}"},
		{"wildcard", token.New{Scopes: []string{"*:read"}, Lifetime: token.Days(1)}, "Invalid scopes: {'*:read'}"},
		{"scopes of tokens", token.New{Scopes: []string{"uploads:read", "tokens:delete"}, Lifetime: token.Days(1)}, "Personal access tokens are not allowed to operate on PATs."},
		{"too many", token.New{Scopes: []string{"uploads:read"}, Lifetime: token.Days(365)}, "Maximum number of active PAT (1) reached."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, raw, err := d.Create(t.Context(), ada, tt.new)
			wantBad(t, err, tt.want)
			if raw != "" {
				t.Error("a secret was given away")
			}
		})
	}
}

func TestCreatedTokenIsFoundByItsSecretOnly(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	p, raw, err := d.Create(t.Context(), ada, token.New{
		Name: "", Description: "", Scopes: []string{"uploads_bundle:read", "uploads:write", "uploads:write"}, Lifetime: token.Days(30),
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := p.Scopes.Names(); !slices.Equal(got, []string{"uploads:export", "uploads:write"}) {
		t.Errorf("scopes %v: second spellings are stored under the first", got)
	}
	if life := p.ExpiredAt.Sub(p.CreatedAt); life != 30*day {
		t.Errorf("lives %s", life)
	}
	if len(p.ID) != 24 || strings.Trim(p.ID, "0123456789abcdef") != "" {
		t.Errorf("id %q", p.ID)
	}
	found, err := d.Store.PATByDigest(t.Context(), token.Digest(raw))
	if err != nil || found.ID != p.ID || found.UserID != ada {
		t.Errorf("found %+v, %v", found, err)
	}
	if strings.Contains(found.Digest+found.ID, raw[len(token.Prefix):]) {
		t.Error("the secret is stored")
	}
}

func TestTokensMayLiveForEverWhereTheRulesSayNothing(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.limits.MaxLifetime = 0
	end := d.now().Add(90 * time.Minute)
	tests := []struct {
		name string
		new  token.New
		want time.Time
	}{
		{"for ever", token.New{}, time.Time{}},
		{"exact end", token.New{ExpiresAt: &end}, end},
		{"two years", token.New{Lifetime: token.Days(730)}, d.now().Add(730 * day)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if p := d.create(t, ada, tt.new); !p.ExpiredAt.Equal(tt.want) {
				t.Errorf("ends %s, want %s", p.ExpiredAt, tt.want)
			}
		})
	}
	if _, _, err := d.Create(t.Context(), ada, token.New{Scopes: []string{"uploads:read"}, ExpiresAt: &time.Time{}}); err == nil {
		t.Error("an end in the year 1 became a token without end")
	}
}

func TestMostActiveTokensHoldsUnderConcurrency(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.limits.MaxActive = 7
	var made, refused atomic.Int64
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			_, _, err := d.Create(context.WithoutCancel(t.Context()), ada, token.New{Scopes: []string{"uploads:read"}, Lifetime: token.Days(1)})
			switch p := problem.As(err); {
			case err == nil:
				made.Add(1)
			case p != nil && p.Detail == "Maximum number of active PAT (7) reached.":
				refused.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	all.Wait()
	if made.Load() != 7 || refused.Load() != 13 {
		t.Errorf("%d made, %d refused", made.Load(), refused.Load())
	}
}

func TestEndedTokensMakeRoomForNewOnes(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.limits.MaxActive = 2
	first := d.create(t, ada, token.New{Lifetime: token.Days(1)})
	d.create(t, ada, token.New{Lifetime: token.Days(2)})
	d.create(t, bert, token.New{Lifetime: token.Days(1)}) // others do not count
	if err := d.Revoke(t.Context(), ada, first.ID); err != nil {
		t.Fatal(err)
	}
	d.create(t, ada, token.New{Lifetime: token.Days(3)})
	d.pass(2*day + time.Second)
	d.create(t, ada, token.New{Lifetime: token.Days(3)})
	_, _, err := d.Create(t.Context(), ada, token.New{Scopes: []string{"uploads:read"}, Lifetime: token.Days(1)})
	wantBad(t, err, "Maximum number of active PAT (2) reached.")
}

func TestRotationKeepsTheExactDuration(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	end := d.now().Add(36*time.Hour + 5*time.Second)
	old := d.create(t, ada, token.New{Name: "balance", Description: "in room 3", Scopes: []string{"uploads:write", "uploads:read"}, ExpiresAt: &end})
	d.pass(36 * time.Hour)
	next, raw, err := d.Rotate(t.Context(), ada, old.ID)
	if err != nil {
		t.Fatal(err)
	}
	if life := next.ExpiredAt.Sub(next.CreatedAt); life != 36*time.Hour+5*time.Second || !next.CreatedAt.Equal(d.now()) {
		t.Errorf("lives %s from %s", life, next.CreatedAt)
	}
	if next.Name != old.Name || next.Description != old.Description || next.Scopes != old.Scopes || next.ID == old.ID {
		t.Errorf("the new one is %+v", next)
	}
	if found, err := d.Store.PATByDigest(t.Context(), token.Digest(raw)); err != nil || found.State(d.now()) != token.Active {
		t.Errorf("new token %+v, %v", found, err)
	}
	if was, err := d.Get(t.Context(), ada, old.ID); err != nil || was.State(d.now()) != token.Revoked {
		t.Errorf("old token %+v, %v", was, err)
	}
	if !slices.Equal(d.changed, []string{ada}) {
		t.Errorf("told to forget %v", d.changed)
	}
}

func TestRotationOfATokenWithoutEndHasNoEnd(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.limits.MaxLifetime = 0
	old := d.create(t, ada, token.New{})
	d.pass(400 * day)
	next, _, err := d.Rotate(t.Context(), ada, old.ID)
	if err != nil || !next.ExpiredAt.IsZero() {
		t.Errorf("%+v, %v", next, err)
	}
}

// The rules may have become stricter since the token was made: then the old one
// must still work (product difference 5).
func TestRotationThatIsNotPossibleLeavesTheOldTokenAlive(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		new  token.New
		want string
	}{
		{"lifetime", token.New{Lifetime: token.Days(300)}, "Requested lifetime (300 days) exceeds the maximum allowed (30 days)."},
		{"infinite", token.New{}, "Infinite tokens are disabled. Max lifetime is 30 days."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			d.limits.MaxLifetime = 0
			old := d.create(t, ada, tt.new)
			d.limits.MaxLifetime = 30 * day
			_, _, err := d.Rotate(t.Context(), ada, old.ID)
			wantBad(t, err, tt.want)
			after, err := d.Get(t.Context(), ada, old.ID)
			if err != nil || after.State(d.now()) != token.Active {
				t.Errorf("the old token is %+v, %v", after, err)
			}
			if _, total, err := d.List(t.Context(), ada, token.Filter{}); err != nil || total != 1 {
				t.Errorf("%d tokens, %v", total, err)
			}
		})
	}
}

func TestRotationNeedsNoRoomBelowTheMostActive(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.limits.MaxActive = 1
	old := d.create(t, ada, token.New{Lifetime: token.Days(1)})
	if _, _, err := d.Rotate(t.Context(), ada, old.ID); err != nil {
		t.Error(err)
	}
}

func TestOfManyRotationsOneWins(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	old := d.create(t, ada, token.New{Lifetime: token.Days(1)})
	var won atomic.Int64
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			_, _, err := d.Rotate(context.WithoutCancel(t.Context()), ada, old.ID)
			if err == nil {
				won.Add(1)
				return
			}
			wantBad(t, err, "Cannot rotate an expired/revoked token.")
		})
	}
	all.Wait()
	yes := true
	if _, active, err := d.List(t.Context(), ada, token.Filter{Active: &yes}); err != nil || won.Load() != 1 || active != 1 {
		t.Errorf("%d won, %d active, %v", won.Load(), active, err)
	}
}

func TestEndedTokensCannotBeRotated(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	revoked := d.create(t, ada, token.New{Lifetime: token.Days(1)})
	if err := d.Revoke(t.Context(), ada, revoked.ID); err != nil {
		t.Fatal(err)
	}
	expired := d.create(t, ada, token.New{Lifetime: token.Days(1)})
	d.pass(day)
	if p, err := d.Get(t.Context(), ada, expired.ID); err != nil || p.State(d.now()) != token.Active {
		t.Errorf("at its last moment the token is %s, %v", p.State(d.now()), err)
	}
	d.pass(time.Microsecond)
	for _, p := range []token.PAT{revoked, expired} {
		_, _, err := d.Rotate(t.Context(), ada, p.ID)
		wantBad(t, err, "Cannot rotate an expired/revoked token.")
	}
}

func TestTokensOfOthersLookAsIfTheyDidNotExist(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	his := d.create(t, bert, token.New{Lifetime: token.Days(1)})
	uses := map[string]func(id string) error{
		"get":    func(id string) error { _, err := d.Get(t.Context(), ada, id); return err },
		"revoke": func(id string) error { return d.Revoke(t.Context(), ada, id) },
		"rotate": func(id string) error { _, _, err := d.Rotate(t.Context(), ada, id); return err },
	}
	for name, use := range uses {
		for _, id := range []string{his.ID, "", "not an id", "ffffffffffffffffffffffff", "' or 1=1 --"} {
			if err := use(id); !problem.Is(err, problem.Missing) || problem.As(err).Detail != "Token not found or does not belong to the user." {
				t.Errorf("%s %q: %v", name, id, err)
			}
		}
	}
	if p, err := d.Get(t.Context(), bert, his.ID); err != nil || p.State(d.now()) != token.Active {
		t.Errorf("the token is %+v, %v", p, err)
	}
}

func TestRevokingTwiceKeepsTheFirstTime(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	p := d.create(t, ada, token.New{Lifetime: token.Days(1)})
	first := d.now()
	for range 2 {
		if err := d.Revoke(t.Context(), ada, p.ID); err != nil {
			t.Fatal(err)
		}
		d.pass(time.Hour)
	}
	if got, err := d.Get(t.Context(), ada, p.ID); err != nil || !got.RevokedAt.Equal(first) {
		t.Errorf("revoked at %s, %v", got.RevokedAt, err)
	}
}

// After a connection that broke nobody knows whether the change was committed:
// caches have to forget the token all the same.
func TestCachesForgetAlsoWhenTheStoreFails(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	p := d.create(t, ada, token.New{Lifetime: token.Days(1)})
	d.Store = lost{d.Store}
	if err := d.Revoke(t.Context(), ada, p.ID); !errors.Is(err, errLost) {
		t.Errorf("revoke: %v", err)
	}
	if _, _, err := d.Rotate(t.Context(), ada, p.ID); err == nil {
		t.Error("a token that was revoked could be rotated")
	}
	if len(d.changed) == 0 || d.changed[0] != ada {
		t.Errorf("told to forget %v", d.changed)
	}
}

var errLost = errors.New("connection lost after the commit")

// lost is a store whose answers to revocations get lost on the way.
type lost struct{ token.Store }

func (l lost) RevokePAT(ctx context.Context, userID, id string, at time.Time, ending token.Ending) error {
	return errors.Join(l.Store.RevokePAT(ctx, userID, id, at, ending), errLost)
}

func TestEndedTokensStayListedForAWhile(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.limits.PruneAfter = 10 * day
	revoked := d.create(t, ada, token.New{Lifetime: token.Days(100)})
	d.create(t, ada, token.New{Lifetime: token.Days(1)})
	alive := d.create(t, ada, token.New{Lifetime: token.Days(300)})
	if err := d.Revoke(t.Context(), ada, revoked.ID); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		pass    time.Duration
		deleted int
	}{{10 * day, 0}, {time.Second, 1}, {day, 1}, {100 * day, 0}} {
		d.pass(step.pass)
		if n, err := d.Prune(t.Context()); err != nil || n != step.deleted {
			t.Errorf("at %s: %d deleted, want %d, %v", d.now(), n, step.deleted, err)
		}
	}
	if list, total, err := d.List(t.Context(), ada, token.Filter{Limit: 10}); err != nil || total != 1 || list[0].ID != alive.ID {
		t.Errorf("left %+v, %v", list, err)
	}
}

func TestListShowsOwnTokensByTheirState(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.create(t, bert, token.New{Name: "other", Lifetime: token.Days(9)})
	d.create(t, ada, token.New{Name: "Short", Lifetime: token.Days(1)})
	d.pass(time.Minute)
	d.create(t, ada, token.New{Name: "long", Lifetime: token.Days(90)})
	d.pass(time.Minute)
	gone := d.create(t, ada, token.New{Name: "gone_%", Lifetime: token.Days(90)})
	if err := d.Revoke(t.Context(), ada, gone.ID); err != nil {
		t.Fatal(err)
	}
	d.pass(2 * day)
	yes, no := true, false
	tests := []struct {
		name   string
		filter token.Filter
		want   []string
	}{
		{"all, newest first", token.Filter{}, []string{"gone_%", "long", "Short"}},
		{"active", token.Filter{Active: &yes}, []string{"long"}},
		{"ended", token.Filter{Active: &no, OrderBy: "created_asc"}, []string{"Short", "gone_%"}},
		{"revoked", token.Filter{Revoked: &yes}, []string{"gone_%"}},
		{"not revoked", token.Filter{Revoked: &no}, []string{"long", "Short"}},
		{"by name without case", token.Filter{Search: "SHO"}, []string{"Short"}},
		{"no wildcards in names", token.Filter{Search: "_%"}, []string{"gone_%"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.filter.Limit = 10
			list, total, err := d.List(t.Context(), ada, tt.filter)
			var names []string
			for i := range list {
				names = append(names, list[i].Name)
			}
			if err != nil || total != len(tt.want) || !slices.Equal(names, tt.want) {
				t.Errorf("got %q of %d, %v", names, total, err)
			}
		})
	}
}

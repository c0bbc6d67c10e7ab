package sqlstore

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"oasis/internal/data/upload"
	"oasis/test/servers"
)

// joined opens one database as several servers do.
func joined(t *testing.T, names ...string) (dbs []*DB, peers []*Peers) {
	t.Helper()
	c := Config{URL: servers.Postgres(t), DataDir: "SAME", Shared: true}
	for _, name := range names {
		db := mustOpen(t, c)
		t.Cleanup(func() { mustClose(t, db) })
		p, err := db.Join(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		dbs, peers = append(dbs, db), append(peers, p)
	}
	return dbs, peers
}

func TestSeveralServersShareADatabaseOnlyIfAllOfThemDo(t *testing.T) {
	t.Parallel()
	c := Config{URL: servers.Postgres(t), DataDir: "SAME"}
	lonely := mustOpen(t, c)
	shared := c
	shared.Shared = true
	if _, err := Open(t.Context(), shared); err == nil || !strings.Contains(err.Error(), "for itself alone. Set database.shared in its configuration too") {
		t.Errorf("opened beside a server that is alone: %v", err)
	}
	mustClose(t, lonely)
	first, second := mustOpen(t, shared), mustOpen(t, shared)
	if _, err := Open(t.Context(), c); err == nil || !strings.Contains(err.Error(), "or set database.shared in the configuration of both") {
		t.Errorf("opened alone beside others: %v", err)
	}
	mustClose(t, first)
	mustClose(t, second)
	mustClose(t, mustOpen(t, c))
}

func TestTablesChangeOnlyWithoutOtherServers(t *testing.T) {
	t.Parallel()
	c := Config{URL: servers.Postgres(t), DataDir: "SAME", Shared: true}
	running := mustOpen(t, c)
	if _, err := running.exec(t.Context(), `delete from schema_versions where version_id = (select max(version_id) from schema_versions)`); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), c); err == nil || !strings.Contains(err.Error(), "has to change the tables of the database, and other servers are using it. Stop all of them") {
		t.Errorf("opened for an upgrade beside another server: %v", err)
	}
	mustClose(t, running)
}

func TestJoinNeedsASharedDatabase(t *testing.T) {
	onBoth(t, func(t *testing.T, c Config) {
		c.DataDir = "SAME"
		db := mustOpen(t, c)
		defer mustClose(t, db)
		if _, err := db.Join(t.Context(), "one"); !errors.Is(err, ErrNotShared) {
			t.Errorf("joined: %v", err)
		}
	})
}

func TestAnUploadIsHeldForOneServer(t *testing.T) {
	t.Parallel()
	_, peers := joined(t, "one", "two")
	ctx := t.Context()
	held, err := peers[0].Hold(ctx, "u", false)
	if err != nil {
		t.Fatal(err)
	}
	for _, shared := range []bool{false, true} {
		short, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
		if _, err := peers[1].Hold(short, "u", shared); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("shared=%v: held twice: %v", shared, err)
		}
		cancel()
	}
	other, err := peers[1].Hold(ctx, "another", false)
	if err != nil {
		t.Fatal(err)
	}
	other.Release(ctx, nil)
	held.Release(ctx, nil)
	for range 2 { // both read at the same time
		for _, p := range peers {
			h, err := p.Hold(ctx, "u", true)
			if err != nil {
				t.Fatal(err)
			}
			defer h.Release(ctx, nil)
		}
	}
}

func TestUnplacedAreTheOpenPromisesOfOthers(t *testing.T) {
	t.Parallel()
	dbs, peers := joined(t, "one", "two")
	ctx := t.Context()
	var ids []int64
	err := dbs[0].Uploads().InTx(ctx, func(tx upload.Tx) error {
		added, err := tx.AddIntents(ctx, []upload.Intent{
			{UploadID: "u", Kind: upload.Place, Staged: "one-a", Path: "a", Body: []byte("A")},
			{UploadID: "u", Kind: upload.Remove, Staged: "one-b", Path: "b"},
			{UploadID: "v", Kind: upload.Drop, Staged: "one-c"},
		})
		for _, in := range added {
			ids = append(ids, in.ID)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	unplaced := func(p *Peers) string {
		h, err := p.Hold(ctx, "u", true)
		if err != nil {
			t.Fatal(err)
		}
		defer h.Release(ctx, nil)
		intents, err := h.Unplaced(ctx)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, in := range intents {
			names = append(names, in.Staged+"="+string(in.Body))
		}
		return strings.Join(names, " ")
	}
	if got := unplaced(peers[1]); got != "one-a=A one-b=" {
		t.Errorf("of the other: %q", got)
	}
	if got := unplaced(peers[0]); got != "" {
		t.Errorf("own promises are none of others: %q", got)
	}
	h, err := peers[0].Hold(ctx, "u", false)
	if err != nil {
		t.Fatal(err)
	}
	h.Release(ctx, ids[:1])
	if got := unplaced(peers[1]); got != "one-b=" {
		t.Errorf("after one was carried out: %q", got)
	}
}

// silence makes a server look as if no sign of life had come from it for long.
func (p *Peers) silence(name string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.seen[name]
	s.at = s.at.Add(-2 * DeadAfter)
	p.seen[name] = s
}

func TestASilentServerIsGivenUpAndCanPromiseNothingMore(t *testing.T) {
	t.Parallel()
	dbs, peers := joined(t, "one", "two", "three")
	ctx := t.Context()
	held, err := peers[0].Hold(ctx, "u", false)
	if err != nil {
		t.Fatal(err)
	}
	defer held.Release(ctx, nil)
	beat := func(p *Peers, want ...string) {
		t.Helper()
		dead, err := p.Beat(ctx)
		if err != nil || strings.Join(dead, " ") != strings.Join(want, " ") {
			t.Errorf("given up: %v, %v; want %v", dead, err, want)
		}
	}
	beat(peers[1])
	peers[1].silence("one")
	beat(peers[0]) // it lives: the sign comes just in time
	beat(peers[1])
	peers[1].silence("one")
	beat(peers[1], "one")
	beat(peers[1])
	beat(peers[2])
	if _, err := peers[0].Beat(ctx); !upload.IsGivenUp(err) {
		t.Errorf("the server that was given up hears: %v", err)
	}
	err = dbs[0].Uploads().InTx(ctx, func(tx upload.Tx) error {
		_, err := tx.AddIntents(ctx, []upload.Intent{{UploadID: "u", Kind: upload.Drop, Staged: "one-x"}})
		return err
	})
	if !upload.IsGivenUp(err) {
		t.Errorf("it promises: %v", err)
	}
	free, err := peers[1].Hold(ctx, "u", false) // its connections are ended with it
	if err != nil {
		t.Fatal(err)
	}
	free.Release(ctx, nil)
	alive, err := peers[1].Alive(ctx)
	if err != nil || len(alive) != 2 || alive["one"] {
		t.Errorf("alive: %v, %v", alive, err)
	}
}

func TestALostLockIsTakenAgain(t *testing.T) {
	t.Parallel()
	dbs, peers := joined(t, "one")
	c := Config{URL: dbs[0].engine.(*postgresEngine).config.ConnString(), DataDir: "SAME"}
	watch := mustOpen(t, Config{URL: c.URL})
	defer mustClose(t, watch)
	if _, err := watch.exec(t.Context(), `select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and mode = 'ShareLock'
		and database = (select oid from pg_database where datname = current_database())`); err != nil {
		t.Fatal(err)
	}
	if _, err := peers[0].Beat(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), c); err == nil {
		t.Error("a server that wants the database for itself was let in")
	}
}

package sqlstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/stdlib"

	"oasis/internal/data/upload"
)

// Peers is this process among the servers that share a PostgreSQL database and the
// files. It fits upload.Peers. See docs/adr/0007.
type Peers struct {
	db     *DB
	engine *postgresEngine
	// writers and readers are connections that hold uploads. They are apart from the
	// pool: whoever holds an upload needs a connection for a transaction too.
	writers, readers *sql.DB

	mu   sync.Mutex
	seen map[string]sighting
}

// sighting is when the beat of another server was seen to change. It is measured with
// this machine's monotonic clock: clocks of servers need not agree, and one that
// slept does not take the others for dead.
type sighting struct {
	beat int64
	at   time.Time
}

const (
	// DeadAfter is how long a server may be silent before the others put its things in order.
	DeadAfter = 15 * time.Second
	// BeatEvery is how often a server gives a sign of life.
	BeatEvery = time.Second
	// releaseWithin bounds the giving back of an upload; after it the connection is dropped, which gives it back too.
	releaseWithin = 5 * time.Second
	// maxHolds is how many uploads a process can hold for writing, and how many for reading, at the same time.
	maxHolds = 6
)

// ErrNotShared is returned by Join for a database that only one process can have open.
var ErrNotShared = errors.New("several servers need PostgreSQL (database.url): an SQLite database belongs to one server")

// Join makes this process one of the servers of the database, under a new name of
// letters and digits. The database must have been opened with Config.Shared.
func (db *DB) Join(ctx context.Context, name string) (*Peers, error) {
	e, ok := db.engine.(*postgresEngine)
	if !ok || e.use != together {
		return nil, ErrNotShared
	}
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	_, err = db.exec(ctx, `insert into servers (name, host, started, beat) values ($1, $2, $3, 0)`,
		name, fmt.Sprintf("%s, process %d", host, os.Getpid()), micros(db.now()))
	if err != nil {
		return nil, fmt.Errorf("join the servers of the database: %w", err)
	}
	db.self = name
	p := &Peers{db: db, engine: e, seen: map[string]sighting{}}
	p.writers, p.readers = e.holders(name), e.holders(name)
	return p, nil
}

// holders opens a pool of connections that hold uploads.
func (e *postgresEngine) holders(name string) *sql.DB {
	config := e.config.Copy()
	// What is written on them may be lost with the database's machine: it is only about this process.
	config.RuntimeParams["synchronous_commit"] = "off"
	config.RuntimeParams["application_name"] = applicationName(name)
	pool := stdlib.OpenDB(*config)
	pool.SetMaxOpenConns(maxHolds)
	pool.SetMaxIdleConns(maxHolds)
	pool.SetConnMaxIdleTime(connIdleTime)
	return pool
}

// applicationName tells the connections of a server from those of others.
func applicationName(name string) string { return "oasis " + name }

// Name fits upload.Peers.
func (p *Peers) Name() string { return p.db.self }

// Alive fits upload.Peers.
func (p *Peers) Alive(ctx context.Context) (map[string]bool, error) {
	names, err := list(ctx, p.db.engine.reader(), scanText, `select name from servers`)
	if err != nil {
		return nil, fmt.Errorf("list servers: %w", err)
	}
	alive := make(map[string]bool, len(names))
	for _, name := range names {
		alive[name] = true
	}
	return alive, nil
}

// Others names the other servers and where they run.
func (p *Peers) Others(ctx context.Context) (map[string]string, error) {
	others := map[string]string{}
	return others, each(ctx, p.db.engine.reader(), func(r row) error {
		var name, host string
		if err := r.Scan(&name, &host); err != nil {
			return err
		}
		others[name] = host
		return nil
	}, `select name, host from servers where name <> $1 order by started`, p.db.self)
}

// Leave takes this process out of the servers; what it has promised is for others
// to put in order.
func (p *Peers) Leave(ctx context.Context) error {
	errs := []error{p.writers.Close(), p.readers.Close()}
	_, err := p.db.exec(ctx, `delete from servers where name = $1`, p.db.self)
	return errors.Join(append(errs, err)...)
}

// Beat gives a sign of life and looks for those of the others. It tells who has been
// given up because there was none for a while; upload.IsGivenUp tells of its error
// that this process was.
func (p *Peers) Beat(ctx context.Context) (dead []string, err error) {
	if err := p.engine.keepLock(ctx); err != nil {
		return nil, err
	}
	var n int64
	err = p.db.writeRepeatable(ctx, func(t *tx) error {
		n, err = affected(t.ExecContext(ctx, `update servers set beat = beat + 1 where name = $1`, p.db.self))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("give a sign of life: %w", err)
	}
	if n == 0 {
		return nil, upload.ErrGivenUp()
	}
	var errs []error
	for name, beat := range p.silent(ctx) {
		gone, err := p.giveUp(ctx, name, beat)
		errs = append(errs, err)
		if gone {
			dead = append(dead, name)
		}
	}
	return dead, errors.Join(errs...)
}

// silent gives the servers of which no sign of life was seen for long, with their beat.
func (p *Peers) silent(ctx context.Context) map[string]int64 {
	now := time.Now() // monotonic
	beats := map[string]int64{}
	err := each(ctx, p.db.engine.reader(), func(r row) error {
		var name string
		var beat int64
		if err := r.Scan(&name, &beat); err != nil {
			return err
		}
		beats[name] = beat
		return nil
	}, `select name, beat from servers where name <> $1`, p.db.self)
	p.mu.Lock()
	defer p.mu.Unlock()
	if err != nil { // who cannot see cannot tell who is silent
		p.seen = map[string]sighting{}
		return nil
	}
	maps.DeleteFunc(p.seen, func(name string, _ sighting) bool { _, there := beats[name]; return !there })
	for name, beat := range beats {
		if last, known := p.seen[name]; !known || last.beat != beat {
			p.seen[name] = sighting{beat: beat, at: now}
		}
	}
	maps.DeleteFunc(beats, func(name string, _ int64) bool { return now.Sub(p.seen[name].at) < DeadAfter })
	return beats
}

// giveUp takes a silent server out, so that it cannot commit intents any more, and ends
// its connections, which may hold uploads. It tells whether it was this call that did so.
func (p *Peers) giveUp(ctx context.Context, name string, beat int64) (bool, error) {
	var n int64
	err := p.db.write(ctx, func(t *tx) (err error) {
		// A transaction that it has open holds its row. Waiting for that would silence this server too.
		if _, err := t.ExecContext(ctx, `set local lock_timeout = '1s'`); err != nil {
			return err
		}
		n, err = affected(t.ExecContext(ctx, `delete from servers where name = $1 and beat = $2`, name, beat))
		return err
	})
	if hasCode(err, lockNotAvailable) {
		return false, nil // tried again at the next beat
	}
	if err != nil || n == 0 {
		return false, err
	}
	_, err = list(ctx, p.db.engine.reader(), scanBool,
		`select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1 and usename = current_user and datname = current_database()`,
		applicationName(name))
	if err != nil {
		err = fmt.Errorf("end the connections of server %s, which is gone; its uploads stay closed until PostgreSQL notices: %w", name, err)
	}
	return true, err
}

func scanBool(r row) (b bool, err error) { return b, r.Scan(&b) }

// stillAlive refuses to promise anything once the others have given up this process. It
// keeps them from doing so until the transaction ends.
func (t *tx) stillAlive(ctx context.Context) error {
	if t.db.self == "" {
		return nil
	}
	_, err := one(ctx, t, scanInt, `select 1 from servers where name = $1 for key share`, t.db.self)
	if errors.Is(err, sql.ErrNoRows) {
		return upload.ErrGivenUp()
	}
	return err
}

// forgetServers is for a server that has the database for itself: all others are gone.
func (db *DB) forgetServers(ctx context.Context) error {
	n, err := one(ctx, db.engine.reader(), scanInt, `select count(*) from servers`)
	if err != nil || n == 0 {
		return err
	}
	_, err = db.exec(ctx, `delete from servers`)
	return err
}

// Hold fits upload.Peers.
func (p *Peers) Hold(ctx context.Context, uploadID string, shared bool) (upload.PeerHold, error) {
	pool, lock, unlock := p.writers, "pg_advisory_lock", "pg_advisory_unlock"
	if shared {
		pool, lock, unlock = p.readers, "pg_advisory_lock_shared", "pg_advisory_unlock_shared"
	}
	conn, err := pool.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("connect to the database: %w", err)
	}
	h := &peerHold{conn: conn, self: p.db.self, uploadID: uploadID, unlock: unlock}
	if _, err := conn.ExecContext(ctx, `select `+lock+`(hashtextextended('files of ' || $1, 0))`, uploadID); err != nil {
		h.drop()
		return nil, fmt.Errorf("lock upload %s: %w", uploadID, err)
	}
	return h, nil
}

// peerHold is a connection that holds an upload.
type peerHold struct {
	conn                   *sql.Conn
	self, uploadID, unlock string
}

// Unplaced fits upload.PeerHold.
func (h *peerHold) Unplaced(ctx context.Context) ([]upload.Intent, error) {
	all, err := list(ctx, h.conn, scanIntent, `select `+intentColumns+` from intents where upload_id = $1 and not carried order by id`, h.uploadID)
	mine := func(in upload.Intent) bool { return upload.OwnerOf(in.Staged) == h.self }
	return slices.DeleteFunc(all, mine), err
}

// Release fits upload.PeerHold.
func (h *peerHold) Release(ctx context.Context, carried []int64) {
	ctx, cancel := context.WithTimeout(ctx, releaseWithin)
	defer cancel()
	var err error
	if len(carried) > 0 {
		_, err = h.conn.ExecContext(ctx, `update intents set carried = true where id = any($1)`, carried)
	}
	if err == nil {
		_, err = h.conn.ExecContext(ctx, `select `+h.unlock+`(hashtextextended('files of ' || $1, 0))`, h.uploadID)
	}
	if err != nil {
		h.drop() // others then find out by themselves what was carried out
		return
	}
	_ = h.conn.Close() // gives it back to the pool
}

// drop ends the connection, and with it the lock.
func (h *peerHold) drop() {
	_ = h.conn.Raw(func(any) error { return driver.ErrBadConn })
	_ = h.conn.Close() // says that it is closed
}

package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"oasis/internal/access/audit"
	"oasis/internal/access/identity"
	"oasis/internal/access/token"
	"oasis/internal/data/entry"
	"oasis/internal/data/search"
	"oasis/internal/data/upload"
	"oasis/internal/work/jobs"
	"oasis/internal/work/processing"
)

// Config says which database to open.
type Config struct {
	// URL is a postgres:// address; anything else is the path of a SQLite file, and "" means Path.
	URL string
	// Path of the SQLite file, which is created for its owner alone when missing. The
	// caller sees to it that only one process has it open.
	Path string
	// DataDir is the random id of the data directory that belongs to the database. A
	// database that belongs to another one is refused, and so is a PostgreSQL database
	// that another process has open in this way. "" = neither is asked.
	DataDir string
	// Shared lets other processes that say the same open a PostgreSQL database too; see Join.
	Shared bool
	// Now is the clock for times that stores set themselves; nil = time.Now.
	Now func() time.Time
}

// DB is an open database. Its stores may be used by many goroutines at once.
type DB struct {
	engine engine
	now    func() time.Time
	// onEnqueue is called after a commit that added jobs.
	onEnqueue atomic.Pointer[func()]
	// onNoted is called after a commit for each event of the audit log in it.
	onNoted atomic.Pointer[func(audit.Event)]
	// onInbox is called after a commit for each user whose notifications have changed.
	onInbox atomic.Pointer[func(userID string)]
	// self is the name of this process among others on the database, "" when it is alone.
	self string
}

// engine is one of the two databases.
type engine interface {
	dialect
	// reader runs single statements outside of transactions.
	reader() querier
	// snapshot lets fn read one state of the database with several statements.
	snapshot(ctx context.Context, fn func(querier) error) error
	// write runs fn in a transaction and commits it durably unless fn fails.
	write(ctx context.Context, t *tx, fn func() error) error
	// rev gives the newest committed revision, see feed.go.
	rev(ctx context.Context) (int64, error)
	// examine fills in what the database tells of itself.
	examine(ctx context.Context, c *Checkup) error
	close() error
}

// ErrNested is returned for a transaction that is started inside another one.
var ErrNested = errors.New("a transaction was started inside a transaction; use the one that is open")

// Open opens a database and brings its tables up to date. A database written by
// a newer version is refused with a sentence that says so.
func Open(ctx context.Context, c Config) (*DB, error) {
	db := &DB{now: c.Now}
	if db.now == nil {
		db.now = time.Now
	}
	var err error
	if strings.HasPrefix(c.URL, "postgres://") || strings.HasPrefix(c.URL, "postgresql://") {
		db.engine, err = openPostgres(ctx, c.URL, useOf(c))
	} else {
		path := c.URL
		if path == "" {
			path = c.Path
		}
		db.engine, err = openSQLite(ctx, path)
	}
	if err != nil {
		return nil, err
	}
	err = db.checkOwner(ctx, c.DataDir)
	if err == nil && useOf(c) == alone {
		err = db.forgetServers(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// Close ends all work on the database. Transactions that still wait fail.
func (db *DB) Close() error { return db.engine.close() }

// Now is the time by the clock of the database's user, which stores set times by.
func (db *DB) Now() time.Time { return db.now() }

// OnEnqueue sets what is called after each commit that added jobs; it must not block.
func (db *DB) OnEnqueue(wake func()) { db.onEnqueue.Store(&wake) }

// OnNoted sets what is called after each commit for each event of the audit log that
// is part of it; it must not block.
func (db *DB) OnNoted(seen func(audit.Event)) { db.onNoted.Store(&seen) }

// Identity gives the store of people, sessions and keys.
func (db *DB) Identity() identity.Store { return identityStore{db} }

// Tokens gives the store of personal access tokens.
func (db *DB) Tokens() token.Store { return tokenStore{db} }

// Audit gives the store of the audit log.
func (db *DB) Audit() audit.Store { return auditStore{db} }

// Uploads gives the store of uploads and the rows of their files.
func (db *DB) Uploads() upload.Store { return uploadStore{db} }

// Entries gives the store of entries, for reading.
func (db *DB) Entries() entry.Store { return entryStore{db} }

// Processing gives the store that processing works on.
func (db *DB) Processing() processing.Store { return processingStore{uploadStore{db}} }

// Jobs gives the store of the queue.
func (db *DB) Jobs() jobs.Store { return jobStore{db} }

// Search gives the history that search indexes follow.
func (db *DB) Search() search.Source { return feed{db} }

// tx is an open transaction.
type tx struct {
	querier
	db *DB
	// rev is the revision of this transaction, 0 while it needs none.
	rev int64
	// enqueued tells that jobs were added.
	enqueued bool
	// told are the users whose notifications have changed.
	told []string
	// unchanged tells that there was nothing to change, so that nothing is noted in the audit log.
	unchanged bool
	// repeatable tells that the commit need not wait for the disk, see writeRepeatable.
	repeatable bool
}

// write runs fn in a transaction that is on the disk when it returns.
func (db *DB) write(ctx context.Context, fn func(*tx) error) error {
	return db.run(ctx, &tx{db: db}, fn)
}

// writeRepeatable is write for the books of the queue and the results of its jobs,
// which are made again from what is on the disk: it does not wait for the disk. The
// death of this process loses nothing; when the machine dies, the newest of these
// transactions may be lost, but none that is older than one of write.
func (db *DB) writeRepeatable(ctx context.Context, fn func(*tx) error) error {
	return db.run(ctx, &tx{db: db, repeatable: true}, fn)
}

func (db *DB) run(ctx context.Context, t *tx, fn func(*tx) error) error {
	notes := audit.Pending(ctx)
	err := db.engine.write(ctx, t, func() error {
		if err := fn(t); err != nil {
			return err
		}
		return t.writeNotes(ctx, notes)
	})
	if err != nil {
		return err
	}
	if !t.unchanged {
		for _, n := range notes {
			n.Written()
			if seen := db.onNoted.Load(); seen != nil {
				(*seen)(n.Event)
			}
		}
	}
	db.tellInbox(t.told...)
	if wake := db.onEnqueue.Load(); t.enqueued && wake != nil {
		(*wake)()
	}
	return nil
}

// exec runs a single statement as a transaction and tells how many rows it changed.
func (db *DB) exec(ctx context.Context, query string, args ...any) (n int64, err error) {
	err = db.write(ctx, func(t *tx) error {
		n, err = affected(t.ExecContext(ctx, query, args...))
		t.unchanged = n == 0
		return err
	})
	return n, err
}

// lock makes transactions that lock the same name wait for each other.
func (t *tx) lock(ctx context.Context, name string) error {
	query := t.db.engine.lock("$1")
	if query == "" { // there is only one transaction at a time anyway
		return nil
	}
	if _, err := t.ExecContext(ctx, query, name); err != nil {
		return fmt.Errorf("lock %s: %w", name, err)
	}
	return nil
}

// nextRev gives the revision of this transaction. Revisions become visible in
// their order, because the counter stays locked until the commit.
func (t *tx) nextRev(ctx context.Context) (int64, error) {
	if t.rev != 0 {
		return t.rev, nil
	}
	rev, err := one(ctx, t, scanInt, `update counters set value = value + 1 where name = 'rev' returning value`)
	if err != nil {
		return 0, fmt.Errorf("count revision: %w", err)
	}
	t.rev = rev
	return rev, nil
}

const selectRev = `select value from counters where name = 'rev'`

func scanInt(r row) (n int64, err error) { return n, r.Scan(&n) }

func affected(r sql.Result, err error) (int64, error) {
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

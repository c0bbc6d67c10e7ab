package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/pressly/goose/v3"
)

// ownerLock is the number of the lock that a server holds as long as it uses a
// database: "oasis" in ASCII, and one more than migrationLock.
const ownerLock = migrationLock + 1

// use is who else may use a PostgreSQL database.
type use uint8

const (
	// guest looks on, beside whoever has the database: a test, a tool.
	guest use = iota
	// alone is the only server.
	alone
	// together is one of several servers.
	together
)

func useOf(c Config) use {
	switch {
	case c.DataDir == "":
		return guest
	case c.Shared:
		return together
	default:
		return alone
	}
}

// conns is how many connections a pool may have: several servers share the 100 that
// PostgreSQL has unless it is told otherwise.
func (u use) conns() int {
	if u == together {
		return maxConnsTogether
	}
	return maxConns
}

// takeLock keeps other servers off a database until close, or those that would be
// alone. It waits a little for the server before it, which may just be stopping. The
// lock belongs to one connection; PostgreSQL gives it back when the process dies.
// Tables that have to change need the database alone for that moment.
func (e *postgresEngine) takeLock(ctx context.Context) (err error) {
	if e.use == guest {
		return nil
	}
	if e.owner, err = e.pool.Conn(ctx); err != nil {
		return err
	}
	if e.use == alone {
		return e.lockOwner(ctx, exclusive, "another Oasis server is using this database. Stop it first, or set database.url to a database of its own, "+
			"or set database.shared in the configuration of both. If a command says this while your server runs, give it the server's own data directory with --data")
	}
	behind, err := isBehind(ctx, e.pool, goose.DialectPostgres, e.types())
	if err != nil {
		return err
	}
	if !behind {
		return e.lockOwner(ctx, sharing, "another Oasis server is using this database for itself alone. Set database.shared in its configuration too and start it anew, or stop it")
	}
	err = e.lockOwner(ctx, exclusive, "this version of Oasis has to change the tables of the database, and other servers are using it. Stop all of them, then start them anew with this version")
	if err != nil {
		return err
	}
	if err := migrate(ctx, e.pool, goose.DialectPostgres, e.types()); err != nil {
		return err
	}
	if err := e.lockOwner(ctx, sharing, ""); err != nil {
		return err
	}
	_, err = e.owner.ExecContext(ctx, "select pg_advisory_unlock($1)", ownerLock)
	return err
}

// Ways to lock.
const (
	exclusive = "select pg_advisory_lock($1)"
	sharing   = "select pg_advisory_lock_shared($1)"
)

// lockOwner waits a few seconds for the lock, and then refuses with a sentence.
func (e *postgresEngine) lockOwner(ctx context.Context, how, refusal string) error {
	if _, err := e.owner.ExecContext(ctx, "set lock_timeout = '3s'"); err != nil {
		return fmt.Errorf("bound the wait for another server: %w", err)
	}
	_, err := e.owner.ExecContext(ctx, how, ownerLock)
	if hasCode(err, lockNotAvailable) {
		return errors.New(refusal)
	}
	if err != nil {
		return fmt.Errorf("keep other servers off the database: %w", err)
	}
	return nil
}

// keepLock takes the lock of a server again whose connection was lost.
func (e *postgresEngine) keepLock(ctx context.Context) error {
	if e.owner.PingContext(ctx) == nil {
		return nil
	}
	_ = e.owner.Close() // it is lost
	var err error
	if e.owner, err = e.pool.Conn(ctx); err != nil {
		return fmt.Errorf("keep the lock of the database: %w", err)
	}
	return e.lockOwner(ctx, sharing, "another Oasis server has taken the database for itself alone")
}

// checkOwner holds a database and its data directory together: the first directory
// it is opened with stays its own.
func (db *DB) checkOwner(ctx context.Context, id string) error {
	if id == "" {
		return nil
	}
	return db.write(ctx, func(t *tx) error {
		owner, err := one(ctx, t, func(r row) (id string, err error) { return id, r.Scan(&id) }, `select id from data_directory`)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			_, err = t.ExecContext(ctx, `insert into data_directory (id) values ($1)`, id)
			return err
		case err != nil:
			return fmt.Errorf("read which data directory belongs to the database: %w", err)
		case owner != id:
			return fmt.Errorf("this database belongs to another data directory: the files of its uploads are there, not here. "+
				"Start Oasis with that directory (--data), or set database.url to a new, empty database. "+
				"If this directory is a copy or a backup of the right one, write %s into its file \"id\"", owner)
		}
		return nil
	})
}

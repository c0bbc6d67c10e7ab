package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// ownerLock is the number of the lock that a server holds as long as it uses a
// database: "oasis" in ASCII, and one more than migrationLock.
const ownerLock = migrationLock + 1

// takeLock keeps other servers off a database until close. It waits a little for the
// server before it, which may just be stopping. The lock belongs to one connection;
// PostgreSQL gives it back when the process dies.
func (e *postgresEngine) takeLock(ctx context.Context) error {
	conn, err := e.pool.Conn(ctx)
	if err != nil {
		return err
	}
	e.owner = conn
	if _, err := conn.ExecContext(ctx, "set lock_timeout = '3s'"); err != nil {
		return fmt.Errorf("bound the wait for another server: %w", err)
	}
	_, err = conn.ExecContext(ctx, "select pg_advisory_lock($1)", ownerLock)
	if hasCode(err, lockNotAvailable) {
		return errors.New("another Oasis server is using this database. Stop it first, or set database.url to a database of its own: " +
			"several servers cannot share one yet. If a command says this while your server runs, give it the server's own data directory with --data")
	}
	if err != nil {
		return fmt.Errorf("keep other servers off the database: %w", err)
	}
	return nil
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

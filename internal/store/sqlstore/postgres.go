package sqlstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"oasis/internal/problem"
)

// postgresEngine is a PostgreSQL database that other processes may use too.
type postgresEngine struct {
	postgresDialect
	pool *sql.DB
	// config is the address, for connections that are in no pool.
	config *pgx.ConnConfig
	// owner holds the lock of takeLock; nil = others may use the database too.
	owner *sql.Conn
	use   use
}

// Bounds of the pool; a server has 100 connections unless it is told otherwise.
const (
	maxConns = 24
	// Beside these, one of several servers has the two pools of Join and two connections more.
	maxConnsTogether = 14
	maxIdleConns     = 12
	connIdleTime     = 5 * time.Minute
)

func openPostgres(ctx context.Context, url string, as use) (_ *postgresEngine, err error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("database.url is not the address of a PostgreSQL database (postgres://USER:PASSWORD@HOST/NAME): %w", err)
	}
	sessionSettings(config)
	e := &postgresEngine{pool: stdlib.OpenDB(*config), config: config, use: as}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("open PostgreSQL database %s on %s: %w", config.Database, config.Host, err), e.close())
		}
	}()
	e.pool.SetMaxOpenConns(as.conns())
	e.pool.SetMaxIdleConns(maxIdleConns)
	e.pool.SetConnMaxIdleTime(connIdleTime)
	return e, e.prepare(ctx)
}

// sessionSettings are for all connections: a server whose machine has vanished must not keep its locks for hours.
func sessionSettings(config *pgx.ConnConfig) {
	for name, value := range map[string]string{
		"tcp_keepalives_idle": "10", "tcp_keepalives_interval": "5", "tcp_keepalives_count": "3", "application_name": "oasis",
	} {
		if _, set := config.RuntimeParams[name]; !set {
			config.RuntimeParams[name] = value
		}
	}
}

// migrationLock is the number of the lock that servers take while they migrate: "oasis" in ASCII.
const migrationLock = 0x6f61736973

// prepare takes the lock that the use of the database asks for, and brings the tables
// up to date. Of several servers that start together one does the work.
func (e *postgresEngine) prepare(ctx context.Context) (err error) {
	conn, err := e.pool.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close() //nolint:errcheck // gives it back to the pool
	if _, err := conn.ExecContext(ctx, "select pg_advisory_lock($1)", migrationLock); err != nil {
		return fmt.Errorf("wait for other servers to migrate: %w", err)
	}
	defer func() {
		_, failed := conn.ExecContext(context.WithoutCancel(ctx), "select pg_advisory_unlock($1)", migrationLock)
		err = errors.Join(err, failed)
	}()
	if err := e.takeLock(ctx); err != nil { // before the tables change under a server that runs
		return err
	}
	return migrate(ctx, e.pool, goose.DialectPostgres, e.types())
}

func (e *postgresEngine) reader() querier { return postgresPool{e} }

// postgresPool reads outside of transactions.
type postgresPool struct{ *postgresEngine }

func (p postgresPool) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	result, err := p.pool.ExecContext(ctx, query, args...)
	return result, p.explain(err)
}

func (p postgresPool) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	rows, err := p.pool.QueryContext(ctx, query, args...)
	return rows, p.explain(err)
}

// explain turns errors of the database that are none of ours into problems.
func (e *postgresEngine) explain(err error) error {
	switch {
	case e.full(err):
		return problem.New(problem.StorageFull, "The disk of the database is full. Ask the administrator of this server to make room.").Because(err)
	case e.unstorable(err):
		return problem.Bad("A text contains a character that cannot be stored, such as NUL. Remove it.").Because(err)
	default:
		return err
	}
}

func (e *postgresEngine) snapshot(ctx context.Context, fn func(querier) error) error {
	t, err := e.pool.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return fmt.Errorf("begin to read: %w", err)
	}
	defer t.Rollback()
	return e.explain(fn(t))
}

func (e *postgresEngine) write(ctx context.Context, t *tx, fn func() error) error {
	return e.explain(e.transact(ctx, t, fn))
}

func (e *postgresEngine) transact(ctx context.Context, t *tx, fn func() error) error {
	conn, err := e.pool.Conn(ctx)
	if err != nil {
		return fmt.Errorf("connect to the database: %w", err)
	}
	defer conn.Close() //nolint:errcheck // gives it back to the pool
	open, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin transaction: %w", err)
	}
	defer open.Rollback()
	t.querier = postgresTx{Tx: open, conn: conn}
	if t.repeatable {
		if _, err := open.ExecContext(ctx, "set local synchronous_commit = off"); err != nil {
			return fmt.Errorf("begin transaction: %w", err)
		}
	}
	if err := fn(); err != nil {
		return err
	}
	if err := open.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

func (e *postgresEngine) rev(ctx context.Context) (int64, error) {
	return one(ctx, e.pool, scanInt, selectRev)
}

func (e *postgresEngine) close() error {
	if e.owner != nil {
		// The lock ends with the session; a connection that only went back to the pool would keep it.
		_ = e.owner.Raw(func(any) error { return driver.ErrBadConn })
		_ = e.owner.Close() // says that it is closed
	}
	return e.pool.Close()
}

// postgresTx is an open transaction and the connection it is open on.
type postgresTx struct {
	*sql.Tx
	conn *sql.Conn
}

// execEach sends all runs of a statement in one go instead of waiting for each answer.
func (t postgresTx) execEach(ctx context.Context, query string, rows [][]any) error {
	return t.conn.Raw(func(driverConn any) error {
		c, ok := driverConn.(*stdlib.Conn)
		if !ok {
			return fmt.Errorf("unexpected connection %T", driverConn)
		}
		batch := &pgx.Batch{}
		for _, args := range rows {
			batch.Queue(query, args...)
		}
		return c.Conn().SendBatch(ctx, batch).Close()
	})
}

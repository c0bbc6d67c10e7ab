package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/pressly/goose/v3"

	"oasis/internal/problem"
)

// sqliteEngine is a SQLite file with one connection that writes and a few that read.
type sqliteEngine struct {
	sqliteDialect
	write1 *sql.DB
	reads  *readPool
	writer *writer
	// newest is the newest committed revision; only this process writes.
	newest atomic.Int64
}

// openSQLite opens or creates a file, for its owner alone: the files that SQLite
// puts beside it get the same mode.
func openSQLite(ctx context.Context, path string) (_ *sqliteEngine, err error) {
	if path == "" {
		return nil, errors.New("the path of the SQLite database is missing: set database.url or a data directory")
	}
	path, err = filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("path of the database: %w", err)
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open database file: %w", err)
	}
	if err := f.Close(); err != nil {
		return nil, fmt.Errorf("open database file: %w", err)
	}
	e := &sqliteEngine{}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("open %s: %w", path, err), e.close())
		}
	}()
	if e.write1, err = sql.Open("sqlite", sqliteURL(path, false)); err != nil {
		return nil, err
	}
	e.write1.SetMaxOpenConns(1)
	if err := migrate(ctx, e.write1, goose.DialectSQLite3, e.types()); err != nil {
		return nil, err
	}
	pool, err := sql.Open("sqlite", sqliteURL(path, true))
	if err != nil {
		return nil, err
	}
	readers := max(4, 2*runtime.NumCPU())
	pool.SetMaxOpenConns(readers)
	pool.SetMaxIdleConns(readers)
	e.reads = &readPool{DB: pool}
	newest, err := one(ctx, e.reads, scanInt, selectRev)
	if err != nil {
		return nil, fmt.Errorf("read revision: %w", err)
	}
	e.newest.Store(newest)
	conn, err := e.write1.Conn(ctx)
	if err != nil {
		return nil, err
	}
	e.writer = startWriter(conn, &e.newest)
	return e, nil
}

// sqliteURL is the address of a file with the settings of a connection. A commit
// is on the disk when it returns (synchronous=FULL, decisions 20).
func sqliteURL(path string, readOnly bool) string {
	settings := url.Values{"_pragma": {"busy_timeout(10000)", "temp_store(memory)", "cache_size(-16000)"}}
	if readOnly {
		settings.Add("_pragma", "query_only(true)")
	} else {
		settings.Add("_pragma", "journal_mode(wal)")
		settings.Add("_pragma", "synchronous(full)")
		settings.Add("_pragma", "wal_autocheckpoint(4000)") // 16 MB: pages that change often are copied less often
		settings.Set("_txlock", "immediate")
	}
	u := url.URL{Scheme: "file", Path: filepath.ToSlash(path), RawQuery: settings.Encode()}
	return u.String()
}

func (e *sqliteEngine) reader() querier { return e.reads }

func (e *sqliteEngine) snapshot(ctx context.Context, fn func(querier) error) error {
	t, err := e.reads.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return fmt.Errorf("begin to read: %w", err)
	}
	defer t.Rollback()
	return fn(t)
}

func (e *sqliteEngine) write(ctx context.Context, t *tx, fn func() error) error {
	err := e.writer.do(ctx, t, fn)
	if e.full(err) {
		return problem.New(problem.StorageFull, "The disk of the server is full. Ask its administrator to make room.").Because(err)
	}
	return err
}

func (e *sqliteEngine) rev(context.Context) (int64, error) { return e.newest.Load(), nil }

func (e *sqliteEngine) close() error {
	var errs []error
	if e.writer != nil {
		errs = append(errs, e.writer.stop())
	}
	if e.reads != nil {
		errs = append(errs, e.reads.Close())
	}
	if e.write1 != nil { // last: its close folds the log into the file
		errs = append(errs, e.write1.Close())
	}
	return errors.Join(errs...)
}

// readPool runs statements that it has prepared before: SQLite takes longer to
// compile a small statement than to run it.
type readPool struct {
	*sql.DB
	prepared sync.Map // text → *sql.Stmt
	kept     atomic.Int64
}

// maxPrepared bounds what is kept. Those with a fixed text come first and again;
// lists are put together from what was asked for and have many forms.
const maxPrepared = 200

// QueryContext runs a statement that reads. A context that ends is noticed before
// the statement and between its rows (see each), but not passed on: database/sql
// and the driver would each start a goroutine to watch it, which takes longer
// than a small statement.
func (p *readPool) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	ctx = context.WithoutCancel(ctx)
	if s, ok := p.prepared.Load(query); ok {
		return s.(*sql.Stmt).QueryContext(ctx, args...) //nolint:sqlclosecheck // the caller closes the rows
	}
	if p.kept.Load() >= maxPrepared {
		return p.DB.QueryContext(ctx, query, args...) //nolint:sqlclosecheck // the caller closes the rows
	}
	made, err := p.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	if _, loaded := p.prepared.LoadOrStore(query, made); loaded { // somebody was faster
		defer made.Close() //nolint:errcheck // its rows keep it as long as they need it
	} else {
		p.kept.Add(1)
	}
	return made.QueryContext(ctx, args...) //nolint:sqlclosecheck // the caller closes the rows
}

package sqlstore

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"
)

// writer is the one goroutine that changes a SQLite database.
//
// It takes transactions from a queue and runs one after another. Those that wait
// when one is done are run in the same SQLite transaction, each in a savepoint,
// and committed together: one wait for the disk serves all of them. Nobody
// waits for company: a transaction that is alone is committed at once.
type writer struct {
	conn   *sql.Conn
	stmts  map[string]*sql.Stmt
	newest *atomic.Int64
	queue  chan *request
	// held is a request that could not join the batch before.
	held *request
	// level is what commits wait for at the moment, "" = not known.
	level string
	// closing asks for the end, ended tells of it.
	closing   chan struct{}
	closeOnce sync.Once
	ended     chan struct{}
	// goroutine is the id of the goroutine that runs the transactions, and busy tells
	// that it runs one.
	goroutine string
	busy      atomic.Bool
}

// request is a transaction on its way.
type request struct {
	ctx  context.Context
	tx   *tx
	fn   func() error
	done chan error
	// claimed is set by the writer when it begins, or by the caller to give up before that.
	claimed atomic.Bool
}

// Bounds of what is committed together, so that the first does not wait long.
const (
	batchSize = 128
	batchTime = 10 * time.Millisecond
)

var (
	errClosed = errors.New("the database is closed")
	errPanic  = errors.New("a transaction panicked")
)

func startWriter(conn *sql.Conn, newest *atomic.Int64) *writer {
	w := &writer{
		conn: conn, stmts: map[string]*sql.Stmt{}, newest: newest, queue: make(chan *request, batchSize),
		closing: make(chan struct{}), ended: make(chan struct{}),
	}
	started := make(chan struct{})
	go w.run(started)
	<-started
	return w
}

// do runs fn in a transaction and returns when it is committed or undone. A
// context that ends before fn has begun takes it out of the queue.
func (w *writer) do(ctx context.Context, t *tx, fn func() error) error {
	if w.busy.Load() && goroutineID() == w.goroutine {
		return ErrNested
	}
	r := &request{ctx: ctx, tx: t, fn: fn, done: make(chan error, 1)}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-w.closing:
		return errClosed
	case w.queue <- r:
	}
	gaveUp := errClosed
	select {
	case err := <-r.done:
		return err
	case <-ctx.Done():
		gaveUp = ctx.Err()
	case <-w.ended:
	}
	if r.claimed.CompareAndSwap(false, true) {
		return gaveUp
	}
	return <-r.done // it has begun: fn uses what belongs to the caller
}

// stop ends the goroutine and returns the connection; what waits fails.
func (w *writer) stop() error {
	w.closeOnce.Do(func() { close(w.closing) })
	<-w.ended
	var errs []error
	for _, s := range w.stmts {
		errs = append(errs, s.Close())
	}
	return errors.Join(append(errs, w.conn.Close())...)
}

func (w *writer) run(started chan<- struct{}) {
	defer close(w.ended)
	w.goroutine = goroutineID()
	close(started)
	for {
		select {
		case <-w.closing:
			return
		case r := <-w.queue:
			w.batch(r)
		}
		for w.held != nil {
			r := w.held
			w.held = nil
			w.batch(r)
		}
	}
}

// batch runs a transaction and those that wait after it, and commits them together.
// A batch that begins with a repeatable one takes in only such, and does not wait
// for the disk: whether to wait cannot be changed inside a transaction.
func (w *writer) batch(r *request) {
	level := "full"
	if r.tx.repeatable {
		level = "normal"
	}
	if err := w.synchronous(level); err != nil {
		if r.claimed.CompareAndSwap(false, true) {
			r.done <- fmt.Errorf("set what commits wait for: %w", err)
		}
		return
	}
	w.together(r, r.tx.repeatable)
}

// synchronous sets what commits wait for: "full" = the disk, "normal" = nothing.
func (w *writer) synchronous(level string) error {
	if w.level == level {
		return nil
	}
	// Not prepared: SQLite does it while it compiles the statement.
	if _, err := w.conn.ExecContext(context.Background(), "pragma synchronous = "+level); err != nil {
		return err
	}
	w.level = level
	return nil
}

func (w *writer) together(r *request, repeatable bool) {
	began := time.Now()
	var ready []*request // have run, wait for the commit
	for ; r != nil; r = w.next(began, len(ready), repeatable) {
		if !r.claimed.CompareAndSwap(false, true) {
			continue
		}
		err, broken := w.attempt(r, len(ready) > 0)
		if broken { // SQLite has undone everything
			reply(ready, err)
			ready = nil
		}
		if err != nil {
			r.done <- err
			continue
		}
		ready = append(ready, r)
	}
	if len(ready) == 0 {
		return
	}
	if err := w.plain("commit"); err != nil {
		_ = w.plain("rollback") // a commit that failed may have ended the transaction
		reply(ready, fmt.Errorf("commit: %w", err))
		return
	}
	for _, r := range ready {
		if r.tx.rev > w.newest.Load() {
			w.newest.Store(r.tx.rev)
		}
	}
	reply(ready, nil)
}

func reply(to []*request, err error) {
	for _, r := range to {
		r.done <- err
	}
}

// next gives a request that waits and may join the batch, or nil when there is
// none or the batch is full.
func (w *writer) next(began time.Time, n int, repeatable bool) *request {
	if n >= batchSize || time.Since(began) > batchTime {
		return nil
	}
	select {
	case r := <-w.queue:
		if repeatable && !r.tx.repeatable {
			w.held = r
			return nil
		}
		return r
	default:
		return nil
	}
}

// attempt runs one request. The first of a batch needs no savepoint: when it
// fails, the whole transaction is undone and the next one begins another.
// broken tells that the others of the batch are lost as well.
func (w *writer) attempt(r *request, others bool) (err error, broken bool) { //nolint:revive // the pair reads better in this order
	begin, end, undo := "begin immediate", "", []string{"rollback"}
	if others {
		begin, end, undo = "savepoint one", "release one", []string{"rollback to one", "release one"}
	}
	if err := w.plain(begin); err != nil {
		return fmt.Errorf("%s: %w", begin, err), false
	}
	r.tx.querier = w
	w.busy.Store(true)
	err = call(r.fn)
	w.busy.Store(false)
	if err == nil {
		err = r.ctx.Err()
	}
	if err == nil && end != "" {
		err = w.plain(end)
	}
	if err == nil {
		return nil, false
	}
	for _, statement := range undo {
		if failed := w.plain(statement); failed != nil {
			_ = w.plain("rollback") // nothing else is left to do
			return errors.Join(err, fmt.Errorf("%s: %w", statement, failed)), others
		}
	}
	return err, false
}

// call turns a panic into an error: it must not end the writer.
func call(fn func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v\n%s", errPanic, p, debug.Stack())
		}
	}()
	return fn()
}

func (w *writer) plain(statement string) error {
	_, err := w.ExecContext(context.Background(), statement)
	return err
}

// prepare gives a statement that is compiled once.
func (w *writer) prepare(query string) (*sql.Stmt, error) {
	if s, ok := w.stmts[query]; ok {
		return s, nil
	}
	s, err := w.conn.PrepareContext(context.Background(), query)
	if err != nil {
		return nil, err
	}
	w.stmts[query] = s
	return s, nil
}

// ExecContext runs a statement inside the open transaction. A context that has
// ended is noticed before; during the statement it is not passed on, because
// SQLite undoes the whole transaction, that of the others too, when a write is interrupted.
func (w *writer) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s, err := w.prepare(query) //nolint:sqlclosecheck // stop closes it
	if err != nil {
		return nil, err
	}
	return s.ExecContext(context.WithoutCancel(ctx), args...)
}

// QueryContext is like ExecContext, for statements that give rows.
func (w *writer) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s, err := w.prepare(query) //nolint:sqlclosecheck // stop closes it
	if err != nil {
		return nil, err
	}
	return s.QueryContext(context.WithoutCancel(ctx), args...)
}

// goroutineID names the calling goroutine. It costs some microseconds, and
// turns a transaction inside a transaction, which would wait for itself for
// ever, into an error.
func goroutineID() string {
	var buf [40]byte
	text := buf[:runtime.Stack(buf[:], false)] // "goroutine 18 [running]:…"
	if fields := bytes.Fields(text); len(fields) > 1 {
		return string(fields[1])
	}
	return ""
}

package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"oasis/internal/data/upload"
	"oasis/internal/problem"
)

func openTemp(t testing.TB) *DB {
	t.Helper()
	db, err := Open(t.Context(), Config{Path: filepath.Join(t.TempDir(), "oasis.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// hold keeps the writer busy in a transaction until release is called, and
// waits for n more to queue behind it.
func hold(t *testing.T, db *DB) (queued func(n int), release func()) {
	t.Helper()
	begun, goOn, ended := make(chan struct{}), make(chan struct{}), make(chan error)
	go func() {
		ended <- db.write(context.WithoutCancel(t.Context()), func(*tx) error {
			close(begun)
			<-goOn
			return nil
		})
	}()
	<-begun
	w := db.engine.(*sqliteEngine).writer
	queued = func(n int) {
		for len(w.queue) < n {
			// The queue tells nobody when it grows; yield until it has.
			<-time.After(time.Millisecond)
		}
	}
	return queued, func() {
		close(goOn)
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}

func insertUpload(ctx context.Context, t *tx, id string) error {
	return uploadTx{t}.InsertUpload(ctx, upload.Upload{ID: id, MainAuthor: "ann"})
}

func exists(t *testing.T, db *DB, id string) bool {
	t.Helper()
	_, err := db.Uploads().Upload(t.Context(), id)
	if err != nil && !problem.Is(err, problem.Missing) {
		t.Fatal(err)
	}
	return err == nil
}

// TestTransactionsOfOneBatchAreIndependent commits many at once of which some fail, in every way there is.
func TestTransactionsOfOneBatchAreIndependent(t *testing.T) {
	t.Parallel()
	db := openTemp(t)
	queued, release := hold(t, db)
	errOwn := errors.New("own error")
	const n = 60
	results := make([]chan error, n)
	for i := range n {
		results[i] = make(chan error, 1)
		go func() {
			results[i] <- db.write(t.Context(), func(x *tx) error {
				if err := insertUpload(t.Context(), x, fmt.Sprint("u", i)); err != nil {
					return err
				}
				switch i % 4 {
				case 1:
					return errOwn
				case 2:
					panic("in a transaction")
				case 3:
					_, err := x.ExecContext(t.Context(), "insert into uploads (id) values (null)")
					return err
				}
				return nil
			})
		}()
	}
	queued(n)
	release()
	for i := range n {
		err := <-results[i]
		switch i % 4 {
		case 0:
			if err != nil {
				t.Error(err)
			}
		case 1:
			if !errors.Is(err, errOwn) {
				t.Errorf("got %v, want its own error", err)
			}
		case 2:
			if !errors.Is(err, errPanic) {
				t.Errorf("got %v, want the panic as an error", err)
			}
		default:
			if err == nil {
				t.Error("the constraint was not reported")
			}
		}
		if got, want := exists(t, db, fmt.Sprint("u", i)), i%4 == 0; got != want {
			t.Errorf("upload %d exists: %t, want %t", i, got, want)
		}
	}
}

func TestWaitingTransactionsAreCommittedTogether(t *testing.T) {
	t.Parallel()
	db := openTemp(t)
	queued, release := hold(t, db)
	const n = 20
	type seen struct{ others, atOnce int64 }
	results := make(chan seen, n)
	for i := range n {
		go func() {
			var s seen
			err := db.write(t.Context(), func(x *tx) error {
				if err := insertUpload(t.Context(), x, fmt.Sprint("u", i)); err != nil {
					return err
				}
				var err error
				if s.atOnce, err = one(t.Context(), x, scanInt, "select count(*) from uploads"); err != nil {
					return err
				}
				s.others, err = one(t.Context(), db.engine.reader(), scanInt, "select count(*) from uploads")
				return err
			})
			if err != nil {
				t.Error(err)
			}
			results <- s
		}()
	}
	queued(n)
	release()
	most := int64(0)
	for range n {
		s := <-results
		most = max(most, s.atOnce-s.others) // what is not committed yet
	}
	if most < 2 {
		t.Errorf("at most %d transactions were open together; each was committed alone", most)
	}
}

func TestCancelledTransactionLeavesTheQueue(t *testing.T) {
	t.Parallel()
	db := openTemp(t)
	queued, release := hold(t, db)
	ctx, cancel := context.WithCancel(t.Context())
	result := make(chan error)
	go func() {
		result <- db.write(ctx, func(*tx) error { t.Error("it ran"); return nil })
	}()
	queued(1)
	cancel()
	if err := <-result; !errors.Is(err, context.Canceled) { // at once, while the writer is busy
		t.Errorf("got %v", err)
	}
	release()
	if err := db.write(t.Context(), func(*tx) error { return nil }); err != nil {
		t.Error(err)
	}
}

func TestTransactionInsideATransactionIsAnError(t *testing.T) {
	t.Parallel()
	db := openTemp(t)
	err := db.Uploads().InTx(t.Context(), func(upload.Tx) error {
		if _, err := db.Uploads().Intents(t.Context(), ""); err != nil { // reading is fine
			return err
		}
		return db.Uploads().DeleteIntents(t.Context(), []int64{1})
	})
	if !errors.Is(err, ErrNested) {
		t.Errorf("got %v, want ErrNested", err)
	}
}

func TestCloseFailsWhatWaits(t *testing.T) {
	t.Parallel()
	db, err := Open(t.Context(), Config{Path: filepath.Join(t.TempDir(), "oasis.db")})
	if err != nil {
		t.Fatal(err)
	}
	queued, release := hold(t, db)
	const n = 5
	results := make(chan error, n)
	for range n {
		go func() {
			results <- db.write(t.Context(), func(*tx) error { return nil })
		}()
	}
	queued(n)
	closed := make(chan error)
	go func() { closed <- db.Close() }()
	release()
	if err := <-closed; err != nil {
		t.Error(err)
	}
	for range n {
		if err := <-results; err != nil && !errors.Is(err, errClosed) {
			t.Errorf("got %v, want nothing or that it is closed", err)
		}
	}
	if err := db.write(t.Context(), func(*tx) error { return nil }); !errors.Is(err, errClosed) {
		t.Errorf("got %v after Close", err)
	}
}

// TestOnlyRepeatableTransactionsDoNotWaitForTheDisk lets both kinds queue up in
// turns and asks each what its commit is going to wait for (2 = full, 1 = normal).
func TestOnlyRepeatableTransactionsDoNotWaitForTheDisk(t *testing.T) {
	t.Parallel()
	db := openTemp(t)
	queued, release := hold(t, db)
	const n = 40
	levels, errs := make([]int64, n), make([]error, n)
	var all sync.WaitGroup
	for i := range n {
		write := db.write
		if i%4 >= 2 {
			write = db.writeRepeatable
		}
		all.Go(func() {
			errs[i] = write(t.Context(), func(x *tx) (err error) {
				if levels[i], err = one(t.Context(), x, scanInt, "pragma synchronous"); err != nil {
					return err
				}
				return insertUpload(t.Context(), x, fmt.Sprintf("u%d", i))
			})
		})
		queued(i + 1)
	}
	release()
	all.Wait()
	for i := range n {
		switch {
		case errs[i] != nil:
			t.Error(errs[i])
		case i%4 < 2 && levels[i] != 2:
			t.Errorf("transaction %d is committed at level %d, and must be on the disk", i, levels[i])
		case !exists(t, db, fmt.Sprintf("u%d", i)):
			t.Errorf("transaction %d is lost", i)
		}
	}
	last := int64(0)
	if err := db.writeRepeatable(t.Context(), func(x *tx) (err error) {
		last, err = one(t.Context(), x, scanInt, "pragma synchronous")
		return err
	}); err != nil || last != 1 {
		t.Errorf("a repeatable transaction that is alone is committed at level %d: %v", last, err)
	}
}

package jobs_test

import (
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"oasis/internal/data/upload"
	"oasis/internal/store/sqlstore"
	"oasis/internal/work/jobs"
	"oasis/test/servers"
)

func open(t *testing.T, c sqlstore.Config) *sqlstore.DB {
	t.Helper()
	db, err := sqlstore.Open(t.Context(), c)
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

// onBoth runs a test on both databases.
func onBoth(t *testing.T, test func(t *testing.T, db *sqlstore.DB)) {
	t.Helper()
	t.Parallel()
	t.Run("SQLite", func(t *testing.T) {
		t.Parallel()
		test(t, open(t, sqlstore.Config{Path: filepath.Join(t.TempDir(), "oasis.db")}))
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		t.Parallel()
		test(t, open(t, sqlstore.Config{URL: servers.Postgres(t)}))
	})
}

func enqueue(t *testing.T, db *sqlstore.DB, key string) {
	t.Helper()
	err := db.Uploads().InTx(t.Context(), func(tx upload.Tx) error { return tx.Enqueue(t.Context(), "kind", key, "args of "+key) })
	if err != nil {
		t.Fatal(err)
	}
}

// start runs a queue; the function it gives stops it and returns what Run returned.
func start(t *testing.T, q *jobs.Queue) (stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- q.Run(ctx) }()
	return func() error {
		cancel()
		return <-ended
	}
}

// quiet is a queue that only looks for jobs when it is woken.
func quiet() jobs.Config {
	return jobs.Config{Poll: time.Hour, Lease: time.Hour, Grace: time.Minute, Backoff: func(int) time.Duration { return 0 }}
}

func stopped(t *testing.T, stop func() error) {
	t.Helper()
	if err := stop(); err != nil {
		t.Fatal(err)
	}
}

// left gives the job that a new worker would get, or fails.
func left(t *testing.T, db *sqlstore.DB) jobs.Job {
	t.Helper()
	far := time.Now().AddDate(1, 0, 0)
	claimed, err := db.Jobs().ClaimJobs(t.Context(), "test", []string{"kind"}, 10, 10, far, far)
	if err != nil || len(claimed) != 1 {
		t.Fatalf("jobs left: %+v, %v; want one", claimed, err)
	}
	return claimed[0]
}

func noneLeft(t *testing.T, db *sqlstore.DB) {
	t.Helper()
	far := time.Now().AddDate(1, 0, 0)
	claimed, err := db.Jobs().ClaimJobs(t.Context(), "test", []string{"kind"}, 10, 10, far, far)
	if err != nil || len(claimed) != 0 {
		t.Fatalf("jobs left: %+v, %v; want none", claimed, err)
	}
}

func TestWakeRunsJobsAtOnceAndFinishesThem(t *testing.T) {
	onBoth(t, func(t *testing.T, db *sqlstore.DB) {
		q := jobs.New(db.Jobs(), quiet())
		ran := make(chan jobs.Job)
		q.Handle("kind", func(_ context.Context, j jobs.Job) error { ran <- j; return nil })
		db.OnEnqueue(q.Wake)
		enqueue(t, db, "before")
		stop := start(t, q)
		if j := <-ran; j.Key != "before" || j.Attempt != 1 {
			t.Errorf("got %+v", j)
		}
		enqueue(t, db, "after")
		j := <-ran
		var args string
		if err := json.Unmarshal(j.Args, &args); err != nil || args != "args of after" {
			t.Errorf("got arguments %s", j.Args)
		}
		stopped(t, stop)
		noneLeft(t, db)
	})
}

func TestPollFindsJobsOfOtherProcesses(t *testing.T) {
	onBoth(t, func(t *testing.T, db *sqlstore.DB) {
		c := quiet()
		c.Poll = 5 * time.Millisecond
		q := jobs.New(db.Jobs(), c)
		ran := make(chan string)
		q.Handle("kind", func(_ context.Context, j jobs.Job) error { ran <- j.Key; return nil })
		stop := start(t, q)
		for _, key := range []string{"a", "b"} {
			enqueue(t, db, key)
			if got := <-ran; got != key {
				t.Errorf("got %q, want %q", got, key)
			}
		}
		stopped(t, stop)
	})
}

func TestFailedAttemptsAreRepeatedAndThenGivenUp(t *testing.T) {
	onBoth(t, func(t *testing.T, db *sqlstore.DB) {
		q := jobs.New(db.Jobs(), quiet())
		attempts := make(chan int, 10)
		gaveUp := make(chan error, 10)
		errBroken := errors.New("broken")
		q.Handle("kind", func(_ context.Context, j jobs.Job) error {
			attempts <- j.Attempt
			if j.Attempt == 2 {
				panic("at the second attempt")
			}
			if j.Attempt == 3 && j.LastError == "" {
				t.Error("the error of the last attempt was not kept")
			}
			return errBroken
		}, jobs.OnGiveUp(func(_ context.Context, _ jobs.Job, err error) error { gaveUp <- err; return nil }))
		db.OnEnqueue(q.Wake)
		enqueue(t, db, "k")
		stop := start(t, q)
		if err := <-gaveUp; !errors.Is(err, errBroken) {
			t.Errorf("gave up with %v", err)
		}
		stopped(t, stop)
		for want := 1; want <= jobs.MaxAttempts; want++ {
			if got := <-attempts; got != want {
				t.Errorf("attempt %d, want %d", got, want)
			}
		}
		if len(attempts)+len(gaveUp) > 0 {
			t.Error("it went on after it was given up")
		}
		noneLeft(t, db)
	})
}

func TestAJobThatCannotBeGivenUpIsTriedAgain(t *testing.T) {
	onBoth(t, func(t *testing.T, db *sqlstore.DB) {
		q := jobs.New(db.Jobs(), quiet())
		errStuck := errors.New("stuck")
		runs, tries := 0, 0 // one worker at a time
		gaveUp := make(chan int, 3)
		q.Handle("kind", func(context.Context, jobs.Job) error {
			runs++
			return errStuck
		}, jobs.OnGiveUp(func(context.Context, jobs.Job, error) error {
			gaveUp <- runs
			tries++
			if tries == 1 {
				return errStuck
			}
			return nil
		}))
		db.OnEnqueue(q.Wake)
		enqueue(t, db, "k")
		stop := start(t, q)
		for want := range 2 {
			if got := <-gaveUp; got != jobs.MaxAttempts+want {
				t.Errorf("given up after %d runs, want %d", got, jobs.MaxAttempts+want)
			}
		}
		stopped(t, stop)
		if len(gaveUp) > 0 {
			t.Error("it went on after it was given up")
		}
		noneLeft(t, db)
	})
}

func TestJobsOfOneKeyRunOneAfterAnother(t *testing.T) {
	onBoth(t, func(t *testing.T, db *sqlstore.DB) {
		c := quiet()
		c.Workers = 4
		q := jobs.New(db.Jobs(), c)
		var running, runs atomic.Int32
		begun, goOn := make(chan struct{}), make(chan struct{})
		q.Handle("kind", func(context.Context, jobs.Job) error {
			if running.Add(1) > 1 {
				t.Error("two jobs of one key run")
			}
			begun <- struct{}{}
			<-goOn
			runs.Add(1)
			running.Add(-1)
			return nil
		})
		db.OnEnqueue(q.Wake)
		stop := start(t, q)
		enqueue(t, db, "k")
		<-begun
		enqueue(t, db, "k") // waits for the one that runs
		enqueue(t, db, "k") // the same
		goOn <- struct{}{}
		<-begun
		goOn <- struct{}{}
		stopped(t, stop)
		if runs.Load() != 2 {
			t.Errorf("%d runs, want 2", runs.Load())
		}
		noneLeft(t, db)
	})
}

// TestTimes runs in a bubble in which time passes only when all wait.
func TestTimes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		db, err := sqlstore.Open(t.Context(), sqlstore.Config{Path: filepath.Join(dir, "oasis.db")})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = db.Close() }()
		begin := time.Now()
		var at []time.Duration
		done := make(chan struct{})
		handle := func(_ context.Context, j jobs.Job) error {
			at = append(at, time.Since(begin).Round(time.Second))
			if j.Attempt < 3 {
				return errors.New("not yet")
			}
			// Much longer than a lease, with another worker that would take it over.
			timer := time.NewTimer(10 * time.Minute)
			<-timer.C
			close(done)
			return nil
		}
		first, second := jobs.New(db.Jobs(), jobs.Config{}), jobs.New(db.Jobs(), jobs.Config{})
		first.Handle("kind", handle)
		second.Handle("kind", handle)
		stopFirst, stopSecond := start(t, first), start(t, second)
		synctest.Wait() // both have begun: beginning releases the leases of all others
		enqueue(t, db, "k")
		<-done
		synctest.Wait()
		stopped(t, stopFirst)
		stopped(t, stopSecond)
		// Seen by polling within a second; then after 5 s, then after 10 s.
		if len(at) != 3 || at[0] > time.Second || at[1]-at[0] < 5*time.Second || at[1]-at[0] > 7*time.Second ||
			at[2]-at[1] < 10*time.Second || at[2]-at[1] > 12*time.Second {
			t.Errorf("it ran at %v", at)
		}
		noneLeft(t, db)
	})
}

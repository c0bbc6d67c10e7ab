package jobs_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"oasis/internal/store/sqlstore"
	"oasis/internal/work/jobs"
	"oasis/test/servers"
)

func TestStopLetsJobsEndWithinTheGrace(t *testing.T) {
	onBoth(t, func(t *testing.T, db *sqlstore.DB) {
		q := jobs.New(db.Jobs(), quiet())
		begun, goOn := make(chan struct{}), make(chan struct{})
		q.Handle("kind", func(ctx context.Context, _ jobs.Job) error {
			close(begun)
			<-goOn
			return ctx.Err()
		})
		enqueue(t, db, "k")
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- q.Run(ctx) }()
		<-begun
		cancel()
		close(goOn)
		if err := <-ended; err != nil {
			t.Error(err)
		}
		noneLeft(t, db)
	})
}

func TestStopPutsJobsBackWithoutCountingTheAttempt(t *testing.T) {
	onBoth(t, func(t *testing.T, db *sqlstore.DB) {
		c := quiet()
		c.Grace = time.Millisecond
		q := jobs.New(db.Jobs(), c)
		begun := make(chan struct{})
		q.Handle("kind", func(ctx context.Context, _ jobs.Job) error {
			close(begun)
			<-ctx.Done()
			return ctx.Err()
		})
		enqueue(t, db, "k")
		stop := start(t, q)
		<-begun
		// Noticing takes no time, storing it may take longer than the grace.
		_ = stop()
		claimedAt := time.Now()
		for {
			claimed, err := db.Jobs().ClaimJobs(t.Context(), "next", []string{"kind"}, 1, 1, time.Now(), time.Now().Add(time.Hour))
			if err != nil {
				t.Fatal(err)
			}
			if len(claimed) == 1 {
				if claimed[0].Attempt != 1 {
					t.Errorf("attempt %d, want the first again", claimed[0].Attempt)
				}
				return
			}
			if time.Since(claimedAt) > time.Minute {
				t.Fatal("the job was not put back")
			}
		}
	})
}

func TestRunReportsHandlersThatDoNotStop(t *testing.T) {
	onBoth(t, func(t *testing.T, db *sqlstore.DB) {
		c := quiet()
		c.Grace = time.Millisecond
		q := jobs.New(db.Jobs(), c)
		begun, goOn, ended := make(chan struct{}), make(chan struct{}), make(chan struct{})
		q.Handle("kind", func(context.Context, jobs.Job) error {
			defer close(ended)
			close(begun)
			<-goOn
			return nil
		})
		enqueue(t, db, "k")
		stop := start(t, q)
		<-begun
		if err := stop(); err == nil {
			t.Error("no error")
		}
		close(goOn)
		<-ended
	})
}

func TestLostJobIsStoppedAndLeftAlone(t *testing.T) {
	onBoth(t, func(t *testing.T, db *sqlstore.DB) {
		c := quiet()
		c.Lease = 30 * time.Millisecond
		q := jobs.New(db.Jobs(), c)
		begun, cause := make(chan struct{}), make(chan error)
		q.Handle("kind", func(ctx context.Context, _ jobs.Job) error {
			close(begun)
			<-ctx.Done()
			cause <- context.Cause(ctx)
			return nil
		})
		enqueue(t, db, "k")
		stop := start(t, q)
		<-begun
		stolen := left(t, db) // by a worker whose clock is far ahead
		if err := <-cause; !errors.Is(err, jobs.ErrLost) {
			t.Errorf("the job was stopped because of %v", err)
		}
		stopped(t, stop)
		if err := db.Jobs().FinishJob(t.Context(), "test", stolen.ID); err != nil {
			t.Errorf("the thief's job: %v", err)
		}
	})
}

func TestJobThatKillsItsProcessIsGivenUp(t *testing.T) {
	onBoth(t, func(t *testing.T, db *sqlstore.DB) {
		enqueue(t, db, "k")
		past := time.Now().Add(time.Minute)
		for range jobs.MaxAttempts { // workers that claim and die
			claimed, err := db.Jobs().ClaimJobs(t.Context(), "dead", []string{"kind"}, 1, 1, past, time.Unix(1, 0))
			if err != nil || len(claimed) != 1 {
				t.Fatal(claimed, err)
			}
		}
		q := jobs.New(db.Jobs(), quiet())
		gaveUp := make(chan struct{})
		q.Handle("kind", func(context.Context, jobs.Job) error { t.Error("it was run again"); return nil },
			jobs.OnGiveUp(func(context.Context, jobs.Job, error) error { close(gaveUp); return nil }))
		stop := start(t, q)
		<-gaveUp
		stopped(t, stop)
		noneLeft(t, db)
	})
}

// leaveBehind claims a job as a process that was killed right after.
func leaveBehind(t *testing.T, db *sqlstore.DB, lease time.Duration) {
	t.Helper()
	enqueue(t, db, "k")
	claimed, err := db.Jobs().ClaimJobs(t.Context(), "killed", []string{"kind"}, 1, 1, time.Now(), time.Now().Add(lease))
	if err != nil || len(claimed) != 1 {
		t.Fatal(claimed, err)
	}
}

func TestRestartOnSQLiteTakesOverAtOnce(t *testing.T) {
	t.Parallel()
	db := open(t, sqlstore.Config{Path: filepath.Join(t.TempDir(), "oasis.db")})
	leaveBehind(t, db, time.Hour)
	q := jobs.New(db.Jobs(), quiet())
	attempt := make(chan int)
	q.Handle("kind", func(_ context.Context, j jobs.Job) error { attempt <- j.Attempt; return nil })
	stop := start(t, q)
	if got := <-attempt; got != 2 {
		t.Errorf("attempt %d, want 2: the one that was killed counts", got)
	}
	stopped(t, stop)
}

func TestLeaseOfAnotherServerIsRespectedUntilItPasses(t *testing.T) {
	t.Parallel()
	db := open(t, sqlstore.Config{URL: servers.Postgres(t)})
	const lease = 300 * time.Millisecond
	leaveBehind(t, db, lease)
	began := time.Now()
	c := quiet()
	c.Poll = 10 * time.Millisecond
	q := jobs.New(db.Jobs(), c)
	ran := make(chan struct{})
	q.Handle("kind", func(context.Context, jobs.Job) error { close(ran); return nil })
	stop := start(t, q)
	<-ran
	if took := time.Since(began); took < lease/2 {
		t.Errorf("it was taken over after %v, while the lease of %v held", took, lease)
	}
	stopped(t, stop)
}

// slowRetry is a store whose answer to RetryJob comes late.
type slowRetry struct {
	jobs.Store
	answer chan struct{}
}

func (s slowRetry) RetryJob(ctx context.Context, worker, id string, at time.Time, spent bool, lastError string) error {
	err := s.Store.RetryJob(ctx, worker, id, at, spent, lastError)
	<-s.answer
	return err
}

// TestStopWaitsForAnAttemptThatOvertookTheLastOne claims a job again before the
// goroutine that has put it back is done: they must not be taken for one.
func TestStopWaitsForAnAttemptThatOvertookTheLastOne(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		db, err := sqlstore.Open(t.Context(), sqlstore.Config{Path: filepath.Join(dir, "oasis.db")})
		if err != nil {
			t.Fatal(err)
		}
		store := slowRetry{db.Jobs(), make(chan struct{})}
		q := jobs.New(store, quiet())
		told := false
		q.Handle("kind", func(ctx context.Context, j jobs.Job) error {
			if j.Attempt == 1 {
				return errors.New("again")
			}
			close(store.answer)
			<-ctx.Done()
			told = true
			return ctx.Err()
		})
		db.OnEnqueue(q.Wake)
		enqueue(t, db, "k")
		stop := start(t, q)
		synctest.Wait() // the second attempt runs, the first has ended
		stopped(t, stop)
		if !told {
			t.Error("the queue stopped while a job was running")
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
}

// What does not end although it was told to would otherwise be taken up again at
// every start of the server, for ever.
func TestStuckJobIsGivenUpAfterSomeStarts(t *testing.T) {
	onBoth(t, func(t *testing.T, db *sqlstore.DB) {
		enqueue(t, db, "k")
		var gaveUp error
		for starts := 1; gaveUp == nil; starts++ {
			if starts > jobs.MaxAttempts {
				t.Fatalf("it was taken up %d times", starts)
			}
			c := quiet()
			c.Grace = time.Second
			q := jobs.New(db.Jobs(), c)
			begun := make(chan struct{})
			q.Handle("kind", func(ctx context.Context, _ jobs.Job) error {
				close(begun)
				<-ctx.Done()
				return errors.Join(ctx.Err(), jobs.ErrStuck)
			}, jobs.OnGiveUp(func(_ context.Context, _ jobs.Job, err error) error { gaveUp = err; return nil }))
			stop := start(t, q)
			<-begun
			stopped(t, stop)
		}
		if !errors.Is(gaveUp, jobs.ErrStuck) {
			t.Errorf("given up because of %v", gaveUp)
		}
		noneLeft(t, db)
	})
}

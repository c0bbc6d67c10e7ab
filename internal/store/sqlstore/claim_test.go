package sqlstore

import (
	"context"
	"testing"
	"time"

	"oasis/internal/data/upload"
	"oasis/internal/work/jobs"
	"oasis/test/servers"
)

// TestClaimDoesNotReviveAJobThatJustEnded lets a claim of a job whose lease has
// passed wait for the row while its worker ends it.
func TestClaimDoesNotReviveAJobThatJustEnded(t *testing.T) {
	t.Parallel()
	db := mustOpen(t, Config{URL: servers.Postgres(t)})
	defer mustClose(t, db)
	ctx, now := t.Context(), time.Now().Add(time.Minute)
	if err := db.Uploads().InTx(ctx, func(x upload.Tx) error { return x.Enqueue(ctx, "kind", "key", nil) }); err != nil {
		t.Fatal(err)
	}
	if claimed, err := db.Jobs().ClaimJobs(ctx, "slow", []string{"kind"}, 1, 1, now, now); err != nil || len(claimed) != 1 {
		t.Fatal(claimed, err)
	}
	type answer struct {
		claimed []jobs.Job
		err     error
	}
	answers := make(chan answer, 1)
	err := db.write(ctx, func(x *tx) error {
		if _, err := x.ExecContext(ctx, `update jobs set state = 'failed', worker = ''`); err != nil {
			return err
		}
		go func() {
			claimed, err := db.Jobs().ClaimJobs(ctx, "next", []string{"kind"}, 1, 1, now.Add(time.Hour), now.Add(2*time.Hour))
			answers <- answer{claimed, err}
		}()
		return waitForWaiting(ctx, db, 1, func() bool { return len(answers) > 0 })
	})
	if err != nil {
		t.Fatal(err)
	}
	if a := <-answers; a.err != nil || len(a.claimed) != 0 {
		t.Errorf("claimed %+v, %v; want nothing", a.claimed, a.err)
	}
}

// waitForWaiting returns when so many connections wait for a lock, or when that is not to be expected any more.
func waitForWaiting(ctx context.Context, db *DB, connections int64, hopeless func() bool) error {
	for {
		n, err := one(ctx, db.engine.reader(), scanInt,
			`select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`)
		if err != nil || n >= connections || hopeless() {
			return err
		}
	}
}

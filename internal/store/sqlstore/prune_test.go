package sqlstore

import (
	"context"
	"testing"
	"time"

	"oasis/internal/data/upload"
)

func TestWhatNobodyAsksForGoesAfterAWhile(t *testing.T) {
	onBoth(t, func(t *testing.T, c Config) {
		now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
		c.Now = func() time.Time { return now }
		db := mustOpen(t, c)
		defer mustClose(t, db)
		ctx := t.Context()
		count := func(from string) int64 {
			n, err := one(ctx, db.engine.reader(), scanInt, `select count(*) from `+from)
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		// step deletes an upload and lets a job fail.
		step := func(id string) {
			err := db.Uploads().InTx(ctx, func(tx upload.Tx) error {
				if err := tx.InsertUpload(ctx, upload.Upload{ID: id, CreateTime: now}); err != nil {
					return err
				}
				return tx.Enqueue(ctx, "kind", id, nil)
			})
			if err == nil {
				err = db.Uploads().InTx(ctx, func(tx upload.Tx) error { return tx.DeleteUpload(ctx, id) })
			}
			if err != nil {
				t.Fatal(err)
			}
			claimed, err := db.Jobs().ClaimJobs(ctx, "w", []string{"kind"}, 1, 1, now, now.Add(time.Hour))
			if err == nil {
				err = db.Jobs().FailJob(ctx, "w", claimed[0].ID, "broken")
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		prune := func(after time.Duration, tombstones, failed int64) {
			t.Helper()
			now = now.Add(after)
			if err := db.Prune(context.WithoutCancel(ctx)); err != nil {
				t.Fatal(err)
			}
			if a, b := count("tombstones"), count("jobs where state = 'failed'"); a != tombstones || b != failed {
				t.Errorf("%d tombstones and %d failed jobs are left, want %d and %d", a, b, tombstones, failed)
			}
		}
		step("a")
		prune(6*24*time.Hour, 1, 1)
		step("b")
		if err := db.Uploads().InTx(ctx, func(tx upload.Tx) error { return tx.Enqueue(ctx, "other", "waits", nil) }); err != nil {
			t.Fatal(err)
		}
		prune(2*24*time.Hour, 1, 2)
		prune(23*24*time.Hour, 0, 1)
		prune(365*24*time.Hour, 0, 0)
		if count("jobs") != 1 {
			t.Error("a job that waits was deleted")
		}
	})
}

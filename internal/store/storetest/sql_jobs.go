package storetest

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"oasis/internal/data/upload"
	"oasis/internal/work/jobs"
)

const leaseTime = 15 * time.Second

// claim claims jobs of the usual kinds and gives their ids.
func claim(ctx context.Context, s Stores, worker string, n int, now time.Time) ([]string, error) {
	claimed, err := s.Jobs().ClaimJobs(ctx, worker, []string{"a", "b", upload.JobProcess}, n, n, now, now.Add(leaseTime))
	var ids []string
	for _, j := range claimed {
		ids = append(ids, j.ID)
	}
	return ids, err
}

// claimKeys claims jobs and gives kind and key of each.
func claimKeys(t testing.TB, s Stores, worker string, n int, now time.Time) (text string, claimed []jobs.Job) {
	t.Helper()
	claimed = got[[]jobs.Job](t)(s.Jobs().ClaimJobs(t.Context(), worker, []string{"a", "b"}, n, n, now, now.Add(leaseTime)))
	var all []string
	for _, j := range claimed {
		all = append(all, j.Kind+":"+j.Key)
	}
	return strings.Join(all, " "), claimed
}

func enqueue(t testing.TB, s Stores, kindsAndKeys ...string) {
	t.Helper()
	for _, k := range kindsAndKeys {
		kind, key, _ := strings.Cut(k, ":")
		inTx(t, s, func(ctx context.Context, tx upload.Tx) {
			ok(t, tx.Enqueue(ctx, kind, key, map[string]string{"k": key}))
		})
	}
}

func testJobs(t *testing.T, open OpenSQL) {
	c := newClock()
	ctx, s := t.Context(), open(t, c.Now)
	woken := 0
	s.OnEnqueue(func() { woken++ })
	_, waits, err := s.Jobs().NextRunAt(ctx)
	ok(t, err)
	same(t, "a job waits", waits, false)
	enqueue(t, s, "a:x")
	c.advance(time.Second)
	enqueue(t, s, "b:y", "other:z")
	same(t, "wake-ups", woken, 3)
	at, waits, err := s.Jobs().NextRunAt(ctx)
	ok(t, err)
	same(t, "a job waits", waits, true)
	same(t, "it is due", at, start())

	text, claimed := claimKeys(t, s, "w1", 1, c.Now())
	same(t, "the oldest job", text, "a:x")
	id := claimed[0].ID
	same(t, "it", claimed[0], jobs.Job{
		ID: id, Kind: "a", Key: "x", Args: []byte(`{"k":"x"}`), Attempt: 1, MaxAttempts: jobs.MaxAttempts,
		RunAt: start(), CreatedAt: start(), State: jobs.Running,
	})
	text, _ = claimKeys(t, s, "w2", 9, c.Now())
	same(t, "jobs of the kinds asked for", text, "b:y")
	text, _ = claimKeys(t, s, "w2", 9, c.Now())
	same(t, "jobs left", text, "")

	// A failed attempt counts, an interrupted one does not.
	later := c.Now().Add(leaseTime)
	ok(t, s.Jobs().RetryJob(ctx, "w1", id, later, true, "it broke"))
	text, _ = claimKeys(t, s, "w1", 9, later.Add(-time.Microsecond))
	same(t, "jobs before the time of the retry", text, "")
	_, claimed = claimKeys(t, s, "w1", 9, later)
	same(t, "attempt", claimed[0].Attempt, 2)
	same(t, "last error", claimed[0].LastError, "it broke")
	ok(t, s.Jobs().RetryJob(ctx, "w1", id, later, false, ""))
	_, claimed = claimKeys(t, s, "w1", 9, later)
	same(t, "attempt after one that did not count", claimed[0].Attempt, 2)

	// Only its worker may end it.
	for _, err := range []error{
		s.Jobs().FinishJob(ctx, "w2", id), s.Jobs().FailJob(ctx, "w2", id, ""), s.Jobs().RetryJob(ctx, "w2", id, later, true, ""),
	} {
		fails(t, err, jobs.ErrLost)
	}
	ok(t, s.Jobs().FailJob(ctx, "w1", id, "for good"))
	fails(t, s.Jobs().FinishJob(ctx, "w1", id), jobs.ErrLost)
	text, _ = claimKeys(t, s, "w1", 9, later.AddDate(1, 0, 0))
	same(t, "jobs after a failure for good", text, "b:y")
	enqueue(t, s, "a:x")
	text, claimed = claimKeys(t, s, "w1", 9, later)
	same(t, "a failed job is in nobody's way", text, "a:x")
	ok(t, s.Jobs().FinishJob(ctx, "w1", claimed[0].ID))
	fails(t, s.Jobs().FinishJob(ctx, "w1", claimed[0].ID), jobs.ErrLost)
}

func testJobKeys(t *testing.T, open OpenSQL) {
	c := newClock()
	ctx, s := t.Context(), open(t, c.Now)
	now := start()
	enqueue(t, s, "a:x", "a:x", "b:x", "a:", "a:", "a:y")
	text, claimed := claimKeys(t, s, "w", 9, now)
	same(t, "one of each key, and all without", text, "a:x a: a: a:y")
	enqueue(t, s, "a:x", "a:x")
	text, _ = claimKeys(t, s, "w", 9, now)
	same(t, "while one with the key runs", text, "")
	ok(t, s.Jobs().FinishJob(ctx, "w", claimed[0].ID))
	text, claimed = claimKeys(t, s, "w", 9, now)
	same(t, "the next with the key", text, "b:x")

	// Putting a job back joins it with an equal one that waits.
	enqueue(t, s, "b:x")
	ok(t, s.Jobs().RetryJob(ctx, "w", claimed[0].ID, now.Add(time.Hour), true, "e"))
	text, claimed = claimKeys(t, s, "w", 9, now)
	same(t, "after that", text, "a:x")
	ok(t, s.Jobs().FinishJob(ctx, "w", claimed[0].ID))
	text, claimed = claimKeys(t, s, "w", 9, now)
	same(t, "and then", text, "b:x")
	same(t, "attempt", claimed[0].Attempt, 1)

	// A new reason makes a job due that waits for its next attempt.
	ok(t, s.Jobs().RetryJob(ctx, "w", claimed[0].ID, now.Add(time.Hour), true, "e"))
	text, _ = claimKeys(t, s, "w", 9, now)
	same(t, "before the reason", text, "")
	enqueue(t, s, "b:x")
	text, claimed = claimKeys(t, s, "w", 9, now)
	same(t, "after the reason", text, "b:x")
	same(t, "attempt", claimed[0].Attempt, 1)
}

func testJobLeases(t *testing.T, open OpenSQL) {
	c := newClock()
	ctx, s := t.Context(), open(t, c.Now)
	enqueue(t, s, "a:x", "a:y")
	_, claimed := claimKeys(t, s, "w1", 9, c.Now())
	x, y := claimed[0].ID, claimed[1].ID
	enqueue(t, s, "a:x")
	c.advance(leaseTime)
	same(t, "jobs extended by another", len(got[[]string](t)(s.Jobs().ExtendJobs(ctx, "w2", []string{x, y}, c.Now()))), 0)
	same(t, "jobs extended", got[[]string](t)(s.Jobs().ExtendJobs(ctx, "w1", []string{y, "none"}, c.Now().Add(leaseTime))), []string{y})
	c.advance(time.Microsecond)
	text, claimed := claimKeys(t, s, "w2", 9, c.Now())
	same(t, "lost jobs, before those that wait for them", text, "a:x")
	same(t, "attempt", claimed[0].Attempt, 2)
	same(t, "the lost job", claimed[0].ID, x)
	fails(t, s.Jobs().FinishJob(ctx, "w1", x), jobs.ErrLost)
	same(t, "jobs still held", got[[]string](t)(s.Jobs().ExtendJobs(ctx, "w1", []string{x, y}, c.Now().Add(leaseTime))), []string{y})
	ok(t, s.Jobs().FinishJob(ctx, "w2", x))
	text, _ = claimKeys(t, s, "w2", 9, c.Now())
	same(t, "then the one that waited", text, "a:x")
}

// testJobRace lets many workers claim: each job runs once, and never two of one key at a time.
func testJobRace(t *testing.T, open OpenSQL) {
	ctx, s := t.Context(), open(t, fixed())
	const keys, workers = 12, 6
	for _, key := range names("k", keys) {
		enqueue(t, s, "a:"+key, "b:"+key)
	}
	busy := make(chan string, 1)
	busy <- ""
	ran := make(chan string, 10*keys)
	workerNames := names("w", workers)
	errs := together(workers, func(i int) error {
		for idle := 0; idle < 3; {
			claimed, err := s.Jobs().ClaimJobs(ctx, workerNames[i], []string{"a", "b"}, 2, 2, start(), start().Add(leaseTime))
			if err != nil {
				return err
			}
			if len(claimed) == 0 {
				idle++
				continue
			}
			for _, j := range claimed {
				all := <-busy
				if strings.Contains(all, "|"+j.Key) {
					err = errors.New("two jobs of one key run")
				}
				busy <- all + "|" + j.Key
			}
			for _, j := range claimed {
				ran <- j.Kind + j.Key
				busy <- strings.Replace(<-busy, "|"+j.Key, "", 1)
				err = errors.Join(err, s.Jobs().FinishJob(ctx, workerNames[i], j.ID))
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	ok(t, errors.Join(errs...))
	for { // what was blocked when the last worker looked
		_, claimed := claimKeys(t, s, "last", 100, start())
		for _, j := range claimed {
			ran <- j.Kind + j.Key
			ok(t, s.Jobs().FinishJob(ctx, "last", j.ID))
		}
		if len(claimed) == 0 {
			break
		}
	}
	close(ran)
	seen := map[string]int{}
	for name := range ran {
		seen[name]++
		same(t, "runs of "+name, seen[name], 1)
	}
	same(t, "jobs that ran", len(seen), 2*keys)
}

// testJobTurns lets one person queue many uploads before another comes: they take turns.
func testJobTurns(t *testing.T, open OpenSQL) {
	c := newClock()
	s := open(t, c.Now)
	for _, u := range []string{"a1:ada", "a2:ada", "a3:ada", "b1:bob", "b2:bob"} {
		id, author, _ := strings.Cut(u, ":")
		inTx(t, s, func(ctx context.Context, tx upload.Tx) { ok(t, tx.InsertUpload(ctx, newUpload(id, author))) })
		enqueue(t, s, "a:"+id)
		c.advance(time.Second)
	}
	enqueue(t, s, "a:gone") // about no upload
	take := func(n, share int) string {
		claimed := got[[]jobs.Job](t)(s.Jobs().ClaimJobs(t.Context(), "w", []string{"a"}, n, share, c.Now(), c.Now().Add(leaseTime)))
		var keys []string
		for _, j := range claimed {
			keys = append(keys, j.Key)
		}
		return strings.Join(keys, " ")
	}
	same(t, "first of each", take(3, 1), "a1 b1 gone")
	same(t, "beyond the share", take(9, 1), "")
	same(t, "second of each", take(1, 2), "a2")
	same(t, "up to the share", take(9, 2), "b2")
	c.advance(2 * leaseTime)
	same(t, "lost jobs do not run", take(1, 1), "a1")
}

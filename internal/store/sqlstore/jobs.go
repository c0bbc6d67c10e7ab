package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"oasis/internal/work/jobs"
)

// jobStore keeps the queue.
type jobStore struct{ *DB }

const jobColumns = `id, kind, key, args, state, attempt, max_attempts, run_at, created_at, last_error`

func scanJob(r row) (j jobs.Job, err error) {
	return j, r.Scan(&j.ID, &j.Kind, &j.Key, (*[]byte)(&j.Args), &j.State, &j.Attempt, &j.MaxAttempts,
		stamp{&j.RunAt}, stamp{&j.CreatedAt}, &j.LastError)
}

func (t uploadTx) Enqueue(ctx context.Context, kind, key string, args any) error {
	return t.EnqueueAt(ctx, t.db.now(), kind, key, args)
}

func (t uploadTx) EnqueueAt(ctx context.Context, at time.Time, kind, key string, args any) error {
	encoded, err := encode(args)
	if err != nil {
		return fmt.Errorf("arguments of job %s: %w", kind, err)
	}
	id, err := uuid.NewV7() // in order of time
	if err != nil {
		return fmt.Errorf("make job id: %w", err)
	}
	// An equal job that waits does the work. If it need not change, nothing is written, but PostgreSQL locks its
	// row even so: a worker of another process that is just claiming it, and may look at the world before this
	// commit, then makes this insert another job. A job that waits for its next attempt becomes due, because
	// something has changed.
	type stored struct {
		id    string
		runAt int64
	}
	scan := func(r row) (s stored, err error) { return s, r.Scan(&s.id, &s.runAt) }
	got, err := one(ctx, t, scan, `insert into jobs (`+jobColumns+`, worker, lease_until)
		values ($1, $2, $3, $4, 'queued', 0, $5, $6, $7, '', '', 0)
		on conflict (kind, key) where state = 'queued' and key <> '' do update set
			run_at = case when jobs.run_at < excluded.run_at then jobs.run_at else excluded.run_at end, attempt = 0
			where jobs.run_at > excluded.run_at or jobs.attempt <> 0
		returning id, run_at`,
		id.String(), kind, key, encoded, jobs.MaxAttempts, micros(at), micros(t.db.now()))
	if errors.Is(err, sql.ErrNoRows) {
		return nil // the queue knows of the one that waits
	}
	if err != nil {
		return fmt.Errorf("enqueue %s: %w", kind, err)
	}
	// The queue knows already of a job that waits and has not become due earlier.
	t.enqueued = t.enqueued || got.id == id.String() || got.runAt == micros(at)
	return nil
}

// waits tells whether a job of a kind waits for a key.
func (t *tx) waits(ctx context.Context, kind, key string) (bool, error) {
	n, err := one(ctx, t, scanInt, `select count(*) from jobs where kind = $1 and key = $2 and state = 'queued'`, kind, key)
	if err != nil {
		return false, fmt.Errorf("look for waiting job: %w", err)
	}
	return n > 0, nil
}

func (s jobStore) ClaimJobs(ctx context.Context, worker string, kinds []string, n, share int, now, leaseUntil time.Time) ([]jobs.Job, error) {
	if n <= 0 || len(kinds) == 0 {
		return nil, nil
	}
	var claimed []jobs.Job
	err := s.writeRepeatable(ctx, func(t *tx) error {
		// One at a time: two that claim at once must not take two jobs with one key.
		if err := t.lock(ctx, "claim jobs"); err != nil {
			return err
		}
		// Runnable are lost jobs, and due ones of which no job with the same key runs or is due before. The last line
		// asks again for a job that its worker ends or extends at this moment: PostgreSQL waits for that row, and
		// then looks at its new state, but not at the subquery. The turn of a job counts those of the same owner that
		// run or come before it.
		var err error
		claimed, err = list(ctx, t, scanJob, `update jobs set state = 'running', attempt = attempt + 1, worker = $1, lease_until = $2
			where id in (
				select id from (
					select j.id, j.run_at, row_number() over (partition by coalesce(u.main_author, j.id) order by j.run_at, j.id)
						+ (select count(*) from jobs r join uploads ru on ru.id = r.key
							where r.state = 'running' and r.lease_until >= $3 and ru.main_author = u.main_author) as turn
					from jobs j left join uploads u on u.id = j.key where j.kind`+s.engine.in("$4")+` and (
						j.state = 'running' and j.lease_until < $5
						or j.state = 'queued' and j.run_at <= $6 and (j.key = ''
							or not exists (select 1 from jobs o where o.key = j.key and o.state = 'running')
							and not exists (select 1 from jobs o where o.key = j.key and o.state = 'queued' and o.kind`+s.engine.in("$7")+`
								and o.run_at <= $8 and (o.run_at < j.run_at or o.run_at = j.run_at and o.id < j.id))))
				) runnable where turn <= $9 order by turn, run_at, id limit $10)
			and (state = 'queued' or state = 'running' and lease_until < $11)
			returning `+jobColumns,
			worker, micros(leaseUntil), micros(now), array(kinds), micros(now), micros(now), array(kinds), micros(now), share, n, micros(now))
		return err
	})
	slices.SortFunc(claimed, func(a, b jobs.Job) int {
		if c := a.RunAt.Compare(b.RunAt); c != 0 {
			return c
		}
		if a.ID < b.ID {
			return -1
		}
		return 1
	})
	return claimed, err
}

func (s jobStore) ExtendJobs(ctx context.Context, worker string, ids []string, leaseUntil time.Time) (held []string, err error) {
	err = s.writeRepeatable(ctx, func(t *tx) error {
		held, err = list(ctx, t, scanText, `update jobs set lease_until = $1 where worker = $2 and state = 'running' and id`+
			s.engine.in("$3")+` returning id`, micros(leaseUntil), worker, array(ids))
		return err
	})
	return held, err
}

// mine changes one running job of a worker, or returns jobs.ErrLost.
func (s jobStore) mine(ctx context.Context, query string, args ...any) error {
	return s.writeRepeatable(ctx, func(t *tx) error {
		n, err := affected(t.ExecContext(ctx, query, args...))
		if err == nil && n == 0 {
			return jobs.ErrLost
		}
		return err
	})
}

func (s jobStore) FinishJob(ctx context.Context, worker, id string) error {
	return s.mine(ctx, `delete from jobs where id = $1 and worker = $2 and state = 'running'`, id, worker)
}

func (s jobStore) FailJob(ctx context.Context, worker, id, lastError string) error {
	return s.mine(ctx, `update jobs set state = 'failed', last_error = $1, worker = '', lease_until = 0
		where id = $2 and worker = $3 and state = 'running'`, lastError, id, worker)
}

func (s jobStore) RetryJob(ctx context.Context, worker, id string, at time.Time, spent bool, lastError string) error {
	err := s.retry(ctx, worker, id, at, spent, lastError)
	if s.engine.taken(err) { // an equal job was added at the same time; now it can be seen
		err = s.retry(ctx, worker, id, at, spent, lastError)
	}
	return err
}

func (s jobStore) retry(ctx context.Context, worker, id string, at time.Time, spent bool, lastError string) error {
	return s.writeRepeatable(ctx, func(t *tx) error {
		j, err := one(ctx, t, scanJob, `select `+jobColumns+` from jobs where id = $1 and worker = $2 and state = 'running'`+
			s.engine.forUpdate(), id, worker)
		if errors.Is(err, sql.ErrNoRows) {
			return jobs.ErrLost
		}
		if err != nil {
			return fmt.Errorf("read job: %w", err)
		}
		if j.Key != "" {
			waiting, err := t.waits(ctx, j.Kind, j.Key)
			if err != nil {
				return err
			}
			if waiting { // that one does the work
				_, err := t.ExecContext(ctx, `delete from jobs where id = $1`, id)
				return err
			}
		}
		if !spent {
			j.Attempt--
		}
		_, err = t.ExecContext(ctx, `update jobs set state = 'queued', run_at = $1, attempt = $2, last_error = $3, worker = '', lease_until = 0
			where id = $4`, micros(at), j.Attempt, lastError, id)
		t.enqueued = true
		return err
	})
}

func (s jobStore) NextRunAt(ctx context.Context) (at time.Time, ok bool, err error) {
	next, err := one(ctx, s.engine.reader(), scanInt, `select run_at from jobs where state = 'queued' order by run_at limit 1`)
	if errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, false, nil
	}
	return time.UnixMicro(next).UTC(), err == nil, err
}

func (s jobStore) ReleaseJobs(ctx context.Context) error {
	if s.engine.shared() {
		return nil
	}
	_, err := s.exec(ctx, `update jobs set lease_until = 0 where state = 'running'`)
	return err
}

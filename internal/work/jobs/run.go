package jobs

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"time"
)

// run is the state of Queue.Run; only its goroutine uses it.
type run struct {
	*Queue
	kinds []string
	// running is not kept by job: one that is put back may be claimed again before its goroutine has ended.
	running map[*running]bool
	// ended gets those that are done with.
	ended chan *running
}

// running is a job that has a goroutine.
type running struct {
	id         string
	cancel     context.CancelCauseFunc
	leaseUntil time.Time
}

// Why the context of a job ends.
var (
	errStopping = errors.New("the server stops")
	errPanic    = errors.New("the handler panicked")
	// errCrashed is the end of a job whose last attempt ended with its process.
	errCrashed = errors.New("the server died while it worked on this, at every attempt")
)

// settleTime bounds how long storing the end of a job may take.
const settleTime = 10 * time.Second

// claim starts as many jobs as there are free workers. One worker is left to
// others, however many uploads somebody has waiting.
func (r *run) claim(ctx context.Context) {
	free := r.config.Workers - len(r.running)
	if free <= 0 || ctx.Err() != nil {
		return
	}
	now := r.config.Now()
	until := now.Add(r.config.Lease)
	claimed, err := r.store.ClaimJobs(ctx, r.worker, r.kinds, free, max(1, r.config.Workers-1), now, until)
	if err != nil && ctx.Err() == nil {
		r.config.Log.ErrorContext(ctx, "cannot claim jobs, trying again", "err", err)
	}
	for _, job := range claimed {
		// A job outlives the context of the queue by the grace.
		jobCtx, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
		mine := &running{id: job.ID, cancel: cancel, leaseUntil: until}
		r.running[mine] = true
		go func() {
			defer func() { r.ended <- mine }()
			defer cancel(nil)
			r.work(jobCtx, job)
		}()
	}
}

// extend tells that the running jobs are being worked on, and stops those that
// have been lost to another worker.
func (r *run) extend(ctx context.Context) {
	if len(r.running) == 0 {
		return
	}
	now := r.config.Now()
	until := now.Add(r.config.Lease)
	ids := make([]string, 0, len(r.running))
	for job := range r.running {
		ids = append(ids, job.id)
	}
	slices.Sort(ids)
	held, err := r.store.ExtendJobs(ctx, r.worker, ids, until)
	if err != nil {
		r.config.Log.ErrorContext(ctx, "cannot extend the leases of jobs", "err", err)
	}
	for job := range r.running {
		switch {
		case err == nil && slices.Contains(held, job.id):
			job.leaseUntil = until
		case err == nil || !now.Before(job.leaseUntil): // while the store is away another worker may begin
			job.cancel(ErrLost)
		}
	}
}

// stop waits for the running jobs, then tells them to stop and waits again.
func (r *run) stop(ctx context.Context, extend <-chan time.Time) error {
	for _, last := range []bool{false, true} {
		timeUp := time.NewTimer(r.config.Grace)
		defer timeUp.Stop()
		for waiting := true; waiting && len(r.running) > 0; {
			select {
			case job := <-r.ended:
				delete(r.running, job)
			case <-extend:
				r.extend(ctx)
			case <-timeUp.C:
				waiting = false
			}
		}
		if len(r.running) == 0 {
			return nil
		}
		if !last {
			for job := range r.running {
				job.cancel(errStopping)
			}
		}
	}
	return fmt.Errorf("%d jobs did not stop when they were told to; they will be run again", len(r.running))
}

// work runs one job and stores how it ended.
func (r *run) work(ctx context.Context, job Job) {
	log := r.config.Log.With("job", job.ID, "kind", job.Kind, "key", job.Key, "attempt", job.Attempt)
	var err error
	if job.Attempt > job.MaxAttempts {
		err = errCrashed
	} else {
		err = call(ctx, r.handlers[job.Kind].handle, job)
	}
	cause := context.Cause(ctx)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTime)
	defer cancel()
	if cause == ErrLost { //nolint:errorlint // the very value that extend gave
		log.WarnContext(ctx, "job was lost to another worker", "err", err)
		return
	}
	if stored := r.settle(ctx, job, err, cause); stored != nil {
		// It stays with us until its lease passes, and is run again.
		log.ErrorContext(ctx, "cannot store the end of a job", "err", stored, "job_err", err)
		return
	}
	if err != nil {
		log.WarnContext(ctx, "job did not succeed", "err", err, "stopped", cause != nil)
	}
}

// settle stores how a job ended; cause is set when it was told to stop.
func (r *run) settle(ctx context.Context, job Job, err, cause error) error {
	now := r.config.Now()
	switch {
	case err == nil:
		return r.store.FinishJob(ctx, r.worker, job.ID)
	case cause != nil && errors.Is(err, ErrStuck) && job.Attempt < job.MaxAttempts:
		return r.store.RetryJob(ctx, r.worker, job.ID, now, true, err.Error())
	case cause != nil && !errors.Is(err, ErrStuck):
		return r.store.RetryJob(ctx, r.worker, job.ID, now, false, job.LastError)
	case job.Attempt < job.MaxAttempts:
		return r.store.RetryJob(ctx, r.worker, job.ID, now.Add(r.config.Backoff(job.Attempt)), true, err.Error())
	default:
		if giveUp := r.handlers[job.Kind].onGiveUp; giveUp != nil {
			if failed := giveUp(ctx, job, err); failed != nil {
				return r.store.RetryJob(ctx, r.worker, job.ID, now.Add(r.config.Backoff(job.Attempt)), false, errors.Join(err, failed).Error())
			}
		}
		r.config.Log.ErrorContext(ctx, "a job has failed for good", "job", job.ID, "kind", job.Kind, "key", job.Key, "attempts", job.MaxAttempts, "err", err)
		return r.store.FailJob(ctx, r.worker, job.ID, err.Error())
	}
}

// call runs a handler and turns a panic into an error, so that one bad job does not end the others.
func call(ctx context.Context, handle Handler, job Job) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v\n%s", errPanic, p, debug.Stack())
		}
	}()
	return handle(ctx, job)
}

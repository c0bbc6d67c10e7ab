package jobs

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"runtime"
	"slices"
	"time"
)

// Handler does a job. It returns soon after its context has ended; an error, or
// a panic, is an attempt that failed.
type Handler func(ctx context.Context, job Job) error

// Config says how a Queue works; zero members mean the defaults.
type Config struct {
	// Workers is how many jobs run at the same time; default: one per processor, at least two.
	Workers int
	// Lease is how long a job stays with a worker that gives no sign of life; default 15 s.
	Lease time.Duration
	// Poll is how long a job that another process has added may wait unseen; default 1 s.
	Poll time.Duration
	// Grace is how long running jobs may go on when the queue stops, and then again how long they may
	// take to notice that their context has ended; default 5 s.
	Grace time.Duration
	// Backoff is how long to wait after a failed attempt, which is 1 for the first; default 5 s, doubled each time.
	Backoff func(attempt int) time.Duration
	Now     func() time.Time
	Log     *slog.Logger
}

// Queue takes jobs from a Store and runs them. Add the handlers, then Run.
type Queue struct {
	store    Store
	config   Config
	handlers map[string]kind
	worker   string
	wake     chan struct{}
}

// kind is what is known of the jobs of one kind.
type kind struct {
	handle   Handler
	onGiveUp func(ctx context.Context, job Job, err error) error
}

// Option changes how the jobs of one kind are treated.
type Option func(*kind)

// OnGiveUp sets what is called when a job has failed for good. That it failed is
// not stored yet, so a crash in between repeats the call. When it fails itself, the
// job is tried once more instead.
func OnGiveUp(f func(ctx context.Context, job Job, err error) error) Option {
	return func(k *kind) { k.onGiveUp = f }
}

// New makes a queue over a store.
func New(store Store, c Config) *Queue {
	c.Workers = cmp.Or(c.Workers, max(2, runtime.NumCPU()))
	c.Lease = cmp.Or(c.Lease, 15*time.Second)
	c.Poll = cmp.Or(c.Poll, time.Second)
	c.Grace = cmp.Or(c.Grace, 5*time.Second)
	if c.Backoff == nil {
		c.Backoff = func(attempt int) time.Duration { return 5 * time.Second << min(attempt-1, 10) }
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return &Queue{
		store: store, config: c, handlers: map[string]kind{}, wake: make(chan struct{}, 1),
		worker: fmt.Sprintf("%s/%d/%s", host, os.Getpid(), rand.Text()[:8]), // the first two are for people
	}
}

// Handle sets who does the jobs of a kind. Jobs of other kinds are left alone.
func (q *Queue) Handle(name string, handle Handler, options ...Option) {
	k := kind{handle: handle}
	for _, o := range options {
		o(&k)
	}
	q.handlers[name] = k
}

// Wake makes the queue look for jobs at once. It never blocks.
func (q *Queue) Wake() {
	select {
	case q.wake <- struct{}{}:
	default: // it is going to look anyway
	}
}

// Run takes and runs jobs until ctx ends. Then running jobs get the grace, are
// told to stop, and are put back without counting the attempt. Run returns when
// all of them have ended; an error means that the queue could not start, or that
// handlers did not stop in time.
func (q *Queue) Run(ctx context.Context) error {
	if err := q.store.ReleaseJobs(ctx); err != nil {
		if ctx.Err() != nil { // stopped before it began: nothing was claimed
			return nil
		}
		return fmt.Errorf("take over jobs of the last run: %w", err)
	}
	r := &run{Queue: q, kinds: slices.Sorted(maps.Keys(q.handlers)), running: map[*running]bool{}, ended: make(chan *running, q.config.Workers)}
	extend := time.NewTicker(q.config.Lease / 3)
	defer extend.Stop()
	for {
		r.claim(ctx)
		idle := time.NewTimer(r.pause(ctx))
		select {
		case <-ctx.Done():
			idle.Stop()
			return r.stop(context.WithoutCancel(ctx), extend.C)
		case <-q.wake:
		case job := <-r.ended:
			delete(r.running, job)
		case <-extend.C:
			r.extend(ctx)
		case <-idle.C:
		}
		idle.Stop()
	}
}

// pause is how long there is nothing to do unless something happens.
func (r *run) pause(ctx context.Context) time.Duration {
	if len(r.running) >= r.config.Workers {
		return r.config.Lease // the end of a job comes first
	}
	next, ok, err := r.store.NextRunAt(ctx)
	if err != nil || !ok {
		return r.config.Poll
	}
	// A job that is due and was not claimed waits for another one, whose end
	// wakes us when it is ours.
	if wait := next.Sub(r.config.Now()); wait > 0 {
		return min(wait, r.config.Poll)
	}
	return r.config.Poll
}

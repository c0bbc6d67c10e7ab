// Package jobs is a durable queue: work is enqueued in the transaction that
// makes it necessary, claimed by workers under a lease, retried with back-off,
// and taken over when a worker dies.
//
// Of the jobs with one key at most one runs, and of each kind at most one waits;
// it starts after the running one has ended.
package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"time"
)

// MaxAttempts is how often a job is started before it fails for good.
const MaxAttempts = 3

// ErrLost is returned for a job that is not this worker's any more: its lease
// passed and another worker took it, or it was deleted.
var ErrLost = errors.New("the job belongs to another worker")

// ErrStuck is what a handler returns, joined to others, when its work did not end
// although it was told to. Being stopped then counts as an attempt: otherwise
// work that never ends would be taken up again at every start of the server.
var ErrStuck = errors.New("the work did not end when it was told to")

// State is where a job is.
type State string

// The states. A finished job is deleted.
const (
	Queued  State = "queued"
	Running State = "running"
	// Failed jobs have used up their attempts. The log tells of each; their rows stay for a month.
	Failed State = "failed"
)

// Job is one piece of work.
type Job struct {
	ID   string
	Kind string
	// Key makes jobs about the same thing wait for each other; "" = no such thing.
	Key  string
	Args json.RawMessage
	// Attempt counts the starts, this one included.
	Attempt     int
	MaxAttempts int
	RunAt       time.Time
	CreatedAt   time.Time
	LastError   string
	State       State
}

// Store keeps jobs. The enqueueing side is upload.Tx.Enqueue and its like.
//
// What ends a job or puts it back gives ErrLost when it is not this worker's.
type Store interface {
	// ReleaseJobs ends the leases of workers that cannot be alive. A queue calls it at its start: where only
	// one process may use the database, those are all workers; elsewhere their leases have to pass.
	ReleaseJobs(ctx context.Context) error
	// ClaimJobs marks up to n runnable jobs of the given kinds as running until leaseUntil and gives them. Jobs whose
	// lease has passed are runnable again. A job whose key is that of a running job (with a valid lease) is not.
	//
	// Whoever owns the uploads that the jobs are about has at most share jobs running, and people take turns: the
	// first job of each comes before the second of any. Jobs about no upload have an owner of their own.
	ClaimJobs(ctx context.Context, worker string, kinds []string, n, share int, now, leaseUntil time.Time) ([]Job, error)
	// ExtendJobs prolongs leases; it tells which of the jobs are still this worker's.
	ExtendJobs(ctx context.Context, worker string, ids []string, leaseUntil time.Time) (held []string, err error)
	// FinishJob deletes a job that is done.
	FinishJob(ctx context.Context, worker, id string) error
	// RetryJob puts a job back to be run at the given time; spent tells whether the attempt counts.
	// When an equal job waits already, that one does the work and this one is deleted.
	RetryJob(ctx context.Context, worker, id string, at time.Time, spent bool, lastError string) error
	// FailJob marks a job as failed for good.
	FailJob(ctx context.Context, worker, id, lastError string) error
	// NextRunAt tells when the next queued job is due; ok is false when none waits.
	NextRunAt(ctx context.Context) (at time.Time, ok bool, err error)
}

package processing_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"oasis/internal/data/upload"
	"oasis/internal/work/jobs"
)

// A file that a parser never gets done with once held its worker for ever: two
// of them ended all processing.
func TestParserThatHeedsNoDeadlineDoesNotHoldTheWorker(t *testing.T) {
	t.Parallel()
	l := newLine(t)
	l.watch.hears = make(chan struct{})
	defer close(l.watch.hears)
	l.Workers = 1
	id := l.create(t, "x.odd", "deaf", "y.odd", "hang")
	next := l.create(t, "z.odd", "fine")
	l.EntryTimeout = time.Millisecond
	if !l.step(t) {
		t.Fatal("there is nothing to do")
	}
	l.EntryTimeout = 0
	l.drain(t)
	l.done(t, id)
	l.done(t, next)
	if p := l.entries(t, id)["x.odd"].Process; p.Status != upload.Failure || len(p.Errors) != 1 {
		t.Errorf("%+v", p)
	}
}

// Told to stop, such a run ends and says why, so that it is not taken up at every start.
func TestStopDoesNotWaitForAParserThatHeedsNothing(t *testing.T) {
	t.Parallel()
	l := newLine(t)
	l.watch.hears = make(chan struct{})
	defer close(l.watch.hears)
	id := l.create(t, "x.odd", "deaf", "y.odd", "hang")
	ctx, stop := context.WithCancel(t.Context())
	l.watch.during = func(mainfile string) {
		if mainfile == "x.odd" {
			stop()
		}
	}
	if err := l.Run(ctx, id, ""); !errors.Is(err, jobs.ErrStuck) || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

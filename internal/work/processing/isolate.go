package processing

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"oasis/internal/data/upload"
	"oasis/internal/work/jobs"
	"oasis/internal/work/normalize"
)

// errPanic is what the log gets; the person gets a sentence.
var errPanic = errors.New("the parser crashed on this file; please report it to the administrator with the entry id")

// Limits of what all entries together take. A parser may need many times the
// size of its file.
const (
	lightFile  = 256 << 10
	fileFactor = 8
	mostMemory = 256 << 20
)

// stopPatience is how long a parser may take to notice that its time is over.
const stopPatience = 2 * time.Second

// isolation keeps entries from taking what others need. The zero value is ready.
type isolation struct {
	once      sync.Once
	memory    *semaphore.Weighted
	abandoned chan struct{}
}

func (i *isolation) begin(workers int) {
	i.once.Do(func() { i.memory, i.abandoned = semaphore.NewWeighted(mostMemory), make(chan struct{}, workers) })
}

// isolated parses and normalises with a deadline and catches panics. It closes
// content. Work that does not end when its time is over is left behind, so that
// it does not hold up the entries and uploads of others; of that there are at
// most as many as there are workers, then these wait.
func (s *Service) isolated(ctx context.Context, t task, src normalize.Source, content upload.Content) (*normalize.Result, error) {
	limit := s.EntryTimeout
	if limit == 0 {
		limit = 2 * time.Hour
	}
	weight := int64(0)
	s.isolation.begin(s.workers())
	memory, abandoned := s.isolation.memory, s.isolation.abandoned
	if content.Size() > lightFile {
		weight = min(content.Size(), mostMemory/fileFactor) * fileFactor
		if err := memory.Acquire(ctx, weight); err != nil {
			_ = content.Close() // nothing was read
			return nil, err
		}
		defer memory.Release(weight)
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	type outcome struct {
		result *normalize.Result
		err    error
	}
	ended := make(chan outcome, 1)
	go func() {
		result, err := s.caught(ctx, t, src, content)
		_ = content.Close() // it was only read
		ended <- outcome{result, err}
	}()
	select {
	case o := <-ended:
		return o.result, o.err
	case <-ctx.Done():
	}
	patience := time.NewTimer(stopPatience)
	defer patience.Stop()
	select {
	case o := <-ended:
		return o.result, o.err
	case <-patience.C:
	}
	select {
	case o := <-ended:
		return o.result, o.err
	case abandoned <- struct{}{}:
	}
	s.Log.ErrorContext(ctx, "parser does not end and is left behind", "upload_id", src.UploadID, "entry_id", src.EntryID, "mainfile", src.Mainfile, "limit", limit)
	go func() {
		<-ended
		<-abandoned
	}()
	return nil, fmt.Errorf("%s: reading it was given up: %w", src.Mainfile, jobs.ErrStuck)
}

// caught parses and normalises; a panic fails the entry only.
func (s *Service) caught(ctx context.Context, t task, src normalize.Source, content upload.Content) (result *normalize.Result, err error) {
	defer func() {
		if r := recover(); r != nil {
			s.Log.ErrorContext(ctx, "parser panic", "entry_id", src.EntryID, "mainfile", src.Mainfile,
				"panic", fmt.Sprint(r), "stack", string(debug.Stack()))
			result, err = nil, fmt.Errorf("%s: %w", src.Mainfile, errPanic)
		}
	}()
	return normalize.Entry(ctx, t.parser, src, content)
}

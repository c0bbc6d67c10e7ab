package processing

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime"
	"time"

	"oasis/internal/data/upload"
	"oasis/internal/problem"
	"oasis/internal/work/jobs"
	"oasis/internal/work/parser"
)

// Raw gives the bytes of raw files. Whoever has seen a row finds its bytes, or
// gets fs.ErrNotExist because they are gone again.
type Raw interface {
	OpenRaw(ctx context.Context, uploadID, path string) (upload.Content, error)
}

// Archives keeps the archives that processing makes.
type Archives interface {
	WriteArchives(ctx context.Context, uploadID string, archives []upload.ArchiveBlob) error
	RemoveArchives(ctx context.Context, uploadID string, entryIDs ...string) error
}

// Publisher publishes uploads whose makers asked for that when they created them.
type Publisher interface {
	// PublishDirectly gives what the makers have to know: what was left out, or why the upload stays in staging.
	PublishDirectly(ctx context.Context, uploadID string) (warnings []string, err error)
}

// Rules say what processing a published upload again may change (the section reprocess of the configuration).
type Rules struct {
	// Rematch looks for main files again; else only those of the entries are.
	Rematch bool
	// Existing parses entries again that exist.
	Existing bool
	// OriginalParser uses the parser that an entry was made with.
	OriginalParser bool
	// Add makes entries of files that match now.
	Add bool
	// Delete removes entries whose file does not match any more.
	Delete bool
}

// Service processes uploads. One run per upload at a time; the queue sees to it.
type Service struct {
	Store    Store
	Raw      Raw
	Archives Archives
	Parsers  parser.Registry
	// Publisher is asked at the end of a run; nil = nothing is ever published directly.
	Publisher Publisher
	// OfPublished is asked for published uploads; nil = everything may change.
	OfPublished func() Rules
	// Watch is how often a run looks whether it was stopped; 0 = half a second.
	Watch time.Duration
	Now   func() time.Time
	Log   *slog.Logger
	// Workers is how many entries are parsed at the same time; 0 = one per processor.
	Workers int
	// EntryTimeout bounds the work on one entry (spec processing.md §4.4); 0 = two hours.
	EntryTimeout time.Duration
	// Again asks for a run, after File has met a change of the file it was reading.
	Again func(ctx context.Context, uploadID string) error

	isolation isolation
}

// Limits of one batch: how many results come together before they are stored,
// so that progress is visible and memory bounded.
const (
	batchEntries = 250
	batchBytes   = 32 << 20
)

// Messages of the upload while it is processed (spec processing.md §4.3).
const (
	messageMatching = "Matching"
	messageParsing  = "Parsing %d of %d"
	messageCleanup  = "Cleanup"
	messageDone     = "Process completed successfully"
)

// Job does a job of kind upload.JobProcess. An upload that has been deleted
// meanwhile is no error. Running it again after a crash repeats only what was
// not stored yet.
func (s *Service) Job(ctx context.Context, job jobs.Job) error {
	uploadID, err := uploadOf(job)
	if err != nil {
		return err
	}
	u, err := s.Store.Upload(ctx, uploadID)
	if err == nil && !u.Process.Status.Busy() {
		return nil // stopped, and the server died before the run had noticed
	}
	if err == nil {
		err = s.Run(ctx, uploadID, job.ID)
	}
	switch {
	case problem.Is(err, problem.Missing):
		s.Log.InfoContext(ctx, "upload was deleted while it was processed", "upload_id", uploadID)
		return nil
	case errors.Is(err, ErrStopped):
		s.Log.InfoContext(ctx, "processing was stopped by hand", "upload_id", uploadID)
		return nil
	}
	return err
}

// uploadOf gives the upload that a job is about.
func uploadOf(job jobs.Job) (string, error) {
	var args upload.ProcessArgs
	if err := json.Unmarshal(job.Args, &args); err != nil {
		return "", fmt.Errorf("arguments of job %s: %w", job.ID, err)
	}
	return args.UploadID, nil
}

// GiveUp marks the upload of a job as failed once the queue has tried often enough.
// On an error it is not marked and would look busy for ever: the job has to stay.
func (s *Service) GiveUp(ctx context.Context, job jobs.Job, _ error) error {
	uploadID, err := uploadOf(job)
	if err != nil {
		return nil //nolint:nilerr // such a job has no upload; the queue tells of it
	}
	p := upload.Process{
		Status: upload.Failure, Current: upload.ProcessUpload, CompleteTime: s.Now().UTC(),
		Message: "Process " + upload.ProcessUpload + " failed: the server could not finish it. Ask its administrator.",
		Errors:  []string{"The server could not finish processing. Its log names the reason for upload " + uploadID + "."},
	}
	stops, err := s.Store.Stops(ctx, uploadID)
	if err == nil {
		err = s.Store.SaveOutcome(ctx, uploadID, Outcome{Process: &p, Run: job.ID, Stops: stops})
	}
	if err != nil && !problem.Is(err, problem.Missing) && !errors.Is(err, ErrStopped) {
		return fmt.Errorf("mark upload %s as failed: %w", uploadID, err)
	}
	return nil
}

// Run processes one upload: it compares its files with the entries it has, parses
// what is new or changed, stores archives and entries in batches, and removes
// entries whose files are gone. The main author is told of the end of the run by its
// id; with "" nobody is.
//
// It ends with ErrStopped when somebody stops it.
func (s *Service) Run(ctx context.Context, uploadID, run string) error {
	stops, err := s.Store.Stops(ctx, uploadID)
	if err != nil {
		return fmt.Errorf("begin run of upload %s: %w", uploadID, err)
	}
	ctx, end := s.watched(ctx, uploadID, stops)
	defer end()
	err = s.run(ctx, uploadID, run, stops)
	if err != nil {
		err = errors.Join(err, context.Cause(ctx)) // which tells why it was ended
	}
	return err
}

func (s *Service) run(ctx context.Context, uploadID, run string, stops int) error {
	if err := s.Store.SaveOutcome(ctx, uploadID, Outcome{Process: pending(messageMatching), Stops: stops}); err != nil {
		return fmt.Errorf("tell progress of upload %s: %w", uploadID, err)
	}
	plan, err := s.plan(ctx, uploadID)
	if err != nil {
		return err
	}
	plan.stops = stops
	if err := s.parseAll(ctx, plan); err != nil {
		if plan.stuck.Load() {
			err = errors.Join(err, jobs.ErrStuck)
		}
		return err
	}
	if len(plan.gone) > 0 {
		if err := s.removeGone(ctx, plan); err != nil {
			return err
		}
	}
	done := upload.Process{
		Status: upload.Success, Current: upload.ProcessUpload, Message: messageDone, CompleteTime: s.Now().UTC(),
	}
	if done.Warnings, err = s.publishDirectly(ctx, plan); err != nil {
		return err
	}
	done.Warnings = append(done.Warnings, plan.elsewhere()...)
	if err := s.Store.SaveOutcome(ctx, uploadID, Outcome{Process: &done, Run: run, Stops: stops}); err != nil {
		return fmt.Errorf("finish upload %s: %w", uploadID, err)
	}
	return nil
}

// pending is the process state while a run goes on.
func pending(message string) *upload.Process {
	return &upload.Process{Status: upload.Pending, Current: upload.ProcessUpload, Message: message}
}

// removeGone removes archives before entries: after a crash in between, the next
// run finds the entries again and removes both.
func (s *Service) removeGone(ctx context.Context, p *plan) error {
	if err := s.Archives.RemoveArchives(ctx, p.upload.ID, p.gone...); err != nil {
		return fmt.Errorf("remove archives of upload %s: %w", p.upload.ID, err)
	}
	if err := s.Store.SaveOutcome(ctx, p.upload.ID, Outcome{Delete: p.gone, Process: pending(messageCleanup), Stops: p.stops}); err != nil {
		return fmt.Errorf("remove entries of upload %s: %w", p.upload.ID, err)
	}
	return nil
}

func (s *Service) workers() int {
	if s.Workers > 0 {
		return s.Workers
	}
	return runtime.NumCPU()
}

// head reads the first bytes of a file for matching.
func (s *Service) head(ctx context.Context, uploadID, path string) ([]byte, error) {
	content, err := s.Raw.OpenRaw(ctx, uploadID, path)
	if err != nil {
		return nil, fmt.Errorf("open %q: %w", path, err)
	}
	defer content.Close()
	head := make([]byte, min(content.Size(), parser.HeadSize))
	if _, err := io.ReadFull(content, head); err != nil {
		return nil, fmt.Errorf("read %q: %w", path, err)
	}
	return head, nil
}

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

// Service processes uploads. One run per upload at a time; the queue sees to it.
type Service struct {
	Store    Store
	Raw      Raw
	Archives Archives
	Parsers  parser.Registry
	Now      func() time.Time
	Log      *slog.Logger
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
	err = s.Run(ctx, uploadID, job.ID)
	if problem.Is(err, problem.Missing) {
		s.Log.InfoContext(ctx, "upload was deleted while it was processed", "upload_id", uploadID)
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
	err = s.Store.SaveOutcome(ctx, uploadID, Outcome{Process: &p, Run: job.ID})
	if err != nil && !problem.Is(err, problem.Missing) {
		return fmt.Errorf("mark upload %s as failed: %w", uploadID, err)
	}
	return nil
}

// Run processes one upload: it compares its files with the entries it has, parses
// what is new or changed, stores archives and entries in batches, and removes
// entries whose files are gone. The main author is told of the end of the run by its
// id; with "" nobody is.
func (s *Service) Run(ctx context.Context, uploadID, run string) error {
	if err := s.say(ctx, uploadID, messageMatching); err != nil {
		return err
	}
	plan, err := s.plan(ctx, uploadID)
	if err != nil {
		return err
	}
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
	if err := s.Store.SaveOutcome(ctx, uploadID, Outcome{Process: &done, Run: run}); err != nil {
		return fmt.Errorf("finish upload %s: %w", uploadID, err)
	}
	return nil
}

// pending is the process state while a run goes on.
func pending(message string) *upload.Process {
	return &upload.Process{Status: upload.Pending, Current: upload.ProcessUpload, Message: message}
}

func (s *Service) say(ctx context.Context, uploadID, message string) error {
	if err := s.Store.SaveOutcome(ctx, uploadID, Outcome{Process: pending(message)}); err != nil {
		return fmt.Errorf("tell progress of upload %s: %w", uploadID, err)
	}
	return nil
}

// removeGone removes archives before entries: after a crash in between, the next
// run finds the entries again and removes both.
func (s *Service) removeGone(ctx context.Context, p *plan) error {
	if err := s.Archives.RemoveArchives(ctx, p.upload.ID, p.gone...); err != nil {
		return fmt.Errorf("remove archives of upload %s: %w", p.upload.ID, err)
	}
	if err := s.Store.SaveOutcome(ctx, p.upload.ID, Outcome{Delete: p.gone, Process: pending(messageCleanup)}); err != nil {
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

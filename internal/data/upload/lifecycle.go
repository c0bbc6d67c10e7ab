package upload

import (
	"context"
	"fmt"

	"oasis/internal/access/audit"
	"oasis/internal/data/inbox"
	"oasis/internal/problem"
)

// Sentences about processes that NOMAD clients know (spec uploads.md §8).
const (
	textRunning   = "The upload is currently being processed, operation not allowed."
	textBlocked   = "The upload is currently blocked by another process."
	textOnlyStop  = "This functionality is only available when upload process state is pending."
	messageDone   = "Process completed successfully"
	messageStop   = "Processing stopped"
	messageQueued = "Waiting to be processed"
)

// ended is a process that has ended well.
func (s *Service) ended(name string, warnings ...string) Process {
	return Process{Status: Success, Current: name, Message: messageDone, Warnings: warnings, CompleteTime: s.now().UTC()}
}

// finish shows that a process has ended and tells the main author.
func (s *Service) finish(ctx context.Context, tx Tx, u *Upload, p Process) error {
	if err := s.setProcess(ctx, tx, u.ID, p); err != nil {
		return err
	}
	return s.tell(ctx, tx, u, p)
}

func (s *Service) tell(ctx context.Context, tx Tx, u *Upload, p Process) error {
	about := inbox.Resource{Type: "upload", ID: u.ID, Name: u.Name}
	if err := tx.Post(ctx, inbox.Ended(about, u.MainAuthor, NewName(), p.Current, p.Message, p.Status == Success, s.now().UTC())); err != nil {
		return fmt.Errorf("tell the main author: %w", err)
	}
	return nil
}

// Process has all of an upload processed anew, whatever was made of its files
// before (spec uploads.md §8); once published, only for administrators.
func (s *Service) Process(ctx context.Context, v Viewer, id string) (Upload, error) {
	noted := audit.Note(ctx, audit.Event{Operation: audit.UploadProcess, Object: audit.UploadObject(id)})
	return s.change(noted, id, func(tx Tx, u *Upload) error {
		if denied := May(u, v, Reprocess); denied != nil {
			return denied
		}
		if u.Process.Status.Busy() {
			return problem.Bad(textRunning)
		}
		if err := tx.ForgetInputs(ctx, id); err != nil {
			return fmt.Errorf("forget what entries were made of: %w", err)
		}
		if u.Published() {
			u.LastUpdate = s.now().UTC()
			if err := tx.SaveUpload(ctx, *u); err != nil {
				return fmt.Errorf("store last update: %w", err)
			}
		}
		return s.trigger(ctx, tx, id, s.now())
	})
}

// StopProcessing ends the processing of an upload in staging. What was made until
// then stays; a run that goes on stores nothing more and ends within a second.
func (s *Service) StopProcessing(ctx context.Context, v Viewer, id string) (Upload, error) {
	noted := audit.Note(ctx, audit.Event{Operation: audit.UploadStop, Object: audit.UploadObject(id)})
	return s.change(noted, id, func(tx Tx, u *Upload) error {
		if denied := May(u, v, ChangeFiles); denied != nil {
			return denied
		}
		if !u.Process.Status.Busy() || u.Process.Current != ProcessUpload {
			return problem.Bad(textOnlyStop)
		}
		if err := tx.StopJobs(ctx, JobProcess, id); err != nil {
			return fmt.Errorf("stop jobs: %w", err)
		}
		return s.setProcess(ctx, tx, id, Process{Status: Ready, Current: ProcessUpload, Message: messageStop})
	})
}

// change runs fn on the locked row of an upload and gives the upload as it is then.
func (s *Service) change(ctx context.Context, id string, fn func(Tx, *Upload) error) (Upload, error) {
	var changed Upload
	err := s.store.InTx(ctx, func(tx Tx) error {
		u, err := tx.Upload(ctx, id)
		if err != nil {
			return fmt.Errorf("read upload: %w", err)
		}
		if err := fn(tx, &u); err != nil {
			return err
		}
		changed, err = tx.Upload(ctx, id)
		return err
	})
	return changed, err
}

func (s *Service) setProcess(ctx context.Context, tx Tx, id string, p Process) error {
	if err := tx.SetProcess(ctx, id, p); err != nil {
		return fmt.Errorf("set process state: %w", err)
	}
	return nil
}

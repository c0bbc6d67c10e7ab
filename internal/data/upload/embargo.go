package upload

import (
	"context"
	"errors"
	"fmt"
	"time"

	"oasis/internal/access/audit"
	"oasis/internal/problem"
)

// EmbargoEnd gives when the embargo of an upload ends by itself; zero while it is
// in staging or when it has none.
//
// Stores compare it with their clock whenever they give an upload, list uploads or
// tell search about one, so an embargo is over for everybody at that moment,
// whether or not the row has been brought up to date (see Service.EndEmbargoes).
func (u *Upload) EmbargoEnd() time.Time {
	if !u.Published() || u.EmbargoLength <= 0 {
		return time.Time{}
	}
	return addMonths(u.PublishTime, u.EmbargoLength)
}

// EndEmbargo sets the length of an embargo that is over at a time to 0.
func (u *Upload) EndEmbargo(now time.Time) {
	if end := u.EmbargoEnd(); !end.IsZero() && !end.After(now) {
		u.EmbargoLength = 0
	}
}

// addMonths keeps the day of the month where the other month has it and takes its
// last one where not: a month after 31 January is the end of February.
func addMonths(t time.Time, n int) time.Time {
	t = t.UTC()
	moved := t.AddDate(0, n, 0)
	if moved.Day() != t.Day() { // ran over into the month after
		return moved.AddDate(0, 0, -moved.Day())
	}
	return moved
}

// LiftEmbargo makes an embargoed upload public now (spec uploads.md §8).
func (s *Service) LiftEmbargo(ctx context.Context, v Viewer, id string) (Upload, error) {
	noted := audit.Note(ctx, audit.Event{Operation: audit.UploadEmbargo, Object: audit.UploadObject(id), Detail: "lifted"})
	return s.change(noted, id, func(tx Tx, u *Upload) error {
		// A process that runs is told of before the state, except to those without rights.
		denied := May(u, v, LiftEmbargo)
		if u.Process.Status.Busy() && (denied == nil || denied.Kind == problem.BadRequest) {
			return problem.Bad(textRunning)
		}
		if denied != nil {
			return denied
		}
		return s.endEmbargo(ctx, tx, u)
	})
}

func (s *Service) endEmbargo(ctx context.Context, tx Tx, u *Upload) error {
	u.EmbargoLength, u.LastUpdate = 0, s.now().UTC()
	if err := tx.SaveUpload(ctx, *u); err != nil {
		return fmt.Errorf("store end of embargo: %w", err)
	}
	return s.finish(ctx, tx, u, s.ended(ProcessEdit, u.Process.Warnings...))
}

// EndEmbargoes brings the rows of uploads up to date whose embargo is over. It
// changes what the rows and the audit log tell, not who may see the uploads.
func (s *Service) EndEmbargoes(ctx context.Context) error {
	ids, err := s.store.EndedEmbargoes(ctx, s.now())
	if err != nil {
		return fmt.Errorf("look for embargoes that are over: %w", err)
	}
	var errs []error
	for _, id := range ids {
		errs = append(errs, s.endIfOver(ctx, id))
	}
	return errors.Join(errs...)
}

func (s *Service) endIfOver(ctx context.Context, id string) error {
	noted := audit.Note(ctx, audit.Event{
		Operation: audit.UploadEmbargo, Object: audit.UploadObject(id), Detail: "is over", Actor: audit.Server, ActorName: audit.Server,
	})
	err := s.store.InTx(noted, func(tx Tx) error {
		u, err := tx.Upload(ctx, id)
		if err != nil {
			return err
		}
		if u.EmbargoLength > 0 { // changed meanwhile
			return errNotNow
		}
		// The row as it is read: its length is 0 already. What process ran last stays.
		if err := tx.SaveUpload(ctx, u); err != nil {
			return err
		}
		return s.tell(ctx, tx, &u, Process{Status: Success, Current: ProcessEdit, Message: "The embargo is over: everybody may read the upload now."})
	})
	if err != nil && !errors.Is(err, errNotNow) && !problem.Is(err, problem.Missing) {
		return fmt.Errorf("end the embargo of upload %s: %w", id, err)
	}
	return nil
}

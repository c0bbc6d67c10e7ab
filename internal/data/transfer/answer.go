package transfer

import (
	"context"
	"errors"
	"fmt"

	"oasis/internal/access/audit"
	"oasis/internal/data/inbox"
	"oasis/internal/data/upload"
	"oasis/internal/problem"
)

// Respond accepts or refuses an offer, for its target only.
func (s *Service) Respond(ctx context.Context, v upload.Viewer, id string, accept bool) (Result, error) {
	operation, how := audit.OwnershipRefuse, refused
	if accept {
		operation, how = audit.OwnershipAccept, accepted
	}
	return s.end(ctx, id, operation, how, func(r *Record) error {
		if v.UserID == "" || v.UserID != r.Target {
			return problem.Denied("You are not authorized to respond to this transfer request.")
		}
		return nil
	})
}

// Cancel takes an offer back, for its source only.
func (s *Service) Cancel(ctx context.Context, v upload.Viewer, id string) (Result, error) {
	return s.end(ctx, id, audit.OwnershipCancel, cancelled, func(r *Record) error {
		if v.UserID == "" || v.UserID != r.Source {
			return problem.Denied("You are not authorized to cancel this transfer request.")
		}
		return nil
	})
}

// ending is how a transfer ends.
type ending uint8

const (
	accepted ending = iota
	refused
	cancelled
)

// end ends a pending transfer in one transaction with all that belongs to it.
func (s *Service) end(ctx context.Context, id, operation string, how ending, allowed func(*Record) error) (Result, error) {
	record, err := s.Store.Transfer(ctx, id)
	if err != nil {
		return Result{}, err
	}
	if err := allowed(&record); err != nil {
		return Result{}, err
	}
	var result Result
	var affected []string
	noted := audit.Note(ctx, audit.Event{Operation: operation, Object: objectOf(record.Kind, record.ResourceID), Detail: record.Source + " to " + record.Target})
	err = s.Store.InTx(noted, func(tx Tx) error {
		r, err := read(ctx, tx, record.Kind, record.ResourceID) // before the transfer, in the order of Request
		if err != nil {
			return err
		}
		if record, err = tx.Transfer(ctx, id); err != nil {
			return err
		}
		if err := allowed(&record); err != nil {
			return err
		}
		if record.State != Pending || s.stale(&record, &r) {
			return errNotPending()
		}
		if err := r.idle(); err != nil {
			return err
		}
		if err := s.finish(ctx, tx, &record, &r, how); err != nil {
			return err
		}
		affected = r.affected
		result = Result{Record: record, Upload: r.upload, Group: r.group}
		return nil
	})
	if problem.Is(err, problem.Missing) && record.ID != "" {
		return Result{}, errNotPending().Because(err) // deleted since it was read
	}
	if err == nil && affected != nil && s.Changed != nil {
		s.Changed(affected)
	}
	return result, err
}

func (s *Service) finish(ctx context.Context, tx Tx, record *Record, r *resource, how ending) error {
	r.dismiss(record)
	if how == accepted {
		r.handOver(record)
	}
	if how == accepted || r.kind == Upload {
		if err := r.save(ctx, tx); err != nil {
			return err
		}
	}
	if err := tx.Withdraw(ctx, inbox.TransferID(inbox.Requested, record.ID)); err != nil {
		return err
	}
	if how == refused {
		record.State, record.Admitted, record.Updated = Refused, false, s.Now().UTC()
		if err := tx.PutTransfer(ctx, *record); err != nil {
			return fmt.Errorf("store transfer: %w", err)
		}
		return tx.Post(ctx, inbox.Transfer(inbox.Refused, r.described(), record.ID, record.Source, record.Target, record.Updated))
	}
	if err := tx.DeleteTransfers(ctx, record.Kind, record.ResourceID); err != nil {
		return fmt.Errorf("delete transfers: %w", err)
	}
	return nil
}

// Prune ends offers that hold no more and forgets old refusals, one transaction each.
func (s *Service) Prune(ctx context.Context) error {
	records, err := s.Store.Transfers(ctx, Query{})
	if err != nil {
		return fmt.Errorf("list transfers: %w", err)
	}
	var errs []error
	for i := range records {
		errs = append(errs, s.prune(ctx, &records[i]))
	}
	return errors.Join(errs...)
}

func (s *Service) prune(ctx context.Context, seen *Record) error {
	over := func(r *resource, record *Record, gone bool) bool {
		return gone || record.expired(s.Now()) || record.State == Pending && record.Source != r.owner()
	}
	r, err := read(ctx, s.Store, seen.Kind, seen.ResourceID)
	gone := problem.Is(err, problem.Missing)
	if err != nil && !gone {
		return err
	}
	if !over(&r, seen, gone) {
		return nil
	}
	return s.Store.InTx(ctx, func(tx Tx) error {
		r, err := read(ctx, tx, seen.Kind, seen.ResourceID)
		gone := problem.Is(err, problem.Missing)
		if err != nil && !gone {
			return err
		}
		record, err := tx.Transfer(ctx, seen.ID)
		if problem.Is(err, problem.Missing) {
			return nil // ended meanwhile
		}
		if err != nil || !over(&r, &record, gone) {
			return err
		}
		if !gone && record.Admitted {
			r.dismiss(&record)
			if err := r.save(ctx, tx); err != nil {
				return err
			}
		}
		return s.drop(ctx, tx, &record)
	})
}

package upload

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
)

// commit stores the rows of what arrived together with whatever more does, and
// then moves the staged bodies into place. The caller holds the upload's lock.
func (s *Service) commit(ctx context.Context, uploadID string, a *arrival, more func(Tx) error) error {
	a.uploadID = uploadID
	paths := make([]string, len(a.files))
	intents := make([]Intent, len(a.files))
	for i := range a.files {
		f := &a.files[i]
		paths[i] = f.Path
		intents[i] = Intent{UploadID: uploadID, Kind: Place, Staged: a.staged[i], Path: f.Path, SHA256: f.SHA256, Body: a.bodies[a.staged[i]]}
	}
	if err := s.catchUp(ctx, uploadID); err != nil {
		return err
	}
	if err := s.files.Check(ctx, uploadID, paths, a.folders); err != nil {
		return err
	}
	return s.carryOutKeeping(ctx, a, func(tx Tx) ([]Intent, error) {
		if err := more(tx); err != nil {
			return nil, err
		}
		for _, folder := range a.folders {
			if err := tx.PutDir(ctx, uploadID, folder); err != nil {
				return nil, fmt.Errorf("store folder: %w", err)
			}
		}
		if len(a.files) > 0 {
			put := s.putWithinRoom
			if len(a.removals) > 0 { // what is moved takes no more room
				put = func(ctx context.Context, tx Tx, uploadID string, a *arrival) error {
					return tx.PutFiles(ctx, uploadID, a.files)
				}
			}
			if err := put(ctx, tx, uploadID, a); err != nil {
				return nil, fmt.Errorf("store files: %w", err)
			}
		}
		return append(intents, a.removals...), nil
	})
}

// carryOut runs change in a transaction that also stores the intents it gives,
// and carries them out once it is committed.
func (s *Service) carryOut(ctx context.Context, change func(Tx) ([]Intent, error)) error {
	return s.carryOutKeeping(ctx, nil, change)
}

func (s *Service) carryOutKeeping(ctx context.Context, a *arrival, change func(Tx) ([]Intent, error)) error {
	var promised []Intent
	err := s.store.InTx(ctx, func(tx Tx) error {
		intents, err := change(tx)
		if err != nil || len(intents) == 0 {
			return err
		}
		if promised, err = tx.AddIntents(ctx, intents); err != nil {
			promised = nil
			return fmt.Errorf("store intents: %w", err)
		}
		return nil
	})
	if a != nil && (err == nil || len(promised) > 0) {
		a.kept = true
	}
	if err != nil {
		// A commit that fails may have been carried out all the same, for example when
		// the connection to the database breaks before its answer.
		s.stuck.doubt(promised)
		return err
	}
	// Committed: a client that hangs up now must not stop what was promised.
	ctx = context.WithoutCancel(ctx)
	if err := s.apply(ctx, promised); err != nil && !s.stuck.covers(promised) {
		return err
	}
	if a != nil {
		for _, folder := range a.folders {
			// The row tells that there is a folder; on the disk the first file in it makes it too.
			_ = s.files.Mkdir(ctx, a.uploadID, folder)
		}
	}
	return nil
}

// apply carries promises about one upload out, oldest first. What the disk refuses
// now is kept with all that comes after it and tried again by Settle, and before the
// next change of the upload: carrying out an old promise after a newer one about the
// same path would bring back what was replaced. A body that is lost is no reason to
// wait; its promise stays for the next start to tell of.
func (s *Service) apply(ctx context.Context, promised []Intent) error {
	var lost []error
	for i, in := range promised {
		err := in.Apply(ctx, s.files)
		if errors.Is(err, fs.ErrNotExist) && in.Body != nil {
			err = in.redo(ctx, s.files)
		}
		switch {
		case err == nil:
			s.placed.add(promised[i : i+1])
			if s.peers != nil {
				s.carried.add(in.UploadID, in.ID)
			}
		case errors.Is(err, fs.ErrNotExist):
			lost = append(lost, fmt.Errorf("%s %q of upload %s: its content is lost, store it again: %w", in.Kind, in.Path, in.UploadID, err))
		default:
			s.stuck.keep(promised[i:])
			err = fmt.Errorf("%s %q of upload %s (tried again every second): %w", in.Kind, in.Path, in.UploadID, err)
			return errors.Join(append(lost, err)...)
		}
	}
	return errors.Join(lost...)
}

// catchUp carries out what was promised about an upload and the disk has refused.
// The caller holds the upload's lock.
func (s *Service) catchUp(ctx context.Context, uploadID string) error {
	left, err := s.setAside(ctx, uploadID)
	if err != nil || len(left) == 0 {
		return err
	}
	err = s.apply(context.WithoutCancel(ctx), left)
	if err != nil && s.stuck.has(uploadID) {
		return unfinished().Because(err)
	}
	return err
}

// setAside takes what was promised about an upload and the disk has refused, once
// it is known which of it was committed.
func (s *Service) setAside(ctx context.Context, uploadID string) ([]Intent, error) {
	left, doubted := s.stuck.take(uploadID)
	if !doubted {
		return left, nil
	}
	left, err := s.resolve(context.WithoutCancel(ctx), left)
	if err != nil {
		s.stuck.doubt(left)
		return nil, unfinished().Because(err)
	}
	return left, nil
}

// forget drops promises about an upload that was deleted since.
func (s *Service) forget(ctx context.Context, moot []Intent) {
	for _, in := range moot {
		if in.Kind == Place {
			_ = s.files.Discard(context.WithoutCancel(ctx), in.Staged) // the next start sweeps what stays
		}
	}
	s.placed.add(moot)
}

// resolve asks which promises were committed, and drops the bodies of the others.
// On an error it gives all of them back.
func (s *Service) resolve(ctx context.Context, doubtful []Intent) ([]Intent, error) {
	stored, err := s.store.Intents(ctx, doubtful[0].UploadID)
	if err != nil {
		return doubtful, fmt.Errorf("read intents: %w", err)
	}
	committed := make(map[string]bool, len(stored)) // by staged name, because a database may give an id again
	for _, in := range stored {
		committed[in.Staged] = true
	}
	var left []Intent
	for _, in := range doubtful {
		if committed[in.Staged] {
			left = append(left, in)
		} else if in.Kind == Place {
			_ = s.files.Discard(ctx, in.Staged) // the next start sweeps what stays
		}
	}
	return left, nil
}

// catchUpAll does the same for every upload, so that nobody has to change one
// again for its files to appear.
func (s *Service) catchUpAll(ctx context.Context) error {
	var errs []error
	for _, uploadID := range s.stuck.uploads() {
		release, err := s.hold(ctx, uploadID)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		errs = append(errs, s.catchUp(ctx, uploadID))
		release()
	}
	return errors.Join(errs...)
}

// Unfinished gives the uploads of which the disk refuses a change that is stored.
func (s *Service) Unfinished() []string { return s.stuck.uploads() }

// Settle carries out what the disk has refused before, makes what was carried out
// durable, forgets the intents behind it and empties the trash. The server calls
// it every second or so and before it stops.
func (s *Service) Settle(ctx context.Context) error {
	return errors.Join(s.catchUpAll(ctx), s.settle(ctx))
}

func (s *Service) settle(ctx context.Context) error {
	ids := s.placed.take()
	if len(ids) == 0 {
		return nil
	}
	if err := s.files.Flush(ctx); err != nil {
		s.placed.keep()
		return fmt.Errorf("flush files (the next start repairs what was lost; start again once the disk is sound): %w", err)
	}
	if err := s.store.DeleteIntents(ctx, ids); err != nil {
		// Never leave an old promise behind when newer ones go: the next start would keep it.
		s.placed.putBack(ids)
		return fmt.Errorf("delete intents: %w", err)
	}
	return s.emptyTrash(ctx, s.notMine)
}

// emptyTrash deletes what is in the trash and no intent needs, but for what others look after.
func (s *Service) emptyTrash(ctx context.Context, spare func(name string) bool) error {
	needed, _, err := s.promised(ctx)
	if err != nil {
		return err
	}
	if err := s.files.EmptyTrash(ctx, func(name string) bool { return needed[name] || spare(name) }); err != nil {
		return fmt.Errorf("empty trash: %w", err)
	}
	return nil
}

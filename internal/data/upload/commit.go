package upload

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"oasis/internal/problem"
)

// commit stores the rows of what arrived together with whatever more does, and
// then moves the staged bodies into place. The caller holds the upload's lock.
func (s *Service) commit(ctx context.Context, uploadID string, a *arrival, more func(Tx) error) error {
	a.uploadID = uploadID
	paths := make([]string, len(a.files))
	intents := make([]Intent, len(a.files))
	for i := range a.files {
		a.files[i].UploadID = uploadID
		paths[i] = a.files[i].Path
		intents[i] = Intent{UploadID: uploadID, Kind: Place, Staged: a.staged[i], Path: a.files[i].Path, Body: a.bodies[a.staged[i]]}
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
		if len(a.files) == 0 {
			return nil, nil
		}
		if err := tx.PutFiles(ctx, a.files); err != nil {
			return nil, fmt.Errorf("store files: %w", err)
		}
		return intents, nil
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
			return fmt.Errorf("store intents: %w", err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if a != nil {
		a.kept = true
	}
	// Committed: a client that hangs up now must not stop what was promised.
	ctx = context.WithoutCancel(ctx)
	err = s.apply(ctx, promised)
	if a != nil {
		for _, folder := range a.folders {
			if failed := s.files.Mkdir(ctx, a.uploadID, folder); failed != nil {
				err = errors.Join(err, fmt.Errorf("make folder: %w", failed))
			}
		}
	}
	return err
}

// apply carries promises out, oldest first. What the disk refuses now is kept and
// tried again before the next change of the upload: carrying out an old promise
// after a newer one about the same path would bring back what was replaced.
func (s *Service) apply(ctx context.Context, promised []Intent) error {
	for i, in := range promised {
		if err := in.Apply(ctx, s.files); err != nil {
			s.stuck.keep(in.UploadID, promised[i:])
			return fmt.Errorf("%s %q of upload %s (tried again with the next change): %w", in.Kind, in.Path, in.UploadID, err)
		}
		s.placed.add(promised[i : i+1])
	}
	return nil
}

// catchUp carries out what was promised about an upload and the disk has refused.
func (s *Service) catchUp(ctx context.Context, uploadID string) error {
	left := s.stuck.take(uploadID)
	if len(left) == 0 {
		return nil
	}
	if err := s.apply(context.WithoutCancel(ctx), left); err != nil {
		return unfinished().Because(err)
	}
	return nil
}

// catchUpAll does the same for every upload, so that nobody has to change one
// again for its files to appear.
func (s *Service) catchUpAll(ctx context.Context) error {
	var errs []error
	for _, uploadID := range s.stuck.uploads() {
		lock := s.lock(uploadID)
		lock.Lock()
		errs = append(errs, s.catchUp(ctx, uploadID))
		lock.Unlock()
	}
	return errors.Join(errs...)
}

// unfinished is the refusal while the disk refuses what was promised.
func unfinished() *problem.Error {
	return problem.New(problem.StorageFull, "An earlier change of this upload could not be finished yet. "+
		"Try again when the server's disk has room.")
}

// stuckIntents are committed promises that the disk refused, by upload.
type stuckIntents struct {
	mu       sync.Mutex
	byUpload map[string][]Intent
}

func (k *stuckIntents) keep(uploadID string, left []Intent) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.byUpload == nil {
		k.byUpload = map[string][]Intent{}
	}
	k.byUpload[uploadID] = append(k.byUpload[uploadID], left...)
}

func (k *stuckIntents) uploads() []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.Sorted(maps.Keys(k.byUpload))
}

func (k *stuckIntents) has(uploadID string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return len(k.byUpload[uploadID]) > 0
}

func (k *stuckIntents) take(uploadID string) []Intent {
	k.mu.Lock()
	defer k.mu.Unlock()
	left := k.byUpload[uploadID]
	delete(k.byUpload, uploadID)
	return left
}

// placedIntents are the ids of intents that were carried out but may not be
// durable on disk yet.
type placedIntents struct {
	mu  sync.Mutex
	ids []int64
	// kept is set when a Flush has failed. What it was about may be lost, even if the
	// next one succeeds; the next start does all of it again, in order.
	kept bool
}

func (p *placedIntents) add(done []Intent) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, in := range done {
		p.ids = append(p.ids, in.ID)
	}
}

func (p *placedIntents) take() []int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	ids := p.ids
	p.ids = nil
	if p.kept {
		return nil
	}
	return ids
}

func (p *placedIntents) keep() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.kept = true
}

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
		return fmt.Errorf("delete intents: %w", err)
	}
	return s.emptyTrash(ctx)
}

func (s *Service) emptyTrash(ctx context.Context) error {
	left, err := s.store.Intents(ctx)
	if err != nil {
		return fmt.Errorf("read intents: %w", err)
	}
	needed := make(map[string]bool, len(left))
	for _, in := range left {
		needed[in.Staged] = true
	}
	if err := s.files.EmptyTrash(ctx, func(name string) bool { return needed[name] }); err != nil {
		return fmt.Errorf("empty trash: %w", err)
	}
	return nil
}

// Recover repairs what a crash has left: it drops staged bodies that nothing
// promises and carries out again what was promised. Call it before serving.
func (s *Service) Recover(ctx context.Context) error {
	intents, err := s.store.Intents(ctx)
	if err != nil {
		return fmt.Errorf("read intents: %w", err)
	}
	needed := make(map[string]bool, len(intents))
	ids := make([]int64, 0, len(intents))
	for _, in := range intents {
		needed[in.Staged] = true
		ids = append(ids, in.ID)
	}
	if err := s.files.Sweep(ctx, func(name string) bool { return needed[name] }); err != nil {
		return fmt.Errorf("sweep staged bodies: %w", err)
	}
	if err := Redo(ctx, s.files, intents); err != nil {
		return err
	}
	if err := s.files.Flush(ctx); err != nil {
		return fmt.Errorf("flush files: %w", err)
	}
	if err := s.store.DeleteIntents(ctx, ids); err != nil {
		return fmt.Errorf("delete intents: %w", err)
	}
	if err := s.files.Sweep(ctx, func(string) bool { return false }); err != nil {
		return fmt.Errorf("sweep bodies that newer changes made superfluous: %w", err)
	}
	return s.emptyTrash(ctx)
}

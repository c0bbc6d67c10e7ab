package filestore

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"oasis/internal/data/upload"
	"oasis/internal/problem"
)

// Stage fits upload.StagingArea.
func (s *Store) Stage(ctx context.Context, body io.Reader, limit int64) (upload.Staged, error) {
	file, staged, err := s.stage(ctx, body, limit)
	if err != nil {
		return upload.Staged{}, err
	}
	if staged.Body != nil {
		s.loosen(staged.Name)
		if err := file.Close(); err != nil {
			return upload.Staged{}, s.undo(fmt.Errorf("stage a body: %w", full(err)), staged.Name)
		}
		return staged, nil
	}
	err = errors.Join(file.Sync(), file.Close())
	if err == nil && !nameIsDurable {
		err = s.syncAll([]string{stagedDir})
	}
	if err != nil {
		return upload.Staged{}, s.undo(fmt.Errorf("make a staged body durable: %w", full(err)), staged.Name)
	}
	return staged, nil
}

// Restage fits upload.StagingArea.
func (s *Store) Restage(_ context.Context, name string, body []byte) error {
	at, err := nameIn(stagedDir, name)
	if err != nil {
		return err
	}
	s.loosen(name)
	if err := s.root.WriteFile(at, body, 0o600); err != nil {
		return fmt.Errorf("stage a body again: %w", full(err))
	}
	return nil
}

// loosen remembers that a staged body is not durable.
func (s *Store) loosen(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.loose[name] = struct{}{}
}

// tighten forgets that a staged body was not durable, and tells whether it was so.
func (s *Store) tighten(name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, was := s.loose[name]
	delete(s.loose, name)
	return was
}

// stage writes a body that is not durable yet, and gives its open file.
func (s *Store) stage(ctx context.Context, body io.Reader, limit int64) (*os.File, upload.Staged, error) {
	if err := s.roomLeft(); err != nil {
		return nil, upload.Staged{}, err
	}
	name := s.newName()
	file, err := s.create(name)
	if err != nil {
		return nil, upload.Staged{}, fmt.Errorf("stage a body: %w", full(err))
	}
	staged, err := s.fill(ctx, file, body, limit)
	if err != nil {
		return nil, upload.Staged{}, s.undo(errors.Join(err, file.Close()), name)
	}
	staged.Name = name
	return file, staged, nil
}

// newName makes a name for a staged body.
func (s *Store) newName() string {
	if s.options.Name == "" {
		return rand.Text()
	}
	return s.options.Name + "-" + rand.Text()
}

// create makes a file in the staging area.
func (s *Store) create(name string) (*os.File, error) {
	if file, done := s.createStaged(name); done {
		return file, nil
	}
	return s.root.OpenFile(stagedDir+"/"+name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
}

// undo removes staged bodies after err, and gives err with what went wrong on the way.
func (s *Store) undo(err error, names ...string) error {
	if undone := s.Discard(context.Background(), names...); undone != nil {
		return errors.Join(err, undone)
	}
	return err
}

// roomLeft refuses when the disk has less free than the floor.
func (s *Store) roomLeft() error {
	if s.options.FreeFloor == nil {
		return nil
	}
	floor := s.options.FreeFloor()
	if floor <= 0 {
		return nil
	}
	free, err := freeBytes(s.dir)
	if err != nil {
		return fmt.Errorf("ask for the free space of %s: %w", s.dir, err)
	}
	if free < floor {
		return storageFull().Because(fmt.Errorf("%d bytes are free, %d must stay free", free, floor))
	}
	return nil
}

// bodyError tells why a body could not be read to its end.
func bodyError(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("stage a body: %w", ctx.Err())
	case problem.As(err) != nil:
		return err
	default:
		return problem.Bad("Some IO went wrong, upload probably aborted/disrupted.").Because(err)
	}
}

// tooLarge is the refusal of a body beyond its limit.
func tooLarge(limit int64) error {
	return problem.New(problem.TooLarge, "The file has more than the %d bytes that are allowed here.", limit)
}

// OpenStaged fits upload.StagingArea.
func (s *Store) OpenStaged(_ context.Context, name string) (upload.Content, error) {
	at, err := nameIn(stagedDir, name)
	if err != nil {
		return nil, err
	}
	return s.open(at)
}

// Discard fits upload.StagingArea.
func (s *Store) Discard(_ context.Context, names ...string) error {
	var errs []error
	for _, name := range names {
		at, err := nameIn(stagedDir, name)
		if err == nil {
			s.tighten(name)
			err = s.root.Remove(at)
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, fmt.Errorf("discard a staged body: %w", err))
		}
	}
	return errors.Join(errs...)
}

// Sweep fits upload.StagingArea.
func (s *Store) Sweep(ctx context.Context, keep func(name string) bool) error {
	if err := s.clear(ctx, stagedDir, keep); err != nil {
		return fmt.Errorf("sweep the staging area: %w", err)
	}
	return nil
}

// clear removes the children of dir that keep does not want.
func (s *Store) clear(ctx context.Context, dir string, keep func(name string) bool) error {
	handle, err := s.root.Open(dir)
	if err != nil {
		return err
	}
	names, err := handle.Readdirnames(-1)
	if err = errors.Join(err, handle.Close()); err != nil {
		return err
	}
	for _, name := range names {
		if err := ctx.Err(); err != nil {
			return err
		}
		if keep(name) {
			continue
		}
		if err := s.root.RemoveAll(dir + "/" + name); err != nil {
			return err
		}
	}
	return nil
}

package upload

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"oasis/internal/problem"
)

// Recover repairs what a crash has left: it drops staged bodies that nothing
// promises and carries out again what was promised and still stands. What cannot be
// carried out stops nothing: warn is told of it, and it is kept for Settle or the
// next start. Call it before serving.
func (s *Service) Recover(ctx context.Context, warn func(error)) error {
	intents, err := s.store.Intents(ctx)
	if err != nil {
		return fmt.Errorf("read intents: %w", err)
	}
	standing, err := s.standing(ctx, intents)
	if err != nil {
		return err
	}
	if err := s.files.Sweep(ctx, stagedOf(standing)); err != nil {
		return fmt.Errorf("sweep staged bodies: %w", err)
	}
	left := Redo(ctx, s.files, standing)
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := s.files.Flush(ctx); err != nil {
		return fmt.Errorf("flush files: %w", err)
	}
	undone := make([]Intent, len(left))
	kept := make(map[int64]bool, len(left))
	for i, l := range left {
		warn(l.Err)
		undone[i] = l.Intent
		kept[l.ID] = true
		if !errors.Is(l.Err, fs.ErrNotExist) {
			s.stuck.keep(undone[i : i+1])
		}
	}
	ids := make([]int64, 0, len(intents))
	for _, in := range intents {
		if !kept[in.ID] {
			ids = append(ids, in.ID)
		}
	}
	if err := s.store.DeleteIntents(ctx, ids); err != nil {
		return fmt.Errorf("delete intents: %w", err)
	}
	if err := s.files.Sweep(ctx, stagedOf(undone)); err != nil {
		return fmt.Errorf("sweep bodies that newer changes made superfluous: %w", err)
	}
	return s.emptyTrash(ctx)
}

// stagedOf tells the names in the staging area that these intents need.
func stagedOf(intents []Intent) func(name string) bool {
	needed := make(map[string]bool, len(intents))
	for _, in := range intents {
		needed[in.Staged] = true
	}
	return func(name string) bool { return needed[name] }
}

// standing leaves out the promises that the rows contradict. An intent may be much
// older than the rows: its deletion may have failed, or its commit seemed to, while
// newer ones came and went. The rows are the newest truth there is.
func (s *Service) standing(ctx context.Context, intents []Intent) ([]Intent, error) {
	stands := make([]bool, len(intents))
	// What intents further on place, by upload and path.
	later := map[[2]string]bool{}
	n := 0
	for i := len(intents) - 1; i >= 0; i-- {
		in := &intents[i]
		var err error
		if stands[i], err = s.stands(ctx, in, later); err != nil {
			return nil, fmt.Errorf("compare an intent with the rows of upload %s: %w", in.UploadID, err)
		}
		if !stands[i] {
			continue
		}
		n++
		if in.Kind == Place {
			later[[2]string{in.UploadID, in.Path}] = true
		}
	}
	standing := make([]Intent, 0, n)
	for i, in := range intents {
		if stands[i] {
			standing = append(standing, in)
		}
	}
	return standing, nil
}

func (s *Service) stands(ctx context.Context, in *Intent, later map[[2]string]bool) (bool, error) {
	switch in.Kind {
	case Place:
		if later[[2]string{in.UploadID, in.Path}] {
			return false, nil
		}
		f, err := s.file(ctx, in.UploadID, in.Path)
		// Intents of older versions tell nothing about the content.
		return f != nil && (in.SHA256 == "" || in.SHA256 == f.SHA256), err
	case Remove:
		files, err := s.store.Tree(ctx, in.UploadID, in.Path)
		if err != nil {
			return false, err
		}
		f, err := s.file(ctx, in.UploadID, in.Path)
		if err != nil {
			return false, err
		}
		if f != nil {
			files = append(files, *f)
		}
		for i := range files { // what is there again and not placed by what follows must not go
			if !later[[2]string{in.UploadID, files[i].Path}] {
				return false, nil
			}
		}
		return true, nil
	case Drop:
		_, err := s.store.Upload(ctx, in.UploadID)
		if problem.Is(err, problem.Missing) {
			return true, nil
		}
		return false, err
	default:
		return true, nil // told of by Redo
	}
}

// file gives the row of a file, or nil.
func (s *Service) file(ctx context.Context, uploadID, path string) (*File, error) {
	if path == "" {
		return nil, nil
	}
	f, err := s.store.File(ctx, uploadID, path)
	if problem.Is(err, problem.Missing) {
		return nil, nil
	}
	return &f, err
}

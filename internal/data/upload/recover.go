package upload

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"oasis/internal/problem"
)

// Recover repairs what a crash has left: it drops staged bodies that nothing
// promises and carries out again what was promised and still stands. What cannot be
// carried out stops nothing: warn is told of it, and it is kept for Settle or the
// next start. Call it before serving; beside other servers call it again whenever
// one of them has died: it then puts the things of the dead in order.
func (s *Service) Recover(ctx context.Context, warn func(error)) error {
	needed, uploads, err := s.promised(ctx)
	if err != nil {
		return err
	}
	if err := s.sweep(ctx, func(name string) bool { return needed[name] }); err != nil {
		return err
	}
	kept := map[string]bool{}
	var done []int64
	for _, uploadID := range uploads {
		ids, left, err := s.recoverUpload(ctx, uploadID, warn)
		if err != nil {
			return err
		}
		done = append(done, ids...)
		for _, name := range left {
			kept[name] = true
		}
	}
	if err := s.files.Flush(ctx); err != nil {
		return fmt.Errorf("flush files: %w", err)
	}
	if err := s.store.DeleteIntents(ctx, done); err != nil {
		return fmt.Errorf("delete intents: %w", err)
	}
	if err := s.sweep(ctx, func(name string) bool { return kept[name] }); err != nil {
		return err
	}
	return s.emptyTrash(ctx, s.ofTheLiving(ctx))
}

// sweep drops staged bodies but for those that keep wants, those of other servers, and
// those of files that are on their way.
func (s *Service) sweep(ctx context.Context, keep func(name string) bool) error {
	living, onTheirWay := s.ofTheLiving(ctx), s.onTheirWay(ctx)
	if err := s.files.Sweep(ctx, func(name string) bool { return keep(name) || living(name) || onTheirWay(name) }); err != nil {
		return fmt.Errorf("sweep staged bodies: %w", err)
	}
	return nil
}

// onTheirWay gives what tells whether a name is one of an unfinished delivery. They
// are asked for at the first name: after it was seen.
func (s *Service) onTheirWay(ctx context.Context) func(name string) bool {
	var ids map[string]bool
	var err error
	return func(name string) bool {
		if ids == nil && err == nil {
			var all []string
			all, err = s.store.UnfinishedDeliveries(ctx)
			ids = make(map[string]bool, len(all))
			for _, id := range all {
				ids[id] = true
			}
		}
		return err != nil || ids[name] // nothing is swept while nobody can tell
	}
}

// recoverUpload carries out what was promised about one upload and still stands. It
// gives the intents that are dealt with, and the staged names of those that are not.
func (s *Service) recoverUpload(ctx context.Context, uploadID string, warn func(error)) (done []int64, kept []string, err error) {
	release, err := s.hold(ctx, uploadID)
	if err != nil {
		return nil, nil, err
	}
	defer release()
	intents, err := s.store.Intents(ctx, uploadID)
	if err != nil {
		return nil, nil, fmt.Errorf("read intents: %w", err)
	}
	living := s.ofTheLiving(ctx)
	intents = slices.DeleteFunc(intents, func(in Intent) bool { return living(in.Staged) })
	standing, err := s.standing(ctx, intents)
	if err != nil {
		return nil, nil, err
	}
	left := Redo(ctx, s.files, standing)
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	undone := make(map[int64]bool, len(left))
	for i := range left {
		warn(left[i].Err)
		undone[left[i].ID] = true
		kept = append(kept, left[i].Staged)
		if !isLost(left[i].Err) {
			s.stuck.keep([]Intent{left[i].Intent})
		}
	}
	for _, in := range intents {
		if !undone[in.ID] {
			done = append(done, in.ID)
		}
	}
	return done, kept, nil
}

// isLost tells whether the content of an intent is lost: no other try helps.
func isLost(err error) bool { return errors.Is(err, fs.ErrNotExist) }

// promised gives the names in the staging area and the trash that intents need, and
// the uploads that they are about.
func (s *Service) promised(ctx context.Context) (needed map[string]bool, uploads []string, err error) {
	promises, err := s.store.Promised(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("read intents: %w", err)
	}
	needed = make(map[string]bool, len(promises))
	seen := map[string]bool{}
	for _, p := range promises {
		needed[p.Staged] = true
		if !seen[p.UploadID] {
			seen[p.UploadID] = true
			uploads = append(uploads, p.UploadID)
		}
	}
	return needed, uploads, nil
}

// ofTheLiving gives what tells whether a name is one of a server that may be alive,
// this one too. Who is alive is asked at the first name: after it was seen.
func (s *Service) ofTheLiving(ctx context.Context) func(name string) bool {
	if s.peers == nil {
		return func(string) bool { return false }
	}
	var alive map[string]bool
	var err error
	return func(name string) bool {
		if alive == nil && err == nil {
			alive, err = s.peers.Alive(ctx)
		}
		return err != nil || alive[OwnerOf(name)] // nothing is swept while nobody can tell
	}
}

// OwnerOf gives the name of the server that has made a name, "" for one that was alone.
func OwnerOf(name string) string {
	owner, _, found := strings.Cut(name, "-")
	if !found {
		return ""
	}
	return owner
}

// notMine tells whether another server looks after a name.
func (s *Service) notMine(name string) bool {
	return s.peers != nil && OwnerOf(name) != s.peers.Name()
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

package filestore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"syscall"

	"oasis/internal/data/upload"
)

// Remove fits upload.RawFiles.
func (s *Store) Remove(_ context.Context, uploadID, clean, trash string) error {
	from, err := rawPath(uploadID, clean)
	if err != nil {
		return err
	}
	if err := s.throwAway(from, trash); err != nil {
		return fmt.Errorf("remove %q: %w", clean, err)
	}
	return nil
}

// RemoveUpload fits upload.RawFiles.
func (s *Store) RemoveUpload(_ context.Context, uploadID, trash string) error {
	from, err := uploadPath(uploadID)
	if err != nil {
		return err
	}
	if err := s.throwAway(from, trash); err != nil {
		return fmt.Errorf("remove upload %s: %w", uploadID, err)
	}
	return nil
}

// throwAway moves a file or folder into the trash unless that was done before.
func (s *Store) throwAway(from, trash string) error {
	to, err := nameIn(trashDir, trash)
	if err != nil {
		return err
	}
	if done, err := s.exists(to); done || err != nil {
		s.touch(trashDir)
		return err
	}
	// A link itself may be thrown away, but not what is behind one.
	above, err := s.lstat(path.Dir(from))
	switch {
	case errors.Is(err, fs.ErrNotExist), err == nil && !above.IsDir():
		return nil
	case err != nil:
		return err
	}
	// Before the rename, so that EmptyTrash never sees a name that is not known to be new.
	s.mu.Lock()
	s.trashed[trash] = struct{}{}
	s.mu.Unlock()
	if err := s.root.Rename(from, to); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return full(err)
	}
	s.touch(path.Dir(from), trashDir)
	return nil
}

func (s *Store) exists(name string) (bool, error) {
	_, err := s.root.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// Done fits upload.RawFiles.
func (s *Store) Done(_ context.Context, in upload.Intent) (bool, error) {
	if in.Kind != upload.Place {
		trash, err := nameIn(trashDir, in.Staged)
		if err != nil {
			return false, err
		}
		return s.exists(trash)
	}
	staged, err := nameIn(stagedDir, in.Staged)
	if err != nil {
		return false, err
	}
	if waits, err := s.exists(staged); waits || err != nil {
		return false, err
	}
	placed, err := rawPath(in.UploadID, in.Path)
	if err != nil {
		return false, err
	}
	info, err := s.lstat(placed)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil && info.Mode().IsRegular(), err
}

// Flush fits upload.RawFiles.
func (s *Store) Flush(ctx context.Context) error {
	s.flushes.Lock()
	defer s.flushes.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	touched, trashed, unsynced := s.touched, s.trashed, s.unsynced
	s.touched, s.trashed, s.unsynced = map[string]struct{}{}, maps.Clone(trashed), map[string]struct{}{}
	s.mu.Unlock()

	err := s.syncAll(slices.AppendSeq(slices.Collect(maps.Keys(unsynced)), maps.Keys(touched)))

	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil { // next time again
		maps.Copy(s.touched, touched)
		maps.Copy(s.unsynced, unsynced)
		return fmt.Errorf("flush: %w", full(err))
	}
	for name := range trashed {
		delete(s.trashed, name)
	}
	return nil
}

// EmptyTrash fits upload.RawFiles.
func (s *Store) EmptyTrash(ctx context.Context, keep func(name string) bool) error {
	err := s.clear(ctx, trashDir, func(name string) bool {
		s.mu.Lock()
		_, isNew := s.trashed[name]
		s.mu.Unlock()
		return isNew || keep(name)
	})
	if err != nil {
		return fmt.Errorf("empty the trash: %w", err)
	}
	return nil
}

// syncAll makes the names in these folders and the contents of these files durable.
// What went in the meantime is skipped: the folder it went from was touched by
// that, and the content of a file that is gone or in the trash matters no more.
func (s *Store) syncAll(names []string) error {
	if len(names) > batchOpen {
		whole, err := s.openFsSync()
		if err != nil {
			return err
		}
		if whole.possible() {
			return errors.Join(whole.sync(), whole.close())
		}
	}
	for group := range slices.Chunk(names, batchOpen) {
		if err := s.syncGroup(group); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) syncGroup(names []string) (err error) {
	var open []*os.File
	defer func() {
		for _, file := range open {
			err = errors.Join(err, file.Close())
		}
	}()
	for _, name := range names {
		file, err := s.root.Open(name)
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
			continue
		}
		if err != nil {
			return err
		}
		open = append(open, file)
	}
	return syncFiles(open)
}

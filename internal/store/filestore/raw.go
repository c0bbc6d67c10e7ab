package filestore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"time"

	"oasis/internal/data/upload"
	"oasis/internal/problem"
)

// Check fits upload.RawFiles.
func (s *Store) Check(ctx context.Context, uploadID string, files, folders []string) error {
	root, err := rawPath(uploadID, "")
	if err != nil {
		return err
	}
	if len(files) == 1 && len(folders) == 0 && files[0] != "" && s.isFree(root+"/"+files[0]) {
		return nil
	}
	if _, err := s.lstat(root); errors.Is(err, fs.ErrNotExist) {
		return nil // nothing is there that could be in the way
	}
	// Folders that were looked at; false = missing, and so is all below them.
	seen := map[string]bool{}
	check := func(clean string, wantFolder bool) error {
		at, err := rawPath(uploadID, clean)
		if err != nil {
			return err
		}
		for end := range slashes(clean) {
			exists, known := seen[clean[:end]]
			if !known {
				if exists, err = s.isFolder(root+"/"+clean[:end], clean[:end]); err != nil {
					return err
				}
				seen[clean[:end]] = exists
			}
			if !exists {
				return nil
			}
		}
		info, err := s.lstatLink(at)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil
		case err != nil:
			return err
		case info.IsDir() != wantFolder:
			return mixed(clean)
		}
		return nil
	}
	for _, clean := range folders {
		if err := errors.Join(ctx.Err(), check(clean, true)); err != nil {
			return err
		}
	}
	for _, clean := range files {
		if clean == "" {
			return mixed(clean)
		}
		if err := errors.Join(ctx.Err(), check(clean, false)); err != nil {
			return err
		}
	}
	return nil
}

// isFree tells by the short way that nothing is in the way of a file; the long
// way finds out, and says, what is.
func (s *Store) isFree(at string) bool {
	info, known, err := s.lookup(at)
	return known && (errors.Is(err, fs.ErrNotExist) || err == nil && info.Mode().IsRegular())
}

// isFolder tells whether a folder exists; anything else in its place is an error.
func (s *Store) isFolder(at, clean string) (bool, error) {
	info, err := s.lstatLink(at)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err != nil:
		return false, err
	case info.Mode()&fs.ModeSymlink != 0:
		return false, linkError(at)
	case !info.IsDir():
		return false, mixed(clean)
	}
	return true, nil
}

// slashes gives the index of each slash in a path.
func slashes(clean string) func(yield func(int) bool) {
	return func(yield func(int) bool) {
		for i := range len(clean) {
			if clean[i] == '/' && !yield(i) {
				return
			}
		}
	}
}

// mixed is the refusal in the words of spec uploads.md §3.4.
func mixed(clean string) error {
	return problem.Bad("Cannot merge a file with a directory or vice versa: %s.", clean)
}

// Place fits upload.RawFiles.
func (s *Store) Place(_ context.Context, uploadID, staged, clean string) error {
	from, err := nameIn(stagedDir, staged)
	if err != nil {
		return err
	}
	to, err := rawPath(uploadID, clean)
	if err != nil {
		return err
	}
	if clean == "" {
		return errors.New("a file cannot be placed at the root of an upload")
	}
	if err := s.place(from, to); err != nil {
		return fmt.Errorf("place a file at %q: %w", clean, full(err))
	}
	s.touch(stagedDir, path.Dir(to))
	if s.tighten(staged) {
		s.mu.Lock()
		s.unsynced[to] = struct{}{}
		s.mu.Unlock()
	}
	return nil
}

func (s *Store) place(from, to string) error {
	if s.rename(path.Base(from), to) {
		return nil
	}
	// Only what leads to the target must not be a link: renaming replaces a link, it does not follow it.
	_, err := s.lstat(path.Dir(to))
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := s.root.Lstat(from); err != nil {
			return fmt.Errorf("neither the staged body nor the file exists: %w", err)
		}
		err = s.mkdirs(path.Dir(to))
	}
	if err != nil {
		return err
	}
	err = s.root.Rename(from, to)
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if info, err := s.root.Lstat(to); err == nil && info.Mode().IsRegular() {
		return nil // done before
	}
	return fmt.Errorf("neither the staged body nor the file exists: %w", err)
}

// Mkdir fits upload.RawFiles.
func (s *Store) Mkdir(_ context.Context, uploadID, clean string) error {
	dir, err := rawPath(uploadID, clean)
	if err != nil {
		return err
	}
	info, err := s.lstat(dir)
	switch {
	case err == nil && info.IsDir():
		return nil
	case err == nil:
		return mixed(clean)
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	if err := s.mkdirs(dir); err != nil {
		return fmt.Errorf("make the folder %q: %w", clean, err)
	}
	return nil
}

// Open fits upload.RawFiles.
func (s *Store) Open(_ context.Context, uploadID, clean string) (upload.Content, error) {
	at, err := rawPath(uploadID, clean)
	if err != nil {
		return nil, err
	}
	return s.open(at)
}

// content is an open file and what is known of it.
type content struct {
	*os.File
	info fs.FileInfo
}

func (c content) Size() int64        { return c.info.Size() }
func (c content) ModTime() time.Time { return c.info.ModTime() }

// open opens a regular file. What it is, is asked before: opening a pipe would wait.
func (s *Store) open(name string) (upload.Content, error) {
	info, err := s.lstat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a file: %w", name, fs.ErrNotExist)
	}
	file, opened := s.openFile(name)
	if !opened {
		if file, err = s.root.Open(name); err != nil {
			return nil, err
		}
	}
	if info, err = file.Stat(); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return content{File: file, info: info}, nil
}

// Stat fits upload.RawFiles.
func (s *Store) Stat(_ context.Context, uploadID, clean string) (upload.FileInfo, error) {
	at, err := rawPath(uploadID, clean)
	if err != nil {
		return upload.FileInfo{}, err
	}
	info, err := s.lstat(at)
	switch {
	case errors.Is(err, fs.ErrNotExist) && clean == "":
		return upload.FileInfo{}, nil
	case err != nil:
		return upload.FileInfo{}, err
	case info.IsDir():
		return upload.FileInfo{ModTime: info.ModTime()}, nil
	case !info.Mode().IsRegular():
		return upload.FileInfo{}, fmt.Errorf("%s is not a file: %w", at, fs.ErrNotExist)
	}
	return upload.FileInfo{IsFile: true, Size: info.Size(), ModTime: info.ModTime()}, nil
}

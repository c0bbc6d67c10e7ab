package upload

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"oasis/internal/problem"
)

// OpenFile opens a raw file for somebody who may read it. Paths that are unsafe
// or lead nowhere are a 404.
func (s *Service) OpenFile(ctx context.Context, v Viewer, id, path string) (File, Content, error) {
	if _, err := s.allowed(ctx, v, id, Read); err != nil {
		return File{}, nil, err
	}
	return s.open(ctx, id, path)
}

// errPath is the 404 for reading what is not there.
func errPath() error { return problem.NotFound("Not found. Invalid path?") }

// open looks up the row and opens the bytes it names; the lock keeps the two in step.
func (s *Service) open(ctx context.Context, id, path string) (File, Content, error) {
	clean, err := SafePath(path)
	if err != nil {
		return File{}, nil, errPath()
	}
	release, err := s.share(ctx, id)
	if err != nil {
		return File{}, nil, err
	}
	defer release()
	f, err := s.store.File(ctx, id, clean)
	if problem.Is(err, problem.Missing) {
		return File{}, nil, errPath()
	}
	if err != nil {
		return File{}, nil, fmt.Errorf("look up file: %w", err)
	}
	if s.stuck.touches(id, clean) { // the bytes may still be those from before
		return File{}, nil, unfinished()
	}
	content, err := s.files.Open(ctx, id, clean)
	if errors.Is(err, fs.ErrNotExist) {
		return File{}, nil, fmt.Errorf("file %q of upload %s has a row but no bytes: %w", clean, id, err)
	}
	if err != nil {
		return File{}, nil, fmt.Errorf("open file: %w", err)
	}
	return f, content, nil
}

// OpenRaw opens the bytes of a file for processing, without asking whose they
// are. It waits for a change that is just being carried out, so whoever has seen
// a committed row finds its bytes; fs.ErrNotExist means that they are gone again.
func (s *Service) OpenRaw(ctx context.Context, id, path string) (Content, error) {
	release, err := s.share(ctx, id)
	if err != nil {
		return nil, err
	}
	defer release()
	if s.stuck.touches(id, path) {
		return nil, unfinished() // not there yet, or still the old one: processing has to try again
	}
	return s.files.Open(ctx, id, path)
}

// Listing is what is at a path: one file, or a page of a directory.
type Listing struct {
	Upload Upload
	// Path is canonical.
	Path string
	// File is set when the path is a file.
	File *File
	Dir  DirPage
}

// RawDir tells what is at a path. Limit 0 gives only the totals of a directory.
func (s *Service) RawDir(ctx context.Context, v Viewer, id, path string, offset, limit int) (Listing, error) {
	u, err := s.allowed(ctx, v, id, Read)
	if err != nil {
		return Listing{}, err
	}
	clean, err := SafePath(path)
	if err != nil {
		return Listing{}, errPath()
	}
	l := Listing{Upload: u, Path: clean}
	if clean != "" {
		f, err := s.store.File(ctx, id, clean)
		if err == nil {
			l.File = &f
			return l, nil
		}
		if !problem.Is(err, problem.Missing) {
			return Listing{}, fmt.Errorf("look up file: %w", err)
		}
	}
	l.Dir, err = s.store.Dir(ctx, id, clean, offset, limit)
	if problem.Is(err, problem.Missing) {
		return Listing{}, errPath()
	}
	if err != nil {
		return Listing{}, fmt.Errorf("list directory: %w", err)
	}
	return l, nil
}

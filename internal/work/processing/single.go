package processing

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"oasis/internal/data/entry"
	"oasis/internal/data/upload"
	"oasis/internal/problem"
)

// File makes the entry of one file of an upload at once, for somebody who waits for
// it, and gives its id; "" when no parser takes the file, and then an entry that it
// made before is gone. The state of the upload stays what it is: a run for the same
// change has been asked for, compares what is stored here with the files, and does
// the rest (other entries may depend on this file). A file that is gone again makes
// no entry.
func (s *Service) File(ctx context.Context, uploadID, path string) (entryID string, err error) {
	defer func() {
		if errors.Is(err, ErrStopped) {
			err = problem.Clash("The file is stored, but its processing was stopped by hand. Process the upload again.").Because(err)
		}
	}()
	p, known, err := s.survey(ctx, uploadID)
	if err != nil {
		return "", err
	}
	var file *upload.File
	for i := range p.listed {
		if p.listed[i].Path == path {
			file = &p.listed[i]
		}
	}
	for _, k := range known {
		p.mainfiles[k.EntryID] = k.Mainfile
	}
	if file == nil {
		return "", nil
	}
	t, ok, err := s.taskOf(ctx, p, *file, "")
	if err != nil || !ok {
		return "", errors.Join(err, s.forget(ctx, p, known, path))
	}
	for _, k := range known {
		if k.EntryID == t.entryID {
			t.createdAt = k.CreateTime
		}
	}
	p.mainfiles[t.entryID] = path
	m, err := s.one(ctx, p, t)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	if err := s.Archives.WriteArchives(ctx, uploadID, []upload.ArchiveBlob{m.archive}); err != nil {
		return "", fmt.Errorf("store archive: %w", err)
	}
	if err := s.Store.SaveOutcome(ctx, uploadID, Outcome{Put: []entry.Entry{m.entry}, Stops: p.stops}); err != nil {
		return "", fmt.Errorf("store entry: %w", err)
	}
	return t.entryID, s.checkAgain(ctx, p, t)
}

// checkAgain asks for a run when the file has changed meanwhile: the run for that
// change may have come before what is stored now.
func (s *Service) checkAgain(ctx context.Context, p *plan, t task) error {
	now, err := s.Store.File(ctx, p.upload.ID, t.file.Path)
	if err == nil && now.SHA256 == t.file.SHA256 {
		return nil
	}
	if err != nil && !problem.Is(err, problem.Missing) {
		return fmt.Errorf("look up file: %w", err)
	}
	if err := s.Again(ctx, p.upload.ID); err != nil {
		return fmt.Errorf("ask for another run: %w", err)
	}
	return nil
}

// forget removes the entries of a file that no parser takes any more.
func (s *Service) forget(ctx context.Context, p *plan, known []Known, path string) error {
	for _, k := range known {
		if k.Mainfile == path {
			p.gone = append(p.gone, k.EntryID)
		}
	}
	if len(p.gone) == 0 {
		return nil
	}
	if err := s.Archives.RemoveArchives(ctx, p.upload.ID, p.gone...); err != nil {
		return fmt.Errorf("remove archives of upload %s: %w", p.upload.ID, err)
	}
	if err := s.Store.SaveOutcome(ctx, p.upload.ID, Outcome{Delete: p.gone, Stops: p.stops}); err != nil {
		return fmt.Errorf("remove entries of upload %s: %w", p.upload.ID, err)
	}
	return nil
}

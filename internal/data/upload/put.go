package upload

import (
	"context"
	"fmt"

	"oasis/internal/problem"
)

// PutOptions say how files are added.
type PutOptions struct {
	Incoming
	Trigger
	// KeepExisting refuses a plain file whose path is taken (overwrite_if_exists=false).
	KeepExisting bool
	// EntryHash, when not empty, refuses to replace a file whose entry has another hash (see EntryHash),
	// and to add one: whoever sends it has read the entry before and must not undo what others did since.
	EntryHash string
	// single refuses all but one plain file.
	single bool
}

// PutFiles adds the files of the body to a directory of an upload, which is made
// if need be; archives are unpacked there. All of them are stored or none.
func (s *Service) PutFiles(ctx context.Context, v Viewer, id, dir string, o PutOptions, body Body) (Upload, error) {
	u, _, err := s.put(ctx, v, id, dir, o, body)
	return u, err
}

// PutOne is PutFiles for a body that has to be one plain file; it also gives the path of that.
func (s *Service) PutOne(ctx context.Context, v Viewer, id, dir string, o PutOptions, body Body) (u Upload, path string, err error) {
	o.single = true
	u, a, err := s.put(ctx, v, id, dir, o, body)
	if err != nil {
		return Upload{}, "", err
	}
	return u, a.plain[0], nil
}

func (s *Service) put(ctx context.Context, v Viewer, id, dir string, o PutOptions, body Body) (Upload, *arrival, error) {
	before, err := s.allowed(ctx, v, id, ChangeFiles)
	if err != nil {
		return Upload{}, nil, err
	}
	if v.AppendOnly && o.EntryHash != "" {
		return Upload{}, nil, problem.Denied("This token may only add new files; it may not change entries.")
	}
	if dir, err = SafePath(dir); err != nil {
		return Upload{}, nil, err
	}
	o.deposit = v.DepositFor != nil
	if o.room, err = s.roomFor(ctx, payer(before.MainAuthor, v.DepositFor != nil), before.Bytes); err != nil {
		return Upload{}, nil, err
	}
	arrived, err := s.receive(ctx, dir, o.Incoming, body)
	if err != nil {
		return Upload{}, nil, err
	}
	defer arrived.discard(ctx)
	if arrived.empty() {
		return Upload{}, nil, problem.Bad("Either an upload file or the query parameters for moving/copying a file should be provided.")
	}
	if o.single && (len(arrived.files) != 1 || len(arrived.plain) != 1) {
		return Upload{}, nil, problem.Bad("`wait_for_processing` can only be used with single files, and not with compressed files.")
	}
	release, err := s.hold(ctx, id)
	if err != nil {
		return Upload{}, nil, err
	}
	defer release()
	if o.EntryHash != "" {
		if err := s.expectHash(ctx, id, o.EntryHash, arrived); err != nil {
			return Upload{}, nil, err
		}
	}
	if o.KeepExisting {
		if err := s.refuseExisting(ctx, id, arrived); err != nil {
			return Upload{}, nil, err
		}
	}
	err = s.commit(ctx, id, arrived, func(tx Tx) error {
		if err := s.allowedInTx(ctx, tx, v, id, ChangeFiles); err != nil {
			return err
		}
		if err := appends(ctx, tx, v, id, arrived); err != nil {
			return err
		}
		if err := s.acknowledge(ctx, tx, v, &before, arrived); err != nil {
			return err
		}
		return s.after(ctx, tx, id, o.Trigger)
	})
	if err != nil {
		return Upload{}, nil, err
	}
	arrived.hand(o.Incoming)
	u, err := s.store.Upload(ctx, id)
	return u, arrived, err
}

// appends refuses to replace a file for somebody who may only add, whatever its
// bytes are and wherever it came from; nothing of the body is stored then
// (decisions 22). It is asked on the locked row, so no two can add the same path.
func appends(ctx context.Context, tx Tx, v Viewer, id string, a *arrival) error {
	if !v.AppendOnly {
		return nil
	}
	paths := make([]string, len(a.files))
	for i := range a.files {
		paths[i] = a.files[i].Path
	}
	taken, err := tx.TakenPath(ctx, id, paths)
	if err != nil {
		return fmt.Errorf("look for files: %w", err)
	}
	if taken != "" {
		return problem.Clash("There is a file %q already. This token may only add new files, so nothing was stored.", taken)
	}
	return nil
}

// expectHash compares the entry of the first file with what the client has read.
func (s *Service) expectHash(ctx context.Context, id, hash string, a *arrival) error {
	changed := problem.Clash("The provided hash did not match the current file.")
	if len(a.plain) == 0 {
		return changed
	}
	f, err := s.file(ctx, id, a.plain[0])
	if err != nil {
		return fmt.Errorf("look up file: %w", err)
	}
	if f == nil || EntryHash(f.SHA256) != hash {
		return changed
	}
	return nil
}

func (s *Service) refuseExisting(ctx context.Context, id string, a *arrival) error {
	for _, path := range a.plain {
		_, err := s.store.File(ctx, id, path)
		if err == nil {
			return problem.Clash("The provided path already exists and overwrite_if_exists is set to False.")
		}
		if !problem.Is(err, problem.Missing) {
			return fmt.Errorf("look up file: %w", err)
		}
	}
	return nil
}

package upload

import (
	"context"
	"errors"
	"fmt"
	"io"

	"oasis/internal/access/audit"
	"oasis/internal/data/upload/unpack"
	"oasis/internal/problem"
)

// Spooled is a body that was taken in whole, to be looked at in any order.
type Spooled struct {
	Content
	service *Service
	name    string
}

// Drop forgets the body.
func (b *Spooled) Drop(ctx context.Context) error {
	return errors.Join(b.Close(), b.service.files.Discard(context.WithoutCancel(ctx), b.name))
}

// Spool takes in the only file of a body; nil without one. Several are a problem
// with the given text.
func (s *Service) Spool(ctx context.Context, body Body, several string) (_ *Spooled, err error) {
	limit := int64(-1)
	if most := s.limits().FileBytes; most > 0 {
		limit = most
	}
	part, err := body.Next()
	if errors.Is(err, io.EOF) {
		return nil, nil
	}
	if err != nil {
		return nil, brokenBody(err)
	}
	staged, err := s.files.Stage(ctx, part.Reader, limit)
	if err != nil {
		return nil, fmt.Errorf("store body: %w", err)
	}
	defer func() {
		if err != nil {
			_ = s.files.Discard(context.WithoutCancel(ctx), staged.Name) // the next start sweeps what stays
		}
	}()
	switch _, err = body.Next(); {
	case err == nil:
		return nil, problem.Bad("%s", several)
	case !errors.Is(err, io.EOF):
		return nil, brokenBody(err)
	}
	content, err := s.files.OpenStaged(ctx, staged.Name)
	if err != nil {
		return nil, fmt.Errorf("read staged body: %w", err)
	}
	return &Spooled{Content: content, service: s, name: staged.Name}, nil
}

// Unpacking gives the limits of archives.
func (s *Service) Unpacking() unpack.Limits { return s.limits().Archive }

// Adoption is an upload that comes whole from elsewhere, under the id it has there.
type Adoption struct {
	Upload Upload
	// Raw gives all raw files and folders, one after another.
	Raw func(ctx context.Context, put func(path string, body io.Reader) (File, error), mkdir func(path string)) error
	// Archives gives archives of entries to write, in portions.
	Archives func(ctx context.Context, write func([]ArchiveBlob) error) error
	// More is done in the transaction that makes the upload.
	More func(ctx context.Context, tx Tx) error
	// Event goes into the audit log with it.
	Event audit.Event
}

// Adopt makes an upload with all it has, or nothing of it. Until it is whole nobody
// sees it, and a crash leaves nothing: the promise that drops it is made before its
// archives are written, and stands as long as the upload does not exist. An id that
// is taken is a Conflict.
func (s *Service) Adopt(ctx context.Context, a Adoption) (Upload, error) {
	id := a.Upload.ID
	arrived := &arrival{service: s, uploadID: id}
	defer arrived.discard(ctx)
	if err := a.Raw(ctx, arrived.take(ctx), func(path string) { arrived.folders = append(arrived.folders, path) }); err != nil {
		return Upload{}, err
	}
	if err := arrived.settle(ctx); err != nil {
		return Upload{}, err
	}
	release, err := s.hold(ctx, id)
	if err != nil {
		return Upload{}, err
	}
	defer release()
	if _, err := s.store.Upload(ctx, id); !problem.Is(err, problem.Missing) {
		return Upload{}, errors.Join(err, exists(id, err)) // one of the two
	}
	drop, err := s.promiseDrop(ctx, id)
	if err != nil {
		return Upload{}, err
	}
	err = a.Archives(ctx, func(archives []ArchiveBlob) error { return s.files.WriteArchives(ctx, id, archives) })
	if err == nil {
		err = s.commit(audit.Note(ctx, a.Event), id, arrived, func(tx Tx) error {
			if err := tx.InsertUpload(ctx, a.Upload); err != nil {
				return fmt.Errorf("store upload: %w", err)
			}
			return a.More(ctx, tx)
		})
	}
	if err != nil {
		if _, missing := s.store.Upload(context.WithoutCancel(ctx), id); problem.Is(missing, problem.Missing) {
			return Upload{}, errors.Join(err, s.apply(context.WithoutCancel(ctx), []Intent{drop}))
		}
		return Upload{}, err // it is there: what is left is said by err, and the promise no longer stands
	}
	s.placed.add([]Intent{drop})
	return s.store.Upload(ctx, id)
}

// exists is the refusal of an id that is taken; nil when looking it up has failed.
func exists(id string, failed error) error {
	if failed != nil {
		return nil //nolint:nilerr // the caller has it
	}
	return problem.Clash("Upload with id %s already exists", id)
}

// take stages a file of an adoption.
func (a *arrival) take(ctx context.Context) func(path string, body io.Reader) (File, error) {
	return func(path string, body io.Reader) (File, error) {
		batch, err := a.inBatch()
		if err != nil {
			return File{}, err
		}
		staged, err := batch.Stage(ctx, body, -1)
		if err != nil {
			return File{}, err
		}
		f := File{Path: path, Size: staged.Size, SHA256: staged.SHA256, CRC32: staged.CRC32, ModTime: a.service.now().UTC()}
		a.add(f, staged.Name)
		return f, nil
	}
}

// promiseDrop promises that what is on the disk of an upload goes unless it exists.
func (s *Service) promiseDrop(ctx context.Context, id string) (drop Intent, err error) {
	err = s.store.InTx(ctx, func(tx Tx) error {
		stored, err := tx.AddIntents(ctx, []Intent{{UploadID: id, Kind: Drop, Staged: s.newName()}})
		if err == nil {
			drop = stored[0]
		}
		return err
	})
	if err != nil {
		return drop, fmt.Errorf("promise to clean up: %w", err)
	}
	return drop, nil
}

// Export gives an upload and all its raw files, by path, to somebody who may take it
// elsewhere. While a process works on it the refusal is the 400 of spec uploads.md §11.
func (s *Service) Export(ctx context.Context, v Viewer, id string, op Operation) (Upload, []File, error) {
	u, err := s.allowed(ctx, v, id, op)
	if err != nil {
		return u, nil, err
	}
	if u.Process.Status.Busy() {
		return u, nil, problem.Bad("The upload is currently being processed, operation not allowed.")
	}
	files, err := s.store.Tree(ctx, id, "")
	if err != nil {
		return u, nil, fmt.Errorf("list files: %w", err)
	}
	return u, files, nil
}

// Whole is Export for a process of the upload itself, which has asked before.
func (s *Service) Whole(ctx context.Context, id string) (Upload, []File, error) {
	u, err := s.store.Upload(ctx, id)
	if err != nil {
		return u, nil, fmt.Errorf("read upload: %w", err)
	}
	files, err := s.store.Tree(ctx, id, "")
	if err != nil {
		return u, nil, fmt.Errorf("list files: %w", err)
	}
	return u, files, nil
}

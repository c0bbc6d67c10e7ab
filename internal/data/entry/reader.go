package entry

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"

	"oasis/internal/data/upload"
	"oasis/internal/problem"
)

// Uploads is what a Reader needs to ask the object rule.
type Uploads interface {
	Upload(ctx context.Context, id string) (upload.Upload, error)
}

// Archives gives the stored archives.
type Archives interface {
	OpenArchive(ctx context.Context, uploadID, entryID string) (io.ReadCloser, error)
}

// Reader reads single entries, the entries of an upload, and archives.
type Reader struct {
	Entries  Store
	Uploads  Uploads
	Archives Archives
}

// Sentences of the entries API (spec entries.md §9.1, uploads.md §6).
const (
	textHidden    = "The entry does not exist or is not visible to you."
	textNoArchive = "The entry does exist, but it has no archive."
	textNotHere   = "An entry by that id could not be found in the specified upload."
)

// Visible gives an entry and its upload to a viewer for whom a search with owner
// "visible" would find it. All else is the same 404; being an administrator
// widens nothing (spec entries.md §2).
func (r *Reader) Visible(ctx context.Context, v upload.Viewer, entryID string) (Entry, upload.Upload, error) {
	e, err := r.Entries.Entry(ctx, entryID)
	if problem.Is(err, problem.Missing) {
		return Entry{}, upload.Upload{}, problem.NotFound(textHidden)
	}
	if err != nil {
		return Entry{}, upload.Upload{}, fmt.Errorf("read entry: %w", err)
	}
	u, err := r.Uploads.Upload(ctx, e.UploadID)
	if problem.Is(err, problem.Missing) {
		return Entry{}, upload.Upload{}, problem.NotFound(textHidden)
	}
	if err != nil {
		return Entry{}, upload.Upload{}, fmt.Errorf("read upload of entry: %w", err)
	}
	if denied := MayRead(&u, v); denied != nil {
		return Entry{}, upload.Upload{}, denied
	}
	return e, u, nil
}

// MayRead is the rule for single entries of an upload, their archives and files: nil, or
// the 404 of what is not there.
func MayRead(u *upload.Upload, v upload.Viewer) *problem.Error {
	filter, denied := upload.Visible(v, upload.OwnerVisible)
	if denied != nil || !filter.Matches(u) {
		return problem.NotFound(textHidden)
	}
	return nil
}

// Home gives the upload of an entry, whoever asks: for what is told about an entry
// that the caller was shown.
func (r *Reader) Home(ctx context.Context, entryID string) (upload.Upload, error) {
	e, err := r.Entries.Entry(ctx, entryID)
	if err != nil {
		return upload.Upload{}, fmt.Errorf("read entry: %w", err)
	}
	u, err := r.Uploads.Upload(ctx, e.UploadID)
	if err != nil {
		return upload.Upload{}, fmt.Errorf("read upload of entry: %w", err)
	}
	return u, nil
}

// Archive gives the archive of an entry as JSON; the caller closes it.
func (r *Reader) Archive(ctx context.Context, v upload.Viewer, entryID string) (Entry, io.ReadCloser, error) {
	e, u, err := r.Visible(ctx, v, entryID)
	if err != nil {
		return Entry{}, nil, err
	}
	archive, err := r.open(ctx, &e, u.LastEdit)
	return e, archive, err
}

// ArchiveOf gives the archive of an entry that the caller may read as JSON, or a 404; the caller closes it.
func (r *Reader) ArchiveOf(ctx context.Context, e Entry) (io.ReadCloser, error) {
	return r.open(ctx, &e, time.Time{})
}

// open opens an archive; edited is when the upload as a whole was edited last.
func (r *Reader) open(ctx context.Context, e *Entry, edited time.Time) (io.ReadCloser, error) {
	archive, err := r.Archives.OpenArchive(ctx, e.UploadID, e.ID)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, problem.NotFound(textNoArchive)
	}
	if err != nil {
		return nil, fmt.Errorf("open archive: %w", err)
	}
	return e.edited(archive, edited), nil
}

// OfUpload gives a page of the entries of an upload that the viewer may read,
// the upload and the total.
func (r *Reader) OfUpload(ctx context.Context, v upload.Viewer, uploadID string, p Page) ([]Entry, upload.Upload, int, error) {
	u, err := r.Uploads.Upload(ctx, uploadID)
	if err != nil {
		return nil, upload.Upload{}, 0, fmt.Errorf("read upload: %w", err)
	}
	if denied := upload.May(&u, v, upload.Read); denied != nil {
		return nil, upload.Upload{}, 0, denied
	}
	entries, total, err := r.Entries.ListEntries(ctx, uploadID, p)
	if err != nil {
		return nil, upload.Upload{}, 0, fmt.Errorf("list entries: %w", err)
	}
	return entries, u, total, nil
}

// ByMainfile tells somebody who may read an upload which entries were made of its
// files, by path.
func (r *Reader) ByMainfile(ctx context.Context, v upload.Viewer, uploadID string, paths []string) (map[string]Made, error) {
	u, err := r.Uploads.Upload(ctx, uploadID)
	if err != nil {
		return nil, fmt.Errorf("read upload: %w", err)
	}
	if denied := upload.May(&u, v, upload.Read); denied != nil {
		return nil, denied
	}
	made, err := r.Entries.MadeOf(ctx, uploadID, paths)
	if err != nil {
		return nil, fmt.Errorf("look for entries of files: %w", err)
	}
	return made, nil
}

// InUpload gives one entry of an upload to somebody with a role in it (spec uploads.md §2.1, R-own).
func (r *Reader) InUpload(ctx context.Context, v upload.Viewer, uploadID, entryID string) (Entry, error) {
	u, err := r.Uploads.Upload(ctx, uploadID)
	if err != nil {
		return Entry{}, fmt.Errorf("read upload: %w", err)
	}
	if denied := upload.May(&u, v, upload.ReadOwn); denied != nil {
		return Entry{}, denied
	}
	e, err := r.Entries.Entry(ctx, entryID)
	if problem.Is(err, problem.Missing) || err == nil && e.UploadID != uploadID {
		return Entry{}, problem.NotFound(textNotHere)
	}
	if err != nil {
		return Entry{}, fmt.Errorf("read entry: %w", err)
	}
	return e, nil
}

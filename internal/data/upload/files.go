package upload

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"time"
)

// Files keeps the bytes of uploads: raw files, the archives made from them, and
// bodies that are on their way in. Package storetest holds the promises as tests.
//
// A new file is durable with two waits for the disk, none of them after the rename:
//
//  1. Stage writes the body and waits for the disk.
//  2. One transaction stores the rows and an Intent (place this staged body there)
//     and waits for the disk.
//  3. Place renames; the answer may be sent. A crash from here on is repaired
//     at the next start by Redo with the intents that are left.
//  4. Flush, some time later, waits for the renames; then the intents that were
//     carried out before Flush began may be deleted.
//
// A small file needs the second wait only: Stage gives its body back, the Intent
// keeps it, and after a crash Redo stages it again.
//
// Removal goes the same way, with a name in the trash instead of a staged body.
// The caller holds the lock of the upload from Check to Place.
//
// Paths are canonical (see SafePath); errors for anything else are ours, not the
// caller's. Full disks are problem.StorageFull. Symbolic links are never followed.
type Files interface {
	StagingArea
	RawFiles
	Archives
}

// StagingArea takes bodies in.
type StagingArea interface {
	// Stage stores a body under a new name, whole and durable, or leaves nothing
	// behind; only a body that comes back in Staged.Body is not durable before the
	// Flush that follows its Place. A body of more than limit bytes is problem.TooLarge (limit < 0: no
	// limit), a body that breaks off is problem.BadRequest; the error of a cancelled
	// context and a *problem.Error of the body itself are passed on.
	Stage(ctx context.Context, body io.Reader, limit int64) (Staged, error)
	// Batch begins staging many bodies that become durable together.
	Batch() (Batch, error)
	// Grow opens a staged body that comes in pieces, to add to what is durable of it; what lies
	// beyond is dropped. A body of which nothing is durable is made. When it has less than it
	// should, the error is fs.ErrNotExist; ErrBusy when somebody else has it open.
	Grow(ctx context.Context, name string, from Progress) (Growing, error)
	// Restage stores a body again that Stage gave back, under the name it had.
	Restage(ctx context.Context, name string, body []byte) error
	// OpenStaged opens a staged body for reading.
	OpenStaged(ctx context.Context, name string) (Content, error)
	// Discard removes staged bodies that will not be placed; unknown names are fine.
	Discard(ctx context.Context, names ...string) error
	// Sweep removes every staged body that keep does not want. It is for the start,
	// before anything is staged; keep knows the names in the intents.
	Sweep(ctx context.Context, keep func(name string) bool) error
}

// Growing is a staged body that comes in pieces. It is for one goroutine.
type Growing interface {
	// Write adds bytes; they count once Sync has told so. After an error nothing more can be added.
	io.Writer
	// Sync makes all that was written durable.
	Sync(ctx context.Context) (Progress, error)
	// Finish makes all that was written durable under a second name, like that of any staged body,
	// so that it can be placed. The first name keeps what it has until it is discarded; a file
	// system where a file has one name only loses it.
	Finish(ctx context.Context) (Staged, error)
	// Close gives it back; what was not made durable is lost.
	Close() error
}

// Progress is how much of a body that comes in pieces is durable.
type Progress struct {
	// Size in bytes.
	Size int64
	// Sums is the state of its checksums, for the file store alone.
	Sums []byte
}

// ErrBusy is what Grow gives for a body that somebody else has open.
var ErrBusy = errors.New("the staged body is open for writing")

// Batch stages many bodies for about the price of one. It is for one goroutine.
type Batch interface {
	// Stage is StagingArea.Stage, but the body is durable only after Sync.
	Stage(ctx context.Context, body io.Reader, limit int64) (Staged, error)
	// StageRaw stages what a raw file has, without copying its bytes where the disk can
	// do that: the two are one file with two names, and no file is ever changed in place.
	// fs.ErrNotExist when there is no such file.
	StageRaw(ctx context.Context, uploadID, path string) (name string, err error)
	// Sync makes all bodies durable. On an error they are discarded.
	Sync(ctx context.Context) error
	// Discard removes all bodies unless Sync has succeeded; it may always be deferred.
	Discard() error
}

// RawFiles keeps the raw files of uploads. Folders exist on their own: a folder
// stays when its last file goes.
type RawFiles interface {
	// Check tells whether files and folders can be made at these paths, before
	// anything is committed: a file where a folder is, or the reverse, is problem.BadRequest.
	Check(ctx context.Context, uploadID string, files, folders []string) error
	// Place moves a staged body to path, makes the folders above it and replaces a
	// file there. Doing it twice is fine. When there is neither the body nor the
	// file, the error is fs.ErrNotExist.
	Place(ctx context.Context, uploadID, staged, path string) error
	// Mkdir makes a folder and those above it; an existing folder is fine.
	Mkdir(ctx context.Context, uploadID, path string) error
	// Remove moves a file or folder ("" = all of them) into the trash under the
	// given name, which must be new (see NewName). What does not exist is fine, and
	// so is doing it twice: the name in the trash tells that it was done.
	Remove(ctx context.Context, uploadID, path, trash string) error
	// RemoveUpload moves all an upload has, archives too, into the trash.
	RemoveUpload(ctx context.Context, uploadID, trash string) error
	// Done tells whether an intent was certainly carried out before.
	Done(ctx context.Context, in Intent) (bool, error)
	// Flush makes everything that was placed, made or removed before the call durable,
	// contents included.
	Flush(ctx context.Context) error
	// EmptyTrash deletes what was in the trash when the last Flush began, but for
	// the names that keep wants: those in the intents, read after that Flush.
	EmptyTrash(ctx context.Context, keep func(name string) bool) error
	// Open opens a raw file; fs.ErrNotExist when there is none, also for a folder.
	Open(ctx context.Context, uploadID, path string) (Content, error)
	// Stat tells what is at path; fs.ErrNotExist when there is nothing.
	// The root of an upload exists always.
	Stat(ctx context.Context, uploadID, path string) (FileInfo, error)
}

// Archives keeps the archive of each entry. They can be made again from the raw
// files, so they need no intents.
type Archives interface {
	// WriteArchives stores archives, replacing older ones. When it returns nil all of
	// them are durable; after a crash each is whole, in its old or new form.
	WriteArchives(ctx context.Context, uploadID string, archives []ArchiveBlob) error
	// OpenArchive gives the JSON of an archive; fs.ErrNotExist when there is none.
	OpenArchive(ctx context.Context, uploadID, entryID string) (io.ReadCloser, error)
	// RemoveArchives deletes the archives of these entries; unknown ids are fine.
	RemoveArchives(ctx context.Context, uploadID string, entryIDs ...string) error
}

// Staged is a body that waits to be placed.
type Staged struct {
	// Name finds it in the staging area.
	Name string
	Size int64
	// SHA256 is the digest of the content, 64 hex digits.
	SHA256 string
	// CRC32 is the checksum zip archives use (IEEE).
	CRC32 uint32
	// Body is the content of a small file, for Intent.Body; nil for others.
	Body []byte
}

// Content is an open file.
type Content interface {
	io.ReadSeekCloser
	io.ReaderAt
	Size() int64
	ModTime() time.Time
}

// FileInfo is what Stat tells.
type FileInfo struct {
	IsFile  bool
	Size    int64 // 0 for folders
	ModTime time.Time
}

// ArchiveBlob is the archive of one entry as JSON.
type ArchiveBlob struct {
	EntryID string
	JSON    []byte
}

// NewName makes a name for the trash that was never used before.
func NewName() string { return rand.Text() }

// Package filestore keeps the bytes of uploads as plain files on a local disk.
//
//	uploads/<2>/<id>/raw/…                        raw files under their own names
//	uploads/<2>/<id>/archive/<entry_id>.json.zst  the archive of an entry
//	staged/<name>                                 bodies on their way in
//	trash/<name>                                  what was removed and is not deleted yet
//
// All of it is one file system, so that moving is renaming. Everything is reached
// through one directory handle (os.Root): no path leads out of it, and symbolic
// links are refused. Folders have mode 0700, files 0600.
//
// Durability (see upload.Files) leans on two properties of ext4, XFS, Btrfs and
// ZFS: fsync of a new file makes its name durable too, and renames become durable
// in the order in which they were made. On other systems than Linux the staging
// folder is synced as well.
package filestore

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"
	"sync"
	"syscall"

	"oasis/internal/data/upload"
	"oasis/internal/data/upload/rawpath"
	"oasis/internal/problem"

	"github.com/klauspost/compress/zstd"
)

const (
	uploadsDir = "uploads"
	stagedDir  = "staged"
	trashDir   = "trash"
)

// Options are the choices of an operator.
type Options struct {
	// FreeFloor tells how many bytes of the disk stay free: new bodies are refused
	// below it, so that databases and removals still have room. nil = none.
	FreeFloor func() int64
	// Name begins the names of staged bodies, with a hyphen, where several processes
	// share the folder; "" = this process is the only one.
	Name string
}

// Store is a file store on a local disk. It fits upload.Files and is safe for
// concurrent use.
type Store struct {
	dir     string
	root    *os.Root
	handle  *os.File // of the same folder
	staging *os.File // of the staging area
	longWay bool     // set by tests: as if there were no short way to names
	options Options
	buffers sync.Pool
	encoder *zstd.Encoder
	// decoders are idle *zstd.Decoder.
	decoders sync.Pool

	mu sync.Mutex
	// touched are the folders whose names changed since the last Flush began.
	touched map[string]struct{}
	// trashed are the names that came into the trash since the last Flush began.
	trashed map[string]struct{}
	// loose are staged bodies that are not durable, and unsynced the raw files that
	// were made of such since the last Flush began.
	loose    map[string]struct{}
	unsynced map[string]struct{}
	flushes  sync.Mutex
}

var _ upload.Files = (*Store)(nil)

// Open makes the folders of a store below dir where they are missing and opens
// it. Processes that have it open together have different names in Options; see upload.Peers.
func Open(dir string, options Options) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of the file store: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open the folder of the file store: %w", err)
	}
	handle, err := root.Open(".")
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open the folder of the file store: %w", err), root.Close())
	}
	encoder, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("set up compression: %w", err), handle.Close(), root.Close())
	}
	s := &Store{
		dir: dir, root: root, handle: handle, options: options, encoder: encoder,
		touched: map[string]struct{}{}, trashed: map[string]struct{}{},
		loose: map[string]struct{}{}, unsynced: map[string]struct{}{},
	}
	s.buffers.New = func() any { return new([chunkSize]byte) }
	for _, name := range []string{uploadsDir, stagedDir, trashDir} {
		if err := root.Mkdir(name, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
			return nil, errors.Join(fmt.Errorf("make the folders of the file store: %w", err), s.Close())
		}
	}
	if s.staging, err = root.Open(stagedDir); err != nil {
		return nil, errors.Join(fmt.Errorf("open the staging area: %w", err), s.Close())
	}
	if err := s.syncAll([]string{"."}); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// Close releases the directory handle. Nothing is flushed: what was not flushed
// still has its intents.
func (s *Store) Close() error {
	err := errors.Join(s.encoder.Close(), s.handle.Close(), s.root.Close())
	if s.staging != nil { // nil when Open has failed
		err = errors.Join(err, s.staging.Close())
	}
	return err
}

// uploadPath gives the folder of an upload.
func uploadPath(uploadID string) (string, error) {
	if err := checkName(uploadID); err != nil || len(uploadID) < 2 {
		return "", fmt.Errorf("%q is not an upload id", uploadID)
	}
	return uploadsDir + "/" + uploadID[:2] + "/" + uploadID, nil
}

// rawPath gives the place of a raw file or folder; clean is canonical, "" = the root.
func rawPath(uploadID, clean string) (string, error) {
	dir, err := uploadPath(uploadID)
	if err != nil {
		return "", err
	}
	if got, err := rawpath.Clean(clean); err != nil || got != clean {
		return "", fmt.Errorf("%q is not the canonical path of a raw file", clean)
	}
	return strings.TrimSuffix(dir+"/raw/"+clean, "/"), nil
}

// nameIn gives the place of a name in the staging area or the trash.
func nameIn(dir, name string) (string, error) {
	if err := checkName(name); err != nil {
		return "", err
	}
	return dir + "/" + name, nil
}

// checkName lets only names of our own making pass.
func checkName(name string) error {
	for i := range len(name) {
		c := name[i]
		if c != '-' && c != '_' && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return fmt.Errorf("%q is not a name the file store makes", name)
		}
	}
	if name == "" || len(name) > 128 {
		return fmt.Errorf("%q is not a name the file store makes", name)
	}
	return nil
}

// lstat tells what is at name and refuses to pass through a symbolic link, or to
// end at one. Nobody but an intruder or a careless admin makes links in here.
func (s *Store) lstat(name string) (fs.FileInfo, error) {
	if info, known, err := s.lookup(name); known {
		return info, err
	}
	for end := 0; ; {
		next := strings.IndexByte(name[end:], '/')
		if next < 0 {
			break
		}
		end += next
		info, err := s.root.Lstat(name[:end])
		if err != nil {
			return nil, err
		}
		if !info.IsDir() {
			if info.Mode()&fs.ModeSymlink != 0 {
				return nil, linkError(name[:end])
			}
			return nil, fmt.Errorf("%s is below a file: %w", name, fs.ErrNotExist)
		}
		end++
	}
	info, err := s.root.Lstat(name)
	if err == nil && info.Mode()&fs.ModeSymlink != 0 {
		return nil, linkError(name)
	}
	return info, err
}

// lstatLink is lstat of a name that may be a link itself; the folder it is in was
// looked at before.
func (s *Store) lstatLink(name string) (fs.FileInfo, error) {
	if info, known, err := s.lookup(name); known {
		return info, err
	}
	return s.root.Lstat(name)
}

func linkError(name string) error {
	return fmt.Errorf("%s in the file store is a symbolic link; replace it by what it points to", name)
}

// mkdirs makes dir and the folders above it, and remembers to make them durable.
func (s *Store) mkdirs(dir string) error {
	if err := s.root.MkdirAll(dir, 0o700); err != nil {
		return full(err)
	}
	for ; dir != "."; dir = path.Dir(dir) {
		s.touch(dir)
	}
	return nil
}

// touch remembers that names in these folders changed.
func (s *Store) touch(dirs ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, dir := range dirs {
		s.touched[dir] = struct{}{}
	}
}

// full turns "no space left" and "read-only" into refusals that say so.
func full(err error) error {
	switch {
	case isFull(err):
		return storageFull().Because(err)
	case errors.Is(err, syscall.EROFS):
		return problem.New(problem.Unavailable, "The disk of this server can only be read at the moment; nothing of this was stored. "+
			"Tell its administrator, and try again when that is mended.").Because(err)
	}
	return err
}

func storageFull() *problem.Error {
	return problem.New(problem.StorageFull, "The disk of this server is full; nothing of this was stored. "+
		"Tell its administrator, and try again when there is room.")
}

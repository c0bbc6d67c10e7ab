package filestore

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"oasis/internal/data/upload"
)

// nameIsDurable tells that fsync of a new file makes its name durable too.
const nameIsDurable = true

// beginWriteback asks the disk to begin writing a part of a file. It is a hint,
// so a file system that does not know it does no harm; errors show up in fsync.
func beginWriteback(file *os.File, offset, length int64) {
	_ = unix.SyncFileRange(int(file.Fd()), offset, length, unix.SYNC_FILE_RANGE_WRITE)
}

// freeBytes tells how many bytes an ordinary user may still write below dir.
func freeBytes(dir string) (int64, error) {
	var stat unix.Statfs_t
	if err := unix.Statfs(dir, &stat); err != nil {
		return 0, err
	}
	return int64(stat.Bavail) * int64(stat.Bsize), nil //nolint:gosec,unconvert // the types differ by architecture; no disk has 2^63 bytes
}

func isFull(err error) bool {
	return errors.Is(err, unix.ENOSPC) || errors.Is(err, unix.EDQUOT)
}

// fsSync makes a whole file system durable at once. Opened before the first
// write, it reports every failure of writing back since then (Linux 5.8).
type fsSync struct{ dir *os.File }

func (s *Store) openFsSync() (*fsSync, error) {
	dir, err := s.root.Open(".")
	if err != nil {
		return nil, err
	}
	return &fsSync{dir: dir}, nil
}

// possible tells whether sync works on this system.
func (f *fsSync) possible() bool { return true }

func (f *fsSync) sync() error {
	if err := unix.Syncfs(int(f.dir.Fd())); err != nil {
		return fmt.Errorf("syncfs: %w", err)
	}
	return nil
}

func (f *fsSync) close() error { return f.dir.Close() }

// lockFile takes hold of an open file until it is closed, or gives upload.ErrBusy
// when somebody else has it, in this process or another one.
func lockFile(file *os.File) error {
	err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		return upload.ErrBusy
	}
	return err
}

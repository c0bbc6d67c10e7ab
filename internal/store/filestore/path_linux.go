package filestore

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"time"

	"golang.org/x/sys/unix"
)

// os.Root walks to each name folder by folder, and refusing symbolic links takes
// a walk per folder on top: 36 opens for a PUT. openat2 does both in one call.
// What it cannot tell, or does not know (Linux before 5.6, some containers), is
// left to the long way, which also finds the words for what is wrong.

// resolve is how names are looked up: inside the store, and through no link.
const resolve = unix.RESOLVE_BENEATH | unix.RESOLVE_NO_SYMLINKS | unix.RESOLVE_NO_MAGICLINKS

// openBeneath opens a name below the folder of the store.
func (s *Store) openBeneath(name string, flags uint64) (fd int, err error) {
	if s.longWay {
		return -1, unix.ENOSYS
	}
	for {
		fd, err = unix.Openat2(int(s.handle.Fd()), name, &unix.OpenHow{Flags: flags | unix.O_CLOEXEC, Resolve: resolve})
		if !errors.Is(err, unix.EINTR) {
			return fd, err
		}
	}
}

// lookup is lstat by the short way; known is false where the long way has to be taken.
func (s *Store) lookup(name string) (info fs.FileInfo, known bool, err error) {
	fd, err := s.openBeneath(path.Dir(name), unix.O_PATH|unix.O_DIRECTORY)
	switch {
	case errors.Is(err, unix.ENOENT):
		return nil, true, &fs.PathError{Op: "lstat", Path: name, Err: fs.ErrNotExist}
	case err != nil:
		return nil, false, nil
	}
	defer unix.Close(fd) //nolint:errcheck // nothing was written
	found := &found{name: path.Base(name)}
	switch err := unix.Fstatat(fd, found.name, &found.stat, unix.AT_SYMLINK_NOFOLLOW); {
	case errors.Is(err, unix.ENOENT):
		return nil, true, &fs.PathError{Op: "lstat", Path: name, Err: fs.ErrNotExist}
	case err != nil || found.stat.Mode&unix.S_IFMT == unix.S_IFLNK:
		return nil, false, nil
	}
	return found, true, nil
}

// openFile opens a regular file for reading by the short way; known as in lookup.
func (s *Store) openFile(name string) (file *os.File, known bool) {
	fd, err := s.openBeneath(name, unix.O_RDONLY|unix.O_NOFOLLOW)
	if err != nil {
		return nil, false
	}
	return os.NewFile(uintptr(fd), name), true //nolint:gosec // a file descriptor
}

// createStaged makes a file in the staging area; done is false where the long way
// has to be taken.
func (s *Store) createStaged(name string) (file *os.File, done bool) {
	if s.longWay {
		return nil, false
	}
	fd, err := unix.Openat(int(s.staging.Fd()), name, unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return nil, false
	}
	return os.NewFile(uintptr(fd), name), true //nolint:gosec // a file descriptor
}

// rename moves a body of the staging area to a path whose folder exists; done is
// false where the long way has to be taken.
func (s *Store) rename(staged, to string) (done bool) {
	fd, err := s.openBeneath(path.Dir(to), unix.O_PATH|unix.O_DIRECTORY)
	if err != nil {
		return false
	}
	defer unix.Close(fd) //nolint:errcheck // nothing was written
	return unix.Renameat(int(s.staging.Fd()), staged, fd, path.Base(to)) == nil
}

// found is what Fstatat told about a file or folder.
type found struct {
	name string
	stat unix.Stat_t
}

func (f *found) Name() string { return f.name }
func (f *found) Size() int64  { return f.stat.Size }
func (f *found) IsDir() bool  { return f.stat.Mode&unix.S_IFMT == unix.S_IFDIR }
func (f *found) Sys() any     { return &f.stat }

func (f *found) ModTime() time.Time {
	return time.Unix(f.stat.Mtim.Unix())
}

// Mode tells the permissions and whether it is a file, a folder, or neither.
func (f *found) Mode() fs.FileMode {
	mode := fs.FileMode(f.stat.Mode & 0o777)
	switch f.stat.Mode & unix.S_IFMT {
	case unix.S_IFREG:
		return mode
	case unix.S_IFDIR:
		return mode | fs.ModeDir
	default:
		return mode | fs.ModeIrregular
	}
}

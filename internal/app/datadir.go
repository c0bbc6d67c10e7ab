package app

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// DataDir is the folder that holds everything the server keeps. Whoever holds
// its lock is the only process that may change what is in it.
type DataDir struct {
	Path string
	// ID is random and made with the folder; the database remembers it.
	ID   string
	lock *os.File
}

// lockFile is the first file of a data directory.
const lockFile = "lock"

// ErrInUse says that another process holds the data directory.
var ErrInUse = errors.New("the data directory is in use")

// OpenDataDir makes the folder if it is missing (readable by its owner only) and
// takes the lock. When a server already runs there the error wraps ErrInUse and
// is a sentence for the operator.
func OpenDataDir(path string) (*DataDir, error) { return openDataDir(path, syscall.LOCK_EX) }

// OpenSharedDataDir is OpenDataDir for one of several servers: those that open the
// folder in this way have it together (database.shared).
func OpenSharedDataDir(path string) (*DataDir, error) { return openDataDir(path, syscall.LOCK_SH) }

func openDataDir(path string, how int) (*DataDir, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("data directory %s: %w", path, err)
	}
	if err := os.MkdirAll(abs, 0o700); err != nil {
		return nil, fmt.Errorf("make data directory: %w", err)
	}
	lock, err := os.OpenFile(filepath.Join(abs, lockFile), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open lock of data directory: %w", err)
	}
	// flock belongs to the open file: a killed process loses it, a stale file means nothing.
	if err := syscall.Flock(int(lock.Fd()), how|syscall.LOCK_NB); err != nil {
		_ = lock.Close() // nothing was written
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("%w: another Oasis server is using %s. Stop it first, or choose another folder with --data", ErrInUse, abs)
		}
		return nil, fmt.Errorf("lock data directory: %w", err)
	}
	d := &DataDir{Path: abs, lock: lock}
	if err := d.tighten(); err != nil {
		return nil, errors.Join(fmt.Errorf("protect data directory: %w", err), lock.Close())
	}
	if err := d.identify(); err != nil {
		return nil, errors.Join(fmt.Errorf("id of data directory: %w", err), lock.Close())
	}
	return d, nil
}

// tighten takes what we keep in the folder away from other people of this machine.
// A folder that was there before may be open to them, as may be what was put back
// into it from a backup.
func (d *DataDir) tighten() error {
	for _, name := range []string{lockFile, "id", "api_secret", "settings.yaml", "oasis.db", "oasis.db-wal", "oasis.db-shm", "files"} {
		info, err := os.Lstat(d.Join(name))
		if errors.Is(err, fs.ErrNotExist) || err == nil && !info.IsDir() && !info.Mode().IsRegular() {
			continue // what a link leads to is the operator's
		}
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			err = os.Chmod(d.Join(name), info.Mode().Perm()&0o700)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// identify reads the id of the folder or, in a new one, makes it.
func (d *DataDir) identify() error {
	file := d.Join("id")
	text, err := os.ReadFile(file)
	if d.ID = strings.TrimSpace(string(text)); d.ID != "" {
		return nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	d.ID = rand.Text()
	made, tempErr := os.CreateTemp(d.Path, "id-*")
	if tempErr != nil {
		return tempErr
	}
	_, writeErr := made.WriteString(d.ID + "\n")
	if err := errors.Join(writeErr, made.Sync(), made.Close()); err != nil {
		return errors.Join(err, os.Remove(made.Name()))
	}
	defer os.Remove(made.Name())
	if err == nil { // there is one without content, which nothing can have been remembered by
		return os.Rename(made.Name(), file)
	}
	// Of several servers that start in a new folder, one makes the id.
	if err := os.Link(made.Name(), file); !errors.Is(err, fs.ErrExist) {
		return err
	}
	text, err = os.ReadFile(file)
	d.ID = strings.TrimSpace(string(text))
	return err
}

// Join gives a path in the folder.
func (d *DataDir) Join(name string) string { return filepath.Join(d.Path, name) }

// Close gives the lock back.
func (d *DataDir) Close() error { return d.lock.Close() }

// free tells how many bytes the disk of the folder has left for us.
func (d *DataDir) free() (int64, error) {
	var st syscall.Statfs_t
	if err := syscall.Statfs(d.Path, &st); err != nil {
		return 0, fmt.Errorf("ask for free space: %w", err)
	}
	return int64(st.Bavail) * st.Bsize, nil
}

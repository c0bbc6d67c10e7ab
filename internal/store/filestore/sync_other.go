//go:build !linux

package filestore

import (
	"errors"
	"math"
	"os"
	"syscall"
)

// nameIsDurable tells that fsync of a new file makes its name durable too.
const nameIsDurable = false

func beginWriteback(*os.File, int64, int64) {}

// freeBytes knows no portable way to ask; writing tells soon enough.
func freeBytes(string) (int64, error) { return math.MaxInt64, nil }

func isFull(err error) bool { return errors.Is(err, syscall.ENOSPC) }

// fsSync exists on Linux only.
type fsSync struct{}

func (s *Store) openFsSync() (*fsSync, error) { return &fsSync{}, nil }

func (f *fsSync) possible() bool { return false }

func (f *fsSync) sync() error { return errors.ErrUnsupported }

func (f *fsSync) close() error { return nil }

// lockFile does nothing: only one process uses a store on such a system, and
// package upload keeps two writers of one body apart.
func lockFile(*os.File) error { return nil }

package upload

import (
	"context"
	"sync"
)

// lockStripes bounds the number of locks; two uploads that share one only wait for each other.
const lockStripes = 256

func (s *Service) lock(uploadID string) *sync.RWMutex {
	var h uint32 = 2166136261 // FNV-1a
	for i := range len(uploadID) {
		h = (h ^ uint32(uploadID[i])) * 16777619
	}
	return &s.locks[h%lockStripes]
}

// hold keeps everybody else from the files of an upload until release. It is held
// from checking the disk until what was committed about the upload is carried out.
func (s *Service) hold(_ context.Context, uploadID string) (release func(), err error) {
	lock := s.lock(uploadID)
	lock.Lock()
	return lock.Unlock, nil
}

// share keeps changes of the files of an upload away until release. It is held by
// readers while they look up a row and open the file it names.
func (s *Service) share(_ context.Context, uploadID string) (release func(), err error) {
	lock := s.lock(uploadID)
	lock.RLock()
	return lock.RUnlock, nil
}

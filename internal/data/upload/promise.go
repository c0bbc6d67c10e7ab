package upload

import (
	"maps"
	"slices"
	"sync"

	"oasis/internal/problem"
)

// unfinished is the refusal while the disk refuses what was promised.
func unfinished() *problem.Error {
	return problem.New(problem.StorageFull, "An earlier change of this upload is stored but could not be finished yet; "+
		"the server tries again every second. Try again when its disk has room.")
}

// stuckIntents are promises that the disk refused, by upload.
type stuckIntents struct {
	mu       sync.Mutex
	byUpload map[string][]Intent
	// doubted are the uploads of whose promises some may never have been committed.
	doubted map[string]bool
}

// keep adds promises about one upload behind those that are kept.
func (k *stuckIntents) keep(left []Intent) {
	if len(left) == 0 {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.byUpload == nil {
		k.byUpload, k.doubted = map[string][]Intent{}, map[string]bool{}
	}
	id := left[0].UploadID
	k.byUpload[id] = append(k.byUpload[id], left...)
}

// doubt keeps promises of which nobody knows yet whether they were committed.
func (k *stuckIntents) doubt(left []Intent) {
	if len(left) == 0 {
		return
	}
	k.keep(left)
	k.mu.Lock()
	defer k.mu.Unlock()
	k.doubted[left[0].UploadID] = true
}

// putBack returns what take gave, before what came since.
func (k *stuckIntents) putBack(left []Intent) {
	if len(left) == 0 {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	id := left[0].UploadID
	k.byUpload[id] = append(slices.Clip(left), k.byUpload[id]...)
}

func (k *stuckIntents) uploads() []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.Sorted(maps.Keys(k.byUpload))
}

func (k *stuckIntents) has(uploadID string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return len(k.byUpload[uploadID]) > 0
}

// touches tells whether a promise waits that changes what is at path.
func (k *stuckIntents) touches(uploadID, path string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	var waiting *donePaths
	for _, in := range k.byUpload[uploadID] {
		waiting = waiting.with(in.Path)
	}
	return waiting.touches(path)
}

// covers tells whether the newest of these promises is kept, and so will be done.
func (k *stuckIntents) covers(promised []Intent) bool {
	if len(promised) == 0 {
		return false
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	last := promised[len(promised)-1]
	left := k.byUpload[last.UploadID]
	return len(left) > 0 && left[len(left)-1].ID == last.ID
}

// take gives what is kept about an upload, and whether to ask first what of it was committed.
func (k *stuckIntents) take(uploadID string) (left []Intent, doubted bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	left, doubted = k.byUpload[uploadID], k.doubted[uploadID]
	delete(k.byUpload, uploadID)
	delete(k.doubted, uploadID)
	return left, doubted
}

// placedIntents are the ids of intents that were carried out but may not be
// durable on disk yet.
type placedIntents struct {
	mu  sync.Mutex
	ids []int64
	// kept is set when a Flush has failed. What it was about may be lost, even if the
	// next one succeeds; the next start does all of it again, in order.
	kept bool
}

func (p *placedIntents) add(done []Intent) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, in := range done {
		p.ids = append(p.ids, in.ID)
	}
}

func (p *placedIntents) take() []int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	ids := p.ids
	p.ids = nil
	if p.kept {
		return nil
	}
	return ids
}

// putBack returns what take gave, before what came since.
func (p *placedIntents) putBack(ids []int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ids = append(slices.Clip(ids), p.ids...)
}

func (p *placedIntents) keep() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.kept = true
}

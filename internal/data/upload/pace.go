package upload

import (
	"sync"
	"time"
)

// paceInterval is how far apart the runs of processing are that changes of the
// files of one upload ask for. The first change is processed at once; those of a
// client that sends file after file are processed together, because each run
// compares all files with all entries.
const paceInterval = 200 * time.Millisecond

// paceRemembers is up to how many uploads are remembered before old ones are forgotten.
const paceRemembers = 1000

// pace spreads the runs of processing. What it remembers may be lost: then a run
// comes earlier.
type pace struct {
	mu sync.Mutex
	// due is when the newest run of an upload was to begin.
	due map[string]time.Time
}

// next tells when a run for a change made now may begin.
func (p *pace) next(uploadID string, now time.Time) time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	due := p.due[uploadID]
	if due.After(now) { // that run comes after this change
		return due
	}
	next := due.Add(paceInterval)
	if next.Before(now) {
		next = now
	}
	if p.due == nil {
		p.due = map[string]time.Time{}
	}
	if len(p.due) >= paceRemembers {
		p.forget(now)
	}
	p.due[uploadID] = next
	return next
}

// forget leaves out what has no effect any more.
func (p *pace) forget(now time.Time) {
	for id, due := range p.due {
		if now.Sub(due) > paceInterval {
			delete(p.due, id)
		}
	}
}

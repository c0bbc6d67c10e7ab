package searchindex

import "time"

// Embargoes end without a change in the database: the index looks at the clock
// before each search, at a single time as long as none has ended.

// awaitEnd remembers that an embargo ends at a time; zero = it has none.
func (s *state) awaitEnd(end time.Time) {
	if !end.IsZero() && (s.nextEnd.IsZero() || end.Before(s.nextEnd)) {
		s.nextEnd = end
	}
}

// due tells whether an embargo that the index knows of is over.
func (s *state) due(now time.Time) bool { return !s.nextEnd.IsZero() && !s.nextEnd.After(now) }

// endEmbargoes takes those out that are over.
func (x *Index) endEmbargoes() {
	now := x.now()
	x.mu.RLock()
	due := x.state.due(now)
	x.mu.RUnlock()
	if !due {
		return
	}
	x.refreshing.Lock() // compact reads without mu
	defer x.refreshing.Unlock()
	x.mu.Lock()
	defer x.mu.Unlock()
	s := x.state
	if !s.due(now) { // another one did it meanwhile
		return
	}
	s.now, s.nextEnd = now, time.Time{}
	for _, r := range s.uploads {
		switch end := r.rights.EmbargoEnd(); {
		case end.IsZero():
		case end.After(now):
			s.awaitEnd(end)
		default:
			s.setUpload(&r.facts)
		}
	}
}

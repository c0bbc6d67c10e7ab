package searchindex

import (
	"encoding/json"
	"sync"

	"github.com/RoaringBitmap/roaring/v2"

	"oasis/internal/data/search"
	"oasis/internal/data/upload"
)

// maxDerived bounds the lazily made bitmaps and orders that are remembered.
const maxDerived = 64

// derived remembers what was computed from the state, each with the version it was made from.
type derived struct {
	mu       sync.Mutex
	rights   map[string]*roaring.Bitmap
	rightsAt uint64
	orders   map[orderKey]*order
	byID     []uint32
	byIDAt   uint64
}

// allowed gives the documents of the uploads that pass the filter. The rule
// itself is the filter's Matches, so it cannot differ from that of other lists.
func (s *state) allowed(f upload.Filter) *roaring.Bitmap {
	key, _ := json.Marshal(f) // plain data: cannot fail
	s.derived.mu.Lock()
	defer s.derived.mu.Unlock()
	if s.derived.rightsAt != s.version || s.derived.rights == nil || len(s.derived.rights) >= maxDerived {
		s.derived.rights, s.derived.rightsAt = map[string]*roaring.Bitmap{}, s.version
	}
	if b := s.derived.rights[string(key)]; b != nil {
		return b
	}
	var sets []*roaring.Bitmap
	for _, r := range s.uploads {
		if r.known() && f.Matches(&r.rights) {
			sets = append(sets, r.docs)
		}
	}
	b := roaring.FastOr(sets...)
	s.derived.rights[string(key)] = b
	return b
}

// guarded gives the documents whose values of a guard the caller may see; nil = all.
func (e *evaluation) guarded(g search.Guard) *roaring.Bitmap {
	switch g {
	case search.GuardFull:
		return e.state.allowed(e.query.Full)
	case search.GuardMembers:
		return e.state.allowed(e.query.Members)
	default:
		return nil
	}
}

// guard leaves of docs those whose values of a guard the caller may see.
func (e *evaluation) guard(g search.Guard, docs *roaring.Bitmap) *roaring.Bitmap {
	if may := e.guarded(g); may != nil {
		return roaring.And(docs, may)
	}
	return docs
}

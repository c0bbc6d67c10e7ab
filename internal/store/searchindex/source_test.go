package searchindex_test

import (
	"context"
	"sync"

	"oasis/internal/data/search"
)

// history is a small working source: every change gets its own revision.
type history struct {
	mu      sync.Mutex
	changes []search.Change
}

func (h *history) add(changes ...search.Change) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, c := range changes {
		c.Rev = int64(len(h.changes) + 1)
		h.changes = append(h.changes, c)
	}
}

// addTogether gives all changes one revision: they become visible at once.
func (h *history) addTogether(changes ...search.Change) {
	h.mu.Lock()
	defer h.mu.Unlock()
	rev := int64(len(h.changes) + len(changes))
	for _, c := range changes {
		c.Rev = rev
		h.changes = append(h.changes, c)
	}
}

func (h *history) Rev(context.Context) (int64, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return int64(len(h.changes)), nil
}

func (h *history) Changes(ctx context.Context, after int64, yield func(search.Change) error) error {
	h.mu.Lock()
	changes := h.changes[after:]
	h.mu.Unlock()
	for _, c := range changes {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := yield(c); err != nil {
			return err
		}
	}
	return nil
}

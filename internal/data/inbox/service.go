package inbox

import (
	"context"
	"fmt"
	"sync"
	"time"

	"oasis/internal/problem"
)

// MaxWatches is how many streams one user may have open (decisions 27).
const MaxWatches = 8

// Service shows each user their items and tells whoever watches of changes.
type Service struct {
	store Store
	now   func() time.Time

	mu      sync.Mutex
	watches map[string]map[*Watch]bool // by user
	stopped bool
}

// NewService makes a service. Its owner calls Changed after each commit that
// changed items, and Stop before the server stops.
func NewService(store Store, now func() time.Time) *Service {
	return &Service{store: store, now: now, watches: map[string]map[*Watch]bool{}}
}

// List gives what a user has, newest first, at most Newest.
func (s *Service) List(ctx context.Context, userID string, source Source) ([]Item, error) {
	items, err := s.store.Items(ctx, userID, source, s.now(), Newest)
	if err != nil {
		return nil, fmt.Errorf("list notifications: %w", err)
	}
	return items, nil
}

// MarkRead notes that a user has read an item, or has not; id "" = all of them.
func (s *Service) MarkRead(ctx context.Context, userID, id string, read bool) error {
	var at time.Time
	if read {
		at = s.now()
	}
	return s.store.MarkRead(ctx, userID, id, at)
}

// Delete removes an item of a user.
func (s *Service) Delete(ctx context.Context, userID, id string) error {
	return s.store.DeleteItem(ctx, userID, id)
}

// Prune removes what has expired and what is too much.
func (s *Service) Prune(ctx context.Context) error {
	if err := s.store.PruneItems(ctx, s.now(), Kept); err != nil {
		return fmt.Errorf("prune notifications: %w", err)
	}
	return nil
}

// Watch hears of changes of one user's items until it is closed.
type Watch struct {
	service *Service
	userID  string
	changed chan struct{}
	stopped chan struct{}
}

// Changed gives a value after changes; several that come together give one.
func (w *Watch) Changed() <-chan struct{} { return w.changed }

// Stopped is closed when the server stops.
func (w *Watch) Stopped() <-chan struct{} { return w.stopped }

// Close ends the watch.
func (w *Watch) Close() {
	s := w.service
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.watches[w.userID], w)
	if len(s.watches[w.userID]) == 0 {
		delete(s.watches, w.userID)
	}
}

// Watch begins to listen for a user. It costs a channel: no database connection
// and no worker waits. A user's ninth is refused as TooMany.
func (s *Service) Watch(userID string) (*Watch, error) {
	w := &Watch{service: s, userID: userID, changed: make(chan struct{}, 1), stopped: make(chan struct{})}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		close(w.stopped)
		return w, nil
	}
	if len(s.watches[userID]) >= MaxWatches {
		refusal := problem.New(problem.TooMany, "You have %d notification streams open already. Close one, for example a tab of the web page.", MaxWatches)
		refusal.RetryAfter = 30
		return nil, refusal
	}
	if s.watches[userID] == nil {
		s.watches[userID] = map[*Watch]bool{}
	}
	s.watches[userID][w] = true
	return w, nil
}

// Changed wakes the watches of a user, or all with "". It never blocks.
func (s *Service) Changed(userID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if userID != "" {
		wake(s.watches[userID])
		return
	}
	for _, watches := range s.watches {
		wake(watches)
	}
}

func wake(watches map[*Watch]bool) {
	for w := range watches {
		select {
		case w.changed <- struct{}{}:
		default: // it is going to look anyway
		}
	}
}

// Stop ends all watches, because a server that stops waits for its requests.
func (s *Service) Stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		return
	}
	s.stopped = true
	for _, watches := range s.watches {
		for w := range watches {
			close(w.stopped)
		}
	}
}

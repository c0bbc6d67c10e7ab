package upload

import (
	"context"
	"sync"
	"time"

	"oasis/internal/problem"
)

// sending are the deliveries that somebody is adding to in this process. Between
// processes the file store keeps two writers of one body apart.
type sending struct {
	mu   sync.Mutex
	byID map[string]*sender
}

// sender is somebody who adds a piece.
type sender struct {
	// stop makes the reading of the piece end soon.
	stop func()
	done chan struct{}

	mu      sync.Mutex
	stopped bool
	heard   time.Time
}

// stalledAfter is how long a piece may bring nothing before somebody who comes back
// ends it: a client whose connection broke is back long before the server has noticed.
const stalledAfter = 2 * time.Second

// patience is how long who comes back waits for a stalled piece to end.
const (
	patience  = 10 * time.Second
	askAgain  = 50 * time.Millisecond
	sendAgain = 1
)

// enter takes hold of a delivery. Locked when somebody is adding to it and alive.
func (k *sending) enter(ctx context.Context, id string, stop func(), now func() time.Time) (*sender, error) {
	me := &sender{stop: stop, done: make(chan struct{}), heard: now()}
	k.wakeStalled(ctx, id, now)
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.byID[id] != nil {
		return nil, busyDelivery()
	}
	if k.byID == nil {
		k.byID = map[string]*sender{}
	}
	k.byID[id] = me
	return me, nil
}

func busyDelivery() *problem.Error {
	p := problem.New(problem.Locked, "Another request is adding to this delivery right now. Ask how far it is, and go on from there.")
	p.RetryAfter = sendAgain
	return p
}

func (k *sending) leave(id string, me *sender) {
	k.mu.Lock()
	delete(k.byID, id)
	k.mu.Unlock()
	close(me.done)
}

func (k *sending) get(id string) *sender {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.byID[id]
}

// interrupt ends the piece that is coming in, if any.
func (k *sending) interrupt(id string) {
	if s := k.get(id); s != nil {
		s.halt()
	}
}

// wakeStalled ends a piece that brings nothing, and waits until what it brought is kept.
func (k *sending) wakeStalled(ctx context.Context, id string, now func() time.Time) {
	s := k.get(id)
	if s == nil || s.silence(now()) < stalledAfter {
		return
	}
	again := time.NewTicker(askAgain)
	defer again.Stop()
	enough := time.NewTimer(patience)
	defer enough.Stop()
	for {
		s.halt() // again and again: the reader may just have set a new deadline
		select {
		case <-s.done:
			return
		case <-again.C:
		case <-enough.C:
			return
		case <-ctx.Done():
			return
		}
	}
}

func (s *sender) halt() {
	s.mu.Lock()
	s.stopped = true
	s.mu.Unlock()
	if s.stop != nil {
		s.stop()
	}
}

// hear notes that bytes came, and tells whether to go on.
func (s *sender) hear(at time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.heard = at
	return !s.stopped
}

func (s *sender) silence(now time.Time) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return now.Sub(s.heard)
}

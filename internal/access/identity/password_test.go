package identity

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"oasis/internal/problem"
)

func TestWhoWaitsTooLongForAHasherIsSentAway(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHasher()
		hold := make(chan struct{})
		for range cap(h.slots) {
			go func() { _ = h.run(context.Background(), "", func() error { <-hold; return nil }) }()
		}
		synctest.Wait()
		began := time.Now()
		_, err := h.hash(t.Context(), "correct horse battery")
		p := problem.As(err)
		if p == nil || p.Kind != problem.TooMany || p.RetryAfter != 5 ||
			p.Detail != "Too many people are signing in at once. Try again in a few seconds." {
			t.Errorf("got %v", err)
		}
		if waited := time.Since(began); waited != 2*time.Second {
			t.Errorf("after %s", waited)
		}
		close(hold)
		synctest.Wait()
		if _, err := h.hash(t.Context(), "correct horse battery"); err != nil {
			t.Errorf("when there is room again: %v", err)
		}
	})
}

// One address that sends thousands of passwords, each for another name, once took
// every hasher: nobody else could sign in.
func TestFloodFromOneAddressLeavesTheHashersToOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHasher()
		h.slots = make(chan struct{}, 2)
		goOn := make(chan struct{})
		running := 0
		flood := make(chan error, 100)
		for i := range cap(flood) {
			go func() {
				flood <- h.run(t.Context(), fmt.Sprintf("2001:db8::%x", i), func() error {
					running++
					<-goOn
					return nil
				})
			}()
		}
		synctest.Wait()
		if running != 1 {
			t.Fatalf("%d of one household hash at once", running)
		}
		if err := h.run(t.Context(), "192.0.2.1", func() error { return nil }); err != nil {
			t.Errorf("somebody else: %v", err)
		}
		if err := h.run(t.Context(), "", func() error { return nil }); err != nil {
			t.Errorf("a new password: %v", err)
		}
		for range cap(flood) - 1 {
			if err := <-flood; !problem.Is(err, problem.TooMany) {
				t.Errorf("one of the flood: %v", err)
			}
		}
		close(goOn)
		if err := <-flood; err != nil {
			t.Error(err)
		}
		if len(h.turns) > 0 {
			t.Errorf("%d turns are remembered", len(h.turns))
		}
	})
}

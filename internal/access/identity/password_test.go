package identity

import (
	"context"
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
			go func() { _ = h.run(context.Background(), func() error { <-hold; return nil }) }()
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

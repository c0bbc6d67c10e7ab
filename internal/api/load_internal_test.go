package api

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"
)

// Bodies of many requests at once are bounded together, counted as they arrive:
// each of them alone is allowed, a few hundred of them took all memory.
func TestBodiesOfManyRequestsTogetherAreBounded(t *testing.T) {
	t.Parallel()
	l := newLoad()
	body := strings.Repeat("x", maxJSON)
	var open []*bodyWatch
	for {
		b := &bodyWatch{ReadCloser: io.NopCloser(strings.NewReader(body)), load: l}
		_, err := io.Copy(io.Discard, b)
		open = append(open, b)
		if err != nil {
			if b.refusal == nil || !errors.Is(err, b.refusal) {
				t.Fatalf("body %d ended with %v", len(open), err)
			}
			break
		}
		if len(open)*maxJSON > 2*maxBuffered {
			t.Fatal("nothing bounds the bodies in memory")
		}
	}
	small := &bodyWatch{ReadCloser: io.NopCloser(strings.NewReader("{}")), load: l}
	if _, err := io.Copy(io.Discard, small); err != nil {
		t.Errorf("a small body is refused as well: %v", err)
	}
	for _, b := range open {
		b.release()
	}
	if left := l.buffered.Load(); left != 0 {
		t.Errorf("%d bytes stay counted after the requests", left)
	}
}

func TestStreamedBodyIsNotCounted(t *testing.T) {
	t.Parallel()
	l := newLoad()
	b := &bodyWatch{ReadCloser: io.NopCloser(strings.NewReader(strings.Repeat("x", 1<<20))), load: l}
	b.unbuffered()
	if _, err := io.Copy(io.Discard, b); err != nil || l.buffered.Load() != 0 {
		t.Errorf("%d bytes counted, %v", l.buffered.Load(), err)
	}
}

// Heavy requests wait for their turn, not for ever, and an end is an end only once.
func TestHeavyRequestsTakeTurns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLoad()
		var first func()
		for range cap(l.heavy) {
			done, err := l.turn(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			first = done
		}
		if _, err := l.turn(t.Context()); err == nil {
			t.Fatal("more run at once than there are turns")
		}
		gone, leave := context.WithCancel(t.Context())
		leave()
		if _, err := l.turn(gone); err == nil {
			t.Error("who has left gets a turn")
		}
		first()
		first()
		if len(l.heavy) != cap(l.heavy)-1 {
			t.Errorf("%d turns are taken, not %d", len(l.heavy), cap(l.heavy)-1)
		}
		if _, err := l.turn(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

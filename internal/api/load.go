package api

import (
	"context"
	"net/http"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"oasis/internal/problem"
)

// Limits of what all requests together may keep in memory. One request is bounded
// by its own limits; these bound what many of them do at once.
const (
	// smallBuffered is up to how many bytes of a body are not counted.
	smallBuffered = 64 << 10
	// maxBuffered bounds the bytes of bodies that are in memory.
	maxBuffered = 128 << 20
	// heavyPatience is how long a request waits for its turn.
	heavyPatience = 15 * time.Second
	// retrySoon is what Retry-After says to those who did not get one.
	retrySoon = 5
)

// load counts what requests cost while they run.
type load struct {
	buffered atomic.Int64
	heavy    chan struct{}
}

func newLoad() *load { return &load{heavy: make(chan struct{}, 2*runtime.GOMAXPROCS(0)+2)} }

func busy() *problem.Error {
	p := problem.New(problem.Unavailable, "The server is busy with other requests. Try again in a few seconds.")
	p.RetryAfter = retrySoon
	return p
}

// turn waits until the request may do heavy work and gives the function that ends it.
func (l *load) turn(ctx context.Context) (done func(), err error) {
	select {
	case l.heavy <- struct{}{}:
	default:
		waited := time.NewTimer(heavyPatience)
		defer waited.Stop()
		select {
		case l.heavy <- struct{}{}:
		case <-ctx.Done():
			return nil, busy().Because(ctx.Err())
		case <-waited.C:
			return nil, busy()
		}
	}
	return sync.OnceFunc(func() { <-l.heavy }), nil
}

// buffer counts the bytes of a body as they arrive, so that whoever only
// announces bytes takes nothing away from others.
func (b *bodyWatch) buffer(n int) error {
	if b.load == nil {
		return nil
	}
	before := max(b.read, smallBuffered)
	b.read += int64(n)
	if more := b.read - before; more > 0 {
		b.counted += more
		if b.load.buffered.Add(more) > maxBuffered {
			b.refusal = busy()
			return b.refusal
		}
	}
	return nil
}

// unbuffered says that whoever reads the body does not keep it.
func (b *bodyWatch) unbuffered() {
	b.release()
	b.load = nil
}

func (b *bodyWatch) release() {
	if b.load != nil {
		b.load.buffered.Add(-b.counted)
		b.counted = 0
	}
}

// turnEnds ends the turn of the request behind w when its answer is made: from
// here on it only waits for its client.
func turnEnds(w any) {
	for w != nil {
		if r, ok := w.(*recorder); ok {
			if r.made != nil {
				r.made()
			}
			return
		}
		u, ok := w.(interface{ Unwrap() http.ResponseWriter })
		if !ok {
			return
		}
		w = u.Unwrap()
	}
}

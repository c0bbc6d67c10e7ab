package app

import (
	"context"
	"runtime/debug"
	"runtime/metrics"
)

// giveBackLeast is how much the heap must have grown, and giveBackShare by which
// share of what it was, to be worth a look: each costs a garbage collection.
const (
	giveBackLeast = 32 << 20
	giveBackShare = 0.5
)

// memory gives memory that a burst of work has left behind back to the system. The
// runtime does so too, but begins with the next garbage collection, and that
// comes after minutes on a server that has nothing to do.
type memory struct {
	// collections is how many there had been the last time.
	collections uint64
	// base is the size of the heap after memory was given back the last time.
	base uint64
}

// giveBack is to be called every now and then. It does something only if there
// was no garbage collection since the last call, which tells that little goes on.
func (m *memory) giveBack(context.Context) error {
	collections, heap := heapNow()
	quiet := collections == m.collections
	m.collections = collections
	if !quiet || heap < m.base+giveBackLeast || float64(heap) < (1+giveBackShare)*float64(m.base) {
		return nil
	}
	debug.FreeOSMemory()
	m.collections, m.base = heapNow()
	return nil
}

// heapNow tells how many garbage collections there were, and how much memory the
// heap holds, in use or not.
func heapNow() (collections, heap uint64) {
	samples := []metrics.Sample{
		{Name: "/gc/cycles/total:gc-cycles"},
		{Name: "/memory/classes/heap/objects:bytes"},
		{Name: "/memory/classes/heap/free:bytes"},
		{Name: "/memory/classes/heap/unused:bytes"},
	}
	metrics.Read(samples)
	for _, s := range samples[1:] {
		heap += s.Value.Uint64()
	}
	return samples[0].Value.Uint64(), heap
}

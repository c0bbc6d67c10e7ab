package app

import (
	"runtime/metrics"
	"testing"
)

// TestMemoryIsGivenBackWhenLittleGoesOn leaves much garbage behind. Other tests
// may collect at the same time, so it asks a few times.
func TestMemoryIsGivenBackWhenLittleGoesOn(t *testing.T) {
	released := func() uint64 {
		sample := []metrics.Sample{{Name: "/memory/classes/heap/released:bytes"}}
		metrics.Read(sample)
		return sample[0].Value.Uint64()
	}
	litter()
	before := released()
	var m memory
	for range 10 {
		if err := m.giveBack(t.Context()); err != nil {
			t.Fatal(err)
		}
		if released() >= before+32<<20 {
			return
		}
	}
	t.Errorf("%d MiB were given back", int64(released()-before)>>20)
}

// litter makes garbage.
func litter() {
	var garbage [8][]byte
	for i := range garbage {
		garbage[i] = make([]byte, 16<<20)
		for j := 0; j < len(garbage[i]); j += 4096 {
			garbage[i][j] = 1 // takes the page
		}
	}
}

package searchindex

import (
	"slices"
	"strings"
	"sync"

	"github.com/RoaringBitmap/roaring/v2"
)

// terms holds the strings of one path: whole values, or the words of texts.
type terms struct {
	number   map[string]uint32
	values   []string
	postings []posting

	mu sync.Mutex
	// sorted are the numbers of the first len(sorted) values in the order of the values.
	sorted []uint32
}

func newTerms() *terms { return &terms{number: map[string]uint32{}} }

func (t *terms) add(value string, id uint32) {
	n, ok := t.number[value]
	if !ok {
		n = uint32(len(t.values))
		t.number[value] = n
		t.values = append(t.values, value)
		t.postings = append(t.postings, posting{})
	}
	t.postings[n].add(id)
}

// equal gives the ids that have the value.
func (t *terms) equal(value string) *roaring.Bitmap {
	if n, ok := t.number[value]; ok {
		return t.postings[n].bitmap()
	}
	return roaring.New()
}

// inOrder gives the numbers of all values, sorted by value. Values that came
// since the last call are merged in; the result does not change any more.
func (t *terms) inOrder() []uint32 {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.sorted) == len(t.values) {
		return t.sorted
	}
	fresh := make([]uint32, 0, len(t.values)-len(t.sorted))
	for n := len(t.sorted); n < len(t.values); n++ {
		fresh = append(fresh, uint32(n))
	}
	slices.SortFunc(fresh, func(a, b uint32) int { return strings.Compare(t.values[a], t.values[b]) })
	merged := make([]uint32, 0, len(t.values))
	old := t.sorted
	for _, n := range fresh {
		at, _ := slices.BinarySearchFunc(old, t.values[n], func(m uint32, value string) int {
			return strings.Compare(t.values[m], value)
		})
		merged = append(append(merged, old[:at]...), n)
		old = old[at:]
	}
	t.sorted = append(merged, old...)
	return t.sorted
}

// between gives the ids that have a value from the first sorted one for which
// from holds up to, and without, the first one for which to holds.
func (t *terms) between(from, to func(value string) bool) *roaring.Bitmap {
	sorted := t.inOrder()
	first := func(holds func(string) bool) int {
		at, _ := slices.BinarySearchFunc(sorted, true, func(n uint32, _ bool) int {
			if holds(t.values[n]) {
				return 1
			}
			return -1
		})
		return at
	}
	out := roaring.New()
	start, end := first(from), first(to)
	for ; start < end; start++ {
		t.postings[sorted[start]].addTo(out)
	}
	return out
}

// prefixed gives the ids that have a value starting with prefix.
func (t *terms) prefixed(prefix string) *roaring.Bitmap {
	return t.between(
		func(value string) bool { return value >= prefix },
		func(value string) bool { return value >= prefix && !strings.HasPrefix(value, prefix) },
	)
}

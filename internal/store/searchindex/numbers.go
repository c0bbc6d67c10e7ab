package searchindex

import (
	"cmp"
	"slices"
	"sort"
	"sync"

	"github.com/RoaringBitmap/roaring/v2"
)

// number is one value of one id.
type number struct {
	value float64
	id    uint32
}

func compareNumbers(a, b number) int {
	if c := cmp.Compare(a.value, b.value); c != 0 {
		return c
	}
	return cmp.Compare(a.id, b.id)
}

// numbers holds the numbers of one path.
type numbers struct {
	mu     sync.Mutex
	sorted []number
	// fresh came since sorted was made.
	fresh []number
}

func (n *numbers) add(value float64, id uint32) { n.fresh = append(n.fresh, number{value, id}) }

// inOrder gives all values sorted. What came since the last call is merged in;
// the result does not change any more.
func (n *numbers) inOrder() []number {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.fresh) == 0 {
		return n.sorted
	}
	slices.SortFunc(n.fresh, compareNumbers)
	merged := make([]number, 0, len(n.sorted)+len(n.fresh))
	old := n.sorted
	for _, f := range n.fresh {
		at, _ := slices.BinarySearchFunc(old, f, compareNumbers)
		merged = append(append(merged, old[:at]...), f)
		old = old[at:]
	}
	n.sorted, n.fresh = append(merged, old...), nil
	return n.sorted
}

// between gives the ids that have a value from the first sorted one for which
// from holds up to, and without, the first one for which to holds.
func (n *numbers) between(from, to func(value float64) bool) *roaring.Bitmap {
	sorted := n.inOrder()
	start := sort.Search(len(sorted), func(i int) bool { return from(sorted[i].value) })
	end := sort.Search(len(sorted), func(i int) bool { return to(sorted[i].value) })
	if end <= start {
		return roaring.New()
	}
	ids := make([]uint32, 0, end-start)
	for _, s := range sorted[start:end] {
		ids = append(ids, s.id)
	}
	slices.Sort(ids) // a bitmap is built many times faster in order
	out := roaring.New()
	out.AddMany(ids)
	return out
}

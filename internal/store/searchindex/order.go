package searchindex

import (
	"cmp"
	"slices"
	"sort"
	"strings"

	"github.com/RoaringBitmap/roaring/v2"

	"oasis/internal/data/search"
)

type orderKey struct {
	column columnKey
	desc   bool
}

// order is all documents that have a value for a quantity, in the order of an
// answer: by value, equal ones by entry id in the same direction.
type order struct {
	docs   []uint32
	place  []uint32 // place[doc] is its position in docs; noPlace = no value
	valued *roaring.Bitmap
	// runs are the stretches of equal values; run i ends where run i+1 starts.
	starts []int
	keys   []key
}

const noPlace = ^uint32(0)

// key is the value that a run of documents is sorted by.
type key struct {
	text   string
	number float64
}

func compareKeys(a, b key) int {
	if c := cmp.Compare(a.number, b.number); c != 0 {
		return c
	}
	return strings.Compare(a.text, b.text)
}

// run is a key with the documents, or items, that have it.
type run struct {
	key  key
	each func(func(id uint32))
}

// byID gives the live documents sorted by entry id. The caller holds derived.mu.
func (s *state) byID() []uint32 {
	if s.derived.byID == nil {
		out := make([]uint32, 0, len(s.byEntry))
		if c := s.columns[columnKey{"entry_id", exact}]; c != nil {
			for _, n := range c.terms.inOrder() {
				if doc, ok := s.byEntry[c.terms.values[n]]; ok {
					out = append(out, doc)
				}
			}
		}
		s.derived.byID = out
	}
	return s.derived.byID
}

// orders gives the order by a quantity and the order by entry id, both remembered.
func (s *state) orders(q *search.Quantity, desc bool) (by *order, ids []uint32) {
	s.derived.mu.Lock()
	defer s.derived.mu.Unlock()
	s.derived.at(s.version)
	ids = s.byID()
	k := orderKey{keyOf(q), desc}
	if by = s.derived.orders[k]; by == nil {
		runs := s.runs(q)
		if desc {
			slices.Reverse(runs)
		}
		by = s.sort(runs, s.spaces[q.Nested], ids, desc)
		s.derived.orders[k] = by
	}
	return by, ids
}

// runs gives the values of a quantity in ascending order.
func (s *state) runs(q *search.Quantity) []run {
	if q.OfUpload {
		return s.uploadRuns(q)
	}
	c := s.columns[keyOf(q)]
	switch {
	case c == nil:
		return nil
	case c.numbers != nil:
		var runs []run
		sorted := c.numbers.inOrder()
		for len(sorted) > 0 {
			end := sort.Search(len(sorted), func(i int) bool { return sorted[i].value > sorted[0].value })
			same := sorted[:end]
			runs = append(runs, run{key{number: same[0].value}, func(f func(uint32)) {
				for _, n := range same {
					f(n.id)
				}
			}})
			sorted = sorted[end:]
		}
		return runs
	default:
		sorted := c.terms.inOrder()
		runs := make([]run, len(sorted))
		for i, n := range sorted {
			runs[i] = run{key{text: c.terms.values[n]}, c.terms.postings[n].each}
		}
		return runs
	}
}

func (s *state) uploadRuns(q *search.Quantity) []run {
	var runs []run
	for _, r := range s.uploads {
		each := func(f func(uint32)) {
			for it := r.docs.Iterator(); it.HasNext(); {
				f(it.Next())
			}
		}
		if q.Type == search.Date {
			if at, ok := r.facts.Time(q.Path); ok {
				runs = append(runs, run{key{number: at}, each})
			}
			continue
		}
		for _, text := range r.facts.Texts(q.Path) {
			runs = append(runs, run{key{text: text}, each})
		}
	}
	slices.SortFunc(runs, func(a, b run) int { return compareKeys(a.key, b.key) })
	return runs
}

// sort lays out the documents of the runs; a document in several runs stands in
// the first. ids are the documents by entry id, so no run has to be sorted: each
// document is dealt to its run in that order.
func (s *state) sort(runs []run, sp *space, ids []uint32, desc bool) *order {
	const none = -1
	runOf := make([]int32, len(s.docs))
	for i := range runOf {
		runOf[i] = none
	}
	o := &order{valued: roaring.New(), place: make([]uint32, len(s.docs))}
	var sizes []int
	for _, r := range runs {
		n := len(o.keys) - 1
		if n < 0 || compareKeys(o.keys[n], r.key) != 0 {
			o.keys, sizes = append(o.keys, r.key), append(sizes, 0)
			n++
		}
		r.each(func(id uint32) {
			for up := sp; up.parent != nil; up = up.parent {
				id = up.parentOf[id]
			}
			if runOf[id] == none && s.docs[id].upload != nil {
				runOf[id] = int32(n)
				sizes[n]++
			}
		})
	}
	total := 0
	o.starts = make([]int, len(sizes))
	for i, size := range sizes {
		o.starts[i] = total
		total += size
	}
	next := slices.Clone(o.starts)
	o.docs = make([]uint32, total)
	for i := range ids {
		doc := ids[i]
		if desc {
			doc = ids[len(ids)-1-i]
		}
		if n := runOf[doc]; n != none {
			o.docs[next[n]] = doc
			next[n]++
		}
	}
	for i := range o.place {
		o.place[i] = noPlace
	}
	for i, doc := range o.docs {
		o.place[doc] = uint32(i)
	}
	o.valued.AddMany(slices.Sorted(slices.Values(o.docs)))
	return o
}

// key gives the sort value of a position.
func (o *order) key(place int) key {
	at, found := slices.BinarySearch(o.starts, place)
	if !found {
		at--
	}
	// Runs of no live document share their start with the next one: take the last.
	for at+1 < len(o.starts) && o.starts[at+1] == o.starts[at] {
		at++
	}
	return o.keys[at]
}

// after gives the first position behind a cursor.
func (o *order) after(s *state, c *search.Cursor, desc bool) int {
	sign := 1
	if desc {
		sign = -1
	}
	target := key{c.Text, c.Number}
	at, found := slices.BinarySearchFunc(o.keys, target, func(a, b key) int { return sign * compareKeys(a, b) })
	end := func(i int) int {
		if i < len(o.starts) {
			return o.starts[i]
		}
		return len(o.docs)
	}
	if !found {
		return end(at)
	}
	return o.starts[at] + behind(s, o.docs[o.starts[at]:end(at+1)], c.EntryID, desc)
}

// behind gives the first position in docs, which are sorted by entry id, behind that id.
func behind(s *state, docs []uint32, entryID string, desc bool) int {
	return sort.Search(len(docs), func(i int) bool {
		if id := s.docs[docs[i]].entryID; desc {
			return id < entryID
		} else {
			return id > entryID
		}
	})
}

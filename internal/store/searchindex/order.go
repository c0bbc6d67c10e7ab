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
	made   uint64 // the version of the state it was made from
	docs   []uint32
	place  []uint32 // place[doc] is its position in docs, if it is in valued
	valued *roaring.Bitmap
	// runs are the stretches of equal values; run i ends where run i+1 starts.
	starts []int
	keys   []key
}

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

// byID gives the documents sorted by entry id. The caller holds derived.mu.
func (s *state) byID() []uint32 {
	if s.derived.byID == nil || s.derived.byIDAt != s.content {
		out := make([]uint32, 0, len(s.docs))
		if c := s.columns[columnKey{"entry_id", exact}]; c != nil {
			for _, n := range c.terms.inOrder() {
				c.terms.postings[n].each(func(doc uint32) {
					if s.docs[doc].upload != nil {
						out = append(out, doc)
					}
				})
			}
		}
		s.derived.byID, s.derived.byIDAt = out, s.content
	}
	return s.derived.byID
}

// orders gives the order by a quantity and the order by entry id, both remembered.
func (s *state) orders(q *search.Quantity, desc bool) (by *order, ids []uint32) {
	made := s.content // only new documents make an old order useless: deleted ones are never hits
	if q.OfUpload {
		made = s.version
	}
	s.derived.mu.Lock()
	defer s.derived.mu.Unlock()
	ids = s.byID()
	k := orderKey{keyOf(q), desc}
	if by = s.derived.orders[k]; by == nil || by.made != made {
		d := newDealer(s, s.spaces[q.Nested])
		d.all(q, desc)
		by = d.deal(ids, desc)
		by.made = made
		if s.derived.orders == nil || len(s.derived.orders) >= maxDerived {
			s.derived.orders = map[orderKey]*order{}
		}
		s.derived.orders[k] = by
	}
	return by, ids
}

// dealer puts documents into runs of equal values. A document of several values
// belongs to the first run that it comes up in.
type dealer struct {
	state *state
	space *space
	runOf []int32 // by document; noRun = no value
	keys  []key
	sizes []int
}

const noRun = -1

func newDealer(s *state, sp *space) *dealer {
	d := &dealer{state: s, space: sp, runOf: make([]int32, len(s.docs))}
	for i := range d.runOf {
		d.runOf[i] = noRun
	}
	return d
}

// begin starts the run of a value, unless it is that of the current one.
func (d *dealer) begin(k key) {
	if n := len(d.keys); n == 0 || d.keys[n-1] != k {
		d.keys, d.sizes = append(d.keys, k), append(d.sizes, 0)
	}
}

// put adds a document, or the one around an item, to the current run.
func (d *dealer) put(id uint32) {
	for up := d.space; up.parent != nil; up = up.parent {
		id = up.parentOf[id]
	}
	if d.runOf[id] == noRun && d.state.docs[id].upload != nil {
		d.runOf[id] = int32(len(d.keys) - 1)
		d.sizes[len(d.sizes)-1]++
	}
}

// all goes through the values of a quantity in order.
func (d *dealer) all(q *search.Quantity, desc bool) {
	c := d.state.columns[keyOf(q)]
	switch {
	case q.OfUpload:
		d.uploads(q, desc)
	case c == nil:
	case c.numbers != nil:
		sorted := c.numbers.inOrder()
		for i := range sorted {
			if desc {
				i = len(sorted) - 1 - i
			}
			d.begin(key{number: sorted[i].value})
			d.put(sorted[i].id)
		}
	default:
		sorted := c.terms.inOrder()
		d.keys, d.sizes = make([]key, 0, len(sorted)), make([]int, 0, len(sorted))
		for i := range sorted {
			if desc {
				i = len(sorted) - 1 - i
			}
			d.begin(key{text: c.terms.values[sorted[i]]})
			c.terms.postings[sorted[i]].each(d.put)
		}
	}
}

func (d *dealer) uploads(q *search.Quantity, desc bool) {
	type valued struct {
		key    key
		record *record
	}
	var list []valued
	for _, r := range d.state.uploads {
		if q.Type == search.Date {
			if at, ok := r.facts.Time(q.Path); ok {
				list = append(list, valued{key{number: at}, r})
			}
			continue
		}
		for _, text := range r.facts.Texts(q.Path) {
			list = append(list, valued{key{text: text}, r})
		}
	}
	slices.SortFunc(list, func(a, b valued) int {
		if desc {
			a, b = b, a
		}
		return compareKeys(a.key, b.key)
	})
	for _, v := range list {
		d.begin(v.key)
		for it := v.record.docs.Iterator(); it.HasNext(); {
			d.put(it.Next())
		}
	}
}

// deal lays the runs out one after another. ids are the documents by entry id:
// dealing them in that order leaves each run sorted.
func (d *dealer) deal(ids []uint32, desc bool) *order {
	o := &order{keys: d.keys, starts: make([]int, len(d.sizes)), place: make([]uint32, len(d.runOf)), valued: roaring.New()}
	total := 0
	for i, size := range d.sizes {
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
		if n := d.runOf[doc]; n != noRun {
			o.docs[next[n]], o.place[doc] = doc, uint32(next[n])
			next[n]++
		}
	}
	valued := make([]uint32, 0, total)
	for doc, n := range d.runOf {
		if n != noRun {
			valued = append(valued, uint32(doc))
		}
	}
	o.valued.AddMany(valued)
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

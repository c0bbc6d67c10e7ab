package searchindex

import (
	"slices"
	"strings"

	"github.com/RoaringBitmap/roaring/v2"

	"oasis/internal/data/search"
)

// page gives the documents of the asked page and the cursor of the next one.
// It looks one document ahead, so a cursor never leads to an empty page.
func (e *evaluation) page(hits *roaring.Bitmap) (docs []uint32, next string) {
	p := &e.query.Page
	if p.OrderBy.Name == "entry_id" && hits.GetCardinality() <= fewHits {
		docs = e.fewByID(hits)
		if len(docs) <= p.Size {
			return docs, ""
		}
		docs = docs[:p.Size]
		return docs, search.Cursor{EntryID: e.state.docs[docs[p.Size-1]].entryID}.String(p.OrderBy)
	}
	by, ids := e.state.orders(p.OrderBy, p.Desc)
	valued := e.guard(p.OrderBy.Guard, by.valued)

	skip, want := p.Offset, p.Size+1
	if p.After == nil || !p.After.Missing {
		start := 0
		if p.After != nil {
			start = by.after(e.state, p.After, p.Desc)
		}
		with := roaring.And(hits, valued)
		docs, skip = take(by, with, start, skip, want)
	}
	if len(docs) < want {
		// Entries without a value come last in both directions.
		without := roaring.AndNot(hits, valued)
		docs = e.takeMissing(docs, without, ids, skip, want)
	}
	if len(docs) < want {
		return docs, ""
	}
	docs = docs[:p.Size]
	return docs, e.cursor(by, valued, docs[p.Size-1]).String(p.OrderBy)
}

// fewHits is the number of hits up to which sorting them is cheaper than keeping all documents sorted.
const fewHits = 64

// fewByID gives the hits sorted by entry id from the asked position on.
func (e *evaluation) fewByID(hits *roaring.Bitmap) []uint32 {
	p := &e.query.Page
	docs := hits.ToArray()
	slices.SortFunc(docs, func(a, b uint32) int {
		if p.Desc {
			a, b = b, a
		}
		return strings.Compare(e.state.docs[a].entryID, e.state.docs[b].entryID)
	})
	if p.After != nil {
		docs = docs[behind(e.state, docs, p.After.EntryID, p.Desc):]
	}
	return docs[min(p.Offset, len(docs)):]
}

func (e *evaluation) cursor(by *order, valued *roaring.Bitmap, doc uint32) search.Cursor {
	c := search.Cursor{EntryID: e.state.docs[doc].entryID}
	if valued.Contains(doc) {
		k := by.key(int(by.place[doc]))
		c.Text, c.Number = k.text, k.number
	} else {
		c.Missing = true
	}
	return c
}

// take gives up to want members of hits from position start of the order on,
// after leaving out skip of them, and how many are still to be left out.
func take(by *order, hits *roaring.Bitmap, start, skip, want int) ([]uint32, int) {
	count := int(hits.GetCardinality())
	var out []uint32
	// Few hits: look up where each stands. Many: walk along the order.
	if count == 0 {
		return nil, skip
	}
	if steps := (len(by.docs) / count) * (skip + want); count < steps || count < 256 {
		places := make([]uint32, 0, count)
		for it := hits.Iterator(); it.HasNext(); {
			if place := by.place[it.Next()]; int(place) >= start {
				places = append(places, place)
			}
		}
		slices.Sort(places)
		if skip >= len(places) {
			return nil, skip - len(places)
		}
		places = places[skip:]
		for _, place := range places[:min(want, len(places))] {
			out = append(out, by.docs[place])
		}
		return out, 0
	}
	for _, doc := range by.docs[start:] {
		if !hits.Contains(doc) {
			continue
		}
		if skip > 0 {
			skip--
			continue
		}
		if out = append(out, doc); len(out) == want {
			break
		}
	}
	return out, skip
}

// takeMissing appends up to want hits that have no sort value, by entry id.
func (e *evaluation) takeMissing(docs []uint32, hits *roaring.Bitmap, ids []uint32, skip, want int) []uint32 {
	if hits.IsEmpty() {
		return docs
	}
	p := &e.query.Page
	if p.Desc {
		ids = slices.Clone(ids)
		slices.Reverse(ids)
	}
	if p.After != nil && p.After.Missing {
		ids = ids[behind(e.state, ids, p.After.EntryID, p.Desc):]
	}
	for _, doc := range ids {
		if !hits.Contains(doc) {
			continue
		}
		if skip > 0 {
			skip--
			continue
		}
		if docs = append(docs, doc); len(docs) == want {
			break
		}
	}
	return docs
}

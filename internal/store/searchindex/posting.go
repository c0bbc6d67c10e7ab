package searchindex

import (
	"slices"

	"github.com/RoaringBitmap/roaring/v2"
)

// smallPosting is the length up to which a list of ids is cheaper than a bitmap.
const smallPosting = 48

// posting is the ascending set of ids that have one value. Ids are added in
// ascending order only. Its bitmap is never changed by readers.
type posting struct {
	small []uint32
	big   *roaring.Bitmap
}

func (p *posting) add(id uint32) {
	switch {
	case p.big != nil:
		p.big.Add(id)
	case len(p.small) > 0 && p.small[len(p.small)-1] == id: // the same value twice in one entry
	case len(p.small) < smallPosting:
		p.small = append(p.small, id)
	default:
		p.big = roaring.BitmapOf(p.small...)
		p.big.Add(id)
		p.small = nil
	}
}

// bitmap gives the set; the caller must not change it.
func (p *posting) bitmap() *roaring.Bitmap {
	if p.big != nil {
		return p.big
	}
	return roaring.BitmapOf(p.small...)
}

// addTo adds the set to b.
func (p *posting) addTo(b *roaring.Bitmap) {
	if p.big != nil {
		b.Or(p.big)
		return
	}
	for _, id := range p.small {
		b.Add(id)
	}
}

// countIn gives the number of ids that are also in b.
func (p *posting) countIn(b *roaring.Bitmap) int {
	if p.big != nil {
		return int(p.big.AndCardinality(b))
	}
	n := 0
	for _, id := range p.small {
		if b.Contains(id) {
			n++
		}
	}
	return n
}

// entriesIn gives the number of documents around the items that are also in b.
// Items ascend with the documents they are in, so equal ones follow one another.
func (p *posting) entriesIn(b *roaring.Bitmap, sp *space) int {
	n, last := 0, uint32(0)
	for it := p.within(b).ManyIterator(); ; {
		var ids [256]uint32
		got := it.NextMany(ids[:])
		if got == 0 {
			return n
		}
		for _, id := range ids[:got] {
			for up := sp; up.parent != nil; up = up.parent {
				id = up.parentOf[id]
			}
			if n == 0 || id != last {
				n++
			}
			last = id
		}
	}
}

// each calls f for every id, ascending.
func (p *posting) each(f func(id uint32)) {
	for _, id := range p.small {
		f(id)
	}
	if p.big != nil {
		for it := p.big.Iterator(); it.HasNext(); {
			f(it.Next())
		}
	}
}

// within gives the ids that are also in b.
func (p *posting) within(b *roaring.Bitmap) *roaring.Bitmap {
	if p.big != nil {
		return roaring.And(p.big, b)
	}
	return roaring.BitmapOf(slices.DeleteFunc(slices.Clone(p.small), func(id uint32) bool { return !b.Contains(id) })...)
}

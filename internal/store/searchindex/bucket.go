package searchindex

import (
	"slices"
	"sort"
	"strings"

	"github.com/RoaringBitmap/roaring/v2"

	"oasis/internal/data/search"
)

// counted is a value with the hits that have it.
type counted struct {
	value string
	count int // entries
	items int // items of the nested section
	// entries gives the hits themselves, for metrics.
	entries func() *roaring.Bitmap
}

// buckets counts the values of a quantity among the hits.
func (e *evaluation) buckets(a *search.Aggregation, hits *roaring.Bitmap) ([]search.Bucket, error) {
	if err := e.ctx.Err(); err != nil {
		return nil, err
	}
	if a.ExcludeFromSearch {
		var err error
		if hits, err = e.hits(search.Without(e.query.Where, a.Quantity.Name)); err != nil {
			return nil, err
		}
	}
	q := a.Quantity
	hits = e.guard(q.Guard, hits)
	var all []counted
	if q.OfUpload {
		all = e.countUploads(a, hits)
	} else if c := e.state.columns[keyOf(q)]; c != nil {
		all = e.countTerms(a, c, hits)
	}
	slices.SortFunc(all, func(x, y counted) int {
		if x.count != y.count {
			return y.count - x.count
		}
		return strings.Compare(x.value, y.value)
	})
	all = all[:min(len(all), a.Size)]
	buckets := make([]search.Bucket, len(all))
	for i, c := range all {
		buckets[i] = search.Bucket{Value: c.value, Count: c.count, Items: c.items}
		if q.Type == search.Bool {
			buckets[i].Value = c.value == "true"
		}
		for _, metric := range a.Metrics {
			buckets[i].Metrics = append(buckets[i].Metrics, e.metric(metric, c.entries()))
		}
	}
	return buckets, nil
}

func wanted(a *search.Aggregation, value string) bool {
	return strings.Contains(value, a.Contains) && (a.Only == nil || slices.Contains(a.Only, value))
}

func (e *evaluation) countTerms(a *search.Aggregation, c *column, hits *roaring.Bitmap) []counted {
	nested := c.space.parent != nil
	inside := hits
	if nested {
		inside = e.lower(hits, c.space)
	}
	if inside.IsEmpty() {
		return nil
	}
	root := e.state.spaces[""]
	var all []counted
	for n, value := range c.terms.values {
		if !wanted(a, value) {
			continue
		}
		p := &c.terms.postings[n]
		items := p.countIn(inside)
		if items == 0 {
			continue
		}
		entries := func() *roaring.Bitmap { return p.within(inside) }
		count := items
		if nested {
			entries = func() *roaring.Bitmap { return e.lift(p.within(inside), c.space, root) }
			count = p.entriesIn(inside, c.space)
		}
		all = append(all, counted{value, count, items, entries})
	}
	return all
}

// lower gives the items of a nested section that lie in the documents.
func (e *evaluation) lower(docs *roaring.Bitmap, sp *space) *roaring.Bitmap {
	around := docs
	if sp.parent.parent != nil {
		around = e.lower(docs, sp.parent)
	}
	var ids []uint32
	// parentOf ascends, so each document's items are found from the last one on.
	from := 0
	for it := around.Iterator(); it.HasNext() && from < len(sp.parentOf); {
		parent := it.Next()
		if sp.parentOf[from] < parent {
			from += sort.Search(len(sp.parentOf)-from, func(i int) bool { return sp.parentOf[from+i] >= parent })
		}
		for ; from < len(sp.parentOf) && sp.parentOf[from] == parent; from++ {
			ids = append(ids, uint32(from))
		}
	}
	out := roaring.New()
	out.AddMany(ids)
	return out
}

func (e *evaluation) countUploads(a *search.Aggregation, hits *roaring.Bitmap) []counted {
	sets := map[string][]*roaring.Bitmap{}
	counts := map[string]int{}
	for _, r := range e.state.uploads {
		n := int(r.docs.AndCardinality(hits))
		if n == 0 {
			continue
		}
		texts := slices.Compact(slices.Sorted(slices.Values(r.facts.Texts(a.Quantity.Path))))
		for _, text := range texts {
			if wanted(a, text) {
				counts[text] += n
				sets[text] = append(sets[text], r.docs)
			}
		}
	}
	all := make([]counted, 0, len(counts))
	for value, count := range counts {
		all = append(all, counted{value, count, count, func() *roaring.Bitmap {
			return roaring.And(roaring.FastOr(sets[value]...), hits)
		}})
	}
	return all
}

// metric gives a number about the entries of a bucket (spec entries.md §6).
func (e *evaluation) metric(name string, entries *roaring.Bitmap) int64 {
	switch name {
	case "n_uploads", "n_authors":
		uploads, authors := map[*record]bool{}, map[string]bool{}
		for it := entries.Iterator(); it.HasNext(); {
			r := e.state.docs[it.Next()].upload
			if !uploads[r] {
				uploads[r] = true
				for _, id := range r.facts.Authors() {
					authors[id] = true
				}
			}
		}
		if name == "n_authors" {
			return int64(len(authors))
		}
		return int64(len(uploads))
	case "n_materials":
		n := int64(0)
		if c := e.state.columns[columnKey{"results.material.material_id", exact}]; c != nil {
			for i := range c.terms.postings {
				if c.terms.postings[i].countIn(entries) > 0 {
					n++
				}
			}
		}
		return n
	case "n_quantities":
		return e.sum("n_quantities", entries)
	case "n_calculations":
		return e.sum("results.properties.n_calculations", entries)
	default:
		return int64(entries.GetCardinality())
	}
}

func (e *evaluation) sum(path string, entries *roaring.Bitmap) int64 {
	c := e.state.columns[columnKey{path, numeric}]
	if c == nil {
		return 0
	}
	sum := 0.0
	for _, n := range c.numbers.inOrder() {
		if entries.Contains(n.id) {
			sum += n.value
		}
	}
	return int64(sum)
}

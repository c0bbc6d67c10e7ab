package searchindex

import (
	"context"
	"slices"
	"strings"

	"github.com/RoaringBitmap/roaring/v2"

	"oasis/internal/data/search"
)

// evaluation is one search over one state. Bitmaps it passes around are shared
// and never changed once made.
type evaluation struct {
	ctx   context.Context
	state *state
	query *search.Query
}

// hits gives the visible documents that meet a condition. Visibility is applied
// last, to whatever the condition is.
func (e *evaluation) hits(where search.Node) (*roaring.Bitmap, error) {
	visible := e.state.allowed(e.query.Visible)
	if where == nil {
		return visible, nil
	}
	if all, ok := where.(search.And); ok && len(all) == 0 {
		return visible, nil
	}
	found, err := e.node(where, e.state.spaces[""])
	if err != nil {
		return nil, err
	}
	return roaring.And(found, visible), nil
}

// node gives the ids of a space that meet a condition.
func (e *evaluation) node(n search.Node, sp *space) (*roaring.Bitmap, error) {
	if err := e.ctx.Err(); err != nil {
		return nil, err
	}
	switch n := n.(type) {
	case search.And:
		sets, err := e.nodes(n, sp)
		if err != nil || len(sets) == 0 {
			return e.everything(sp), err
		}
		slices.SortStableFunc(sets, func(a, b *roaring.Bitmap) int { return int(a.GetCardinality()) - int(b.GetCardinality()) })
		return intersect(sets), nil
	case search.Or:
		sets, err := e.nodes(n, sp)
		return roaring.FastOr(sets...), err
	case search.Not:
		found, err := e.node(n.Of, sp)
		if err != nil {
			return nil, err
		}
		return e.others(found, sp), nil
	case search.Nested:
		inner := e.state.spaces[n.Path]
		if inner == nil {
			return e.node(n.Of, sp)
		}
		found, err := e.node(n.Of, inner)
		if err != nil {
			return nil, err
		}
		return e.lift(found, inner, sp), nil
	case *search.Criterion:
		return e.criterion(n, sp), nil
	default:
		return e.everything(sp), nil
	}
}

func (e *evaluation) nodes(list []search.Node, sp *space) ([]*roaring.Bitmap, error) {
	sets := make([]*roaring.Bitmap, 0, len(list))
	for _, n := range list {
		found, err := e.node(n, sp)
		if err != nil {
			return nil, err
		}
		sets = append(sets, found)
	}
	return sets, nil
}

func intersect(sets []*roaring.Bitmap) *roaring.Bitmap {
	out := sets[0]
	for _, set := range sets[1:] {
		out = roaring.And(out, set)
	}
	return out
}

func (e *evaluation) everything(sp *space) *roaring.Bitmap { return e.others(roaring.New(), sp) }

func (e *evaluation) others(found *roaring.Bitmap, sp *space) *roaring.Bitmap {
	return roaring.Flip(found, 0, e.state.size(sp))
}

// lift turns items of a nested section into what they are in, up to the space to.
func (e *evaluation) lift(found *roaring.Bitmap, from, to *space) *roaring.Bitmap {
	for from != to && from.parent != nil {
		parents := make([]uint32, 0, found.GetCardinality())
		for it := found.Iterator(); it.HasNext(); {
			parents = append(parents, from.parentOf[it.Next()]) // ascends, as parentOf does
		}
		found = roaring.New()
		found.AddMany(parents)
		if from.parent.parent == nil {
			found = e.guard(from.guard, found)
		}
		from = from.parent
	}
	return found
}

// criterion gives the ids of the space sp for which a condition on one quantity holds.
func (e *evaluation) criterion(c *search.Criterion, sp *space) *roaring.Bitmap {
	q := c.Quantity
	if c.Op == search.All && len(c.Values) == 0 {
		return e.everything(sp) // a list of no demands, also for a nested quantity
	}
	own := e.state.spaces[q.Nested]
	var found *roaring.Bitmap
	switch c.Op {
	case search.All:
		found = intersect(e.equals(q, c.Values))
	case search.Range:
		found = e.between(q, c.Range)
	default:
		found = roaring.FastOr(e.equals(q, c.Values)...)
	}
	if own.parent == nil {
		found = e.guard(q.Guard, found)
	}
	if c.Op == search.None {
		found = e.others(found, own)
	}
	return e.lift(found, own, sp)
}

func (e *evaluation) equals(q *search.Quantity, values []search.Value) []*roaring.Bitmap {
	sets := make([]*roaring.Bitmap, len(values))
	for i := range values {
		sets[i] = e.equal(q, &values[i])
	}
	return sets
}

// equal gives the ids that have a value, as the type of the quantity compares it.
func (e *evaluation) equal(q *search.Quantity, v *search.Value) *roaring.Bitmap {
	if q.Type == search.Section {
		return roaring.New()
	}
	if q.OfUpload {
		return e.ofUploads(func(r *record) bool { return uploadHas(q, r, v) })
	}
	c := e.state.columns[keyOf(q)]
	found := roaring.New()
	switch {
	case c == nil:
	case q.Type.Numeric():
		found = c.numbers.between(func(n float64) bool { return n >= v.Low }, func(n float64) bool { return n > v.High })
	case q.Type == search.Phrase:
		found = c.phrase(q.Type.Tokens(v.Text))
	case q.Type.Tokenised():
		found = c.anyWord(q.Type.Tokens(v.Text), q.Type == search.Words)
	default:
		return c.terms.equal(v.Text)
	}
	if q.Type == search.Words {
		tokens := q.Type.Tokens(v.Text)
		found = roaring.Or(found, e.ofUploads(func(r *record) bool { return hasWord(r.free, tokens) }))
	}
	return found
}

// anyWord gives the ids that have one of the words; with prefix, the last one may go on.
func (c *column) anyWord(tokens []string, prefix bool) *roaring.Bitmap {
	out := roaring.New()
	for i, token := range tokens {
		if prefix && i == len(tokens)-1 {
			out.Or(c.terms.prefixed(token))
		} else {
			out.Or(c.terms.equal(token))
		}
	}
	return out
}

// phrase gives the documents that have the words one after another, the last one as prefix.
func (c *column) phrase(tokens []string) *roaring.Bitmap {
	if len(tokens) == 0 {
		return roaring.New()
	}
	found := c.terms.prefixed(tokens[len(tokens)-1])
	for _, token := range tokens[:len(tokens)-1] {
		found = roaring.And(found, c.terms.equal(token))
	}
	wanted := " " + strings.Join(tokens, " ")
	out := roaring.New()
	for it := found.Iterator(); it.HasNext(); {
		if doc := it.Next(); strings.Contains(c.phrases[doc], wanted) {
			out.Add(doc)
		}
	}
	return out
}

// hasWord tells whether the sorted words hold one of the tokens, the last one as prefix.
func hasWord(sorted, tokens []string) bool {
	for i, token := range tokens {
		at, found := slices.BinarySearch(sorted, token)
		if found || i == len(tokens)-1 && at < len(sorted) && strings.HasPrefix(sorted[at], token) {
			return true
		}
	}
	return false
}

// between gives the ids that have a value within bounds.
func (e *evaluation) between(q *search.Quantity, b search.Bounds) *roaring.Bitmap {
	if q.OfUpload {
		return e.ofUploads(func(r *record) bool { return uploadWithin(q, r, b) })
	}
	c := e.state.columns[keyOf(q)]
	switch {
	case c == nil:
		return roaring.New()
	case q.Type.Numeric():
		return c.numbers.between(b.Reached, b.Passed)
	default:
		return c.terms.between(b.TextReached, b.TextPassed)
	}
}

// ofUploads gives the documents of the uploads for which a condition holds.
func (e *evaluation) ofUploads(holds func(*record) bool) *roaring.Bitmap {
	var sets []*roaring.Bitmap
	for _, r := range e.state.uploads {
		if !r.docs.IsEmpty() && holds(r) {
			sets = append(sets, r.docs)
		}
	}
	return roaring.FastOr(sets...)
}

func uploadHas(q *search.Quantity, r *record, v *search.Value) bool {
	if q.Type == search.Date {
		at, ok := r.facts.Time(q.Path)
		return ok && at >= v.Low && at <= v.High
	}
	texts := r.facts.Texts(q.Path)
	if !q.Type.Tokenised() {
		return slices.Contains(texts, v.Text)
	}
	wanted := q.Type.Tokens(v.Text)
	return slices.ContainsFunc(texts, func(text string) bool {
		return slices.ContainsFunc(q.Type.Tokens(text), func(token string) bool { return slices.Contains(wanted, token) })
	})
}

func uploadWithin(q *search.Quantity, r *record, b search.Bounds) bool {
	if q.Type == search.Date {
		at, ok := r.facts.Time(q.Path)
		return ok && b.Reached(at) && !b.Passed(at)
	}
	return slices.ContainsFunc(r.facts.Texts(q.Path), func(text string) bool { return b.TextReached(text) && !b.TextPassed(text) })
}

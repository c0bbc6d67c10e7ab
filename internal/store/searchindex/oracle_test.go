package searchindex_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"oasis/internal/data/search"
	"oasis/internal/data/upload"
)

// oracle answers a query the slow way: it renders every visible document as the
// caller may see it and looks at the JSON. What is withheld is simply not there.
type oracle struct {
	entries map[string]*search.Entry
	uploads map[string]*search.UploadFacts
}

func (o *oracle) apply(c search.Change) {
	switch {
	case c.Entry != nil:
		o.entries[c.Entry.ID] = c.Entry
	case c.DeletedEntry != "":
		delete(o.entries, c.DeletedEntry)
	case c.Upload != nil:
		o.uploads[c.Upload.ID] = c.Upload
	case c.DeletedUpload != "":
		delete(o.uploads, c.DeletedUpload)
		for id, e := range o.entries {
			if e.UploadID == c.DeletedUpload {
				delete(o.entries, id)
			}
		}
	}
}

// rights is the upload as the object rules read it.
func rights(f *search.UploadFacts) *upload.Upload {
	ids := func(people []search.Person) (out []string) {
		for _, p := range people {
			out = append(out, p.UserID)
		}
		return out
	}
	return &upload.Upload{ID: f.ID, MainAuthor: f.MainAuthor.UserID, Coauthors: ids(f.Coauthors), Reviewers: ids(f.Reviewers),
		CoauthorGroups: f.CoauthorGroups, ReviewerGroups: f.ReviewerGroups, PublishTime: f.PublishTime, EmbargoLength: f.EmbargoLength}
}

// seen is an entry as the caller sees it.
type seen struct {
	id   string
	tree map[string]any
	// free is what the free-text box finds besides the document's own texts.
	free []string
	json json.RawMessage
}

func (o *oracle) visible(q *search.Query) []seen {
	var out []seen
	for _, e := range o.entries {
		f := o.uploads[e.UploadID]
		if f == nil || !q.Visible.Matches(rights(f)) {
			continue
		}
		part, err := search.Canonical(e)
		if err != nil {
			panic(err)
		}
		full, members := q.Full.Matches(rights(f)), q.Members.Matches(rights(f))
		all := search.NewRenderer(search.Required{Include: []string{"*"}}).Document(part.JSON, f.JSON(members), full)
		s := seen{id: e.ID, json: search.NewRenderer(q.Required).Document(part.JSON, f.JSON(members), full)}
		if full {
			s.free = f.FreeText()
		}
		d := json.NewDecoder(bytes.NewReader(all))
		d.UseNumber()
		if err := d.Decode(&s.tree); err != nil {
			panic("rendered document is no JSON: " + string(all))
		}
		out = append(out, s)
	}
	return out
}

// at gives what stands at a dotted path below v; lists are walked through.
func at(v any, path string) []any {
	switch v := v.(type) {
	case []any:
		var out []any
		for _, child := range v {
			out = append(out, at(child, path)...)
		}
		return out
	case map[string]any:
		if path == "" {
			return []any{v}
		}
		name, rest, _ := strings.Cut(path, ".")
		return at(v[name], rest)
	case nil:
		return nil
	default:
		if path == "" {
			return []any{v}
		}
		return nil
	}
}

func below(path, scope string) string {
	if scope == "" {
		return path
	}
	return strings.TrimPrefix(path, scope+".")
}

// holds evaluates a condition on the item scope of the section at scopePath.
func (s *seen) holds(n search.Node, scope any, scopePath string) bool {
	switch n := n.(type) {
	case search.And:
		return !slices.ContainsFunc(n, func(c search.Node) bool { return !s.holds(c, scope, scopePath) })
	case search.Or:
		return slices.ContainsFunc(n, func(c search.Node) bool { return s.holds(c, scope, scopePath) })
	case search.Not:
		return !s.holds(n.Of, scope, scopePath)
	case search.Nested:
		if !slices.Contains(search.NestedPaths(), n.Path) {
			return s.holds(n.Of, scope, scopePath)
		}
		return slices.ContainsFunc(at(scope, below(n.Path, scopePath)), func(item any) bool { return s.holds(n.Of, item, n.Path) })
	case *search.Criterion:
		if n.Op == search.All && len(n.Values) == 0 {
			return true
		}
		if n.Quantity.Nested != scopePath {
			return slices.ContainsFunc(at(scope, below(n.Quantity.Nested, scopePath)), func(item any) bool {
				return s.meets(n, item, n.Quantity.Nested)
			})
		}
		return s.meets(n, scope, scopePath)
	}
	return true
}

func (s *seen) values(q *search.Quantity, scope any, scopePath string) []any {
	if q.Dynamic {
		var out []any
		for _, stored := range at(s.tree, "search_quantities") {
			m := stored.(map[string]any)
			if kind, v := search.DynamicValue(m); m["id"] == q.Name && dynamicKinds[kind] == q.Type {
				out = append(out, v)
			}
		}
		return out
	}
	values := at(scope, below(q.Path, scopePath))
	if q.Type == search.Words {
		for _, text := range s.free {
			values = append(values, text)
		}
	}
	return values
}

var dynamicKinds = map[string]search.Type{"str": search.Keyword, "float": search.Float, "int": search.Int, "bool": search.Bool, "datetime": search.Date}

func (s *seen) meets(c *search.Criterion, scope any, scopePath string) bool {
	values := s.values(c.Quantity, scope, scopePath)
	has := func(v search.Value) bool {
		return slices.ContainsFunc(values, func(x any) bool { return equal(c.Quantity, x, v) })
	}
	switch c.Op {
	case search.All:
		return !slices.ContainsFunc(c.Values, func(v search.Value) bool { return !has(v) })
	case search.None:
		return !slices.ContainsFunc(c.Values, has)
	case search.Range:
		return slices.ContainsFunc(values, func(x any) bool { return within(c.Quantity, x, c.Range) })
	default:
		return slices.ContainsFunc(c.Values, has)
	}
}

func text(x any) string {
	switch x := x.(type) {
	case bool:
		return strconv.FormatBool(x)
	case json.Number:
		return x.String()
	default:
		return x.(string)
	}
}

func numeric(q *search.Quantity, x any) float64 {
	if q.Type == search.Date {
		ms, _ := search.ParseDate(text(x))
		return ms
	}
	n, _ := strconv.ParseFloat(text(x), 64)
	return n
}

func equal(q *search.Quantity, x any, v search.Value) bool {
	switch {
	case q.Type.Numeric():
		n := numeric(q, x)
		return n >= v.Low && n <= v.High
	case q.Type == search.Phrase:
		has, want := q.Type.Tokens(text(x)), q.Type.Tokens(v.Text)
		for i := 0; len(want) > 0 && i+len(want) <= len(has); i++ {
			last := len(want) - 1
			if slices.Equal(has[i:i+last], want[:last]) && strings.HasPrefix(has[i+last], want[last]) {
				return true
			}
		}
		return false
	case q.Type.Tokenised():
		want := q.Type.Tokens(v.Text)
		return slices.ContainsFunc(q.Type.Tokens(text(x)), func(token string) bool {
			for i, w := range want {
				if token == w || q.Type == search.Words && i == len(want)-1 && strings.HasPrefix(token, w) {
					return true
				}
			}
			return false
		})
	default:
		return text(x) == v.Text
	}
}

func within(q *search.Quantity, x any, b search.Bounds) bool {
	if q.Type.Numeric() {
		n := numeric(q, x)
		return (b.GT == nil || n > b.GT.High) && (b.GTE == nil || n >= b.GTE.Low) && (b.LT == nil || n < b.LT.Low) && (b.LTE == nil || n <= b.LTE.High)
	}
	s := text(x)
	return (b.GT == nil || s > b.GT.Text) && (b.GTE == nil || s >= b.GTE.Text) && (b.LT == nil || s < b.LT.Text) && (b.LTE == nil || s <= b.LTE.Text)
}

// hits gives the visible entries that meet a condition, in the order of the page.
func (o *oracle) hits(q *search.Query, where search.Node) []seen {
	var out []seen
	for _, s := range o.visible(q) {
		if where == nil || s.holds(where, s.tree, "") {
			out = append(out, s)
		}
	}
	by, sign := q.Page.OrderBy, 1
	if q.Page.Desc {
		sign = -1
	}
	compare := func(a, b any) int {
		if by.Type.Numeric() {
			return sign * cmp.Compare(numeric(by, a), numeric(by, b))
		}
		return sign * strings.Compare(text(a), text(b))
	}
	key := func(s *seen) []any {
		values := at(s.tree, by.Path)
		if by.Dynamic {
			values = s.values(by, nil, "")
		}
		slices.SortFunc(values, compare)
		return values
	}
	slices.SortFunc(out, func(a, b seen) int {
		x, y := key(&a), key(&b)
		switch {
		case len(x) > 0 && len(y) > 0 && compare(x[0], y[0]) != 0:
			return compare(x[0], y[0])
		case len(x) > 0 != (len(y) > 0):
			return cmp.Compare(len(y), len(x)) // the one without a value comes last
		}
		return sign * strings.Compare(a.id, b.id)
	})
	return out
}

// buckets counts values among the hits.
func (o *oracle) buckets(q *search.Query, a *search.Aggregation) []search.Bucket {
	where := q.Where
	if a.ExcludeFromSearch {
		where = search.Without(where, a.Quantity.Name)
	}
	counts, items := map[string]int{}, map[string]int{}
	for _, s := range o.hits(q, where) {
		scopes := []any{s.tree}
		if a.Quantity.Nested != "" {
			scopes = at(s.tree, a.Quantity.Nested)
		}
		inEntry := map[string]bool{}
		for _, scope := range scopes {
			inItem := map[string]bool{}
			for _, v := range s.values(a.Quantity, scope, a.Quantity.Nested) {
				inItem[text(v)], inEntry[text(v)] = true, true
			}
			for v := range inItem {
				items[v]++
			}
		}
		for v := range inEntry {
			counts[v]++
		}
	}
	out := []search.Bucket{}
	for v, n := range counts {
		if !strings.Contains(v, a.Contains) || a.Only != nil && !slices.Contains(a.Only, v) {
			continue
		}
		b := search.Bucket{Value: v, Count: n, Items: items[v]}
		if a.Quantity.Type == search.Bool {
			b.Value = v == "true"
		}
		out = append(out, b)
	}
	slices.SortFunc(out, func(x, y search.Bucket) int {
		if x.Count != y.Count {
			return y.Count - x.Count
		}
		return strings.Compare(text(x.Value), text(y.Value))
	})
	return out[:min(len(out), a.Size)]
}

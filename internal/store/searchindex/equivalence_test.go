package searchindex_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"oasis/internal/data/search"
	"oasis/internal/data/upload"
	"oasis/internal/store/searchindex"
)

var epoch = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)

// quantities of the random documents and queries: every type, flat, nested,
// nested in nested, of the upload, guarded and dynamic.
var queried = map[string][]any{
	"entry_id":                               {"e0", "e1", "e2", "e3"},
	"upload_id":                              {"u0", "u1", "u2"},
	"entry_name":                             {"Ti film", "Ti foil", "oxide", ":"},
	"entry_type":                             {"ELNSample", "Schema", ""},
	"processed":                              {true, false, "true"},
	"comment":                                {"hello world", "WORLD peace", "none"},
	"mainfile.path":                          {"a", "b.yaml", "a/b.yaml"},
	"entry_name.prefix":                      {"ti f", "film", "Ti film", "ox"},
	"text_search_contents":                   {"hel", "world wid", "lab", "secret"},
	"files":                                  {"a/x.csv", "a/y.csv"},
	"files.path":                             {"x.csv", "a"},
	"entry_create_time":                      {"2024-01-01", "2024-01-02T00:00:00Z", json.Number("1704153600000"), "2024-01"},
	"n_quantities":                           {json.Number("0"), json.Number("3"), "7"},
	"upload_name":                            {"lab one", "two"},
	"upload_create_time":                     {"2024-01-01", "2024-01-02"},
	"publish_time":                           {"2024-01-03", "2024-01"},
	"published":                              {true, false},
	"with_embargo":                           {true, false},
	"main_author.name":                       {"Ann A", "Bob B"},
	"authors.name.text":                      {"ann", "bob b"},
	"authors.name":                           {"Ann A", "Cid C"},
	"viewers.user_id":                        {"ann", "bob", "cid"},
	"viewer_groups":                          {"g1", "all"},
	"results.material.elements":              {"Ti", "O", "H"},
	"results.material.chemical_formula_hill": {"TiO2", "O2Ti", "H2O"},
	"results.properties.electronic.band_gap.value":            {json.Number("1.5"), json.Number("2"), json.Number("0")},
	"results.properties.electronic.band_gap.type":             {"direct", "indirect"},
	"results.material.topology.label":                         {"bulk", "slab"},
	"results.material.topology.elemental_composition.element": {"Ti", "O"},
	"results.material.topology.n_elements":                    {json.Number("1"), json.Number("2")},
	"search_quantities.str_value":                             {"secret", "open"},
	"data.note#s.Sample#str":                                  {"secret", "open"},
	"data.mass#s.Sample#float":                                {json.Number("1"), json.Number("2.5")},
}

var names = slices.Sorted(maps.Keys(queried))

func pick[T any](t *rapid.T, list []T) T { return rapid.SampledFrom(list).Draw(t, "pick") }

func some(t *rapid.T, list []any, least int) []any {
	n := rapid.IntRange(least, 2).Draw(t, "n")
	out := make([]any, n)
	for i := range out {
		out[i] = pick(t, list)
	}
	return out
}

func maybe(t *rapid.T) bool { return rapid.Bool().Draw(t, "maybe") }

// drawQuery makes a random query object; prefix is the section it stands in.
func drawQuery(t *rapid.T, depth int) map[string]any {
	form := rapid.IntRange(0, 7).Draw(t, "form")
	if depth == 0 {
		form = form % 3
	}
	switch form {
	default:
		return drawCriterion(t, pick(t, names), "")
	case 3:
		return map[string]any{"and": []any{drawQuery(t, depth-1), drawQuery(t, depth-1)}}
	case 4:
		return map[string]any{"or": []any{drawQuery(t, depth-1), drawQuery(t, depth-1)}}
	case 5:
		return map[string]any{"not": drawQuery(t, depth-1)}
	case 6:
		const gap = "results.properties.electronic.band_gap"
		inner := drawCriterion(t, gap+".value", gap+".")
		for key, v := range drawCriterion(t, gap+".type", gap+".") {
			inner[key] = v
		}
		if maybe(t) {
			inner = map[string]any{"not": inner}
		}
		return map[string]any{gap: inner}
	case 7:
		const topology = "results.material.topology"
		inner := drawCriterion(t, topology+".label", topology+".")
		deep := drawCriterion(t, topology+".elemental_composition.element", topology+".elemental_composition.")
		if maybe(t) {
			inner["elemental_composition"] = deep
		} else {
			for key, v := range drawCriterion(t, topology+".elemental_composition.element", topology+".") {
				inner[key] = v
			}
		}
		return map[string]any{"results": map[string]any{"material": map[string]any{"topology": inner}}}
	}
}

func drawCriterion(t *rapid.T, full, prefix string) map[string]any {
	values := queried[full]
	name := full[len(prefix):]
	switch rapid.IntRange(0, 5).Draw(t, "operator") {
	case 0:
		return map[string]any{name: pick(t, values)}
	case 1:
		return map[string]any{name: some(t, values, 0)}
	case 2:
		return map[string]any{name + ":any": some(t, values, 0)}
	case 3:
		return map[string]any{name + ":none": some(t, values, 1)}
	case 4:
		return map[string]any{name + ":all": some(t, values, 1)}
	default:
		q, known := search.Lookup(full)
		if known && (q.Type.Tokenised() || q.Type == search.Bool) {
			return map[string]any{name: pick(t, values)}
		}
		bounds := map[string]any{pick(t, []string{"gt", "gte"}): pick(t, values)}
		if maybe(t) {
			bounds[pick(t, []string{"lt", "lte"})] = pick(t, values)
		}
		return map[string]any{name: bounds}
	}
}

func drawDocument(t *rapid.T) json.RawMessage {
	doc := map[string]any{"license": "forged", "published": true, "extra": map[string]any{"free": nil}}
	set := func(name string) {
		if maybe(t) {
			doc[name] = pick(t, queried[name])
		}
	}
	set("entry_name")
	set("entry_type")
	set("comment")
	if maybe(t) {
		doc["n_quantities"] = pick(t, []int{0, 3, 7})
	}
	if maybe(t) {
		doc["files"] = some(t, queried["files"], 0)
	}
	if maybe(t) {
		doc["text_search_contents"] = some(t, []any{"hello <b>world</b>", "secret note", "wide lab"}, 1)
	}
	material := map[string]any{"elements": some(t, queried["results.material.elements"], 0)}
	if maybe(t) {
		material["chemical_formula_hill"] = pick(t, []any{"O2Ti", "H2O"})
	}
	topology := []any{}
	for range rapid.IntRange(0, 2).Draw(t, "systems") {
		system := map[string]any{"label": pick(t, queried["results.material.topology.label"]), "n_elements": pick(t, []any{1, 2, nil})}
		composition := []any{}
		for range rapid.IntRange(0, 2).Draw(t, "parts") {
			composition = append(composition, map[string]any{"element": pick(t, []any{"Ti", "O"})})
		}
		system["elemental_composition"] = composition
		topology = append(topology, system)
	}
	material["topology"] = topology
	gaps := []any{}
	for range rapid.IntRange(0, 2).Draw(t, "gaps") {
		gaps = append(gaps, map[string]any{"value": pick(t, []any{1.5, 2, 0.0}), "type": pick(t, []any{"direct", "indirect", nil})})
	}
	doc["results"] = map[string]any{"material": material, "properties": map[string]any{"electronic": map[string]any{"band_gap": gaps}}}
	var stored []any
	if maybe(t) {
		stored = append(stored, map[string]any{"id": "data.note#s.Sample", "path_archive": "data.note", "str_value": pick(t, []any{"secret", "open"})})
	}
	if maybe(t) {
		stored = append(stored, map[string]any{"id": "data.mass#s.Sample", "path_archive": "data.parts.1.mass", "float_value": pick(t, []any{1, 2.5})})
	}
	if stored != nil {
		doc["search_quantities"] = stored
	}
	text, _ := json.Marshal(doc)
	return text
}

func drawChange(t *rapid.T) search.Change {
	entryIDs, uploadIDs := []string{"e0", "e1", "e2", "e3", "e4", "e5", "e6", "e7"}, []string{"u0", "u1", "u2"}
	switch rapid.IntRange(0, 9).Draw(t, "change") {
	case 0:
		return search.Change{DeletedEntry: pick(t, entryIDs)}
	case 1:
		return search.Change{DeletedUpload: pick(t, uploadIDs)}
	case 2, 3, 4:
		return search.Change{Upload: drawUpload(t, pick(t, uploadIDs))}
	default:
		id := pick(t, entryIDs)
		return search.Change{Entry: &search.Entry{ID: id, UploadID: pick(t, uploadIDs), Mainfile: pick(t, []string{"a/b.yaml", "c", "a/a"}),
			CreateTime:    epoch.Add(time.Duration(rapid.IntRange(0, 3).Draw(t, "half days")) * 12 * time.Hour),
			ProcessStatus: pick(t, []string{"SUCCESS", "FAILURE", ""}), Document: drawDocument(t)}}
	}
}

var people = []search.Person{{UserID: "ann", Name: "Ann A"}, {UserID: "bob", Name: "Bob B"}, {UserID: "cid", Name: "Cid C"}}

func drawUpload(t *rapid.T, id string) *search.UploadFacts {
	f := &search.UploadFacts{ID: id, Name: pick(t, []string{"lab one", "two", ""}), License: "CC0",
		CreateTime: epoch.AddDate(0, 0, rapid.IntRange(0, 2).Draw(t, "days")), MainAuthor: pick(t, people)}
	if maybe(t) {
		f.PublishTime = epoch.AddDate(0, 0, 2)
	}
	if maybe(t) {
		f.EmbargoLength = 3
	}
	if maybe(t) {
		f.Coauthors = []search.Person{pick(t, people)}
	}
	if maybe(t) {
		f.Reviewers = []search.Person{pick(t, people)}
	}
	if maybe(t) {
		f.CoauthorGroups = []string{"g1"}
	}
	if maybe(t) {
		f.ReviewerGroups = []string{pick(t, []string{"g2", "all"})}
	}
	return f
}

func drawViewer(t *rapid.T) upload.Viewer {
	v := pick(t, []upload.Viewer{{}, {UserID: "ann"}, {UserID: "bob", Groups: []string{"g1"}}, {UserID: "dan", Groups: []string{"g2"}}, {UserID: "eve", Admin: true}})
	if rapid.IntRange(0, 5).Draw(t, "restricted") == 0 {
		v.Uploads = []string{"u0", "u2"}
	}
	return v
}

func drawRequest(t *rapid.T) map[string]any {
	body := map[string]any{"owner": pick(t, []string{"public", "visible", "all", "all", "shared", "user", "staging", "admin"}),
		"query": drawQuery(t, 2)}
	order := pick(t, []string{"entry_id", "entry_name", "entry_create_time", "n_quantities", "upload_name", "publish_time", "published",
		"authors.name", "viewers.name", "results.properties.electronic.band_gap.value", "data.note#s.Sample#str", "data.mass#s.Sample#float", "process_status"})
	body["pagination"] = map[string]any{"page_size": rapid.IntRange(0, 4).Draw(t, "page size"), "order_by": order, "order": pick(t, []string{"asc", "desc"})}
	aggregations := map[string]any{}
	for _, quantity := range []string{"entry_type", "results.material.elements", "results.properties.electronic.band_gap.type", "main_author.name", "published",
		"authors.name", "viewer_groups", "files", "data.note#s.Sample#str", "results.material.topology.elemental_composition.element"} {
		terms := map[string]any{"quantity": quantity, "exclude_from_search": maybe(t), "size": rapid.IntRange(1, 5).Draw(t, "size")}
		if rapid.IntRange(0, 4).Draw(t, "filtered") == 0 {
			terms["include"] = pick(t, []any{"e", "T", []any{"Ti", "Ann A"}})
		}
		aggregations[quantity] = map[string]any{"terms": terms}
	}
	body["aggregations"] = aggregations
	if maybe(t) {
		body["required"] = map[string]any{"include": pick(t, [][]string{{}, {"entry_name", "results*"}, {"data.*", "text_search_contents", "main_author"}, {"*"}}),
			"exclude": pick(t, [][]string{{}, {"results.material.elements"}, {"*elements*", "upload*"}})}
	}
	return body
}

func TestSearchAnswersAsLookingAtEveryDocument(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		source := &history{}
		index := searchindex.New(source, clock)
		truth := &oracle{entries: map[string]*search.Entry{}, uploads: map[string]*search.UploadFacts{}}
		for _, id := range []string{"u0", "u1", "u2"} {
			c := search.Change{Upload: drawUpload(t, id)}
			truth.apply(c)
			source.add(c)
		}
		for range rapid.IntRange(1, 3).Draw(t, "rounds") {
			for range rapid.IntRange(0, 12).Draw(t, "changes") {
				c := drawChange(t)
				truth.apply(c)
				source.add(c)
			}
			for range 4 {
				body, _ := json.Marshal(drawRequest(t))
				compare(t, index, truth, body, drawViewer(t))
			}
		}
	})
}

func compare(t *rapid.T, index *searchindex.Index, truth *oracle, body []byte, viewer upload.Viewer) {
	r, err := search.ParseBody(body, epoch)
	if err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	q, err := search.Authorize(r, viewer)
	if err != nil {
		return // this viewer may not use this owner
	}
	where := func() string { return fmt.Sprintf("viewer %+v body %s", viewer, body) }
	expected := truth.hits(q, q.Where)
	first, err := index.Search(t.Context(), q)
	if err != nil {
		t.Fatalf("%s: %v", where(), err)
	}
	for i := range q.Aggregations {
		want := truth.buckets(q, &q.Aggregations[i])
		if got := first.Buckets[i]; len(got)+len(want) > 0 && !reflect.DeepEqual(got, want) {
			t.Fatalf("%s\nbuckets of %s: %+v, want %+v", where(), q.Aggregations[i].Given, got, want)
		}
	}
	q.Aggregations = nil
	if q.Page.Size == 0 {
		got, err := index.Search(t.Context(), q)
		if err != nil || got.Total != len(expected) || got.Hits != nil {
			t.Fatalf("%s: total %d, want %d; %v", where(), got.Total, len(expected), err)
		}
		return
	}
	all := pages(t, index, q, where)
	if len(all) != len(expected) {
		t.Fatalf("%s\n%d hits, want %d", where(), len(all), len(expected))
	}
	for i := range all {
		if all[i].EntryID != expected[i].id || string(all[i].Document) != string(expected[i].json) {
			t.Fatalf("%s\nhit %d is %s %s\n  want %s %s", where(), i, all[i].EntryID, all[i].Document, expected[i].id, expected[i].json)
		}
	}
	q.Page.After, q.Page.Offset = nil, 1
	got, err := index.Search(t.Context(), q)
	if err != nil || len(got.Hits) != max(0, min(q.Page.Size, len(expected)-1)) || len(got.Hits) > 0 && got.Hits[0].EntryID != expected[1].id {
		t.Fatalf("%s\noffset 1 gives %d hits, %v", where(), len(got.Hits), err)
	}
}

// checker is what pages needs of a test, of the testing package or of rapid.
type checker interface {
	Context() context.Context
	Fatalf(format string, args ...any)
}

// pages walks through all pages by their cursors, which go through text as those of clients do.
func pages(t checker, index *searchindex.Index, q *search.Query, where func() string) []search.Hit {
	var all []search.Hit
	for {
		got, err := index.Search(t.Context(), q)
		if err != nil {
			t.Fatalf("%s: %v", where(), err)
		}
		all = append(all, got.Hits...)
		if got.Next == "" {
			return all
		}
		if len(got.Hits) != q.Page.Size || len(all) >= got.Total {
			t.Fatalf("%s\na page of %d hits with a cursor, %d of %d seen", where(), len(got.Hits), len(all), got.Total)
		}
		if q.Page.After, err = search.ParseCursor(got.Next, q.Page.OrderBy); err != nil {
			t.Fatalf("%s: cursor %q: %v", where(), got.Next, err)
		}
	}
}

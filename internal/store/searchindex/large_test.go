package searchindex_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"

	"oasis/internal/data/search"
	"oasis/internal/data/upload"
	"oasis/internal/store/searchindex"
)

// With few hits the engine looks up where each stands, with many it walks along
// the order: both must give the pages that looking at every document gives.
func TestManyHitsArePagedAsFewAre(t *testing.T) {
	t.Parallel()
	const entries = 1500
	source, r := &history{}, rand.New(rand.NewPCG(5, 6))
	truth := &oracle{entries: map[string]*search.Entry{}, uploads: map[string]*search.UploadFacts{}}
	change := func(c search.Change) {
		source.add(c)
		truth.apply(c)
	}
	for u := range 7 {
		change(search.Change{Upload: &search.UploadFacts{ID: fmt.Sprint("u", u), Name: []string{"", "a", "b"}[u%3], PublishTime: epoch, CreateTime: epoch.AddDate(0, 0, u%3), MainAuthor: people[u%3]}})
	}
	index := searchindex.New(source, clock)
	for i := range entries + 300 { // the last 300 replace earlier ones
		document := map[string]any{"n_quantities": r.IntN(20), "entry_type": fmt.Sprint("T", r.IntN(3))}
		if r.IntN(3) > 0 {
			document["entry_name"] = fmt.Sprint("name ", r.IntN(400))
		}
		if r.IntN(4) > 0 {
			document["results"] = map[string]any{"properties": map[string]any{"electronic": map[string]any{"band_gap": []any{map[string]any{"value": r.IntN(9)}, map[string]any{"value": r.IntN(9)}}}}}
		}
		text, _ := json.Marshal(document)
		change(search.Change{Entry: &search.Entry{ID: fmt.Sprint("e", i*7919%entries), UploadID: fmt.Sprint("u", r.IntN(7)), Mainfile: "f", Document: text}})
		if i%500 == 0 {
			if err := index.Refresh(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, query := range []string{`{}`, `{"entry_type":"T1"}`, `{"n_quantities":{"gte":18}}`, `{"n_quantities":3,"entry_type":"T0"}`, `{"not":{"upload_name":"a"}}`} {
		for _, order := range []string{"entry_id", "calc_id", "entry_name", "n_quantities", "upload_create_time", "upload_name", "results.properties.electronic.band_gap.value"} {
			for _, direction := range []string{"asc", "desc"} {
				body := fmt.Sprintf(`{"query":%s,"pagination":{"order_by":%q,"order":%q,"page_size":97},"required":{"include":[]}}`, query, order, direction)
				request, err := search.ParseBody([]byte(body), epoch)
				if err != nil {
					t.Fatal(err)
				}
				q, err := search.Authorize(request, upload.Viewer{})
				if err != nil {
					t.Fatal(err)
				}
				want := truth.hits(q, q.Where)
				got := pages(t, index, q, func() string { return body })
				if len(got) != len(want) {
					t.Fatalf("%s: %d hits, want %d", body, len(got), len(want))
				}
				for i := range got {
					if got[i].EntryID != want[i].id {
						t.Fatalf("%s: hit %d is %s, want %s", body, i, got[i].EntryID, want[i].id)
					}
				}
				q.Page.After = nil
				for _, offset := range []int{1, 60, 200, 1400, 5000} {
					q.Page.Offset = offset
					result, err := index.Search(t.Context(), q)
					if err != nil {
						t.Fatal(err)
					}
					for i, hit := range result.Hits {
						if hit.EntryID != want[offset+i].id {
							t.Fatalf("%s: hit %d from %d is %s, want %s", body, i, offset, hit.EntryID, want[offset+i].id)
						}
					}
					if n := max(0, min(97, len(want)-offset)); len(result.Hits) != n || (result.Next != "") != (offset+97 < len(want)) {
						t.Fatalf("%s: %d hits from %d, want %d; next %q", body, len(result.Hits), offset, n, result.Next)
					}
				}
			}
		}
	}
}

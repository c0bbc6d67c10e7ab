package searchindex_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"oasis/internal/data/entry"
	"oasis/internal/data/search"
	"oasis/internal/data/upload"
	"oasis/internal/problem"
	"oasis/internal/store/searchindex"
)

// lab is a service over three uploads of ann: public, embargoed and in staging,
// with bob as reviewer of the last two. Upload u1 has 12 entries, the others two.
func lab() (*entry.Service, *history) {
	source := &history{}
	for i, name := range []string{"public", "embargoed", "staging"} {
		f := &search.UploadFacts{ID: fmt.Sprint("u", i+1), Name: name, CreateTime: epoch.AddDate(0, 0, i), License: "CC0",
			MainAuthor: search.Person{UserID: "ann", Name: "Ann A"}}
		if i < 2 {
			f.PublishTime = epoch.AddDate(0, 1, 0)
		}
		if i == 1 {
			f.EmbargoLength = 6
		}
		if i > 0 {
			f.Reviewers = []search.Person{{UserID: "bob", Name: "Bob B"}}
		}
		source.add(search.Change{Upload: f})
		entries := 2
		if i == 0 {
			entries = 12
		}
		for n := range entries {
			kind := []string{"ELNSample", "ELNProcess"}[n%2]
			source.add(search.Change{Entry: &search.Entry{ID: fmt.Sprintf("%s-%02d", f.ID, n), UploadID: f.ID, Mainfile: fmt.Sprintf("dir/%d.archive.yaml", n),
				CreateTime: epoch, ProcessStatus: "SUCCESS", Document: json.RawMessage(fmt.Sprintf(
					`{"entry_name":"%s %d","entry_type":"%s","files":["f.csv"],"n_quantities":%d,"results":{"material":{"elements":["Ti","O"]}},
					"search_quantities":[{"id":"data.note#s.S","path_archive":"data.note","str_value":"hidden"}]}`, name, n, kind, n))}})
		}
	}
	return &entry.Service{Index: searchindex.New(source, clock), Now: func() time.Time { return epoch }}, source
}

var (
	nobody = upload.Viewer{}
	ann    = upload.Viewer{UserID: "ann"}
	bob    = upload.Viewer{UserID: "bob"}
	cid    = upload.Viewer{UserID: "cid"}
	admin  = upload.Viewer{UserID: "eve", Admin: true}
)

func total(t *testing.T, s *entry.Service, v upload.Viewer, body string) int {
	t.Helper()
	a, err := s.Query(t.Context(), v, []byte(body))
	if err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	return a.Pagination.Total
}

func TestOwnersSeeWhatTheTableSays(t *testing.T) {
	t.Parallel()
	s, _ := lab()
	const refused = -1
	for _, row := range []struct {
		owner                        string
		nobody, ann, bob, cid, admin int
	}{
		{"public", 12, 12, 12, 12, 12},
		{"visible", 12, 16, 16, 12, 12},
		{"all", 14, 16, 16, 14, 14},
		{"shared", refused, 16, 4, 0, 0},
		{"user", refused, 16, 0, 0, 0},
		{"staging", refused, 2, 2, 0, 0},
		{"admin", refused, refused, refused, refused, 16},
	} {
		for i, want := range []int{row.nobody, row.ann, row.bob, row.cid, row.admin} {
			viewer := []upload.Viewer{nobody, ann, bob, cid, admin}[i]
			a, err := s.Query(t.Context(), viewer, []byte(`{"owner":"`+row.owner+`","aggregations":{"u":{"terms":{"quantity":"upload_id"}}}}`))
			if want == refused {
				kind := problem.Forbidden
				if viewer.UserID == "" {
					kind = problem.Unauthenticated
				}
				if !problem.Is(err, kind) {
					t.Errorf("owner %s for %q: %v", row.owner, viewer.UserID, err)
				}
				continue
			}
			counted := 0
			for _, b := range a.Aggregations["u"].Terms.Data {
				counted += b.Count
			}
			if err != nil || a.Pagination.Total != want || counted != want || len(a.Data) != min(10, want) {
				t.Errorf("owner %s for %q: total %d, %d in buckets, want %d; %v", row.owner, viewer.UserID, a.Pagination.Total, counted, want, err)
			}
		}
	}
}

func TestEmbargoedContentCannotBeGuessed(t *testing.T) {
	t.Parallel()
	s, _ := lab()
	for _, row := range []struct {
		viewer upload.Viewer
		owner  string
		want   int
	}{{cid, "all", 12}, {nobody, "all", 12}, {admin, "all", 12}, {bob, "all", 16}, {ann, "all", 16}, {admin, "admin", 16}} {
		for _, query := range []string{`{"data.note#s.S#str":"hidden"}`, `{"files":"f.csv"}`, `{"text_search_contents":"ann"}`,
			`{"search_quantities":{"str_value":"hidden"}}`, `{"not":{"data.note#s.S#str:none":["hidden"]}}`} {
			got := total(t, s, row.viewer, `{"owner":"`+row.owner+`","query":`+query+`}`)
			if got != row.want {
				t.Errorf("%s finds %d for %q with owner %s, want %d", query, got, row.viewer.UserID, row.owner, row.want)
			}
		}
	}
	one, err := s.Get(t.Context(), cid, "u2-00", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{`"data"`, `"files"`, `"search_quantities"`, `"text_search_contents"`, `"viewers"`, "hidden", "Bob"} {
		if strings.Contains(string(one.Data), key) {
			t.Errorf("%s shows to a stranger: %s", key, one.Data)
		}
	}
	if !strings.Contains(string(one.Data), `"entry_name":"embargoed 0"`) {
		t.Errorf("the citation is missing: %s", one.Data)
	}
	mine, err := s.Get(t.Context(), bob, "u2-00", nil, nil)
	if err != nil || !strings.Contains(string(mine.Data), `"data":{"note":"hidden"}`) || !strings.Contains(string(mine.Data), `"viewers"`) {
		t.Errorf("a reviewer gets %s, %v", mine.Data, err)
	}
}

func TestMembersCannotBeGuessed(t *testing.T) {
	t.Parallel()
	s, _ := lab()
	for _, row := range []struct {
		viewer upload.Viewer
		want   int
	}{{cid, 0}, {nobody, 0}, {bob, 4}, {ann, 4}, {admin, 2}} {
		if got := total(t, s, row.viewer, `{"owner":"all","query":{"viewers.user_id":"bob"}}`); got != row.want {
			t.Errorf("%q finds %d entries that bob may view, want %d", row.viewer.UserID, got, row.want)
		}
	}
}

func TestAnswerHasTheDocumentedForm(t *testing.T) {
	t.Parallel()
	s, _ := lab()
	a, err := s.Query(t.Context(), nobody, []byte(`{"query":{"upload_id":"u1"},"pagination":{"page_size":2},"required":{"include":["entry_name"]},
		"aggregations":{"t":{"terms":{"quantity":"entry_type","size":1,"metrics":["n_uploads","n_entries","n_quantities","n_authors"]}},
		"p":{"terms":{"quantity":"published","exclude_from_search":true}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	got, _ := json.Marshal(a)
	want := `{"owner":"public","query":{"name":"upload_id","value":"u1"},"pagination":{"page_size":2,"order_by":"entry_id","order":"asc","total":12,"next_page_after_value":"u1-01"},` +
		`"required":{"include":["entry_name","entry_id"]},` +
		`"aggregations":{"p":{"terms":{"quantity":"published","exclude_from_search":true,"metrics":[],"size":10,"data":[{"count":12,"nested_count":12,"value":true}]}},` +
		`"t":{"terms":{"quantity":"entry_type","exclude_from_search":false,"metrics":["n_uploads","n_entries","n_quantities","n_authors"],"size":1,"data":[{"count":6,"nested_count":6,"metrics":{"n_authors":1,"n_entries":6,"n_quantities":36,"n_uploads":1},"value":"ELNProcess"}]}}},` +
		`"data":[{"entry_id":"u1-00","entry_name":"public 0"},{"entry_id":"u1-01","entry_name":"public 1"}]}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestExcludeFromSearchKeepsTheOtherValuesOfAFacet(t *testing.T) {
	t.Parallel()
	s, _ := lab()
	for query, want := range map[string]int{
		`{"entry_type":"ELNSample"}`:                                           12,
		`{"entry_type":"ELNSample","n_quantities":{"lt":4}}`:                   4,
		`{"and":[{"and":[{"entry_type":"ELNSample"}]},{"n_quantities:lt":4}]}`: 4,
		`{"or":[{"entry_type":"ELNSample"},{"entry_type":"ELNSample"}]}`:       6,
	} {
		a, err := s.Query(t.Context(), nobody, []byte(`{"query":`+query+`,"aggregations":{"t":{"terms":{"quantity":"entry_type","exclude_from_search":true}},"u":{"terms":{"quantity":"entry_type"}}}}`))
		if err != nil {
			t.Fatal(err)
		}
		sum := 0
		for _, b := range a.Aggregations["t"].Terms.Data {
			sum += b.Count
		}
		if others := a.Aggregations["u"].Terms.Data; sum != want || len(others) != 1 || others[0].Count != a.Pagination.Total {
			t.Errorf("%s: %d in the facet, want %d; the other facet has %+v", query, sum, want, others)
		}
	}
}

func TestGetAnswersCarryAddresses(t *testing.T) {
	t.Parallel()
	s, _ := lab()
	self, _ := url.Parse("http://h/api/v1/entries?owner=public&page=2&page_size=5&order_by=n_quantities")
	a, err := s.QueryValues(t.Context(), nobody, self.Query())
	if err != nil {
		t.Fatal(err)
	}
	a.Link(self)
	got := []string{a.Pagination.PageURL, a.Pagination.FirstURL, a.Pagination.NextURL, a.Pagination.PrevURL}
	const base = "http://h/api/v1/entries?order_by=n_quantities&owner=public&"
	want := []string{self.String(), base + "page_size=5", base + "page=3&page_size=5", base + "page=1&page_size=5"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
	text, _ := json.Marshal(a)
	if !strings.Contains(string(text), `"required":{},"data":[{`) || len(a.Data) != 5 {
		t.Errorf("answer is %s", text)
	}
}

func TestUnknownAndHiddenEntriesLookTheSame(t *testing.T) {
	t.Parallel()
	s, _ := lab()
	for _, id := range []string{"nope", "u3-00", ""} {
		_, err := s.Get(t.Context(), cid, id, nil, nil)
		if p := problem.As(err); p == nil || p.Kind != problem.Missing || p.Detail != "The entry with the given id does not exist or is not visible to you." {
			t.Errorf("entry %q: %v", id, err)
		}
	}
	if _, err := s.Get(t.Context(), admin, "u3-00", nil, nil); !problem.Is(err, problem.Missing) {
		t.Errorf("an admin reads an entry in staging: %v", err)
	}
	one, err := s.Get(t.Context(), bob, "u3-00", []string{"entry_name"}, nil)
	text, _ := json.Marshal(one)
	if want := `{"entry_id":"u3-00","required":{"include":["entry_name","entry_id"]},"data":{"entry_id":"u3-00","entry_name":"staging 0"}}`; err != nil || string(text) != want {
		t.Errorf("got %s, %v", text, err)
	}
}

func TestOwnWritesAreReadAtOnce(t *testing.T) {
	t.Parallel()
	s, source := lab()
	if got := total(t, s, nobody, `{"query":{"entry_name":"public 0"}}`); got != 1 {
		t.Fatal(got)
	}
	source.add(search.Change{Entry: &search.Entry{ID: "u1-00", UploadID: "u1", Document: json.RawMessage(`{"entry_name":"renamed"}`)}})
	if old, fresh := total(t, s, nobody, `{"query":{"entry_name":"public 0"}}`), total(t, s, nobody, `{"query":{"entry_name":"renamed"}}`); old != 0 || fresh != 1 {
		t.Errorf("%d old and %d new entries", old, fresh)
	}
	source.add(search.Change{Upload: &search.UploadFacts{ID: "u1", MainAuthor: search.Person{UserID: "ann"}}}) // unpublished
	if got := total(t, s, nobody, `{}`); got != 0 {
		t.Errorf("%d entries of a hidden upload", got)
	}
	source.add(search.Change{DeletedUpload: "u1"})
	if got := total(t, s, ann, `{"owner":"user"}`); got != 4 {
		t.Errorf("%d entries are left, want 4", got)
	}
}

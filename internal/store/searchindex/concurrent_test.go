package searchindex_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"oasis/internal/data/search"
	"oasis/internal/data/upload"
	"oasis/internal/store/searchindex"
)

// Every revision replaces all entries of an upload at once, so whoever searches
// must find exactly as many as there are, all of one generation.
func TestSearchesSeeWholeRevisionsWhileTheIndexChanges(t *testing.T) {
	t.Parallel()
	const entries, rounds, readers = 40, 150, 4
	source := &history{}
	write := func(round int) {
		changes := []search.Change{{Upload: &search.UploadFacts{ID: "u", Name: fmt.Sprint("name ", round), MainAuthor: people[0]}}}
		for i := range entries {
			document := fmt.Sprintf(`{"entry_name":"round %d","n_quantities":%d,"results":{"material":{"topology":[{"label":"r%d"}]}}}`, round, i, round)
			changes = append(changes, search.Change{Entry: &search.Entry{ID: fmt.Sprint("e", i), UploadID: "u", Document: json.RawMessage(document)}})
		}
		source.addTogether(changes...)
	}
	write(0)
	index := searchindex.New(source, clock)
	r, err := search.ParseBody([]byte(`{"owner":"user","pagination":{"order_by":"n_quantities","page_size":100,"order":"desc"},"required":{"include":["entry_name","upload_name"]},
		"query":{"results.material.topology":{"label:none":["x"]},"n_quantities":{"gte":0},"entry_name.prefix":"rou"},
		"aggregations":{"n":{"terms":{"quantity":"entry_name"}},"l":{"terms":{"quantity":"results.material.topology.label"}}}}`), epoch)
	if err != nil {
		t.Fatal(err)
	}
	q, err := search.Authorize(r, upload.Viewer{UserID: people[0].UserID})
	if err != nil {
		t.Fatal(err)
	}
	stop := make(chan struct{})
	var group sync.WaitGroup
	for range readers {
		group.Go(func() {
			for {
				got, err := index.Search(t.Context(), q)
				if err != nil {
					t.Error(err)
					return
				}
				if got.Total != entries || len(got.Hits) != entries || len(got.Buckets[0]) != 1 || got.Buckets[0][0].Count != entries || len(got.Buckets[1]) != 1 {
					t.Errorf("half a revision: total %d, %d hits, buckets %+v", got.Total, len(got.Hits), got.Buckets)
					return
				}
				name := strings.TrimPrefix(got.Buckets[0][0].Value.(string), "round ")
				for _, h := range got.Hits {
					if want := fmt.Sprintf(`"entry_name":"round %s"`, name); !strings.Contains(string(h.Document), want) || !strings.Contains(string(h.Document), `"upload_name":"name `+name+`"`) {
						t.Errorf("hit %s is not of round %s", h.Document, name)
						return
					}
				}
				select {
				case <-stop:
					return
				default:
				}
			}
		})
	}
	for round := 1; round < rounds; round++ {
		write(round)
		if err := index.Refresh(t.Context()); err != nil {
			t.Error(err)
		}
	}
	close(stop)
	group.Wait()
}

func TestAnUnreadableDocumentDoesNotEndSearching(t *testing.T) {
	t.Parallel()
	s, source := lab()
	source.add(search.Change{Entry: &search.Entry{ID: "bad", UploadID: "u1", Document: json.RawMessage(`[]`)}})
	one, err := s.Get(t.Context(), nobody, "bad", nil, nil)
	if err != nil || !strings.Contains(string(one.Data), `"upload_name":"public"`) {
		t.Errorf("got %s, %v", one.Data, err)
	}
}

func TestAnswersSurviveManyReplacements(t *testing.T) {
	t.Parallel()
	s, source := lab()
	const body = `{"owner":"user","pagination":{"order_by":"n_quantities","page_size":20},"aggregations":{"t":{"terms":{"quantity":"entry_type"}}}}`
	before, err := s.Query(t.Context(), ann, []byte(body))
	if err != nil {
		t.Fatal(err)
	}
	first := slices.Clone(source.changes)
	for range 200 { // far more dead documents than living ones: the index is rebuilt on the way
		source.add(first...)
		if _, err := s.Get(t.Context(), ann, "u1-00", nil, nil); err != nil {
			t.Fatal(err)
		}
	}
	after, err := s.Query(t.Context(), ann, []byte(body))
	if err != nil || !reflect.DeepEqual(before, after) {
		t.Errorf("got  %+v, %v\nwant %+v", after, err, before)
	}
}

func TestFailuresOfTheSourceAreReported(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, source := lab()
	if err := searchindex.New(source, clock).Refresh(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

package searchindex_test

import (
	"testing"
	"time"

	"oasis/internal/data/entry"
	"oasis/internal/data/search"
	"oasis/internal/data/upload"
	"oasis/internal/store/searchindex"
)

// clock is that of tests in which no embargo ends.
func clock() time.Time { return epoch }

// TestEmbargoesEndForSearchesAtTheirLastMoment moves nothing but the clock.
func TestEmbargoesEndForSearchesAtTheirLastMoment(t *testing.T) {
	t.Parallel()
	_, source := lab()
	at := epoch
	s := &entry.Service{Index: searchindex.New(source, func() time.Time { return at })}
	end := epoch.AddDate(0, 1+6, 0)
	second := search.UploadFacts{ID: "u9", PublishTime: epoch, EmbargoLength: 12, MainAuthor: search.Person{UserID: "ann"}}
	source.add(search.Change{Upload: &second},
		search.Change{Entry: &search.Entry{ID: "u9-0", UploadID: "u9", CreateTime: epoch, ProcessStatus: "SUCCESS"}})
	for _, step := range []struct {
		at                 time.Time
		public, everything int
		embargoed          int
	}{
		{epoch, 12, 15, 3},
		{end.Add(-time.Microsecond), 12, 15, 3},
		{end, 14, 15, 1},
		{epoch.AddDate(1, 0, -1), 14, 15, 1},
		{epoch.AddDate(1, 0, 0), 15, 15, 0},
		{epoch.AddDate(9, 0, 0), 15, 15, 0},
	} {
		at = step.at
		for body, want := range map[string]int{
			`{"owner": "public"}`: step.public, `{"owner": "all"}`: step.everything, `{"owner": "all", "query": {"with_embargo": true}}`: step.embargoed,
		} {
			if got := total(t, s, nobody, body); got != want {
				t.Errorf("at %s a visitor finds %d by %s, want %d", step.at, got, body, want)
			}
		}
	}
	// What comes in only now has ended before.
	late := search.UploadFacts{ID: "u10", PublishTime: epoch, EmbargoLength: 36, MainAuthor: search.Person{UserID: "ann"}}
	source.add(search.Change{Upload: &late}, search.Change{Entry: &search.Entry{ID: "u10-0", UploadID: "u10", ProcessStatus: "SUCCESS"}})
	if got := total(t, s, upload.Viewer{}, `{"owner": "public"}`); got != 16 {
		t.Errorf("a visitor finds %d, want 16", got)
	}
}

package upload_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"oasis/internal/data/inbox"
	"oasis/internal/data/upload"
	"oasis/internal/problem"
)

func TestEmbargoesEndOnTheSameDayOrTheLastOfTheMonth(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		published string
		months    int
		end       string
	}{
		{"2026-03-01T12:00:00Z", 1, "2026-04-01T12:00:00Z"},
		{"2026-01-31T23:59:59Z", 1, "2026-02-28T23:59:59Z"},
		{"2028-01-31T00:00:00Z", 1, "2028-02-29T00:00:00Z"},
		{"2028-02-29T00:00:00Z", 12, "2029-02-28T00:00:00Z"},
		{"2026-12-31T00:00:00Z", 36, "2029-12-31T00:00:00Z"},
		{"2026-08-31T00:00:00Z", 13, "2027-09-30T00:00:00Z"},
		{"2026-01-01T00:30:00+02:00", 2, "2026-02-28T22:30:00Z"}, // counted in UTC: 31 December
	} {
		at, err := time.Parse(time.RFC3339, tt.published)
		must(t, err)
		u := upload.Upload{PublishTime: at, EmbargoLength: tt.months}
		if got := u.EmbargoEnd().UTC().Format(time.RFC3339); got != tt.end {
			t.Errorf("%s and %d months: %s, want %s", tt.published, tt.months, got, tt.end)
		}
	}
	for _, u := range []upload.Upload{{EmbargoLength: 3}, {PublishTime: time.Now()}} {
		if end := u.EmbargoEnd(); !end.IsZero() {
			t.Errorf("%+v ends at %s", u, end)
		}
	}
}

// embargoed is an upload of ada that was just published with an embargo.
func (s *shelf) embargoed(t *testing.T, length int) string {
	t.Helper()
	id := s.ready(t)
	_, err := s.Publish(t.Context(), ada, id, &length)
	must(t, err)
	return id
}

func TestLiftEmbargo(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	found := s.find()
	id := s.embargoed(t, 12)
	public := func() int {
		a, err := found.Query(t.Context(), upload.Viewer{}, []byte(`{"owner": "public"}`))
		must(t, err)
		return a.Pagination.Total
	}
	_, err := s.Get(t.Context(), bert, id)
	refused(t, err, problem.Forbidden, "You do not have access to the specified upload - published with embargo.")
	if public() != 0 {
		t.Error("its entries are found")
	}
	_, err = s.LiftEmbargo(t.Context(), bert, id)
	refused(t, err, problem.Forbidden, "You do not have write access to the specified upload.")
	s.advance(0, 1, 0)
	u, err := s.LiftEmbargo(t.Context(), ada, id)
	must(t, err)
	if u.EmbargoLength != 0 || !u.LastUpdate.Equal(s.now()) || u.PublishTime.Equal(s.now()) ||
		u.Process.Status != upload.Success || u.Process.Current != upload.ProcessEdit || !u.Process.CompleteTime.Equal(s.now()) {
		t.Errorf("%+v", u)
	}
	if _, err := s.Get(t.Context(), bert, id); err != nil || public() != 1 {
		t.Errorf("%v, %d found", err, public())
	}
	_, err = s.LiftEmbargo(t.Context(), ada, id)
	refused(t, err, problem.BadRequest, "Upload has no embargo.")
	staged := s.create(t, ada, "a.json", "1")
	_, err = s.LiftEmbargo(t.Context(), ada, staged.ID)
	refused(t, err, problem.BadRequest, "The upload is currently being processed, operation not allowed.")
	s.processed(t, staged.ID, "a.json")
	_, err = s.LiftEmbargo(t.Context(), ada, staged.ID)
	refused(t, err, problem.BadRequest, "Upload is not published, no embargo to lift.")
	if want := []string{"upload.publish upload:" + id + " embargo of 12 months", "upload.embargo upload:" + id + " lifted"}; !slices.Equal(s.audited(t), want) {
		t.Errorf("recorded %q", s.audited(t))
	}
}

func TestEmbargoesEndByThemselves(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	short, long := s.embargoed(t, 1), s.embargoed(t, 36)
	length := func(id string) int {
		u, err := s.Get(t.Context(), ada, id)
		must(t, err)
		return u.EmbargoLength
	}
	must(t, s.EndEmbargoes(t.Context()))
	s.advance(0, 1, -time.Microsecond)
	_, err := s.Get(t.Context(), bert, short)
	refused(t, err, problem.Forbidden, "You do not have access to the specified upload - published with embargo.")
	s.advance(0, 0, time.Microsecond)
	if _, err := s.Get(t.Context(), bert, short); err != nil || length(short) != 0 {
		t.Errorf("before the row is brought up to date: %v, %d months", err, length(short))
	}
	_, err = s.LiftEmbargo(t.Context(), ada, short)
	refused(t, err, problem.BadRequest, "Upload has no embargo.")
	for range 2 {
		must(t, s.EndEmbargoes(t.Context()))
	}
	if left, err := s.store.EndedEmbargoes(t.Context(), s.now()); len(left) != 0 || err != nil {
		t.Errorf("%q, %v are still told of", left, err)
	}
	rows := s.audited(t)
	if want := "upload.embargo upload:" + short + " is over"; len(rows) != 3 || rows[2] != want {
		t.Errorf("recorded %q, want one more %q", rows, want)
	}
	s.advance(0, 35, -time.Microsecond)
	if length(long) != 36 {
		t.Error("the long one ended early")
	}
	s.advance(0, 0, time.Microsecond)
	if length(long) != 0 {
		t.Error("the long one did not end")
	}
	must(t, s.EndEmbargoes(t.Context()))
	var told []string
	items, err := s.db.Inbox().Items(t.Context(), ada.UserID, inbox.All, s.now().AddDate(0, -1, 0), 10)
	must(t, err)
	for _, i := range items {
		told = append(told, i.Data["process"]+" "+i.Data["resource_id"]+" "+i.Data["message"])
	}
	if want := "_edit_metadata " + long + " The embargo is over: everybody may read the upload now."; len(told) == 0 || told[0] != want {
		t.Errorf("told %q", told)
	}
	if u, err := s.Get(t.Context(), ada, long); err != nil || u.Process.Current != upload.ProcessPublish {
		t.Errorf("%+v, %v", u.Process, err)
	}
}

// BenchmarkLiftEmbargoOfManyEntries is the goal of 50 ms for 1,000 entries, until a
// visitor finds them.
func BenchmarkLiftEmbargoOfManyEntries(b *testing.B) {
	s := newShelf(b)
	found := s.find()
	mainfiles := make([]string, 1000)
	for i := range mainfiles {
		mainfiles[i] = fmt.Sprintf("%d.json", i)
	}
	for b.Loop() {
		b.StopTimer()
		u := s.create(b, ada, "a.json", "1")
		s.processed(b, u.ID, mainfiles...)
		length := 12
		_, err := s.Publish(b.Context(), ada, u.ID, &length)
		must(b, err)
		search := []byte(`{"owner": "public", "query": {"upload_id": "` + u.ID + `"}}`)
		_, err = found.Query(b.Context(), upload.Viewer{}, search)
		must(b, err)
		b.StartTimer()
		_, err = s.LiftEmbargo(b.Context(), ada, u.ID)
		must(b, err)
		a, err := found.Query(b.Context(), upload.Viewer{}, search)
		must(b, err)
		if a.Pagination.Total != len(mainfiles) {
			b.Fatalf("%d are found", a.Pagination.Total)
		}
	}
}

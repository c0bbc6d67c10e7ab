package storetest

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"

	"oasis/internal/data/entry"
	"oasis/internal/data/search"
	"oasis/internal/data/upload"
	"oasis/internal/problem"
	"oasis/internal/work/processing"
)

func testPublication(t *testing.T, open OpenSQL) {
	ctx, s := t.Context(), open(t, fixed())
	u := newUpload("u", "ann")
	insert(t, s, u, newUpload("other", "ann"))
	before := got[int64](t)(s.Search().Rev(ctx))
	u.PublishTime, u.EmbargoLength, u.LastUpdate = start(), 2, start().Add(time.Minute)
	inTx(t, s, func(ctx context.Context, tx upload.Tx) {
		ok(t, tx.SaveUpload(ctx, u))
		gone := u
		gone.ID = "none"
		refused(t, tx.SaveUpload(ctx, gone), problem.Missing)
	})
	same(t, "published", got[upload.Upload](t)(s.Uploads().Upload(ctx, "u")), u)
	var told []search.Change
	ok(t, s.Search().Changes(ctx, before, func(c search.Change) error { told = append(told, c); return nil }))
	if len(told) != 1 || told[0].Upload == nil || !told[0].Upload.PublishTime.Equal(u.PublishTime) || told[0].Upload.EmbargoLength != 2 {
		t.Errorf("search was told %+v", told)
	}

	in := &upload.Included{Query: json.RawMessage(`{"upload_id":"ü"}`), At: start().Add(time.Hour)}
	inTx(t, s, func(ctx context.Context, tx upload.Tx) {
		ok(t, tx.SetIncluded(ctx, "u", in))
		refused(t, tx.SetIncluded(ctx, "none", in), problem.Missing)
	})
	u.Included = in
	same(t, "with included entries", got[upload.Upload](t)(s.Uploads().Upload(ctx, "u")), u)
	inTx(t, s, func(ctx context.Context, tx upload.Tx) { ok(t, tx.SetIncluded(ctx, "u", nil)) })
	u.Included = nil
	same(t, "without", got[upload.Upload](t)(s.Uploads().Upload(ctx, "u")), u)
}

// testEmbargoEnd moves the clock past the end of an embargo: everything that reads
// uploads tells so at once, before the row is brought up to date.
func testEmbargoEnd(t *testing.T, open OpenSQL) {
	clock := newClock()
	ctx, s := t.Context(), open(t, clock.Now)
	u := newUpload("u", "ann")
	u.PublishTime, u.EmbargoLength = start(), 1
	staged := newUpload("staged", "ann") // has none that could end
	staged.EmbargoLength = 1
	insert(t, s, u, staged)
	embargoed := func(want bool) upload.Filter { return upload.Filter{AnyOf: []upload.Condition{{Embargoed: &want}}} }
	check := func(length int, over ...string) {
		t.Helper()
		same(t, "length", got[upload.Upload](t)(s.Uploads().Upload(ctx, "u")).EmbargoLength, length)
		inTx(t, s, func(ctx context.Context, tx upload.Tx) {
			same(t, "length inside", got[upload.Upload](t)(tx.Upload(ctx, "u")).EmbargoLength, length)
		})
		for want, ids := range map[bool]int{true: 1 + min(length, 1), false: 1 - min(length, 1)} {
			page, n, err := s.Uploads().ListUploads(ctx, upload.ListQuery{Visible: embargoed(want), Limit: 10})
			ok(t, err)
			same(t, "listed", n, ids)
			for i := range page {
				if filter := embargoed(want); !filter.Matches(&page[i]) {
					t.Errorf("listed against the rule: %+v", page[i])
				}
			}
		}
		same(t, "embargoes that are over", got[[]string](t)(s.Uploads().EndedEmbargoes(ctx, clock.Now())), over)
	}
	check(1)
	clock.advance(30*24*time.Hour - time.Microsecond) // the month begins in November
	check(1)
	clock.advance(time.Microsecond)
	check(0, "u")
	inTx(t, s, func(ctx context.Context, tx upload.Tx) {
		u, err := tx.Upload(ctx, "u")
		ok(t, err)
		ok(t, tx.SaveUpload(ctx, u))
	})
	check(0)
}

func testEmptyDirs(t *testing.T, open OpenSQL) {
	ctx, s := t.Context(), open(t, fixed())
	insert(t, s, newUpload("u", "ann"), newUpload("other", "ann"))
	inTx(t, s, func(ctx context.Context, tx upload.Tx) {
		ok(t, tx.PutFiles(ctx, "u", []upload.File{newFile("u", "a/b/f", 1), newFile("u", "a-x/f", 2), newFile("u", "top", 3), newFile("u", "nil/nil/f", 0)}))
		for _, dir := range []string{"a/c/d", "a/c-e", "a/c/f", "b/c", "b-d", "a/b/empty", "z"} {
			ok(t, tx.PutDir(ctx, "u", dir))
		}
		ok(t, tx.PutDir(ctx, "other", "stays"))
	})
	inTx(t, s, func(ctx context.Context, tx upload.Tx) {
		same(t, "topmost", slices.Sorted(slices.Values(got[[]string](t)(tx.DropEmptyDirs(ctx, "u")))), []string{"a/b/empty", "a/c", "a/c-e", "b", "b-d", "z"})
		same(t, "again", got[[]string](t)(tx.DropEmptyDirs(ctx, "u")), []string(nil))
	})
	children := func(id, dir string) (all []string) {
		for _, e := range got[upload.DirPage](t)(s.Uploads().Dir(ctx, id, dir, 0, 100)).Entries {
			all = append(all, e.Name)
		}
		return all
	}
	same(t, "root", children("u", ""), []string{"a", "a-x", "nil", "top"})
	same(t, "a", children("u", "a"), []string{"b"})
	same(t, "nil", children("u", "nil/nil"), []string{"f"})
	same(t, "a/b", children("u", "a/b"), []string{"f"})
	same(t, "another upload", children("other", ""), []string{"stays"})
	same(t, "bytes", got[upload.Upload](t)(s.Uploads().Upload(ctx, "u")).Bytes, int64(6))
}

// testStopped is about runs of processing that were stopped: what they still want
// to write is refused.
func testStopped(t *testing.T, open OpenSQL) {
	ctx, s := t.Context(), open(t, fixed())
	insert(t, s, newUpload("u", "ann"), newUpload("other", "ann"))
	ok(t, s.Processing().SaveOutcome(ctx, "u", processing.Outcome{Put: []entry.Entry{newEntry("u", "a", upload.Success)}}))
	key := func() string { return got[[]processing.Known](t)(s.Processing().KnownEntries(ctx, "u"))[0].InputKey }
	if key() == "" {
		t.Fatal("the entry has no key to forget")
	}
	inTx(t, s, func(ctx context.Context, tx upload.Tx) {
		ok(t, tx.ForgetInputs(ctx, "u"))
		ok(t, tx.Enqueue(ctx, "kind", "u", nil))
		ok(t, tx.Enqueue(ctx, "kind", "other", nil))
		same(t, "waits", got[bool](t)(tx.Waiting(ctx, "kind", "u")), true)
		same(t, "other kind waits", got[bool](t)(tx.Waiting(ctx, "other kind", "u")), false)
	})
	same(t, "key", key(), "")
	claimed, err := s.Jobs().ClaimJobs(ctx, "w", []string{"kind"}, 5, 5, start(), start().Add(time.Minute))
	ok(t, err)
	same(t, "claimed", len(claimed), 2)
	inTx(t, s, func(ctx context.Context, tx upload.Tx) {
		same(t, "what runs does not wait", got[bool](t)(tx.Waiting(ctx, "kind", "u")), false)
		ok(t, tx.Enqueue(ctx, "kind", "u", nil))
		ok(t, tx.Enqueue(ctx, "kind", "other", nil))
	})
	inTx(t, s, func(ctx context.Context, tx upload.Tx) {
		ok(t, tx.StopJobs(ctx, "kind", "u"))
		same(t, "waits", got[bool](t)(tx.Waiting(ctx, "kind", "u")), false)
		same(t, "of another upload", got[bool](t)(tx.Waiting(ctx, "kind", "other")), true)
		refused(t, tx.StopJobs(ctx, "kind", "none"), problem.Missing)
	})
	same(t, "stops", got[int](t)(s.Processing().Stops(ctx, "u")), 1)
	same(t, "stops of the upload", got[upload.Upload](t)(s.Uploads().Upload(ctx, "u")).Stops, 1)
	same(t, "stops of another", got[int](t)(s.Processing().Stops(ctx, "other")), 0)
	_, err = s.Processing().Stops(ctx, "none")
	refused(t, err, problem.Missing)
	late := processing.Outcome{Put: []entry.Entry{newEntry("u", "b", upload.Success)}}
	if err := s.Processing().SaveOutcome(ctx, "u", late); !errors.Is(err, processing.ErrStopped) {
		t.Errorf("a stopped run could write: %v", err)
	}
	late.Stops = 1
	ok(t, s.Processing().SaveOutcome(ctx, "u", late))
	same(t, "entries", got[upload.Upload](t)(s.Uploads().Upload(ctx, "u")).Entries, 2)
	for _, j := range claimed { // the end of what ran is written as ever
		ok(t, s.Jobs().FinishJob(ctx, "w", j.ID))
	}
}

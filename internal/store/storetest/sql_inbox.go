package storetest

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"oasis/internal/data/inbox"
	"oasis/internal/data/upload"
	"oasis/internal/problem"
	"oasis/internal/work/processing"
)

// ears collects whom the database says something has changed for.
type ears struct {
	mu   sync.Mutex
	told []string
}

func (e *ears) hear(userID string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.told = append(e.told, userID)
}

func (e *ears) since() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	defer func() { e.told = nil }()
	return e.told
}

func itemIDs(t testing.TB, s Stores, userID string, source inbox.Source, at time.Time, limit int) []string {
	t.Helper()
	ids := []string{}
	for _, i := range got[[]inbox.Item](t)(s.Inbox().Items(t.Context(), userID, source, at, limit)) {
		ids = append(ids, i.ID)
	}
	return ids
}

func testInbox(t *testing.T, open OpenSQL) {
	ctx, s := t.Context(), open(t, fixed())
	var heard ears
	s.OnInbox(heard.hear)
	post := func(items ...inbox.Item) {
		t.Helper()
		inTx(t, s, func(ctx context.Context, tx upload.Tx) {
			for _, i := range items {
				ok(t, tx.Post(ctx, i))
			}
		})
	}
	u := inbox.Resource{Type: "upload", ID: "u1", Name: "TiO2"}
	first := inbox.Ended(u, "ann", "run1", "_process_upload", "done", true, start())
	second := inbox.Transfer(inbox.Requested, u, "t1", "ann", "bob", start().Add(time.Second))
	system := inbox.Item{ID: "s", UserID: "ann", Source: inbox.System, Created: start().Add(2 * time.Second), Expires: start().Add(time.Hour)}
	post(first, second, system, inbox.Ended(u, "bob", "run2", "p", "m", false, start()))
	same(t, "heard", heard.since(), []string{"ann", "bob"})
	same(t, "all", itemIDs(t, s, "ann", inbox.All, start(), 10), []string{"s", second.ID, "run1"})
	same(t, "users", itemIDs(t, s, "ann", inbox.User, start(), 10), []string{second.ID, "run1"})
	same(t, "system, while it holds", itemIDs(t, s, "ann", inbox.System, start(), 10), []string{"s"})
	same(t, "system, once expired", itemIDs(t, s, "ann", inbox.System, system.Expires, 10), []string{})
	same(t, "newest", itemIDs(t, s, "ann", inbox.All, start(), 1), []string{"s"})
	same(t, "as posted", got[[]inbox.Item](t)(s.Inbox().Items(ctx, "ann", inbox.User, start(), 10)), []inbox.Item{second, first})

	// Under the id of another's item it becomes the new user's, and both hear.
	second.UserID = "cid"
	post(second)
	same(t, "heard of the replacement", heard.since(), []string{"ann", "cid"})
	same(t, "no more ann's", itemIDs(t, s, "ann", inbox.User, start(), 10), []string{"run1"})

	read := func(userID string) (ids []string) {
		for _, i := range got[[]inbox.Item](t)(s.Inbox().Items(ctx, userID, inbox.All, start(), 10)) {
			if !i.Read.IsZero() {
				ids = append(ids, i.ID)
			}
		}
		return ids
	}
	ok(t, s.Inbox().MarkRead(ctx, "ann", "run1", start()))
	same(t, "one read", read("ann"), []string{"run1"})
	ok(t, s.Inbox().MarkRead(ctx, "ann", "", start()))
	same(t, "all read", read("ann"), []string{"s", "run1"})
	same(t, "not another's", len(read("bob")), 0)
	heard.since()
	ok(t, s.Inbox().MarkRead(ctx, "ann", "", start()))
	same(t, "heard of no change", len(heard.since()), 0)
	ok(t, s.Inbox().MarkRead(ctx, "ann", "run1", time.Time{}))
	same(t, "one unread", read("ann"), []string{"s"})
	ok(t, s.Inbox().MarkRead(ctx, "nobody", "", start())) // nothing to mark
	refused(t, s.Inbox().MarkRead(ctx, "bob", "run1", start()), problem.Missing)
	refused(t, s.Inbox().DeleteItem(ctx, "bob", "run1"), problem.Missing)
	heard.since()
	ok(t, s.Inbox().DeleteItem(ctx, "ann", "run1"))
	same(t, "heard of the deletion", heard.since(), []string{"ann"})
	same(t, "what is left", itemIDs(t, s, "ann", inbox.All, start(), 10), []string{"s"})
}

func testInboxPruning(t *testing.T, open OpenSQL) {
	ctx, s := t.Context(), open(t, fixed())
	inTx(t, s, func(ctx context.Context, tx upload.Tx) {
		for i, id := range names("i", 7) {
			ok(t, tx.Post(ctx, inbox.Ended(inbox.Resource{}, "ann", id, "p", "m", true, start().Add(time.Duration(i)*time.Second))))
		}
		ok(t, tx.Post(ctx, inbox.Ended(inbox.Resource{}, "bob", "old", "p", "m", true, start().Add(-inbox.Lifetime))))
		ok(t, tx.Post(ctx, inbox.Ended(inbox.Resource{}, "bob", "new", "p", "m", true, start())))
	})
	var heard ears
	s.OnInbox(heard.hear)
	ok(t, s.Inbox().PruneItems(ctx, start(), 3))
	same(t, "the newest stay", itemIDs(t, s, "ann", inbox.All, start(), 10), []string{"i0006", "i0005", "i0004"})
	same(t, "what has expired goes", itemIDs(t, s, "bob", inbox.All, start().Add(-time.Hour), 10), []string{"new"})
	same(t, "heard", heard.since(), []string{"ann", "bob"})
	ok(t, s.Inbox().PruneItems(ctx, start(), 3))
	same(t, "heard of nothing", len(heard.since()), 0)
}

// testRunIsToldOnce ends a run twice, and once while another job waits.
func testRunIsToldOnce(t *testing.T, open OpenSQL) {
	s := open(t, fixed())
	insert(t, s, newUpload("u", "ann"))
	end := func(run string, status upload.Status) {
		t.Helper()
		p := upload.Process{Status: status, Current: upload.ProcessUpload, Message: "the end"}
		ok(t, s.Processing().SaveOutcome(t.Context(), "u", processing.Outcome{Process: &p, Run: run}))
	}
	end("", upload.Success)
	end("r1", upload.Pending)
	same(t, "nothing has ended", itemIDs(t, s, "ann", inbox.All, start(), 10), []string{})
	end("r1", upload.Success)
	end("r1", upload.Success)
	items := got[[]inbox.Item](t)(s.Inbox().Items(t.Context(), "ann", inbox.All, start(), 10))
	want := inbox.Ended(inbox.Resource{Type: "upload", ID: "u", Name: "Upload u"}, "ann", "r1", "_process_upload", "the end", true, start())
	same(t, "told", items, []inbox.Item{want})
	inTx(t, s, func(ctx context.Context, tx upload.Tx) { ok(t, tx.Enqueue(ctx, upload.JobProcess, "u", nil)) })
	end("r2", upload.Failure)
	same(t, "not told of an end that is none", itemIDs(t, s, "ann", inbox.All, start(), 10), []string{"r1"})
	for _, id := range got[[]string](t)(claim(t.Context(), s, "w", 1, start())) {
		ok(t, s.Jobs().FinishJob(t.Context(), "w", id))
	}
	end("r3", upload.Failure)
	items = got[[]inbox.Item](t)(s.Inbox().Items(t.Context(), "ann", inbox.All, start(), 10))
	results := []string{}
	for _, i := range items {
		results = append(results, i.ID+" "+i.Data["result"])
	}
	slices.Sort(results)
	same(t, "results", results, []string{"r1 success", "r3 failure"})
}

package storetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"oasis/internal/data/entry"
	"oasis/internal/data/search"
	"oasis/internal/data/upload"
	"oasis/internal/problem"
	"oasis/internal/work/processing"
)

func testEntries(t *testing.T, open OpenSQL) {
	ctx, s := t.Context(), open(t, fixed())
	insert(t, s, newUpload("u", "ann"), newUpload("v", "ann"))
	a, child := newEntry("u", "a.json", upload.Success), newEntry("u", "a.json", upload.Failure)
	child.MainfileKey = "child"
	child.ID = upload.EntryID("u", "a.json", "child")
	other := newEntry("v", "a.json", upload.Success)
	ok(t, s.Processing().SaveOutcome(ctx, "u", processing.Outcome{Put: []entry.Entry{a, child}}))
	ok(t, s.Processing().SaveOutcome(ctx, "v", processing.Outcome{Put: []entry.Entry{other}}))
	for _, e := range []entry.Entry{a, child, other} {
		same(t, "entry", got[entry.Entry](t)(s.Entries().Entry(ctx, e.ID)), e)
	}
	_, err := s.Entries().Entry(ctx, "none")
	refused(t, err, problem.Missing)
	same(t, "by main file", got[map[string]entry.Made](t)(s.Entries().MadeOf(ctx, "u", []string{"b.json", "a.json"})),
		map[string]entry.Made{"a.json": {EntryID: a.ID, ParserName: a.ParserName}})
	same(t, "by no main file", len(got[map[string]entry.Made](t)(s.Entries().MadeOf(ctx, "u", nil))), 0)
	known := got[[]processing.Known](t)(s.Processing().KnownEntries(ctx, "v"))
	same(t, "known", known, []processing.Known{{
		EntryID: other.ID, Mainfile: "a.json", InputKey: "key", ParserName: "parsers/archive", Status: upload.Success, CreateTime: start(),
	}})

	name, affiliation, err := s.Processing().PersonName(ctx, "id-ann")
	ok(t, err)
	same(t, "nobody's name", name+affiliation, "")
	ok(t, s.Identity().InsertUser(ctx, newUser("ann"), ""))
	name, affiliation, err = s.Processing().PersonName(ctx, "id-ann")
	ok(t, err)
	same(t, "name", name+", "+affiliation, "First ann Last ann, Institute")
}

func testEntryLists(t *testing.T, open OpenSQL) {
	ctx, s := t.Context(), open(t, fixed())
	insert(t, s, newUpload("u", "ann"))
	var put []entry.Entry
	for i, name := range []string{"B", "a", "c", "d"} {
		e := newEntry("u", name, upload.Success)
		e.ID = fmt.Sprint(9 - i)
		e.CreateTime = start().Add(time.Duration(i/2) * time.Second)
		put = append(put, e)
	}
	put[0].ParserName, put[1].Process.Status, put[2].Process.Current = "parsers/x", upload.Failure, "zz"
	ok(t, s.Processing().SaveOutcome(ctx, "u", processing.Outcome{Put: put}))
	tests := []struct {
		page entry.Page
		want string
	}{
		{entry.Page{Limit: 9}, "9 8 7 6"},
		{entry.Page{OrderBy: entry.OrderMainfile, Desc: true, Limit: 9}, "6 7 8 9"},
		{entry.Page{OrderBy: entry.OrderParser, Limit: 9}, "6 7 8 9"},
		{entry.Page{OrderBy: entry.OrderParser, Desc: true, Limit: 9}, "9 6 7 8"},
		{entry.Page{OrderBy: entry.OrderStatus, Limit: 9}, "8 6 7 9"},
		{entry.Page{OrderBy: entry.OrderCurrentProcess, Desc: true, Limit: 9}, "7 6 8 9"},
		{entry.Page{OrderBy: entry.OrderCreateTime, Limit: 9}, "8 9 6 7"},
		{entry.Page{OrderBy: entry.OrderCreateTime, Desc: true, Offset: 1, Limit: 2}, "7 8"},
		{entry.Page{Offset: 4, Limit: 2}, ""},
		{entry.Page{}, ""},
	}
	for _, c := range tests {
		page, total, err := s.Entries().ListEntries(ctx, "u", c.page)
		ok(t, err)
		var ids []string
		for _, e := range page {
			ids = append(ids, e.ID)
		}
		same(t, fmt.Sprintf("%+v", c.page), strings.Join(ids, " "), c.want)
		same(t, "total", total, 4)
	}
}

func testOutcome(t *testing.T, open OpenSQL) {
	ctx, s := t.Context(), open(t, fixed())
	insert(t, s, newUpload("u", "ann"))
	save := func(o processing.Outcome) { t.Helper(); ok(t, s.Processing().SaveOutcome(ctx, "u", o)) }
	counts := func(want string) {
		t.Helper()
		u := got[upload.Upload](t)(s.Uploads().Upload(ctx, "u"))
		same(t, "entries/failed/processed/warned", fmt.Sprintf("%d/%d/%d/%d", u.Entries, u.Failed, u.Processed, u.Warned), want)
	}
	id := func(name string) string { return upload.EntryID("u", name, "") }
	save(processing.Outcome{Put: []entry.Entry{
		newEntry("u", "a", upload.Success), newEntry("u", "b", upload.Failure), newEntry("u", "c", upload.Running),
	}})
	counts("3/1/2/1")
	save(processing.Outcome{Put: []entry.Entry{newEntry("u", "b", upload.Success), newEntry("u", "c", upload.Failure), newEntry("u", "d", upload.Success)}})
	counts("4/1/4/3")
	save(processing.Outcome{Delete: []string{id("a"), id("none"), id("c")}})
	counts("2/0/2/2")
	save(processing.Outcome{Put: []entry.Entry{newEntry("u", "e", upload.Success), newEntry("u", "e", upload.Failure)}, Delete: []string{id("b")}})
	counts("2/1/2/1")
	refused(t, s.Processing().SaveOutcome(ctx, "none", processing.Outcome{Put: []entry.Entry{newEntry("none", "a", upload.Success)}}), problem.Missing)

	// An end state waits for a job that came meanwhile.
	process := func() upload.Process { return got[upload.Upload](t)(s.Uploads().Upload(ctx, "u")).Process }
	running := upload.Process{Status: upload.Pending, Current: upload.ProcessUpload, Message: "Matching"}
	done := upload.Process{Status: upload.Success, Current: upload.ProcessUpload, Message: "done", CompleteTime: start()}
	save(processing.Outcome{Process: &running})
	same(t, "process", process(), running)
	inTx(t, s, func(ctx context.Context, tx upload.Tx) { ok(t, tx.Enqueue(ctx, upload.JobProcess, "u", nil)) })
	claimed := got[[]string](t)(claim(ctx, s, "w", 1, start()))
	save(processing.Outcome{Process: &done})
	same(t, "process while the job runs", process(), done)
	inTx(t, s, func(ctx context.Context, tx upload.Tx) { ok(t, tx.Enqueue(ctx, upload.JobProcess, "u", nil)) })
	save(processing.Outcome{Process: &done})
	same(t, "process while a job waits", process(), upload.Process{Status: upload.Pending, Current: upload.ProcessUpload})
	ok(t, s.Jobs().FinishJob(ctx, "w", claimed[0]))
	_ = got[[]string](t)(claim(ctx, s, "w", 1, start()))
	save(processing.Outcome{Process: &done})
	same(t, "process at the end", process(), done)
}

// follow gives the changes after a revision as text, and the newest revision.
func follow(t testing.TB, s Stores, after int64) (told []string, rev int64) {
	t.Helper()
	rev = after
	ok(t, s.Search().Changes(t.Context(), after, func(c search.Change) error {
		if c.Rev < rev {
			t.Errorf("revision %d after %d", c.Rev, rev)
		}
		rev = c.Rev
		switch {
		case c.Entry != nil:
			told = append(told, "entry "+c.Entry.Mainfile)
		case c.DeletedEntry != "":
			told = append(told, "no entry "+c.DeletedEntry)
		case c.Upload != nil:
			told = append(told, "upload "+c.Upload.ID+" of "+c.Upload.MainAuthor.Name)
		default:
			told = append(told, "no upload "+c.DeletedUpload)
		}
		return nil
	}))
	newest := got[int64](t)(s.Search().Rev(t.Context()))
	if rev > newest {
		t.Errorf("revision %d is beyond the newest, %d", rev, newest)
	}
	return told, newest
}

func testFeed(t *testing.T, open OpenSQL) {
	ctx, s := t.Context(), open(t, fixed())
	told, rev := follow(t, s, 0)
	same(t, "history of nothing", told, []string(nil))
	ann := newUser("ann")
	ok(t, s.Identity().InsertUser(ctx, ann, ""))
	u := newUpload("u", "id-ann")
	u.Description, u.EmbargoLength, u.PublishTime = "d", 3, start().Add(time.Hour)
	u.Coauthors, u.Reviewers, u.CoauthorGroups, u.ReviewerGroups = []string{"x", "id-ann"}, []string{"y"}, []string{"g"}, []string{"all"}
	insert(t, s, u)
	a, b := newEntry("u", "a", upload.Success), newEntry("u", "b", upload.Failure)
	ok(t, s.Processing().SaveOutcome(ctx, "u", processing.Outcome{Put: []entry.Entry{a, b}}))

	ann1 := search.Person{UserID: "id-ann", Name: ann.Name()}
	var changes []search.Change
	ok(t, s.Search().Changes(ctx, rev, func(c search.Change) error { changes = append(changes, c); return nil }))
	same(t, "number of changes", len(changes), 3)
	same(t, "facts", *changes[0].Upload, search.UploadFacts{
		ID: "u", Name: u.Name, Description: "d", CreateTime: u.CreateTime, PublishTime: u.PublishTime, EmbargoLength: 3, License: u.License,
		MainAuthor: ann1, Coauthors: []search.Person{{UserID: "x"}, ann1}, Reviewers: []search.Person{{UserID: "y"}},
		CoauthorGroups: []string{"g"}, ReviewerGroups: []string{"all"},
	})
	same(t, "entry", *changes[1].Entry, search.Entry{
		ID: a.ID, UploadID: "u", Mainfile: "a", CreateTime: a.CreateTime, ProcessStatus: "SUCCESS", Document: a.Document,
	})
	_, rev = follow(t, s, rev)

	ok(t, s.Processing().SaveOutcome(ctx, "u", processing.Outcome{Process: &upload.Process{Status: upload.Pending}}))
	told, rev = follow(t, s, rev)
	same(t, "what search does not keep", told, []string(nil))
	ok(t, s.Processing().SaveOutcome(ctx, "u", processing.Outcome{Delete: []string{a.ID}}))
	told, rev = follow(t, s, rev)
	same(t, "a deleted entry", told, []string{"no entry " + a.ID})
	ok(t, s.Processing().SaveOutcome(ctx, "u", processing.Outcome{Put: []entry.Entry{a}}))
	told, rev = follow(t, s, rev)
	same(t, "an entry that is back", told, []string{"entry a"})
	ann.LastName = "New"
	ok(t, s.Identity().UpdateUser(ctx, ann, false))
	told, rev = follow(t, s, rev)
	same(t, "a new name", told, []string{"upload u of First ann New"})
	ann.Affiliation = "New"
	ok(t, s.Identity().UpdateUser(ctx, ann, true))
	told, rev = follow(t, s, rev)
	same(t, "something that search does not keep", told, []string(nil))
	ok(t, s.Identity().DeleteUser(ctx, ann.ID))
	told, _ = follow(t, s, rev)
	same(t, "a deleted user", told, []string{"upload u of "})
	// From the beginning the facts come first, though they are newer than entry b,
	// and what is gone is not worth telling.
	told, rev = follow(t, s, 0)
	same(t, "the whole history", told, []string{"upload u of ", "entry b", "entry a"})
	inTx(t, s, func(ctx context.Context, tx upload.Tx) { ok(t, tx.DeleteUpload(ctx, "u")) })
	told, _ = follow(t, s, rev)
	same(t, "a deleted upload", told, []string{"no upload u"})

	errStop := errors.New("stop")
	insert(t, s, u)
	fails(t, s.Search().Changes(ctx, rev, func(search.Change) error { return errStop }), errStop)
}

// testFeedOrder follows the history while many write: every revision that was
// answered must be seen, none may become visible behind the follower.
func testFeedOrder(t *testing.T, open OpenSQL) {
	ctx, s := t.Context(), open(t, fixed())
	ids := names("u", 8)
	for _, id := range ids {
		insert(t, s, newUpload(id, "id-ann"))
	}
	ok(t, s.Identity().InsertUser(ctx, newUser("ann"), ""))
	const each = 15
	written := make(chan error, 1)
	go func() {
		errs := together(len(ids)+1, func(i int) error {
			if i == len(ids) { // one who is in all uploads takes new names meanwhile
				return rename(ctx, s, "ann", each)
			}
			for n := range each {
				e := newEntry(ids[i], fmt.Sprintf("%s/%d", ids[i], n), upload.Success)
				if err := s.Processing().SaveOutcome(ctx, ids[i], processing.Outcome{Put: []entry.Entry{e}}); err != nil {
					return err
				}
			}
			return nil
		})
		written <- errors.Join(errs...)
	}()
	seen := map[string]bool{}
	rev := int64(0)
	look := func() {
		newest := got[int64](t)(s.Search().Rev(ctx))
		ok(t, s.Search().Changes(ctx, rev, func(c search.Change) error {
			if c.Entry != nil {
				seen[c.Entry.ID] = true
			}
			rev = max(rev, c.Rev)
			return nil
		}))
		// What was replaced meanwhile is not told again: the history may end before the newest revision.
		rev = max(rev, newest)
	}
	for {
		select {
		case err := <-written:
			ok(t, err)
			look()
			same(t, "entries seen", len(seen), len(ids)*each)
			return
		default:
			look()
		}
	}
}

func rename(ctx context.Context, s Stores, name string, times int) error {
	u := newUser(name)
	for n := range times {
		u.LastName = fmt.Sprint("Name ", n)
		if err := s.Identity().UpdateUser(ctx, u, false); err != nil {
			return err
		}
	}
	return nil
}

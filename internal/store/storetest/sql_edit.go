package storetest

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"oasis/internal/data/edit"
	"oasis/internal/data/entry"
	"oasis/internal/data/search"
	"oasis/internal/data/upload"
	"oasis/internal/problem"
	"oasis/internal/work/processing"
)

func testEdits(t *testing.T, open OpenSQL) {
	ctx, s := t.Context(), open(t, fixed())
	u := newUpload("u", "ann")
	u.Coauthors, u.Reviewers, u.CoauthorGroups, u.ReviewerGroups = []string{"x"}, []string{"y", "z"}, []string{"g"}, []string{"all"}
	u.Process = upload.Process{Status: upload.Success, Warnings: []string{"w"}}
	other := newUpload("v", "ann")
	insert(t, s, u, other)
	_, rev := follow(t, s, 0)

	u.Name, u.Description, u.ExternalDB, u.License = "Ä new name", "d", "OQMD", "CC0"
	u.CreateTime, u.PublishTime, u.LastUpdate, u.LastEdit = start().Add(-time.Hour), start(), start().Add(time.Second), start().Add(time.Minute)
	u.MainAuthor, u.EmbargoLength, u.PublishDirectly = "bob", 7, true
	u.Coauthors, u.Reviewers, u.CoauthorGroups, u.ReviewerGroups = []string{"z", "a"}, nil, nil, []string{"h", "g"}
	changed := u
	changed.Entries, changed.Files, changed.Process = 99, 98, upload.Process{Status: upload.Failure} // not what people say
	ok(t, s.Edits().InTx(ctx, func(tx edit.Tx) error { return tx.SaveUpload(ctx, changed) }))
	same(t, "upload", got[upload.Upload](t)(s.Edits().Upload(ctx, "u")), u)
	same(t, "another upload", got[upload.Upload](t)(s.Uploads().Upload(ctx, "v")), other)
	told, _ := follow(t, s, rev)
	same(t, "what search hears", told, []string{"upload u of "})
	byName := upload.ListQuery{
		Visible: upload.Filter{AnyOf: []upload.Condition{{MainAuthor: "bob"}}}, Names: []upload.NameMatch{{Value: "ä NEW", Fuzzy: true}}, Limit: 5,
	}
	found, total, err := s.Uploads().ListUploads(ctx, byName)
	ok(t, err)
	same(t, "found by the new name", fmt.Sprint(len(found), total), "1 1")
	var facts *search.UploadFacts
	ok(t, s.Search().Changes(ctx, rev, func(c search.Change) error { facts = c.Upload; return nil }))
	same(t, "external_db in search", facts.ExternalDB, "OQMD")

	refused(t, s.Edits().InTx(ctx, func(tx edit.Tx) error { return tx.SaveUpload(ctx, newUpload("none", "ann")) }), problem.Missing)
}

func testEditedEntries(t *testing.T, open OpenSQL) {
	ctx, s := t.Context(), open(t, fixed())
	insert(t, s, newUpload("u", "ann"), newUpload("v", "ann"))
	var put []entry.Entry
	for _, name := range []string{"c", "a", "b", "d"} {
		put = append(put, newEntry("u", name, upload.Success))
	}
	child := newEntry("u", "b", upload.Success)
	child.MainfileKey, child.ID = "child", upload.EntryID("u", "b", "child")
	ok(t, s.Processing().SaveOutcome(ctx, "u", processing.Outcome{Put: append(put, child)}))
	ok(t, s.Processing().SaveOutcome(ctx, "v", processing.Outcome{Put: []entry.Entry{newEntry("v", "a", upload.Success)}}))

	page := func(sel edit.Selection) (targets []edit.Target) {
		t.Helper()
		ok(t, s.Edits().InTx(ctx, func(tx edit.Tx) (err error) {
			targets, err = tx.Targets(ctx, "u", sel)
			return err
		}))
		return targets
	}
	var walked []string
	for after := (edit.Target{}); ; {
		next := page(edit.Selection{After: after, Limit: 2})
		if len(next) == 0 {
			break
		}
		for _, target := range next {
			walked = append(walked, target.Mainfile)
			after = target
		}
	}
	same(t, "all, by main file", walked, []string{"a", "b", "b", "c", "d"})
	same(t, "by main file", len(page(edit.Selection{Mainfiles: []string{"b", "none"}, Limit: 9})), 2)
	same(t, "by no main file", len(page(edit.Selection{Mainfiles: []string{}, Limit: 9})), 0)
	same(t, "by id", len(page(edit.Selection{IDs: []string{put[0].ID, upload.EntryID("v", "a", "")}, Limit: 9})), 1)

	target := page(edit.Selection{Mainfiles: []string{"a"}, Limit: 9})[0]
	same(t, "target", target, edit.Target{EntryID: put[1].ID, Mainfile: "a", CreateTime: put[1].CreateTime, Document: put[1].Document})
	target.CreateTime, target.Edits, target.LastEdit = start().Add(-time.Hour), json.RawMessage(`{"comment":"é"}`), start().Add(time.Hour)
	foreign := edit.Target{EntryID: upload.EntryID("v", "a", ""), Edits: json.RawMessage(`{"comment":"not this one"}`)}
	_, rev := follow(t, s, 0)
	save := func(ctx context.Context, entries ...edit.Target) {
		t.Helper()
		ok(t, s.Edits().InTx(ctx, func(tx edit.Tx) error { return tx.SaveEdits(ctx, "u", entries) }))
	}
	save(ctx, target, foreign)
	save(ctx)
	want := put[1]
	want.CreateTime, want.Edits, want.LastEdit = target.CreateTime, target.Edits, target.LastEdit
	same(t, "edited entry", got[entry.Entry](t)(s.Entries().Entry(ctx, want.ID)), want)
	told, after := follow(t, s, rev)
	same(t, "what search hears", told, []string{"entry a"})
	ok(t, s.Search().Changes(ctx, rev, func(c search.Change) error {
		same(t, "edits in search", string(c.Entry.Edits), string(target.Edits))
		return nil
	}))

	again := put[1]
	again.Document, again.InputKey = json.RawMessage(`{"entry_name":"new"}`), "other"
	ok(t, s.Processing().SaveOutcome(ctx, "u", processing.Outcome{Put: []entry.Entry{again}}))
	want.Document, want.InputKey = again.Document, again.InputKey
	same(t, "processed again", got[entry.Entry](t)(s.Entries().Entry(ctx, want.ID)), want)
	told, _ = follow(t, s, after)
	same(t, "what search hears", told, []string{"entry a"})

	ok(t, s.Processing().SaveOutcome(ctx, "u", processing.Outcome{Delete: []string{want.ID}}))
	ok(t, s.Processing().SaveOutcome(ctx, "u", processing.Outcome{Put: []entry.Entry{again}}))
	same(t, "a new entry starts anew", got[entry.Entry](t)(s.Entries().Entry(ctx, want.ID)), again)
}

package storetest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"
	"unicode/utf8"

	"oasis/internal/data/entry"
	"oasis/internal/data/search"
	"oasis/internal/data/upload"
	"oasis/internal/problem"
	"oasis/internal/work/processing"
)

func testUploads(t *testing.T, open OpenSQL) {
	ctx, s := t.Context(), open(t, fixed())
	u := newUpload("u1", "ann")
	u.Description, u.PublishTime, u.EmbargoLength, u.PublishDirectly = "d", start().Add(time.Hour), 36, true
	u.LastUpdate = start().Add(2 * time.Hour)
	u.Coauthors, u.Reviewers = []string{"zoe", "bob"}, []string{"x"}
	u.CoauthorGroups, u.ReviewerGroups = []string{"g2", "g1"}, []string{upload.AllGroup}
	u.Deposit = upload.Deposit{By: "scope", How: upload.DepositInstead, Asked: "Zoë", Until: start().Add(3 * time.Hour)}
	u.Process = upload.Process{
		Status: upload.Failure, Current: "c", Message: "m", Errors: []string{"e1", "e2"}, Warnings: []string{"\"w\""}, CompleteTime: start(),
	}
	insert(t, s, u, newUpload("u2", "ann"))
	same(t, "upload", got[upload.Upload](t)(s.Uploads().Upload(ctx, "u1")), u)
	_, err := s.Uploads().Upload(ctx, "u3")
	refused(t, err, problem.Missing)
	refused(t, s.Uploads().InTx(ctx, func(tx upload.Tx) error { return tx.InsertUpload(ctx, u) }), problem.Conflict)

	u.Process = upload.Process{Status: upload.Pending, Current: upload.ProcessUpload}
	inTx(t, s, func(ctx context.Context, tx upload.Tx) {
		ok(t, tx.SetProcess(ctx, "u1", u.Process))
		same(t, "upload inside", got[upload.Upload](t)(tx.Upload(ctx, "u1")), u)
		_, err := tx.Upload(ctx, "u3")
		refused(t, err, problem.Missing)
		refused(t, tx.SetProcess(ctx, "u3", u.Process), problem.Missing)
		same(t, "unpublished", got[int](t)(tx.CountUnpublished(ctx, "ann")), 1)
		same(t, "unpublished", got[int](t)(tx.CountUnpublished(ctx, "bob")), 0)
		ok(t, tx.SetDepositUntil(ctx, "u1", time.Time{}))
	})
	u.Deposit.Until = time.Time{}
	same(t, "upload", got[upload.Upload](t)(s.Uploads().Upload(ctx, "u1")), u)
	same(t, "unfinished", got[[]string](t)(s.Processing().Unfinished(ctx)), []string{"u1"})

	inTx(t, s, func(ctx context.Context, tx upload.Tx) {
		ok(t, tx.PutFiles(ctx, "u1", []upload.File{newFile("u1", "a/b", 1)}))
	})
	ok(t, s.Processing().SaveOutcome(ctx, "u1", processing.Outcome{Put: []entry.Entry{newEntry("u1", "a/b", upload.Success)}}))
	inTx(t, s, func(ctx context.Context, tx upload.Tx) {
		ok(t, tx.DeleteUpload(ctx, "u1"))
		refused(t, tx.DeleteUpload(ctx, "u1"), problem.Missing)
	})
	_, err = s.Uploads().Upload(ctx, "u1")
	refused(t, err, problem.Missing)
	_, err = s.Uploads().File(ctx, "u1", "a/b")
	refused(t, err, problem.Missing)
	_, err = s.Entries().Entry(ctx, upload.EntryID("u1", "a/b", ""))
	refused(t, err, problem.Missing)
	for id, how := range map[string]upload.DepositHow{"own": upload.DepositOwn, "for": upload.DepositNamed, "held": upload.DepositHeld} {
		deposited := newUpload(id, "ann")
		deposited.Deposit = upload.Deposit{By: "ann", How: how}
		insert(t, s, deposited)
	}
	same(t, "unpublished without what was deposited for her", got[int](t)(s.Uploads().CountUnpublished(ctx, "ann")), 2) // u2 and own

	again := newUpload("u1", "ann") // nothing is left that would be joined
	insert(t, s, again)
	same(t, "new upload", got[upload.Upload](t)(s.Uploads().Upload(ctx, "u1")), again)
}

func testReceipts(t *testing.T, open OpenSQL) {
	ctx, s := t.Context(), open(t, fixed())
	insert(t, s, newUpload("u1", "ann"), newUpload("u2", "bob"))
	receipt := func(by, uploadID, path string) upload.Receipt {
		return upload.Receipt{Depositor: by, Owner: "ann", UploadID: uploadID, Path: path, Size: 1 << 40, SHA256: digest(path), Time: start()}
	}
	all := []upload.Receipt{receipt("sem", "u1", "z"), receipt("sem", "u1", "a"), receipt("sem", "u2", "a"), receipt("xrd", "u1", "a")}
	inTx(t, s, func(ctx context.Context, tx upload.Tx) {
		ok(t, tx.AddReceipts(ctx, nil))
		ok(t, tx.AddReceipts(ctx, all))
		ok(t, tx.DeleteUpload(ctx, "u2")) // what was received was received
	})
	for _, c := range []struct {
		q     upload.ReceiptQuery
		want  []upload.Receipt
		total int
	}{
		{upload.ReceiptQuery{Depositor: "sem", Limit: 9}, all[:3], 3},
		{upload.ReceiptQuery{Depositor: "sem", Limit: 1, Offset: 1}, all[1:2], 3},
		{upload.ReceiptQuery{Depositor: "sem", Limit: 9, Offset: 3}, nil, 3},
		{upload.ReceiptQuery{Depositor: "sem"}, nil, 3},
		{upload.ReceiptQuery{Depositor: "sem", UploadID: "u1", Limit: 9}, all[:2], 2},
		{upload.ReceiptQuery{Depositor: "sem", SHA256: []string{digest("a"), "x"}, Limit: 9}, all[1:3], 2},
		{upload.ReceiptQuery{Depositor: "sem", SHA256: []string{digest("a")}, Uploads: []string{"u2"}, Limit: 9}, all[2:3], 1},
		{upload.ReceiptQuery{Depositor: "sem", Uploads: []string{}, Limit: 9}, nil, 0},
		{upload.ReceiptQuery{Depositor: "ann", Limit: 9}, nil, 0},
	} {
		page, total, err := s.Uploads().Receipts(ctx, c.q)
		ok(t, err)
		same(t, "receipts", page, c.want)
		same(t, "total", total, c.total)
	}
}

func testTransactionsOfOneUpload(t *testing.T, open OpenSQL) {
	s := open(t, fixed())
	insert(t, s, newUpload("u", "ann"))
	const n = 20
	errs := together(n, func(int) error {
		return s.Uploads().InTx(t.Context(), func(tx upload.Tx) error {
			u, err := tx.Upload(t.Context(), "u")
			if err != nil {
				return err
			}
			u.Process.Message += "+"
			return tx.SetProcess(t.Context(), "u", u.Process)
		})
	})
	ok(t, errors.Join(errs...))
	same(t, "changes that were not lost", len(got[upload.Upload](t)(s.Uploads().Upload(t.Context(), "u")).Process.Message), n)
}

func testUploadLimit(t *testing.T, open OpenSQL) {
	s := open(t, fixed())
	errLimit := errors.New("limit")
	ids := names("u", 20)
	errs := together(len(ids), func(i int) error {
		return s.Uploads().InTx(t.Context(), func(tx upload.Tx) error {
			n, err := tx.CountUnpublished(t.Context(), "ann")
			if err != nil {
				return err
			}
			if n >= 5 {
				return errLimit
			}
			return tx.InsertUpload(t.Context(), newUpload(ids[i], "ann"))
		})
	})
	countOK(t, errs, 5, func(err error) bool { return errors.Is(err, errLimit) })
}

func testRollback(t *testing.T, open OpenSQL) {
	ctx, s := t.Context(), open(t, fixed())
	insert(t, s, newUpload("kept", "ann"))
	woken := 0
	s.OnEnqueue(func() { woken++ })
	rev := got[int64](t)(s.Search().Rev(ctx))
	before := got[upload.Upload](t)(s.Uploads().Upload(ctx, "kept"))
	errGaveUp := errors.New("gave up")
	fails(t, s.Uploads().InTx(ctx, func(tx upload.Tx) error {
		ok(t, tx.InsertUpload(ctx, newUpload("lost", "ann")))
		ok(t, tx.PutFiles(ctx, "kept", []upload.File{newFile("kept", "a/b", 5)}))
		ok(t, tx.PutFiles(ctx, "lost", []upload.File{newFile("lost", "c", 5)}))
		ok(t, tx.PutDir(ctx, "kept", "d"))
		ok(t, tx.SetProcess(ctx, "kept", upload.Process{Status: upload.Pending}))
		_, err := tx.AddIntents(ctx, []upload.Intent{{UploadID: "kept", Kind: upload.Drop}})
		ok(t, err)
		ok(t, tx.Enqueue(ctx, "kind", "key", nil))
		return errGaveUp
	}), errGaveUp)
	same(t, "upload", got[upload.Upload](t)(s.Uploads().Upload(ctx, "kept")), before)
	_, err := s.Uploads().Upload(ctx, "lost")
	refused(t, err, problem.Missing)
	same(t, "files", len(got[[]upload.File](t)(s.Uploads().Tree(ctx, "kept", ""))), 0)
	same(t, "folders", got[upload.DirPage](t)(s.Uploads().Dir(ctx, "kept", "", 0, 10)), upload.DirPage{})
	same(t, "intents", len(got[[]upload.Intent](t)(s.Uploads().Intents(ctx, ""))), 0)
	_, waits, err := s.Jobs().NextRunAt(ctx)
	ok(t, err)
	same(t, "a job waits", waits, false)
	same(t, "wake-ups", woken, 0)
	same(t, "revision", got[int64](t)(s.Search().Rev(ctx)), rev)
	ok(t, s.Search().Changes(ctx, rev, func(c search.Change) error {
		t.Errorf("unexpected change %+v", c)
		return nil
	}))
}

func testCancel(t *testing.T, open OpenSQL) {
	s := open(t, fixed())
	ctx, cancel := context.WithCancel(t.Context())
	err := s.Uploads().InTx(ctx, func(tx upload.Tx) error {
		if err := tx.InsertUpload(ctx, newUpload("u", "ann")); err != nil {
			return err
		}
		cancel()
		return tx.SetProcess(ctx, "u", upload.Process{})
	})
	fails(t, err, context.Canceled)
	_, err = s.Uploads().Upload(t.Context(), "u")
	refused(t, err, problem.Missing)
	err = s.Uploads().InTx(ctx, func(upload.Tx) error { t.Error("it ran"); return nil })
	fails(t, err, context.Canceled)
	insert(t, s, newUpload("u", "ann")) // nothing hangs
}

func testIntents(t *testing.T, open OpenSQL) {
	ctx, s := t.Context(), open(t, fixed())
	want := []upload.Intent{
		{UploadID: "u", Kind: upload.Place, Staged: "s1", Path: "p/é", SHA256: "5a", Body: []byte("\x00\xff body")},
		{UploadID: "u", Kind: upload.Remove, Staged: "s2", Path: "q"},
		{UploadID: "v", Kind: upload.Drop},
	}
	var added []upload.Intent
	inTx(t, s, func(ctx context.Context, tx upload.Tx) { added = got[[]upload.Intent](t)(tx.AddIntents(ctx, want)) })
	for i := range want {
		want[i].ID = added[i].ID
	}
	same(t, "added", added, want)
	same(t, "intents", got[[]upload.Intent](t)(s.Uploads().Intents(ctx, "")), want)
	ok(t, s.Uploads().DeleteIntents(ctx, []int64{want[2].ID, want[0].ID}))
	same(t, "intents left", got[[]upload.Intent](t)(s.Uploads().Intents(ctx, "")), want[1:2])
	ok(t, s.Uploads().DeleteIntents(ctx, []int64{want[1].ID}))
	inTx(t, s, func(ctx context.Context, tx upload.Tx) { added = got[[]upload.Intent](t)(tx.AddIntents(ctx, want)) })
	if added[0].ID <= want[2].ID {
		t.Errorf("id %d was given twice", added[0].ID)
	}
}

// testOddText stores and looks for texts that a database may refuse; it may only say so in a problem.
func testOddText(t *testing.T, open OpenSQL) {
	ctx, s := t.Context(), open(t, fixed())
	for i, odd := range []string{"a\x00b", "a\xffb", "\\u0000", "'; drop table uploads; --", "\u2028\U0010ffff", `"`} {
		u := newUpload(fmt.Sprint("u", i), odd)
		u.Name, u.Coauthors, u.Process.Errors = odd, []string{odd}, []string{odd}
		err := s.Uploads().InTx(ctx, func(tx upload.Tx) error { return tx.InsertUpload(ctx, u) })
		if err == nil && utf8.ValidString(odd) {
			same(t, "upload", got[upload.Upload](t)(s.Uploads().Upload(ctx, u.ID)), u)
		}
		filter, _ := upload.Visible(upload.Viewer{UserID: odd, Groups: []string{odd}}, upload.OwnerShared)
		_, _, list := s.Uploads().ListUploads(ctx, upload.ListQuery{Visible: filter, Limit: 1, IDs: []string{odd}})
		_, tree := s.Uploads().Tree(ctx, u.ID, odd)
		_, one := s.Identity().UserByLogin(ctx, odd)
		for _, err := range []error{err, list, tree, one} {
			if err != nil && problem.As(err) == nil {
				t.Errorf("%q: %v", odd, err)
			}
		}
	}
}

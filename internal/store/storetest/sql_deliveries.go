package storetest

import (
	"context"
	"slices"
	"testing"
	"time"

	"oasis/internal/data/upload"
	"oasis/internal/problem"
)

func newDelivery(id, uploadID, user string) upload.Delivery {
	return upload.Delivery{
		ID: id, UploadID: uploadID, UserID: user, Credential: "token", Path: "a/b", Size: 100, SHA256: digest(id), Unpack: true,
		Created: start(), Expires: start().Add(time.Hour),
	}
}

func testDeliveries(t *testing.T, open OpenSQL) {
	ctx, c := t.Context(), newClock()
	db := open(t, c.Now).Uploads()
	ok(t, db.InTx(ctx, func(tx upload.Tx) error {
		ok(t, tx.InsertUpload(ctx, newUpload("u1", "ada")))
		ok(t, tx.InsertUpload(ctx, newUpload("u2", "ada")))
		for _, x := range []upload.Delivery{newDelivery("x1", "u1", "ada"), newDelivery("x2", "u1", "bert"), newDelivery("x3", "u2", "ada")} {
			ok(t, tx.InsertDelivery(ctx, x))
		}
		return nil
	}))
	same(t, "as stored", got[upload.Delivery](t)(db.Delivery(ctx, "x1")), newDelivery("x1", "u1", "ada"))
	_, err := db.Delivery(ctx, "x9")
	refused(t, err, problem.Missing)

	later := start().Add(2 * time.Hour)
	p := upload.Progress{Size: 40, Sums: []byte{0, 1, 255}}
	ok(t, db.SaveDelivery(ctx, "x1", 0, p, later))
	refused(t, db.SaveDelivery(ctx, "x1", 0, p, later), problem.Missing) // it is further by now
	refused(t, db.SaveDelivery(ctx, "x9", 0, p, later), problem.Missing)
	want := newDelivery("x1", "u1", "ada")
	want.Progress, want.Expires = p, later
	same(t, "as saved", got[upload.Delivery](t)(db.Delivery(ctx, "x1")), want)

	finish := func(id string) error {
		return db.InTx(ctx, func(tx upload.Tx) error { return tx.FinishDelivery(ctx, id, start(), later) })
	}
	ok(t, finish("x2"))
	refused(t, finish("x2"), problem.Missing)
	refused(t, finish("x9"), problem.Missing)
	refused(t, db.SaveDelivery(ctx, "x2", 100, p, later), problem.Missing)
	if x := got[upload.Delivery](t)(db.Delivery(ctx, "x2")); !x.Finished.Equal(start()) || x.Received() != 100 {
		t.Errorf("finished: %+v", x)
	}
	same(t, "those under way", idsOf(got[[]upload.Delivery](t)(db.ListDeliveries(ctx, "u1", start()))), []string{"x1"})
	same(t, "not those that expired", idsOf(got[[]upload.Delivery](t)(db.ListDeliveries(ctx, "u2", later))), []string(nil))
	unfinished := got[[]string](t)(db.UnfinishedDeliveries(ctx))
	slices.Sort(unfinished)
	same(t, "unfinished", unfinished, []string{"x1", "x3"})
	same(t, "of ada", countOf(t, db, "ada"), 2)
	same(t, "of bert", countOf(t, db, "bert"), 0)

	same(t, "expired and unfinished", got[[]string](t)(db.PruneDeliveries(ctx, later)), []string{"x3"})
	ok(t, db.InTx(ctx, func(tx upload.Tx) error { return tx.InsertDelivery(ctx, newDelivery("x4", "u1", "ada")) }))
	if !got[bool](t)(db.DeleteDelivery(ctx, "x4")) || got[bool](t)(db.DeleteDelivery(ctx, "x2")) || got[bool](t)(db.DeleteDelivery(ctx, "x9")) {
		t.Error("DeleteDelivery does not tell whether it was unfinished")
	}
	var gone []string
	ok(t, db.InTx(ctx, func(tx upload.Tx) (err error) { gone, err = tx.DeleteDeliveries(ctx, "u1"); return err }))
	same(t, "of the upload", gone, []string{"x1"})
	_, err = db.Delivery(ctx, "x1")
	refused(t, err, problem.Missing)
}

func idsOf(all []upload.Delivery) (ids []string) {
	for i := range all {
		ids = append(ids, all[i].ID)
	}
	return ids
}

func countOf(t *testing.T, db upload.Store, user string) (n int) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	ok(t, db.InTx(ctx, func(tx upload.Tx) (err error) { n, err = tx.CountDeliveries(ctx, user); return err }))
	return n
}

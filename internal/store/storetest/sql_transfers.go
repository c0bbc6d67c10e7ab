package storetest

import (
	"context"
	"testing"
	"time"

	"oasis/internal/access/group"
	"oasis/internal/data/transfer"
	"oasis/internal/problem"
)

func testTransfers(t *testing.T, open OpenSQL) {
	ctx, s := t.Context(), open(t, fixed())
	insert(t, s, newUpload("u", "ann"))
	ok(t, s.Groups().GroupTx(ctx, func(tx group.Tx) error {
		return tx.InsertGroup(ctx, group.Group{ID: "g", Name: "g", Members: []group.Member{{UserID: "ann", Role: group.Owner}}})
	}))
	change := func(fn func(context.Context, transfer.Tx) error) {
		t.Helper()
		ok(t, s.Transfers().InTx(ctx, func(tx transfer.Tx) error { return fn(ctx, tx) }))
	}
	one := transfer.Record{
		ID: "t1", Kind: transfer.Upload, ResourceID: "u", Source: "ann", Target: "bob", Actor: "root", State: transfer.Pending,
		Admitted: true, Keep: true, Requested: start(), Updated: start(),
	}
	two := transfer.Record{
		ID: "t2", Kind: transfer.Group, ResourceID: "g", Source: "ann", Target: "cid", Actor: "ann", State: transfer.Pending,
		Requested: start(), Updated: start().Add(time.Second),
	}
	change(func(ctx context.Context, tx transfer.Tx) error {
		ok(t, tx.PutTransfer(ctx, one))
		ok(t, tx.PutTransfer(ctx, two))
		same(t, "of the upload", got[transfer.Record](t)(tx.PendingTransfer(ctx, transfer.Upload, "u")), one)
		_, err := tx.PendingTransfer(ctx, transfer.Upload, "g")
		refused(t, err, problem.Missing)
		same(t, "group in a transaction", got[group.Group](t)(tx.Group(ctx, "g")).Name, "g")
		same(t, "people in it", got[[]string](t)(tx.PeopleIn(ctx, "g")), []string{"ann"})
		return nil
	})
	third := one
	third.ID = "t3"
	if err := s.Transfers().InTx(ctx, func(tx transfer.Tx) error { return tx.PutTransfer(ctx, third) }); err == nil {
		t.Error("two offers of one upload are pending")
	}
	same(t, "one", got[transfer.Record](t)(s.Transfers().Transfer(ctx, "t1")), one)
	for name, tt := range map[string]struct {
		q    transfer.Query
		want []transfer.Record
	}{
		"everything": {transfer.Query{}, []transfer.Record{two, one}},
		"outgoing":   {transfer.Query{UserID: "ann", Direction: transfer.Outgoing}, []transfer.Record{two, one}},
		"incoming":   {transfer.Query{UserID: "bob", Direction: transfer.Incoming}, []transfer.Record{one}},
		"both":       {transfer.Query{UserID: "cid", Direction: transfer.Both}, []transfer.Record{two}},
		"kind":       {transfer.Query{UserID: "ann", Direction: transfer.Both, Kind: transfer.Upload, ResourceID: "u", State: transfer.Pending}, []transfer.Record{one}},
		"none":       {transfer.Query{UserID: "root", Direction: transfer.Both}, nil},
	} {
		same(t, name, got[[]transfer.Record](t)(s.Transfers().Transfers(ctx, tt.q)), tt.want)
	}
	one.State, one.Target, one.Admitted = transfer.Refused, "cid", false
	change(func(ctx context.Context, tx transfer.Tx) error {
		ok(t, tx.PutTransfer(ctx, one))
		return tx.PutTransfer(ctx, third) // a refused one is no obstacle
	})
	same(t, "refused", got[transfer.Record](t)(s.Transfers().Transfer(ctx, "t1")), one)
	change(func(ctx context.Context, tx transfer.Tx) error {
		ok(t, tx.DeleteTransfer(ctx, "t2"))
		return tx.DeleteTransfers(ctx, transfer.Upload, "u")
	})
	same(t, "left", len(got[[]transfer.Record](t)(s.Transfers().Transfers(ctx, transfer.Query{}))), 0)
	_, err := s.Transfers().Transfer(ctx, "t1")
	refused(t, err, problem.Missing)
}

package sqlstore

import (
	"context"
	"database/sql"
	"errors"

	"oasis/internal/access/group"
	"oasis/internal/data/transfer"
	"oasis/internal/data/upload"
	"oasis/internal/problem"
)

// transferStore keeps offers of uploads and groups.
type transferStore struct{ *DB }

// Transfers gives the store of offers of uploads and groups.
func (db *DB) Transfers() transfer.Store { return transferStore{db} }

const transferColumns = `id, resource_type, resource_id, source, target, actor, state, admitted, keep, requested, updated`

func scanTransfer(r row) (t transfer.Record, err error) {
	var kind, state string
	err = r.Scan(&t.ID, &kind, &t.ResourceID, &t.Source, &t.Target, &t.Actor, &state, &t.Admitted, &t.Keep, stamp{&t.Requested}, stamp{&t.Updated})
	t.Kind, t.State = transfer.Kind(kind), transfer.State(state)
	return t, err
}

func (s transferStore) Transfers(ctx context.Context, q transfer.Query) ([]transfer.Record, error) {
	var c conditions
	c.add(`select ` + transferColumns + ` from transfers where true`)
	if q.UserID != "" {
		switch q.Direction {
		case transfer.Incoming:
			c.add(` and target = ?`, q.UserID)
		case transfer.Outgoing:
			c.add(` and source = ?`, q.UserID)
		default:
			c.add(` and (target = ? or source = ?)`, q.UserID, q.UserID)
		}
	}
	for column, value := range map[string]string{"resource_type": string(q.Kind), "resource_id": q.ResourceID, "state": string(q.State)} {
		if value != "" {
			c.add(` and `+column+` = ?`, value)
		}
	}
	c.add(` order by updated desc, id`)
	return list(ctx, s.engine.reader(), scanTransfer, c.String(), c.args...)
}

func (s transferStore) Transfer(ctx context.Context, id string) (transfer.Record, error) {
	return readTransfer(ctx, s.engine.reader(), `id = $1`, id)
}

// readTransfer reads one; where may lock it.
func readTransfer(ctx context.Context, q querier, where string, args ...any) (transfer.Record, error) {
	t, err := one(ctx, q, scanTransfer, `select `+transferColumns+` from transfers where `+where, args...)
	if errors.Is(err, sql.ErrNoRows) {
		return t, problem.NotFound("Transfer does not exist.")
	}
	return t, err
}

func (s transferStore) Upload(ctx context.Context, id string) (upload.Upload, error) {
	return uploadStore(s).Upload(ctx, id)
}

func (s transferStore) Group(ctx context.Context, id string) (group.Group, error) {
	return groupStore(s).Group(ctx, id)
}

func (s transferStore) InTx(ctx context.Context, fn func(transfer.Tx) error) error {
	return s.write(ctx, func(t *tx) error {
		return fn(transferTx{uploadTx: uploadTx{t}, groups: groupTx{t}})
	})
}

// transferTx is the view of a transaction that package transfer works with.
type transferTx struct {
	uploadTx
	groups groupTx
}

// Group locks all groups, as every transaction that changes one does.
func (t transferTx) Group(ctx context.Context, id string) (group.Group, error) {
	if err := t.lock(ctx, "groups"); err != nil {
		return group.Group{}, err
	}
	return t.groups.Group(ctx, id)
}

func (t transferTx) UpdateGroup(ctx context.Context, g group.Group) error {
	return t.groups.UpdateGroup(ctx, g)
}

func (t transferTx) PeopleIn(ctx context.Context, id string) ([]string, error) {
	return t.groups.PeopleIn(ctx, id)
}

func (t transferTx) Withdraw(ctx context.Context, ids ...string) error {
	return t.withdraw(ctx, ids...)
}

func (t transferTx) Transfer(ctx context.Context, id string) (transfer.Record, error) {
	return readTransfer(ctx, t, `id = $1`+t.db.engine.forUpdate(), id)
}

func (t transferTx) PendingTransfer(ctx context.Context, kind transfer.Kind, resourceID string) (transfer.Record, error) {
	return readTransfer(ctx, t, `resource_type = $1 and resource_id = $2 and state = 'pending'`+t.db.engine.forUpdate(), string(kind), resourceID)
}

func (t transferTx) PutTransfer(ctx context.Context, r transfer.Record) error {
	_, err := t.ExecContext(ctx, `insert into transfers (`+transferColumns+`) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
		on conflict (id) do update set source = excluded.source, target = excluded.target, actor = excluded.actor, state = excluded.state,
			admitted = excluded.admitted, keep = excluded.keep, requested = excluded.requested, updated = excluded.updated`,
		r.ID, string(r.Kind), r.ResourceID, r.Source, r.Target, r.Actor, string(r.State), r.Admitted, r.Keep, micros(r.Requested), micros(r.Updated))
	return err
}

func (t transferTx) DeleteTransfers(ctx context.Context, kind transfer.Kind, resourceID string) error {
	_, err := t.ExecContext(ctx, `delete from transfers where resource_type = $1 and resource_id = $2`, string(kind), resourceID)
	return err
}

func (t transferTx) DeleteTransfer(ctx context.Context, id string) error {
	_, err := t.ExecContext(ctx, `delete from transfers where id = $1`, id)
	return err
}

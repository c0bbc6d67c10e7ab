package sqlstore

import (
	"context"
	"encoding/hex"
	"fmt"

	"oasis/internal/data/receipt"
	"oasis/internal/data/upload"
)

// receiptStore keeps the keys that receipts are signed with.
type receiptStore struct{ *DB }

// Receipts gives the store of the keys that receipts are signed with.
func (db *DB) Receipts() receipt.Store { return receiptStore{db} }

func (s receiptStore) ReceiptKeys(ctx context.Context) ([]receipt.Key, error) {
	scan := func(r row) (k receipt.Key, err error) {
		var public string
		if err = r.Scan(&k.ID, &public, stamp{&k.Created}); err == nil {
			k.Public, err = hex.DecodeString(public)
		}
		return k, err
	}
	return list(ctx, s.engine.reader(), scan, `select id, public, created from receipt_keys order by created, id`)
}

func (s receiptStore) InsertReceiptKey(ctx context.Context, k receipt.Key) error {
	_, err := s.exec(ctx, `insert into receipt_keys (id, public, created) values ($1, $2, $3)`, k.ID, hex.EncodeToString(k.Public), micros(k.Created))
	return err
}

func (t uploadTx) AddReceipts(ctx context.Context, receipts []upload.Receipt) error {
	rows := make([][]any, len(receipts))
	for i, r := range receipts {
		rows[i] = []any{r.Depositor, r.UploadID, r.Path, r.Size, r.SHA256, r.Owner, micros(r.Time)}
	}
	return execEach(ctx, t.querier, `insert into receipts (depositor, upload_id, path, size, sha256, owner, stored) values ($1, $2, $3, $4, $5, $6, $7)`, rows)
}

func (s uploadStore) Receipts(ctx context.Context, q upload.ReceiptQuery) ([]upload.Receipt, int, error) {
	var c conditions
	c.dialect = s.engine
	c.add(`from receipts where depositor = ?`, q.Depositor)
	if q.UploadID != "" {
		c.add(` and upload_id = ?`, q.UploadID)
	}
	if len(q.SHA256) > 0 {
		c.add(` and `)
		c.in(`sha256`, q.SHA256)
	}
	if q.Uploads != nil {
		c.add(` and `)
		c.in(`upload_id`, q.Uploads)
	}
	total, err := one(ctx, s.engine.reader(), scanInt, `select count(*) `+c.String(), c.args...)
	if err != nil {
		return nil, 0, fmt.Errorf("count receipts: %w", err)
	}
	if q.Limit <= 0 || int64(q.Offset) >= total {
		return nil, int(total), nil
	}
	c.add(` order by id limit ? offset ?`, q.Limit, q.Offset)
	scan := func(r row) (u upload.Receipt, err error) {
		return u, r.Scan(&u.Depositor, &u.UploadID, &u.Path, &u.Size, &u.SHA256, &u.Owner, stamp{&u.Time})
	}
	page, err := list(ctx, s.engine.reader(), scan, `select depositor, upload_id, path, size, sha256, owner, stored `+c.String(), c.args...)
	return page, int(total), err
}

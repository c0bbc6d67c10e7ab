package sqlstore

import (
	"context"
	"fmt"

	"oasis/internal/data/edit"
)

// Edits are what people say about uploads and entries.
func (db *DB) Edits() edit.Store { return editStore{uploadStore{db}} }

// editStore is what edits read and write.
type editStore struct{ uploadStore }

func (s editStore) InTx(ctx context.Context, fn func(edit.Tx) error) error {
	return s.write(ctx, func(t *tx) error { return fn(editTx{uploadTx{t}}) })
}

type editTx struct{ uploadTx }

func (t editTx) Targets(ctx context.Context, uploadID string, s edit.Selection) ([]edit.Target, error) {
	scan := func(r row) (e edit.Target, err error) {
		return e, r.Scan(&e.EntryID, &e.Mainfile, stamp{&e.CreateTime}, document{&e.Document}, document{&e.Edits}, stamp{&e.LastEdit})
	}
	c := conditions{dialect: t.db.engine}
	c.add(`select id, mainfile, create_time, document, edits, last_edit from entries where upload_id = ?
		and (mainfile, id) > (?, ?)`, uploadID, s.After.Mainfile, s.After.EntryID)
	switch {
	case s.IDs != nil:
		c.add(` and `)
		c.in(`id`, s.IDs)
	case s.Mainfiles != nil:
		c.add(` and `)
		c.in(`mainfile`, s.Mainfiles)
	}
	c.add(` order by mainfile, id limit ?`, s.Limit)
	return list(ctx, t, scan, c.String(), c.args...)
}

func (t editTx) SaveEdits(ctx context.Context, uploadID string, entries []edit.Target) error {
	if len(entries) == 0 {
		return nil
	}
	rev, err := t.nextRev(ctx)
	if err != nil {
		return err
	}
	rows := make([][]any, len(entries))
	for i := range entries {
		e := &entries[i]
		rows[i] = []any{micros(e.CreateTime), string(e.Edits), micros(e.LastEdit), rev, e.EntryID, uploadID}
	}
	err = execEach(ctx, t.querier, `update entries set create_time = $1, edits = $2, last_edit = $3, rev = $4
		where id = $5 and upload_id = $6`, rows)
	if err != nil {
		return fmt.Errorf("store edits: %w", err)
	}
	return nil
}

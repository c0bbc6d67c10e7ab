package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"oasis/internal/data/entry"
	"oasis/internal/problem"
)

// entryStore reads entries; they are written in outcome.go.
type entryStore struct{ *DB }

const entryColumns = `id, upload_id, mainfile, mainfile_key, parser_name, create_time, last_processing, ` + processColumns + `, hash, input_key, document`

// editColumns are what people say about an entry; processing leaves them alone.
const editColumns = `edits, last_edit`

func scanEntry(r row) (e entry.Entry, err error) {
	to := []any{&e.ID, &e.UploadID, &e.Mainfile, &e.MainfileKey, &e.ParserName, stamp{&e.CreateTime}, stamp{&e.LastProcessing}}
	to = append(to, processFields(&e.Process)...)
	to = append(to, &e.Hash, &e.InputKey, (*[]byte)(&e.Document), document{&e.Edits}, stamp{&e.LastEdit})
	return e, r.Scan(to...)
}

func (s entryStore) Entry(ctx context.Context, id string) (entry.Entry, error) {
	e, err := one(ctx, s.engine.reader(), scanEntry, `select `+entryColumns+`, `+editColumns+` from entries where id = $1`, id)
	if errors.Is(err, sql.ErrNoRows) {
		return e, problem.NotFound("The entry %s does not exist.", id)
	}
	return e, err
}

func (s entryStore) ListEntries(ctx context.Context, uploadID string, p entry.Page) ([]entry.Entry, int, error) {
	total, err := one(ctx, s.engine.reader(), scanInt, `select count(*) from entries where upload_id = $1`, uploadID)
	if err != nil {
		return nil, 0, fmt.Errorf("count entries: %w", err)
	}
	if p.Limit <= 0 || int64(p.Offset) >= total {
		return nil, int(total), nil
	}
	page, err := list(ctx, s.engine.reader(), scanEntry, `select `+entryColumns+`, `+editColumns+` from entries where upload_id = $1
		order by `+entryOrder(p.OrderBy)+desc(p.Desc)+`, id limit $2 offset $3`, uploadID, p.Limit, p.Offset)
	return page, int(total), err
}

// entryOrder is the column of an order.
func entryOrder(by entry.Order) string {
	switch by {
	case entry.OrderParser:
		return `parser_name`
	case entry.OrderStatus:
		return `process_status`
	case entry.OrderCurrentProcess:
		return `current_process`
	case entry.OrderCreateTime:
		return `create_time`
	default:
		return `mainfile`
	}
}

func (s entryStore) MadeOf(ctx context.Context, uploadID string, paths []string) (map[string]entry.Made, error) {
	made := make(map[string]entry.Made, len(paths))
	if len(paths) == 0 {
		return made, nil
	}
	return made, each(ctx, s.engine.reader(), func(r row) error {
		var path string
		var m entry.Made
		if err := r.Scan(&path, &m.EntryID, &m.ParserName); err != nil {
			return err
		}
		made[path] = m
		return nil
	}, `select mainfile, id, parser_name from entries where upload_id = $1 and mainfile`+s.engine.in("$2")+` and mainfile_key = ''`,
		uploadID, array(paths))
}

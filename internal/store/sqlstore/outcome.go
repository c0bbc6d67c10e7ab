package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"oasis/internal/access/identity"
	"oasis/internal/data/entry"
	"oasis/internal/data/inbox"
	"oasis/internal/data/upload"
	"oasis/internal/work/processing"
)

// processingStore is what processing reads and writes.
type processingStore struct{ uploadStore }

func (s processingStore) KnownEntries(ctx context.Context, uploadID string) ([]processing.Known, error) {
	scan := func(r row) (k processing.Known, err error) {
		return k, r.Scan(&k.EntryID, &k.Mainfile, &k.InputKey, &k.ParserName, &k.Status, stamp{&k.CreateTime})
	}
	return list(ctx, s.engine.reader(), scan, `select id, mainfile, input_key, parser_name, process_status, create_time
		from entries where upload_id = $1 order by mainfile, id`, uploadID)
}

func (s processingStore) PersonName(ctx context.Context, userID string) (name, affiliation string, err error) {
	u, err := one(ctx, s.engine.reader(), scanUser, `select `+userColumns+` from users where id = $1`, userID)
	if errors.Is(err, sql.ErrNoRows) {
		return "", "", nil
	}
	return personName(&u), u.Affiliation, err
}

// personName is first and last name, empty for somebody who gave none.
func personName(u *identity.User) string {
	if u.FirstName+u.LastName == "" {
		return ""
	}
	return u.Name()
}

func (s processingStore) Unfinished(ctx context.Context) ([]string, error) {
	return list(ctx, s.engine.reader(), scanText,
		`select id from uploads where process_status in ('PENDING', 'RUNNING') and current_process <> '`+upload.ProcessSend+`' order by id`)
}

func (s processingStore) SaveOutcome(ctx context.Context, uploadID string, o processing.Outcome) error {
	return s.writeRepeatable(ctx, func(t *tx) error {
		stops, err := one(ctx, t, scanInt, `select stops from uploads where id = $1`+s.engine.forUpdate(), uploadID)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			return upload.NotFound()
		case err != nil:
			return fmt.Errorf("lock upload: %w", err)
		case int(stops) != o.Stops:
			return processing.ErrStopped
		}
		if len(o.Put)+len(o.Delete) > 0 {
			if err := t.changeEntries(ctx, uploadID, o.Put, o.Delete); err != nil {
				return err
			}
		}
		if o.Process == nil {
			return nil
		}
		process := *o.Process
		if !process.Status.Busy() {
			waiting, err := t.waits(ctx, upload.JobProcess, uploadID)
			if err != nil {
				return err
			}
			if waiting {
				process = upload.Process{Status: upload.Pending, Current: process.Current}
			}
		}
		if !process.Status.Busy() && o.Run != "" {
			if err := t.tellEnd(ctx, uploadID, o.Run, &process); err != nil {
				return err
			}
		}
		return t.setProcess(ctx, uploadID, &process)
	})
}

// tellEnd tells the main author that a run has ended; changed files that were taken in
// without a run are no news (spec datasets-groups.md §6).
func (t *tx) tellEnd(ctx context.Context, uploadID, run string, p *upload.Process) error {
	type owned struct{ name, author string }
	u, err := one(ctx, t, func(r row) (o owned, err error) { return o, r.Scan(&o.name, &o.author) },
		`select name, main_author from uploads where id = $1`, uploadID)
	if err != nil {
		return fmt.Errorf("read main author: %w", err)
	}
	resource := inbox.Resource{Type: "upload", ID: uploadID, Name: u.name}
	return t.post(ctx, inbox.Ended(resource, u.author, run, p.Current, p.Message, p.Status == upload.Success, t.db.now().UTC()))
}

// tally counts entries as uploads do.
type tally struct{ entries, failed, processed, warned int }

// ending is what tally reads of an entry.
type ending struct {
	status upload.Status
	warned bool
}

func (c *tally) add(e ending, n int) {
	c.entries += n
	switch e.status {
	case upload.Failure:
		c.failed += n
		c.processed += n
	case upload.Success:
		c.processed += n
		if e.warned {
			c.warned += n
		}
	}
}

// changeEntries puts and deletes entries of an upload and keeps its counts right.
func (t *tx) changeEntries(ctx context.Context, uploadID string, put []entry.Entry, gone []string) error {
	ids := make([]string, 0, len(put)+len(gone))
	after := make(map[string]ending, len(put)) // two of one id count once
	for i := range put {
		ids = append(ids, put[i].ID)
		after[put[i].ID] = ending{put[i].Process.Status, len(put[i].Process.Warnings) > 0}
	}
	var counts tally
	for _, e := range after {
		counts.add(e, 1)
	}
	err := each(ctx, t, func(r row) error {
		var e ending
		err := r.Scan(&e.status, &e.warned)
		counts.add(e, -1)
		return err
	}, `select process_status, warnings <> '[]' from entries where id`+t.db.engine.in("$1")+` and upload_id = $2`, array(append(ids, gone...)), uploadID)
	if err != nil {
		return fmt.Errorf("look for entries: %w", err)
	}
	if len(gone) > 0 {
		if err := t.deleteEntries(ctx, uploadID, gone); err != nil {
			return err
		}
	}
	if err := t.putEntries(ctx, uploadID, put); err != nil {
		return err
	}
	_, err = t.ExecContext(ctx, `update uploads set entries = entries + $1, failed = failed + $2, processed = processed + $3,
			warned = warned + $4 where id = $5`,
		counts.entries, counts.failed, counts.processed, counts.warned, uploadID)
	if err != nil {
		return fmt.Errorf("update counts of upload: %w", err)
	}
	return nil
}

func (t *tx) deleteEntries(ctx context.Context, uploadID string, ids []string) error {
	deleted, err := list(ctx, t, scanText, `delete from entries where id`+t.db.engine.in("$1")+` and upload_id = $2 returning id`, array(ids), uploadID)
	if err != nil {
		return fmt.Errorf("delete entries: %w", err)
	}
	if len(deleted) == 0 {
		return nil
	}
	return t.bury(ctx, "entry", deleted)
}

func (t *tx) putEntries(ctx context.Context, uploadID string, entries []entry.Entry) error {
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
		row := []any{e.ID, uploadID, e.Mainfile, e.MainfileKey, e.ParserName, micros(e.CreateTime), micros(e.LastProcessing)}
		row = append(row, processValues(&e.Process)...)
		rows[i] = append(row, e.Hash, e.InputKey, string(e.Document), rev)
	}
	err = execEach(ctx, t.querier, `insert into entries (`+entryColumns+`, rev)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
		on conflict (id) do update set mainfile = excluded.mainfile, mainfile_key = excluded.mainfile_key,
			parser_name = excluded.parser_name, last_processing = excluded.last_processing,
			process_status = excluded.process_status, current_process = excluded.current_process,
			status_message = excluded.status_message, errors = excluded.errors, warnings = excluded.warnings,
			complete_time = excluded.complete_time, hash = excluded.hash, input_key = excluded.input_key,
			document = excluded.document, rev = excluded.rev`, rows)
	if err != nil {
		return fmt.Errorf("store entries: %w", err)
	}
	return nil
}

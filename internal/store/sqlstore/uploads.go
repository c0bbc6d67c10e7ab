package sqlstore

import (
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"oasis/internal/data/inbox"
	"oasis/internal/data/upload"
	"oasis/internal/problem"
)

// uploadStore keeps uploads; lists are in uploadlist.go, files in files.go.
type uploadStore struct{ *DB }

const (
	processColumns = `process_status, current_process, status_message, errors, warnings, complete_time`
	uploadColumns  = `id, name, description, create_time, main_author, publish_time, embargo_length, license,
		publish_directly, last_update, external_db, last_edit, included_query, included_at, stops, ` + processColumns + `,
		entries, failed, processed, warned, files, bytes, depositor, deposit, deposit_asked, deposit_until,
		from_oasis, oasis_url, published_to`
)

// processFields are where processColumns are scanned to.
func processFields(p *upload.Process) []any {
	return []any{&p.Status, &p.Current, &p.Message, elements{&p.Errors}, elements{&p.Warnings}, stamp{&p.CompleteTime}}
}

// processValues are what is stored in processColumns.
func processValues(p *upload.Process) []any {
	return []any{string(p.Status), p.Current, p.Message, array(p.Errors), array(p.Warnings), micros(p.CompleteTime)}
}

// uploadFields are where uploadColumns are scanned to.
func uploadFields(u *upload.Upload) []any {
	to := []any{&u.ID, &u.Name, &u.Description, stamp{&u.CreateTime}, &u.MainAuthor, stamp{&u.PublishTime}, &u.EmbargoLength, &u.License,
		&u.PublishDirectly, stamp{&u.LastUpdate}, &u.ExternalDB, stamp{&u.LastEdit}, includedQuery{&u.Included}, includedAt{&u.Included}, &u.Stops}
	to = append(to, processFields(&u.Process)...)
	return append(to, &u.Entries, &u.Failed, &u.Processed, &u.Warned, &u.Files, &u.Bytes,
		&u.Deposit.By, &u.Deposit.How, &u.Deposit.Asked, stamp{&u.Deposit.Until},
		&u.FromOasis, &u.OasisURL, elements{&u.PublishedTo})
}

// scanUpload reads all but the members. An embargo that is over is none.
func (db *DB) scanUpload(r row) (u upload.Upload, err error) {
	err = r.Scan(uploadFields(&u)...)
	u.EndEmbargo(db.now())
	return u, err
}

func (s uploadStore) Upload(ctx context.Context, id string) (upload.Upload, error) {
	return s.upload(ctx, s.engine.reader(), id, false)
}

// upload reads one upload with its members in one statement; locked locks its row.
func (db *DB) upload(ctx context.Context, q querier, id string, locked bool) (u upload.Upload, err error) {
	query := `select ` + uploadColumns + `, role, member from uploads left join upload_members on upload_id = id
		where id = $1 order by role, position`
	if lock := db.engine.forUpdate(); locked && lock != "" {
		query += lock + ` of uploads`
	}
	found := false
	err = each(ctx, q, func(r row) error {
		var role, m sql.NullString
		if err := r.Scan(append(uploadFields(&u), &role, &m)...); err != nil {
			return err
		}
		found = true
		(&member{role: role.String, id: m.String}).join(&u)
		return nil
	}, query, id)
	if err == nil && !found {
		return u, upload.NotFound()
	}
	u.EndEmbargo(db.now())
	return u, err
}

// member is a row of upload_members.
type member struct{ uploadID, role, id string }

// The roles of members.
const (
	roleCoauthor      = "coauthor"
	roleReviewer      = "reviewer"
	roleCoauthorGroup = "coauthor_group"
	roleReviewerGroup = "reviewer_group"
)

func (m *member) scan(r row) error { return r.Scan(&m.uploadID, &m.role, &m.id) }

func (m *member) join(u *upload.Upload) {
	switch m.role {
	case roleCoauthor:
		u.Coauthors = append(u.Coauthors, m.id)
	case roleReviewer:
		u.Reviewers = append(u.Reviewers, m.id)
	case roleCoauthorGroup:
		u.CoauthorGroups = append(u.CoauthorGroups, m.id)
	case roleReviewerGroup:
		u.ReviewerGroups = append(u.ReviewerGroups, m.id)
	}
}

func (s uploadStore) InTx(ctx context.Context, fn func(upload.Tx) error) error {
	return s.write(ctx, func(t *tx) error { return fn(uploadTx{t}) })
}

// uploadTx is the view of a transaction that package upload works with; files
// are in filewrite.go.
type uploadTx struct{ *tx }

func (t uploadTx) Upload(ctx context.Context, id string) (upload.Upload, error) {
	return t.db.upload(ctx, t, id, true)
}

func (t uploadTx) CountUnpublished(ctx context.Context, userID string) (int, error) {
	if err := t.lock(ctx, "uploads of "+userID); err != nil {
		return 0, err
	}
	return countUnpublished(ctx, t, userID)
}

func (s uploadStore) CountUnpublished(ctx context.Context, userID string) (int, error) {
	return countUnpublished(ctx, s.engine.reader(), userID)
}

func countUnpublished(ctx context.Context, q querier, userID string) (int, error) {
	n, err := one(ctx, q, scanInt, `select count(*) from uploads where main_author = $1 and publish_time = 0 and deposit in ('', $2)`,
		userID, string(upload.DepositOwn))
	return int(n), err
}

func (t uploadTx) SetDepositUntil(ctx context.Context, uploadID string, until time.Time) error {
	n, err := affected(t.ExecContext(ctx, `update uploads set deposit_until = $1 where id = $2 and deposit_until <> $3`, micros(until), uploadID, micros(until)))
	t.unchanged = n == 0
	return err
}

func (t uploadTx) InsertUpload(ctx context.Context, u upload.Upload) error {
	rev, err := t.nextRev(ctx)
	if err != nil {
		return err
	}
	args := []any{u.ID, u.Name, strings.ToLower(u.Name), u.Description, micros(u.CreateTime), u.MainAuthor, micros(u.PublishTime),
		u.EmbargoLength, micros(u.EmbargoEnd()), u.License, u.PublishDirectly, micros(u.LastUpdate), u.ExternalDB, micros(u.LastEdit)}
	args = append(append(args, processValues(&u.Process)...), rev, u.Deposit.By, string(u.Deposit.How), u.Deposit.Asked, micros(u.Deposit.Until))
	_, err = t.ExecContext(ctx, `insert into uploads (id, name, name_key, description, create_time, main_author, publish_time,
			embargo_length, embargo_end, license, publish_directly, last_update, external_db, last_edit, `+processColumns+`, entries, failed, processed, files, bytes, rev,
			depositor, deposit, deposit_asked, deposit_until)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, 0, 0, 0, 0, 0, $21, $22, $23, $24, $25)`, args...)
	if t.db.engine.taken(err) {
		return problem.Clash("An upload with the id %s exists already.", u.ID).Because(err)
	}
	if err != nil {
		return fmt.Errorf("insert upload: %w", err)
	}
	if u.FromOasis || u.OasisURL != "" || u.PublishedTo != nil {
		_, err := t.ExecContext(ctx, `update uploads set from_oasis = $1, oasis_url = $2, published_to = $3 where id = $4`,
			u.FromOasis, u.OasisURL, array(u.PublishedTo), u.ID)
		if err != nil {
			return fmt.Errorf("note where the upload comes from: %w", err)
		}
	}
	return t.putMembers(ctx, &u)
}

func (t uploadTx) SaveUpload(ctx context.Context, u upload.Upload) error {
	rev, err := t.nextRev(ctx)
	if err != nil {
		return err
	}
	n, err := affected(t.ExecContext(ctx, `update uploads set name = $1, name_key = $2, description = $3, create_time = $4, main_author = $5,
			publish_time = $6, embargo_length = $7, embargo_end = $8, license = $9, publish_directly = $10, last_update = $11, external_db = $12,
			last_edit = $13, rev = $14 where id = $15`,
		u.Name, strings.ToLower(u.Name), u.Description, micros(u.CreateTime), u.MainAuthor, micros(u.PublishTime), u.EmbargoLength,
		micros(u.EmbargoEnd()), u.License, u.PublishDirectly, micros(u.LastUpdate), u.ExternalDB, micros(u.LastEdit), rev, u.ID))
	if err != nil {
		return fmt.Errorf("update upload: %w", err)
	}
	if n == 0 {
		return upload.NotFound()
	}
	if _, err := t.ExecContext(ctx, `delete from upload_members where upload_id = $1`, u.ID); err != nil {
		return fmt.Errorf("replace members: %w", err)
	}
	return t.putMembers(ctx, &u)
}

// putMembers inserts the members of an upload that has none.
func (t *tx) putMembers(ctx context.Context, u *upload.Upload) error {
	var rows [][]any
	add := func(role string, ids []string) {
		for i, id := range ids {
			rows = append(rows, []any{u.ID, role, i, id})
		}
	}
	add(roleCoauthor, u.Coauthors)
	add(roleReviewer, u.Reviewers)
	add(roleCoauthorGroup, u.CoauthorGroups)
	add(roleReviewerGroup, u.ReviewerGroups)
	if len(rows) == 0 {
		return nil
	}
	return execEach(ctx, t.querier, `insert into upload_members (upload_id, role, position, member) values ($1, $2, $3, $4)`, rows)
}

func (t uploadTx) Post(ctx context.Context, item inbox.Item) error { return t.post(ctx, item) }

func (t uploadTx) SetProcess(ctx context.Context, uploadID string, p upload.Process) error {
	return t.setProcess(ctx, uploadID, &p)
}

// setProcess leaves a row alone that says the same: file after file of an upload asks
// for the processing that waits already, and each time an index would be written.
func (t *tx) setProcess(ctx context.Context, uploadID string, p *upload.Process) error {
	values := processValues(p)
	args := append(append(values, uploadID), values...)
	n, err := affected(t.ExecContext(ctx, `update uploads set process_status = $1, current_process = $2, status_message = $3,
		errors = $4, warnings = $5, complete_time = $6 where id = $7 and not (process_status = $8 and current_process = $9
		and status_message = $10 and errors = $11 and warnings = $12 and complete_time = $13)`, args...))
	if err != nil || n > 0 {
		return err
	}
	if _, err = one(ctx, t, scanInt, `select 1 from uploads where id = $1`, uploadID); errors.Is(err, sql.ErrNoRows) {
		return upload.NotFound()
	}
	return err
}

func (t uploadTx) DeleteUpload(ctx context.Context, id string) error {
	n, err := affected(t.ExecContext(ctx, `delete from uploads where id = $1`, id))
	if err != nil {
		return fmt.Errorf("delete upload: %w", err)
	}
	if n == 0 {
		return upload.NotFound()
	}
	for _, table := range []string{"upload_members", "files", "entries"} {
		if _, err := t.ExecContext(ctx, `delete from `+table+` where upload_id = $1`, id); err != nil {
			return fmt.Errorf("delete %s of upload: %w", table, err)
		}
	}
	return t.bury(ctx, "upload", []string{id})
}

// bury notes what search has to forget.
func (t *tx) bury(ctx context.Context, kind string, ids []string) error {
	rev, err := t.nextRev(ctx)
	if err != nil {
		return err
	}
	rows := make([][]any, len(ids))
	for i, id := range ids {
		rows[i] = []any{kind, id, rev, micros(t.db.now())}
	}
	err = execEach(ctx, t.querier, `insert into tombstones (kind, id, rev, buried) values ($1, $2, $3, $4)
		on conflict (kind, id) do update set rev = excluded.rev, buried = excluded.buried`, rows)
	if err != nil {
		return fmt.Errorf("take out of search: %w", err)
	}
	return nil
}

func (t uploadTx) AddIntents(ctx context.Context, intents []upload.Intent) ([]upload.Intent, error) {
	if err := t.stillAlive(ctx); err != nil {
		return nil, err
	}
	rows := make([][6]string, len(intents))
	for i, in := range intents {
		rows[i] = [6]string{in.UploadID, string(in.Kind), in.Staged, in.Path, in.SHA256, base64.StdEncoding.EncodeToString(in.Body)}
	}
	encoded, err := encode(rows)
	if err != nil {
		return nil, fmt.Errorf("encode intents: %w", err)
	}
	// One statement for all: an archive may bring 200,000.
	ids, err := list(ctx, t, scanInt, `insert into intents (upload_id, kind, staged, path, sha256, body)
		select value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5 from `+t.db.engine.each("$1")+` where true returning id`, encoded)
	if err != nil {
		return nil, fmt.Errorf("insert intents: %w", err)
	}
	if len(ids) != len(intents) {
		return nil, fmt.Errorf("insert intents: %d of %d were stored", len(ids), len(intents))
	}
	slices.Sort(ids) // numbered in the order of the array; the order of the result is not promised
	added := slices.Clone(intents)
	for i := range added {
		added[i].ID = ids[i]
	}
	return added, nil
}

func (s uploadStore) DeleteIntents(ctx context.Context, ids []int64) error {
	rows := make([][]any, len(ids))
	for i, id := range ids {
		rows[i] = []any{id}
	}
	return s.write(ctx, func(t *tx) error {
		if err := t.stillAlive(ctx); err != nil { // else they are somebody else's by now
			return err
		}
		return execEach(ctx, t.querier, `delete from intents where id = $1`, rows)
	})
}

// encode is JSON for a text column.
func encode(v any) (string, error) {
	b, err := json.Marshal(v)
	return string(b), err
}

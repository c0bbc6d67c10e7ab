package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"oasis/internal/data/upload"
	"oasis/internal/problem"
)

const deliveryColumns = `id, upload_id, user_id, credential, path, size, sha256, unpack, keep_existing, hold,
	created, expires, finished, received, sums`

func scanDelivery(r row) (t upload.Delivery, err error) {
	err = r.Scan(&t.ID, &t.UploadID, &t.UserID, &t.Credential, &t.Path, &t.Size, &t.SHA256, &t.Unpack, &t.KeepExisting, &t.Hold,
		stamp{&t.Created}, stamp{&t.Expires}, stamp{&t.Finished}, &t.Progress.Size, &t.Progress.Sums)
	if len(t.Progress.Sums) == 0 { // the databases differ
		t.Progress.Sums = nil
	}
	return t, err
}

func errNoDelivery() error { return problem.NotFound("There is no such delivery.") }

func (s uploadStore) Delivery(ctx context.Context, id string) (upload.Delivery, error) {
	t, err := one(ctx, s.engine.reader(), scanDelivery, `select `+deliveryColumns+` from deliveries where id = $1`, id)
	if errors.Is(err, sql.ErrNoRows) {
		return t, errNoDelivery()
	}
	return t, err
}

func (s uploadStore) ListDeliveries(ctx context.Context, uploadID string, now time.Time) ([]upload.Delivery, error) {
	return list(ctx, s.engine.reader(), scanDelivery, `select `+deliveryColumns+` from deliveries
		where upload_id = $1 and finished = 0 and expires >= $2 order by created desc, id`, uploadID, micros(now))
}

func (s uploadStore) UnfinishedDeliveries(ctx context.Context) ([]string, error) {
	return list(ctx, s.engine.reader(), scanText, `select id from deliveries where finished = 0`)
}

func (s uploadStore) SaveDelivery(ctx context.Context, id string, from int64, p upload.Progress, expires time.Time) error {
	sums := p.Sums
	if sums == nil {
		sums = []byte{}
	}
	n, err := s.exec(ctx, `update deliveries set received = $1, sums = $2, expires = $3 where id = $4 and received = $5 and finished = 0`,
		p.Size, sums, micros(expires), id, from)
	if err == nil && n == 0 {
		return errNoDelivery()
	}
	return err
}

func (s uploadStore) DeleteDelivery(ctx context.Context, id string) (unfinished bool, err error) {
	err = s.write(ctx, func(t *tx) error {
		finished, err := one(ctx, t, scanInt, `delete from deliveries where id = $1 returning finished`, id)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		unfinished = err == nil && finished == 0
		return err
	})
	return unfinished, err
}

func (s uploadStore) PruneDeliveries(ctx context.Context, now time.Time) (unfinished []string, err error) {
	err = s.write(ctx, func(t *tx) error {
		unfinished, err = t.deleteDeliveries(ctx, `expires < $1`, micros(now))
		return err
	})
	return unfinished, err
}

func (t uploadTx) DeleteDeliveries(ctx context.Context, uploadID string) ([]string, error) {
	return t.deleteDeliveries(ctx, `upload_id = $1`, uploadID)
}

// deleteDeliveries gives the ids of those that were unfinished.
func (t *tx) deleteDeliveries(ctx context.Context, where string, args ...any) ([]string, error) {
	var unfinished []string
	err := each(ctx, t, func(r row) error {
		var id string
		var finished int64
		err := r.Scan(&id, &finished)
		if err == nil && finished == 0 {
			unfinished = append(unfinished, id)
		}
		return err
	}, `delete from deliveries where `+where+` returning id, finished`, args...)
	if err != nil {
		return nil, fmt.Errorf("delete rows of deliveries: %w", err)
	}
	return unfinished, nil
}

func (t uploadTx) CountDeliveries(ctx context.Context, userID string) (int, error) {
	n, err := one(ctx, t, scanInt, `select count(*) from deliveries where user_id = $1 and finished = 0`, userID)
	return int(n), err
}

func (t uploadTx) InsertDelivery(ctx context.Context, x upload.Delivery) error {
	sums := x.Progress.Sums
	if sums == nil {
		sums = []byte{}
	}
	_, err := t.ExecContext(ctx, `insert into deliveries (`+deliveryColumns+`)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
		x.ID, x.UploadID, x.UserID, x.Credential, x.Path, x.Size, x.SHA256, x.Unpack, x.KeepExisting, x.Hold,
		micros(x.Created), micros(x.Expires), micros(x.Finished), x.Progress.Size, sums)
	return err
}

func (t uploadTx) FinishDelivery(ctx context.Context, id string, at, expires time.Time) error {
	n, err := affected(t.ExecContext(ctx, `update deliveries set finished = $1, expires = $2, received = size, sums = $3 where id = $4 and finished = 0`,
		micros(at), micros(expires), []byte{}, id))
	if err == nil && n == 0 {
		return errNoDelivery()
	}
	return err
}

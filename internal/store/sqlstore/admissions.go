package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"oasis/internal/access/admission"
	"oasis/internal/problem"
)

// admissionStore keeps the requests to be let in.
type admissionStore struct{ *DB }

// Admissions keeps the requests to be let in.
func (db *DB) Admissions() admission.Store { return admissionStore{db} }

const requestColumns = `id, user_id, username, message, created, state, decided, decided_by`

func scanRequest(r row) (q admission.Request, err error) {
	var state string
	err = r.Scan(&q.ID, &q.UserID, &q.Username, &q.Message, stamp{&q.Created}, &state, stamp{&q.Decided}, &q.DecidedBy)
	q.State = admission.State(state)
	return q, err
}

func (s admissionStore) InsertRequest(ctx context.Context, r admission.Request) error {
	return s.write(ctx, func(t *tx) error {
		n, err := affected(t.ExecContext(ctx, `insert into access_requests (`+requestColumns+`) values ($1, $2, $3, $4, $5, $6, $7, $8)
			on conflict (user_id) where state = 'open' do nothing`,
			r.ID, r.UserID, r.Username, r.Message, micros(r.Created), string(r.State), micros(r.Decided), r.DecidedBy))
		if err == nil && n == 0 {
			return problem.Clash("You have asked already; an administrator has not answered yet.")
		}
		return err
	})
}

func (s admissionStore) Requests(ctx context.Context, state admission.State, limit int) ([]admission.Request, error) {
	return list(ctx, s.engine.reader(), scanRequest,
		`select `+requestColumns+` from access_requests where $1 = '' or state = $1 order by created desc, id limit $2`, string(state), limit)
}

func (s admissionStore) Request(ctx context.Context, id string) (admission.Request, error) {
	return s.request(ctx, `id = $1`, id)
}

func (s admissionStore) LastRequest(ctx context.Context, userID string) (admission.Request, error) {
	return s.request(ctx, `user_id = $1 order by created desc, id limit 1`, userID)
}

func (s admissionStore) request(ctx context.Context, where string, arg any) (admission.Request, error) {
	r, err := one(ctx, s.engine.reader(), scanRequest, `select `+requestColumns+` from access_requests where `+where, arg)
	if errors.Is(err, sql.ErrNoRows) {
		return r, problem.NotFound("There is no such request.")
	}
	return r, err
}

func (s admissionStore) DecideRequest(ctx context.Context, id string, state admission.State, by string, at time.Time) error {
	return s.write(ctx, func(t *tx) error {
		n, err := affected(t.ExecContext(ctx, `update access_requests set state = $2, decided_by = $3, decided = $4 where id = $1 and state = 'open'`,
			id, string(state), by, micros(at)))
		if err == nil && n == 0 {
			return problem.Clash("This request was decided by somebody else meanwhile.")
		}
		return err
	})
}

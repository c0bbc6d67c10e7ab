package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"oasis/internal/access/identity/local"
	"oasis/internal/problem"
)

func (s grantStore) InsertDevice(ctx context.Context, d local.Device) error {
	_, err := s.exec(ctx, `insert into devices (digest, user_code, client_id, scopes, address, state, grant_id, pause, polled, created, expires)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		d.Digest, d.UserCode, d.ClientID, strings.Join(d.Scopes, " "), d.Address, string(d.State), d.GrantID,
		int64(d.Pause/time.Second), micros(d.Polled), micros(d.Created), micros(d.Expires))
	if s.engine.taken(err) {
		return problem.Clash("The user code is taken.").Because(err)
	}
	return err
}

func (s grantStore) Device(ctx context.Context, digest string) (local.Device, error) {
	return s.device(ctx, `digest = $1`, digest)
}

func (s grantStore) DeviceByUserCode(ctx context.Context, userCode string) (local.Device, error) {
	return s.device(ctx, `user_code = $1`, userCode)
}

func (s grantStore) device(ctx context.Context, condition, value string) (local.Device, error) {
	d, err := one(ctx, s.engine.reader(), func(r row) (d local.Device, err error) {
		var scopes string
		var pause int64
		err = r.Scan(&d.Digest, &d.UserCode, &d.ClientID, &scopes, &d.Address, (*string)(&d.State), &d.GrantID,
			&pause, stamp{&d.Polled}, stamp{&d.Created}, stamp{&d.Expires})
		d.Scopes, d.Pause = strings.Fields(scopes), time.Duration(pause)*time.Second
		return d, err
	}, `select digest, user_code, client_id, scopes, address, state, grant_id, pause, polled, created, expires from devices where `+condition, value)
	if errors.Is(err, sql.ErrNoRows) {
		return d, problem.NotFound("There is no such device sign-in.")
	}
	return d, err
}

func (s grantStore) DecideDevice(ctx context.Context, digest string, grant *local.Grant) error {
	state, grantID := local.DeviceDenied, ""
	if grant != nil {
		state, grantID = local.DeviceApproved, grant.ID
	}
	return s.write(ctx, func(t *tx) error {
		n, err := affected(t.ExecContext(ctx, `update devices set state = $1, grant_id = $2 where digest = $3 and state = $4`,
			string(state), grantID, digest, string(local.DevicePending)))
		if err != nil {
			return fmt.Errorf("decide on device: %w", err)
		}
		if n == 0 {
			return problem.Clash("This device sign-in was decided on already.")
		}
		if grant == nil {
			return nil
		}
		return t.insertGrant(ctx, *grant)
	})
}

func (s grantStore) PolledDevice(ctx context.Context, digest string, at time.Time, pause time.Duration) error {
	_, err := s.exec(ctx, `update devices set polled = $1, pause = $2 where digest = $3`, micros(at), int64(pause/time.Second), digest)
	return err
}

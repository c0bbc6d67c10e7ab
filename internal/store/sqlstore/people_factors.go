package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"oasis/internal/access/identity"
	"oasis/internal/problem"
)

func (s identityStore) TOTP(ctx context.Context, userID string) (identity.TOTP, error) {
	scan := func(r row) (x identity.TOTP, err error) {
		return x, r.Scan(&x.UserID, &x.Sealed, stamp{&x.Created}, &x.LastStep)
	}
	x, err := one(ctx, s.engine.reader(), scan, `select user_id, sealed, created, last_step from totps where user_id = $1`, userID)
	if errors.Is(err, sql.ErrNoRows) {
		return x, problem.NotFound("No authenticator app is set up.")
	}
	return x, err
}

func (s identityStore) PutTOTP(ctx context.Context, x identity.TOTP, recovery []string) error {
	return s.write(ctx, func(t *tx) error {
		if err := t.lockUser(ctx, x.UserID); err != nil {
			return err
		}
		_, err := t.ExecContext(ctx, `insert into totps (user_id, sealed, created, last_step) values ($1, $2, $3, $4)
			on conflict (user_id) do update set sealed = excluded.sealed, created = excluded.created, last_step = excluded.last_step`,
			x.UserID, x.Sealed, micros(x.Created), x.LastStep)
		if err != nil {
			return fmt.Errorf("store authenticator app: %w", err)
		}
		if err := t.putRecoveryCodes(ctx, x.UserID, recovery); err != nil {
			return err
		}
		return t.countFactors(ctx, x.UserID)
	})
}

func (s identityStore) DeleteTOTP(ctx context.Context, userID string) error {
	return s.write(ctx, func(t *tx) error {
		if err := t.lockUser(ctx, userID); err != nil {
			return err
		}
		if _, err := t.ExecContext(ctx, `delete from totps where user_id = $1`, userID); err != nil {
			return fmt.Errorf("delete authenticator app: %w", err)
		}
		return t.countFactors(ctx, userID)
	})
}

func (s identityStore) UseTOTPStep(ctx context.Context, userID string, step int64) (bool, error) {
	n, err := s.exec(ctx, `update totps set last_step = $1 where user_id = $2 and last_step < $3`, step, userID, step)
	return n > 0, err
}

// lockUser keeps the factors of a user from changing twice at once; a problem
// of kind Missing tells that there is no such user.
func (t *tx) lockUser(ctx context.Context, userID string) error {
	_, err := one(ctx, t, scanText, `select id from users where id = $1`+t.db.engine.forUpdate(), userID)
	if errors.Is(err, sql.ErrNoRows) {
		return errNoUser(userID)
	}
	return err
}

// countFactors makes the account say whether a second factor is left; recovery
// codes mean nothing without one.
func (t *tx) countFactors(ctx context.Context, userID string) error {
	n, err := one(ctx, t, scanInt, `select (select count(*) from totps where user_id = $1) + (select count(*) from passkeys where user_id = $2)`,
		userID, userID)
	if err != nil {
		return fmt.Errorf("count factors: %w", err)
	}
	if _, err := t.ExecContext(ctx, `update users set second_factor = $1 where id = $2`, n > 0, userID); err != nil {
		return fmt.Errorf("note factors: %w", err)
	}
	if n > 0 {
		return nil
	}
	return t.putRecoveryCodes(ctx, userID, nil)
}

func (t *tx) putRecoveryCodes(ctx context.Context, userID string, digests []string) error {
	if _, err := t.ExecContext(ctx, `delete from recovery_codes where user_id = $1`, userID); err != nil {
		return fmt.Errorf("delete recovery codes: %w", err)
	}
	rows := make([][]any, 0, len(digests))
	for _, digest := range digests {
		rows = append(rows, []any{userID, digest})
	}
	if err := execEach(ctx, t.querier, `insert into recovery_codes (user_id, digest) values ($1, $2)`, rows); err != nil {
		return fmt.Errorf("store recovery codes: %w", err)
	}
	return nil
}

func (s identityStore) PutRecoveryCodes(ctx context.Context, userID string, digests []string) error {
	return s.write(ctx, func(t *tx) error { return t.putRecoveryCodes(ctx, userID, digests) })
}

func (s identityStore) RecoveryCodes(ctx context.Context, userID string) (int, error) {
	n, err := one(ctx, s.engine.reader(), scanInt, `select count(*) from recovery_codes where user_id = $1`, userID)
	return int(n), err
}

func (s identityStore) UseRecoveryCode(ctx context.Context, userID, digest string) (bool, error) {
	n, err := s.exec(ctx, `delete from recovery_codes where user_id = $1 and digest = $2`, userID, digest)
	return n > 0, err
}

const passkeyColumns = `id, user_id, name, record, created, last_used`

func scanPasskey(r row) (p identity.Passkey, err error) {
	return p, r.Scan(&p.ID, &p.UserID, &p.Name, &p.Record, stamp{&p.Created}, stamp{&p.LastUsed})
}

func (s identityStore) Passkeys(ctx context.Context, userID string) ([]identity.Passkey, error) {
	return list(ctx, s.engine.reader(), scanPasskey, `select `+passkeyColumns+` from passkeys where user_id = $1 order by created, id`, userID)
}

func (s identityStore) Passkey(ctx context.Context, id string) (identity.Passkey, error) {
	p, err := one(ctx, s.engine.reader(), scanPasskey, `select `+passkeyColumns+` from passkeys where id = $1`, id)
	if errors.Is(err, sql.ErrNoRows) {
		return p, errNoPasskey()
	}
	return p, err
}

func errNoPasskey() error { return problem.NotFound("There is no such passkey.") }

func (s identityStore) InsertPasskey(ctx context.Context, p identity.Passkey, recovery []string) error {
	return s.write(ctx, func(t *tx) error {
		if err := t.lockUser(ctx, p.UserID); err != nil {
			return err
		}
		n, err := affected(t.ExecContext(ctx, `insert into passkeys (`+passkeyColumns+`) values ($1, $2, $3, $4, $5, $6) on conflict do nothing`,
			p.ID, p.UserID, p.Name, p.Record, micros(p.Created), micros(p.LastUsed)))
		if err != nil {
			return fmt.Errorf("store passkey: %w", err)
		}
		if n == 0 {
			return problem.Clash("This passkey is registered already.")
		}
		if len(recovery) > 0 {
			if err := t.putRecoveryCodes(ctx, p.UserID, recovery); err != nil {
				return err
			}
		}
		return t.countFactors(ctx, p.UserID)
	})
}

func (s identityStore) UpdatePasskey(ctx context.Context, p identity.Passkey) error {
	_, err := s.exec(ctx, `update passkeys set record = $1, last_used = $2 where id = $3`, p.Record, micros(p.LastUsed), p.ID)
	return err
}

func (s identityStore) DeletePasskey(ctx context.Context, userID, id string) error {
	return s.write(ctx, func(t *tx) error {
		if err := t.lockUser(ctx, userID); err != nil {
			return err
		}
		n, err := affected(t.ExecContext(ctx, `delete from passkeys where id = $1 and user_id = $2`, id, userID))
		if err != nil {
			return fmt.Errorf("delete passkey: %w", err)
		}
		if n == 0 {
			return errNoPasskey()
		}
		return t.countFactors(ctx, userID)
	})
}

func (s identityStore) DeleteFactors(ctx context.Context, userID string) error {
	return s.write(ctx, func(t *tx) error {
		if err := t.lockUser(ctx, userID); err != nil {
			return err
		}
		for _, table := range []string{"totps", "passkeys"} {
			if _, err := t.ExecContext(ctx, `delete from `+table+` where user_id = $1`, userID); err != nil {
				return fmt.Errorf("delete factors: %w", err)
			}
		}
		return t.countFactors(ctx, userID)
	})
}

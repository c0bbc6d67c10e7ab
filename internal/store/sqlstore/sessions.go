package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"oasis/internal/access/identity"
	"oasis/internal/problem"
)

func (s identityStore) InsertSession(ctx context.Context, x identity.Session) error {
	return s.write(ctx, func(t *tx) error {
		_, err := t.ExecContext(ctx, `insert into sessions (digest, user_id, created, last_seen, address, agent) values ($1, $2, $3, $4, $5, $6)`,
			x.Digest, x.UserID, micros(x.Created), micros(x.LastSeen), x.Address, x.Agent)
		if err != nil {
			return fmt.Errorf("insert session: %w", err)
		}
		if _, err := t.ExecContext(ctx, `update users set last_sign_in = $1, last_seen = $2 where id = $3`,
			micros(x.Created), micros(x.Created), x.UserID); err != nil {
			return fmt.Errorf("note sign-in: %w", err)
		}
		return nil
	})
}

const sessionColumns = `digest, user_id, created, last_seen, address, agent`

func scanSession(r row) (x identity.Session, err error) {
	return x, r.Scan(&x.Digest, &x.UserID, stamp{&x.Created}, stamp{&x.LastSeen}, &x.Address, &x.Agent)
}

func (s identityStore) Sessions(ctx context.Context, userID string) ([]identity.Session, error) {
	return list(ctx, s.engine.reader(), scanSession,
		`select `+sessionColumns+` from sessions where user_id = $1 order by last_seen desc, digest`, userID)
}

func (s identityStore) Session(ctx context.Context, digest string) (identity.Session, error) {
	x, err := one(ctx, s.engine.reader(), scanSession, `select `+sessionColumns+` from sessions where digest = $1`, digest)
	if errors.Is(err, sql.ErrNoRows) {
		return x, problem.NotFound("The session has ended.")
	}
	return x, err
}

func (s identityStore) DeleteSession(ctx context.Context, digest string) error {
	_, err := s.exec(ctx, `delete from sessions where digest = $1`, digest)
	return err
}

func (s identityStore) TouchSessions(ctx context.Context, seen map[string]time.Time) error {
	rows, users := make([][]any, 0, len(seen)), make([][]any, 0, len(seen))
	for _, digest := range slices.Sorted(maps.Keys(seen)) { // all in one order, or two such transactions may wait for each other
		at := micros(seen[digest])
		rows = append(rows, []any{at, digest})
		users = append(users, []any{at, digest, at})
	}
	return s.write(ctx, func(t *tx) error {
		// On PostgreSQL two servers may flush at once; they take the rows of users in no common order.
		if err := t.lock(ctx, "last seen"); err != nil {
			return err
		}
		if err := execEach(ctx, t.querier, `update sessions set last_seen = $1 where digest = $2`, rows); err != nil {
			return err
		}
		return execEach(ctx, t.querier, `update users set last_seen = $1
			where id = (select user_id from sessions where digest = $2) and last_seen < $3`, users)
	})
}

func (s identityStore) DeleteSessionsBefore(ctx context.Context, lastSeen, created time.Time) error {
	_, err := s.exec(ctx, `delete from sessions where last_seen < $1 or created < $2`, micros(lastSeen), micros(created))
	return err
}

func (s identityStore) SigningKeys(ctx context.Context) ([]identity.SigningKey, error) {
	scan := func(r row) (k identity.SigningKey, err error) { return k, r.Scan(&k.ID, &k.Sealed, stamp{&k.Created}) }
	return list(ctx, s.engine.reader(), scan, `select id, sealed, created from signing_keys order by created, id`)
}

func (s identityStore) InsertSigningKey(ctx context.Context, key identity.SigningKey) error {
	_, err := s.exec(ctx, `insert into signing_keys (id, sealed, created) values ($1, $2, $3)`, key.ID, key.Sealed, micros(key.Created))
	return err
}

package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"maps"
	"slices"
	"time"

	"oasis/internal/access/identity"
	"oasis/internal/problem"
)

func (s identityStore) InsertSession(ctx context.Context, x identity.Session) error {
	_, err := s.exec(ctx, `insert into sessions (digest, user_id, created, last_seen, address, agent) values ($1, $2, $3, $4, $5, $6)`,
		x.Digest, x.UserID, micros(x.Created), micros(x.LastSeen), x.Address, x.Agent)
	return err
}

func (s identityStore) Session(ctx context.Context, digest string) (identity.Session, error) {
	scan := func(r row) (x identity.Session, err error) {
		return x, r.Scan(&x.Digest, &x.UserID, stamp{&x.Created}, stamp{&x.LastSeen}, &x.Address, &x.Agent)
	}
	x, err := one(ctx, s.engine.reader(), scan,
		`select digest, user_id, created, last_seen, address, agent from sessions where digest = $1`, digest)
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
	rows := make([][]any, 0, len(seen))
	for _, digest := range slices.Sorted(maps.Keys(seen)) { // all in one order, or two such transactions may wait for each other
		rows = append(rows, []any{micros(seen[digest]), digest})
	}
	return s.write(ctx, func(t *tx) error {
		return execEach(ctx, t.querier, `update sessions set last_seen = $1 where digest = $2`, rows)
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

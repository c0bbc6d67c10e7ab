package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

func (s identityStore) PasswordHash(ctx context.Context, id string) (string, error) {
	hash, err := one(ctx, s.engine.reader(), scanText, `select password_hash from users where id = $1`, id)
	if errors.Is(err, sql.ErrNoRows) {
		return "", errNoUser(id)
	}
	return hash, err
}

func (s identityStore) SetPasswordHash(ctx context.Context, id, hash, keep string) error {
	return s.write(ctx, func(t *tx) error {
		n, err := affected(t.ExecContext(ctx, `update users set password_hash = $1 where id = $2`, hash, id))
		if err != nil {
			return fmt.Errorf("set password: %w", err)
		}
		if n == 0 {
			return errNoUser(id)
		}
		return t.endCredentials(ctx, id, keep)
	})
}

func (s identityStore) UpgradePasswordHash(ctx context.Context, id, old, hash string) error {
	_, err := s.exec(ctx, `update users set password_hash = $1 where id = $2 and password_hash = $3`, hash, id, old)
	return err
}

func (s identityStore) HashLike(ctx context.Context, prefix string) (string, error) {
	hash, err := one(ctx, s.engine.reader(), scanText,
		`select password_hash from users where password_hash >= $1 and password_hash < $2 limit 1`, prefix, prefix+"\U0010ffff")
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return hash, err
}

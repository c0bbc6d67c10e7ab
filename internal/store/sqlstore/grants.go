package sqlstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"oasis/internal/access/identity"
	"oasis/internal/access/identity/local"
	"oasis/internal/problem"
)

// grantStore keeps what the embedded identity provider hands out; device
// sign-ins are in grants_device.go.
type grantStore struct{ *DB }

// Grants gives the store of the embedded identity provider.
func (db *DB) Grants() local.Store { return grantStore{db} }

func (s grantStore) SigningKeys(ctx context.Context) ([]identity.SigningKey, error) {
	return s.Identity().SigningKeys(ctx)
}

func (s grantStore) InsertSigningKey(ctx context.Context, key identity.SigningKey) error {
	return s.Identity().InsertSigningKey(ctx, key)
}

func (s grantStore) DeleteSigningKey(ctx context.Context, id string) error {
	_, err := s.exec(ctx, `delete from signing_keys where id = $1`, id)
	return err
}

const grantColumns = `g.id, g.client_id, g.user_id, g.generation, g.scopes, g.parameters, g.signed_in, g.created, g.expires, g.ended`

// grantFields are the destinations of grantColumns; done finishes the grant.
func grantFields(g *local.Grant) (dest []any, done func() error) {
	var scopes, parameters string
	return []any{
			&g.ID, &g.ClientID, &g.UserID, &g.Generation, &scopes, &parameters,
			stamp{&g.SignedIn}, stamp{&g.Created}, stamp{&g.Expires}, stamp{&g.Ended},
		}, func() error {
			g.Scopes = strings.Fields(scopes)
			if err := json.Unmarshal([]byte(parameters), &g.Parameters); err != nil {
				return fmt.Errorf("read parameters of grant: %w", err)
			}
			return nil
		}
}

func scanGrant(r row) (g local.Grant, err error) {
	dest, done := grantFields(&g)
	if err := r.Scan(dest...); err != nil {
		return g, err
	}
	return g, done()
}

func errNoGrant() error { return problem.NotFound("There is no such grant.") }

func (s grantStore) Grant(ctx context.Context, id string) (local.Grant, error) {
	g, err := one(ctx, s.engine.reader(), scanGrant, `select `+grantColumns+` from grants g where g.id = $1`, id)
	if errors.Is(err, sql.ErrNoRows) {
		return g, errNoGrant()
	}
	return g, err
}

func (s grantStore) GrantsOf(ctx context.Context, userID, clientID string, at time.Time) ([]local.Grant, error) {
	return list(ctx, s.engine.reader(), scanGrant, `select `+grantColumns+` from grants g
		where g.user_id = $1 and g.client_id = $2 and g.ended = 0 and g.expires > $3 order by g.created, g.id`,
		userID, clientID, micros(at))
}

func (s grantStore) Secret(ctx context.Context, kind local.SecretKind, digest string) (local.Secret, local.Grant, error) {
	type pair struct {
		secret local.Secret
		grant  local.Grant
	}
	p, err := one(ctx, s.engine.reader(), func(r row) (p pair, err error) {
		dest, done := grantFields(&p.grant)
		x := &p.secret
		err = r.Scan(append([]any{&x.Digest, &x.GrantID, (*string)(&x.Kind), stamp{&x.Created}, stamp{&x.Expires}, stamp{&x.Used}}, dest...)...)
		if err != nil {
			return p, err
		}
		return p, done()
	}, `select s.digest, s.grant_id, s.kind, s.created, s.expires, s.used, `+grantColumns+`
		from grant_secrets s join grants g on g.id = s.grant_id where s.digest = $1 and s.kind = $2`, digest, string(kind))
	if errors.Is(err, sql.ErrNoRows) {
		return p.secret, p.grant, errNoGrant()
	}
	return p.secret, p.grant, err
}

func (s grantStore) Issue(ctx context.Context, c local.Issue) error {
	return s.write(ctx, func(t *tx) error {
		if c.SpendSecret != "" {
			n, err := affected(t.ExecContext(ctx, `update grant_secrets set used = $1 where digest = $2 and used = 0
				and exists (select 1 from grants where id = grant_secrets.grant_id and ended = 0)`, micros(c.At), c.SpendSecret))
			if err != nil {
				return fmt.Errorf("use up secret: %w", err)
			}
			if n == 0 {
				return local.ErrSpent
			}
		}
		if c.SpendDevice != "" {
			n, err := affected(t.ExecContext(ctx, `update devices set state = $1 where digest = $2 and state = $3
				and exists (select 1 from grants where id = devices.grant_id and ended = 0)`,
				string(local.DeviceUsed), c.SpendDevice, string(local.DeviceApproved)))
			if err != nil {
				return fmt.Errorf("use up device code: %w", err)
			}
			if n == 0 {
				return local.ErrSpent
			}
		}
		if c.Grant != nil {
			if err := t.insertGrant(ctx, *c.Grant); err != nil {
				return err
			}
		}
		for _, x := range c.Secrets {
			if err := t.insertSecret(ctx, x); err != nil {
				return err
			}
		}
		return nil
	})
}

func (t *tx) insertGrant(ctx context.Context, g local.Grant) error {
	parameters, err := json.Marshal(g.Parameters)
	if err != nil {
		return fmt.Errorf("encode parameters of grant: %w", err)
	}
	_, err = t.ExecContext(ctx, `insert into grants (id, client_id, user_id, generation, scopes, parameters, signed_in, created, expires, ended)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		g.ID, g.ClientID, g.UserID, g.Generation, strings.Join(g.Scopes, " "), string(parameters),
		micros(g.SignedIn), micros(g.Created), micros(g.Expires), micros(g.Ended))
	if err != nil {
		return fmt.Errorf("insert grant: %w", err)
	}
	return nil
}

func (t *tx) insertSecret(ctx context.Context, x local.Secret) error {
	_, err := t.ExecContext(ctx, `insert into grant_secrets (digest, grant_id, kind, created, expires, used) values ($1, $2, $3, $4, $5, $6)`,
		x.Digest, x.GrantID, string(x.Kind), micros(x.Created), micros(x.Expires), micros(x.Used))
	if err != nil {
		return fmt.Errorf("insert secret: %w", err)
	}
	_, err = t.ExecContext(ctx, `update grants set expires = $1 where id = $2 and expires < $3`, micros(x.Expires), x.GrantID, micros(x.Expires))
	if err != nil {
		return fmt.Errorf("prolong grant: %w", err)
	}
	return nil
}

func (s grantStore) SpendSecret(ctx context.Context, digest string, at time.Time) error {
	_, err := s.exec(ctx, `update grant_secrets set used = $1 where digest = $2 and used = 0`, micros(at), digest)
	return err
}

func (s grantStore) EndGrant(ctx context.Context, id string, at time.Time) error {
	_, err := s.exec(ctx, `update grants set ended = $1 where id = $2 and ended = 0`, micros(at), id)
	return err
}

func (s grantStore) EndToken(ctx context.Context, tokenID string, expires time.Time) error {
	_, err := s.exec(ctx, `insert into ended_tokens (id, expires) values ($1, $2) on conflict do nothing`, tokenID, micros(expires))
	return err
}

func (s grantStore) TokenEnded(ctx context.Context, tokenID, grantID string) (bool, error) {
	n, err := one(ctx, s.engine.reader(), scanInt, `select (select count(*) from ended_tokens where id = $1)
		+ case when $2 = '' then 0 else 1 - (select count(*) from grants where id = $3 and ended = 0) end`, tokenID, grantID, grantID)
	return n > 0, err
}

// deleteGrants removes all that a user has let clients have.
func (t *tx) deleteGrants(ctx context.Context, userID string) error {
	for _, statement := range []string{
		`delete from grant_secrets where grant_id in (select id from grants where user_id = $1)`,
		`delete from devices where grant_id in (select id from grants where user_id = $1)`,
		`delete from grants where user_id = $1`,
	} {
		if _, err := t.ExecContext(ctx, statement, userID); err != nil {
			return fmt.Errorf("delete grants of user: %w", err)
		}
	}
	return nil
}

func (s grantStore) PruneGrants(ctx context.Context, before time.Time) error {
	return s.write(ctx, func(t *tx) error {
		for _, statement := range []string{
			`delete from grant_secrets where grant_id in (select id from grants where expires < $1)`,
			`delete from grants where expires < $1`,
			`delete from devices where expires < $1`,
			`delete from ended_tokens where expires < $1`,
		} {
			if _, err := t.ExecContext(ctx, statement, micros(before)); err != nil {
				return fmt.Errorf("prune grants: %w", err)
			}
		}
		return nil
	})
}

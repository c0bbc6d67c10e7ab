package sqlstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"oasis/internal/access/scope"
	"oasis/internal/access/token"
	"oasis/internal/problem"
)

// tokenStore keeps personal access tokens.
type tokenStore struct{ *DB }

const patColumns = `id, user_id, name, description, scopes, digest, created_at, updated_at, expired_at, revoked_at, last_used_at, last_used_from,
	restrictions, ended_how, ended_by, successor`

func scanPAT(r row) (p token.PAT, err error) {
	var scopes, restrictions string
	err = r.Scan(&p.ID, &p.UserID, &p.Name, &p.Description, &scopes, &p.Digest, stamp{&p.CreatedAt}, stamp{&p.UpdatedAt},
		stamp{&p.ExpiredAt}, stamp{&p.RevokedAt}, stamp{&p.LastUsedAt}, &p.LastUsedFrom,
		&restrictions, &p.Ended.How, &p.Ended.By, &p.Ended.Successor)
	if err != nil {
		return p, err
	}
	// A scope that this version does not know is not granted.
	p.Scopes, _ = scope.ParseNames(strings.Fields(scopes))
	// A restriction that this version does not know cannot be kept, so the token cannot be used.
	if p.Restrictions, err = token.ParseRestrictions([]byte(restrictions)); err != nil {
		return p, fmt.Errorf("restrictions of token %s: %w", p.ID, err)
	}
	return p, nil
}

// active is token.PAT.State in SQL; the argument is now.
const active = `revoked_at = 0 and (expired_at = 0 or expired_at >= ?)`

func errNoPAT() error { return problem.NotFound("The token does not exist.") }

func (s tokenStore) InsertPAT(ctx context.Context, p token.PAT, maxActive int, now time.Time) error {
	return s.write(ctx, func(t *tx) error {
		if err := t.lock(ctx, "tokens of "+p.UserID); err != nil {
			return err
		}
		var q statement
		q.add(`select count(*) from pats where user_id = ? and `+active, p.UserID, micros(now))
		n, err := one(ctx, t, scanInt, q.String(), q.args...)
		if err != nil {
			return fmt.Errorf("count tokens: %w", err)
		}
		if n >= int64(maxActive) {
			return token.ErrTooMany
		}
		return t.insertPAT(ctx, p)
	})
}

func (t *tx) insertPAT(ctx context.Context, p token.PAT) error {
	restrictions := ""
	if !p.Restrictions.None() {
		text, err := json.Marshal(p.Restrictions)
		if err != nil {
			return fmt.Errorf("encode restrictions: %w", err)
		}
		restrictions = string(text)
	}
	_, err := t.ExecContext(ctx, `insert into pats (id, user_id, name, name_key, description, scopes, digest,
			created_at, updated_at, expired_at, revoked_at, last_used_at, last_used_from, restrictions, ended_how, ended_by, successor)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`,
		p.ID, p.UserID, p.Name, strings.ToLower(p.Name), p.Description, strings.Join(p.Scopes.Names(), " "), p.Digest,
		micros(p.CreatedAt), micros(p.UpdatedAt), micros(p.ExpiredAt), micros(p.RevokedAt), micros(p.LastUsedAt), p.LastUsedFrom,
		restrictions, string(p.Ended.How), p.Ended.By, p.Ended.Successor)
	if t.db.engine.taken(err) {
		return problem.Clash("A token with this id or secret already exists.").Because(err)
	}
	if err != nil {
		return fmt.Errorf("insert token: %w", err)
	}
	return nil
}

func (s tokenStore) PATByDigest(ctx context.Context, digest string) (token.PAT, error) {
	p, err := one(ctx, s.engine.reader(), scanPAT, `select `+patColumns+` from pats where digest = $1`, digest)
	if errors.Is(err, sql.ErrNoRows) {
		return p, errNoPAT()
	}
	return p, err
}

func (s tokenStore) PAT(ctx context.Context, userID, id string) (token.PAT, error) {
	p, err := one(ctx, s.engine.reader(), scanPAT, `select `+patColumns+` from pats where id = $1 and user_id = $2`, id, userID)
	if errors.Is(err, sql.ErrNoRows) {
		return p, errNoPAT()
	}
	return p, err
}

func (s tokenStore) PATByID(ctx context.Context, id string) (token.PAT, error) {
	p, err := one(ctx, s.engine.reader(), scanPAT, `select `+patColumns+` from pats where id = $1`, id)
	if errors.Is(err, sql.ErrNoRows) {
		return p, errNoPAT()
	}
	return p, err
}

func (s tokenStore) ListPATs(ctx context.Context, userID string, f token.Filter) ([]token.PAT, int, error) {
	var q statement
	q.add(`from pats where user_id = ?`, userID)
	if f.Search != "" {
		q.add(` and name_key like ? escape '!'`, contains(strings.ToLower(f.Search)))
	}
	if f.Revoked != nil && *f.Revoked {
		q.add(` and revoked_at <> 0`)
	} else if f.Revoked != nil {
		q.add(` and revoked_at = 0`)
	}
	if f.Active != nil && *f.Active {
		q.add(` and `+active, micros(f.Now))
	} else if f.Active != nil {
		q.add(` and not (`+active+`)`, micros(f.Now))
	}
	// A time that is not set is not before anything.
	for _, bound := range []struct {
		at        *time.Time
		condition string
	}{
		{f.CreatedAfter, `created_at >= ?`}, {f.CreatedBefore, `created_at <= ?`},
		{f.UsedAfter, `last_used_at <> 0 and last_used_at >= ?`}, {f.UsedBefore, `last_used_at <> 0 and last_used_at <= ?`},
		{f.ExpiresAfter, `expired_at <> 0 and expired_at >= ?`}, {f.ExpiresBefore, `expired_at <> 0 and expired_at <= ?`},
	} {
		if bound.at != nil {
			q.add(` and `+bound.condition, bound.at.UnixMicro())
		}
	}
	total, err := one(ctx, s.engine.reader(), scanInt, `select count(*) `+q.String(), q.args...)
	if err != nil {
		return nil, 0, fmt.Errorf("count tokens: %w", err)
	}
	if f.Limit <= 0 {
		return nil, int(total), nil
	}
	q.add(` order by `+patOrder(f.OrderBy)+` limit ? offset ?`, f.Limit, f.Offset)
	page, err := list(ctx, s.engine.reader(), scanPAT, `select `+patColumns+` `+q.String(), q.args...)
	return page, int(total), err
}

// patOrder gives the SQL of an order of spec auth.md §6; ties go by creation and
// id in the same direction.
func patOrder(name string) string {
	switch name {
	case "created_asc":
		return `created_at, id`
	case "expires_asc":
		return `expired_at, created_at, id`
	case "expires_desc":
		return `expired_at desc, created_at desc, id desc`
	case "last_used_asc":
		return `last_used_at, created_at, id`
	case "last_used_desc":
		return `last_used_at desc, created_at desc, id desc`
	case "name_asc":
		return `name, created_at, id`
	case "name_desc":
		return `name desc, created_at desc, id desc`
	default:
		return `created_at desc, id desc`
	}
}

func (s tokenStore) RevokePAT(ctx context.Context, userID, id string, at time.Time, ending token.Ending) error {
	return s.write(ctx, func(t *tx) error {
		n, err := affected(t.ExecContext(ctx, `update pats set revoked_at = $1, updated_at = $2, ended_how = $3, ended_by = $4
			where id = $5 and user_id = $6 and revoked_at = 0`, micros(at), micros(at), string(ending.How), ending.By, id, userID))
		if err != nil || n > 0 {
			return err
		}
		t.unchanged = true
		_, err = one(ctx, t, scanInt, `select 1 from pats where id = $1 and user_id = $2`, id, userID)
		if errors.Is(err, sql.ErrNoRows) {
			return errNoPAT()
		}
		return err
	})
}

func (s tokenStore) RevokeAllPATs(ctx context.Context, userID string, at time.Time, ending token.Ending) (ended []token.PAT, err error) {
	err = s.write(ctx, func(t *tx) error {
		if err := t.lock(ctx, "tokens of "+userID); err != nil { // none is made meanwhile
			return err
		}
		var q statement
		q.add(`select `+patColumns+` from pats where user_id = ? and `+active, userID, micros(at))
		if ended, err = list(ctx, t, scanPAT, q.String(), q.args...); err != nil {
			return fmt.Errorf("list tokens: %w", err)
		}
		t.unchanged = len(ended) == 0
		for i := range ended {
			ended[i].RevokedAt, ended[i].UpdatedAt, ended[i].Ended = at, at, ending
			if _, err := t.ExecContext(ctx, `update pats set revoked_at = $1, updated_at = $2, ended_how = $3, ended_by = $4 where id = $5`,
				micros(at), micros(at), string(ending.How), ending.By, ended[i].ID); err != nil {
				return fmt.Errorf("revoke token: %w", err)
			}
		}
		return nil
	})
	return ended, err
}

func (s tokenStore) RotatePAT(ctx context.Context, oldID string, next token.PAT, now time.Time) error {
	return s.write(ctx, func(t *tx) error {
		var q statement
		q.add(`update pats set revoked_at = ?, updated_at = ?, ended_how = ?, ended_by = ?, successor = ? where id = ? and user_id = ? and `+active,
			micros(now), micros(now), string(token.EndedRotated), next.UserID, next.ID, oldID, next.UserID, micros(now))
		n, err := affected(t.ExecContext(ctx, q.String(), q.args...))
		if err != nil {
			return fmt.Errorf("revoke token: %w", err)
		}
		if n == 0 {
			return token.ErrNotActive
		}
		return t.insertPAT(ctx, next)
	})
}

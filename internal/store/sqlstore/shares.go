package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"oasis/internal/data/share"
	"oasis/internal/data/upload"
	"oasis/internal/problem"
)

// shareStore keeps standing shares.
type shareStore struct{ *DB }

// Shares gives the store of standing shares.
func (db *DB) Shares() share.Store { return shareStore{db} }

const shareColumns = `id, owner, kind, member, role, created_by, created`

// The kinds of members of standing shares.
const (
	kindUser  = "user"
	kindGroup = "group"
)

func scanShare(r row) (s upload.StandingShare, err error) {
	var kind, role string
	err = r.Scan(&s.ID, &s.Owner, &kind, &s.Member, &role, &s.CreatedBy, stamp{&s.Created})
	s.Group, s.Role = kind == kindGroup, share.RoleOf(role)
	return s, err
}

func (s shareStore) Share(ctx context.Context, id string) (upload.StandingShare, error) {
	found, err := one(ctx, s.engine.reader(), scanShare, `select `+shareColumns+` from standing_shares where id = $1`, id)
	if errors.Is(err, sql.ErrNoRows) {
		return found, errNoShare()
	}
	return found, err
}

func errNoShare() error { return problem.NotFound("There is no such share.") }

func (s shareStore) Shares(ctx context.Context, query share.Query) (page []upload.StandingShare, total int, err error) {
	var c conditions
	c.dialect = s.engine
	c.add(` from standing_shares where 1 = 1`)
	if query.Owners != nil {
		c.add(` and `)
		c.in(`owner`, query.Owners)
	}
	err = s.engine.snapshot(ctx, func(q querier) error {
		n, err := one(ctx, q, scanInt, `select count(*)`+c.String(), c.args...)
		if total = int(n); err != nil || query.Limit <= 0 || query.Offset >= total {
			return err
		}
		c.add(` order by created, id limit ? offset ?`, query.Limit, query.Offset)
		page, err = list(ctx, q, scanShare, `select `+shareColumns+c.String(), c.args...)
		return err
	})
	return page, total, err
}

func (s shareStore) InsertShare(ctx context.Context, n upload.StandingShare, most int) error {
	return s.write(ctx, func(t *tx) error {
		if err := t.lock(ctx, "groups"); err != nil { // no group goes meanwhile
			return err
		}
		kind := kindUser
		if n.Group {
			kind = kindGroup
			missing, err := missingGroups(ctx, s.engine, t, []string{n.Member})
			if err != nil {
				return fmt.Errorf("look for group: %w", err)
			}
			if len(missing) > 0 && n.Member != upload.AllGroup {
				return errNoGroup(n.Member)
			}
		}
		has, err := one(ctx, t, scanInt, `select count(*) from standing_shares where owner = $1`, n.Owner)
		if err != nil {
			return fmt.Errorf("count shares: %w", err)
		}
		if int(has) >= most {
			return problem.Clash("There are %d such shares already. Make a group of the people instead.", has)
		}
		inserted, err := affected(t.ExecContext(ctx, `insert into standing_shares (`+shareColumns+`) values ($1, $2, $3, $4, $5, $6, $7)
			on conflict do nothing`, n.ID, n.Owner, kind, n.Member, share.RoleName(n.Role), n.CreatedBy, micros(n.Created)))
		if err == nil && inserted == 0 {
			return problem.Clash("These uploads are shared with them already. Delete that share first to change the role.")
		}
		return err
	})
}

func (s shareStore) DeleteShare(ctx context.Context, id string) error {
	return s.write(ctx, func(t *tx) error {
		n, err := affected(t.ExecContext(ctx, `delete from standing_shares where id = $1`, id))
		if err == nil && n == 0 {
			return errNoShare()
		}
		return err
	})
}

// StandingShares locks what it reads, so that a group or a person that goes is also
// taken out of an upload that is just being made.
func (t uploadTx) StandingShares(ctx context.Context, owners []string) ([]upload.StandingShare, error) {
	return list(ctx, t, scanShare, `select `+shareColumns+` from standing_shares where owner`+t.db.engine.in("$1")+
		` order by created, id`+t.db.engine.forShare(), array(owners))
}

// endShares deletes the standing shares that name a member.
func (t *tx) endShares(ctx context.Context, kind, member string) error {
	if _, err := t.ExecContext(ctx, `delete from standing_shares where kind = $1 and member = $2`, kind, member); err != nil {
		return fmt.Errorf("end standing shares: %w", err)
	}
	return nil
}

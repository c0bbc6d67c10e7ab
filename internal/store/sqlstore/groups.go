package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"oasis/internal/access/group"
	"oasis/internal/problem"
)

// groupStore keeps groups; what happens in a transaction is in groupswrite.go.
type groupStore struct{ *DB }

// Groups gives the store of groups.
func (db *DB) Groups() group.Store { return groupStore{db} }

const groupColumns = `id, name, description, created`

func scanGroup(r row) (g group.Group, err error) {
	return g, r.Scan(&g.ID, &g.Name, &g.Description, stamp{&g.Created})
}

func errNoGroup(id string) error { return problem.NotFound("User group '%s' was not found.", id) }

func (s groupStore) Group(ctx context.Context, id string) (g group.Group, err error) {
	err = s.engine.snapshot(ctx, func(q querier) error {
		g, err = readGroup(ctx, q, id)
		return err
	})
	return g, err
}

func readGroup(ctx context.Context, q querier, id string) (group.Group, error) {
	g, err := one(ctx, q, scanGroup, `select `+groupColumns+` from user_groups where id = $1`, id)
	if errors.Is(err, sql.ErrNoRows) {
		return g, errNoGroup(id)
	}
	if err != nil {
		return g, err
	}
	page := []group.Group{g}
	in := func(string) string { return ` = $1` }
	err = joinGroups(ctx, q, page, in, id)
	return page[0], err
}

// joinGroups reads the members and subgroups of a page of groups.
func joinGroups(ctx context.Context, q querier, page []group.Group, in func(string) string, ids string) error {
	byID := make(map[string]*group.Group, len(page))
	for i := range page {
		byID[page[i].ID] = &page[i]
	}
	err := each(ctx, q, func(r row) error {
		var id, role string
		var m group.Member
		err := r.Scan(&id, &m.UserID, &role)
		m.Role = group.Role(role)
		byID[id].Members = append(byID[id].Members, m)
		return err
	}, `select group_id, user_id, role from group_members where group_id`+in("$1")+` order by group_id, position`, ids)
	if err != nil {
		return fmt.Errorf("read members: %w", err)
	}
	err = each(ctx, q, func(r row) error {
		var id, inner string
		err := r.Scan(&id, &inner)
		byID[id].Subgroups = append(byID[id].Subgroups, inner)
		return err
	}, `select group_id, subgroup_id from group_subgroups where group_id`+in("$1")+` order by group_id, position`, ids)
	if err != nil {
		return fmt.Errorf("read subgroups: %w", err)
	}
	return nil
}

func (s groupStore) Groups(ctx context.Context, query group.Query) (page []group.Group, total int, err error) {
	var c conditions
	c.dialect = s.engine
	c.add(` from user_groups where 1 = 1`)
	if query.IDs != nil {
		c.add(` and `)
		c.in(`id`, query.IDs)
	}
	if query.UserID != "" {
		c.add(` and id in (select group_id from group_members where user_id = ?)`, query.UserID)
	}
	for _, term := range query.Terms {
		c.add(` and name_key like ? escape '!'`, contains(group.Key(term)))
	}
	err = s.engine.snapshot(ctx, func(q querier) error {
		n, err := one(ctx, q, scanInt, `select count(*)`+c.String(), c.args...)
		if err != nil {
			return fmt.Errorf("count groups: %w", err)
		}
		if total = int(n); query.Limit <= 0 || query.Offset >= total {
			return nil
		}
		c.add(` order by `+groupOrder(query.OrderBy, query.Desc)+` limit ? offset ?`, query.Limit, query.Offset)
		if page, err = list(ctx, q, scanGroup, `select `+groupColumns+c.String(), c.args...); err != nil {
			return fmt.Errorf("list groups: %w", err)
		}
		ids := make([]string, len(page))
		for i := range page {
			ids[i] = page[i].ID
		}
		return joinGroups(ctx, q, page, s.engine.in, array(ids))
	})
	return page, total, err
}

// groupOrder is the SQL of an order; ties go by id in the same direction.
func groupOrder(by group.Order, down bool) string {
	end := desc(down) + `, id` + desc(down)
	switch by {
	case group.OrderID:
		return `id` + desc(down)
	case group.OrderName:
		return `name_key` + end
	case group.OrderOwner:
		return `coalesce((select user_id from group_members where group_id = user_groups.id and role = 'owner'), '')` + end
	default:
		return `created` + end
	}
}

func (s groupStore) MissingGroups(ctx context.Context, ids []string) ([]string, error) {
	return missingGroups(ctx, s.engine, s.engine.reader(), ids)
}

func missingGroups(ctx context.Context, d dialect, q querier, ids []string) ([]string, error) {
	found, err := list(ctx, q, scanText, `select id from user_groups where id`+d.in("$1"), array(ids))
	if err != nil {
		return nil, err
	}
	slices.Sort(found)
	return slices.DeleteFunc(slices.Clone(ids), func(id string) bool {
		_, is := slices.BinarySearch(found, id)
		return is
	}), nil
}

func (s groupStore) GroupTree(ctx context.Context) (t group.Tree, err error) {
	t.Of = map[string][]string{}
	err = s.engine.snapshot(ctx, func(q querier) error {
		t.Groups, err = list(ctx, q, scanRef, `select id, name from user_groups order by id`)
		if err != nil {
			return err
		}
		if t.Inside, err = insideGroups(ctx, q); err != nil {
			return err
		}
		return each(ctx, q, func(r row) error {
			var user, id string
			err := r.Scan(&user, &id)
			t.Of[user] = append(t.Of[user], id)
			return err
		}, `select user_id, group_id from group_members order by user_id, group_id`)
	})
	return t, err
}

func scanRef(r row) (ref group.Ref, err error) { return ref, r.Scan(&ref.ID, &ref.Name) }

func insideGroups(ctx context.Context, q querier) (map[string][]string, error) {
	inside := map[string][]string{}
	return inside, each(ctx, q, func(r row) error {
		var id, inner string
		err := r.Scan(&id, &inner)
		inside[id] = append(inside[id], inner)
		return err
	}, `select group_id, subgroup_id from group_subgroups order by group_id, position`)
}

// groupsOf gives the groups that a user is in, directly or through others.
func (db *DB) groupsOf(ctx context.Context, userID string) ([]group.Ref, error) {
	refs, err := list(ctx, db.engine.reader(), scanRef, `with recursive mine (id) as (
			select group_id from group_members where user_id = $1
			union select outside.group_id from group_subgroups outside join mine on outside.subgroup_id = mine.id)
		select id, name from user_groups where id in (select id from mine)`, userID)
	if err != nil {
		return nil, fmt.Errorf("read groups of user: %w", err)
	}
	return refs, nil
}

func (s groupStore) GroupTx(ctx context.Context, fn func(group.Tx) error) error {
	return s.write(ctx, func(t *tx) error {
		if err := t.lock(ctx, "groups"); err != nil {
			return err
		}
		return fn(groupTx{t})
	})
}

// nameTaken is the refusal of a name that another group has.
func nameTaken(name string) *problem.Error {
	return problem.Clash("There is another group called %s. Choose another name.", strings.TrimSpace(name))
}

package sqlstore

import (
	"cmp"
	"context"
	"fmt"

	"oasis/internal/access/group"
)

// groupTx is the view of a transaction that package group works with.
type groupTx struct{ *tx }

func (t groupTx) Group(ctx context.Context, id string) (group.Group, error) {
	return readGroup(ctx, t, id)
}

func (t groupTx) MissingGroups(ctx context.Context, ids []string) ([]string, error) {
	return missingGroups(ctx, t.db.engine, t, ids)
}

func (t groupTx) Inside(ctx context.Context) (map[string][]string, error) {
	return insideGroups(ctx, t)
}

func (t groupTx) PeopleIn(ctx context.Context, id string) ([]string, error) {
	return list(ctx, t, scanText, `with recursive within (id) as (
			select id from user_groups where id = $1
			union select inner_one.subgroup_id from group_subgroups inner_one join within on inner_one.group_id = within.id)
		select distinct user_id from group_members where group_id in (select id from within)`, id)
}

func (t groupTx) InsertGroup(ctx context.Context, g group.Group) error {
	n, err := affected(t.ExecContext(ctx, `insert into user_groups (id, name, name_key, description, created) values ($1, $2, $3, $4, $5)
		on conflict do nothing`, g.ID, g.Name, group.Key(g.Name), g.Description, micros(g.Created)))
	if err != nil {
		return fmt.Errorf("insert group: %w", err)
	}
	if n == 0 {
		return nameTaken(g.Name)
	}
	return t.fillGroup(ctx, &g)
}

func (t groupTx) UpdateGroup(ctx context.Context, g group.Group) error {
	other, err := list(ctx, t, scanText, `select id from user_groups where name_key = $1 and id <> $2`, group.Key(g.Name), g.ID)
	if err != nil {
		return fmt.Errorf("look for name: %w", err)
	}
	if len(other) > 0 {
		return nameTaken(g.Name)
	}
	n, err := affected(t.ExecContext(ctx, `update user_groups set name = $1, name_key = $2, description = $3 where id = $4`,
		g.Name, group.Key(g.Name), g.Description, g.ID))
	if err != nil {
		return fmt.Errorf("update group: %w", err)
	}
	if n == 0 {
		return errNoGroup(g.ID)
	}
	return t.fillGroup(ctx, &g)
}

// fillGroup writes members and subgroups in place of those there are. Rows that stay as
// they are are not touched, so that other processes hear of what has changed only.
func (t groupTx) fillGroup(ctx context.Context, g *group.Group) error {
	people, inner := make([]string, len(g.Members)), make([][]any, len(g.Subgroups))
	members := make([][]any, len(g.Members))
	for i, m := range g.Members {
		people[i], members[i] = m.UserID, []any{g.ID, i, m.UserID, string(m.Role)}
	}
	for i, id := range g.Subgroups {
		inner[i] = []any{g.ID, i, id}
	}
	in := t.db.engine.in("$2")
	_, err := t.ExecContext(ctx, `delete from group_members where group_id = $1 and user_id not`+in, g.ID, array(people))
	_, err2 := t.ExecContext(ctx, `delete from group_subgroups where group_id = $1 and subgroup_id not`+in, g.ID, array(g.Subgroups))
	if err := cmp.Or(err, err2); err != nil {
		return fmt.Errorf("delete from group: %w", err)
	}
	err = execEach(ctx, t.querier, `insert into group_members (group_id, position, user_id, role) values ($1, $2, $3, $4)
		on conflict (group_id, user_id) do update set position = excluded.position, role = excluded.role
		where group_members.position <> excluded.position or group_members.role <> excluded.role`, members)
	if err != nil {
		return fmt.Errorf("write members: %w", err)
	}
	err = execEach(ctx, t.querier, `insert into group_subgroups (group_id, position, subgroup_id) values ($1, $2, $3)
		on conflict (group_id, subgroup_id) do update set position = excluded.position
		where group_subgroups.position <> excluded.position`, inner)
	if err != nil {
		return fmt.Errorf("write subgroups: %w", err)
	}
	return nil
}

func (t groupTx) DeleteGroup(ctx context.Context, id string) error {
	n, err := affected(t.ExecContext(ctx, `delete from user_groups where id = $1`, id))
	if err != nil {
		return fmt.Errorf("delete group: %w", err)
	}
	if n == 0 {
		return errNoGroup(id)
	}
	for _, of := range []string{`group_members where group_id`, `group_subgroups where group_id`, `group_subgroups where subgroup_id`} {
		if _, err := t.ExecContext(ctx, `delete from `+of+` = $1`, id); err != nil {
			return fmt.Errorf("empty group: %w", err)
		}
	}
	if err := t.endShares(ctx, kindGroup, id); err != nil { // waits for uploads that are being made with them
		return err
	}
	return t.leaveUploads(ctx, id)
}

// leaveUploads takes a group out of the uploads that name it, and has search follow.
// The uploads are locked before the revision, see renamed.
func (t *tx) leaveUploads(ctx context.Context, groupID string) error {
	const named = `upload_members where member = $1 and role in ('` + roleCoauthorGroup + `', '` + roleReviewerGroup + `')`
	ids, err := list(ctx, t, scanText, `select id from uploads where id in (select upload_id from `+named+`) order by id`+t.db.engine.forUpdate(), groupID)
	if err != nil {
		return fmt.Errorf("look for uploads of group: %w", err)
	}
	if len(ids) == 0 {
		return nil
	}
	if _, err := t.ExecContext(ctx, `delete from `+named, groupID); err != nil {
		return fmt.Errorf("take group out of uploads: %w", err)
	}
	return t.touch(ctx, ids)
}

// touch puts uploads, which are locked, into the search feed.
func (t *tx) touch(ctx context.Context, ids []string) error {
	rev, err := t.nextRev(ctx)
	if err != nil {
		return err
	}
	if _, err := t.ExecContext(ctx, `update uploads set rev = $1 where id`+t.db.engine.in("$2"), rev, array(ids)); err != nil {
		return fmt.Errorf("have search follow: %w", err)
	}
	return nil
}

// leaveGroups takes somebody whose account goes out of all groups. What they owned
// goes to the first maintainer.
func (t *tx) leaveGroups(ctx context.Context, userID string) error {
	if err := t.lock(ctx, "groups"); err != nil {
		return err
	}
	_, err := t.ExecContext(ctx, `update group_members set role = 'owner' where role = 'maintainer'
		and group_id in (select group_id from group_members where user_id = $1 and role = 'owner')
		and position = (select min(first.position) from group_members first where first.group_id = group_members.group_id and first.role = 'maintainer')`, userID)
	if err == nil {
		_, err = t.ExecContext(ctx, `delete from group_members where user_id = $1`, userID)
	}
	if err != nil {
		return fmt.Errorf("leave groups: %w", err)
	}
	return nil
}

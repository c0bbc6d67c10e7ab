package group

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"oasis/internal/access/identity"
	"oasis/internal/problem"
)

// checkNew refuses people who do not exist and a name that is not for everybody. Who
// was in the group before was checked then.
func (s *Service) checkNew(ctx context.Context, by *identity.User, was, next *Group, e *Edit) error {
	if Key(was.Name) != Key(next.Name) && s.Reserved != nil && s.Reserved(next.Name) && !by.Admin {
		return problem.Invalid("value_error", "The access policy gives rights to the group of this name. Ask an administrator to make it.", "body", "group_name")
	}
	var ids []string
	for _, m := range next.Members {
		if _, is := was.RoleOf(m.UserID); !is {
			ids = append(ids, m.UserID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	found, err := s.People.Find(ctx, identity.Search{IDs: ids, Everywhere: true})
	if err != nil {
		return fmt.Errorf("look up members: %w", err)
	}
	known := make(map[string]bool, len(found))
	for i := range found {
		known[found[i].ID] = true
	}
	var fields []problem.Field
	add := func(id string, loc ...any) {
		if _, is := was.RoleOf(id); !is && !known[id] {
			fields = append(fields, problem.Field{Loc: loc, Type: "value_error", Msg: fmt.Sprintf("User '%s' was not found.", id)})
		}
	}
	if e.Members != nil {
		for i, m := range *e.Members {
			add(m.UserID, "body", "members_info", i, "user_id")
		}
	}
	if e.MemberIDs != nil {
		for i, id := range *e.MemberIDs {
			add(id, "body", "members", i)
		}
	}
	if fields != nil {
		return problem.InvalidAll(fields)
	}
	return nil
}

// checkInside refuses subgroups that do not exist, cycles and too many levels.
func (s *Service) checkInside(ctx context.Context, tx Tx, g *Group) error {
	if len(g.Subgroups) == 0 {
		return nil
	}
	missing, err := tx.MissingGroups(ctx, g.Subgroups)
	if err != nil {
		return fmt.Errorf("look up subgroups: %w", err)
	}
	wrong := func(i int, format string, args ...any) error {
		return problem.Invalid("value_error", fmt.Sprintf(format, args...), "body", "subgroups", i)
	}
	if len(missing) > 0 {
		return wrong(slices.Index(g.Subgroups, missing[0]), "User group '%s' was not found.", missing[0])
	}
	inside, err := tx.Inside(ctx)
	if err != nil {
		return fmt.Errorf("read subgroups: %w", err)
	}
	switch f, i := put(inside, g.ID, g.Subgroups); f {
	case cyclic:
		return wrong(i, "A group cannot be in itself, neither directly nor through other groups.")
	case tooDeep:
		return wrong(i, "Groups can be in each other at most %d deep.", MaxDepth)
	default:
		return nil
	}
}

// differences puts a change in words for the audit log.
func differences(was, now *Group) string {
	var parts []string
	if was.Name != now.Name {
		parts = append(parts, "renamed, before: "+was.Name)
	}
	if was.Description != now.Description {
		parts = append(parts, "other description")
	}
	added, removed, roles := 0, 0, 0
	for _, m := range now.Members {
		if role, is := was.RoleOf(m.UserID); !is {
			added++
		} else if role != m.Role {
			roles++
		}
	}
	for _, m := range was.Members {
		if _, is := now.RoleOf(m.UserID); !is {
			removed++
		}
	}
	for _, c := range []struct {
		n    int
		what string
	}{{added, "added"}, {removed, "removed"}, {roles, "with another role"}} {
		if c.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", c.n, c.what))
		}
	}
	if !slices.Equal(was.Subgroups, now.Subgroups) {
		parts = append(parts, "other subgroups")
	}
	if parts == nil {
		return now.Name
	}
	return now.Name + ": " + strings.Join(parts, ", ")
}

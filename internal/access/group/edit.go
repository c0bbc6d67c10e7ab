package group

import (
	"fmt"
	"slices"

	"oasis/internal/access/identity"
	"oasis/internal/problem"
)

// Edit is what to make of a group; nil members stay as they are.
type Edit struct {
	Name *string
	// NoName gives the group its id as its name.
	NoName bool
	// Description "" is none.
	Description *string
	// Members replaces the whole list.
	Members *[]Member
	// MemberIDs is the older form: the owner stays, others keep the role they have.
	MemberIDs *[]string
	Subgroups *[]string
}

// apply gives the group that the edit makes of g. Refusals are the 422s of spec
// datasets-groups.md §3.2. What needs the store is asked afterwards.
func (e *Edit) apply(g *Group, by *identity.User) (Group, error) {
	next := g.clone()
	if err := e.rename(&next); err != nil {
		return next, err
	}
	if e.Description != nil {
		if next.Description = *e.Description; len([]rune(next.Description)) > maxDescription {
			return next, tooLong("description", maxDescription)
		}
	}
	switch {
	case e.Members != nil && e.MemberIDs != nil:
		return next, problem.Invalid("value_error",
			"Fields 'members' and 'members_info' are mutually exclusive. Remove the deprecated 'members' field from your request.", "body")
	case e.Members != nil:
		next.Members = slices.Clone(*e.Members)
	case e.MemberIDs != nil:
		next.Members = keepRoles(g, *e.MemberIDs, by.ID)
	}
	if e.Members != nil || e.MemberIDs != nil {
		if err := checkMembers(g, next.Members); err != nil {
			return next, err
		}
	}
	if e.Subgroups == nil {
		return next, nil
	}
	next.Subgroups = slices.Clone(*e.Subgroups)
	if len(next.Subgroups) > maxSubgroups {
		return next, problem.Invalid("too_long", fmt.Sprintf("A group has at most %d subgroups", maxSubgroups), "body", "subgroups")
	}
	for i, id := range next.Subgroups {
		if slices.Contains(next.Subgroups[:i], id) {
			return next, problem.Invalid("value_error", "All group ids must be unique.", "body", "subgroups")
		}
	}
	return next, nil
}

// rename sets the name.
func (e *Edit) rename(next *Group) error {
	switch {
	case e.NoName:
		next.Name = next.ID
		return nil
	case e.Name == nil:
		return nil
	}
	next.Name = tidy(*e.Name)
	switch {
	case next.Name == "":
		return problem.Invalid("string_too_short", "String should have at least 1 character", "body", "group_name")
	case len([]rune(next.Name)) > maxName:
		return tooLong("group_name", maxName)
	case next.Name != next.ID && looksLikeID(next.Name), Key(next.Name) == "all":
		return problem.Invalid("value_error", "This name could be taken for the id of a group. Choose another one.", "body", "group_name")
	}
	return nil
}

func tooLong(member string, most int) error {
	return problem.Invalid("string_too_long", fmt.Sprintf("String should have at most %d characters", most), "body", member)
}

// keepRoles makes members of a list of ids. The owner, and who asks if already a member, stay.
func keepRoles(g *Group, ids []string, by string) []Member {
	var members []Member
	for _, m := range g.Members {
		if m.Role == Owner || m.UserID == by || slices.Contains(ids, m.UserID) {
			members = append(members, m)
		}
	}
	added := map[string]bool{}
	for _, id := range ids {
		if _, is := g.RoleOf(id); !is && !added[id] {
			added[id] = true
			members = append(members, Member{UserID: id, Role: Plain})
		}
	}
	return members
}

// checkMembers is the rule for a whole list: ids are unique, roles known, and the
// owner is the one there is. A group that lost its owner takes any one.
func checkMembers(g *Group, members []Member) error {
	invalid := func(format string, args ...any) error {
		return problem.Invalid("value_error", fmt.Sprintf(format, args...), "body", "members_info")
	}
	if len(members) > maxMembers {
		return problem.Invalid("too_long", fmt.Sprintf("A group has at most %d members", maxMembers), "body", "members_info")
	}
	for i, m := range members {
		if m.Role != Plain && m.Role != Maintainer && m.Role != Owner {
			return problem.Invalid("enum", "Input should be 'member', 'maintainer' or 'owner'", "body", "members_info", i, "role")
		}
	}
	seen := make(map[string]bool, len(members))
	owners := 0
	owner := ""
	for _, m := range members {
		if m.Role == Owner {
			owners, owner = owners+1, m.UserID
		}
		if seen[m.UserID] {
			return invalid("All user ids must be unique.")
		}
		seen[m.UserID] = true
	}
	if owners != 1 {
		return invalid("There must be exactly one owner.")
	}
	if expected := g.Owner(); expected != "" && owner != expected {
		return invalid("The owner of the group (%s) must match the expected owner (%s).", owner, expected)
	}
	return nil
}

// leaves tells whether all that an edit does is to take somebody out who is no owner.
func (e *Edit) leaves(g *Group, userID string) bool {
	if e.Name != nil || e.NoName || e.Description != nil || e.Subgroups != nil || (e.Members == nil) == (e.MemberIDs == nil) {
		return false
	}
	var left []Member
	for _, m := range g.Members {
		if m.UserID != userID {
			left = append(left, m)
		} else if m.Role == Owner {
			return false
		}
	}
	if len(left) == len(g.Members) {
		return false
	}
	if e.Members != nil {
		return sameSet(*e.Members, left)
	}
	ids := make([]string, len(left))
	for i, m := range left {
		ids[i] = m.UserID
	}
	return sameSet(*e.MemberIDs, ids)
}

// sameSet compares two lists without regard to order; b has nothing twice.
func sameSet[T comparable](a, b []T) bool {
	if len(a) != len(b) {
		return false
	}
	has := make(map[T]bool, len(a))
	for _, v := range a {
		has[v] = true
	}
	return len(has) == len(b) && !slices.ContainsFunc(b, func(v T) bool { return !has[v] })
}

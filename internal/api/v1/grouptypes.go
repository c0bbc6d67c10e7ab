package v1

import (
	"oasis/internal/access/group"
	"oasis/internal/api"
)

// Group is a named list of people (spec datasets-groups.md §3.2).
type Group struct {
	GroupID     string        `json:"group_id"`
	GroupName   string        `json:"group_name"`
	Description *string       `json:"description"`
	Owner       *string       `json:"owner" doc:"User id; null = has none, or is not shown to you"`
	Members     []string      `json:"members" nullable:"false" doc:"User ids of the direct members, the owner included; empty when not shown to you"`
	MembersInfo []GroupMember `json:"members_info" nullable:"false" doc:"The direct members with their roles; empty when not shown to you"`
	// Subgroups and MemberCount are ours.
	Subgroups   []string `json:"subgroups" nullable:"false" doc:"Ids of groups whose members are in this one too"`
	MemberCount int      `json:"member_count" doc:"How many direct members there are, shown to everybody"`
}

// GroupMember is somebody in a group.
type GroupMember struct {
	UserID string `json:"user_id"`
	Role   string `json:"role" enum:"member,maintainer,owner" doc:"All roles have the same rights to uploads; maintainers and the owner may change the group"`
}

// GroupList is a page of groups.
type GroupList struct {
	Pagination api.PaginationWithNulls `json:"pagination"`
	Data       []Group                 `json:"data" nullable:"false"`
}

// GroupEdit is what to make of a group; what is left out stays as it is.
type GroupEdit struct {
	_           struct{}           `additionalProperties:"true"`
	GroupName   Nullable[string]   `json:"group_name,omitempty,omitzero" doc:"Unique without regard to case; null = the id"`
	Description Nullable[string]   `json:"description,omitempty,omitzero" doc:"null = none"`
	MembersInfo *[]GroupMemberEdit `json:"members_info,omitempty" nullable:"true" doc:"The whole list, with exactly one owner"`
	Members     *[]string          `json:"members,omitempty" nullable:"true" deprecated:"true" doc:"User ids, instead of members_info: the owner stays, others keep their roles"`
	Subgroups   *[]string          `json:"subgroups,omitempty" nullable:"true" doc:"Ids of groups whose members are in this one too; at most 8 levels, no cycles"`
}

// GroupMemberEdit is somebody to be in a group.
type GroupMemberEdit struct {
	UserID string `json:"user_id"`
	Role   string `json:"role,omitempty" doc:"member (default), maintainer or owner"`
}

func exampleGroup() Group {
	jane := "8b1f0b5e-3f0a-4c39-9d4c-0c1b1e1c2a3d"
	return groupOf(&group.Group{
		ID: "XD2HZdZRSGOs0N0KkBnS-Q", Name: "Crystal growth", Description: "Furnaces 1 to 4",
		Members: []group.Member{{UserID: jane, Role: group.Owner}}, Subgroups: []string{},
	}, true)
}

func exampleGroupEdit() map[string]any {
	return map[string]any{"group_name": "Crystal growth", "members_info": []map[string]string{
		{"user_id": "8b1f0b5e-3f0a-4c39-9d4c-0c1b1e1c2a3d", "role": "owner"}, {"user_id": "0d5c1d8e-9c55-4f0e-8a53-3a1b7a1f6a02"},
	}}
}

// groupOf makes the answer; members are only shown to some.
func groupOf(g *group.Group, shown bool) Group {
	out := Group{
		GroupID: g.ID, GroupName: g.Name, Members: []string{}, MembersInfo: []GroupMember{}, Subgroups: []string{}, MemberCount: len(g.Members),
	}
	if !shown {
		return out
	}
	out.Description, out.Owner = some(g.Description), some(g.Owner())
	out.Subgroups = append(out.Subgroups, g.Subgroups...)
	for _, m := range g.Members {
		out.Members = append(out.Members, m.UserID)
		out.MembersInfo = append(out.MembersInfo, GroupMember{UserID: m.UserID, Role: string(m.Role)})
	}
	return out
}

// edit reads the body; null lists ask for nothing.
func (e *GroupEdit) edit() group.Edit {
	out := group.Edit{
		Name: e.GroupName.Value, NoName: e.GroupName.Given && e.GroupName.Value == nil,
		Description: e.Description.Value, MemberIDs: e.Members, Subgroups: e.Subgroups,
	}
	if e.Description.Given && e.Description.Value == nil {
		none := ""
		out.Description = &none
	}
	if e.MembersInfo != nil {
		members := make([]group.Member, len(*e.MembersInfo))
		for i, m := range *e.MembersInfo {
			members[i] = group.Member{UserID: m.UserID, Role: group.Role(m.Role)}
			if m.Role == "" {
				members[i].Role = group.Plain
			}
		}
		out.Members = &members
	}
	return out
}

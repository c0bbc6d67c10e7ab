package v1

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"oasis/internal/access"
	"oasis/internal/access/group"
	"oasis/internal/access/scope"
	"oasis/internal/api"
	"oasis/internal/problem"
)

func (s Services) groupRoutes() []api.Route {
	example := exampleGroup()
	row := func(id, method, path, summary string, sc scope.Scope) api.Row {
		return api.Row{
			Operation: access.Operation{ID: id, Scopes: scope.Of(sc)},
			Method:    method, Path: api.PathV1 + "/groups" + path, Tag: "groups", Summary: summary, Output: example,
		}
	}
	const visitors = "Visitors are told ids, names and how many members there are, unless the server is set to show them more."
	list := row("listGroups", http.MethodGet, "", "Find groups", scope.GroupsRead)
	list.Description = visitors
	list.Anonymous, list.Errors = true, []int{http.StatusBadRequest, http.StatusUnprocessableEntity}
	list.Output = GroupList{Pagination: api.PaginationWithNulls{PageSize: 10, Total: 1}, Data: []Group{example}}

	get := row("getGroup", http.MethodGet, "/{group_id}", "One group", scope.GroupsRead)
	get.Description = visitors
	get.Anonymous, get.Errors = true, []int{http.StatusNotFound}

	create := row("createGroup", http.MethodPost, "", "Make a group", scope.GroupsWrite)
	create.Description = "You become the owner. Names are unique, whatever the case of their letters."
	create.Status, create.Errors, create.Input = http.StatusCreated, []int{http.StatusConflict}, exampleGroupEdit()

	edit := row("editGroup", http.MethodPost, "/{group_id}/edit", "Change a group", scope.GroupsWrite)
	edit.Description = "Owner, maintainers and administrators may. What is left out stays as it is; members_info and subgroups replace the whole list. " +
		"A plain member may send the list without themselves."
	edit.Errors, edit.Input = []int{http.StatusNotFound, http.StatusConflict}, exampleGroupEdit()

	leave := row("leaveGroup", http.MethodPost, "/{group_id}/leave", "Leave a group", scope.GroupsWrite)
	leave.Description = "Everybody but the owner may."
	leave.Status, leave.Output, leave.Errors = http.StatusNoContent, nil, []int{http.StatusBadRequest, http.StatusNotFound}

	remove := row("deleteGroup", http.MethodDelete, "/{group_id}", "Delete a group", scope.GroupsDelete)
	remove.Description = "Its owner and administrators may. Uploads and groups that name it lose it."
	remove.Status, remove.Output, remove.Errors = http.StatusNoContent, nil, []int{http.StatusNotFound}

	return []api.Route{
		api.Handle(list, s.listGroups), api.Handle(get, s.getGroup), api.Handle(create, s.createGroup),
		api.Handle(edit, s.editGroup), api.Handle(leave, s.leaveGroup), api.Handle(remove, s.deleteGroup),
	}
}

// GroupListInput are the filters and the page of a list of groups (spec datasets-groups.md §3.2).
type GroupListInput struct {
	api.PageInput
	api.OrderInput
	GroupID     []string `query:"group_id,explode" doc:"Ids; may be repeated"`
	UserID      string   `query:"user_id" doc:"Groups that this user is a direct member of; not for visitors"`
	SearchTerms string   `query:"search_terms" maxLength:"500" doc:"Words that must all be in the name, in any case"`
	OrderBy     string   `query:"order_by" doc:"group_id, group_name or owner; by default the oldest come first"`
}

// query reads the filters for somebody to whom members are shown, or not.
func (in *GroupListInput) query(shown bool) (group.Query, error) {
	q := group.Query{UserID: in.UserID, Terms: strings.Fields(in.SearchTerms), OrderBy: group.Order(in.OrderBy), Desc: in.Order == "desc"}
	if len(in.GroupID) > 0 {
		q.IDs = in.GroupID
	}
	if !slices.Contains([]group.Order{"", group.OrderID, group.OrderName, group.OrderOwner}, q.OrderBy) {
		return q, problem.Invalid("value_error", "order_by must be one of (None, 'group_id', 'group_name', 'owner')", "query", "order_by")
	}
	if !shown && (q.UserID != "" || q.OrderBy == group.OrderOwner) {
		return q, problem.New(problem.Unauthenticated, "Who is in which group is only told to people who are signed in.")
	}
	return q, nil
}

func (s Services) listGroups(ctx context.Context, in *GroupListInput) (*struct{ Body GroupList }, error) {
	shown := s.showsMembers(ctx)
	q, err := in.query(shown)
	if err != nil {
		return nil, err
	}
	w, err := in.Window()
	if err != nil {
		return nil, err
	}
	q.Offset, q.Limit = w.Offset, w.Limit
	groups, total, err := s.Groups.List(ctx, q)
	if err != nil {
		return nil, err
	}
	order := in.Order
	if order == "" {
		order = "asc"
	}
	p, err := w.Pagination(ctx, in.OrderBy, order, total)
	if err != nil {
		return nil, err
	}
	out := &struct{ Body GroupList }{GroupList{Pagination: api.PaginationWithNulls(p), Data: make([]Group, 0, len(groups))}}
	for i := range groups {
		out.Body.Data = append(out.Body.Data, groupOf(&groups[i], shown))
	}
	return out, nil
}

// showsMembers tells whether the caller may see who is in a group.
func (s Services) showsMembers(ctx context.Context) bool {
	return api.UserID(ctx) != "" || s.About().GroupMembersToVisitors
}

type groupInput struct {
	ID string `path:"group_id"`
}

func (s Services) getGroup(ctx context.Context, in *groupInput) (*struct{ Body Group }, error) {
	g, err := s.Groups.Get(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &struct{ Body Group }{groupOf(&g, s.showsMembers(ctx))}, nil
}

func (s Services) createGroup(ctx context.Context, in *struct{ Body GroupEdit }) (*struct{ Body Group }, error) {
	user := api.Caller(ctx).User
	g, err := s.Groups.Create(ctx, &user, in.Body.edit())
	if err != nil {
		return nil, err
	}
	return &struct{ Body Group }{groupOf(&g, true)}, nil
}

func (s Services) editGroup(ctx context.Context, in *struct {
	ID   string `path:"group_id"`
	Body GroupEdit
}) (*struct{ Body Group }, error) {
	user := api.Caller(ctx).User
	g, err := s.Groups.Edit(ctx, &user, in.ID, in.Body.edit())
	if err != nil {
		return nil, err
	}
	return &struct{ Body Group }{groupOf(&g, true)}, nil
}

func (s Services) leaveGroup(ctx context.Context, in *groupInput) (*struct{}, error) {
	user := api.Caller(ctx).User
	return nil, s.Groups.Leave(ctx, &user, in.ID)
}

func (s Services) deleteGroup(ctx context.Context, in *groupInput) (*struct{}, error) {
	user := api.Caller(ctx).User
	return nil, s.Groups.Delete(ctx, &user, in.ID)
}

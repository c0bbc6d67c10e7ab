package v1

import (
	"context"
	"net/http"

	"oasis/internal/access"
	"oasis/internal/access/scope"
	"oasis/internal/api"
	"oasis/internal/data/share"
	"oasis/internal/data/upload"
	"oasis/internal/problem"
)

// Share says that new uploads have a member from the start.
type Share struct {
	ShareID   string  `json:"share_id"`
	UserID    *string `json:"user_id" doc:"Whose new uploads; null = everybody's"`
	WithUser  *string `json:"with_user" doc:"User id of the member, if it is a person"`
	WithGroup *string `json:"with_group" doc:"Id of the member, if it is a group; all = everybody"`
	Role      string  `json:"role" enum:"coauthor,reviewer"`
	Created   string  `json:"created" format:"date-time"`
	CreatedBy string  `json:"created_by" doc:"User id of who made the share"`
}

// ShareAnswer is one standing share.
type ShareAnswer struct {
	ShareID string `json:"share_id"`
	Data    Share  `json:"data"`
}

// ShareList is a page of standing shares.
type ShareList struct {
	Pagination api.Pagination `json:"pagination"`
	Data       []Share        `json:"data" nullable:"false"`
}

// NewShare describes a standing share to be made.
type NewShare struct {
	UserID    Nullable[string] `json:"user_id,omitempty,omitzero" doc:"Whose new uploads: yours by default; another user, or null for everybody, is for administrators"`
	WithUser  string           `json:"with_user,omitempty" doc:"User id; either this or with_group"`
	WithGroup string           `json:"with_group,omitempty" doc:"Id of a group, or all"`
	Role      string           `json:"role" enum:"coauthor,reviewer" doc:"coauthor may change the uploads, reviewer may look at them"`
}

func (s Services) shareRoutes() []api.Route {
	example := exampleShare()
	row := func(id, method, path, summary string, sc scope.Scope) api.Row {
		return api.Row{
			Operation: access.Operation{ID: id, Scopes: scope.Of(sc)},
			Method:    method, Path: api.PathV1 + "/shares" + path, Tag: "groups", Summary: summary,
		}
	}
	const machines = "For the uploads of others, only administrators with a session or an access token may; no personal access token does."
	list := row("listShares", http.MethodGet, "", "With whom new uploads are shared", scope.UploadsRead)
	list.Description = "Your own standing shares and those for everybody. " + machines
	list.Errors, list.Output = []int{http.StatusBadRequest, http.StatusUnprocessableEntity}, ShareList{Pagination: api.Pagination{PageSize: 10, Total: 1}, Data: []Share{example}}
	create := row("createShare", http.MethodPost, "", "Share new uploads from now on", scope.UploadsWrite)
	create.Description = "Uploads that are made from now on have the member from the start; others stay as they are. " + machines
	create.Status, create.Errors = http.StatusCreated, []int{http.StatusConflict}
	create.Input, create.Output = map[string]any{"with_group": *example.WithGroup, "role": "reviewer"}, ShareAnswer{example.ShareID, example}
	remove := row("deleteShare", http.MethodDelete, "/{share_id}", "Stop sharing new uploads", scope.UploadsWrite)
	remove.Description = "Uploads that were shared stay so. " + machines
	remove.Status, remove.Errors = http.StatusNoContent, []int{http.StatusNotFound}
	return []api.Route{api.Handle(list, s.listShares), api.Handle(create, s.createShare), api.Handle(remove, s.deleteShare)}
}

func exampleShare() Share {
	return shareOf(&upload.StandingShare{
		ID: "4V6RZJ7WJX2N3M5Q7T2K5A6B7C", Owner: "8b1f0b5e-3f0a-4c39-9d4c-0c1b1e1c2a3d", Role: upload.Reviewer, Group: true,
		Member: "XD2HZdZRSGOs0N0KkBnS-Q", CreatedBy: "8b1f0b5e-3f0a-4c39-9d4c-0c1b1e1c2a3d",
	})
}

func shareOf(s *upload.StandingShare) Share {
	out := Share{ShareID: s.ID, UserID: some(s.Owner), Role: share.RoleName(s.Role), Created: Stamp(s.Created), CreatedBy: s.CreatedBy}
	if s.Group {
		out.WithGroup = &s.Member
	} else {
		out.WithUser = &s.Member
	}
	return out
}

// sharer is who asks, as package share reads it.
func sharer(ctx context.Context) share.By {
	c := api.Caller(ctx)
	return share.By{UserID: c.User.ID, Admin: c.User.Admin && access.People().Has(c.Kind)}
}

func (s Services) listShares(ctx context.Context, in *struct {
	api.PageInput
	UserID string `query:"user_id" doc:"For administrators: the shares of this user and of everybody"`
	All    bool   `query:"all" doc:"For administrators: the shares of all users"`
}) (*struct{ Body ShareList }, error) {
	w, err := in.Window()
	if err != nil {
		return nil, err
	}
	by := sharer(ctx)
	q := share.Query{Owners: []string{"", by.UserID}, Offset: w.Offset, Limit: w.Limit}
	switch {
	case in.All && in.UserID != "":
		return nil, problem.Invalid("value_error", "Give either user_id or all", "query", "all")
	case in.All:
		q.Owners = nil
	case in.UserID != "":
		q.Owners = []string{"", in.UserID}
	}
	found, total, err := s.Shares.List(ctx, by, q)
	if err != nil {
		return nil, err
	}
	p, err := w.Pagination(ctx, "", "", total)
	if err != nil {
		return nil, err
	}
	out := &struct{ Body ShareList }{ShareList{Pagination: p, Data: make([]Share, 0, len(found))}}
	for i := range found {
		out.Body.Data = append(out.Body.Data, shareOf(&found[i]))
	}
	return out, nil
}

func (s Services) createShare(ctx context.Context, in *struct{ Body NewShare }) (*struct{ Body ShareAnswer }, error) {
	by := sharer(ctx)
	n := share.New{Owner: by.UserID, User: in.Body.WithUser, Group: in.Body.WithGroup, Role: share.RoleOf(in.Body.Role)}
	if in.Body.UserID.Given {
		n.Owner = ""
	}
	if in.Body.UserID.Value != nil {
		if n.Owner = *in.Body.UserID.Value; n.Owner == "" {
			return nil, problem.Invalid("value_error", "Give the id of a user, or null for everybody", "body", "user_id")
		}
	}
	made, err := s.Shares.Create(ctx, by, n)
	if err != nil {
		return nil, err
	}
	return &struct{ Body ShareAnswer }{ShareAnswer{made.ID, shareOf(&made)}}, nil
}

func (s Services) deleteShare(ctx context.Context, in *struct {
	ID string `path:"share_id"`
}) (*struct{}, error) {
	return nil, s.Shares.Delete(ctx, sharer(ctx), in.ID)
}

package v1

import (
	"context"
	"net/http"

	"oasis/internal/access"
	"oasis/internal/access/admission"
	"oasis/internal/access/identity"
	"oasis/internal/access/scope"
	"oasis/internal/api"
	"oasis/internal/problem"
)

// AccessRequests is what the operations need of the requests to be let in.
type AccessRequests interface {
	List(ctx context.Context, state admission.State, limit int) ([]admission.Request, error)
	Approve(ctx context.Context, id, by string) (admission.Request, error)
	Decline(ctx context.Context, id, by string) (admission.Request, error)
}

// AccessRequest is somebody asking to be let in.
type AccessRequest struct {
	ID       string  `json:"id"`
	User     *User   `json:"user" doc:"null = the account does not exist any more"`
	Username string  `json:"username" doc:"The user name when they asked"`
	Email    *string `json:"email"`
	Message  string  `json:"message"`
	Created  string  `json:"created" format:"date-time"`
	State    string  `json:"state" enum:"open,approved,declined"`
	Decided  *string `json:"decided" format:"date-time"`
}

// AccessRequestList is requests, newest first.
type AccessRequestList struct {
	Data []AccessRequest `json:"data" nullable:"false"`
}

// mostRequests bounds the list; nobody decides more at a time.
const mostRequests = 1000

func (s Services) requestRoutes() []api.Route {
	row := func(id, method, path, summary string, sc scope.Scope) api.Row {
		return api.Row{
			Operation: access.Operation{ID: id, Scopes: scope.Of(sc), AdminOnly: true, Accepts: access.People()},
			Method:    method, Path: api.PathV1 + "/access-requests" + path, Tag: "admin", Summary: summary,
		}
	}
	email := "jane@lab.example.org"
	example := AccessRequest{
		ID: "4V6RZJ7WJX2N3M5Q7T2K5A6B7C", Username: "jane", Email: &email, Message: "I work with Mara on the anneal series.",
		User:    &User{UserID: "8b1f0b5e-3f0a-4c39-9d4c-0c1b1e1c2a3d", Username: "jane", Name: "Jane Doe"},
		Created: "2026-01-31T12:00:00.000000Z", State: string(admission.Open),
	}
	list := row("listAccessRequests", http.MethodGet, "", "Who asks to be let in", scope.UsersRead)
	list.Output = AccessRequestList{[]AccessRequest{example}}
	approve := row("approveAccessRequest", http.MethodPost, "/{request_id}/approve", "Put somebody on the allow list", scope.UsersInvite)
	approve.Description = "Holds for the next request. When a file sets auth.authorized_users, the 409 shows the line to add there."
	approve.Errors, approve.Output = []int{http.StatusNotFound, http.StatusConflict}, example
	decline := row("declineAccessRequest", http.MethodPost, "/{request_id}/decline", "Turn a request down", scope.UsersInvite)
	decline.Errors, decline.Output = []int{http.StatusNotFound, http.StatusConflict}, example
	return []api.Route{
		api.Handle(list, s.listAccessRequests),
		api.Handle(approve, s.decide(func(ctx context.Context, id string) (admission.Request, error) {
			return s.Requests.Approve(ctx, id, api.UserID(ctx))
		})),
		api.Handle(decline, s.decide(func(ctx context.Context, id string) (admission.Request, error) {
			return s.Requests.Decline(ctx, id, api.UserID(ctx))
		})),
	}
}

func (s Services) listAccessRequests(ctx context.Context, in *struct {
	State string `query:"state" enum:"open,approved,declined,all" doc:"open by default"`
}) (*struct{ Body AccessRequestList }, error) {
	state := admission.Open
	switch in.State {
	case "", string(admission.Open):
	case "all":
		state = ""
	default:
		state = admission.State(in.State)
	}
	found, err := s.Requests.List(ctx, state, mostRequests)
	if err != nil {
		return nil, err
	}
	out := &struct{ Body AccessRequestList }{AccessRequestList{make([]AccessRequest, 0, len(found))}}
	for i := range found {
		r, err := s.requestOf(ctx, &found[i])
		if err != nil {
			return nil, err
		}
		out.Body.Data = append(out.Body.Data, r)
	}
	return out, nil
}

type requestInput struct {
	ID string `path:"request_id"`
}

func (s Services) decide(how func(context.Context, string) (admission.Request, error)) func(context.Context, *requestInput) (*struct{ Body AccessRequest }, error) {
	return func(ctx context.Context, in *requestInput) (*struct{ Body AccessRequest }, error) {
		decided, err := how(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		r, err := s.requestOf(ctx, &decided)
		return &struct{ Body AccessRequest }{r}, err
	}
}

func (s Services) requestOf(ctx context.Context, r *admission.Request) (AccessRequest, error) {
	out := AccessRequest{
		ID: r.ID, Username: r.Username, Message: r.Message, Created: r.Created.UTC().Format(stampLayout), State: string(r.State), Decided: stamp(r.Decided),
	}
	u, err := s.People.User(ctx, r.UserID)
	switch {
	case problem.Is(err, problem.Missing):
		return out, nil
	case err != nil:
		return out, err
	}
	return out.with(&u), nil
}

func (a AccessRequest) with(u *identity.User) AccessRequest {
	user := userOf(u)
	a.User, a.Email = &user, some(u.Email)
	return a
}

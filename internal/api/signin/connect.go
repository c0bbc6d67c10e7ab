package signin

import (
	"context"
	"net/http"
	"net/url"

	"oasis/internal/access"
	"oasis/internal/access/identity/oidc"
	"oasis/internal/access/scope"
	"oasis/internal/api"
	"oasis/internal/problem"
)

// LinkedPeople keeps which accounts of this Oasis are people of the external provider.
type LinkedPeople interface {
	Linked(ctx context.Context, userID string) (l oidc.Linked, ok bool, err error)
	Link(ctx context.Context, userID string, person oidc.Person) error
	LinkByName(ctx context.Context, userID, name string) error
	Unlink(ctx context.Context, userID string) error
}

// LinkOwners answers for the accounts.
type LinkOwners interface {
	// ConfirmLink refuses accounts that cannot be linked, and wrong passwords of those that have one.
	ConfirmLink(ctx context.Context, userID, password, address string) error
	// MayUnlink refuses to end the only way an account can sign in.
	MayUnlink(ctx context.Context, userID string) error
}

// Links is what linking accounts needs; External is nil without an external provider.
type Links struct {
	External *External
	Owners   LinkOwners
}

// ExternalLink is the person of the external provider that an account is linked to.
type ExternalLink struct {
	Provider *string `json:"provider" doc:"What the external identity provider is called; null = there is none"`
	Name     *string `json:"name" doc:"The user name there; null = the account is not linked"`
	Active   bool    `json:"active" doc:"Whether the person may sign in there"`
}

// LinkAddress is where the browser goes on.
type LinkAddress struct {
	URL string `json:"url" doc:"The page of the provider on which the person signs in"`
}

const pathLink = "/auth/external/link"

// LinkRoutes gives the rows of linking accounts with people of an external provider.
func LinkRoutes(l Links) []api.Route {
	own := func(id, method, summary string, sc scope.Scope, accepts access.Kinds) api.Row {
		return api.Row{
			Operation: access.Operation{ID: id, Scopes: scope.Of(sc), Accepts: accepts}, Method: method, Path: pathLink, Tag: "auth", Summary: summary,
		}
	}
	of := func(id, method, summary string, sc scope.Scope) api.Row {
		return api.Row{
			Operation: access.Operation{ID: id, Scopes: scope.Of(sc), AdminOnly: true, Accepts: access.People()},
			Method:    method, Path: "/auth/external/links/{user_id}", Tag: "admin", Summary: summary, Errors: []int{http.StatusNotFound},
		}
	}
	provider, name := "Keycloak", "jane"
	example := ExternalLink{Provider: &provider, Name: &name, Active: true}
	get := own("getExternalLink", http.MethodGet, "The person at the identity provider that you are linked to", scope.UsersRead, access.People())
	get.Output = example
	begin := own("beginExternalLink", http.MethodPost, "Begin to link your account with a person at the identity provider", scope.TokensCreate, access.People())
	begin.Description = "Answers with the address to go to; whoever signs in there can sign in as you from then on. Needs your password, if you have one."
	begin.SameOrigin, begin.Errors = true, []int{http.StatusNotFound, http.StatusConflict, http.StatusTooManyRequests, http.StatusServiceUnavailable}
	begin.Input, begin.Output = map[string]any{"current": "…"}, LinkAddress{URL: "https://sso.example.org/auth?…"}
	end := own("endExternalLink", http.MethodDelete, "End the link, and all your sessions", scope.TokensCreate, access.People())
	end.Status, end.Errors = http.StatusNoContent, []int{http.StatusNotFound, http.StatusConflict}
	getOf := of("getExternalLinkOf", http.MethodGet, "The person at the identity provider that an account is linked to", scope.UsersRead)
	getOf.Output = example
	set := of("setExternalLinkOf", http.MethodPut, "Link an account with a person at the identity provider", scope.UsersInvite)
	set.Errors = append(set.Errors, http.StatusConflict, http.StatusServiceUnavailable)
	set.Input, set.Output = map[string]any{"name": "jane"}, example
	endOf := of("endExternalLinkOf", http.MethodDelete, "End the link of an account, and all its sessions", scope.UsersInvite)
	endOf.Status, endOf.Errors = http.StatusNoContent, append(endOf.Errors, http.StatusConflict)
	return []api.Route{
		api.Handle(get, l.get), api.Handle(begin, l.begin), api.Handle(end, l.end),
		api.Handle(getOf, l.getOf), api.Handle(set, l.setOf), api.Handle(endOf, l.endOf),
	}
}

type linkOutput struct{ Body ExternalLink }

func (l Links) get(ctx context.Context, _ *struct{}) (*linkOutput, error) {
	return l.link(ctx, api.UserID(ctx))
}

func (l Links) link(ctx context.Context, userID string) (*linkOutput, error) {
	noStore(ctx)
	out := &linkOutput{}
	if l.External == nil {
		return out, nil
	}
	name := l.External.Flow.Name()
	out.Body.Provider = &name
	linked, ok, err := l.External.Linked.Linked(ctx, userID)
	if ok {
		out.Body.Name, out.Body.Active = &linked.Name, linked.State == oidc.Active
	}
	return out, err
}

// with gives the provider, or the refusal when there is none.
func (l Links) with() (*External, error) {
	if l.External == nil {
		return nil, problem.NotFound("This Oasis has no external identity provider.")
	}
	return l.External, nil
}

func (l Links) begin(ctx context.Context, in *struct {
	Body struct {
		Current string `json:"current,omitempty" maxLength:"5000" doc:"Your password"`
	}
}) (*struct {
	Cookie http.Cookie `header:"Set-Cookie"`
	Body   LinkAddress
}, error,
) {
	noStore(ctx)
	e, err := l.with()
	if err != nil {
		return nil, err
	}
	userID := api.UserID(ctx)
	if err := l.Owners.ConfirmLink(ctx, userID, in.Body.Current, api.Address(ctx)); err != nil {
		return nil, err
	}
	address, cookie, err := e.Flow.StartLink(ctx, e.PublicURL()+pathExternalCallback, e.PublicURL()+"/gui/account", userID)
	if err != nil {
		return nil, err
	}
	return &struct {
		Cookie http.Cookie `header:"Set-Cookie"`
		Body   LinkAddress
	}{*e.cookie(ctx, cookie), LinkAddress{address}}, nil
}

func (l Links) end(ctx context.Context, _ *struct{}) (*struct{}, error) {
	return nil, l.unlink(ctx, api.UserID(ctx))
}

func (l Links) unlink(ctx context.Context, userID string) error {
	e, err := l.with()
	if err != nil {
		return err
	}
	if err := l.Owners.MayUnlink(ctx, userID); err != nil {
		return err
	}
	return e.Linked.Unlink(ctx, userID)
}

type ofUser struct {
	UserID string `path:"user_id"`
}

func (l Links) getOf(ctx context.Context, in *ofUser) (*linkOutput, error) {
	return l.link(ctx, in.UserID)
}

func (l Links) setOf(ctx context.Context, in *struct {
	ofUser
	Body struct {
		Name string `json:"name" minLength:"1" maxLength:"500" doc:"User name at the provider, or the id (sub) that its tokens give"`
	}
},
) (*linkOutput, error) {
	e, err := l.with()
	if err != nil {
		return nil, err
	}
	if err := e.Linked.LinkByName(ctx, in.UserID, in.Body.Name); err != nil {
		return nil, err
	}
	return l.link(ctx, in.UserID)
}

func (l Links) endOf(ctx context.Context, in *ofUser) (*struct{}, error) {
	return nil, l.unlink(ctx, in.UserID)
}

// finishLink ends the linking of an account. Only the browser in which its owner is
// signed in may do so: somebody else's answer must not become a way into the account.
func (e External) finishLink(w http.ResponseWriter, r *http.Request, done *oidc.SignedIn) {
	ctx := r.Context()
	code := "done"
	var err error = problem.New(problem.Forbidden, "Another account is signed in by now.")
	if caller := api.Caller(ctx); api.UserID(ctx) == done.Link && caller.Kind == access.SessionCookie {
		err = e.Linked.Link(ctx, done.Link, done.Person)
	}
	if err != nil {
		p := problem.As(err)
		if p == nil {
			api.Fail(w, r, err)
			return
		}
		switch code = "failed"; p.Kind {
		case problem.Conflict:
			code = "taken"
		case problem.Forbidden:
			code = "other"
		}
	}
	http.Redirect(w, r, done.Return+"?"+url.Values{"link": {code}}.Encode(), http.StatusSeeOther)
}

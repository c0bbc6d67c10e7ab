package v1

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"oasis/internal/access"
	"oasis/internal/access/scope"
	"oasis/internal/access/token"
	"oasis/internal/api"
	"oasis/internal/problem"
)

// PAT is a personal access token without its secret (spec auth.md §6).
type PAT struct {
	ID           string   `json:"id"`
	Name         string   `json:"name"`
	Scopes       []string `json:"scopes"`
	Description  *string  `json:"description"`
	Revoked      bool     `json:"revoked"`
	CreatedAt    string   `json:"created_at" format:"date-time"`
	ExpiredAt    *string  `json:"expired_at" format:"date-time" doc:"When it ends; null = never"`
	LastUsedAt   *string  `json:"last_used_at" format:"date-time" doc:"When it was last used; null = never"`
	LastUsedFrom *string  `json:"last_used_from" doc:"Address of the last use"`
	// Restrictions are ours.
	Restrictions Restrictions `json:"restrictions" doc:"What narrows the token below its scopes; null = nothing"`
	State        string       `json:"state" enum:"active,expired,revoked"`
	Ended        *PATEnd      `json:"ended" doc:"How and when it came to its end; null while it lives"`
}

// TransformSchema says what may be null.
func (PAT) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	return api.OrNull(s, "ended")
}

// PATEnd tells how a token came to its end.
type PATEnd struct {
	How       string  `json:"how" enum:"expired,revoked,rotated,revoked_by_admin,leaked,all_ended"`
	At        *string `json:"at" format:"date-time"`
	By        *string `json:"by" doc:"Id of the user who ended it"`
	Successor *string `json:"successor" doc:"Id of the token that replaced it"`
}

func endOf(p *token.PAT, now time.Time) *PATEnd {
	switch p.State(now) {
	case token.Expired:
		return &PATEnd{How: "expired", At: stamp(p.ExpiredAt)}
	case token.Revoked:
		e := &PATEnd{How: string(p.Ended.How), At: stamp(p.RevokedAt), By: some(p.Ended.By), Successor: some(p.Ended.Successor)}
		if e.How == "" {
			e.How = string(token.EndedRevoked)
		}
		return e
	default:
		return nil
	}
}

// NewPAT is a token that was just made; the secret is shown only here.
type NewPAT struct {
	PAT      PAT    `json:"pat"`
	RawToken string `json:"raw_token" doc:"The secret. It is shown only once."`
}

// PATList is a page of tokens with the filters that chose it.
type PATList struct {
	Query      PATQuery                `json:"query"`
	Pagination api.PaginationWithNulls `json:"pagination"`
	Data       []PAT                   `json:"data"`
}

// PATQuery repeats the filters, null where none was given.
type PATQuery struct {
	Search         *string `json:"search"`
	Revoked        *bool   `json:"revoked"`
	State          *string `json:"state"`
	CreatedAfter   *string `json:"created_after"`
	CreatedBefore  *string `json:"created_before"`
	LastUsedAfter  *string `json:"last_used_after"`
	LastUsedBefore *string `json:"last_used_before"`
	ExpiresAfter   *string `json:"expires_after"`
	ExpiresBefore  *string `json:"expires_before"`
}

// CreatePAT describes a token to be made.
type CreatePAT struct {
	Metadata      CreatePATMetadata `json:"metadata"`
	ExpiresInDays Nullable[int]     `json:"expires_in_days,omitempty" doc:"Life in days, 30 by default; null = for ever, if that is allowed"`
	ExpiresAt     *Moment           `json:"expires_at,omitempty" doc:"Exact end, instead of expires_in_days"`
}

// CreatePATMetadata names a token and its scopes.
type CreatePATMetadata struct {
	Name         string       `json:"name" maxLength:"500" doc:"For you to know it again"`
	Description  *string      `json:"description,omitempty" nullable:"true" maxLength:"5000"`
	Scopes       []string     `json:"scopes" nullable:"false" doc:"Concrete scopes, see /scopes; no wildcards"`
	Restrictions Restrictions `json:"restrictions,omitempty"`
}

func (s Services) tokenRoutes() []api.Route {
	example := exampleToken()
	made := NewPAT{PAT: example, RawToken: "nomad_pat_…"}
	row := func(id, method, path, summary string, scopes ...scope.Scope) api.Row {
		return api.Row{
			Operation: access.Operation{ID: id, Scopes: scope.Of(scopes...)},
			Method:    method, Path: api.PathV1 + "/auth/pats" + path, Tag: "auth", Summary: summary,
		}
	}
	const detail = "A restriction that is not understood is refused, never ignored. Ended tokens stay listed for a while, with what ended them."
	list := row("listPATs", http.MethodGet, "", "Your personal access tokens", scope.TokensRead)
	list.Errors = []int{http.StatusBadRequest, http.StatusUnprocessableEntity}
	list.Output = PATList{Data: []PAT{example}, Pagination: api.PaginationWithNulls{PageSize: 10, Total: 1}}
	get := row("getPAT", http.MethodGet, "/{pat_id}", "One of your tokens", scope.TokensRead)
	get.Errors, get.Output = []int{http.StatusNotFound}, example
	create := row("createPAT", http.MethodPost, "", "Make a personal access token", scope.TokensCreate)
	create.Description = "The secret stands in raw_token, once. Scopes are the ceiling of what the token may do; it never may do more than you."
	create.Status, create.Errors = http.StatusCreated, []int{http.StatusBadRequest}
	create.Input = map[string]any{
		"metadata":        map[string]any{"name": "nightly upload", "scopes": []string{"uploads:read", "uploads:write"}},
		"expires_in_days": 90,
	}
	create.Output = made
	revoke := row("revokePAT", http.MethodDelete, "/{pat_id}", "Revoke a token for good", scope.TokensDelete)
	revoke.Status, revoke.Errors = http.StatusNoContent, []int{http.StatusNotFound}
	rotate := row("rotatePAT", http.MethodPost, "/{pat_id}/rotate", "Replace a token by a new one", scope.TokensCreate, scope.TokensDelete)
	rotate.Description = "The new token has the same name, scopes and duration. The old one ends in the same moment; if the new one cannot be made it still works."
	rotate.Errors, rotate.Output = []int{http.StatusBadRequest, http.StatusNotFound}, made
	list.Description = detail
	return append([]api.Route{
		api.Handle(list, s.listPATs), api.Handle(create, s.createPAT), api.Handle(get, s.getPAT),
		api.Handle(revoke, s.revokePAT), api.Handle(rotate, s.rotatePAT),
	}, append(append(s.tokenToolRoutes(row), s.tokenAdminRoutes()...), s.legacyTokenRoutes()...)...)
}

func exampleToken() PAT {
	ends := "2026-05-01T12:00:00.000000Z"
	return PAT{
		ID: "65b7c3f0a1b2c3d4e5f60718", Name: "nightly upload", Scopes: []string{"uploads:read", "uploads:write"},
		CreatedAt: "2026-01-31T12:00:00.000000Z", ExpiredAt: &ends,
	}
}

func patOf(p *token.PAT) PAT {
	now := time.Now()
	return PAT{
		ID: p.ID, Name: p.Name, Scopes: p.Scopes.Names(), Description: some(p.Description), Revoked: !p.RevokedAt.IsZero(),
		CreatedAt: p.CreatedAt.UTC().Format(stampLayout), ExpiredAt: stamp(p.ExpiredAt), LastUsedAt: stamp(p.LastUsedAt),
		LastUsedFrom: some(p.LastUsedFrom), State: string(p.State(now)), Ended: endOf(p, now), Restrictions: restrictionsOf(p.Restrictions),
	}
}

// PATListInput holds the filters and the page of a list of tokens (spec auth.md §6).
type PATListInput struct {
	api.PageInput
	Search         string             `query:"search" doc:"Part of the name, in any case"`
	Revoked        api.Optional[bool] `query:"revoked"`
	State          string             `query:"state" enum:"active,inactive" doc:"active: neither revoked nor expired"`
	CreatedAfter   Moment             `query:"created_after"`
	CreatedBefore  Moment             `query:"created_before"`
	LastUsedAfter  Moment             `query:"last_used_after"`
	LastUsedBefore Moment             `query:"last_used_before"`
	ExpiresAfter   Moment             `query:"expires_after"`
	ExpiresBefore  Moment             `query:"expires_before"`
	OrderBy        string             `query:"order_by" enum:"created_desc,created_asc,expires_asc,expires_desc,last_used_asc,last_used_desc,name_asc,name_desc" doc:"created_desc by default"`
}

func (s Services) listPATs(ctx context.Context, in *PATListInput) (*struct{ Body PATList }, error) {
	return s.patsOf(ctx, api.UserID(ctx), in)
}

func (s Services) patsOf(ctx context.Context, userID string, in *PATListInput) (*struct{ Body PATList }, error) {
	w, err := in.Window()
	if err != nil {
		return nil, err
	}
	f := token.Filter{
		Search: in.Search, Revoked: in.Revoked.Pointer(), OrderBy: in.OrderBy, Offset: w.Offset, Limit: w.Limit,
		CreatedAfter: in.CreatedAfter.pointer(), CreatedBefore: in.CreatedBefore.pointer(),
		UsedAfter: in.LastUsedAfter.pointer(), UsedBefore: in.LastUsedBefore.pointer(),
		ExpiresAfter: in.ExpiresAfter.pointer(), ExpiresBefore: in.ExpiresBefore.pointer(),
	}
	if in.State != "" {
		active := in.State == "active"
		f.Active = &active
	}
	if f.OrderBy == "" {
		f.OrderBy = "created_desc"
	}
	tokens, total, err := s.Tokens.List(ctx, userID, f)
	if err != nil {
		return nil, err
	}
	_, order, _ := cutLast(f.OrderBy, "_")
	p, err := w.Pagination(ctx, f.OrderBy, order, total)
	if err != nil {
		return nil, err
	}
	out := &struct{ Body PATList }{PATList{Query: in.echo(), Pagination: api.PaginationWithNulls(p), Data: []PAT{}}}
	for i := range tokens {
		out.Body.Data = append(out.Body.Data, patOf(&tokens[i]))
	}
	return out, nil
}

func (in *PATListInput) echo() PATQuery {
	return PATQuery{
		Search: some(in.Search), Revoked: in.Revoked.Pointer(), State: some(in.State),
		CreatedAfter: stamp(in.CreatedAfter.Time), CreatedBefore: stamp(in.CreatedBefore.Time),
		LastUsedAfter: stamp(in.LastUsedAfter.Time), LastUsedBefore: stamp(in.LastUsedBefore.Time),
		ExpiresAfter: stamp(in.ExpiresAfter.Time), ExpiresBefore: stamp(in.ExpiresBefore.Time),
	}
}

// cutLast splits at the last separator.
func cutLast(text, separator string) (before, after string, found bool) {
	i := strings.LastIndex(text, separator)
	if i < 0 {
		return text, "", false
	}
	return text[:i], text[i+len(separator):], true
}

func (s Services) createPAT(ctx context.Context, in *struct{ Body CreatePAT }) (*struct{ Body NewPAT }, error) {
	n, err := s.newPAT(ctx, &in.Body)
	if err != nil {
		return nil, err
	}
	user := api.Caller(ctx).User
	p, raw, err := s.Tokens.CreateAs(ctx, &user, n)
	if err != nil {
		return nil, err
	}
	return &struct{ Body NewPAT }{NewPAT{PAT: patOf(&p), RawToken: raw}}, nil
}

// newPAT reads the description of a token.
func (s Services) newPAT(ctx context.Context, body *CreatePAT) (token.New, error) {
	n := token.New{Name: body.Metadata.Name, Scopes: body.Metadata.Scopes}
	var err error
	if n.Restrictions, err = s.readRestrictions(ctx, body.Metadata.Restrictions); err != nil {
		return n, err
	}
	if body.Metadata.Description != nil {
		n.Description = *body.Metadata.Description
	}
	days := body.ExpiresInDays
	switch {
	case body.ExpiresAt != nil && !body.ExpiresAt.IsZero():
		if days.Value != nil {
			return n, problem.Invalid("value_error", "Give either expires_in_days or expires_at", "body", "expires_at")
		}
		n.ExpiresAt = body.ExpiresAt.pointer()
	case days.Value != nil:
		n.Lifetime = token.Days(*days.Value)
	case !days.Given:
		n.Lifetime = token.Days(token.DefaultDays)
	}
	return n, nil
}

type patInput struct {
	ID string `path:"pat_id"`
}

func (s Services) getPAT(ctx context.Context, in *patInput) (*struct{ Body PAT }, error) {
	p, err := s.Tokens.Get(ctx, api.UserID(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	return &struct{ Body PAT }{patOf(&p)}, nil
}

func (s Services) revokePAT(ctx context.Context, in *patInput) (*struct{}, error) {
	return nil, s.Tokens.Revoke(ctx, api.UserID(ctx), in.ID)
}

func (s Services) rotatePAT(ctx context.Context, in *patInput) (*struct{ Body NewPAT }, error) {
	user := api.Caller(ctx).User
	p, raw, err := s.Tokens.RotateAs(ctx, &user, in.ID)
	if err != nil {
		return nil, err
	}
	return &struct{ Body NewPAT }{NewPAT{PAT: patOf(&p), RawToken: raw}}, nil
}

package v1

import (
	"context"
	"net/http"
	"time"

	"oasis/internal/access"
	"oasis/internal/access/scope"
	"oasis/internal/access/token"
	"oasis/internal/api"
)

// LeakedPAT tells whose token was found, and what it touched.
type LeakedPAT struct {
	PAT   PAT      `json:"pat"`
	User  User     `json:"user" doc:"Whose token it is"`
	Ended bool     `json:"ended_now" doc:"false: it had ended before"`
	Usage PATUsage `json:"usage" doc:"What it was used for"`
}

// LegacySwitch tells whether the upload and simple tokens of somebody are taken.
type LegacySwitch struct {
	Allowed bool `json:"allowed" doc:"Whether upload tokens and simple tokens of this account are taken"`
}

// tokenAdminRoutes are for administrators, and for the switch that everybody has.
func (s Services) tokenAdminRoutes() []api.Route {
	row := func(id, method, path, summary string, sc scope.Scope, admin bool) api.Row {
		return api.Row{
			Operation: access.Operation{ID: id, Scopes: scope.Of(sc), Accepts: access.People(), AdminOnly: admin},
			Method:    method, Path: api.PathV1 + path, Tag: "auth", Summary: summary,
		}
	}
	list := row("listAccountPATs", http.MethodGet, "/accounts/{user_id}/pats", "The tokens of somebody", scope.TokensRead, true)
	list.Errors = []int{http.StatusBadRequest, http.StatusUnprocessableEntity}
	list.Output = PATList{Data: []PAT{exampleToken()}, Pagination: api.PaginationWithNulls{PageSize: 10, Total: 1}}
	revoke := row("revokeAccountPAT", http.MethodDelete, "/accounts/{user_id}/pats/{pat_id}", "Revoke a token of somebody", scope.TokensDelete, true)
	revoke.Status, revoke.Errors = http.StatusNoContent, []int{http.StatusNotFound}
	leaked := row("revokeLeakedPAT", http.MethodPost, "/auth/pats/leaked", "Revoke a token that has turned up somewhere", scope.TokensDelete, true)
	leaked.Description = "Takes the secret itself, finds the token, ends it at once, and tells whose it is and what it was used for."
	leaked.Errors, leaked.Input = []int{http.StatusNotFound}, map[string]any{"token": "nomad_pat_…"}
	leaked.Output = LeakedPAT{PAT: exampleToken(), Ended: true}
	get := row("getLegacyTokens", http.MethodGet, "/auth/legacy-tokens", "Whether your upload and simple tokens are taken", scope.TokensRead, false)
	get.Output = LegacySwitch{Allowed: true}
	set := row("setLegacyTokens", http.MethodPut, "/auth/legacy-tokens", "Switch your upload and simple tokens off or on", scope.TokensDelete, false)
	set.Description = "These tokens are made of your user id and are the same for ever: ending them means taking none until this is switched on again."
	set.Output = LegacySwitch{}
	others := row("setAccountLegacyTokens", http.MethodPut, "/accounts/{user_id}/legacy-tokens", "Switch the upload and simple tokens of somebody off or on", scope.TokensDelete, true)
	others.Output, others.Errors = LegacySwitch{}, []int{http.StatusNotFound}
	return []api.Route{
		api.Handle(list, s.listAccountPATs), api.Handle(revoke, s.revokeAccountPAT), api.Handle(leaked, s.revokeLeakedPAT),
		api.Handle(get, s.getLegacyTokens), api.Handle(set, s.setLegacyTokens), api.Handle(others, s.setAccountLegacyTokens),
	}
}

func (s Services) listAccountPATs(ctx context.Context, in *struct {
	PATListInput
	UserID string `path:"user_id"`
}) (*struct{ Body PATList }, error) {
	return s.patsOf(ctx, in.UserID, &in.PATListInput)
}

func (s Services) revokeAccountPAT(ctx context.Context, in *struct {
	UserID string `path:"user_id"`
	ID     string `path:"pat_id"`
}) (*struct{}, error) {
	return nil, s.Tokens.RevokeByAdmin(ctx, api.UserID(ctx), in.UserID, in.ID)
}

func (s Services) revokeLeakedPAT(ctx context.Context, in *struct {
	Body struct {
		Token string `json:"token" minLength:"1" maxLength:"1000" doc:"The secret as it was found"`
	}
}) (*struct{ Body LeakedPAT }, error) {
	now := time.Now()
	p, err := s.Tokens.Leaked(ctx, api.UserID(ctx), in.Body.Token)
	if err != nil {
		return nil, err
	}
	_, used, err := s.Tokens.Usage(ctx, p.UserID, p.ID)
	if err != nil {
		return nil, err
	}
	out := LeakedPAT{PAT: patOf(&p), Usage: usageOf(&p, used, now), Ended: p.Ended.How == token.EndedLeaked && !p.RevokedAt.Before(now.Add(-time.Minute))}
	if owner, err := s.People.User(ctx, p.UserID); err == nil {
		out.User = userOf(&owner)
	} else {
		out.User = User{UserID: p.UserID} // the account is gone; the token is told of all the same
	}
	return &struct{ Body LeakedPAT }{out}, nil
}

func (s Services) getLegacyTokens(ctx context.Context, _ *struct{}) (*struct{ Body LegacySwitch }, error) {
	off, err := s.Tokens.Store.LegacyTokensOff(ctx, api.UserID(ctx))
	return &struct{ Body LegacySwitch }{LegacySwitch{!off}}, err
}

func (s Services) setLegacyTokens(ctx context.Context, in *struct{ Body LegacySwitch }) (*struct{ Body LegacySwitch }, error) {
	return &struct{ Body LegacySwitch }{in.Body}, s.Tokens.SwitchLegacy(ctx, api.UserID(ctx), !in.Body.Allowed)
}

func (s Services) setAccountLegacyTokens(ctx context.Context, in *struct {
	UserID string `path:"user_id"`
	Body   LegacySwitch
}) (*struct{ Body LegacySwitch }, error) {
	if _, err := s.People.User(ctx, in.UserID); err != nil {
		return nil, err
	}
	return &struct{ Body LegacySwitch }{in.Body}, s.Tokens.SwitchLegacy(ctx, in.UserID, !in.Body.Allowed)
}

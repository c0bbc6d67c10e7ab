package v1

import (
	"context"
	"net/http"

	"oasis/internal/access"
	"oasis/internal/access/explain"
	"oasis/internal/access/identity"
	"oasis/internal/access/scope"
	"oasis/internal/access/whatif"
	"oasis/internal/api"
	"oasis/internal/problem"
)

// PolicyBook is the policy in force and how it is changed.
type PolicyBook interface {
	// InForce is the policy that decides now.
	InForce() *access.Policy
	// Sheet tells the settings it is made of and where each comes from.
	Sheet() PolicySheet
	// Draft makes the policy that would be in force with other options, by their
	// dotted keys. Conflict names the place of an option that is set elsewhere,
	// Unprocessable what is wrong with a value.
	Draft(options map[string]any) (PolicyDraft, error)
	// Save puts them in force for the next request, with the refusals of Draft and
	// those of mayBe, which sees the draft that is saved.
	Save(ctx context.Context, options map[string]any, mayBe func(PolicyDraft) error) error
}

// PolicyDraft is a policy that is not in force.
type PolicyDraft struct {
	Policy *access.Policy
	// LocalSignIn tells whether accounts of this Oasis can sign in.
	LocalSignIn bool
}

// PolicySheet is the policy as it was written.
type PolicySheet struct {
	Settings PolicySettings
	Origins  map[string]PolicyOrigin
	Reload   PolicyReload
}

// PolicyPeopleSource is what the preview needs of the directory and of the data.
type PolicyPeopleSource interface {
	// Accounts gives every account, with its groups.
	Accounts(ctx context.Context) ([]identity.User, error)
	// OpenUploads counts the uploads that visitors may read as far as the object rules go.
	OpenUploads(ctx context.Context) (int, error)
}

func (s Services) policyRoutes() []api.Route {
	row := func(id, method, path, summary string, sc scope.Scope) api.Row {
		return api.Row{
			Operation: access.Operation{ID: id, Scopes: scope.Of(sc), AdminOnly: true, Accepts: access.People()},
			Method:    method, Path: api.PathV1 + "/policy" + path, Tag: "admin", Summary: summary,
		}
	}
	get := row("getPolicy", http.MethodGet, "", "Who may come in and do what", scope.UsersRead)
	get.Description = "The settings in force, where each comes from, starting points, and how the last reading of the configuration files went."
	get.Output = examplePolicy()
	put := row("changePolicy", http.MethodPut, "", "Change who may come in and do what", scope.UsersInvite)
	put.Description = "What is left out stays as it is. The change holds for the next request. Settings that a file or the environment sets are a 409 " +
		"that names the place, and so is a change that would lock you out."
	put.Errors = []int{http.StatusConflict}
	put.Input, put.Output = map[string]any{"require_authentication": true, "authorized_users": []string{"jane", "*@lab.example.org"}}, examplePolicy()
	preview := row("previewPolicy", http.MethodPost, "/preview", "What a change would mean", scope.UsersRead)
	preview.Description = "Takes what `PUT /policy` takes and changes nothing. Every answer is one of the function that decides about requests."
	preview.Errors = []int{http.StatusConflict}
	preview.Input, preview.Output = put.Input, PolicyPreview{
		Matrix: []PolicyRow{{Who: "visitor", Cells: []PolicyCell{{Deed: "read_published", Now: true, Changed: true, MissingScopes: []string{}}}}},
		People: PolicyPeople{Accounts: 41, Inside: 38},
	}
	why := row("explainAccess", http.MethodPost, "/explain", "Why somebody may or may not do something", scope.UsersRead)
	why.Errors = []int{http.StatusNotFound}
	why.Input = map[string]any{"user": "jane", "operation": "createUpload"}
	status, detail := http.StatusForbidden, "You are not authorized to access this Oasis"
	why.Output = ExplainAnswer{Status: &status, Detail: &detail, Decision: api.Explanation{
		Steps: []explain.ExplainedStep{{Step: "allow_list", Outcome: "stopped", Text: "The account is not on the list of people who may use this Oasis."}},
		Help:  "Would be let in by adding jane to auth.authorized_users.",
	}}
	list := row("listOperations", http.MethodGet, "/operations", "What can be asked about", scope.UsersRead)
	list.Output = ExplainOperations{[]ExplainOperation{{Operation: "createUpload", Summary: "Make an upload", Scopes: []string{"uploads:write"}}}}
	return []api.Route{
		api.Handle(get, s.getPolicy), api.Handle(put, s.changePolicy), api.Handle(preview, s.previewPolicy),
		api.Handle(why, s.explainAccess), api.Handle(list, s.listOperations),
	}
}

type policyOutput struct{ Body Policy }

func (s Services) getPolicy(context.Context, *struct{}) (*policyOutput, error) {
	sheet := s.Policy.Sheet()
	out := &policyOutput{Policy{
		Settings: sheet.Settings, Origins: sheet.Origins, Reload: sheet.Reload, Presets: presets(s.Policy.InForce()), Scopes: scopeCatalogue(),
	}}
	p := s.Policy.InForce()
	out.Body.Settings.UnauthenticatedScopes.Granted = p.UnauthenticatedScopes.Names()
	out.Body.Settings.UnauthorizedScopes.Granted = p.UnauthorizedScopes.Names()
	return out, nil
}

func (s Services) changePolicy(ctx context.Context, in *struct{ Body PolicyChanges }) (*policyOutput, error) {
	options := in.Body.options()
	if len(options) > 0 {
		err := s.Policy.Save(ctx, options, func(draft PolicyDraft) error {
			me := api.Caller(ctx).User
			switch {
			case !s.locksOut(ctx, draft):
				return nil
			case draft.Policy.SecondFactor.Lacks(&me):
				return problem.Clash("You would lock yourself out: set up a second factor of your own first. Nothing was changed.")
			}
			return problem.Clash("You would lock yourself out. Nothing was changed.")
		})
		if err != nil {
			return nil, err
		}
	}
	return s.getPolicy(ctx, nil)
}

// locksOut tells whether the caller could not undo the draft by the way it was made.
func (s Services) locksOut(ctx context.Context, draft PolicyDraft) bool {
	caller := api.Caller(ctx)
	op := s.operation("changePolicy")
	if op == nil || caller.User.Origin == "" && !draft.LocalSignIn {
		return true
	}
	return whatif.LocksOut(draft.Policy, op, &caller)
}

// operation finds a row of the table by its id.
func (s Services) operation(id string) *access.Operation {
	rows := s.Operations()
	for i := range rows {
		if rows[i].ID == id {
			return &rows[i].Operation
		}
	}
	return nil
}

// options gives the changes by their dotted keys.
func (c *PolicyChanges) options() map[string]any {
	out := map[string]any{}
	put(out, "auth.require_authentication", c.RequireAuthentication)
	put(out, "auth.reject_unauthorized_users", c.RejectUnauthorizedUsers)
	put(out, "auth.invalid_credentials", c.InvalidCredentials)
	put(out, "auth.second_factor", c.SecondFactor)
	put(out, "auth.local_accounts", c.LocalAccounts)
	put(out, "auth.password_grant", c.PasswordGrant)
	put(out, "auth.allow_upload_token_in_query", c.AllowUploadTokenInQuery)
	put(out, "auth.allow_password_in_query", c.AllowPasswordInQuery)
	put(out, "auth.allow_upload_tokens", c.AllowUploadTokens)
	put(out, "auth.allow_simple_tokens", c.AllowSimpleTokens)
	put(out, "auth.allow_authorization_cookie", c.AllowAuthorizationCookie)
	put(out, "auth.pat_forbidden_scopes", c.PATForbiddenScopes)
	put(out, "meta.maintainer_email", c.MaintainerEmail)
	for key, list := range map[string]*AllowList{"auth.authorized_users": &c.AuthorizedUsers, "auth.pat_creators": &c.PATCreators} {
		switch {
		case list.Given && list.Everybody:
			out[key] = nil
		case list.Given:
			out[key] = list.Entries
		}
	}
	for key, d := range map[string]*Days{
		"auth.pat_max_lifetime": &c.PATMaxLifetime, "auth.pat_max_lifetime_append_only": &c.PATMaxLifetimeAppendOnly,
	} {
		switch {
		case d.Given && d.Value == nil:
			out[key] = nil
		case d.Given:
			out[key] = *d.Value
		}
	}
	for key, rule := range map[string]*ScopeRuleChanges{
		"auth.unauthenticated_user_scopes": c.UnauthenticatedScopes, "auth.unauthorized_user_scopes": c.UnauthorizedScopes,
	} {
		if rule != nil {
			put(out, key+".include", rule.Include)
			put(out, key+".exclude", rule.Exclude)
		}
	}
	return out
}

func put[T any](out map[string]any, key string, value *T) {
	if value != nil {
		out[key] = *value
	}
}

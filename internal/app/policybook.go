package app

import (
	"context"
	"errors"
	"strings"

	"oasis/internal/access"
	"oasis/internal/access/group"
	"oasis/internal/access/identity"
	"oasis/internal/access/token"
	"oasis/internal/access/whatif"
	"oasis/internal/api"
	v1 "oasis/internal/api/v1"
	"oasis/internal/config"
	"oasis/internal/data/upload"
	"oasis/internal/problem"
)

// policyBook shows and changes the policy for the administrator's page.
type policyBook struct{ *core }

// InForce gives the policy that decides now.
func (b policyBook) InForce() *access.Policy { return b.settings.policy() }

// Draft makes the policy that other options would give.
func (b policyBook) Draft(options map[string]any) (v1.PolicyDraft, error) {
	b.settings.mu.Lock()
	defer b.settings.mu.Unlock()
	next, _, err := b.settings.draft(options)
	if err != nil {
		return v1.PolicyDraft{}, namedValues(err)
	}
	return draftOf(next), nil
}

// Save puts options in force.
func (b policyBook) Save(ctx context.Context, options map[string]any, mayBe func(v1.PolicyDraft) error) error {
	choose := func(*settingsState) (map[string]any, error) { return options, nil }
	return namedValues(b.settings.saveIf(ctx, choose, func(next *settingsState) error { return mayBe(draftOf(next)) }))
}

func draftOf(s *settingsState) v1.PolicyDraft {
	return v1.PolicyDraft{Policy: s.policy, LocalSignIn: s.config.LocalSignIn()}
}

// namedValues makes settings that are not possible a 422 that names the keys.
func namedValues(err error) error {
	var wrong config.Problems
	if !problem.Is(err, problem.BadRequest) || !errors.As(err, &wrong) {
		return err
	}
	fields := make([]problem.Field, 0, len(wrong))
	for _, p := range wrong {
		f := problem.Field{Loc: []any{"body"}, Type: "value_error", Msg: p.Message}
		if p.Accepted != "" {
			f.Msg += ". Accepted: " + p.Accepted
		}
		_, key, _ := strings.Cut(p.Key, ".")
		for part := range strings.SplitSeq(key, ".") {
			if part != "" {
				f.Loc = append(f.Loc, part)
			}
		}
		fields = append(fields, f)
	}
	return problem.InvalidAll(fields).Because(err)
}

// Sheet tells the settings of the policy and where each comes from.
func (b policyBook) Sheet() v1.PolicySheet {
	state := b.settings.state.Load()
	auth := &state.config.Auth
	sheet := v1.PolicySheet{
		Settings: v1.PolicySettings{
			RequireAuthentication: auth.RequireAuthentication, RejectUnauthorizedUsers: auth.RejectUnauthorizedUsers,
			AuthorizedUsers:       listOf(auth.AuthorizedUsers),
			UnauthenticatedScopes: ruleOf(auth.UnauthenticatedUserScopes), UnauthorizedScopes: ruleOf(auth.UnauthorizedUserScopes),
			InvalidCredentials: auth.InvalidCredentials, SecondFactor: auth.SecondFactor, LocalAccounts: auth.LocalAccounts,
			PasswordGrant: auth.PasswordGrant, AllowUploadTokenInQuery: auth.AllowUploadTokenInQuery,
			AllowUploadTokens: auth.AllowUploadTokens, AllowSimpleTokens: auth.AllowSimpleTokens,
			AllowAuthorizationCookie: auth.AllowAuthorizationCookie,
			PATCreators:              listOf(auth.PATCreators), PATForbiddenScopes: append([]string{}, auth.PATForbiddenScopes...),
			PATMaxLifetime: v1.Days{Value: auth.PATMaxLifetime}, PATMaxLifetimeAppendOnly: v1.Days{Value: auth.PATMaxLifetimeAppendOnly},
			AllowPasswordInQuery: auth.AllowPasswordInQuery, MaintainerEmail: state.config.Meta.MaintainerEmail,
		},
		Origins: map[string]v1.PolicyOrigin{},
		Reload:  reloadOf(state),
	}
	for _, key := range []string{
		"auth.require_authentication", "auth.authorized_users", "auth.reject_unauthorized_users", "auth.unauthenticated_user_scopes.include",
		"auth.unauthenticated_user_scopes.exclude", "auth.unauthorized_user_scopes.include", "auth.unauthorized_user_scopes.exclude",
		"auth.invalid_credentials", "auth.second_factor", "auth.local_accounts", "auth.password_grant", "auth.allow_upload_token_in_query",
		"auth.allow_password_in_query", "auth.allow_upload_tokens", "auth.allow_simple_tokens", "auth.allow_authorization_cookie",
		"auth.pat_creators", "auth.pat_forbidden_scopes", "auth.pat_max_lifetime", "auth.pat_max_lifetime_append_only",
		"meta.maintainer_email",
	} {
		_, name, _ := strings.Cut(key, ".")
		sheet.Origins[name] = originOf(state.config, key)
	}
	return sheet
}

// listOf is a list of people as the page shows it.
func listOf(list *[]string) v1.AllowList {
	if list == nil {
		return v1.AllowList{Everybody: true}
	}
	return v1.AllowList{Entries: *list}
}

func ruleOf(r config.ScopeRule) v1.ScopeRule {
	rule := v1.ScopeRule{Include: []string{}, Exclude: []string{}}
	if r.Include != nil {
		rule.Include = append(rule.Include, *r.Include...)
	}
	rule.Exclude = append(rule.Exclude, r.Exclude...)
	return rule
}

func originOf(cfg *config.Config, key string) v1.PolicyOrigin {
	o := cfg.Origin(key)
	from := v1.PolicyOrigin{From: map[config.Layer]string{
		config.FromDefault: "default", config.FromSettings: "page", config.FromFile: "file", config.FromEnv: "environment",
	}[o.Layer], Locked: cfg.Locked(key)}
	if from.Locked {
		from.Place = &o.Name
		if o.Line > 0 {
			from.Line = &o.Line
		}
	}
	return from
}

func reloadOf(s *settingsState) v1.PolicyReload {
	r := v1.PolicyReload{
		OK: s.reload.trouble == nil, At: v1.Stamp(s.reload.at), InForceSince: v1.Stamp(s.since), Restart: append([]string{}, s.reload.restart...),
	}
	if s.reload.trouble != nil {
		text := s.reload.trouble.Error()
		r.Error = &text
	}
	return r
}

// Accounts gives every account, with its groups.
func (b policyBook) Accounts(ctx context.Context) ([]identity.User, error) {
	users, err := b.people.List(ctx)
	if err != nil {
		return nil, err
	}
	groups, err := b.groups.Everyone(ctx)
	if err != nil {
		return nil, err
	}
	for i := range users {
		if refs := groups[users[i].ID]; len(refs) > 0 {
			users[i].Groups, users[i].GroupIDs = group.Names(refs)
		}
	}
	return users, nil
}

// OpenUploads counts the uploads that visitors may read as far as the object rules go.
func (b policyBook) OpenUploads(ctx context.Context) (int, error) {
	visible, refused := upload.Visible(upload.Viewer{}, upload.OwnerVisible)
	if refused != nil {
		return 0, refused
	}
	_, n, err := b.db.Uploads().ListUploads(ctx, upload.ListQuery{Visible: visible, Roles: nil, IncludeAll: true, Limit: 1})
	return n, err
}

// explainer answers why somebody may or may not do something.
func (c *core) explainer(routes func() []api.Route) *whatif.Explainer {
	return &whatif.Explainer{
		Policy: c.settings.policy, SetUp: c.people.SetUp, Person: c.person, PAT: c.patCaller, Object: c.askObject,
		Operation: func(id string) (access.Operation, bool) {
			all := routes()
			for i := range all {
				if all[i].ID == id {
					return all[i].Operation, true
				}
			}
			return access.Operation{}, false
		},
	}
}

// person finds somebody by user name, e-mail address or id.
func (c *core) person(ctx context.Context, name string) (identity.User, error) {
	u, err := c.people.ByLogin(ctx, name)
	if problem.Is(err, problem.Missing) {
		return c.people.User(ctx, name)
	}
	if err != nil {
		return u, err
	}
	return c.people.User(ctx, u.ID) // with the groups
}

// patCaller gives the caller that a personal access token of a user makes.
func (c *core) patCaller(ctx context.Context, user identity.User, id string) (access.Caller, error) {
	pat, err := c.tokens.Get(ctx, user.ID, id)
	if problem.Is(err, problem.Missing) {
		return access.Caller{}, problem.NotFound("%s has no token with the id %q.", user.Username, id)
	}
	if err != nil {
		return access.Caller{}, err
	}
	caller := access.Caller{
		Kind: access.PersonalToken, State: access.Valid, CredentialID: pat.ID, User: user, Restrictions: pat.Restrictions,
		Granted: pat.Scopes & access.GrantedTo(access.PersonalToken), Expires: pat.ExpiredAt,
	}
	if pat.State(c.tokens.Now()) != token.Active {
		caller.State, caller.Reason = access.Invalid, access.InvalidToken
	}
	return caller, nil
}

// askObject asks the rules of an upload, as the operation itself does.
func (c *core) askObject(ctx context.Context, operation string, caller *access.Caller, uploadID string) (asked bool, err error) {
	rule, asks := v1.ObjectRule(operation)
	if !asks {
		return false, nil
	}
	u, err := c.db.Uploads().Upload(ctx, uploadID)
	if err != nil {
		return true, err
	}
	if refused := upload.May(&u, api.ViewerOf(caller), rule); refused != nil {
		return true, refused
	}
	return true, nil
}

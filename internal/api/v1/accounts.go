package v1

import (
	"context"
	"net/http"

	"oasis/internal/access"
	"oasis/internal/access/identity"
	"oasis/internal/access/scope"
	"oasis/internal/api"
)

// AccountList is a page of accounts.
type AccountList struct {
	Pagination api.Pagination `json:"pagination"`
	Data       []Account      `json:"data" nullable:"false"`
}

// NewAccount describes somebody to invite.
type NewAccount struct {
	Email              string `json:"email" maxLength:"500"`
	Username           string `json:"username,omitempty" maxLength:"500" doc:"Made from the name when left out"`
	FirstName          string `json:"first_name,omitempty" maxLength:"200"`
	LastName           string `json:"last_name,omitempty" maxLength:"200"`
	Affiliation        string `json:"affiliation,omitempty" maxLength:"500"`
	AffiliationAddress string `json:"affiliation_address,omitempty" maxLength:"1000"`
	Admin              bool   `json:"admin,omitempty"`
	LabManager         bool   `json:"lab_manager,omitempty"`
}

// Linked is an account with the link that sets its password.
type Linked struct {
	User    Account `json:"user"`
	Link    *string `json:"link" doc:"Works once; give it to the person. null = it was mailed"`
	Mailed  bool    `json:"mailed"`
	Expires string  `json:"expires" format:"date-time"`
}

func linkedOf(u *identity.User, l identity.Link) Linked {
	return Linked{User: accountOf(u), Link: some(l.URL), Mailed: l.Mailed, Expires: l.Expires.UTC().Format(stampLayout)}
}

// ChangeAnyAccount is what administrators may change of an account.
type ChangeAnyAccount struct {
	Username           *string `json:"username,omitempty" maxLength:"500"`
	Email              *string `json:"email,omitempty" maxLength:"500"`
	FirstName          *string `json:"first_name,omitempty" maxLength:"200"`
	LastName           *string `json:"last_name,omitempty" maxLength:"200"`
	Affiliation        *string `json:"affiliation,omitempty" maxLength:"500"`
	AffiliationAddress *string `json:"affiliation_address,omitempty" maxLength:"1000"`
	Disabled           *bool   `json:"disabled,omitempty" doc:"Ends all sessions and refuses all credentials at once"`
	Admin              *bool   `json:"admin,omitempty"`
	LabManager         *bool   `json:"lab_manager,omitempty"`
}

// ResetAccount says what besides the password is reset.
type ResetAccount struct {
	SecondFactor bool `json:"second_factor,omitempty" doc:"Remove all second factors: for somebody who has lost them"`
}

func (s Services) accountsRoutes() []api.Route {
	row := func(id, method, path, summary string, sc scope.Scope) api.Row {
		return api.Row{
			Operation: access.Operation{ID: id, Scopes: scope.Of(sc), AdminOnly: true, Accepts: access.People()},
			Method:    method, Path: api.PathV1 + "/accounts" + path, Tag: "admin", Summary: summary,
		}
	}
	const one = "/{user_id}"
	link := "https://oasis.example.org/nomad-oasis/gui/link#…"
	linked := Linked{User: exampleAccount(), Link: &link, Expires: "2026-02-07T12:00:00.000000Z"}
	list := row("listAccounts", http.MethodGet, "", "All accounts", scope.UsersRead)
	list.Output = AccountList{Data: []Account{exampleAccount()}, Pagination: api.Pagination{PageSize: 10, Total: 1}}
	get := row("getAnyAccount", http.MethodGet, one, "One account", scope.UsersRead)
	get.Errors, get.Output = []int{http.StatusNotFound}, exampleAccount()
	invite := row("inviteAccount", http.MethodPost, "", "Invite somebody", scope.UsersInvite)
	invite.Status, invite.Errors, invite.Output = http.StatusCreated, []int{http.StatusConflict}, linked
	invite.Input = NewAccount{Email: "jane@example.org", FirstName: "Jane", LastName: "Doe"}
	change := row("changeAnyAccount", http.MethodPatch, one, "Change an account, its roles, or switch it off", scope.UsersInvite)
	change.Errors, change.Output = []int{http.StatusNotFound, http.StatusConflict}, exampleAccount()
	change.Input = map[string]any{"lab_manager": true}
	reset := row("resetAccount", http.MethodPost, one+"/reset", "A link that sets a new password", scope.UsersInvite)
	reset.Errors, reset.Output = []int{http.StatusNotFound, http.StatusConflict}, linked
	reset.Input = ResetAccount{}
	end := row("endAccountSessions", http.MethodPost, one+"/end-all", "Sign somebody out everywhere", scope.UsersInvite)
	end.Errors, end.Input, end.Output = []int{http.StatusNotFound}, EndAllOf{Tokens: true}, Ended{TokensRevoked: 3}
	remove := row("removeAccount", http.MethodDelete, one, "Remove an account with its tokens; its uploads stay", scope.UsersInvite)
	remove.Status, remove.Errors = http.StatusNoContent, []int{http.StatusNotFound, http.StatusConflict}
	return []api.Route{
		api.Handle(list, s.listAccounts), api.Handle(get, s.getAnyAccount), api.Handle(invite, s.inviteAccount),
		api.Handle(change, s.changeAnyAccount), api.Handle(reset, s.resetAccount), api.Handle(end, s.endAccountSessions),
		api.Handle(remove, s.removeAccount),
	}
}

func (s Services) listAccounts(ctx context.Context, in *struct {
	api.PageInput
	Search string `query:"search" maxLength:"200" doc:"Part of user name, name or e-mail address"`
	State  string `query:"state" enum:"active,disabled,invited,admin"`
},
) (*struct{ Body AccountList }, error) {
	w, err := in.Window()
	if err != nil {
		return nil, err
	}
	users, total, err := s.Accounts.ListAccounts(ctx, identity.AccountFilter{
		Search: in.Search, State: identity.State(in.State), Offset: w.Offset, Limit: w.Limit,
	})
	if err != nil {
		return nil, err
	}
	p, err := w.Pagination(ctx, "", "", total)
	if err != nil {
		return nil, err
	}
	out := &struct{ Body AccountList }{AccountList{Pagination: p, Data: []Account{}}}
	for i := range users {
		out.Body.Data = append(out.Body.Data, accountOf(&users[i]))
	}
	return out, nil
}

type accountInput struct {
	UserID string `path:"user_id"`
}

func (s Services) getAnyAccount(ctx context.Context, in *accountInput) (*struct{ Body Account }, error) {
	u, err := s.Accounts.User(ctx, in.UserID)
	if err != nil {
		return nil, err
	}
	return &struct{ Body Account }{accountOf(&u)}, nil
}

func (s Services) inviteAccount(ctx context.Context, in *struct{ Body NewAccount }) (*struct{ Body Linked }, error) {
	secretAnswer(ctx)
	b := &in.Body
	u, link, err := s.Accounts.Invite(ctx, identity.NewUser{
		Username: b.Username, Email: b.Email, FirstName: b.FirstName, LastName: b.LastName,
		Affiliation: b.Affiliation, AffiliationAddress: b.AffiliationAddress, Admin: b.Admin, LabManager: b.LabManager,
	})
	if err != nil {
		return nil, err
	}
	return &struct{ Body Linked }{linkedOf(&u, link)}, nil
}

func (s Services) changeAnyAccount(ctx context.Context, in *struct {
	UserID string `path:"user_id"`
	Body   ChangeAnyAccount
},
) (*struct{ Body Account }, error) {
	b := &in.Body
	u, err := s.Accounts.Update(ctx, in.UserID, identity.Change{
		Username: b.Username, Email: b.Email, FirstName: b.FirstName, LastName: b.LastName,
		Affiliation: b.Affiliation, AffiliationAddress: b.AffiliationAddress,
		Disabled: b.Disabled, Admin: b.Admin, LabManager: b.LabManager,
	})
	if err != nil {
		return nil, err
	}
	return &struct{ Body Account }{accountOf(&u)}, nil
}

func (s Services) resetAccount(ctx context.Context, in *struct {
	UserID string `path:"user_id"`
	Body   ResetAccount
},
) (*struct{ Body Linked }, error) {
	secretAnswer(ctx)
	u, link, err := s.Accounts.Reset(ctx, in.UserID)
	if err != nil {
		return nil, err
	}
	if in.Body.SecondFactor {
		if err := s.Accounts.RemoveFactors(ctx, in.UserID); err != nil {
			return nil, err
		}
		u.SecondFactor = false
	}
	return &struct{ Body Linked }{linkedOf(&u, link)}, nil
}

// EndAllOf says what of somebody to end.
type EndAllOf struct {
	Tokens bool `json:"tokens,omitempty" doc:"Revoke all personal access tokens too"`
}

func (s Services) endAccountSessions(ctx context.Context, in *struct {
	UserID string `path:"user_id"`
	Body   EndAllOf
},
) (*struct{ Body Ended }, error) {
	if _, err := s.Accounts.User(ctx, in.UserID); err != nil {
		return nil, err
	}
	n, err := s.Accounts.EndAll(ctx, in.UserID, "", in.Body.Tokens)
	return &struct{ Body Ended }{Ended{n}}, err
}

func (s Services) removeAccount(ctx context.Context, in *accountInput) (*struct{}, error) {
	return nil, s.Accounts.Remove(ctx, in.UserID)
}

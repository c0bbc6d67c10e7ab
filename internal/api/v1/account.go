package v1

import (
	"context"
	"encoding/json"
	"net/http"

	"oasis/internal/access"
	"oasis/internal/access/identity"
	"oasis/internal/access/identity/secondfactor"
	"oasis/internal/access/scope"
	"oasis/internal/api"
	"oasis/internal/problem"
)

// Accounts is what people may do with their own account, and administrators with others'.
type Accounts interface {
	User(ctx context.Context, id string) (identity.User, error)
	Factors(ctx context.Context, userID string) (identity.Factors, error)
	Update(ctx context.Context, id string, c identity.Change) (identity.User, error)
	ChangeEmail(ctx context.Context, userID, email, password, address string) (mailed bool, err error)
	ChangePassword(ctx context.Context, id, current, password, keep, address string) error

	NewApp(ctx context.Context, userID string) (secondfactor.App, error)
	ConfirmApp(ctx context.Context, userID, code, address string) ([]string, error)
	RemoveApp(ctx context.Context, userID string) error
	RenewRecoveryCodes(ctx context.Context, userID string) ([]string, error)
	NewPasskey(ctx context.Context, userID string) (json.RawMessage, error)
	AddPasskey(ctx context.Context, userID, name string, answer json.RawMessage) (identity.Passkey, []string, error)
	RemovePasskey(ctx context.Context, userID, id string) error
	RemoveFactors(ctx context.Context, userID string) error

	Sessions(ctx context.Context, userID string) ([]identity.Session, error)
	EndSessionByID(ctx context.Context, userID, id string) error
	EndAll(ctx context.Context, userID, keep string, tokens bool) (revoked int, err error)

	ListAccounts(ctx context.Context, filter identity.AccountFilter) ([]identity.User, int, error)
	Invite(ctx context.Context, n identity.NewUser) (identity.User, identity.Link, error)
	Reset(ctx context.Context, userID string) (identity.User, identity.Link, error)
	Remove(ctx context.Context, id string) error
}

// Account is an account with everything its owner and administrators may know.
type Account struct {
	UserID             string  `json:"user_id"`
	Username           string  `json:"username"`
	Name               string  `json:"name" doc:"First and last name"`
	FirstName          string  `json:"first_name"`
	LastName           string  `json:"last_name"`
	Email              string  `json:"email"`
	Affiliation        string  `json:"affiliation"`
	AffiliationAddress string  `json:"affiliation_address"`
	Created            string  `json:"created" format:"date-time"`
	LastSignIn         *string `json:"last_sign_in" format:"date-time"`
	LastSeen           *string `json:"last_seen" format:"date-time"`
	Admin              bool    `json:"admin"`
	LabManager         bool    `json:"lab_manager" doc:"Manages instruments"`
	Disabled           bool    `json:"disabled"`
	State              string  `json:"state" enum:"active,invited,disabled" doc:"invited: has not chosen a password yet"`
	Origin             string  `json:"origin" enum:"local,external" doc:"external: the person signs in at another identity provider"`
	Issuer             *string `json:"issuer" doc:"That provider"`
	HasPassword        bool    `json:"has_password"`
	SecondFactor       bool    `json:"second_factor"`
}

func accountOf(u *identity.User) Account {
	a := Account{
		UserID: u.ID, Username: u.Username, Name: u.Name(), FirstName: u.FirstName, LastName: u.LastName, Email: u.Email,
		Affiliation: u.Affiliation, AffiliationAddress: u.AffiliationAddress, Created: u.Created.UTC().Format(stampLayout),
		LastSignIn: stamp(u.LastSignIn), LastSeen: stamp(u.LastSeen), Admin: u.Admin, LabManager: u.LabManager,
		Disabled: u.Disabled, State: string(u.State()), Origin: "local", HasPassword: u.HasPassword, SecondFactor: u.SecondFactor,
	}
	if u.Origin != "" {
		a.Origin, a.Issuer = "external", &u.Origin
	}
	return a
}

// OwnAccount is an account with its second factors.
type OwnAccount struct {
	Account Account `json:"account"`
	Factors Factors `json:"factors"`
	// EmailPending is a new address that waits for its link to be followed.
	EmailPending *string `json:"email_pending" doc:"The new address, to which a link was mailed that confirms it"`
}

// Factors are the second factors of an account.
type Factors struct {
	Required         bool      `json:"required" doc:"This account must have one"`
	MustSetUp        bool      `json:"must_set_up" doc:"It must have one and has none: nothing else works before"`
	AppSince         *string   `json:"app_since" format:"date-time" doc:"When the authenticator app was set up; null = none"`
	Passkeys         []Passkey `json:"passkeys" nullable:"false"`
	PasskeysPossible bool      `json:"passkeys_possible" doc:"Whether the address of this server allows passkeys"`
	RecoveryCodes    int       `json:"recovery_codes" doc:"How many recovery codes are left"`
}

// Passkey is a WebAuthn credential.
type Passkey struct {
	ID       string  `json:"id"`
	Name     string  `json:"name"`
	Created  string  `json:"created" format:"date-time"`
	LastUsed *string `json:"last_used" format:"date-time"`
}

func passkeyOf(p *identity.Passkey) Passkey {
	return Passkey{ID: p.ID, Name: p.Name, Created: p.Created.UTC().Format(stampLayout), LastUsed: stamp(p.LastUsed)}
}

func factorsOf(f *identity.Factors) Factors {
	out := Factors{
		Required: f.Required, MustSetUp: f.Required && !f.App && len(f.Passkeys) == 0, Passkeys: []Passkey{},
		PasskeysPossible: f.PasskeysPossible, RecoveryCodes: f.RecoveryCodes,
	}
	if f.App {
		out.AppSince = stamp(f.AppSince)
	}
	for i := range f.Passkeys {
		out.Passkeys = append(out.Passkeys, passkeyOf(&f.Passkeys[i]))
	}
	return out
}

// ChangeAccount is what people may change of their own account.
type ChangeAccount struct {
	FirstName          *string `json:"first_name,omitempty" maxLength:"200"`
	LastName           *string `json:"last_name,omitempty" maxLength:"200"`
	Affiliation        *string `json:"affiliation,omitempty" maxLength:"500"`
	AffiliationAddress *string `json:"affiliation_address,omitempty" maxLength:"1000"`
	Email              *string `json:"email,omitempty" maxLength:"500" doc:"Counts when the link was followed that is mailed to it; needs current"`
	Current            string  `json:"current,omitempty" maxLength:"5000" doc:"The password, for a new e-mail address"`
}

// exampleAccount stands on the API page.
func exampleAccount() Account {
	seen := "2026-01-31T12:00:00.000000Z"
	return Account{
		UserID: "8b1f0b5e-3f0a-4c39-9d4c-0c1b1e1c2a3d", Username: "jane", Name: "Jane Doe", FirstName: "Jane", LastName: "Doe",
		Email: "jane@example.org", Created: seen, LastSignIn: &seen, LastSeen: &seen, State: "active", Origin: "local", HasPassword: true,
	}
}

// accountRow is a row about somebody's own account. Such operations also work for
// people who must set up a second factor first.
func accountRow(id, method, path, summary string, scopes ...scope.Scope) api.Row {
	return api.Row{
		Operation: access.Operation{ID: id, Scopes: scope.Of(scopes...), Accepts: access.People(), BeforeFactor: true},
		Method:    method, Path: api.PathV1 + "/auth" + path, Tag: "auth", Summary: summary,
	}
}

func (s Services) accountRoutes() []api.Route {
	own := OwnAccount{Account: exampleAccount(), Factors: Factors{Passkeys: []Passkey{}, PasskeysPossible: true}}
	get := accountRow("getAccount", http.MethodGet, "/account", "Your account and its second factors", scope.UsersRead)
	get.Output = own
	change := accountRow("changeAccount", http.MethodPatch, "/account", "Change your account", scope.TokensCreate)
	change.Errors, change.Output = []int{http.StatusConflict, http.StatusTooManyRequests, http.StatusServiceUnavailable}, own
	change.Input = map[string]any{"affiliation": "Institute of Lasers"}
	password := accountRow("changePassword", http.MethodPost, "/account/password", "Change your password", scope.TokensCreate)
	password.Description = "Ends all your other sessions and all access tokens. Personal access tokens stay."
	password.Status, password.Errors = http.StatusNoContent, []int{http.StatusConflict, http.StatusTooManyRequests}
	password.Input = map[string]any{"current": "…", "new": "correct horse battery staple"}
	return []api.Route{
		api.Handle(get, s.getAccount), api.Handle(change, s.changeAccount), api.Handle(password, s.changePassword),
	}
}

func (s Services) ownAccount(ctx context.Context, pending *string) (*struct{ Body OwnAccount }, error) {
	id := api.UserID(ctx)
	user, err := s.Accounts.User(ctx, id)
	if err != nil {
		return nil, err
	}
	factors, err := s.Accounts.Factors(ctx, id)
	if err != nil {
		return nil, err
	}
	return &struct{ Body OwnAccount }{OwnAccount{Account: accountOf(&user), Factors: factorsOf(&factors), EmailPending: pending}}, nil
}

func (s Services) getAccount(ctx context.Context, _ *struct{}) (*struct{ Body OwnAccount }, error) {
	return s.ownAccount(ctx, nil)
}

func (s Services) changeAccount(ctx context.Context, in *struct{ Body ChangeAccount }) (*struct{ Body OwnAccount }, error) {
	b, id := &in.Body, api.UserID(ctx)
	change := identity.Change{
		FirstName: b.FirstName, LastName: b.LastName, Affiliation: b.Affiliation, AffiliationAddress: b.AffiliationAddress,
	}
	if change != (identity.Change{}) {
		if _, err := s.Accounts.Update(ctx, id, change); err != nil {
			return nil, err
		}
	}
	var pending *string
	if b.Email != nil {
		mailed, err := s.Accounts.ChangeEmail(ctx, id, *b.Email, b.Current, api.Address(ctx))
		if err != nil {
			return nil, err
		}
		if mailed {
			pending = b.Email
		}
	}
	return s.ownAccount(ctx, pending)
}

func (s Services) changePassword(ctx context.Context, in *struct {
	Body struct {
		Current string `json:"current,omitempty" maxLength:"5000" doc:"The present password; left out by accounts without one"`
		New     string `json:"new" maxLength:"5000"`
	}
},
) (*struct{}, error) {
	err := s.Accounts.ChangePassword(ctx, api.UserID(ctx), in.Body.Current, in.Body.New, api.SessionSecret(ctx), api.Address(ctx))
	return nil, renamed(err, "password", "new")
}

// renamed tells about a wrong value under the name it has in the request.
func renamed(err error, from, to string) error {
	p := problem.As(err)
	if p == nil || len(p.Fields) == 0 {
		return err
	}
	fields := make([]problem.Field, len(p.Fields))
	for i, f := range p.Fields {
		if n := len(f.Loc); n > 0 && f.Loc[n-1] == from {
			f.Loc = append(append([]any{}, f.Loc[:n-1]...), to)
		}
		fields[i] = f
	}
	return problem.InvalidAll(fields)
}

package app

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"time"

	"oasis/examples"
	"oasis/internal/access/audit"
	"oasis/internal/access/identity"
	"oasis/internal/access/identity/local"
	"oasis/internal/access/token"
	"oasis/internal/data/upload"
	"oasis/internal/problem"
)

// The verbs of the administration, as the command line sends them.
const (
	VerbUserAdd         = "user.add"
	VerbUserList        = "user.list"
	VerbUserEnable      = "user.enable"
	VerbUserDisable     = "user.disable"
	VerbUserSetPassword = "user.set-password"
	VerbUserRemove      = "user.remove"
	VerbTokenCreate     = "token.create"
	VerbTokenList       = "token.list"
	VerbTokenRevoke     = "token.revoke"
	VerbTokenRotate     = "token.rotate"
	VerbTokenLeaked     = "token.leaked"
	VerbTokenPrune      = "token.prune"
	VerbDemo            = "demo"
	VerbAuditList       = "audit.list"
	VerbExplain         = "explain"
	VerbExplainList     = "explain.list"
)

// UserAdd are the arguments of VerbUserAdd.
type UserAdd struct {
	Username, Email, FirstName, LastName, Password string
	Admin                                          bool
}

// UserName names the user of a verb that takes nothing else.
type UserName struct{ Username string }

// SetPassword are the arguments of VerbUserSetPassword.
type SetPassword struct{ Username, Password string }

// TokenCreate are the arguments of VerbTokenCreate.
type TokenCreate struct {
	Username, Name, Description string
	Scopes                      []string
	// AppendOnly, Uploads and Networks are restrictions; nothing = none.
	AppendOnly bool
	Uploads    []string
	Networks   []string
	// DepositFor is the default user of a token that deposits for others, "" = it does not; DepositTo are
	// those others, "any" alone = everybody.
	DepositFor string
	DepositTo  []string
	// Lifetime in nanoseconds; nil = the token lives for ever.
	Lifetime *time.Duration
}

// TokenID names one token of a user.
type TokenID struct{ Username, ID string }

// UserInfo is an account as the command line shows it.
type UserInfo struct {
	ID           string    `json:"id"`
	Username     string    `json:"username"`
	Email        string    `json:"email"`
	Name         string    `json:"name"`
	Admin        bool      `json:"admin"`
	LabManager   bool      `json:"lab_manager"`
	Disabled     bool      `json:"disabled"`
	State        string    `json:"state"`
	SecondFactor bool      `json:"second_factor"`
	Origin       string    `json:"origin"`
	Created      time.Time `json:"created"`
	LastSeen     time.Time `json:"last_seen,omitzero"`
}

// TokenInfo is a token as the command line shows it. Raw is only set when it was just made.
type TokenInfo struct {
	ID, Name, Raw, State       string
	Scopes                     []string
	Created, Expires, LastUsed time.Time
}

// DemoUpload is one example upload. VerbDemo makes those that its owner lacks.
type DemoUpload struct {
	ID, Name string
	// Made tells whether it was made just now.
	Made bool
}

// UserRemoved is what VerbUserRemove leaves behind.
type UserRemoved struct {
	// Uploads is the number of those whose main author the user was. They stay.
	Uploads int
}

// admin does the administration. It trusts its caller: only the owner of the
// data directory can reach it.
type admin struct {
	core     *core
	people   *identity.Service
	provider *local.Provider
	tokens   *token.Service
	uploads  *upload.Service
	audit    *audit.Log
}

// call does one verb. in is its arguments as JSON; the result can be encoded as JSON.
func (a *admin) call(ctx context.Context, verb string, in json.RawMessage) (any, error) {
	switch verb {
	case VerbUserAdd:
		return do(ctx, in, a.userAdd)
	case VerbUserList:
		return do(ctx, in, a.userList)
	case VerbUserEnable:
		return do(ctx, in, func(ctx context.Context, in UserName) (any, error) { return nil, a.setDisabled(ctx, in, false) })
	case VerbUserDisable:
		return do(ctx, in, func(ctx context.Context, in UserName) (any, error) { return nil, a.setDisabled(ctx, in, true) })
	case VerbUserSetPassword:
		return do(ctx, in, a.setPassword)
	case VerbUserRemove:
		return do(ctx, in, a.userRemove)
	case VerbUserInvite:
		return do(ctx, in, a.userInvite)
	case VerbUserReset:
		return do(ctx, in, a.userReset)
	case VerbUserResetFactor:
		return do(ctx, in, a.userResetFactor)
	case VerbUserImport:
		return do(ctx, in, a.userImport)
	case VerbUserChange:
		return do(ctx, in, a.userChange)
	case VerbUserEndAll:
		return do(ctx, in, a.userEndAll)
	case VerbKeyRotate:
		return do(ctx, in, a.keyRotate)
	case VerbTokenCreate:
		return do(ctx, in, a.tokenCreate)
	case VerbTokenList:
		return do(ctx, in, a.tokenList)
	case VerbTokenRevoke:
		return do(ctx, in, a.tokenRevoke)
	case VerbTokenRotate:
		return do(ctx, in, a.tokenRotate)
	case VerbTokenLeaked:
		return do(ctx, in, a.tokenLeaked)
	case VerbTokenPrune:
		n, err := a.tokens.Prune(ctx)
		return map[string]int{"Deleted": n}, err
	case VerbExplain:
		return do(ctx, in, a.explain)
	case VerbExplainList:
		return do(ctx, in, a.explainList)
	case VerbAuditList:
		return do(ctx, in, a.auditList)
	case VerbDoctor:
		return do(ctx, in, a.doctor)
	case VerbDoctorVerify:
		return do(ctx, in, a.verify)
	case VerbDemo:
		return do(ctx, in, a.demo)
	default:
		return nil, problem.NotFound("The server does not know the command %q. Is it an older version?", verb)
	}
}

// do decodes the arguments of a verb and does it.
func do[In, Out any](ctx context.Context, raw json.RawMessage, f func(context.Context, In) (Out, error)) (any, error) {
	var in In
	if len(raw) > 0 {
		if err := json.Unmarshal(raw, &in); err != nil {
			return nil, problem.Bad("Arguments cannot be read: %s", err)
		}
	}
	return f(ctx, in)
}

func userInfo(u identity.User) UserInfo {
	return UserInfo{
		ID: u.ID, Username: u.Username, Email: u.Email, Name: u.Name(),
		Admin: u.Admin, LabManager: u.LabManager, Disabled: u.Disabled, State: string(u.State()),
		SecondFactor: u.SecondFactor, Origin: u.Origin, Created: u.Created, LastSeen: u.LastSeen,
	}
}

func (a *admin) userAdd(ctx context.Context, in UserAdd) (UserInfo, error) {
	u, err := a.people.Add(ctx, identity.NewUser{
		Username: in.Username, Email: in.Email, FirstName: in.FirstName, LastName: in.LastName,
		Password: in.Password, Admin: in.Admin,
	})
	return userInfo(u), err
}

func (a *admin) userList(ctx context.Context, _ struct{}) ([]UserInfo, error) {
	users, err := a.people.List(ctx)
	infos := make([]UserInfo, 0, len(users))
	for _, u := range users {
		infos = append(infos, userInfo(u))
	}
	return infos, err
}

func (a *admin) setDisabled(ctx context.Context, in UserName, disabled bool) error {
	u, err := a.people.ByLogin(ctx, in.Username)
	if err != nil {
		return err
	}
	return a.people.SetDisabled(ctx, u.ID, disabled)
}

func (a *admin) setPassword(ctx context.Context, in SetPassword) (any, error) {
	u, err := a.people.ByLogin(ctx, in.Username)
	if err != nil {
		return nil, err
	}
	return nil, a.people.SetPassword(ctx, u.ID, in.Password)
}

func (a *admin) userRemove(ctx context.Context, in UserName) (UserRemoved, error) {
	u, err := a.people.ByLogin(ctx, in.Username)
	if err != nil {
		return UserRemoved{}, err
	}
	own := true
	_, stay, err := a.uploads.List(ctx, upload.Viewer{UserID: u.ID}, upload.ListQuery{IsOwned: &own, Limit: 1})
	if err != nil {
		return UserRemoved{}, err
	}
	return UserRemoved{Uploads: stay}, a.people.Remove(ctx, u.ID)
}

func (a *admin) tokenInfo(p token.PAT, raw string) TokenInfo {
	return TokenInfo{
		ID: p.ID, Name: p.Name, Raw: raw, State: string(p.State(a.tokens.Now())), Scopes: p.Scopes.Names(),
		Created: p.CreatedAt, Expires: p.ExpiredAt, LastUsed: p.LastUsedAt,
	}
}

func (a *admin) tokenCreate(ctx context.Context, in TokenCreate) (TokenInfo, error) {
	u, err := a.people.ByLogin(ctx, in.Username)
	if err != nil {
		return TokenInfo{}, err
	}
	restrictions, err := a.restrictions(ctx, u, &in)
	if err != nil {
		return TokenInfo{}, err
	}
	p, raw, err := a.tokens.Create(ctx, u.ID, token.New{
		Name: in.Name, Description: in.Description, Scopes: in.Scopes, Lifetime: in.Lifetime, Restrictions: restrictions,
	})
	return a.tokenInfo(p, raw), err
}

func (a *admin) tokenList(ctx context.Context, in UserName) ([]TokenInfo, error) {
	u, err := a.people.ByLogin(ctx, in.Username)
	if err != nil {
		return nil, err
	}
	var infos []TokenInfo
	for {
		page, total, err := a.tokens.List(ctx, u.ID, token.Filter{Offset: len(infos), Limit: 1000})
		if err != nil {
			return nil, err
		}
		for _, p := range page {
			infos = append(infos, a.tokenInfo(p, ""))
		}
		if len(infos) >= total || len(page) == 0 {
			return infos, nil
		}
	}
}

func (a *admin) tokenRevoke(ctx context.Context, in TokenID) (any, error) {
	u, err := a.people.ByLogin(ctx, in.Username)
	if err != nil {
		return nil, err
	}
	return nil, a.tokens.RevokeByAdmin(ctx, audit.Console, u.ID, in.ID)
}

func (a *admin) tokenRotate(ctx context.Context, in TokenID) (TokenInfo, error) {
	u, err := a.people.ByLogin(ctx, in.Username)
	if err != nil {
		return TokenInfo{}, err
	}
	p, raw, err := a.tokens.Rotate(ctx, u.ID, in.ID)
	return a.tokenInfo(p, raw), err
}

// demo makes one upload of the user for each folder of the example data.
func (a *admin) demo(ctx context.Context, in UserName) ([]DemoUpload, error) {
	owner, err := a.demoOwner(ctx, in.Username)
	if err != nil {
		return nil, err
	}
	folders, err := fs.ReadDir(examples.FS, ".")
	if err != nil {
		return nil, fmt.Errorf("read example data: %w", err)
	}
	var made []DemoUpload
	viewer := upload.Viewer{UserID: owner.ID, Admin: owner.Admin}
	for _, folder := range folders {
		if !folder.IsDir() {
			continue
		}
		u, err := a.demoUpload(ctx, viewer, folder.Name())
		if err != nil {
			return made, fmt.Errorf("load example %s: %w", folder.Name(), err)
		}
		made = append(made, u)
	}
	return made, nil
}

// demoOwner is the named user, or the first administrator.
func (a *admin) demoOwner(ctx context.Context, name string) (identity.User, error) {
	if name != "" {
		return a.people.ByLogin(ctx, name)
	}
	users, err := a.people.List(ctx)
	if err != nil {
		return identity.User{}, err
	}
	i := slices.IndexFunc(users, func(u identity.User) bool { return u.Admin && !u.Disabled })
	if i < 0 {
		return identity.User{}, problem.Bad("There is no administrator yet. Add one first: oasis user add NAME --email E --admin.")
	}
	return users[i], nil
}

// demoUpload makes an example, or finds the one that is there.
func (a *admin) demoUpload(ctx context.Context, v upload.Viewer, folder string) (DemoUpload, error) {
	name, own := "Example: "+path.Base(folder), true
	there, _, err := a.uploads.List(ctx, v, upload.ListQuery{Names: []upload.NameMatch{{Value: name}}, IsOwned: &own, Limit: 1})
	if err != nil {
		return DemoUpload{}, err
	}
	if len(there) > 0 {
		return DemoUpload{ID: there[0].ID, Name: name}, nil
	}
	archive, err := zipOf(examples.FS, folder)
	if err != nil {
		return DemoUpload{}, err
	}
	body := &oneFile{part: &upload.Part{Name: folder + ".zip", Reader: bytes.NewReader(archive)}}
	u, err := a.uploads.Create(ctx, v, upload.CreateOptions{Name: name}, body)
	return DemoUpload{ID: u.ID, Name: name, Made: true}, err
}

// oneFile is an upload.Body with one file.
type oneFile struct{ part *upload.Part }

func (o *oneFile) Next() (*upload.Part, error) {
	if o.part == nil {
		return nil, io.EOF
	}
	p := o.part
	o.part = nil
	return p, nil
}

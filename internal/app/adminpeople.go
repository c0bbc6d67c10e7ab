package app

import (
	"context"
	"time"

	"oasis/internal/access/identity"
)

// The verbs of people beyond adding and removing them.
const (
	VerbUserInvite      = "user.invite"
	VerbUserReset       = "user.reset"
	VerbUserImport      = "user.import"
	VerbUserChange      = "user.change"
	VerbUserResetFactor = "user.reset-factor"
	VerbUserEndAll      = "user.end-all"
)

// UserInvite are the arguments of VerbUserInvite.
type UserInvite struct {
	Username, Email, FirstName, LastName string
	Admin, LabManager                    bool
}

// UserChange are the arguments of VerbUserChange; nil members stay as they are.
type UserChange struct {
	Username                                string
	Admin, LabManager                       *bool
	NewUsername, Email, FirstName, LastName *string
	Affiliation, AffiliationAddress         *string
}

// UserEndAll are the arguments of VerbUserEndAll.
type UserEndAll struct {
	Username string
	Tokens   bool
}

// UserLink is an account with the link that sets its password.
type UserLink struct {
	User    UserInfo
	URL     string
	Mailed  bool
	Expires time.Time
}

func (a *admin) userInvite(ctx context.Context, in UserInvite) (UserLink, error) {
	u, link, err := a.people.Invite(ctx, identity.NewUser{
		Username: in.Username, Email: in.Email, FirstName: in.FirstName, LastName: in.LastName, Admin: in.Admin, LabManager: in.LabManager,
	})
	return userLink(u, link), err
}

func userLink(u identity.User, l identity.Link) UserLink {
	return UserLink{User: userInfo(u), URL: l.URL, Mailed: l.Mailed, Expires: l.Expires}
}

func (a *admin) userReset(ctx context.Context, in UserName) (UserLink, error) {
	u, err := a.people.ByLogin(ctx, in.Username)
	if err != nil {
		return UserLink{}, err
	}
	u, link, err := a.people.Reset(ctx, u.ID)
	return userLink(u, link), err
}

func (a *admin) userResetFactor(ctx context.Context, in UserName) (any, error) {
	u, err := a.people.ByLogin(ctx, in.Username)
	if err != nil {
		return nil, err
	}
	return nil, a.people.RemoveFactors(ctx, u.ID)
}

func (a *admin) userImport(ctx context.Context, in []identity.ImportUser) ([]identity.Imported, error) {
	return a.people.Import(ctx, in)
}

func (a *admin) userChange(ctx context.Context, in UserChange) (UserInfo, error) {
	u, err := a.people.ByLogin(ctx, in.Username)
	if err != nil {
		return UserInfo{}, err
	}
	u, err = a.people.Update(ctx, u.ID, identity.Change{
		Username: in.NewUsername, Email: in.Email, FirstName: in.FirstName, LastName: in.LastName,
		Affiliation: in.Affiliation, AffiliationAddress: in.AffiliationAddress, Admin: in.Admin, LabManager: in.LabManager,
	})
	return userInfo(u), err
}

func (a *admin) userEndAll(ctx context.Context, in UserEndAll) (map[string]int, error) {
	u, err := a.people.ByLogin(ctx, in.Username)
	if err != nil {
		return nil, err
	}
	n, err := a.people.EndAll(ctx, u.ID, "", in.Tokens)
	return map[string]int{"Tokens": n}, err
}

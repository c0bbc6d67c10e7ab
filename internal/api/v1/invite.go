package v1

import (
	"context"
	"net/http"
	"strings"

	"oasis/internal/access"
	"oasis/internal/access/identity"
	"oasis/internal/access/scope"
	"oasis/internal/api"
	"oasis/internal/problem"
)

// InviteUser is the body of PUT /users/invite: a user object of which most is not looked at.
type InviteUser struct {
	Email              string   `json:"email,omitempty" maxLength:"500"`
	Username           string   `json:"username,omitempty" maxLength:"500"`
	FirstName          string   `json:"first_name,omitempty" maxLength:"200"`
	LastName           string   `json:"last_name,omitempty" maxLength:"200"`
	Affiliation        string   `json:"affiliation,omitempty" maxLength:"500"`
	AffiliationAddress string   `json:"affiliation_address,omitempty" maxLength:"1000"`
	Name               Anything `json:"name,omitempty" hidden:"true"`
	UserID             Anything `json:"user_id,omitempty" hidden:"true"`
	Created            Anything `json:"created,omitempty" hidden:"true"`
	RepoUserID         Anything `json:"repo_user_id,omitempty" hidden:"true"`
	IsAdmin            Anything `json:"is_admin,omitempty" hidden:"true"`
	IsOasisAdmin       Anything `json:"is_oasis_admin,omitempty" hidden:"true"`
}

// InvitedUser is the account that was made, with the way its owner gets in.
type InvitedUser struct {
	Me
	Link   *string `json:"link" doc:"Sets the password, once; give it to the person. null = it was mailed"`
	Mailed bool    `json:"mailed"`
}

func (s Services) inviteRoutes() []api.Route {
	first, last, email, created := "Jane", "Doe", "jane@example.org", "2026-01-31T12:00:00.000000Z"
	return []api.Route{api.Handle(api.Row{
		Operation: access.Operation{ID: "inviteUser", Scopes: scope.Of(scope.UsersInvite)},
		Method:    http.MethodPut, Path: api.PathV1 + "/users/invite", Tag: "users", Summary: "Invite somebody",
		Description: "Administrators invite; see POST /accounts for more. The user name is made from the name when it is left out.",
		Errors:      []int{http.StatusBadRequest},
		Input:       map[string]any{"email": email, "first_name": first, "last_name": last},
		Output: InvitedUser{Me: Me{
			UserID: "8b1f0b5e-3f0a-4c39-9d4c-0c1b1e1c2a3d", Username: "jdoe", Name: "Jane Doe", FirstName: &first, LastName: &last,
			Email: &email, Created: &created,
		}, Mailed: true},
	}, s.inviteUser)}
}

// inviteUser gives the answers of NOMAD (spec auth.md §7); there an Oasis invites nobody,
// here administrators do (decisions 28).
func (s Services) inviteUser(ctx context.Context, in *struct{ Body InviteUser }) (*struct{ Body InvitedUser }, error) {
	secretAnswer(ctx)
	b := &in.Body
	if !api.Viewer(ctx).Admin {
		return nil, problem.Bad("User invite does not work this NOMAD OASIS.")
	}
	if b.Email == "" {
		return nil, problem.Bad("Invalid user data: email is required")
	}
	u, link, err := s.Accounts.Invite(ctx, identity.NewUser{
		Username: b.Username, Email: b.Email, FirstName: b.FirstName, LastName: b.LastName,
		Affiliation: b.Affiliation, AffiliationAddress: b.AffiliationAddress,
	})
	if p := problem.As(err); p != nil {
		switch p.Kind {
		case problem.Unprocessable:
			texts := make([]string, 0, len(p.Fields))
			for _, f := range p.Fields {
				texts = append(texts, f.Msg)
			}
			return nil, problem.Bad("Invalid user data: %s", strings.Join(texts, " ")).Because(err)
		case problem.Conflict:
			return nil, problem.Bad("Could not invite user: %s", p.Detail).Because(err)
		}
	}
	if err != nil {
		return nil, err
	}
	return &struct{ Body InvitedUser }{InvitedUser{Me: meOf(&u), Link: some(link.URL), Mailed: link.Mailed}}, nil
}

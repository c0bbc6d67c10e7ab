package v1

import (
	"context"
	"net/http"

	"oasis/internal/access"
	"oasis/internal/access/identity"
	"oasis/internal/access/scope"
	"oasis/internal/api"
	"oasis/internal/problem"
)

// Me is the account of the caller, with nulls (spec auth.md §7).
type Me struct {
	UserID             string  `json:"user_id"`
	Username           string  `json:"username"`
	Name               string  `json:"name" doc:"First and last name"`
	FirstName          *string `json:"first_name"`
	LastName           *string `json:"last_name"`
	Email              *string `json:"email"`
	Affiliation        *string `json:"affiliation"`
	AffiliationAddress *string `json:"affiliation_address"`
	Created            *string `json:"created" format:"date-time"`
	RepoUserID         *string `json:"repo_user_id" doc:"Id of the years before NOMAD; always null here"`
	IsAdmin            bool    `json:"is_admin" doc:"Whether you are an administrator of this Oasis"`
	IsOasisAdmin       bool    `json:"is_oasis_admin" doc:"Administrator of another Oasis; nobody is, here"`
}

// User is somebody else's account.
type User struct {
	UserID             string `json:"user_id"`
	Username           string `json:"username"`
	Name               string `json:"name" doc:"First and last name"`
	FirstName          string `json:"first_name,omitempty"`
	LastName           string `json:"last_name,omitempty"`
	Affiliation        string `json:"affiliation,omitempty"`
	AffiliationAddress string `json:"affiliation_address,omitempty"`
}

// Users is a list of accounts.
type Users struct {
	Data []User `json:"data"`
}

// Limits of looking people up (decisions 11).
const (
	mostUsers          = 1000
	mostForVisitors    = 100
	shortestForVisitor = 2
	mostCriteria       = 200
)

func (s Services) userRoutes() []api.Route {
	jane := User{UserID: "8b1f0b5e-3f0a-4c39-9d4c-0c1b1e1c2a3d", Username: "jane", Name: "Jane Doe", FirstName: "Jane", LastName: "Doe"}
	first, last, email, created := "Jane", "Doe", "jane@example.org", "2026-01-31T12:00:00.000000Z"
	return []api.Route{
		api.Handle(api.Row{
			Operation: access.Operation{ID: "getMe", BeforeFactor: true, Scopes: scope.Of(scope.UsersRead), Reach: access.ReachPublic},
			Method:    http.MethodGet, Path: api.PathV1 + "/users/me", Tag: "users", Summary: "Your own account",
			Output: Me{UserID: jane.UserID, Username: jane.Username, Name: jane.Name, FirstName: &first, LastName: &last, Email: &email, Created: &created},
		}, s.getMe),
		api.Handle(api.Row{
			Operation: access.Operation{ID: "findUsers", Scopes: scope.Of(scope.UsersRead), Anonymous: true},
			Method:    http.MethodGet, Path: api.PathV1 + "/users", Tag: "users", Summary: "Look people up",
			Description: "Gives the accounts with these ids, then those with these user names, e-mail addresses and at last those whose names " +
				"begin with the prefix. Unknown ones are left out. Visitors cannot look up e-mail addresses, and e-mail addresses are never shown.",
			Errors: []int{http.StatusUnprocessableEntity},
			Output: Users{[]User{jane}},
		}, s.findUsers),
		api.Handle(api.Row{
			Operation: access.Operation{ID: "getUser", Scopes: scope.Of(scope.UsersRead), Anonymous: true},
			Method:    http.MethodGet, Path: api.PathV1 + "/users/{user_id}", Tag: "users", Summary: "One account",
			Errors: []int{http.StatusNotFound}, Output: jane,
		}, s.getUser),
	}
}

// getMe answers from what deciding has looked up: this operation runs no SQL of its own.
func (s Services) getMe(ctx context.Context, _ *struct{}) (*struct{ Body Me }, error) {
	u := api.Caller(ctx).User
	return &struct{ Body Me }{meOf(&u)}, nil
}

func meOf(u *identity.User) Me {
	return Me{
		UserID: u.ID, Username: u.Username, Name: u.Name(), FirstName: some(u.FirstName), LastName: some(u.LastName),
		Email: some(u.Email), Affiliation: some(u.Affiliation), AffiliationAddress: some(u.AffiliationAddress),
		Created: stamp(u.Created), IsAdmin: u.Admin,
	}
}

type findUsersInput struct {
	Prefix   string   `query:"prefix" maxLength:"200" doc:"Beginning of user name, first, last or full name"`
	UserID   []string `query:"user_id,explode" doc:"Ids; may be repeated"`
	Username []string `query:"username,explode" doc:"User names; may be repeated"`
	Email    []string `query:"email,explode" doc:"E-mail addresses; may be repeated"`
}

func (s Services) findUsers(ctx context.Context, in *findUsersInput) (*struct{ Body Users }, error) {
	if len(in.UserID)+len(in.Username)+len(in.Email) > mostCriteria {
		return nil, problem.Invalid("too_long", "Look up at most 200 people at once", "query")
	}
	search := identity.Search{IDs: in.UserID, Usernames: in.Username, Emails: in.Email, Prefix: in.Prefix, Limit: mostUsers, Everywhere: true}
	if api.UserID(ctx) == "" {
		search.Limit, search.Everywhere = mostForVisitors, false
		if len(in.Email) > 0 {
			return nil, problem.New(problem.Unauthenticated, "Looking people up by e-mail address needs somebody who is signed in.")
		}
		if in.Prefix != "" && len([]rune(in.Prefix)) < shortestForVisitor {
			return nil, problem.Invalid("string_too_short", "Give at least two characters, or sign in", "query", "prefix")
		}
	}
	out := &struct{ Body Users }{Users{[]User{}}}
	if len(search.IDs)+len(search.Usernames)+len(search.Emails)+len(search.Prefix) == 0 {
		return out, nil
	}
	found, err := s.People.Find(ctx, search)
	if err != nil {
		return nil, err
	}
	for i := range found {
		out.Body.Data = append(out.Body.Data, userOf(&found[i]))
	}
	return out, nil
}

func (s Services) getUser(ctx context.Context, in *struct {
	UserID string `path:"user_id"`
}) (*struct{ Body User }, error) {
	found, err := s.People.Find(ctx, identity.Search{IDs: []string{in.UserID}, Limit: 1, Everywhere: api.UserID(ctx) != ""})
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, problem.NotFound("There is no user with this id.")
	}
	return &struct{ Body User }{userOf(&found[0])}, nil
}

func userOf(u *identity.User) User {
	return User{
		UserID: u.ID, Username: u.Username, Name: u.Name(), FirstName: u.FirstName, LastName: u.LastName,
		Affiliation: u.Affiliation, AffiliationAddress: u.AffiliationAddress,
	}
}

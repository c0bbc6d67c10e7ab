// Package signin holds how people come in: browser sessions, the first set-up of
// a new server, and the discovery document and keys of the embedded identity
// provider.
package signin

import (
	"context"
	"encoding/json"
	"net/http"

	"oasis/internal/access"
	"oasis/internal/access/identity"
	"oasis/internal/access/identity/secondfactor"
	"oasis/internal/api"
	"oasis/internal/problem"
)

// People is what sign-in needs of the directory.
type People interface {
	SetUp() bool
	CheckSetUpSecret(secret string) error
	CompleteSetUp(ctx context.Context, secret string, n identity.NewUser, settle func(context.Context) error) (identity.User, error)
	BeginSignIn(ctx context.Context, login, password, address string) (identity.SignedIn, error)
	Unfinished(ctx context.Context, secret string) (identity.SignedIn, error)
	CompleteSignIn(ctx context.Context, secret string, p identity.Proof, address string) (identity.User, error)
	AskPasskey(ctx context.Context, secret string) (json.RawMessage, error)
	SignInWithPasskey(ctx context.Context, answer json.RawMessage, address string) (identity.User, error)
	CheckLink(ctx context.Context, secret, address string) (identity.LinkFacts, error)
	CompleteLink(ctx context.Context, secret string, form identity.LinkForm, address string) (identity.SignedIn, error)
	StartSession(ctx context.Context, user identity.User, address, agent string) (string, error)
	EndSession(ctx context.Context, secret string) error
	User(ctx context.Context, id string) (identity.User, error)
}

// Provider is another identity provider at which people sign in.
type Provider struct {
	Name string `json:"name"`
	URL  string `json:"url" doc:"Where the browser goes to sign in there"`
}

// Facts are what pages need to know before anybody is signed in.
type Facts struct {
	LabName               string
	RequireAuthentication bool
	ContactName           string
	ContactEmail          string
	// NoPasswords tells that people sign in at the Provider only.
	NoPasswords bool
	Provider    *Provider
	// PublicURL decides whether passkeys can be used.
	PublicURL string
}

// Services are what the operations call.
type Services struct {
	People People
	// Policy is asked at every use.
	Policy func() *access.Policy
	// Facts is asked at every use.
	Facts func() Facts
	// SaveSettings stores options by their dotted keys and puts them in force.
	SaveSettings func(ctx context.Context, options map[string]any) error
	// Disk tells where the data lie and how many bytes are free there.
	Disk func() (dir string, free int64, err error)
	// SignOut gives the address at an external provider that ends the session of a
	// cookie there too, "" when it is none of the provider's; nil = there is no provider.
	SignOut func(ctx context.Context, secret string) (string, error)
}

// Routes gives the rows of sign-in.
func Routes(s Services) []api.Route {
	row := func(id, method, path, summary string) api.Row {
		return api.Row{
			Operation: access.Operation{ID: id, Open: true, BeforeSetUp: true},
			Method:    method, Path: "/auth" + path, Tag: "auth", Summary: summary,
		}
	}
	get := row("getSession", http.MethodGet, "/session", "Who is signed in")
	get.Identify, get.Quiet = true, true
	start := row("startSession", http.MethodPost, "/session", "Sign in")
	start.BeforeSetUp, start.SameOrigin = false, true
	end := row("endSession", http.MethodDelete, "/session", "Sign out")
	end.SameOrigin, end.Status = true, http.StatusNoContent
	setUp := row("getSetUp", http.MethodGet, "/setup", "Whether this server waits for its first administrator")
	check := row("checkSetUp", http.MethodPost, "/setup/check", "Whether the one-time link still holds")
	check.SameOrigin = true
	complete := row("completeSetUp", http.MethodPost, "/setup", "Make the first administrator")
	complete.SameOrigin, complete.Status = true, http.StatusCreated
	return []api.Route{
		api.Handle(get, s.getSession), api.Handle(start, s.startSession), api.Handle(end, s.endSession),
		api.Handle(factorRow(row), s.secondFactor), api.Handle(askRow(row), s.askPasskey), api.Handle(passkeyRow(row), s.signInWithPasskey),
		api.Handle(checkLinkRow(row), s.checkLink), api.Handle(completeLinkRow(row), s.completeLink),
		api.Handle(setUp, s.getSetUp), api.Handle(check, s.checkSetUp), api.Handle(complete, s.completeSetUp),
	}
}

// Session is who is signed in and what every page shows.
type Session struct {
	User                  *SessionUser `json:"user"`
	LabName               string       `json:"lab_name"`
	SetUp                 bool         `json:"set_up"`
	RequireAuthentication bool         `json:"require_authentication"`
	Contact               *Contact     `json:"contact"`
	// Methods are the ways to sign in.
	Methods Methods `json:"methods"`
	// SecondFactor is set while the password was right and the second factor is to come.
	SecondFactorRequired bool          `json:"second_factor_required"`
	SecondFactor         *SecondFactor `json:"second_factor"`
	// Access tells whether the allow list lets the person in.
	Access *Access `json:"access"`
}

// Methods are the ways to sign in.
type Methods struct {
	Password bool      `json:"password"`
	Passkey  bool      `json:"passkey"`
	Provider *Provider `json:"provider"`
}

// SecondFactor is what may follow the password: totp, passkey, recovery.
type SecondFactor struct {
	Methods []string `json:"methods"`
}

// Access is whether somebody who is signed in may use this Oasis, and why not.
type Access struct {
	Allowed bool   `json:"allowed"`
	Detail  string `json:"detail"`
}

// SessionUser is the person who is signed in.
type SessionUser struct {
	UserID    string `json:"user_id"`
	Username  string `json:"username"`
	Name      string `json:"name"`
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
	Email     string `json:"email"`
	IsAdmin   bool   `json:"is_admin"`
	// IsLabManager people manage instruments.
	IsLabManager bool `json:"is_lab_manager"`
	// MustSetUpSecondFactor people can do nothing else before.
	MustSetUpSecondFactor bool `json:"must_set_up_second_factor"`
}

// Contact is whom a stranger may ask.
type Contact struct {
	Name  string `json:"name"`
	Email string `json:"email"`
}

// sessionOutput is a session with the cookie that keeps or ends it.
type sessionOutput struct {
	Cookie http.Cookie `header:"Set-Cookie"`
	Body   Session
}

func (s Services) session(user *identity.User) Session {
	facts := s.Facts()
	out := Session{LabName: facts.LabName, SetUp: s.People.SetUp(), RequireAuthentication: facts.RequireAuthentication}
	if facts.ContactEmail != "" {
		out.Contact = &Contact{Name: facts.ContactName, Email: facts.ContactEmail}
	}
	out.Methods = Methods{Password: !facts.NoPasswords, Passkey: !facts.NoPasswords && secondfactor.Available(facts.PublicURL), Provider: facts.Provider}
	if user != nil {
		policy := s.Policy()
		out.Access = accessOf(policy, user)
		out.User = &SessionUser{
			UserID: user.ID, Username: user.Username, Name: user.Name(), FirstName: user.FirstName, LastName: user.LastName,
			Email: user.Email, IsAdmin: user.Admin, IsLabManager: user.LabManager, MustSetUpSecondFactor: policy.SecondFactor.Lacks(user),
		}
	}
	return out
}

func noStore(ctx context.Context) { api.Header(ctx).Set("Cache-Control", "no-store") }

func (s Services) getSession(ctx context.Context, _ *struct{}) (*struct{ Body Session }, error) {
	noStore(ctx)
	id := api.UserID(ctx)
	if id == "" {
		return s.unfinished(ctx)
	}
	user, err := s.People.User(ctx, id)
	if problem.Is(err, problem.Missing) { // removed since it was looked up a moment ago
		return &struct{ Body Session }{s.session(nil)}, nil
	}
	if err != nil {
		return nil, err
	}
	return &struct{ Body Session }{s.session(&user)}, nil
}

func (s Services) startSession(ctx context.Context, in *struct {
	Body struct {
		Username string `json:"username" maxLength:"500" doc:"User name or e-mail address"`
		Password string `json:"password" maxLength:"5000"`
	}
}) (*sessionOutput, error) {
	noStore(ctx)
	signedIn, err := s.People.BeginSignIn(ctx, in.Body.Username, in.Body.Password, api.Address(ctx))
	if err != nil {
		return nil, err
	}
	return s.goOn(ctx, signedIn)
}

// start makes a session and ends the one before, so that nobody keeps a cookie
// that others have seen (session fixation).
func (s Services) start(ctx context.Context, user identity.User) (*sessionOutput, error) {
	if old := api.SessionSecret(ctx); old != "" {
		if err := s.People.EndSession(ctx, old); err != nil {
			return nil, err
		}
	}
	secret, err := s.People.StartSession(ctx, user, api.Address(ctx), api.Request(ctx).UserAgent())
	if err != nil {
		return nil, err
	}
	return &sessionOutput{Cookie: api.SessionCookie(ctx, secret), Body: s.session(&user)}, nil
}

// signedOut is the end of a session: 204, or 200 with where the browser has to go
// to sign out at the external provider as well.
type signedOut struct {
	Status int
	Cookie http.Cookie `header:"Set-Cookie"`
	Body   struct {
		ProviderURL string `json:"provider_url"`
	}
}

func (s Services) endSession(ctx context.Context, _ *struct{}) (*signedOut, error) {
	noStore(ctx)
	out := &signedOut{Status: http.StatusNoContent, Cookie: api.SessionCookie(ctx, "")}
	if secret := api.SessionSecret(ctx); secret != "" {
		if s.SignOut != nil {
			var err error
			if out.Body.ProviderURL, err = s.SignOut(ctx, secret); err != nil {
				return nil, err
			}
		}
		if err := s.People.EndSession(ctx, secret); err != nil {
			return nil, err
		}
	}
	if out.Body.ProviderURL != "" {
		out.Status = http.StatusOK
	}
	return out, nil
}

package v1

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"github.com/danielgtaylor/huma/v2"

	"oasis/internal/access"
	"oasis/internal/access/audit"
	"oasis/internal/access/identity"
	"oasis/internal/access/identity/local"
	"oasis/internal/api"
	"oasis/internal/problem"
)

// AccessToken is the answer of POST /auth/token (spec auth.md §6).
type AccessToken struct {
	AccessToken      string  `json:"access_token" doc:"Goes into the header Authorization: Bearer"`
	TokenType        string  `json:"token_type" doc:"Always Bearer"`
	ExpiresIn        *int    `json:"expires_in" doc:"Seconds until it ends"`
	RefreshToken     *string `json:"refresh_token"`
	Scope            *string `json:"scope"`
	IDToken          *string `json:"id_token"`
	RefreshExpiresIn *int    `json:"refresh_expires_in"`
	UploadToken      string  `json:"upload_token,omitempty" doc:"For the header Upload-Token, while this Oasis takes it (deprecated)"`
}

// maxForm bounds the body of a sign-in.
const maxForm = 64 << 10

func (s Services) signInRoutes() []api.Route {
	day := 86400
	row := api.Row{
		Operation: access.Operation{ID: "createAccessToken", Open: true},
		Method:    http.MethodPost, Path: api.PathV1 + "/auth/token", Tag: "auth", Summary: "Get an access token for a password",
		Description: "The OAuth 2.0 password grant, as a form. Scripts are better off with a personal access token: it lives longer and can do less.",
		Errors:      []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusTooManyRequests},
		Output:      AccessToken{AccessToken: "eyJhbGciOiJSUzI1NiIsImtpZCI6…", TokenType: "Bearer", ExpiresIn: &day},
		Describe: func(op *huma.Operation, _ huma.Registry) {
			text := &huma.Schema{Type: huma.TypeString}
			form := &huma.Schema{
				Type: huma.TypeObject, Required: []string{"grant_type", "username", "password"},
				Properties: map[string]*huma.Schema{
					"grant_type": {Type: huma.TypeString, Enum: []any{"password"}}, "username": text, "password": text,
					"scope": text, "client_id": text, "client_secret": text,
				},
			}
			api.Takes(op, true, map[string]*huma.Schema{"application/x-www-form-urlencoded": form, "multipart/form-data": form})
		},
	}
	old := api.Row{
		Operation: access.Operation{ID: "createAccessTokenByQuery", Open: true},
		Method:    http.MethodGet, Path: row.Path, Tag: "auth", Summary: "Get an access token for a password in the address (deprecated)",
	}
	return []api.Route{api.Handle(row, s.createAccessToken), api.Serve(old, http.HandlerFunc(s.createAccessTokenByQuery))}
}

func (s Services) createAccessToken(ctx context.Context, _ *struct{}) (*struct{ Body AccessToken }, error) {
	form, err := readForm(ctx)
	if err != nil {
		return nil, err
	}
	var fields []problem.Field
	for _, name := range []string{"grant_type", "username", "password"} {
		if !form.Has(name) {
			fields = append(fields, problem.Field{Loc: []any{"body", name}, Msg: "Field required", Type: "missing"})
		}
	}
	if form.Has("grant_type") && form.Get("grant_type") != "password" {
		fields = append(fields, problem.Field{
			Loc: []any{"body", "grant_type"}, Msg: "String should match pattern '^password$'", Type: "string_pattern_mismatch",
		})
	}
	if fields != nil {
		return nil, problem.InvalidAll(fields)
	}
	answer, err := s.issue(ctx, form.Get("username"), form.Get("password"))
	return &struct{ Body AccessToken }{answer}, err
}

// readForm reads the fields of the body, never those of the address.
func readForm(ctx context.Context) (url.Values, error) {
	r := api.Form(ctx)
	r.Body = http.MaxBytesReader(nil, r.Body, maxForm)
	err := r.ParseForm()
	if err == nil {
		if err = r.ParseMultipartForm(maxForm); errors.Is(err, http.ErrNotMultipart) {
			err = nil
		}
	}
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, problem.New(problem.TooLarge, "The form is larger than 64 KiB.")
	case err != nil:
		return nil, problem.Bad("The form could not be read.").Because(err)
	}
	if r.MultipartForm != nil {
		_ = r.MultipartForm.RemoveAll() // nothing is on disk below maxForm
	}
	return r.PostForm, nil
}

// issue signs somebody in and gives the token.
func (s Services) issue(ctx context.Context, login, password string) (AccessToken, error) {
	h := api.Header(ctx)
	h.Set("Cache-Control", "no-store")
	h.Set("Pragma", "no-cache")
	if !s.Issuer.PasswordGrant() {
		return AccessToken{}, problem.Bad("%s", local.TextPasswordGrantOff)
	}
	if s.Elsewhere != nil {
		if t, ok, err := s.Elsewhere(ctx, login, password, api.Address(ctx)); ok {
			return passedOn(h, &t, err)
		}
	}
	user, err := s.People.SignIn(ctx, login, password, api.Address(ctx))
	if problem.Is(err, problem.Unauthenticated) && !errors.Is(err, identity.ErrSecondFactor) {
		h.Set("WWW-Authenticate", "Basic")
		return AccessToken{}, problem.New(problem.Unauthenticated, "Incorrect username or password")
	}
	if err != nil {
		return AccessToken{}, err
	}
	s.Audit.Record(ctx, audit.Event{
		Operation: audit.SignIn, Actor: user.ID, ActorName: user.Username, CredentialKind: "password", Detail: "got an access token",
	})
	return s.token(ctx, user)
}

func (s Services) token(ctx context.Context, user identity.User) (AccessToken, error) {
	t, err := s.Issuer.Issue(user)
	if err != nil {
		return AccessToken{}, err
	}
	seconds := int(t.ExpiresIn.Seconds())
	upload, err := s.Legacy.UploadToken(ctx, user.ID)
	return AccessToken{AccessToken: t.Raw, TokenType: "Bearer", ExpiresIn: &seconds, UploadToken: upload}, err
}

// createAccessTokenByQuery is the old way with the password in the address, where
// logs of proxies keep it; the operator must have allowed it (product, difference 9).
func (s Services) createAccessTokenByQuery(w http.ResponseWriter, r *http.Request) {
	if !s.About().PasswordInQuery {
		w.Header().Set("Allow", http.MethodPost)
		api.Fail(w, r, problem.New(problem.MethodNotAllowed,
			"Send user name and password as a form: POST /auth/token. A password in the address works only if the administrator sets auth.allow_password_in_query."))
		return
	}
	api.MarkDeprecated(r.Context())
	q := r.URL.Query()
	answer, err := s.issue(r.Context(), q.Get("username"), q.Get("password"))
	if err != nil {
		api.Fail(w, r, err)
		return
	}
	api.WriteJSON(w, http.StatusOK, answer)
}

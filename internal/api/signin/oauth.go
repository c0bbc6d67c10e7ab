package signin

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"oasis/internal/access"
	"oasis/internal/access/identity"
	"oasis/internal/access/identity/local"
	"oasis/internal/access/scope"
	"oasis/internal/access/token"
	"oasis/internal/api"
	"oasis/internal/problem"
)

// Accounts is what the provider's pages need of the directory.
type Accounts interface {
	User(ctx context.Context, id string) (identity.User, error)
	SessionOf(ctx context.Context, secret string) (identity.Session, error)
	EndSession(ctx context.Context, secret string) error
}

// PATs is what introspection and revocation need of personal access tokens.
type PATs interface {
	ByRaw(ctx context.Context, raw string) (token.PAT, error)
	Revoke(ctx context.Context, userID, id string) error
}

// OAuth is the HTTP side of the embedded identity provider.
type OAuth struct {
	Provider *local.Provider
	OAuth    *local.OAuth
	People   Accounts
	PATs     PATs
	// Issuer and Realm (keycloak.realm_name) are asked at every use.
	Issuer, Realm func() string
	// Pages is where the pages of the web app lie, as a path: "/nomad-oasis/gui".
	Pages string
}

// at is where an endpoint can be found: below /auth and, for the clients of
// Keycloak, below /auth/realms/{realm}/protocol/openid-connect.
type at struct{ path, keycloak string }

// Paths below /auth.
const (
	realmPath = "/realms/{realm}"
	oidcPath  = realmPath + "/protocol/openid-connect"
)

// OAuthRoutes gives the rows of the embedded identity provider.
func OAuthRoutes(s OAuth) []api.Route {
	var routes []api.Route
	serve := func(method, id string, where at, summary string, handle http.HandlerFunc, change func(*api.Row)) {
		for _, path := range []string{where.path, where.keycloak} {
			if path == "" {
				continue
			}
			name := id
			if strings.HasPrefix(path, realmPath) {
				name = "realm" + strings.ToUpper(id[:1]) + id[1:]
			}
			row := api.Row{
				Operation: access.Operation{ID: name, Open: true}, Method: method, Path: "/auth" + path, Tag: "auth", Summary: summary,
			}
			if change != nil {
				change(&row)
			}
			routes = append(routes, api.Serve(row, s.inRealm(handle)))
		}
	}
	identify := func(r *api.Row) { r.Identify = true }
	bearer := func(r *api.Row) {
		r.Operation = access.Operation{ID: r.ID, Scopes: scope.Of(scope.UsersRead), Accepts: access.People()}
	}
	const get, post = http.MethodGet, http.MethodPost
	serve(get, "getDiscovery", at{"/.well-known/openid-configuration", realmPath + "/.well-known/openid-configuration"}, "Discovery document", s.discovery, nil)
	serve(get, "info", at{keycloak: realmPath}, "Realm in Keycloak's form", s.realm, nil)
	serve(get, "getKeys", at{"/jwks", oidcPath + "/certs"}, "Public keys", s.keys, nil)
	serve(get, "authorize", at{"/authorize", oidcPath + "/auth"}, "Sign somebody in to a client", s.authorize, identify)
	serve(post, "authorizeByForm", at{"/authorize", oidcPath + "/auth"}, "Sign somebody in to a client, as a form", s.byForm, nil)
	serve(post, "redeem", at{"/token", oidcPath + "/token"}, "Get tokens", s.token, nil)
	serve(post, "startDevice", at{"/device", oidcPath + "/auth/device"}, "Begin a device sign-in", s.startDevice, nil)
	serve(get, "getUserInfo", at{"/userinfo", oidcPath + "/userinfo"}, "Who an access token belongs to", s.userInfo, bearer)
	serve(post, "postUserInfo", at{"/userinfo", oidcPath + "/userinfo"}, "Who an access token belongs to", s.userInfo, bearer)
	serve(post, "introspect", at{"/introspect", oidcPath + "/token/introspect"}, "Whether a token is alive", s.introspect, identify)
	serve(post, "revoke", at{"/revoke", oidcPath + "/revoke"}, "End a token", s.revoke, nil)
	serve(get, "signOut", at{"/end-session", oidcPath + "/logout"}, "Sign out of a client", s.signOut, identify)
	serve(post, "signOutByForm", at{"/end-session", oidcPath + "/logout"}, "Sign out of a client, as a form", s.signOutByForm, nil)
	return append(routes, s.pageRoutes()...)
}

// inRealm answers only for the one realm there is, whose name is configured.
func (s OAuth) inRealm(handle http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.Pattern, "{realm}") && r.PathValue("realm") != s.Realm() {
			api.Fail(w, r, problem.NotFound("The realm here is called %s.", s.Realm()))
			return
		}
		handle(w, r)
	})
}

// maxForm bounds the bodies of requests to the provider.
const maxForm = 64 << 10

// form reads the body of a request; its fields are then in PostForm. It answers
// the request itself when that fails.
func form(w http.ResponseWriter, r *http.Request) (*http.Request, bool) {
	r = api.Form(r.Context())
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	err := r.ParseMultipartForm(maxForm)
	if errors.Is(err, http.ErrNotMultipart) {
		err = nil
	}
	if err != nil {
		sendError(w, r, &local.Error{Status: http.StatusBadRequest, Code: "invalid_request", Description: "The form could not be read."})
		return nil, false
	}
	if r.MultipartForm != nil {
		_ = r.MultipartForm.RemoveAll() // nothing is on disk below maxForm
	}
	return r, true
}

// sendError answers in the form of RFC 6749 §5.2; faults of ours in that of the API.
func sendError(w http.ResponseWriter, r *http.Request, err error) {
	var e *local.Error
	if !errors.As(err, &e) {
		api.Fail(w, r, err)
		return
	}
	private(w)
	if e.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(e.RetryAfter))
	}
	if e.Status == http.StatusUnauthorized && e.Code == "invalid_client" {
		w.Header().Set("WWW-Authenticate", `Basic realm="Oasis clients"`)
	}
	api.WriteJSON(w, e.Status, map[string]string{"error": e.Code, "error_description": e.Description})
}

// private keeps an answer out of every cache and lets pages of other sites read
// it: no cookie counts here.
func private(w http.ResponseWriter) {
	w.Header().Set("Access-Control-Allow-Origin", "*")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Pragma", "no-cache")
}

func (s OAuth) token(w http.ResponseWriter, r *http.Request) {
	r, ok := form(w, r)
	if !ok {
		return
	}
	answer, err := s.OAuth.Token(r.Context(), r, api.Address(r.Context()))
	if err != nil {
		sendError(w, r, err)
		return
	}
	private(w)
	api.WriteJSON(w, http.StatusOK, answer)
}

func (s OAuth) startDevice(w http.ResponseWriter, r *http.Request) {
	r, ok := form(w, r)
	if !ok {
		return
	}
	d, err := s.OAuth.StartDevice(r.Context(), r, api.Address(r.Context()))
	if err != nil {
		sendError(w, r, err)
		return
	}
	page := strings.TrimSuffix(s.Issuer(), "/auth") + "/gui/device"
	private(w)
	api.WriteJSON(w, http.StatusOK, map[string]any{
		"device_code": d.DeviceCode, "user_code": d.UserCode, "verification_uri": page,
		"verification_uri_complete": page + "?user_code=" + url.QueryEscape(d.UserCode),
		"expires_in":                int(d.ExpiresIn.Seconds()), "interval": int(d.Interval.Seconds()),
	})
}

// userInfo is guarded like any operation of the API; what it tells depends on the
// scopes the client was given.
func (s OAuth) userInfo(w http.ResponseWriter, r *http.Request) {
	facts, err := s.OAuth.Claims(r.Context(), api.Bearer(r.Context()), api.Caller(r.Context()).User) // "" for a session
	if err != nil {
		api.Fail(w, r, err)
		return
	}
	private(w)
	api.WriteJSON(w, http.StatusOK, facts)
}

// introspect tells confidential clients and administrators about tokens (RFC 7662).
func (s OAuth) introspect(w http.ResponseWriter, r *http.Request) {
	caller := api.Caller(r.Context())
	r, ok := form(w, r)
	if !ok {
		return
	}
	ctx := r.Context()
	raw := r.PostForm.Get("token")
	if raw == "" {
		sendError(w, r, errNoToken())
		return
	}
	admin := caller.State == access.Valid && caller.UserState == access.UserKnown && caller.User.Admin && access.People().Has(caller.Kind)
	if !admin {
		client, err := s.OAuth.Authenticate(ctx, r, api.Address(ctx))
		if err == nil && client.Secret == "" {
			err = &local.Error{Status: http.StatusUnauthorized, Code: "invalid_client", Description: "Only clients with a secret and administrators may ask."}
		}
		if err != nil {
			sendError(w, r, asClientError(err))
			return
		}
	}
	inspect := s.OAuth.Introspect
	if strings.HasPrefix(raw, token.Prefix) {
		inspect = s.introspectPAT
	}
	found, err := inspect(ctx, raw)
	if err != nil {
		api.Fail(w, r, err)
		return
	}
	if found == nil {
		found = local.Inspected{"active": false}
	}
	private(w)
	w.Header().Del("Access-Control-Allow-Origin")
	api.WriteJSON(w, http.StatusOK, found)
}

func errNoToken() error {
	return &local.Error{Status: http.StatusBadRequest, Code: "invalid_request", Description: "The parameter token is missing."}
}

// asClientError makes a missing client an unknown one: RFC 7662 and 7009 want a 401.
func asClientError(err error) error {
	var e *local.Error
	if errors.As(err, &e) && e.Status == http.StatusBadRequest {
		return &local.Error{Status: http.StatusUnauthorized, Code: "invalid_client", Description: "Say which client you are: client_id and client_secret, or HTTP Basic."}
	}
	return err
}

func (s OAuth) introspectPAT(ctx context.Context, raw string) (local.Inspected, error) {
	pat, err := s.PATs.ByRaw(ctx, raw)
	if problem.Is(err, problem.Missing) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	user, err := s.People.User(ctx, pat.UserID)
	if problem.Is(err, problem.Missing) || err == nil && user.Disabled {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	found := local.Inspected{
		"active": true, "token_type": "personal_access_token", "iss": s.Issuer(), "sub": user.ID, "username": user.Username,
		"scope": strings.Join(pat.Scopes.Names(), " "), "jti": pat.ID, "iat": pat.CreatedAt.Unix(),
	}
	if !pat.ExpiredAt.IsZero() {
		found["exp"] = pat.ExpiredAt.Unix()
	}
	return found, nil
}

// revoke ends a token (RFC 7009). A personal access token may be ended by
// whoever holds it: that is its owner, or somebody who should not have it.
func (s OAuth) revoke(w http.ResponseWriter, r *http.Request) {
	r, ok := form(w, r)
	if !ok {
		return
	}
	ctx := r.Context()
	raw := r.PostForm.Get("token")
	if raw == "" {
		sendError(w, r, errNoToken())
		return
	}
	if strings.HasPrefix(raw, token.Prefix) {
		if err := s.revokePAT(ctx, raw); err != nil {
			api.Fail(w, r, err)
			return
		}
		private(w)
		return
	}
	client, err := s.OAuth.Authenticate(ctx, r, api.Address(ctx))
	if err == nil {
		err = s.OAuth.Revoke(ctx, client, raw)
	}
	if err != nil {
		sendError(w, r, asClientError(err))
		return
	}
	private(w)
}

func (s OAuth) revokePAT(ctx context.Context, raw string) error {
	pat, err := s.PATs.ByRaw(ctx, raw)
	if err == nil {
		err = s.PATs.Revoke(ctx, pat.UserID, pat.ID)
	}
	if problem.Is(err, problem.Missing) {
		return nil
	}
	return err
}

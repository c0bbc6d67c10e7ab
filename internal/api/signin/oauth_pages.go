package signin

import (
	"context"
	"errors"
	"html/template"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"oasis/internal/access"
	"oasis/internal/access/identity"
	"oasis/internal/access/identity/local"
	"oasis/internal/access/scope"
	"oasis/internal/api"
	"oasis/internal/problem"
)

// paramSince is added to an authorization request whose client wants the person
// to sign in anew: the session must have begun after this Unix time.
const paramSince = "oasis_since"

// authorize signs somebody in to a client, sending them to the pages for signing
// in and for consent where these are needed.
func (s OAuth) authorize(w http.ResponseWriter, r *http.Request) {
	ctx, query := r.Context(), r.URL.Query()
	w.Header().Set("Cache-Control", "no-store")
	a, err := s.OAuth.Authorization(ctx, query)
	if err != nil {
		s.showError(w, r, err)
		return
	}
	refuse := func(code, text string) { http.Redirect(w, r, s.OAuth.Refuse(a, code, text), http.StatusSeeOther) }
	user, session, err := s.signedIn(ctx)
	if err != nil {
		api.Fail(w, r, err)
		return
	}
	if user == nil || stale(a, query, session) {
		if a.Silent {
			refuse("login_required", "The person has to sign in.")
			return
		}
		if a.Login && query.Get(paramSince) == "" {
			query.Set(paramSince, strconv.FormatInt(time.Now().Unix(), 10))
		}
		page := url.Values{"next": {r.URL.Path + "?" + query.Encode()}}
		if user != nil {
			page.Set("again", "1")
		}
		http.Redirect(w, r, s.Pages+"/login?"+page.Encode(), http.StatusSeeOther)
		return
	}
	agreed, err := s.OAuth.Consented(ctx, a, user.ID)
	if err != nil {
		api.Fail(w, r, err)
		return
	}
	if !agreed {
		if a.Silent {
			refuse("consent_required", "The person has to be asked.")
			return
		}
		http.Redirect(w, r, s.Pages+"/consent?"+url.Values{"request": {r.URL.RawQuery}}.Encode(), http.StatusSeeOther)
		return
	}
	to, err := s.OAuth.Approve(ctx, a, *user, session.Created)
	if err != nil {
		s.showError(w, r, err)
		return
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// signedIn gives the person behind the session cookie, nil for anybody else.
func (s OAuth) signedIn(ctx context.Context) (*identity.User, identity.Session, error) {
	caller := api.Caller(ctx)
	if caller.Kind != access.SessionCookie || caller.State != access.Valid || caller.UserState != access.UserKnown {
		return nil, identity.Session{}, nil
	}
	session, err := s.People.SessionOf(ctx, api.SessionSecret(ctx))
	if problem.Is(err, problem.Missing) { // ended since a moment ago
		return nil, identity.Session{}, nil
	}
	return &caller.User, session, err
}

// stale tells whether the client wants a newer proof of who the person is.
func stale(a *local.Authorization, query url.Values, session identity.Session) bool {
	if a.MaxAge > 0 && time.Since(session.Created) > a.MaxAge {
		return true
	}
	if !a.Login {
		return false
	}
	since, err := strconv.ParseInt(query.Get(paramSince), 10, 64)
	return err != nil || session.Created.Unix() < since
}

// byForm makes a GET of a request that came as a form: the cookie of the session
// does not come along with forms of other sites.
func (s OAuth) byForm(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	r, ok := form(w, r)
	if !ok {
		return
	}
	for name, values := range r.PostForm {
		query[name] = append(query[name], values...)
	}
	http.Redirect(w, r, r.URL.Path+"?"+query.Encode(), http.StatusSeeOther)
}

// showError brings a refusal to the client when its address is known to be
// right, and else shows it to the person.
func (s OAuth) showError(w http.ResponseWriter, r *http.Request, err error) {
	var e *local.Error
	switch {
	case !errors.As(err, &e):
		api.Fail(w, r, err)
	case e.RedirectTo != "":
		http.Redirect(w, r, e.RedirectTo, http.StatusSeeOther)
	case strings.Contains(r.Header.Get("Accept"), "text/html"):
		h := w.Header()
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Cache-Control", "no-store")
		w.WriteHeader(e.Status)
		_ = errorPage.Execute(w, e) // the client may be gone
	default:
		sendError(w, r, err)
	}
}

var errorPage = template.Must(template.New("error").Parse(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>This sign-in cannot go on</title></head>
<body><h1>This sign-in cannot go on</h1>
<p>The application that sent you here has made a mistake, or is not allowed to use this server. Tell its operators what stands here:</p>
<p><strong>{{.Code}}</strong>: {{.Description}}</p></body></html>
`))

// signOut ends what an id token has begun: its grant, and the session of its
// owner in this browser. Without an id token nobody is signed out, because any
// page could send people here.
func (s OAuth) signOut(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	w.Header().Set("Cache-Control", "no-store")
	out, err := s.OAuth.SignOut(ctx, r.URL.Query())
	if err != nil {
		s.showError(w, r, err)
		return
	}
	user, _, err := s.signedIn(ctx)
	if err == nil && out.GrantID != "" {
		err = s.OAuth.EndGrant(ctx, out.GrantID)
	}
	if err == nil && user != nil && user.ID == out.UserID {
		if err = s.People.EndSession(ctx, api.SessionSecret(ctx)); err == nil {
			cookie := api.SessionCookie(ctx, "")
			http.SetCookie(w, &cookie)
		}
	}
	if err != nil {
		api.Fail(w, r, err)
		return
	}
	if out.RedirectTo == "" {
		out.RedirectTo = s.Pages + "/"
	}
	http.Redirect(w, r, out.RedirectTo, http.StatusSeeOther)
}

// signOutByForm ends the grant of a refresh token, as Keycloak's clients ask for
// it; any other form becomes a GET.
func (s OAuth) signOutByForm(w http.ResponseWriter, r *http.Request) {
	r, ok := form(w, r)
	if !ok {
		return
	}
	raw := r.PostForm.Get("refresh_token")
	if raw == "" {
		http.Redirect(w, r, r.URL.Path+"?"+r.PostForm.Encode(), http.StatusSeeOther)
		return
	}
	client, err := s.OAuth.Authenticate(r.Context(), r, api.Address(r.Context()))
	if err == nil {
		err = s.OAuth.Revoke(r.Context(), client, raw)
	}
	if err != nil {
		sendError(w, r, asClientError(err))
		return
	}
	private(w)
	w.WriteHeader(http.StatusNoContent)
}

// pageRoutes are the rows of the pages for consent and for devices. They give
// others a way into the account, so they need what making tokens needs; saying
// yes takes a session on top.
func (s OAuth) pageRoutes() []api.Route {
	row := func(id, method, path, summary string) api.Row {
		return api.Row{
			Operation: access.Operation{ID: id, Scopes: scope.Of(scope.TokensCreate), Accepts: access.People()},
			Method:    method, Path: "/auth" + path, Tag: "auth", Summary: summary, SameOrigin: method == http.MethodPost,
		}
	}
	return []api.Route{
		api.Handle(row("getConsent", http.MethodGet, "/consent", "What a client asks for"), s.getConsent),
		api.Handle(row("decideConsent", http.MethodPost, "/consent", "Say yes or no to a client"), s.decideConsent),
		api.Handle(row("getDevice", http.MethodGet, "/device/verify", "What a device asks for"), s.getDevice),
		api.Handle(row("decideDevice", http.MethodPost, "/device/verify", "Say yes or no to a device"), s.decideDevice),
	}
}

// ClientFacts name a client to the person who is asked.
type ClientFacts struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Trusted bool   `json:"trusted" doc:"It is part of this server"`
}

func factsOf(c local.Client) ClientFacts {
	return ClientFacts{ID: c.ID, Name: c.Title(), Trusted: c.Trusted}
}

// Consent is what the consent page shows.
type Consent struct {
	Client       ClientFacts `json:"client"`
	Scopes       []string    `json:"scopes" doc:"What the client wants to learn; its access token can do whatever the person can"`
	RedirectHost string      `json:"redirect_host" doc:"Where the browser goes afterwards"`
}

// authorization reads the request that a consent page was opened with.
func (s OAuth) authorization(ctx context.Context, request string) (*local.Authorization, url.Values, error) {
	query, err := url.ParseQuery(request)
	if err != nil {
		return nil, nil, problem.Bad("The request of the client cannot be read. Start again in the application.")
	}
	a, err := s.OAuth.Authorization(ctx, query)
	var e *local.Error
	if errors.As(err, &e) {
		return nil, nil, problem.Bad("%s", e.Description).Because(err)
	}
	return a, query, err
}

func (s OAuth) getConsent(ctx context.Context, in *struct {
	Request string `query:"request" required:"true" maxLength:"8000" doc:"The query that the page was opened with"`
}) (*struct{ Body Consent }, error) {
	noStore(ctx)
	a, _, err := s.authorization(ctx, in.Request)
	if err != nil {
		return nil, err
	}
	return &struct{ Body Consent }{Consent{Client: factsOf(a.Client), Scopes: a.Scopes, RedirectHost: a.RedirectTo.Host}}, nil
}

// Onward is where the browser has to go.
type Onward struct {
	RedirectTo string `json:"redirect_to"`
}

func (s OAuth) decideConsent(ctx context.Context, in *struct {
	Body struct {
		Request string `json:"request" maxLength:"8000"`
		Approve bool   `json:"approve"`
	}
}) (*struct{ Body Onward }, error) {
	noStore(ctx)
	a, query, err := s.authorization(ctx, in.Body.Request)
	if err != nil {
		return nil, err
	}
	user, session, err := s.signedIn(ctx)
	if err != nil {
		return nil, err
	}
	if user == nil || stale(a, query, session) {
		return nil, problem.Bad("Sign in again first.")
	}
	if !in.Body.Approve {
		return &struct{ Body Onward }{Onward{s.OAuth.Refuse(a, "access_denied", "The person said no.")}}, nil
	}
	to, err := s.OAuth.Approve(ctx, a, *user, session.Created)
	var e *local.Error
	if errors.As(err, &e) {
		if e.RedirectTo == "" {
			return nil, problem.Bad("%s", e.Description).Because(err)
		}
		to, err = e.RedirectTo, nil
	}
	return &struct{ Body Onward }{Onward{to}}, err
}

// DeviceFacts is what the device page shows.
type DeviceFacts struct {
	Client    ClientFacts `json:"client"`
	Scopes    []string    `json:"scopes"`
	Address   string      `json:"address" doc:"Where the device asked from"`
	ExpiresIn int         `json:"expires_in" doc:"Seconds that are left to decide"`
}

func (s OAuth) getDevice(ctx context.Context, in *struct {
	UserCode string `query:"user_code" required:"true" maxLength:"100" doc:"What the device shows"`
}) (*struct{ Body DeviceFacts }, error) {
	noStore(ctx)
	d, err := s.OAuth.WaitingDevice(ctx, api.UserID(ctx), in.UserCode, api.Address(ctx))
	if err != nil {
		return nil, err
	}
	scopes := d.Scopes
	if scopes == nil {
		scopes = []string{}
	}
	return &struct{ Body DeviceFacts }{DeviceFacts{
		Client: factsOf(d.Client), Scopes: scopes, Address: d.Address, ExpiresIn: int(time.Until(d.Expires).Seconds()),
	}}, nil
}

func (s OAuth) decideDevice(ctx context.Context, in *struct {
	Body struct {
		UserCode string `json:"user_code" maxLength:"100"`
		Approve  bool   `json:"approve"`
	}
}) (*struct{}, error) {
	noStore(ctx)
	user, session, err := s.signedIn(ctx)
	if err != nil {
		return nil, err
	}
	if user == nil {
		return nil, problem.Bad("Sign in again first.")
	}
	d, err := s.OAuth.WaitingDevice(ctx, user.ID, in.Body.UserCode, api.Address(ctx))
	if err != nil {
		return nil, err
	}
	return nil, s.OAuth.DecideDevice(ctx, d, *user, session.Created, in.Body.Approve)
}

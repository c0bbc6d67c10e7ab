package signin

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"oasis/internal/access"
	"oasis/internal/access/audit"
	"oasis/internal/access/identity"
	"oasis/internal/access/identity/oidc"
	"oasis/internal/api"
	"oasis/internal/problem"
)

// Flow takes people through sign-in at an external provider.
type Flow interface {
	Name() string
	Start(ctx context.Context, callback, returnTo string) (address, cookie string, err error)
	StartLink(ctx context.Context, callback, returnTo, userID string) (address, cookie string, err error)
	Finish(ctx context.Context, callback, cookie string, query url.Values) (oidc.SignedIn, error)
	SignOut(ctx context.Context, idToken, returnTo string) string
}

// ExternalSessions keeps the sessions of people who have signed in elsewhere.
type ExternalSessions interface {
	StartExternalSession(ctx context.Context, user identity.User, idToken, address, agent string) (string, error)
	TakeIDToken(ctx context.Context, secret string) (string, error)
	EndSession(ctx context.Context, secret string) error
}

// External is what signing in at an external provider needs.
type External struct {
	Flow     Flow
	Sessions ExternalSessions
	Linked   LinkedPeople
	// PublicURL is the address of this Oasis, with the base path.
	PublicURL func() string
	Audit     audit.Recorder
}

// Paths of signing in at an external provider, below the base path.
const (
	// PathExternalStart is where the browser goes to begin.
	PathExternalStart    = "/auth/external/start"
	pathExternalCallback = "/auth/external/callback"
)

// ExternalRoutes gives the rows of signing in at an external provider. Both are
// pages a browser goes to; what went wrong is told by the sign-in page.
func ExternalRoutes(e External) []api.Route {
	row := func(id, path, summary string) api.Row {
		return api.Row{
			Operation: access.Operation{ID: id, Open: true, BeforeSetUp: true},
			Method:    http.MethodGet, Path: path, Tag: "auth", Summary: summary,
		}
	}
	finish := row("finishExternalSignIn", pathExternalCallback, "Come back from the identity provider")
	finish.Identify = true // whose account is linked
	return []api.Route{
		api.Serve(row("startExternalSignIn", PathExternalStart, "Sign in at the identity provider"), http.HandlerFunc(e.start)),
		api.Serve(finish, http.HandlerFunc(e.finish)),
	}
}

// start sends the browser to the provider. The cookie of the sign-in must lie on
// the host that the provider sends the browser back to.
func (e External) start(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	if mode := r.Header.Get("Sec-Fetch-Mode"); mode != "" && mode != "navigate" { // an image of another site, say
		api.Fail(w, r, problem.Denied("This is a page to go to, not to fetch."))
		return
	}
	query := r.URL.Query()
	public, err := url.Parse(e.PublicURL())
	if err == nil && public.Host != r.Host && !query.Has("here") {
		query.Set("here", "1") // once: behind some proxies the host is never right
		http.Redirect(w, r, e.PublicURL()+PathExternalStart+"?"+query.Encode(), http.StatusSeeOther)
		return
	}
	address, cookie, err := e.Flow.Start(r.Context(), e.PublicURL()+pathExternalCallback, e.local(query.Get("return_to")))
	if err != nil {
		e.fail(w, r, err)
		return
	}
	http.SetCookie(w, e.cookie(r.Context(), cookie))
	http.Redirect(w, r, address, http.StatusSeeOther)
}

// cookie keeps a sign-in while the browser is at the provider; "" removes it.
func (e External) cookie(ctx context.Context, value string) *http.Cookie {
	c := api.SessionCookie(ctx, value)
	c.Name += "-external"
	if value != "" {
		c.MaxAge = int(oidc.FlowLife.Seconds())
	}
	return &c
}

// local gives the page to go to after signing in: one of ours, whatever was asked for.
func (e External) local(path string) string {
	home := e.PublicURL() + "/gui/"
	public, err := url.Parse(e.PublicURL())
	if err != nil || strings.ContainsAny(path, "\\\r\n\t") {
		return home
	}
	asked, err := url.Parse(path)
	if err != nil || asked.Scheme != "" || asked.Host != "" || asked.User != nil || strings.HasPrefix(path, "//") ||
		!strings.HasPrefix(asked.Path, public.Path+"/gui/") || strings.Contains(asked.Path, "/..") {
		return home
	}
	return public.Scheme + "://" + public.Host + asked.String()
}

// finish makes the session of somebody who comes back from the provider.
func (e External) finish(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer") // the address holds the code
	gone := e.cookie(ctx, "")
	begun := ""
	if c, err := r.Cookie(gone.Name); err == nil {
		begun = c.Value
	}
	http.SetCookie(w, gone)
	done, err := e.Flow.Finish(ctx, e.PublicURL()+pathExternalCallback, begun, r.URL.Query())
	if err != nil {
		e.fail(w, r, err)
		return
	}
	if done.Link != "" {
		e.finishLink(w, r, &done)
		return
	}
	if old := api.SessionSecret(ctx); old != "" { // nobody keeps a cookie that others have seen
		if err := e.Sessions.EndSession(ctx, old); err != nil {
			e.fail(w, r, err)
			return
		}
	}
	secret, err := e.Sessions.StartExternalSession(ctx, done.User, done.IDToken, api.Address(ctx), r.UserAgent())
	if err != nil {
		e.fail(w, r, err)
		return
	}
	cookie := api.SessionCookie(ctx, secret)
	http.SetCookie(w, &cookie)
	http.Redirect(w, r, done.Return, http.StatusSeeOther)
}

// fail sends the browser to the sign-in page with a code for what went wrong: a
// sentence in an address could be anybody's.
func (e External) fail(w http.ResponseWriter, r *http.Request, err error) {
	p := problem.As(err)
	if p == nil {
		api.Fail(w, r, err)
		return
	}
	code := "failed"
	switch p.Kind {
	case problem.BadRequest:
		code = "again"
	case problem.Forbidden:
		code = "refused"
	case problem.Unavailable:
		code = "unavailable"
	}
	e.Audit.Record(r.Context(), audit.Event{Operation: audit.SignIn, Outcome: audit.Failed, Detail: "At " + e.Flow.Name() + ": " + p.Error()})
	http.Redirect(w, r, e.PublicURL()+"/gui/sign-in?external="+code, http.StatusSeeOther)
}

// SignOut forgets what ties the session to the provider and gives the address
// that ends the session there, "" when there is none. Call it before the session ends.
func (e External) SignOut(ctx context.Context, secret string) (string, error) {
	idToken, err := e.Sessions.TakeIDToken(ctx, secret)
	if err != nil || idToken == "" {
		return "", err
	}
	return e.Flow.SignOut(ctx, idToken, e.PublicURL()+"/gui/"), nil
}

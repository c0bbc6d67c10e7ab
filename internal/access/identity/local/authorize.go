package local

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ory/fosite"

	"oasis/internal/access/identity"
)

// Authorization is a request of a client to sign somebody in, checked as far as
// that is possible before it is known who that is.
type Authorization struct {
	Client Client
	Scopes []string
	// RedirectTo is where the client will hear the answer.
	RedirectTo *url.URL
	// Silent: the client wants an answer without anybody being asked (prompt=none).
	Silent bool
	// Login: the person has to prove anew who they are (prompt=login).
	Login bool
	// Consent: the person has to be asked, whatever was said before (prompt=consent).
	Consent bool
	// MaxAge is how long ago the person may have signed in, 0 = no limit.
	MaxAge time.Duration

	request fosite.AuthorizeRequester
}

// Authorization checks the parameters of an authorization request. The Error it
// returns has RedirectTo set when the client may hear it; a wrong client or
// redirect address is only shown to the person (RFC 6749 §4.1.2.1).
func (o *OAuth) Authorization(ctx context.Context, query url.Values) (*Authorization, error) {
	for name, values := range query {
		if len(values) > 1 {
			return nil, refusal(http.StatusBadRequest, codeInvalidRequest, "The parameter "+name+" is there more than once.")
		}
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "/?"+query.Encode(), nil)
	if err != nil {
		return nil, refusal(http.StatusBadRequest, codeInvalidRequest, "The request cannot be read.")
	}
	ar, err := o.fosite.NewAuthorizeRequest(ctx, r)
	if err != nil {
		return nil, o.refuseAuthorization(ar, err)
	}
	client, ok := ar.GetClient().(*registered)
	if !ok || !client.GetGrantTypes().Has(grantCode) {
		return nil, o.refuseAuthorization(ar, fosite.ErrUnauthorizedClient.WithHint("This client does not sign people in in the browser."))
	}
	if client.IsPublic() && ar.GetRequestForm().Get(paramChallenge) == "" {
		// fosite says so too, but only after the person has signed in.
		return nil, o.refuseAuthorization(ar, fosite.ErrInvalidRequest.WithHint("This client must use PKCE: send code_challenge with code_challenge_method=S256."))
	}
	prompts := strings.Fields(query.Get("prompt"))
	a := &Authorization{
		Client: client.client, Scopes: ar.GetRequestedScopes(), RedirectTo: ar.GetRedirectURI(), request: ar,
		Silent: slices.Contains(prompts, "none"), Login: slices.Contains(prompts, "login") || slices.Contains(prompts, "select_account"),
		Consent: slices.Contains(prompts, "consent"),
	}
	if seconds, err := strconv.Atoi(query.Get(paramMaxAge)); err == nil && seconds >= 0 {
		a.MaxAge = max(time.Duration(seconds)*time.Second, time.Nanosecond)
	}
	return a, nil
}

// refuseAuthorization brings a refusal to the client if its address is known to be right.
func (o *OAuth) refuseAuthorization(ar fosite.AuthorizeRequester, err error) error {
	e, ok := errorOf(err).(*Error) //nolint:errorlint // errorOf returns it bare
	if !ok {
		return err
	}
	e.Status = http.StatusBadRequest // it is shown in a browser, which would ask for a password on a 401
	if ar != nil && ar.IsRedirectURIValid() {
		e.RedirectTo = o.answer(ar, url.Values{"error": {e.Code}, "error_description": {e.Description}, "state": {ar.GetState()}})
	}
	return e
}

// answer is the address that brings parameters to the client.
func (o *OAuth) answer(ar fosite.AuthorizeRequester, parameters url.Values) string {
	to := *ar.GetRedirectURI()
	parameters.Set("iss", o.provider.cfg.Issuer()) // RFC 9207
	if parameters.Get("state") == "" {
		parameters.Del("state")
	}
	if ar.GetResponseMode() == fosite.ResponseModeFragment {
		to.Fragment, to.RawFragment = "", ""
		return to.String() + "#" + parameters.Encode()
	}
	q := to.Query()
	for name, values := range parameters {
		q[name] = values
	}
	to.RawQuery = q.Encode()
	return to.String()
}

// Refuse is the address that tells the client why it gets nothing.
func (o *OAuth) Refuse(a *Authorization, code, description string) string {
	return o.answer(a.request, url.Values{"error": {code}, "error_description": {description}, "state": {a.request.GetState()}})
}

// Consented tells whether the person need not be asked: the client is our own,
// or has a living grant with all these scopes.
func (o *OAuth) Consented(ctx context.Context, a *Authorization, userID string) (bool, error) {
	if a.Client.Trusted {
		return true, nil
	}
	if a.Consent {
		return false, nil
	}
	grants, err := o.provider.store.GrantsOf(ctx, userID, a.Client.ID, o.provider.cfg.Now().UTC())
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(grants, func(g Grant) bool {
		return !slices.ContainsFunc(a.Scopes, func(s string) bool { return !slices.Contains(g.Scopes, s) })
	}), nil
}

// Approve makes the authorization code and gives the address that brings it to
// the client. signedIn is when the person last proved who they are.
func (o *OAuth) Approve(ctx context.Context, a *Authorization, user identity.User, signedIn time.Time) (string, error) {
	now := o.provider.cfg.Now().UTC()
	ctx, u := withUnit(ctx, "", now)
	form := a.request.GetRequestForm()
	u.fresh = o.provider.newGrant(user, a.Client.ID, a.Scopes, signedIn, now, codeLife)
	for _, name := range keptParameters() {
		if value := form.Get(name); value != "" {
			u.fresh.Parameters[name] = value
		}
	}
	form.Del("prompt") // seen to before; fosite would compare times that we have compared
	s := emptySession()
	s.belongsTo(user, a.Client, *u.fresh)
	for _, scope := range a.Scopes {
		a.request.GrantScope(scope)
	}
	response, err := o.fosite.NewAuthorizeResponse(ctx, a.request, s)
	if err != nil {
		return "", o.refuseAuthorization(a.request, err)
	}
	if err := o.provider.store.Issue(noted(ctx, u.issue.Grant, user), u.issue); err != nil {
		return "", err
	}
	parameters := response.GetParameters()
	parameters.Set("session_state", u.fresh.ID)
	return o.answer(a.request, parameters), nil
}

// newGrant begins a family that has to be used within life.
func (p *Provider) newGrant(user identity.User, clientID string, scopes []string, signedIn, now time.Time, life time.Duration) *Grant {
	return &Grant{
		ID: randomID(16), ClientID: clientID, UserID: user.ID, Generation: user.Generation, Scopes: slices.Clone(scopes),
		Parameters: map[string]string{}, SignedIn: signedIn.UTC(), Created: now, Expires: now.Add(life),
	}
}

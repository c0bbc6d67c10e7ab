package local

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/ory/fosite"
	"github.com/ory/fosite/handler/openid"
	"github.com/ory/fosite/token/jwt"

	"oasis/internal/access/identity"
	"oasis/internal/problem"
)

// idTokenLife is how long an id token can be presented.
const idTokenLife = time.Hour

// Parameters of an authorization request that later steps need.
const (
	paramNonce     = "nonce"
	paramRedirect  = "redirect_uri"
	paramChallenge = "code_challenge"
	paramMethod    = "code_challenge_method"
	paramMaxAge    = "max_age"
)

func keptParameters() []string {
	return []string{paramNonce, paramRedirect, paramChallenge, paramMethod, paramMaxAge}
}

// session is what fosite carries along with a request: the account as it is now
// and the grant that tokens will belong to.
type session struct {
	*openid.DefaultSession
	user  identity.User
	grant Grant
}

// SetSubject is called by fosite after a password was right; see authenticated.
func (s *session) SetSubject(id string) { s.DefaultSession.SetSubject(id) }

// Clone copies what fosite changes.
func (s *session) Clone() fosite.Session {
	return &session{DefaultSession: s.DefaultSession.Clone().(*openid.DefaultSession), user: s.user, grant: s.grant}
}

// emptySession is for requests of which nothing is known yet.
func emptySession() *session { return &session{DefaultSession: openid.NewDefaultSession()} }

// belongsTo fills in the account and what the id token says of it.
func (s *session) belongsTo(user identity.User, client Client, grant Grant) {
	s.user, s.grant = user, grant
	s.Subject, s.Username = user.ID, user.Username
	extra := map[string]any{"azp": client.ID, "sid": grant.ID, "session_state": grant.ID, "typ": "ID"}
	for name, value := range describe(user, client.Trusted, grant.Scopes) {
		extra[name] = value
	}
	s.Claims = &jwt.IDTokenClaims{
		Subject: user.ID, AuthTime: grant.SignedIn.UTC(), RequestedAt: grant.Created.UTC(), Nonce: grant.Parameters[paramNonce], Extra: extra,
	}
	s.Headers = &jwt.Headers{}
}

// describe is what a client learns about a person (OpenID Connect Core §5.4).
// Our own clients learn it without asking.
func describe(user identity.User, trusted bool, scopes []string) map[string]any {
	facts := map[string]any{}
	put := func(name, value string) {
		if value != "" {
			facts[name] = value
		}
	}
	if trusted || slices.Contains(scopes, scopeProfile) {
		put("preferred_username", user.Username)
		put("name", user.Name())
		put("given_name", user.FirstName)
		put("family_name", user.LastName)
	}
	if trusted || slices.Contains(scopes, scopeEmail) {
		put("email", user.Email)
	}
	return facts
}

// requestOf makes fosite's request of a stored grant, for the account as it is
// now. A grant whose account or client is gone, was switched off or has new
// credentials is not found.
func (o *OAuth) requestOf(ctx context.Context, grant Grant) (*fosite.Request, error) {
	user, err := o.people.User(ctx, grant.UserID)
	if problem.Is(err, problem.Missing) {
		return nil, fosite.ErrNotFound.WithWrap(err)
	}
	if err != nil {
		return nil, fmt.Errorf("look up user: %w", err)
	}
	client, err := o.provider.registered(grant.ClientID)
	if err != nil {
		return nil, err
	}
	if user.Disabled || user.Generation != grant.Generation {
		return nil, fosite.ErrNotFound.WithHint("The account has changed since.")
	}
	s := emptySession()
	s.belongsTo(user, client.client, grant)
	form := url.Values{}
	for name, value := range grant.Parameters {
		form.Set(name, value)
	}
	return &fosite.Request{
		ID: grant.ID, RequestedAt: grant.Created, Client: client, RequestedScope: slices.Clone(grant.Scopes),
		GrantedScope: slices.Clone(grant.Scopes), Form: form, Session: s,
	}, nil
}

package local

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/ory/fosite"

	"oasis/internal/access/identity"
)

// TextPasswordGrantOff answers password grants when auth.password_grant is off.
const TextPasswordGrantOff = "This server gives no tokens for passwords: use 'oasis login' or a personal access token."

// Token answers a request to the token endpoint: the members of the answer, or
// an *Error. Codes and refresh tokens are used up and tokens made in one
// transaction; a code that is refused is used up as well.
func (o *OAuth) Token(ctx context.Context, r *http.Request, address string) (map[string]any, error) {
	ctx, u := withUnit(ctx, address, o.provider.cfg.Now().UTC())
	grantType := r.PostForm.Get("grant_type")
	switch {
	case grantType == "":
		return nil, refusal(http.StatusBadRequest, codeInvalidRequest, "The parameter grant_type is missing.")
	case grantType == grantPassword && !o.provider.cfg.PasswordGrant():
		return nil, refusal(http.StatusBadRequest, "unsupported_grant_type", TextPasswordGrantOff)
	case !slices.Contains(o.Grants(), grantType):
		return nil, refusal(http.StatusBadRequest, "unsupported_grant_type", "This server does not know the grant type.")
	}
	for name, values := range r.PostForm {
		if len(values) > 1 {
			return nil, refusal(http.StatusBadRequest, codeInvalidRequest, "The parameter "+name+" is there more than once.")
		}
	}
	request, err := o.fosite.NewAccessRequest(ctx, r, emptySession())
	if err == nil && grantType == grantPassword {
		err = o.passwordGrant(ctx, request)
	}
	if err != nil {
		return nil, o.refuseToken(ctx, r, err)
	}
	response, err := o.fosite.NewAccessResponse(ctx, request)
	if err != nil {
		return nil, o.refuseToken(ctx, r, err)
	}
	if err := o.idToken(ctx, request, response); err != nil {
		return nil, err
	}
	s, ok := request.GetSession().(*session)
	if !ok {
		return nil, errors.New("the token endpoint has lost its session")
	}
	err = o.provider.store.Issue(noted(ctx, u.issue.Grant, s.user), u.issue)
	if errors.Is(err, ErrSpent) { // somebody was faster: two have the same secret
		if err := o.provider.EndGrant(ctx, s.grant.ID); err != nil {
			return nil, err
		}
		return nil, refusal(http.StatusBadRequest, codeInvalidGrant, "The code or token was used already. All tokens that came of it have ended.")
	}
	if err != nil {
		return nil, fmt.Errorf("store tokens: %w", err)
	}
	answer := response.ToMap()
	answer["token_type"] = "Bearer"
	answer["session_state"], answer["not-before-policy"] = s.grant.ID, 0
	if answer["refresh_token"] != nil {
		answer["refresh_expires_in"] = int64(o.provider.cfg.RefreshLifetime().Seconds())
	}
	return answer, nil
}

// passwordGrant begins a grant for somebody whose password was right.
func (o *OAuth) passwordGrant(ctx context.Context, request fosite.AccessRequester) error {
	user, err := o.people.User(ctx, request.GetSession().GetSubject())
	if err != nil {
		return err
	}
	client, ok := request.GetClient().(*registered)
	if !ok {
		return errors.New("the token endpoint has lost its client")
	}
	s, ok := request.GetSession().(*session)
	if !ok {
		return errors.New("the token endpoint has lost its session")
	}
	u := unitOf(ctx)
	u.fresh = o.provider.newGrant(user, client.GetID(), request.GetRequestedScopes(), u.issue.At, u.issue.At, o.provider.cfg.RefreshLifetime())
	expires := s.ExpiresAt
	s.belongsTo(user, client.client, *u.fresh)
	s.ExpiresAt = expires
	request.SetID(u.fresh.ID)
	for _, scope := range request.GetRequestedScopes() {
		request.GrantScope(scope)
	}
	return nil
}

// idToken adds an id token to the grants for which fosite has none.
func (o *OAuth) idToken(ctx context.Context, request fosite.AccessRequester, response fosite.AccessResponder) error {
	if !request.GetGrantedScopes().Has(scopeOpenID) || response.GetExtra("id_token") != nil {
		return nil
	}
	s, ok := request.GetSession().(*session)
	if !ok {
		return errors.New("the token endpoint has lost its session")
	}
	s.Claims.AccessTokenHash = o.idTokens.GetAccessTokenHash(ctx, request, response)
	return o.idTokens.IssueExplicitIDToken(ctx, idTokenLife, request, response)
}

// refuseToken makes the answer of a refusal. A code that somebody has presented
// with the wrong verifier, client or address has left its owner's hands.
func (o *OAuth) refuseToken(ctx context.Context, r *http.Request, err error) error {
	e, ok := errorOf(err).(*Error) //nolint:errorlint // errorOf returns it bare
	if !ok {
		return err
	}
	if code := r.PostForm.Get("code"); code != "" && (e.Code == codeInvalidGrant || e.Code == codeInvalidRequest) {
		if err := o.provider.store.SpendSecret(ctx, digestOf(code), o.provider.cfg.Now().UTC()); err != nil {
			return fmt.Errorf("use up refused code: %w", err)
		}
	}
	return e
}

// Claims gives what the userinfo endpoint tells the holder of an access token
// that Verify has let through (OpenID Connect Core §5.3); "" is the person
// themselves, at a browser.
func (o *OAuth) Claims(ctx context.Context, raw string, user identity.User) (map[string]any, error) {
	var c claims
	if raw != "" {
		var err error
		if c, err = o.provider.verify(ctx, raw); err != nil {
			return nil, err
		}
	}
	trusted, scopes := c.GrantID == "", []string(nil)
	if c.GrantID != "" {
		grant, err := o.provider.store.Grant(ctx, c.GrantID)
		if err != nil {
			return nil, err
		}
		client, _ := o.provider.client(grant.ClientID)
		trusted, scopes = client.Trusted, grant.Scopes
	}
	facts := describe(user, trusted, scopes)
	facts["sub"] = user.ID
	return facts, nil
}

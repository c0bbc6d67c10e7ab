package local

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"oasis/internal/access/identity"
	"oasis/internal/problem"
)

// Inspected is what introspection tells of a living token (RFC 7662 §2.2).
type Inspected map[string]any

// Authenticate names the client of a request to the introspection or revocation
// endpoint, or gives an *Error.
func (o *OAuth) Authenticate(ctx context.Context, r *http.Request, address string) (Client, error) {
	ctx, _ = withUnit(ctx, address, o.provider.cfg.Now().UTC())
	c, err := o.fosite.AuthenticateClient(ctx, r, r.PostForm)
	if err != nil {
		return Client{}, errorOf(err)
	}
	client, ok := c.(*registered)
	if !ok {
		return Client{}, fmt.Errorf("the client is a %T", c)
	}
	return client.client, nil
}

// Introspect looks at an access token or refresh token of ours; nil means that
// it is not alive.
func (o *OAuth) Introspect(ctx context.Context, raw string) (Inspected, error) {
	c, err := o.provider.verify(ctx, raw)
	if errors.Is(err, identity.ErrInvalidToken) {
		return o.introspectRefresh(ctx, raw)
	}
	if err != nil {
		return nil, err
	}
	user, err := o.people.User(ctx, c.Subject)
	if problem.Is(err, problem.Missing) || err == nil && (user.Disabled || user.Generation != *c.Generation) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return Inspected{
		"active": true, "token_type": "Bearer", "iss": c.Issuer, "sub": c.Subject, "aud": c.Audience, "jti": c.ID,
		"client_id": c.ClientID, "username": user.Username, "scope": c.Scope, "exp": c.Expiry, "iat": c.IssuedAt, "nbf": c.NotBefore,
	}, nil
}

func (o *OAuth) introspectRefresh(ctx context.Context, raw string) (Inspected, error) {
	secret, grant, err := o.provider.store.Secret(ctx, RefreshSecret, digestOf(raw))
	if problem.Is(err, problem.Missing) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if !secret.Used.IsZero() || !grant.Ended.IsZero() || !o.provider.cfg.Now().Before(secret.Expires) {
		return nil, nil
	}
	user, err := o.people.User(ctx, grant.UserID)
	if problem.Is(err, problem.Missing) || err == nil && (user.Disabled || user.Generation != grant.Generation) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return Inspected{
		"active": true, "token_type": "refresh_token", "iss": o.provider.cfg.Issuer(), "sub": user.ID, "client_id": grant.ClientID,
		"username": user.Username, "exp": secret.Expires.Unix(), "iat": secret.Created.Unix(),
	}, nil
}

// Revoke ends a refresh token or access token of a client, and with it the whole
// family it belongs to. Tokens that are not alive or of another client are no error (RFC 7009 §2.2).
func (o *OAuth) Revoke(ctx context.Context, client Client, raw string) error {
	_, grant, err := o.provider.store.Secret(ctx, RefreshSecret, digestOf(raw))
	switch {
	case err == nil && grant.ClientID == client.ID:
		return o.provider.EndGrant(ctx, grant.ID)
	case err != nil && !problem.Is(err, problem.Missing):
		return err
	}
	c, err := o.provider.verify(ctx, raw)
	if errors.Is(err, identity.ErrInvalidToken) {
		return nil
	}
	if err != nil {
		return err
	}
	switch {
	case c.GrantID != "" && c.ClientID == client.ID:
		return o.provider.EndGrant(ctx, c.GrantID)
	case c.GrantID == "": // from POST /auth/token: of no client, whoever has it may end it
		err := o.provider.store.EndToken(ctx, c.ID, c.Expiry.Time())
		o.provider.cfg.Changed(c.Subject)
		return err
	}
	return nil
}

// SignOut is a checked request to sign somebody out (OpenID Connect RP-Initiated Logout 1.0).
type SignOut struct {
	// UserID is whom the hint names, "" without one; only that person's session may be ended unasked.
	UserID string
	// GrantID is what the hint belongs to, "" without one.
	GrantID string
	// RedirectTo is where to go afterwards, "" = nowhere.
	RedirectTo string
}

// SignOut checks the parameters of the end-session endpoint.
func (o *OAuth) SignOut(ctx context.Context, query url.Values) (SignOut, error) {
	out, clientID := SignOut{}, query.Get("client_id")
	if hint := query.Get("id_token_hint"); hint != "" {
		token, err := idSigner{o.provider}.Decode(ctx, hint)
		if err != nil {
			return out, refusal(http.StatusBadRequest, codeInvalidRequest, "The id_token_hint is not an id token of this server.")
		}
		out.UserID, _ = token.Claims["sub"].(string)
		out.GrantID, _ = token.Claims["sid"].(string)
		party, _ := token.Claims["azp"].(string)
		if clientID != "" && clientID != party {
			return out, refusal(http.StatusBadRequest, codeInvalidRequest, "The id_token_hint was made for another client.")
		}
		clientID = party
	}
	to := query.Get("post_logout_redirect_uri")
	if to == "" {
		return out, nil
	}
	client, known := o.provider.client(clientID)
	if !known || !client.mayReturnTo(to) {
		return out, refusal(http.StatusBadRequest, codeInvalidRequest, "The post_logout_redirect_uri is not one of the client's.")
	}
	u, err := url.Parse(to)
	if err != nil {
		return out, refusal(http.StatusBadRequest, codeInvalidRequest, "The post_logout_redirect_uri is not an address.")
	}
	if state := query.Get("state"); state != "" {
		q := u.Query()
		q.Set("state", state)
		u.RawQuery = q.Encode()
	}
	out.RedirectTo = u.String()
	return out, nil
}

// EndGrant ends the family of an id token, when somebody signs out of a client.
func (o *OAuth) EndGrant(ctx context.Context, id string) error { return o.provider.EndGrant(ctx, id) }

// PasswordGrant tells whether tokens are given for passwords (auth.password_grant).
func (p *Provider) PasswordGrant() bool { return p.cfg.PasswordGrant() }

// Prune removes grants that have expired and keys that nobody needs, and makes a
// new signing key when it is time.
func (p *Provider) Prune(ctx context.Context) error {
	return errors.Join(p.store.PruneGrants(ctx, p.cfg.Now().UTC()), p.PruneKeys(ctx))
}

// SupportedClaims lists what tokens and userinfo say, for the discovery document.
func SupportedClaims() []string {
	return []string{
		"sub", "iss", "aud", "exp", "iat", "nbf", "jti", "azp", "sid", "auth_time", "nonce", "at_hash",
		"preferred_username", "name", "given_name", "family_name", "email",
	}
}

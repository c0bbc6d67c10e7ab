package local

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ory/fosite"

	"oasis/internal/access/audit"
	"oasis/internal/access/identity"
	"oasis/internal/problem"
)

// storage is what fosite reads and writes. Reads go to the store; writes are
// collected in the unit of the request and done in one transaction when fosite
// has finished, so that a code or a refresh token is used up exactly when its
// tokens are handed out.
type storage struct{ *OAuth }

// unit is one request to the provider.
type unit struct {
	address string
	issue   Issue
	// fresh is the grant that this request makes, if it makes one.
	fresh *Grant
	// people whose tokens have ended.
	ended map[string]bool
}

type unitKey struct{}

func withUnit(ctx context.Context, address string, now time.Time) (context.Context, *unit) {
	u := &unit{address: address, issue: Issue{At: now}, ended: map[string]bool{}}
	return context.WithValue(ctx, unitKey{}, u), u
}

// unitOf gives the unit; outside of a request it is an empty one.
func unitOf(ctx context.Context) *unit {
	if u, ok := ctx.Value(unitKey{}).(*unit); ok {
		return u
	}
	return &unit{ended: map[string]bool{}}
}

// GetClient finds a client.
func (s storage) GetClient(_ context.Context, id string) (fosite.Client, error) {
	c, err := s.provider.registered(id)
	if err != nil {
		return nil, err
	}
	return c, nil
}

// ClientAssertionJWTValid refuses: clients authenticate with a secret or not at all.
func (storage) ClientAssertionJWTValid(context.Context, string) error { return fosite.ErrJTIKnown }

// SetClientAssertionJWT is never reached.
func (storage) SetClientAssertionJWT(context.Context, string, time.Time) error {
	return fosite.ErrJTIKnown
}

// find gives the request of a code or refresh token. It comes with an error of
// its own when the secret was used before. An empty session that is passed in is
// filled, because fosite looks at it for the time of expiry.
func (s storage) find(ctx context.Context, kind SecretKind, digest string, key fosite.TokenType, used error, into fosite.Session) (fosite.Requester, error) {
	secret, grant, err := s.provider.store.Secret(ctx, kind, digest)
	if problem.Is(err, problem.Missing) {
		return nil, fosite.ErrNotFound.WithWrap(err)
	}
	if err != nil {
		return nil, fmt.Errorf("look up %s: %w", kind, err)
	}
	if !secret.Used.IsZero() || !grant.Ended.IsZero() {
		// Only the id is needed, to end the family; the account may be gone.
		return &fosite.Request{ID: grant.ID, Client: &fosite.DefaultClient{ID: grant.ClientID}, Session: emptySession()}, used
	}
	r, err := s.requestOf(ctx, grant)
	if err != nil {
		return nil, err
	}
	r.Session.SetExpiresAt(key, secret.Expires)
	x, ok := into.(*session)
	found, is := r.Session.(*session)
	if ok && is && x.user.ID == "" {
		*x = *found
		r.Session = x
	}
	return r, nil
}

// CreateAuthorizeCodeSession begins a grant.
func (s storage) CreateAuthorizeCodeSession(ctx context.Context, signature string, r fosite.Requester) error {
	u := unitOf(ctx)
	if u.fresh == nil {
		return fosite.ErrServerError.WithDebug("a code was made without a grant")
	}
	u.issue.Grant = u.fresh
	u.issue.Secrets = append(u.issue.Secrets, Secret{
		Digest: signature, GrantID: u.fresh.ID, Kind: CodeSecret, Created: u.issue.At, Expires: r.GetSession().GetExpiresAt(fosite.AuthorizeCode),
	})
	return nil
}

// GetAuthorizeCodeSession finds the grant of a code.
func (s storage) GetAuthorizeCodeSession(ctx context.Context, signature string, into fosite.Session) (fosite.Requester, error) {
	return s.find(ctx, CodeSecret, signature, fosite.AuthorizeCode, fosite.ErrInvalidatedAuthorizeCode, into)
}

// InvalidateAuthorizeCodeSession uses the code up.
func (s storage) InvalidateAuthorizeCodeSession(ctx context.Context, signature string) error {
	unitOf(ctx).issue.SpendSecret = signature
	return nil
}

// CreatePKCERequestSession has nothing to do: the challenge is among the grant's parameters.
func (storage) CreatePKCERequestSession(context.Context, string, fosite.Requester) error { return nil }

// GetPKCERequestSession finds the grant of a code that was asked for with a challenge.
func (s storage) GetPKCERequestSession(ctx context.Context, signature string, _ fosite.Session) (fosite.Requester, error) {
	r, err := s.GetAuthorizeCodeSession(ctx, signature, nil)
	if err != nil {
		return nil, err
	}
	if r.GetRequestForm().Get(paramChallenge) == "" {
		return nil, fosite.ErrNotFound
	}
	return r, nil
}

// DeletePKCERequestSession has nothing to do: a code that is refused is used up, see Token.
func (storage) DeletePKCERequestSession(context.Context, string) error { return nil }

// CreateOpenIDConnectSession has nothing to do, as for PKCE.
func (storage) CreateOpenIDConnectSession(context.Context, string, fosite.Requester) error {
	return nil
}

// GetOpenIDConnectSession finds the grant of a code.
func (s storage) GetOpenIDConnectSession(ctx context.Context, code string, _ fosite.Requester) (fosite.Requester, error) {
	r, err := s.GetAuthorizeCodeSession(ctx, digestOf(code), nil)
	if err != nil {
		return nil, err
	}
	if !r.GetGrantedScopes().Has(scopeOpenID) {
		return nil, fosite.ErrNotFound
	}
	return r, nil
}

// DeleteOpenIDConnectSession has nothing to do.
func (storage) DeleteOpenIDConnectSession(context.Context, string) error { return nil }

// CreateAccessTokenSession has nothing to do: access tokens say themselves whose they are.
func (storage) CreateAccessTokenSession(context.Context, string, fosite.Requester) error { return nil }

// GetAccessTokenSession finds nothing, for the same reason.
func (storage) GetAccessTokenSession(context.Context, string, fosite.Session) (fosite.Requester, error) {
	return nil, fosite.ErrNotFound
}

// DeleteAccessTokenSession has nothing to do.
func (storage) DeleteAccessTokenSession(context.Context, string) error { return nil }

// CreateRefreshTokenSession adds a refresh token to its grant; the password grant makes one here.
func (s storage) CreateRefreshTokenSession(ctx context.Context, signature, _ string, r fosite.Requester) error {
	u := unitOf(ctx)
	x, ok := r.GetSession().(*session)
	if !ok {
		return fosite.ErrServerError.WithDebug("a refresh token was asked for nobody")
	}
	if u.fresh != nil && u.fresh.ID == x.grant.ID {
		u.issue.Grant = u.fresh
	}
	u.issue.Secrets = append(u.issue.Secrets, Secret{
		Digest: signature, GrantID: x.grant.ID, Kind: RefreshSecret, Created: u.issue.At, Expires: u.issue.At.Add(s.provider.cfg.RefreshLifetime()),
	})
	return nil
}

// GetRefreshTokenSession finds the grant of a refresh token.
func (s storage) GetRefreshTokenSession(ctx context.Context, signature string, into fosite.Session) (fosite.Requester, error) {
	return s.find(ctx, RefreshSecret, signature, fosite.RefreshToken, fosite.ErrInactiveToken, into)
}

// DeleteRefreshTokenSession has nothing to do: it is only called before the family ends.
func (storage) DeleteRefreshTokenSession(context.Context, string) error { return nil }

// RotateRefreshToken uses the refresh token up.
func (s storage) RotateRefreshToken(ctx context.Context, _, signature string) error {
	unitOf(ctx).issue.SpendSecret = signature
	return nil
}

// RevokeRefreshToken ends a family, at once: it is called when a request is refused.
func (s storage) RevokeRefreshToken(ctx context.Context, grantID string) error {
	return s.provider.EndGrant(ctx, grantID)
}

// RevokeAccessToken has nothing to do: the access tokens of a family end with it.
func (storage) RevokeAccessToken(context.Context, string) error { return nil }

// EndGrant ends a family of tokens for the very next request.
func (p *Provider) EndGrant(ctx context.Context, id string) error {
	grant, err := p.store.Grant(ctx, id)
	if problem.Is(err, problem.Missing) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look up grant: %w", err)
	}
	err = p.store.EndGrant(audit.Note(ctx, audit.Event{
		Operation: audit.GrantRevoke, Object: grantObject(id), Actor: grant.UserID, Detail: "client " + grant.ClientID,
	}), id, p.cfg.Now().UTC())
	p.cfg.Changed(grant.UserID) // also after an error: a connection that broke may have committed
	if err != nil {
		return fmt.Errorf("end grant: %w", err)
	}
	return nil
}

// grantObject names a grant in the audit log.
func grantObject(id string) string { return "grant:" + id }

// noted adds the row of a new grant to the transaction that makes it.
func noted(ctx context.Context, grant *Grant, user identity.User) context.Context {
	if grant == nil {
		return ctx
	}
	return audit.Note(ctx, audit.Event{
		Operation: audit.GrantCreate, Object: grantObject(grant.ID), Actor: user.ID, ActorName: user.Username, Detail: "client " + grant.ClientID,
	})
}

// Authenticate checks a password for fosite.
func (s storage) Authenticate(ctx context.Context, name, password string) (string, error) {
	user, err := s.people.SignIn(ctx, name, password, unitOf(ctx).address)
	if problem.Is(err, problem.Unauthenticated) && !errors.Is(err, identity.ErrSecondFactor) {
		return "", fosite.ErrNotFound.WithWrap(err)
	}
	if err != nil {
		return "", err
	}
	return user.ID, nil
}

var _ identity.Provider = (*Provider)(nil)

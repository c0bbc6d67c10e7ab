package local

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/ory/fosite"
	"github.com/ory/fosite/handler/oauth2"
	"github.com/ory/fosite/handler/openid"
	"github.com/ory/fosite/handler/pkce"
	"github.com/ory/fosite/token/jwt"

	"oasis/internal/access/identity"
	"oasis/internal/problem"
)

// People is what the provider needs of the directory.
type People interface {
	User(ctx context.Context, id string) (identity.User, error)
	// SignIn checks a password and throttles guesses.
	SignIn(ctx context.Context, login, password, address string) (identity.User, error)
	// Throttled refuses with a 429 while an account has to wait at an address; Failed counts a wrong secret.
	Throttled(account, address string) error
	Failed(account, address string)
}

// OAuth speaks OAuth 2.0 and OpenID Connect with clients. The protocol is
// fosite's; the device flow is a handler of ours among fosite's.
type OAuth struct {
	provider *Provider
	people   People
	fosite   *fosite.Fosite
	idTokens *openid.IDTokenHandleHelper
}

// settings are fosite's, those that may change while the server runs asked anew.
type settings struct {
	*fosite.Config
	cfg *Config
}

// GetAccessTokenLifespan gives auth.access_token_lifetime.
func (s settings) GetAccessTokenLifespan(context.Context) time.Duration { return s.cfg.Lifetime() }

// GetRefreshTokenLifespan gives auth.refresh_token_lifetime.
func (s settings) GetRefreshTokenLifespan(context.Context) time.Duration {
	return s.cfg.RefreshLifetime()
}

// GetIDTokenIssuer gives the issuer.
func (s settings) GetIDTokenIssuer(context.Context) string { return s.cfg.Issuer() }

// GetAccessTokenIssuer gives the issuer.
func (s settings) GetAccessTokenIssuer(context.Context) string { return s.cfg.Issuer() }

// secureRedirect allows http only on this computer, or when this server itself
// has nothing better.
func (s settings) secureRedirect(_ context.Context, u *url.URL) bool {
	return u.Scheme != "http" || fosite.IsLocalhost(u) || strings.HasPrefix(s.cfg.Issuer(), "http://")
}

// NewOAuth joins the provider, the directory and fosite.
func NewOAuth(p *Provider, people People) *OAuth {
	o := &OAuth{provider: p, people: people}
	store, tokens := storage{o}, strategy{p}
	s := settings{cfg: &p.cfg, Config: &fosite.Config{
		AuthorizeCodeLifespan: codeLife, IDTokenLifespan: idTokenLife, ScopeStrategy: fosite.ExactScopeStrategy,
		EnforcePKCEForPublicClients: true, RefreshTokenScopes: []string{}, OmitRedirectScopeParam: true,
		ClientSecretsHasher: hasher{}, ClientAuthenticationStrategy: o.authenticateClient,
	}}
	s.RedirectSecureChecker = s.secureRedirect
	idTokens := &openid.DefaultStrategy{Signer: idSigner{p}, Config: s}
	o.idTokens = &openid.IDTokenHandleHelper{IDTokenStrategy: idTokens}
	code := &oauth2.AuthorizeExplicitGrantHandler{
		AccessTokenStrategy: tokens, RefreshTokenStrategy: tokens, AuthorizeCodeStrategy: tokens,
		CoreStorage: store, TokenRevocationStorage: store, Config: s,
	}
	identify := &openid.OpenIDConnectExplicitHandler{
		OpenIDConnectRequestStorage: store, OpenIDConnectRequestValidator: openid.NewOpenIDConnectRequestValidator(idTokens, s),
		Config: s, IDTokenHandleHelper: o.idTokens,
	}
	proof := &pkce.Handler{AuthorizeCodeStrategy: tokens, Storage: store, Config: s}
	refresh := &oauth2.RefreshTokenGrantHandler{
		AccessTokenStrategy: tokens, RefreshTokenStrategy: tokens, TokenRevocationStorage: store, Config: s,
	}
	password := &oauth2.ResourceOwnerPasswordCredentialsGrantHandler{ //nolint:staticcheck // discouraged, and NOMAD's client has no other; see auth.password_grant
		HandleHelper:         &oauth2.HandleHelper{AccessTokenStrategy: tokens, AccessTokenStorage: store, Config: s},
		RefreshTokenStrategy: tokens, ResourceOwnerPasswordCredentialsGrantStorage: store, Config: s,
	}
	s.AuthorizeEndpointHandlers = fosite.AuthorizeEndpointHandlers{code, identify, proof}
	s.TokenEndpointHandlers = fosite.TokenEndpointHandlers{
		code, identify, proof, refresh, &openid.OpenIDConnectRefreshHandler{IDTokenHandleHelper: o.idTokens, Config: s},
		password, &deviceHandler{o: o, tokens: tokens}, // identify issues id tokens for codes only; see idToken for the last two
	}
	o.fosite = fosite.NewOAuth2Provider(store, s)
	return o
}

// Error is a refusal in the words of OAuth 2.0 (RFC 6749 §5.2).
type Error struct {
	Status int
	// Code is the registered error code, Description a sentence for the developer of the client.
	Code, Description string
	// RedirectTo is where the browser brings the refusal to the client, "" = it must be shown here.
	RedirectTo string
	// RetryAfter in seconds, 0 = not said.
	RetryAfter int
	cause      error
}

// Error gives code and description.
func (e *Error) Error() string { return e.Code + ": " + e.Description }

// Unwrap gives the cause, for the log.
func (e *Error) Unwrap() error { return e.cause }

// Codes of refusals that we make ourselves.
const (
	codeInvalidRequest = "invalid_request"
	codeInvalidGrant   = "invalid_grant"
	codeInvalidClient  = "invalid_client"
	codeAccessDenied   = "access_denied"
)

func refusal(status int, code, description string) *Error {
	return &Error{Status: status, Code: code, Description: description}
}

// errorOf puts an error of fosite or of ours into the words of OAuth 2.0; faults
// of ours stay what they are.
func errorOf(err error) error {
	rfc := fosite.ErrorToRFC6749Error(err)
	if rfc.CodeField < http.StatusInternalServerError {
		return &Error{Status: rfc.CodeField, Code: rfc.ErrorField, Description: rfc.GetDescription(), cause: err}
	}
	switch p := problem.As(err); {
	case p == nil:
		return err
	case p.Kind == problem.TooMany:
		return &Error{Status: http.StatusTooManyRequests, Code: "slow_down", Description: p.Detail, RetryAfter: p.RetryAfter, cause: err}
	case p.Kind == problem.Forbidden:
		return &Error{Status: http.StatusBadRequest, Code: codeInvalidGrant, Description: p.Detail, cause: err}
	case p.Kind == problem.Unauthenticated:
		return &Error{Status: http.StatusUnauthorized, Code: codeInvalidGrant, Description: p.Detail, cause: err}
	default:
		return err
	}
}

// Client gives a client that is known.
func (o *OAuth) Client(id string) (Client, bool) { return o.provider.client(id) }

// Scopes lists the scopes for the discovery document.
func (o *OAuth) Scopes() []string { return knownScopes() }

// Grants lists the grant types in force for the discovery document.
func (o *OAuth) Grants() []string {
	grants := []string{grantCode, grantRefresh, grantDevice}
	if o.provider.cfg.PasswordGrant() {
		grants = append(grants, grantPassword)
	}
	return grants
}

var _ jwt.Signer = idSigner{}

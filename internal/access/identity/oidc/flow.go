package oidc

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"oasis/internal/access/identity"
	"oasis/internal/problem"
)

// FlowLife is how long a sign-in at the provider may take.
const FlowLife = 10 * time.Minute

// Flow takes people through sign-in at the provider: authorization code with
// PKCE (RFC 6749 §4.1, RFC 7636). What has to be known between its two halves
// travels in a cookie that only this server can read.
type Flow struct {
	issuer *Issuer
	people *People
	seal   cipher.AEAD
}

// NewFlow joins the parts; key seals the cookie.
func NewFlow(issuer *Issuer, people *People, key [32]byte) (*Flow, error) {
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return nil, fmt.Errorf("set up cipher: %w", err)
	}
	seal, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("set up cipher: %w", err)
	}
	return &Flow{issuer: issuer, people: people, seal: seal}, nil
}

// Name is what people call the provider.
func (f *Flow) Name() string { return f.issuer.Name() }

// pending is the content of the cookie.
type pending struct {
	State    string `json:"s"`
	Nonce    string `json:"n"`
	Verifier string `json:"v"`
	// Return is the page to go to in the end.
	Return string `json:"r"`
	Until  int64  `json:"u"`
	// Link is the account to link, "" for signing in.
	Link string `json:"l,omitempty"`
}

// Start begins a sign-in: the address at the provider to send the browser to, and
// the value of the cookie, which must come back with the answer. returnTo is
// given back by Finish, callback is our address that the provider sends the browser to.
func (f *Flow) Start(ctx context.Context, callback, returnTo string) (address, cookie string, err error) {
	return f.begin(ctx, callback, pending{Return: returnTo})
}

// StartLink is Start for linking an account instead of signing in.
func (f *Flow) StartLink(ctx context.Context, callback, returnTo, userID string) (address, cookie string, err error) {
	return f.begin(ctx, callback, pending{Return: returnTo, Link: userID})
}

func (f *Flow) begin(ctx context.Context, callback string, p pending) (address, cookie string, err error) {
	d, err := f.issuer.discover(ctx)
	if err != nil {
		return "", "", unavailable(err)
	}
	if d.Authorization == "" {
		return "", "", problem.Bad("The identity provider offers no sign-in in the browser.")
	}
	p.State, p.Nonce, p.Verifier = rand.Text(), rand.Text(), oauth2.GenerateVerifier()
	p.Until = f.issuer.cfg.Now().Add(FlowLife).Unix()
	text, err := json.Marshal(p)
	if err != nil {
		return "", "", fmt.Errorf("encode sign-in: %w", err)
	}
	nonce := make([]byte, f.seal.NonceSize())
	_, _ = rand.Read(nonce) // never fails
	cookie = base64.RawURLEncoding.EncodeToString(f.seal.Seal(nonce, nonce, text, nil))
	address = f.client(d, callback).AuthCodeURL(p.State, oidc.Nonce(p.Nonce), oauth2.S256ChallengeOption(p.Verifier))
	return address, cookie, nil
}

func (f *Flow) client(d *document, callback string) *oauth2.Config {
	return &oauth2.Config{
		ClientID: f.issuer.cfg.ClientID, ClientSecret: f.issuer.cfg.ClientSecret, RedirectURL: callback, Scopes: f.issuer.cfg.Scopes,
		Endpoint: oauth2.Endpoint{AuthURL: d.Authorization, TokenURL: d.Token},
	}
}

// open reads the cookie, and checks that the answer belongs to it.
func (f *Flow) open(cookie, state string) (pending, error) {
	var p pending
	sealed, err := base64.RawURLEncoding.DecodeString(cookie)
	if n := f.seal.NonceSize(); err == nil && len(sealed) > n {
		if text, err := f.seal.Open(nil, sealed[:n], sealed[n:], nil); err == nil {
			_ = json.Unmarshal(text, &p) // made by Start; nothing in it fails the comparison below
		}
	}
	if p.State == "" || subtle.ConstantTimeCompare([]byte(p.State), []byte(state)) != 1 {
		return p, problem.Bad("This sign-in was not begun in this browser. Please sign in again.")
	}
	if f.issuer.cfg.Now().Unix() > p.Until {
		return p, problem.Bad("This sign-in took too long. Please sign in again.")
	}
	return p, nil
}

// SignedIn is what a finished sign-in came to.
type SignedIn struct {
	User   identity.User
	Return string
	// IDToken is needed to sign out at the provider.
	IDToken string
	// Link is the account that was to be linked with Person; nobody is signed in then.
	Link   string
	Person Person
}

// Finish ends a sign-in with the query of the callback: it exchanges the code,
// checks the ID token with its nonce, and gives the account, making it at the
// first sign-in. Refusals are problems; Return is also set with them if it is known.
func (f *Flow) Finish(ctx context.Context, callback, cookie string, query url.Values) (SignedIn, error) {
	p, err := f.open(cookie, query.Get("state"))
	if err != nil {
		return SignedIn{}, err
	}
	out := SignedIn{Return: p.Return, Link: p.Link}
	// A provider with more than one address says which one answers (RFC 9207).
	if named := query.Get("iss"); named != "" && !f.issuer.issues(named) {
		return out, problem.Bad("The answer comes from another identity provider. Please sign in again.")
	}
	if code := query.Get("error"); code != "" {
		return out, declined(code)
	}
	d, err := f.issuer.discover(ctx)
	if err != nil {
		return out, unavailable(err)
	}
	ctx = oidc.ClientContext(ctx, f.issuer.client)
	token, err := f.client(d, callback).Exchange(ctx, query.Get("code"), oauth2.VerifierOption(p.Verifier))
	if err != nil {
		return out, exchangeError(err)
	}
	out.IDToken, _ = token.Extra("id_token").(string)
	person, err := f.identify(ctx, d, token, out.IDToken, p.Nonce)
	if err != nil {
		return out, err
	}
	if p.Link != "" {
		out.Person = person
		return out, nil
	}
	out.User, err = f.people.admit(ctx, person, signedIn)
	return out, admission(err)
}

// identify checks the ID token and reads who it is about, from the userinfo
// endpoint too if the token does not say it.
func (f *Flow) identify(ctx context.Context, d *document, token *oauth2.Token, raw, nonce string) (Person, error) {
	refused := problem.New(problem.Unauthenticated, "The identity provider's answer could not be trusted. Please sign in again.")
	verifier := oidc.NewVerifier(d.Issuer, f.issuer.keys, &oidc.Config{
		ClientID: f.issuer.cfg.ClientID, SupportedSigningAlgs: f.issuer.cfg.Algorithms,
		Now: func() time.Time { return f.issuer.cfg.Now().Add(-leeway) },
	})
	id, err := verifier.Verify(ctx, raw)
	if err != nil {
		return Person{}, refused.Because(err)
	}
	if subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(nonce)) != 1 {
		return Person{}, refused.Because(errors.New("the nonce is another one"))
	}
	if id.AccessTokenHash != "" {
		if err := id.VerifyAccessToken(token.AccessToken); err != nil {
			return Person{}, refused.Because(err)
		}
	}
	var claims json.RawMessage
	var party struct {
		Name string `json:"azp"`
	}
	if err := errors.Join(id.Claims(&claims), id.Claims(&party)); err != nil {
		return Person{}, refused.Because(err)
	}
	if party.Name != "" && party.Name != f.issuer.cfg.ClientID { // OpenID Connect Core §3.1.3.7
		return Person{}, refused.Because(fmt.Errorf("it was made for %.60q", party.Name))
	}
	person, err := f.issuer.personOf(claims)
	if err != nil || person.Subject == "" {
		return Person{}, refused.Because(errors.Join(err, errors.New("it does not say who it is about")))
	}
	if person.Username != "" && person.Email != "" || d.UserInfo == "" {
		return person, nil
	}
	body, err := f.issuer.get(ctx, d.UserInfo, http.Header{"Authorization": {"Bearer " + token.AccessToken}})
	if err != nil {
		return person, nil //nolint:nilerr // the ID token is enough to know who it is
	}
	more, err := f.issuer.personOf(body)
	if err != nil || more.Subject != person.Subject { // OpenID Connect Core §5.3.2
		return person, nil //nolint:nilerr // see above
	}
	return more, nil
}

// declined is what a provider's refusal (RFC 6749 §4.1.2.1) becomes.
func declined(code string) error {
	switch code {
	case "access_denied":
		return problem.Denied("You did not sign in, or the identity provider does not let you use this server.")
	case "temporarily_unavailable", "server_error":
		return unavailable(fmt.Errorf("it answered %s", code))
	}
	return problem.Bad("The identity provider could not sign you in.").Because(fmt.Errorf("it answered %.60q", code))
}

func exchangeError(err error) error {
	var refused *oauth2.RetrieveError
	if errors.As(err, &refused) && refused.Response != nil && refused.Response.StatusCode < http.StatusInternalServerError {
		// What it answered is not logged whole: it could repeat the code.
		return problem.Bad("The identity provider did not accept this sign-in. Please sign in again.").
			Because(fmt.Errorf("the token endpoint answered %d %.60q", refused.Response.StatusCode, refused.ErrorCode))
	}
	return unavailable(errors.New("the token endpoint does not answer"))
}

// admission turns refusals of the directory into problems.
func admission(err error) error {
	switch {
	case errors.Is(err, identity.ErrUnknownUser):
		return problem.Denied("You are logged in with an unknown user").Because(err)
	case errors.Is(err, identity.ErrDirectoryDown):
		return unavailable(err)
	case errors.Is(err, identity.ErrInvalidToken):
		return problem.Denied("This account cannot be used here. Ask an administrator.").Because(err)
	}
	return err
}

// SignOut gives the address at the provider that ends the session there
// (OpenID Connect RP-Initiated Logout), "" when it has none or is not there.
func (f *Flow) SignOut(ctx context.Context, idToken, returnTo string) string {
	d, err := f.issuer.discover(ctx)
	if err != nil || d.EndSession == "" {
		return ""
	}
	address, err := url.Parse(d.EndSession)
	if err != nil {
		return ""
	}
	query := address.Query()
	query.Set("client_id", f.issuer.cfg.ClientID)
	query.Set("post_logout_redirect_uri", returnTo)
	if idToken != "" {
		query.Set("id_token_hint", idToken)
	}
	address.RawQuery = query.Encode()
	return address.String()
}

// PasswordTokens is the provider's answer to a password, passed on to NOMAD's
// Python client (spec auth.md §6).
type PasswordTokens struct {
	AccessToken      string
	RefreshToken     *string
	IDToken          *string
	Scope            *string
	ExpiresIn        int
	RefreshExpiresIn *int
}

// Password asks the provider for tokens with a user name and a password. A wrong
// pair, and a provider that takes no passwords, is a problem of kind Unauthenticated.
func (f *Flow) Password(ctx context.Context, username, password string) (PasswordTokens, error) {
	d, err := f.issuer.discover(ctx)
	if err != nil {
		return PasswordTokens{}, unavailable(err)
	}
	form := url.Values{
		"grant_type": {"password"}, "username": {username}, "password": {password}, "scope": {"openid"}, "client_id": {f.issuer.cfg.ClientID},
	}
	if f.issuer.cfg.ClientSecret != "" {
		form.Set("client_secret", f.issuer.cfg.ClientSecret)
	}
	t, err := f.issuer.grant(ctx, d, form)
	var refused *grantError
	switch {
	case errors.As(err, &refused) && refused.status < http.StatusInternalServerError:
		return PasswordTokens{}, problem.New(problem.Unauthenticated, "Incorrect username or password").Because(err)
	case err != nil:
		return PasswordTokens{}, unavailable(err)
	}
	return PasswordTokens(t), nil
}

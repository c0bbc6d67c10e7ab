package app

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"

	"oasis/internal/access"
	"oasis/internal/access/audit"
	"oasis/internal/access/identity"
	"oasis/internal/access/identity/oidc"
	"oasis/internal/access/secret"
	"oasis/internal/api"
	"oasis/internal/api/signin"
	"oasis/internal/config"
	"oasis/internal/problem"
)

// external is an identity provider that is not ours.
type external struct {
	people   *oidc.People
	provider *oidc.Provider
	flow     *oidc.Flow
}

// openExternal joins the external identity provider of the configuration, if
// there is one. It does no I/O: the provider may be down.
func (c *core) openExternal(opts Options) error {
	cfg := opts.Config
	p, ok := cfg.ExternalProvider()
	if !ok {
		return nil
	}
	if u, err := url.Parse(p.Issuer); err == nil && u.Scheme == "http" && !loopback(u.Hostname()) {
		opts.Log.Warn("the identity provider is reached without encryption: whoever is on the way can sign in as anybody", "issuer", p.Issuer)
	}
	issuer := oidc.NewIssuer(oidc.Config{
		Issuer: p.Issuer, BackChannel: p.BackChannel, Name: cfg.OIDC.Name, ClientID: p.ClientID, ClientSecret: p.ClientSecret,
		Accepted: acceptedOf(cfg, p), Algorithms: cfg.OIDC.Algorithms, Scopes: cfg.OIDC.Scopes, UsernameClaim: cfg.OIDC.UsernameClaim,
		TrustUnverifiedEmail: cfg.OIDC.TrustUnverifiedEmail, Now: opts.Now, Log: opts.Log,
	})
	people := oidc.NewPeople(oidc.PeopleConfig{
		Issuer: issuer, Directory: directoryOf(cfg, p, issuer), Store: c.db.External(), AdminID: cfg.Services.AdminUserID,
		Changed:  func(userID string) { c.authenticator.Forget(userID) },
		StaleMax: func() time.Duration { return c.settings.config().Keycloak.DirectoryStaleMax },
		Audit:    c.audit, Log: opts.Log, Now: opts.Now,
	})
	flow, err := oidc.NewFlow(issuer, people, secret.Derive(cfg.Services.APISecret, "oasis external sign-in v1"))
	if err != nil {
		return fmt.Errorf("open external identity provider: %w", err)
	}
	c.external = &external{people: people, provider: oidc.NewProvider(issuer, people), flow: flow}
	c.people.Open()
	return nil
}

func loopback(host string) bool {
	return host == "localhost" || strings.HasPrefix(host, "127.") || host == "::1"
}

// acceptedOf are the clients and audiences whose access tokens are for us. A
// central Oasis makes all its tokens for the API of any Oasis.
func acceptedOf(cfg *config.Config, p config.Provider) []string {
	accepted := append([]string(nil), cfg.OIDC.AcceptedClients...)
	if p.Central != "" && p.Keycloak == "" && cfg.OIDC.Issuer == "" {
		accepted = append(accepted, oidc.CentralAudience)
	}
	return accepted
}

// directoryOf is whom we ask about people: the central server, the admin API of
// Keycloak if we have an account for it, or nobody.
func directoryOf(cfg *config.Config, p config.Provider, issuer *oidc.Issuer) oidc.Directory {
	switch {
	case p.Central != "":
		return oidc.NewCentral(issuer, p.Central)
	case p.Keycloak != "" && (cfg.Keycloak.Username != "" || p.ClientSecret != ""):
		return oidc.NewKeycloak(issuer, p.Keycloak, cfg.Keycloak.RealmName, cfg.Keycloak.Username, cfg.Keycloak.Password)
	}
	return nil
}

// providerOf gives who checks access tokens, and authUsers where callers are looked up.
func (c *core) providerOf() identity.Provider {
	if c.external == nil {
		return c.provider
	}
	choice := &oidc.Choice{External: c.external.provider, LocalIssuer: func() string { return c.settings.config().Issuer() }}
	if c.settings.config().LocalSignIn() {
		choice.Local = c.provider
	}
	return choice
}

// externalUsers are the users as the Authenticator sees them: those of the
// provider are checked there.
type externalUsers struct {
	identity.Store
	people *oidc.People
}

// User gives an account with a fresh record.
func (u externalUsers) User(ctx context.Context, id string) (identity.User, error) {
	return u.people.User(ctx, id)
}

func (c *core) authUsers() access.Users {
	if c.external == nil {
		return c.db.Identity()
	}
	return externalUsers{c.db.Identity(), c.external.people}
}

// elsewhere names the provider with which everybody signs in, "" while accounts
// of this Oasis can sign in too.
func (c *core) elsewhere() string {
	if c.external == nil || c.settings.config().LocalSignIn() {
		return ""
	}
	return c.external.flow.Name()
}

// externalRoutes are the rows of signing in at an external provider.
func (a *App) externalRoutes() []api.Route {
	if a.core.external == nil {
		return nil
	}
	return signin.ExternalRoutes(a.signInElsewhere())
}

// directory gives who looks people up besides our own tables, nil without an external provider.
func (c *core) directory() identity.Directory {
	if c.external == nil {
		return nil
	}
	return c.external.people
}

// passwordElsewhere gives how a password is checked at the external provider, nil
// without one. A password of an account of ours never goes there.
func (c *core) passwordElsewhere() func(ctx context.Context, login, password, address string) (oidc.PasswordTokens, bool, error) {
	if c.external == nil {
		return nil
	}
	return func(ctx context.Context, login, password, address string) (oidc.PasswordTokens, bool, error) {
		if c.settings.config().LocalSignIn() {
			u, err := c.db.Identity().UserByLogin(ctx, login)
			if err == nil && u.Origin == "" {
				return oidc.PasswordTokens{}, false, nil
			}
			if err != nil && !problem.Is(err, problem.Missing) {
				return oidc.PasswordTokens{}, true, fmt.Errorf("look up user: %w", err)
			}
		}
		account := "external " + strings.ToLower(login)
		if err := c.people.Throttled(account, address); err != nil {
			return oidc.PasswordTokens{}, true, err
		}
		t, err := c.external.flow.Password(ctx, login, password)
		if problem.Is(err, problem.Unauthenticated) {
			c.people.Failed(account, address)
			c.audit.Record(ctx, audit.Event{Operation: audit.SignIn, Outcome: audit.Failed, CredentialKind: "password", Detail: "At " + c.external.flow.Name() + "."})
		}
		return t, true, err
	}
}

// signOut gives how a session ends at the external provider too, nil without one.
func (a *App) signOut() func(ctx context.Context, secret string) (string, error) {
	if a.core.external == nil {
		return nil
	}
	return a.signInElsewhere().SignOut
}

func (a *App) signInElsewhere() signin.External {
	c := a.core
	return signin.External{
		Flow: c.external.flow, Sessions: c.people, Linked: c.external.people, Audit: c.audit,
		PublicURL: c.settings.publicURL,
	}
}

// providerButton is the external provider as the sign-in page shows it, nil without one.
func (c *core) providerButton() *signin.Provider {
	if c.external == nil {
		return nil
	}
	return &signin.Provider{Name: c.external.flow.Name(), URL: c.settings.publicURL() + signin.PathExternalStart}
}

// linkRoutes are the rows of linking accounts with people of an external provider.
func (a *App) linkRoutes() []api.Route {
	links := signin.Links{Owners: a.core.people}
	if a.core.external != nil {
		e := a.signInElsewhere()
		links.External = &e
	}
	return signin.LinkRoutes(links)
}

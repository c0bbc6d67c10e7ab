package app

import (
	"context"
	"time"

	"oasis/internal/access/identity/local"
	"oasis/internal/api"
	"oasis/internal/api/signin"
	"oasis/internal/config"
)

// openProvider joins the embedded identity provider.
func (c *core) openProvider(ctx context.Context, opts Options) (err error) {
	cfg := c.settings.config
	c.provider, err = local.New(ctx, c.db.Grants(), local.Config{
		Issuer:          func() string { return cfg().Issuer() },
		Lifetime:        func() time.Duration { return cfg().Auth.AccessTokenLifetime },
		RefreshLifetime: func() time.Duration { return cfg().Auth.RefreshTokenLifetime },
		KeyMaxAge:       func() time.Duration { return cfg().Auth.SigningKeyMaxAge },
		PasswordGrant:   func() bool { return cfg().Auth.PasswordGrant },
		Clients:         func() []local.Client { return clientsOf(cfg()) },
		Changed:         func(userID string) { c.authenticator.Forget(userID) },
		Secret:          opts.Config.Services.APISecret, Now: opts.Now,
	})
	if err != nil {
		return err
	}
	c.oauth = local.NewOAuth(c.provider, c.people)
	return nil
}

// cliClient is the client of `oasis login`.
const cliClient = "oasis-cli"

// clientsOf gives the clients of a configuration. NOMAD's public client and our
// own command line are always there, unless the operator describes them anew.
func clientsOf(c *config.Config) []local.Client {
	clients := make([]local.Client, 0, len(c.Auth.Clients)+2)
	given := map[string]bool{}
	for _, x := range c.Auth.Clients {
		given[x.ID] = true
		clients = append(clients, local.Client{
			ID: x.ID, Name: x.Name, Secret: x.Secret, RedirectURIs: x.RedirectURIs, PostLogoutRedirectURIs: x.PostLogoutRedirectURIs,
			Trusted: x.Trusted, Devices: x.Devices, Passwords: x.ID == c.Keycloak.ClientID,
		})
	}
	if id := c.Keycloak.ClientID; !given[id] {
		clients = append(clients, local.Client{
			ID: id, Name: "NOMAD", RedirectURIs: []string{c.PublicURL() + "/gui/"}, Trusted: true, Devices: true, Passwords: true,
		})
	}
	if !given[cliClient] {
		clients = append(clients, local.Client{
			ID: cliClient, Name: "Oasis command line", RedirectURIs: []string{"http://127.0.0.1/callback"}, Trusted: true, Devices: true,
		})
	}
	return clients
}

// providerRoutes are the rows of the embedded identity provider.
func (a *App) providerRoutes() []api.Route {
	c := a.core
	return signin.OAuthRoutes(signin.OAuth{
		Provider: c.provider, OAuth: c.oauth, People: c.people, PATs: c.tokens,
		Issuer: func() string { return c.settings.config().Issuer() },
		Realm:  func() string { return c.settings.config().Keycloak.RealmName },
		Pages:  a.opts.Config.BasePath() + "/gui",
	})
}

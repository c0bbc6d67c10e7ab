package config

import (
	"slices"
	"strings"
)

// Provider is the external identity provider that the sections keycloak, oidc
// and oasis describe together.
type Provider struct {
	// Issuer is its address as tokens and browsers have it.
	Issuer string
	// BackChannel is its address as this server reaches it.
	BackChannel string
	ClientID    string
	// ClientSecret is empty for a public client.
	ClientSecret string
	// Keycloak is the address of the Keycloak as this server reaches it, "" for other providers.
	Keycloak string
	// Central is the address of the central server's API, without version, "" when users are not managed there.
	Central string
}

// ExternalProvider gives the external identity provider; ok is false when the
// built-in one is the only one.
func (c *Config) ExternalProvider() (p Provider, ok bool) {
	if c.Oasis.UsesCentralUserManagement {
		p.Central = c.Oasis.CentralDeploymentURL
	}
	switch {
	case c.Keycloak.ServerURL != "":
		public := c.Keycloak.PublicServerURL
		if public == "" {
			public = c.Keycloak.ServerURL
		}
		realm := "/realms/" + c.Keycloak.RealmName
		p.Keycloak, p.Issuer, p.BackChannel = c.Keycloak.ServerURL, public+realm, c.Keycloak.ServerURL+realm
		p.ClientID = c.Keycloak.ClientID
		if c.Keycloak.ClientSecret != nil {
			p.ClientSecret = *c.Keycloak.ClientSecret
		}
	case c.OIDC.Issuer != "":
		p.Issuer, p.BackChannel = c.OIDC.Issuer, c.OIDC.Issuer
		p.ClientID, p.ClientSecret = c.OIDC.ClientID, c.OIDC.ClientSecret
	case p.Central != "":
		// An Oasis: its built-in provider lies beside its API.
		p.Issuer = strings.TrimSuffix(p.Central, "/api") + "/auth"
		p.BackChannel = p.Issuer
		p.ClientID, p.ClientSecret = c.OIDC.ClientID, c.OIDC.ClientSecret
	default:
		return Provider{}, false
	}
	return p, true
}

// LocalSignIn tells whether accounts of this server can sign in.
func (c *Config) LocalSignIn() bool {
	_, external := c.ExternalProvider()
	return !external || c.Auth.LocalAccounts
}

// checkProvider refuses descriptions of an external provider that cannot be meant.
func (l *loader) checkProvider() {
	cfg := l.cfg
	if cfg.Keycloak.ServerURL != "" && cfg.OIDC.Issuer != "" {
		l.problemAt(cfg.origins["oidc.issuer"], "oidc.issuer", "oidc.issuer and keycloak.server_url are both set",
			"one of them; for a Keycloak keep keycloak.server_url")
	}
	if cfg.OIDC.Issuer != "" && cfg.OIDC.ClientID == "" {
		l.problemAt(cfg.origins["oidc.issuer"], "oidc.client_id", "oidc.issuer is set, but oidc.client_id is not",
			"the id under which this server is registered at the provider")
	}
	if cfg.Keycloak.Username != "" && cfg.Keycloak.Password == "" {
		l.problemAt(cfg.origins["keycloak.username"], "keycloak.password", "keycloak.username is set, but keycloak.password is not",
			"the password of that account, or neither of the two")
	}
	if cfg.OIDC.Issuer != "" && !slices.Contains(cfg.OIDC.Scopes, "openid") {
		l.problemAt(cfg.origins["oidc.scopes"], "oidc.scopes", "oidc.scopes does not contain openid", "a list with openid in it")
	}
}

// signingAlgorithms allows asymmetric ones only: with a shared secret, whoever
// can check tokens can make them.
func signingAlgorithms() func(*rowSpec[[]string]) {
	known := []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}
	return where("a list of "+strings.Join(known, ", "), func(list []string) ([]string, error) {
		for _, name := range list {
			if !slices.Contains(known, name) {
				return nil, errExpected
			}
		}
		if len(list) == 0 {
			return nil, errExpected
		}
		return list, nil
	})
}

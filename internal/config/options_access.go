package config

import "time"

// readScopes is the default of both scope rules, in a pointer of its own.
func readScopes() *[]string { return &[]string{"*:read"} }

// authOptions is the section `auth`.
func authOptions() []*Option {
	return []*Option{
		row("auth.require_authentication", func(c *Config) *bool { return &c.Auth.RequireAuthentication }, false,
			"Nobody may use the server without signing in."),
		row("auth.authorized_users", func(c *Config) **[]string { return &c.Auth.AuthorizedUsers }, nil,
			"Who may use the server: user names, e-mail addresses, `*@domain` or `group:NAME`. `null` is everybody with an account, `[]` is nobody. Case does not matter.", userList()),
		row("auth.reject_unauthorized_users", func(c *Config) *bool { return &c.Auth.RejectUnauthorizedUsers }, true,
			"Users who are not in the list are refused; with `false` they keep `auth.unauthorized_user_scopes`."),
		row("auth.unauthenticated_user_scopes.include", func(c *Config) **[]string { return &c.Auth.UnauthenticatedUserScopes.Include }, readScopes(),
			"What may be done without signing in: scopes, with `*` for a whole side. Leaving it out or `null` means the default; everything must be written `'*:*'`.", scopeList()),
		row("auth.unauthenticated_user_scopes.exclude", func(c *Config) *[]string { return &c.Auth.UnauthenticatedUserScopes.Exclude }, nil,
			"Scopes taken away from the ones included.", nullIsDefault),
		row("auth.unauthorized_user_scopes.include", func(c *Config) **[]string { return &c.Auth.UnauthorizedUserScopes.Include }, readScopes(),
			"What signed-in users may do who are not in `auth.authorized_users`, when they are not refused.", scopeList()),
		row("auth.unauthorized_user_scopes.exclude", func(c *Config) *[]string { return &c.Auth.UnauthorizedUserScopes.Exclude }, nil,
			"Scopes taken away from the ones included.", nullIsDefault),
		row("auth.invalid_credentials", func(c *Config) *string { return &c.Auth.InvalidCredentials }, InvalidCredentialsReject,
			"A dead personal access token is answered 401 (`reject`) or treated as if nothing had been sent (`anonymous`, as NOMAD does).",
			oneOf[string](InvalidCredentialsReject, InvalidCredentialsAnonymous)),
		row("auth.access_token_lifetime", func(c *Config) *time.Duration { return &c.Auth.AccessTokenLifetime }, 24*time.Hour,
			"Lifetime of the access tokens that signing in gives.", durationBetween(time.Minute, 366*24*time.Hour)),
		row("auth.pat_max_lifetime", func(c *Config) **float64 { return &c.Auth.PATMaxLifetime }, new(365.0),
			"Longest lifetime of a personal access token, in days; `null` allows tokens that never expire.", positiveOrNull()),
		row("auth.pat_max_lifetime_append_only", func(c *Config) **float64 { return &c.Auth.PATMaxLifetimeAppendOnly }, nil,
			"The same for tokens that may only add files, as instruments use them.", positiveOrNull(), coming),
		row("auth.pat_pruning_time", func(c *Config) *float64 { return &c.Auth.PATPruningTime }, 365,
			"Days after which expired and revoked tokens are removed.", positive()),
		row("auth.pat_max_active_per_user", func(c *Config) *int { return &c.Auth.PATMaxActivePerUser }, 100,
			"Active personal access tokens one user may have.", between(2, maxInt)),
		row("auth.allow_upload_token_in_query", func(c *Config) *bool { return &c.Auth.AllowUploadTokenInQuery }, true,
			"Accept an upload token as `?token=` when files are uploaded.", coming),
		row("auth.allow_password_in_query", func(c *Config) *bool { return &c.Auth.AllowPasswordInQuery }, false,
			"Accept `GET /auth/token?username=&password=`; passwords in addresses end up in logs of proxies."),
	}
}

// oasisOptions is the section `oasis`.
func oasisOptions() []*Option {
	return []*Option{
		row("oasis.is_oasis", func(c *Config) *bool { return &c.Oasis.IsOasis }, true,
			"This server is an Oasis, not the central deployment."),
		row("oasis.uses_central_user_management", func(c *Config) *bool { return &c.Oasis.UsesCentralUserManagement }, false,
			"Look users up in the central deployment.", coming),
		row("oasis.central_nomad_deployment_url", func(c *Config) *string { return &c.Oasis.CentralDeploymentURL }, "https://nomad-lab.eu/prod/v1/api",
			"The deployment to which uploads are transferred by default.", webAddress(), coming),
		row("oasis.transfer_targets", func(c *Config) *[]string { return &c.Oasis.TransferTargets }, nil,
			"Servers that a transfer may call; an empty list switches transfers off.", webAddresses(), nullIsDefault, coming),
		row("oasis.terms_of_service_url", func(c *Config) *string { return &c.Oasis.TermsOfServiceURL }, "",
			"Linked at the foot of the page.", webAddress(), nullIsDefault, coming),
		row("oasis.allowed_users", func(c *Config) **[]string { return &c.old.allowedUsers }, nil,
			"Old name of `auth.authorized_users`; also turns `auth.require_authentication` on unless that is set.",
			userList(), deprecated[*[]string]("auth.authorized_users"), strictEnv),
		row("oasis.require_authentication", func(c *Config) **bool { return &c.old.requireAuthentication }, nil,
			"Old name of `auth.require_authentication`.", deprecated[*bool]("auth.require_authentication"), strictEnv),
	}
}

// keycloakOptions is the section `keycloak`.
func keycloakOptions() []*Option {
	return []*Option{
		row("keycloak.server_url", func(c *Config) *string { return &c.Keycloak.ServerURL }, "",
			"Address of a Keycloak; empty means the built-in identity provider.", webAddress(), nullIsDefault, coming),
		row("keycloak.public_server_url", func(c *Config) *string { return &c.Keycloak.PublicServerURL }, "",
			"The same address as browsers see it, if it differs.", webAddress(), nullIsDefault, coming),
		row("keycloak.realm_name", func(c *Config) *string { return &c.Keycloak.RealmName }, "fairdi_nomad_prod",
			"Realm; the built-in provider answers the Keycloak-style paths under this name.", realmName()),
		row("keycloak.client_id", func(c *Config) *string { return &c.Keycloak.ClientID }, "nomad_public",
			"Client of the realm; also the expected audience of its tokens.", coming),
		row("keycloak.client_secret", func(c *Config) **string { return &c.Keycloak.ClientSecret }, nil,
			"Secret of that client.", secret, coming),
		row("keycloak.username", func(c *Config) *string { return &c.Keycloak.Username }, "",
			"Account that may look users up in the realm.", nullIsDefault, coming),
		row("keycloak.password", func(c *Config) *string { return &c.Keycloak.Password }, "",
			"Password of that account.", secret, nullIsDefault, coming),
		row("keycloak.directory_stale_max", func(c *Config) *time.Duration { return &c.Keycloak.DirectoryStaleMax }, 24*time.Hour,
			"How long the last known record of a user holds while the user directory cannot be reached.", coming),
	}
}

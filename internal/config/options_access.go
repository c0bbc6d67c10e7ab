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
		row("auth.local_accounts", func(c *Config) *bool { return &c.Auth.LocalAccounts }, false,
			"Beside an external identity provider: accounts of this server can sign in too. Without an external provider they always can."),
		row("auth.invalid_credentials", func(c *Config) *string { return &c.Auth.InvalidCredentials }, InvalidCredentialsReject,
			"A dead personal access token is answered 401 (`reject`) or treated as if nothing had been sent (`anonymous`, as NOMAD does).",
			oneOf[string](InvalidCredentialsReject, InvalidCredentialsAnonymous)),
		row("auth.second_factor", func(c *Config) *string { return &c.Auth.SecondFactor }, SecondFactorOptional,
			"Who must have a second factor (an authenticator app or a passkey) besides the password: nobody (`optional`), `admins` or `everyone`. Who has none can only set one up.",
			oneOf[string](SecondFactorOptional, SecondFactorAdmins, SecondFactorEveryone)),
		row("auth.access_token_lifetime", func(c *Config) *time.Duration { return &c.Auth.AccessTokenLifetime }, 24*time.Hour,
			"Lifetime of the access tokens that signing in gives.", durationBetween(time.Minute, 366*24*time.Hour)),
		row("auth.refresh_token_lifetime", func(c *Config) *time.Duration { return &c.Auth.RefreshTokenLifetime }, 30*24*time.Hour,
			"How long a client that somebody has signed in to may stay away before the person has to sign in again.", durationBetween(time.Minute, 366*24*time.Hour)),
		row("auth.signing_key_max_age", func(c *Config) *time.Duration { return &c.Auth.SigningKeyMaxAge }, 90*24*time.Hour,
			"Age at which the built-in identity provider makes a new signing key; the old ones stay valid for what they have signed.", durationBetween(time.Hour, 3660*24*time.Hour)),
		row("auth.password_grant", func(c *Config) *bool { return &c.Auth.PasswordGrant }, true,
			"Give access tokens for a name and a password at `POST /auth/token` and at the Keycloak-style token address, as NOMAD's Python client wants them."),
		row("auth.clients", func(c *Config) *[]Client { return &c.Auth.Clients }, nil,
			"Applications that may sign people in with the built-in identity provider: a list of `{id, redirect_uris, secret}`, or `public: true` instead of the secret. "+
				"More keys: `name`, `post_logout_redirect_uris`, `trusted` (nobody is asked for consent), `devices` (the device flow). "+
				"Addresses are compared exactly; `http://127.0.0.1/…` stands for any port.", secret, nullIsDefault),
		row("auth.pat_creators", func(c *Config) **[]string { return &c.Auth.PATCreators }, nil,
			"Who may make personal access tokens, written as in `auth.authorized_users`; `null` is everybody.", userList()),
		row("auth.pat_forbidden_scopes", func(c *Config) *[]string { return &c.Auth.PATForbiddenScopes }, nil,
			"Scopes that no personal access token may hold, with `*` for a whole side; existing tokens lose them at once.", scopeNames(), nullIsDefault),
		row("auth.pat_max_lifetime", func(c *Config) **float64 { return &c.Auth.PATMaxLifetime }, new(365.0),
			"Longest lifetime of a personal access token, in days; `null` allows tokens that never expire.", positiveOrNull()),
		row("auth.pat_max_lifetime_append_only", func(c *Config) **float64 { return &c.Auth.PATMaxLifetimeAppendOnly }, nil,
			"The same for tokens that may only add files, as instruments use them.", positiveOrNull()),
		row("auth.pat_pruning_time", func(c *Config) *float64 { return &c.Auth.PATPruningTime }, 365,
			"Days after which expired and revoked tokens are removed.", positive()),
		row("auth.pat_max_active_per_user", func(c *Config) *int { return &c.Auth.PATMaxActivePerUser }, 100,
			"Active personal access tokens one user may have.", between(2, maxInt)),
		row("auth.allow_upload_token_in_query", func(c *Config) *bool { return &c.Auth.AllowUploadTokenInQuery }, true,
			"Accept an upload token as `?token=` when files are uploaded."),
		row("auth.allow_upload_tokens", func(c *Config) *bool { return &c.Auth.AllowUploadTokens }, true,
			"Accept NOMAD's upload tokens (`Upload-Token`). They never end; personal access tokens with `append_only` do the same and can be revoked."),
		row("auth.allow_simple_tokens", func(c *Config) *bool { return &c.Auth.AllowSimpleTokens }, true,
			"Accept NOMAD's signature and app tokens. They cannot be revoked one by one."),
		row("auth.allow_authorization_cookie", func(c *Config) *bool { return &c.Auth.AllowAuthorizationCookie }, true,
			"Accept the access token in the cookie `Authorization`, as NOMAD's web page sends it: for reading only, and from the same origin only."),
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
			"People belong to the central server `oasis.central_nomad_deployment_url`: its tokens are accepted and users are looked up there.", restart),
		row("oasis.central_nomad_deployment_url", func(c *Config) *string { return &c.Oasis.CentralDeploymentURL }, "https://nomad-lab.eu/prod/v1/api",
			"The central server, with `oasis.uses_central_user_management`; also where uploads are sent that name no other target, if it stands in `oasis.transfer_targets`.", webAddress(), restart),
		row("oasis.transfer_targets", func(c *Config) *[]string { return &c.Oasis.TransferTargets }, nil,
			"Servers that uploads may be sent to, as addresses of their APIs ending in `/api`; none by default. Addresses of your own network may stand here too.", webAddresses(), nullIsDefault),
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
			"Address of a Keycloak, as this server reaches it; empty means the built-in identity provider.", webAddress(), nullIsDefault, restart),
		row("keycloak.public_server_url", func(c *Config) *string { return &c.Keycloak.PublicServerURL }, "",
			"The same address as browsers see it, if it differs.", webAddress(), nullIsDefault, restart),
		row("keycloak.realm_name", func(c *Config) *string { return &c.Keycloak.RealmName }, "fairdi_nomad_prod",
			"Realm; the built-in provider answers the Keycloak-style paths under this name.", realmName(), restart),
		row("keycloak.client_id", func(c *Config) *string { return &c.Keycloak.ClientID }, "nomad_public",
			"Client of the realm with which people sign in; access tokens must be made by or for it.", restart),
		row("keycloak.client_secret", func(c *Config) **string { return &c.Keycloak.ClientSecret }, nil,
			"Secret of that client, if it has one; its service account then looks users up, unless `keycloak.username` is set.", secret, restart),
		row("keycloak.username", func(c *Config) *string { return &c.Keycloak.Username }, "",
			"Account of the realm that may look users up (role `view-users` of `realm-management`).", nullIsDefault, restart),
		row("keycloak.password", func(c *Config) *string { return &c.Keycloak.Password }, "",
			"Password of that account.", secret, nullIsDefault, restart),
		row("keycloak.directory_stale_max", func(c *Config) *time.Duration { return &c.Keycloak.DirectoryStaleMax }, 24*time.Hour,
			"How long the last known record of a user holds while the user directory cannot be reached.", durationBetween(0, 366*24*time.Hour)),
	}
}

// oidcOptions is the section `oidc`: any OpenID Connect provider.
func oidcOptions() []*Option {
	return []*Option{
		row("oidc.issuer", func(c *Config) *string { return &c.OIDC.Issuer }, "",
			"Issuer address of an OpenID Connect provider other than a Keycloak; its discovery document lies below it.", webAddress(), nullIsDefault, restart),
		row("oidc.name", func(c *Config) *string { return &c.OIDC.Name }, "",
			"What the sign-in button calls the provider, Keycloak or other; empty means its host name.", nullIsDefault, restart),
		row("oidc.client_id", func(c *Config) *string { return &c.OIDC.ClientID }, "",
			"Client with which people sign in; access tokens must be made by or for it.", nullIsDefault, restart),
		row("oidc.client_secret", func(c *Config) *string { return &c.OIDC.ClientSecret }, "",
			"Secret of that client, if it has one.", secret, nullIsDefault, restart),
		row("oidc.accepted_clients", func(c *Config) *[]string { return &c.OIDC.AcceptedClients }, nil,
			"Other clients or audiences whose access tokens are accepted, from a Keycloak too.", nullIsDefault, restart),
		row("oidc.scopes", func(c *Config) *[]string { return &c.OIDC.Scopes }, []string{"openid", "profile", "email"},
			"Scopes asked for at sign-in.", restart),
		row("oidc.username_claim", func(c *Config) *string { return &c.OIDC.UsernameClaim }, "preferred_username",
			"Claim that becomes the user name.", restart),
		row("oidc.algorithms", func(c *Config) *[]string { return &c.OIDC.Algorithms }, []string{"RS256", "ES256"},
			"Algorithms with which tokens may be signed, from a Keycloak too.", signingAlgorithms(), restart),
		row("oidc.trust_unverified_email", func(c *Config) *bool { return &c.OIDC.TrustUnverifiedEmail }, false,
			"Take e-mail addresses over that the provider has not verified, although anybody could claim to be `someone@your-lab.example`.", restart),
	}
}

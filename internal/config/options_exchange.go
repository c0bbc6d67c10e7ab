package config

// exchangeOptions are the sections `bundle_export`, `bundle_import`, `mail`, `datacite` and `north`.
func exchangeOptions() []*Option {
	return []*Option{
		row("bundle_export.default_settings.include_raw_files", func(c *Config) *bool { return &c.BundleExport.DefaultSettings.IncludeRawFiles }, true,
			"Bundles contain by default the raw files."),
		row("bundle_export.default_settings.include_archive_files", func(c *Config) *bool { return &c.BundleExport.DefaultSettings.IncludeArchiveFiles }, true,
			"Bundles contain by default the archives."),
		row("bundle_export.default_settings.include_datasets", func(c *Config) *bool { return &c.BundleExport.DefaultSettings.IncludeDatasets }, true,
			"Bundles contain by default the datasets."),
		row("bundle_export.default_cli_bundle_export_path", func(c *Config) *string { return &c.BundleExport.DefaultCLIPath }, "./bundles",
			"Where the command line writes bundles.", coming),
		row("bundle_import.required_nomad_version", func(c *Config) *string { return &c.BundleImport.RequiredNomadVersion }, "1.1.2",
			"Oldest NOMAD whose bundles are accepted."),
		row("bundle_import.allow_bundles_from_oasis", func(c *Config) *bool { return &c.BundleImport.AllowBundlesFromOasis }, false,
			"People who are no administrators may import published uploads of their own."),
		row("bundle_import.allow_unpublished_bundles_from_oasis", func(c *Config) *bool { return &c.BundleImport.AllowUnpublishedBundlesFromOasis }, false,
			"With the option above: also drafts. Without the option above drafts of their own may always be imported."),
		row("bundle_import.default_cli_bundle_import_path", func(c *Config) *string { return &c.BundleImport.DefaultCLIPath }, "./bundles",
			"Where the command line looks for bundles.", coming),
		row("mail.enabled", func(c *Config) *bool { return &c.Mail.Enabled }, false, "Send mail."),
		row("mail.with_login", func(c *Config) *bool { return &c.Mail.WithLogin }, false, "The mail server wants user and password."),
		row("mail.host", func(c *Config) *string { return &c.Mail.Host }, "", "Mail server.", nullIsDefault),
		row("mail.port", func(c *Config) *int { return &c.Mail.Port }, 587, "Its port.", between(1, 65535)),
		row("mail.tls", func(c *Config) *string { return &c.Mail.TLS }, "starttls", "How the connection is protected.",
			oneOf[string]("starttls", "implicit", "none")),
		row("mail.user", func(c *Config) *string { return &c.Mail.User }, "", "Account at the mail server.", nullIsDefault),
		row("mail.password", func(c *Config) *string { return &c.Mail.Password }, "", "Password of that account.", secret, nullIsDefault),
		row("mail.from_address", func(c *Config) *string { return &c.Mail.FromAddress }, "", "Sender of our mail.", nullIsDefault),
		row("mail.cc_address", func(c *Config) **string { return &c.Mail.CCAddress }, nil, "Gets a copy of every mail."),
		row("datacite.enabled", func(c *Config) *bool { return &c.DataCite.Enabled }, false, "Register DOIs.", coming),
		row("datacite.mds_host", func(c *Config) *string { return &c.DataCite.MDSHost }, "https://api.test.datacite.org", "Where they are registered.", webAddress(), coming),
		row("datacite.prefix", func(c *Config) *string { return &c.DataCite.Prefix }, "10.83696", "Prefix of our DOIs.", coming),
		row("datacite.user", func(c *Config) *string { return &c.DataCite.User }, "", "Account there.", nullIsDefault, coming),
		row("datacite.password", func(c *Config) *string { return &c.DataCite.Password }, "", "Password of that account.", secret, nullIsDefault, coming),
		row("north.enabled", func(c *Config) *bool { return &c.North.Enabled }, false, "Offer remote tools; other than in NOMAD they are off until configured.", coming),
		row("north.nomad_access_token_expiry_time", func(c *Config) *int { return &c.North.NomadAccessTokenExpiryTime }, 86400,
			"Lifetime in seconds of the token that a remote tool gets.", between(1, maxInt), coming),
	}
}

// ignoredOptions are whole sections of NOMAD that have no meaning here.
func ignoredOptions() []*Option {
	rows := ignored("no such service is needed", "mongo.*", "elastic.*", "temporal.*", "logstash.*", "gitlab.*")
	rows = append(rows, ignored("no hub is needed for remote tools", "north.enable_new_hub_api", "north.hub_host", "north.hub_port", "north.hub_ip",
		"north.hub_connect_ip", "north.hub_connect_url", "north.docker_network", "north.nomad_host", "north.windows",
		"north.jupyterhub_crypt_key", "north.hub_service_api_token", "north.tools.*")...)
	rows = append(rows, ignored("the server's own defaults hold", "archive.*", "normalize.*", "dashboards.*", "actions.*", "bundle_import.default_settings.*",
		"bundle_import.default_settings_cli.*", "uploads.*", "projects.*")...)
	rows = append(rows, ignored("nothing is looked up on the internet", "molid.*")...)
	rows = append(rows, ignored("parsers are part of the binary", "plugins.*")...)
	rows = append(rows, ignored("metrics have an address of their own", "telemetry.*")...)
	rows = append(rows, ignored("read by NOMAD's Python client only; ours takes OASIS_URL and OASIS_TOKEN", "client.*")...)
	rows = append(rows, ignored("nobody can be assumed to be signed in", "tests.*")...)
	rows = append(rows, ignored("removed from NOMAD", "logtransfer.*", "rabbitmq.*", "celery.*")...)
	return rows
}

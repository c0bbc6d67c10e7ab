package config

import (
	"log/slog"
	"net/netip"
)

// serviceOptions is the section `services`. Rows keep the order of the documentation.
func serviceOptions() []*Option {
	return append([]*Option{
		row("services.api_host", func(c *Config) *string { return &c.Services.APIHost }, "localhost",
			"Host name in links.", hostName()),
		row("services.api_port", func(c *Config) *int { return &c.Services.APIPort }, 8000,
			"Port in links; 80 and 443 are left out. The address the server listens on is `--listen`.", between(1, 65535), restart),
		row("services.api_base_path", func(c *Config) *string { return &c.Services.APIBasePath }, "/nomad-oasis",
			"Path under which everything is served; `/` is the root of the host.", basePath(), restart),
		row("services.https", func(c *Config) *bool { return &c.Services.HTTPS }, false,
			"Links begin with `https`: set it when a proxy in front speaks TLS."),
		row("services.https_upload", func(c *Config) *bool { return &c.Services.HTTPSUpload }, false,
			"Upload command examples begin with `https`.", coming),
		row("services.public_url", func(c *Config) *string { return &c.Services.PublicURL }, "",
			"The address of the server as people see it; replaces api_host, api_port and https. The base path may be left out.", webAddress(), nullIsDefault),
		row("services.trusted_proxies", func(c *Config) *[]netip.Prefix { return &c.Services.TrustedProxies }, nil,
			"Proxies whose `X-Forwarded-For` is believed when the address of a caller matters.", nullIsDefault, restart),
		row("services.api_secret", func(c *Config) *string { return &c.Services.APISecret }, "",
			"Signs upload tokens and simple tokens. Without it one is made on the first start and kept in `DATA/api_secret`.",
			atLeast32, nullIsDefault, secret, strictEnv, restart),
		row("services.mode", func(c *Config) *string { return &c.Services.Mode }, Production,
			"`development` allows well-known secrets.", oneOf[string](Production, Development), restart),
		row("services.admin_user_id", func(c *Config) *string { return &c.Services.AdminUserID }, "00000000-0000-0000-0000-000000000000",
			"The account with this id is an admin, beside those that have the admin flag.", restart),
		row("services.upload_limit", func(c *Config) *int { return &c.Services.UploadLimit }, 10,
			"Unpublished uploads one user may have.", between(0, maxInt)),
		row("services.app_token_max_expires_in", func(c *Config) *int { return &c.Services.AppTokenMaxExpiresIn }, 2592000,
			"Longest lifetime of an app token, in seconds.", between(1, maxInt), coming),
		row("services.max_entry_download", func(c *Config) *int { return &c.Services.MaxEntryDownload }, 50000,
			"Entries in one bulk download of archives or raw files.", between(1, maxInt), coming),
		row("services.max_entry_metadata_download", func(c *Config) *int { return &c.Services.MaxEntryMetadataDownload }, 100000,
			"Entries in one bulk download of metadata.", between(1, maxInt), coming),
		row("services.optimade_enabled", func(c *Config) *bool { return &c.Services.OptimadeEnabled }, true,
			"Serve the OPTIMADE API.", coming),
		row("services.dcat_enabled", func(c *Config) *bool { return &c.Services.DCATEnabled }, true,
			"Serve the DCAT catalogue.", coming),
		row("services.h5grove_enabled", func(c *Config) *bool { return &c.Services.H5groveEnabled }, true,
			"Serve the inside of HDF5 files.", coming),
		row("services.html_resource_http_max_age", func(c *Config) *int { return &c.Services.HTMLMaxAge }, 60,
			"Seconds a browser may keep a page.", between(0, maxInt), coming),
		row("services.image_resource_http_max_age", func(c *Config) *int { return &c.Services.ImageMaxAge }, 2592000,
			"Seconds a browser may keep an image.", between(0, maxInt), coming),
		row("services.upload_members_group_search_enabled", func(c *Config) *bool { return &c.Services.GroupSearchEnabled }, true,
			"The page offers groups when members of an upload are chosen.", coming),
		row("services.console_log_level", func(c *Config) *slog.Level { return &c.Services.ConsoleLogLevel }, slog.LevelInfo,
			"Least level of the lines written to the console.", restart),
		row("services.log_api_queries", func(c *Config) *bool { return &c.Services.LogAPIQueries }, true,
			"Log the bodies of searches.", coming),
		row("services.force_raw_file_decoding", func(c *Config) *bool { return &c.Services.ForceRawFileDecoding }, false,
			"Parsers read files that are no UTF-8 by guessing their encoding.", coming),
		row("services.unavailable_value", func(c *Config) *string { return &c.Services.UnavailableValue }, "unavailable",
			"Text for unknown values.", coming),
	},
		ignored("the server bounds its requests itself, has one log, and collects no statistics",
			"services.api_timeout", "services.actions_log_level", "services.collect_server_stats",
			"services.collect_server_stats_cron_expression", "services.encyclopedia_base")...)
}

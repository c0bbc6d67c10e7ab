package config

import "time"

// storageOptions are the sections `database`, `limits` and `fs`.
func storageOptions() []*Option {
	return append([]*Option{
		row("database.url", func(c *Config) *string { return &c.Database.URL }, "",
			"`postgres://USER:PASSWORD@HOST/NAME`; empty means SQLite in the data directory.", databaseURL(), nullIsDefault, secret, strictEnv, restart),
		row("database.shared", func(c *Config) *bool { return &c.Database.Shared }, false,
			"Several servers use this PostgreSQL database and this data directory together; all of them say so. See docs/howto/several-servers.md.", strictEnv, restart),
		row("limits.archive_members", func(c *Config) *int { return &c.Limits.ArchiveMembers }, 200000,
			"Files in one uploaded zip or tar.", between(1, maxInt)),
		row("limits.archive_size", func(c *Config) *Size { return &c.Limits.ArchiveSize }, 100<<30,
			"Bytes an uploaded zip or tar may unpack to."),
		row("limits.archive_ratio", func(c *Config) *int { return &c.Limits.ArchiveRatio }, 200,
			"How many times larger than the archive its contents may be.", between(1, maxInt)),
		row("limits.archive_path_bytes", func(c *Config) *int { return &c.Limits.ArchivePathBytes }, 1024,
			"Longest path inside an archive, in bytes.", between(1, maxInt)),
		row("limits.archive_path_depth", func(c *Config) *int { return &c.Limits.ArchivePathDepth }, 64,
			"Most directories a path inside an archive may have.", between(1, maxInt)),
		row("limits.connections", func(c *Config) *int { return &c.Limits.Connections }, 4096,
			"Connections the server keeps open at once; further ones wait. One address has an eighth of them, except this machine and `services.trusted_proxies`.", between(16, maxInt)),
		row("limits.deposit_window", func(c *Config) *time.Duration { return &c.Limits.DepositWindow }, 14*24*time.Hour,
			"How long a token that only adds may add files to an upload that it made, unless the owner seals the upload before.", durationBetween(0, 3660*24*time.Hour)),
		row("fs.public_fs.protocol", func(c *Config) *string { return &c.FS.PublicFS.Protocol }, "",
			"`s3` keeps published uploads in object storage; empty keeps them in the data directory.",
			oneOf[string](`""`, "s3"), nullIsDefault, coming),
		row("fs.public_fs.bucket", func(c *Config) *string { return &c.FS.PublicFS.Bucket }, "public",
			"Bucket of that storage.", coming),
	},
		append(ignored("object storage has no such setting here", "fs.public_fs.extra.*", "fs.public_fs.simplify_path", "fs.public_fs.read_mode",
			"fs.public_fs.write_mode", "fs.public_fs.redirects.*", "fs.public_fs.metadata_cache.*", "fs.public_fs.zip_tail_prefetch_kb"),
			ignored("all files lie in the data directory, see --data",
				"fs.tmp", "fs.tmp_external", "fs.staging", "fs.staging_external", "fs.public", "fs.public_external", "fs.north_home",
				"fs.north_home_external", "fs.actions", "fs.actions_external", "fs.local_tmp", "fs.prefix_size",
				"fs.archive_version_suffix", "fs.working_directory", "fs.external_working_directory",
				"fs.north_home_user_folder_map.*")...)...)
}

// processOptions are the sections `process`, `reprocess` and `rfc3161_timestamp`.
func processOptions() []*Option {
	return append([]*Option{
		row("process.metadata_file_name", func(c *Config) *string { return &c.Process.MetadataFileName }, "nomad",
			"Name, without extension, of the files in an upload that carry metadata for it.", coming),
		row("process.metadata_file_extensions", func(c *Config) *[]string { return &c.Process.MetadataFileExtensions }, []string{"json", "yaml", "yml"},
			"Extensions of those files.", coming),
		row("process.auxfile_cutoff", func(c *Config) *int { return &c.Process.AuxfileCutoff }, 100,
			"Most auxiliary files listed for an entry.", between(0, maxInt), coming),
		row("process.parser_matching_size", func(c *Config) *int { return &c.Process.ParserMatchingSize }, 12000,
			"Bytes at the beginning of a file that parsers may look at to recognise it.", between(1, 64<<20)),
		row("process.max_upload_size", func(c *Config) *Size { return &c.Process.MaxUploadSize }, 32<<30,
			"Bytes of one uploaded file or archive; unlike NOMAD this is enforced."),
		row("process.use_empty_parsers", func(c *Config) *bool { return &c.Process.UseEmptyParsers }, false,
			"Make empty entries for files that only look like output of a known program.", coming),
		row("process.exclude_potcar", func(c *Config) *bool { return &c.Process.ExcludePotcar }, true,
			"Leave POTCAR files, which may not be shared, out of uploads when they are published; what may be shared of each stays."),
		row("process.rfc3161_skip_published", func(c *Config) *bool { return &c.Process.RFC3161SkipPublished }, false,
			"No time stamps for entries that are published already.", coming),
		row("reprocess.rematch_published", func(c *Config) *bool { return &c.Reprocess.RematchPublished }, true,
			"Look for main files again when a published upload is processed again."),
		row("reprocess.reprocess_existing_entries", func(c *Config) *bool { return &c.Reprocess.ReprocessExistingEntries }, true,
			"Parse entries again that exist."),
		row("reprocess.use_original_parser", func(c *Config) *bool { return &c.Reprocess.UseOriginalParser }, false,
			"Use the parser that an entry was made with."),
		row("reprocess.add_matched_entries_to_published", func(c *Config) *bool { return &c.Reprocess.AddMatchedEntriesToPublished }, true,
			"Files that match now become entries."),
		row("reprocess.delete_unmatched_published_entries", func(c *Config) *bool { return &c.Reprocess.DeleteUnmatchedPublishedEntries }, false,
			"Entries whose file no longer matches are removed."),
		row("rfc3161_timestamp.server", func(c *Config) *string { return &c.Timestamp.Server }, "",
			"Time stamp server; empty, other than in NOMAD, means none is called.", webAddress(), nullIsDefault, coming),
		row("rfc3161_timestamp.cert", func(c *Config) *string { return &c.Timestamp.Cert }, "",
			"File with the certificate of that server.", nullIsDefault, coming),
		row("rfc3161_timestamp.hash_algorithm", func(c *Config) *string { return &c.Timestamp.HashAlgorithm }, "sha256",
			"Hash that is stamped.", oneOf[string]("sha256", "sha384", "sha512"), coming),
		row("rfc3161_timestamp.username", func(c *Config) *string { return &c.Timestamp.Username }, "",
			"Account at that server.", nullIsDefault, coming),
		row("rfc3161_timestamp.password", func(c *Config) *string { return &c.Timestamp.Password }, "",
			"Password of that account.", secret, nullIsDefault, coming),
	},
		append(ignored("workers are goroutines of the server, parsers hold no state",
			"process.reuse_parser", "process.redirect_stdouts"),
			ignored("entries are always indexed when their upload is done", "reprocess.index_individual_entries")...)...)
}

// metaOptions are the sections `meta`, `documentation` and `ui`.
func metaOptions() []*Option {
	return append([]*Option{
		row("meta.deployment", func(c *Config) *string { return &c.Meta.Deployment }, "oasis",
			"Name of this deployment, shown in `/info`."),
		row("meta.deployment_url", func(c *Config) *string { return &c.Meta.DeploymentURL }, "",
			"Address written into exported bundles; empty means the API's public address.", webAddress(), nullIsDefault),
		row("meta.name", func(c *Config) *string { return &c.Meta.Name }, "Oasis", "Name of the server, shown in the page."),
		row("meta.description", func(c *Config) *string { return &c.Meta.Description }, "A research data server", "One sentence about it.", nullIsDefault, coming),
		row("meta.homepage", func(c *Config) *string { return &c.Meta.Homepage }, "", "Page of the people who run it.", webAddress(), nullIsDefault, coming),
		row("meta.maintainer_email", func(c *Config) *string { return &c.Meta.MaintainerEmail }, "", "Whom to write to; shown to people who are refused.", nullIsDefault),
		row("meta.source_url", func(c *Config) *string { return &c.Meta.SourceURL }, "", "Where the source code is.", webAddress(), nullIsDefault, coming),
		row("meta.service", func(c *Config) *string { return &c.Meta.Service }, "oasis", "Name of the service in log lines.", coming),
		row("meta.label", func(c *Config) *string { return &c.Meta.Label }, "", "A word beside the name, such as \"test\".", nullIsDefault, coming),
		row("meta.beta", func(c *Config) *bool { return &c.Meta.Beta }, false, "Mark the page as a trial.", coming),
		row("meta.footer_links", func(c *Config) *[]Link { return &c.Meta.FooterLinks }, nil, "Links at the foot of the page.", nullIsDefault, coming),
		row("documentation.url", func(c *Config) *string { return &c.Documentation.URL }, "", "Documentation linked from the page.", webAddress(), nullIsDefault, coming),
		row("ui.theme.title", func(c *Config) *string { return &c.UI.Theme.Title }, "Oasis", "Title of the browser window.", coming),
	},
		append(ignored("the binary knows its own version", "meta.version", "meta.commit"),
			ignored("the page finds its own address; what it shows is chosen in the page",
				"ui.app_base", "ui.north_base", "ui.unit_systems.*", "ui.entry.*", "ui.apps.*", "ui.search_contexts.*",
				"ui.example_uploads.*")...)...)
}

-- Conventions, for every table of every migration:
--   times are microseconds since 1970-01-01 UTC, and 0 is "none";
--   text compares by bytes, and lists of strings are JSON arrays in a text;
--   *_key columns hold a text in lower case, for looking up without regard to case.
-- Where the databases differ there is a {{"{{.Name}}"}}, see dialect.go.

create table counters (
	name {{.Text}} not null primary key,
	value bigint not null
);
-- rev numbers the transactions that search follows, see feed.go.
insert into counters (name, value) values ('rev', 0);

create table users (
	id {{.Text}} not null primary key,
	username {{.Text}} not null,
	username_key {{.Text}} not null unique,
	email {{.Text}} not null,
	email_key {{.Text}} not null unique,
	first_name {{.Text}} not null,
	first_key {{.Text}} not null,
	last_name {{.Text}} not null,
	last_key {{.Text}} not null,
	name_key {{.Text}} not null,
	affiliation {{.Text}} not null,
	affiliation_address {{.Text}} not null,
	created bigint not null,
	admin boolean not null,
	disabled boolean not null,
	generation bigint not null,
	password_hash {{.Text}} not null
);
create index users_first on users (first_key);
create index users_last on users (last_key);
create index users_name on users (name_key);

create table sessions (
	digest {{.Text}} not null primary key,
	user_id {{.Text}} not null,
	created bigint not null,
	last_seen bigint not null,
	address {{.Text}} not null,
	agent {{.Text}} not null
);
create index sessions_user on sessions (user_id);

create table signing_keys (
	id {{.Text}} not null primary key,
	sealed {{.Bytes}} not null,
	created bigint not null
);

create table pats (
	id {{.Text}} not null primary key,
	user_id {{.Text}} not null,
	name {{.Text}} not null,
	name_key {{.Text}} not null,
	description {{.Text}} not null,
	scopes {{.Text}} not null,
	digest {{.Text}} not null unique,
	created_at bigint not null,
	updated_at bigint not null,
	expired_at bigint not null,
	revoked_at bigint not null,
	last_used_at bigint not null,
	last_used_from {{.Text}} not null
);
create index pats_created on pats (user_id, created_at, id);

create table uploads (
	id {{.Text}} not null primary key,
	name {{.Text}} not null,
	name_key {{.Text}} not null,
	description {{.Text}} not null,
	create_time bigint not null,
	main_author {{.Text}} not null,
	publish_time bigint not null,
	embargo_length bigint not null,
	license {{.Text}} not null,
	publish_directly boolean not null,
	last_update bigint not null,
	process_status {{.Text}} not null,
	current_process {{.Text}} not null,
	status_message {{.Text}} not null,
	errors {{.Text}} not null,
	warnings {{.Text}} not null,
	complete_time bigint not null,
	-- Sums over entries and files, kept in the transactions that change those.
	entries bigint not null,
	failed bigint not null,
	processed bigint not null,
	files bigint not null,
	bytes bigint not null,
	rev bigint not null
);
create index uploads_author on uploads (main_author, create_time, id);
create index uploads_staging on uploads (main_author) where publish_time = 0;
create index uploads_busy on uploads (id) where process_status in ('PENDING', 'RUNNING');
create index uploads_rev on uploads (rev);

-- role is coauthor, reviewer, coauthor_group or reviewer_group.
create table upload_members (
	upload_id {{.Text}} not null,
	role {{.Text}} not null,
	position bigint not null,
	member {{.Text}} not null,
	primary key (upload_id, role, position)
){{.Clustered}};
create index upload_members_member on upload_members (member, role, upload_id);

-- files holds folders too; the root of an upload has no row. size of a folder
-- is the sum of all files below it, kept like the sums of uploads.
create table files (
	upload_id {{.Text}} not null,
	path {{.Text}} not null,
	parent {{.Text}} not null,
	is_file boolean not null,
	size bigint not null,
	sha256 {{.Text}} not null,
	crc32 bigint not null,
	mod_time bigint not null,
	primary key (upload_id, path)
){{.Clustered}};
create index files_parent on files (upload_id, parent, path);

create table intents (
	id {{.Serial}},
	upload_id {{.Text}} not null,
	kind {{.Text}} not null,
	staged {{.Text}} not null,
	path {{.Text}} not null
);

create table entries (
	id {{.Text}} not null primary key,
	upload_id {{.Text}} not null,
	mainfile {{.Text}} not null,
	mainfile_key {{.Text}} not null,
	parser_name {{.Text}} not null,
	create_time bigint not null,
	last_processing bigint not null,
	process_status {{.Text}} not null,
	current_process {{.Text}} not null,
	status_message {{.Text}} not null,
	errors {{.Text}} not null,
	warnings {{.Text}} not null,
	complete_time bigint not null,
	hash {{.Text}} not null,
	rev bigint not null,
	-- The large ones last: SQLite reads a row from the front.
	input_key {{.Text}} not null,
	document {{.Text}} not null
);
create index entries_mainfile on entries (upload_id, mainfile, id);
create index entries_parser on entries (upload_id, parser_name, id);
create index entries_status on entries (upload_id, process_status, id);
-- current_process is the same in nearly all entries: an index would not help.
create index entries_created on entries (upload_id, create_time, id);
create index entries_rev on entries (rev);

-- What search has to forget; kind is entry or upload. Rows go after a while, see
-- prune.go: an index that is older has to be built anew.
create table tombstones (
	kind {{.Text}} not null,
	id {{.Text}} not null,
	rev bigint not null,
	primary key (kind, id)
){{.Clustered}};
create index tombstones_rev on tombstones (rev);

create table jobs (
	id {{.Text}} not null primary key,
	kind {{.Text}} not null,
	key {{.Text}} not null,
	args {{.Text}} not null,
	state {{.Text}} not null,
	attempt bigint not null,
	max_attempts bigint not null,
	run_at bigint not null,
	created_at bigint not null,
	last_error {{.Text}} not null,
	worker {{.Text}} not null,
	lease_until bigint not null
);
create unique index jobs_waiting on jobs (kind, key) where state = 'queued' and key <> '';
create index jobs_due on jobs (state, run_at, id);
create index jobs_key on jobs (key, state);

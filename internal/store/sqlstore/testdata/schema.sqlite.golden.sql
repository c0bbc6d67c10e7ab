CREATE TABLE access_requests (
	id text not null primary key,
	user_id text not null,
	username text not null,
	message text not null,
	created bigint not null,
	state text not null,
	decided bigint not null,
	decided_by text not null
);
CREATE UNIQUE INDEX access_requests_open on access_requests (user_id) where state = 'open';
CREATE INDEX access_requests_state on access_requests (state, created, id);
CREATE INDEX access_requests_user on access_requests (user_id, created, id);
CREATE TRIGGER audit_counted before update of count on audit when new.count < old.count
begin
	select raise(abort, 'rows of the audit log cannot be changed or deleted');
end;
CREATE TRIGGER audit_fixed before update of id, time, actor, actor_name, actor_key, credential, credential_kind, operation,
	object, outcome, status, step, detail, address, request, fold on audit
begin
	select raise(abort, 'rows of the audit log cannot be changed or deleted');
end;
CREATE TRIGGER audit_kept before delete on audit when not exists (select 1 from audit_pruning where before > old.time)
begin
	select raise(abort, 'rows of the audit log cannot be changed or deleted');
end;
CREATE TRIGGER audit_new before insert on audit when exists (select 1 from audit where id = new.id)
begin
	select raise(abort, 'rows of the audit log cannot be changed or deleted');
end;
CREATE TABLE audit (
	id integer primary key autoincrement,
	time bigint not null,
	actor text not null,
	actor_name text not null,
	actor_key text not null,
	credential text not null,
	credential_kind text not null,
	operation text not null,
	object text not null,
	outcome text not null,
	status bigint not null,
	step text not null,
	detail text not null,
	address text not null,
	request text not null,
	count bigint not null,
	-- Rows with the same fold are one; '' never is.
	fold text not null
);
CREATE INDEX audit_actor on audit (actor, time, id);
CREATE INDEX audit_actor_key on audit (actor_key, time, id);
CREATE INDEX audit_credential on audit (credential, time, id);
CREATE UNIQUE INDEX audit_fold on audit (fold) where fold <> '';
CREATE INDEX audit_object on audit (object, time, id);
CREATE INDEX audit_time on audit (time, id);
CREATE TABLE audit_pruning (
	before bigint not null
);
CREATE TABLE counters (
	name text not null primary key,
	value bigint not null
);
CREATE TABLE data_directory (
	id text not null primary key
);
CREATE TABLE deliveries (
	id text not null primary key,
	upload_id text not null,
	user_id text not null,
	credential text not null,
	path text not null,
	size bigint not null,
	sha256 text not null,
	unpack boolean not null,
	keep_existing boolean not null,
	hold boolean not null,
	created bigint not null,
	expires bigint not null,
	finished bigint not null,
	received bigint not null,
	sums blob not null
);
CREATE INDEX deliveries_expires on deliveries (expires);
CREATE INDEX deliveries_upload on deliveries (upload_id);
CREATE INDEX deliveries_user on deliveries (user_id) where finished = 0;
CREATE TABLE devices (
	digest text not null primary key,
	user_code text not null unique,
	client_id text not null,
	scopes text not null,
	address text not null,
	state text not null,
	grant_id text not null,
	pause bigint not null,
	polled bigint not null,
	created bigint not null,
	expires bigint not null
);
CREATE INDEX devices_expires on devices (expires);
CREATE TABLE ended_tokens (
	id text not null primary key,
	expires bigint not null
);
CREATE INDEX ended_tokens_expires on ended_tokens (expires);
CREATE TABLE entries (
	id text not null primary key,
	upload_id text not null,
	mainfile text not null,
	mainfile_key text not null,
	parser_name text not null,
	create_time bigint not null,
	last_processing bigint not null,
	process_status text not null,
	current_process text not null,
	status_message text not null,
	errors text not null,
	warnings text not null,
	complete_time bigint not null,
	hash text not null,
	rev bigint not null,
	-- The large ones last: SQLite reads a row from the front.
	input_key text not null,
	document text not null
, edits text not null default '', last_edit bigint not null default 0);
CREATE INDEX entries_created on entries (upload_id, create_time, id);
CREATE INDEX entries_mainfile on entries (upload_id, mainfile, id);
CREATE INDEX entries_parser on entries (upload_id, parser_name, id);
CREATE INDEX entries_rev on entries (rev);
CREATE INDEX entries_status on entries (upload_id, process_status, id);
CREATE TABLE external_people (
	user_id text not null primary key,
	issuer text not null,
	subject text not null,
	name text not null,
	state text not null,
	checked bigint not null
);
CREATE INDEX external_people_subject on external_people (issuer, subject);
CREATE TABLE files (
	upload_id text not null,
	path text not null,
	parent text not null,
	is_file boolean not null,
	size bigint not null,
	sha256 text not null,
	crc32 bigint not null,
	mod_time bigint not null,
	primary key (upload_id, path)
) without rowid;
CREATE INDEX files_parent on files (upload_id, parent, path);
CREATE TABLE grant_secrets (
	digest text not null primary key,
	grant_id text not null,
	kind text not null,
	created bigint not null,
	expires bigint not null,
	used bigint not null
);
CREATE INDEX grant_secrets_grant on grant_secrets (grant_id);
CREATE TABLE grants (
	id text not null primary key,
	client_id text not null,
	user_id text not null,
	generation bigint not null,
	scopes text not null,
	parameters text not null,
	signed_in bigint not null,
	created bigint not null,
	expires bigint not null,
	ended bigint not null
);
CREATE INDEX grants_expires on grants (expires);
CREATE INDEX grants_user on grants (user_id, client_id);
CREATE TABLE group_members (
	group_id text not null,
	position bigint not null,
	user_id text not null,
	role text not null,
	primary key (group_id, user_id)
) without rowid;
CREATE INDEX group_members_user on group_members (user_id, group_id);
CREATE TABLE group_subgroups (
	group_id text not null,
	position bigint not null,
	subgroup_id text not null,
	primary key (group_id, subgroup_id)
) without rowid;
CREATE INDEX group_subgroups_inner on group_subgroups (subgroup_id, group_id);
CREATE TABLE inbox (
	id text not null primary key,
	user_id text not null,
	source text not null,
	type text not null,
	actor text not null,
	created bigint not null,
	expires bigint not null,
	read_at bigint not null,
	data text not null
);
CREATE INDEX inbox_expires on inbox (expires);
CREATE INDEX inbox_user on inbox (user_id, created, id);
CREATE TABLE intents (
	id integer primary key autoincrement,
	upload_id text not null,
	kind text not null,
	staged text not null,
	path text not null
, body text not null default '', sha256 text not null default '', carried boolean not null default false);
CREATE TABLE jobs (
	id text not null primary key,
	kind text not null,
	key text not null,
	args text not null,
	state text not null,
	attempt bigint not null,
	max_attempts bigint not null,
	run_at bigint not null,
	created_at bigint not null,
	last_error text not null,
	worker text not null,
	lease_until bigint not null
);
CREATE INDEX jobs_due on jobs (state, run_at, id);
CREATE INDEX jobs_key on jobs (key, state);
CREATE UNIQUE INDEX jobs_waiting on jobs (kind, key) where state = 'queued' and key <> '';
CREATE TABLE legacy_tokens_off (
	user_id text not null primary key,
	since bigint not null
);
CREATE TABLE mail_off (
	user_id text not null primary key
);
CREATE TABLE passkeys (
	id text not null primary key,
	user_id text not null,
	name text not null,
	record blob not null,
	created bigint not null,
	last_used bigint not null
);
CREATE INDEX passkeys_user on passkeys (user_id);
CREATE TABLE pat_usage (
	pat_id text not null,
	kind text not null,
	item text not null,
	times bigint not null,
	last bigint not null,
	primary key (pat_id, kind, item)
);
CREATE INDEX pat_usage_last on pat_usage (last);
CREATE TABLE pats (
	id text not null primary key,
	user_id text not null,
	name text not null,
	name_key text not null,
	description text not null,
	scopes text not null,
	digest text not null unique,
	created_at bigint not null,
	updated_at bigint not null,
	expired_at bigint not null,
	revoked_at bigint not null,
	last_used_at bigint not null,
	last_used_from text not null
, restrictions text not null default '', ended_how text not null default '', ended_by text not null default '', successor text not null default '');
CREATE INDEX pats_created on pats (user_id, created_at, id);
CREATE TABLE receipt_keys (
	id text not null primary key,
	public text not null,
	created bigint not null
);
CREATE TABLE receipts (
	id integer primary key autoincrement,
	depositor text not null,
	upload_id text not null,
	path text not null,
	size bigint not null,
	sha256 text not null,
	owner text not null,
	stored bigint not null
);
CREATE INDEX receipts_sum on receipts (depositor, sha256, id);
CREATE INDEX receipts_upload on receipts (depositor, upload_id, id);
CREATE TABLE recovery_codes (
	user_id text not null,
	digest text not null,
	primary key (user_id, digest)
);
CREATE TABLE servers (
	name text not null primary key,
	host text not null,
	started bigint not null,
	beat bigint not null
);
CREATE TABLE sessions (
	digest text not null primary key,
	user_id text not null,
	created bigint not null,
	last_seen bigint not null,
	address text not null,
	agent text not null
);
CREATE INDEX sessions_user on sessions (user_id);
CREATE TABLE signing_keys (
	id text not null primary key,
	sealed blob not null,
	created bigint not null
);
CREATE TABLE standing_shares (
	id text not null primary key,
	owner text not null,
	kind text not null,
	member text not null,
	role text not null,
	created_by text not null,
	created bigint not null,
	unique (owner, kind, member)
);
CREATE INDEX standing_shares_member on standing_shares (kind, member);
CREATE TABLE tickets (
	digest text not null primary key,
	user_id text not null,
	purpose text not null,
	data blob not null,
	created bigint not null,
	expires bigint not null
);
CREATE INDEX tickets_expires on tickets (expires);
CREATE INDEX tickets_user on tickets (user_id, purpose);
CREATE TABLE tombstones (
	kind text not null,
	id text not null,
	rev bigint not null, buried bigint not null default 0,
	primary key (kind, id)
) without rowid;
CREATE INDEX tombstones_rev on tombstones (rev);
CREATE TABLE totps (
	user_id text not null primary key,
	sealed blob not null,
	created bigint not null,
	last_step bigint not null
);
CREATE TABLE transfers (
	id text not null primary key,
	resource_type text not null,
	resource_id text not null,
	source text not null,
	target text not null,
	actor text not null,
	state text not null,
	-- Whether the offer made the target a reviewer, and whether the former owner keeps a role.
	admitted boolean not null,
	keep boolean not null,
	requested bigint not null,
	updated bigint not null
);
CREATE UNIQUE INDEX transfers_pending on transfers (resource_type, resource_id) where state = 'pending';
CREATE INDEX transfers_source on transfers (source, updated, id);
CREATE INDEX transfers_target on transfers (target, updated, id);
CREATE INDEX transfers_updated on transfers (updated);
CREATE TABLE upload_members (
	upload_id text not null,
	role text not null,
	position bigint not null,
	member text not null,
	primary key (upload_id, role, position)
) without rowid;
CREATE INDEX upload_members_member on upload_members (member, role, upload_id);
CREATE TABLE uploads (
	id text not null primary key,
	name text not null,
	name_key text not null,
	description text not null,
	create_time bigint not null,
	main_author text not null,
	publish_time bigint not null,
	embargo_length bigint not null,
	license text not null,
	publish_directly boolean not null,
	last_update bigint not null,
	process_status text not null,
	current_process text not null,
	status_message text not null,
	errors text not null,
	warnings text not null,
	complete_time bigint not null,
	-- Sums over entries and files, kept in the transactions that change those.
	entries bigint not null,
	failed bigint not null,
	processed bigint not null,
	files bigint not null,
	bytes bigint not null,
	rev bigint not null
, warned bigint not null default 0, external_db text not null default '', last_edit bigint not null default 0, embargo_end bigint not null default 0, included_query text not null default '', included_at bigint not null default 0, stops bigint not null default 0, depositor text not null default '', deposit text not null default '', deposit_asked text not null default '', deposit_until bigint not null default 0, from_oasis boolean not null default false, oasis_url text not null default '', published_to text not null default '[]');
CREATE INDEX uploads_author on uploads (main_author, create_time, id);
CREATE INDEX uploads_busy on uploads (id) where process_status in ('PENDING', 'RUNNING');
CREATE INDEX uploads_embargo on uploads (embargo_end) where embargo_end <> 0;
CREATE INDEX uploads_rev on uploads (rev);
CREATE INDEX uploads_staging on uploads (main_author) where publish_time = 0;
CREATE TABLE user_groups (
	id text not null primary key,
	name text not null,
	name_key text not null unique,
	description text not null,
	created bigint not null
);
CREATE TABLE users (
	id text not null primary key,
	username text not null,
	username_key text not null unique,
	email text not null,
	email_key text not null unique,
	first_name text not null,
	first_key text not null,
	last_name text not null,
	last_key text not null,
	name_key text not null,
	affiliation text not null,
	affiliation_address text not null,
	created bigint not null,
	admin boolean not null,
	disabled boolean not null,
	generation bigint not null,
	password_hash text not null
, lab_manager boolean not null default false, origin text not null default '', last_sign_in bigint not null default 0, last_seen bigint not null default 0, second_factor boolean not null default false);
CREATE INDEX users_first on users (first_key);
CREATE INDEX users_last on users (last_key);
CREATE INDEX users_name on users (name_key);

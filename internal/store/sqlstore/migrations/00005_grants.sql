-- What the embedded identity provider has handed out. A grant is the family of
-- everything that came of one sign-in of one client; ended is 0 while it holds.
-- parameters are the protocol's, as JSON; expires is that of the last thing in the family.
create table grants (
	id {{.Text}} not null primary key,
	client_id {{.Text}} not null,
	user_id {{.Text}} not null,
	generation bigint not null,
	scopes {{.Text}} not null,
	parameters {{.Text}} not null,
	signed_in bigint not null,
	created bigint not null,
	expires bigint not null,
	ended bigint not null
);
create index grants_user on grants (user_id, client_id);
create index grants_expires on grants (expires);

-- Authorization codes and refresh tokens: digest is the SHA-256 of the secret. used
-- ones stay until the family expires, so that a second use is noticed.
create table grant_secrets (
	digest {{.Text}} not null primary key,
	grant_id {{.Text}} not null,
	kind {{.Text}} not null,
	created bigint not null,
	expires bigint not null,
	used bigint not null
);
create index grant_secrets_grant on grant_secrets (grant_id);

-- Device sign-ins (RFC 8628). user_code is a keyed digest: the code itself is short.
-- pause is the seconds between two polls; grant_id is set once somebody has said yes.
create table devices (
	digest {{.Text}} not null primary key,
	user_code {{.Text}} not null unique,
	client_id {{.Text}} not null,
	scopes {{.Text}} not null,
	address {{.Text}} not null,
	state {{.Text}} not null,
	grant_id {{.Text}} not null,
	pause bigint not null,
	polled bigint not null,
	created bigint not null,
	expires bigint not null
);
create index devices_expires on devices (expires);

-- Access tokens that ended before their time and belong to no grant.
create table ended_tokens (
	id {{.Text}} not null primary key,
	expires bigint not null
);
create index ended_tokens_expires on ended_tokens (expires);

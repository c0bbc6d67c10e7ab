-- What an account is beyond its name: roles, where it comes from, when it was here.
alter table users add column lab_manager boolean not null default false;
-- '' is an account of this Oasis, anything else the issuer that knows the person.
alter table users add column origin {{.Text}} not null default '';
alter table users add column last_sign_in bigint not null default 0;
alter table users add column last_seen bigint not null default 0;
-- Whether a second factor is set up: kept with the rows of totps and passkeys.
alter table users add column second_factor boolean not null default false;

-- Authenticator apps; the secret is sealed. last_step is the time step of the code
-- that was used last: no code of it or before counts again.
create table totps (
	user_id {{.Text}} not null primary key,
	sealed {{.Bytes}} not null,
	created bigint not null,
	last_step bigint not null
);

-- Recovery codes that were not used yet, as keyed digests.
create table recovery_codes (
	user_id {{.Text}} not null,
	digest {{.Text}} not null,
	primary key (user_id, digest)
);

-- Passkeys; id is the credential id in base64url, record what checking needs.
create table passkeys (
	id {{.Text}} not null primary key,
	user_id {{.Text}} not null,
	name {{.Text}} not null,
	record {{.Bytes}} not null,
	created bigint not null,
	last_used bigint not null
);
create index passkeys_user on passkeys (user_id);

-- Things that can be used once and for a while: links, challenges, half-done sign-ins.
-- digest is the SHA-256 of the secret.
create table tickets (
	digest {{.Text}} not null primary key,
	user_id {{.Text}} not null,
	purpose {{.Text}} not null,
	data {{.Bytes}} not null,
	created bigint not null,
	expires bigint not null
);
create index tickets_user on tickets (user_id, purpose);
create index tickets_expires on tickets (expires);

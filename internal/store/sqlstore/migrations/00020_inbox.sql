-- What users are told. An item is for one user; it goes when it expires.
create table inbox (
	id {{.Text}} not null primary key,
	user_id {{.Text}} not null,
	source {{.Text}} not null,
	type {{.Text}} not null,
	actor {{.Text}} not null,
	created bigint not null,
	expires bigint not null,
	read_at bigint not null,
	data {{.Text}} not null
);
create index inbox_user on inbox (user_id, created, id);
create index inbox_expires on inbox (expires);

-- People who do not want mail about their uploads.
create table mail_off (
	user_id {{.Text}} not null primary key
);

-- Offers of an upload or a group to somebody else. One of a resource may be pending.
create table transfers (
	id {{.Text}} not null primary key,
	resource_type {{.Text}} not null,
	resource_id {{.Text}} not null,
	source {{.Text}} not null,
	target {{.Text}} not null,
	actor {{.Text}} not null,
	state {{.Text}} not null,
	-- Whether the offer made the target a reviewer, and whether the former owner keeps a role.
	admitted boolean not null,
	keep boolean not null,
	requested bigint not null,
	updated bigint not null
);
create unique index transfers_pending on transfers (resource_type, resource_id) where state = 'pending';
create index transfers_source on transfers (source, updated, id);
create index transfers_target on transfers (target, updated, id);
create index transfers_updated on transfers (updated);

-- Where an upload came from and where it was sent.
alter table uploads add column from_oasis boolean not null default false;
alter table uploads add column oasis_url {{.Text}} not null default '';
alter table uploads add column published_to {{.Text}} not null default '[]';

{{if .PLpgSQL}}
-- Streams of other processes hear of changes, see DB.Follow.
create function tell_inbox_changed() returns trigger language plpgsql as $$
begin
	if tg_op <> 'DELETE' then
		perform pg_notify('oasis_inbox', new.user_id);
	end if;
	if tg_op <> 'INSERT' and (tg_op = 'DELETE' or old.user_id <> new.user_id) then
		perform pg_notify('oasis_inbox', old.user_id);
	end if;
	return null;
end $$;
create trigger told after insert or update or delete on inbox for each row execute function tell_inbox_changed();
{{end}}

-- Restrictions are JSON, '' is none. What ended a token before its time: how, by
-- whom, and by which other token it was replaced.
alter table pats add column restrictions {{.Text}} not null default '';
alter table pats add column ended_how {{.Text}} not null default '';
alter table pats add column ended_by {{.Text}} not null default '';
alter table pats add column successor {{.Text}} not null default '';

-- What tokens were used for in the last days; older rows are deleted with each batch.
create table pat_usage (
	pat_id {{.Text}} not null,
	kind {{.Text}} not null,
	item {{.Text}} not null,
	times bigint not null,
	last bigint not null,
	primary key (pat_id, kind, item)
);
create index pat_usage_last on pat_usage (last);

-- Users whose upload tokens and simple tokens, which are never stored, are not taken.
create table legacy_tokens_off (
	user_id {{.Text}} not null primary key,
	since bigint not null
);

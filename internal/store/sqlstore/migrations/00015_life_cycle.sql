-- When the embargo of a published upload ends; 0 = it has none. What reads uploads compares it with the clock.
alter table uploads add column embargo_end bigint not null default 0;
create index uploads_embargo on uploads (embargo_end) where embargo_end <> 0;
-- Entries of other uploads that are shown with this one: a query as JSON ('' = none) and when it was asked.
alter table uploads add column included_query {{.Text}} not null default '';
alter table uploads add column included_at bigint not null default 0;
-- How often processing was stopped by hand.
alter table uploads add column stops bigint not null default 0;

-- The digest of the content of an intent: it tells an old one from what the rows say now.
alter table intents add column sha256 {{.Text}} not null default '';

-- The data directory that holds the files of this database, by its random id; one row.
create table data_directory (
	id {{.Text}} not null primary key
);

-- When a row was buried, so that it can go once every search index has seen it.
alter table tombstones add column buried bigint not null default 0;

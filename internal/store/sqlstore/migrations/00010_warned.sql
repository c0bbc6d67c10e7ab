-- Counts the entries that were read only in part: processed well, with warnings.
alter table uploads add column warned bigint not null default 0;
update uploads set warned = (
	select count(*) from entries
	where entries.upload_id = uploads.id and entries.process_status = 'SUCCESS' and entries.warnings <> '[]'
);

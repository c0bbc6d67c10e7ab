-- What people say about uploads and entries beyond what processing finds.
-- edits are the entry's values as a JSON object that only holds what was edited, null
-- for what was cleared. An edit of all entries of an upload leaves its time in the
-- row of the upload; that of an entry is the later of the two.
alter table uploads add column external_db {{.Text}} not null default '';
alter table uploads add column last_edit bigint not null default 0;
alter table entries add column edits {{.Text}} not null default '';
alter table entries add column last_edit bigint not null default 0;

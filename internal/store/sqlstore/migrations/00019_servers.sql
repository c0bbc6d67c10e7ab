-- Servers that share this database and the files, see peers.go. beat counts up as
-- long as a server lives; one that is taken for dead loses its row.
create table servers (
	name {{.Text}} not null primary key,
	host {{.Text}} not null,
	started bigint not null,
	beat bigint not null
);

-- Whether the server that made an intent has said that it was carried out.
alter table intents add column carried boolean not null default false;
{{if .PLpgSQL}}
create index intents_open on intents (upload_id) where not carried;
{{end}}

-- Files that come into an upload in pieces. The bytes are a staged body whose name is the id;
-- received tells how many of them are durable, and sums is the state of their checksums.
create table deliveries (
	id {{.Text}} not null primary key,
	upload_id {{.Text}} not null,
	user_id {{.Text}} not null,
	credential {{.Text}} not null,
	path {{.Text}} not null,
	size bigint not null,
	sha256 {{.Text}} not null,
	unpack boolean not null,
	keep_existing boolean not null,
	hold boolean not null,
	created bigint not null,
	expires bigint not null,
	finished bigint not null,
	received bigint not null,
	sums {{.Bytes}} not null
);
create index deliveries_upload on deliveries (upload_id);
create index deliveries_user on deliveries (user_id) where finished = 0;
create index deliveries_expires on deliveries (expires);

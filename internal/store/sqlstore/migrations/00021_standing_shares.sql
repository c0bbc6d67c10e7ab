-- Who is a member of new uploads from the start. owner is the user whose uploads they
-- are, '' for everybody's; kind is user or group, role is coauthor or reviewer.
create table standing_shares (
	id {{.Text}} not null primary key,
	owner {{.Text}} not null,
	kind {{.Text}} not null,
	member {{.Text}} not null,
	role {{.Text}} not null,
	created_by {{.Text}} not null,
	created bigint not null,
	unique (owner, kind, member)
);
create index standing_shares_member on standing_shares (kind, member);

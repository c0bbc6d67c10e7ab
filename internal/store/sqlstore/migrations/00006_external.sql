-- People of an external identity provider, beside their rows in users. name is
-- the user name there, which need not be free here; state is how they stand there.
create table external_people (
	user_id {{.Text}} not null primary key,
	issuer {{.Text}} not null,
	subject {{.Text}} not null,
	name {{.Text}} not null,
	state {{.Text}} not null,
	checked bigint not null
);
create index external_people_subject on external_people (issuer, subject);

-- People whom the allow list refuses, asking to be let in.
create table access_requests (
	id {{.Text}} not null primary key,
	user_id {{.Text}} not null,
	username {{.Text}} not null,
	message {{.Text}} not null,
	created bigint not null,
	state {{.Text}} not null,
	decided bigint not null,
	decided_by {{.Text}} not null
);
create unique index access_requests_open on access_requests (user_id) where state = 'open';
create index access_requests_state on access_requests (state, created, id);
create index access_requests_user on access_requests (user_id, created, id);

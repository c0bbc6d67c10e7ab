-- Groups of people. name_key is what the allow list finds them by.
create table user_groups (
	id {{.Text}} not null primary key,
	name {{.Text}} not null,
	name_key {{.Text}} not null unique,
	description {{.Text}} not null,
	created bigint not null
);

-- role is member, maintainer or owner.
create table group_members (
	group_id {{.Text}} not null,
	position bigint not null,
	user_id {{.Text}} not null,
	role {{.Text}} not null,
	primary key (group_id, user_id)
){{.Clustered}};
create index group_members_user on group_members (user_id, group_id);

-- The groups directly in a group.
create table group_subgroups (
	group_id {{.Text}} not null,
	position bigint not null,
	subgroup_id {{.Text}} not null,
	primary key (group_id, subgroup_id)
){{.Clustered}};
create index group_subgroups_inner on group_subgroups (subgroup_id, group_id);

-- See 00012. A new group without members concerns nobody; its name and what is in it
-- may concern anybody.
{{if .PLpgSQL}}
create trigger told after insert or update or delete on group_members for each row execute function tell_access_changed('user_id');
create trigger told after insert or delete on group_subgroups for each row execute function tell_access_changed('nobody');
create trigger told after update of name_key on user_groups for each row execute function tell_access_changed('nobody');
{{end}}

-- The audit log. Rows are added, and the count of a row may grow; nothing else may
-- happen to them, except that those older than audit_pruning.before may be deleted.
create table audit (
	id {{.Serial}},
	time bigint not null,
	actor {{.Text}} not null,
	actor_name {{.Text}} not null,
	actor_key {{.Text}} not null,
	credential {{.Text}} not null,
	credential_kind {{.Text}} not null,
	operation {{.Text}} not null,
	object {{.Text}} not null,
	outcome {{.Text}} not null,
	status bigint not null,
	step {{.Text}} not null,
	detail {{.Text}} not null,
	address {{.Text}} not null,
	request {{.Text}} not null,
	count bigint not null,
	-- Rows with the same fold are one; '' never is.
	fold {{.Text}} not null
);
create unique index audit_fold on audit (fold) where fold <> '';
create index audit_time on audit (time, id);
create index audit_actor on audit (actor, time, id);
create index audit_actor_key on audit (actor_key, time, id);
create index audit_credential on audit (credential, time, id);
create index audit_object on audit (object, time, id);

-- One row; the time is set for the length of the transaction that prunes, else 0.
create table audit_pruning (
	before bigint not null
);
insert into audit_pruning (before) values (0);

{{if .PLpgSQL}}
create function audit_refuse() returns trigger language plpgsql as $$
begin
	raise exception 'rows of the audit log cannot be changed or deleted';
end $$;
create function audit_keep() returns trigger language plpgsql as $$
begin
	if not exists (select 1 from audit_pruning where before > old.time) then
		raise exception 'rows of the audit log cannot be changed or deleted';
	end if;
	return old;
end $$;
create trigger audit_fixed before update of id, time, actor, actor_name, actor_key, credential, credential_kind, operation,
	object, outcome, status, step, detail, address, request, fold on audit for each row execute function audit_refuse();
create trigger audit_counted before update of count on audit for each row when (new.count < old.count) execute function audit_refuse();
create trigger audit_kept before delete on audit for each row execute function audit_keep();
create trigger audit_whole before truncate on audit for each statement execute function audit_refuse();
{{else}}
create trigger audit_fixed before update of id, time, actor, actor_name, actor_key, credential, credential_kind, operation,
	object, outcome, status, step, detail, address, request, fold on audit
begin
	select raise(abort, 'rows of the audit log cannot be changed or deleted');
end;
create trigger audit_counted before update of count on audit when new.count < old.count
begin
	select raise(abort, 'rows of the audit log cannot be changed or deleted');
end;
create trigger audit_kept before delete on audit when not exists (select 1 from audit_pruning where before > old.time)
begin
	select raise(abort, 'rows of the audit log cannot be changed or deleted');
end;
-- "insert or replace" would delete without asking the trigger above.
create trigger audit_new before insert on audit when exists (select 1 from audit where id = new.id)
begin
	select raise(abort, 'rows of the audit log cannot be changed or deleted');
end;
{{end}}

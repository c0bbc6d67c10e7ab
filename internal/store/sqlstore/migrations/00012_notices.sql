-- Who is concerned by a change of what decides about access, for the caches of other
-- processes: sent with the commit, heard by DB.Follow. '*' is everybody. With
-- SQLite there is no other process.
{{if .PLpgSQL}}
create function tell_access_changed() returns trigger language plpgsql as $$
declare
	-- What changes with each use and decides nothing.
	idle constant text[] := array['last_seen', 'last_sign_in', 'last_used_at', 'last_used_from', 'checked', 'parameters', 'expires'];
	before constant jsonb := case when tg_op <> 'INSERT' then to_jsonb(old) end;
	after constant jsonb := case when tg_op <> 'DELETE' then to_jsonb(new) end;
begin
	if before - idle is distinct from after - idle then
		perform pg_notify('oasis_access', coalesce(coalesce(after, before) ->> tg_argv[0], '*'));
	end if;
	return null;
end $$;
-- A new user, token or session is in no cache yet.
create trigger told after update or delete on users for each row execute function tell_access_changed('id');
create trigger told after update or delete on sessions for each row execute function tell_access_changed('user_id');
create trigger told after update or delete on pats for each row execute function tell_access_changed('user_id');
create trigger told after update or delete on grants for each row execute function tell_access_changed('user_id');
create trigger told after update or delete on external_people for each row execute function tell_access_changed('user_id');
create trigger told after insert or delete on legacy_tokens_off for each row execute function tell_access_changed('user_id');
create trigger told after insert on ended_tokens for each row execute function tell_access_changed('nobody');
{{else}}
select 1;
{{end}}

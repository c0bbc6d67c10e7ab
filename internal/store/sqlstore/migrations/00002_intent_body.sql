-- The content of a small file (base64) that is not durable anywhere else yet.
alter table intents add column body {{.Text}} not null default '';

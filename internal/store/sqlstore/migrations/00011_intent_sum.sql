-- The digest of the content of an intent: it tells an old one from what the rows say now.
alter table intents add column sha256 {{.Text}} not null default '';

-- How an upload came to its owner when somebody else made it, or a token that only adds
-- (upload.Deposit). deposit_until 0 with a depositor is a sealed upload.
alter table uploads add column depositor {{.Text}} not null default '';
alter table uploads add column deposit {{.Text}} not null default '';
alter table uploads add column deposit_asked {{.Text}} not null default '';
alter table uploads add column deposit_until bigint not null default 0;

-- What tokens that only add have stored: one row for each file, kept when the file is
-- gone, because it proves what was received.
create table receipts (
	id {{.Serial}},
	depositor {{.Text}} not null,
	upload_id {{.Text}} not null,
	path {{.Text}} not null,
	size bigint not null,
	sha256 {{.Text}} not null,
	owner {{.Text}} not null,
	stored bigint not null
);
create index receipts_sum on receipts (depositor, sha256, id);
create index receipts_upload on receipts (depositor, upload_id, id);

-- The keys that receipts are signed with; the private half is derived from services.api_secret.
create table receipt_keys (
	id {{.Text}} not null primary key,
	public {{.Text}} not null,
	created bigint not null
);

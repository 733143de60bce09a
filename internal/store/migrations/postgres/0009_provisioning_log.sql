-- +goose Up

-- What the provisioning log is searched by. action and code are those of doc; 'none' and '' are most of it and have no index.
alter table record add column kind text collate "C" not null default '';
alter table record add column action text collate "C" not null default '';
alter table record add column code text collate "C" not null default '';
update record set
	kind = coalesce(convert_from(doc, 'UTF8')::json ->> 'kind', ''),
	action = coalesce(convert_from(doc, 'UTF8')::json ->> 'action', ''),
	code = coalesce(convert_from(doc, 'UTF8')::json ->> 'errorCode', '');
create index record_action on record (application_id, action, position) where action <> 'none';
create index record_code on record (application_id, code, position) where code <> '';
-- For retention, and for the place in the log where a time begins.
create index record_time on record (application_id, time, position);

-- action: of a held deprovisioning, what waits: disable or delete. '' otherwise, and for what was held before this version until its next cycle.
alter table escrow add column action text collate "C" not null default '';

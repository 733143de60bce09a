-- +goose Up

-- The request log, as internal/store/requestlog.go makes it in a file of its own on SQLite.
create table request_batch (
	position        bigint generated always as identity primary key,
	organization_id text   not null,
	time            bigint not null,
	doc             text   not null
);
create index request_batch_organization on request_batch (organization_id, position);

create table request_body (
	position bigint not null primary key,
	time     bigint not null,
	doc      text   not null
);
create index request_body_time on request_body (time);

alter table integration add column bodies_until bigint not null default 0;

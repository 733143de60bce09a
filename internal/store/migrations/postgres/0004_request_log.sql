-- +goose Up

-- The request log, as internal/store/requestlog.go makes it in a file of its own on SQLite.
create table request_log (
	position        bigint generated always as identity primary key,
	organization_id text   not null,
	time            bigint not null,
	method          text   not null,
	status          bigint not null,
	token_id        text   not null,
	resource_id     text   not null,
	rules           text   not null,
	doc             text   not null
);
create index request_log_organization on request_log (organization_id, position);
create index request_log_resource on request_log (organization_id, resource_id, position) where resource_id <> '';

create table request_body (
	position bigint not null primary key,
	time     bigint not null,
	doc      text   not null
);
create index request_body_time on request_body (time);

alter table integration add column bodies_until bigint not null default 0;

-- +goose Up

-- Every mapping that an application has or had; the last one is the one it has. doc: the mapping as JSON, gzipped where that is shorter.
create table mapping_version (
	application_id text collate "C" not null references application (id) on delete cascade,
	number         bigint not null,
	time           bigint not null,
	actor          text   not null,
	reason         text   not null,
	changes        text   not null,
	doc            bytea  not null,
	primary key (application_id, number)
);

insert into mapping_version (application_id, number, time, actor, reason, changes, doc)
select id, 1, created, '', 'as it was when versions began to be kept', '', convert_to(mapping, 'UTF8') from application;

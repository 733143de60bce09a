-- +goose Up

-- Rowid tables: a large row stored in the index of a text primary key made the file three times as big and everything slower. Optional times are 0.
-- Keys end in _key where they are folded copies of a text for comparing without regard to letter case.

create table organization (
	seq     integer primary key,
	id      text   not null unique,
	slug    text   not null unique,
	name    text   not null,
	created bigint not null
);

create table administrator (
	seq             integer primary key,
	organization_id text   not null references organization (id) on delete cascade,
	email           text   not null,
	password_hash   text   not null,
	role            text   not null,
	created         bigint not null,
	unique (organization_id, email)
);

create table integration (
	seq             integer primary key,
	organization_id text    not null unique references organization (id) on delete cascade,
	provider        text    not null,
	method          text    not null,
	active          boolean not null,
	updated         bigint  not null
);

create table token (
	seq             integer primary key,
	id              text   not null unique,
	organization_id text   not null references organization (id) on delete cascade,
	hash            blob   not null unique,
	hint            text   not null,
	created         bigint not null,
	expires         bigint not null,
	revoked         bigint not null,
	last_used       bigint not null
);
create index token_organization on token (organization_id);

-- unique_key: folded userName or displayName; null for a soft-deleted object, so that its name is free again.
-- doc: the canonical attributes as JSON. search: the same folded by the schema, for filters.
create table resource (
	seq             integer primary key autoincrement,
	id              text   not null unique,
	organization_id text   not null references organization (id) on delete cascade,
	type            text   not null,
	unique_key      text,
	display_key     text,
	external_id     text,
	manager_id      text,
	active          boolean,
	version         bigint not null,
	created         bigint not null,
	modified        bigint not null,
	deleted         bigint not null,
	doc             blob   not null,
	search          text   not null
);
create unique index resource_name on resource (organization_id, type, unique_key) where unique_key is not null;
create index resource_display on resource (organization_id, type, display_key) where display_key is not null;
create index resource_external on resource (organization_id, type, external_id) where external_id is not null;
create index resource_manager on resource (organization_id, manager_id) where manager_id is not null;
create index resource_created on resource (organization_id, type, created, id) where deleted = 0;
create index resource_order on resource (organization_id, type, seq);

create table membership (
	organization_id text not null,
	group_id        text not null references resource (id) on delete cascade,
	member_id       text not null references resource (id) on delete cascade,
	member_type     text not null,
	primary key (group_id, member_id)
) without rowid;
create index membership_member on membership (member_id, group_id);

-- The feed. One writer at a time means that seq, given at insert, is also the order of commits. A seq is never given twice (autoincrement), so that a
-- consumer's watermark stays true when the newest changes are removed with their organization.
create table change (
	seq             integer primary key autoincrement,
	organization_id text   not null,
	time            bigint not null,
	actor           text   not null,
	cause           text   not null,
	traceparent     text   not null,
	kind            text   not null,
	type            text   not null,
	object_id       text   not null,
	member_id       text   not null,
	application_id  text   not null,
	paths           text   not null
);
create index change_organization on change (organization_id, seq);

create table application (
	seq             integer primary key,
	id              text    not null unique,
	organization_id text    not null references organization (id) on delete cascade,
	name            text    not null,
	name_key        text    not null,
	template        text    not null,
	created         bigint  not null,
	tenant_url      text    not null,
	secret          blob,
	secret_key      text    not null,
	enabled         boolean not null,
	scope           text    not null,
	mapping         text    not null,
	settings        text    not null,
	revision        bigint  not null,
	version         bigint  not null, -- grows with every save
	unique (organization_id, name_key)
);

create table assignment (
	application_id text   not null references application (id) on delete cascade,
	principal_id   text   not null references resource (id) on delete cascade,
	principal_type text   not null,
	role           text   not null,
	created        bigint not null,
	primary key (application_id, principal_id)
) without rowid;
create index assignment_principal on assignment (principal_id);

-- doc: the job as JSON. Nothing selects by its parts.
create table job (
	application_id text not null primary key references application (id) on delete cascade,
	doc            text not null
);

create table link (
	seq            integer primary key,
	application_id text    not null references application (id) on delete cascade,
	type           text    not null,
	source_id      text    not null,
	source_name    text    not null,
	target_id      text    not null,
	target_name    text    not null,
	state          text    not null,
	managed        boolean not null,
	written        text    not null,
	updated        bigint  not null,
	unique (application_id, type, source_id)
);
create unique index link_target on link (application_id, type, target_id) where target_id <> '';

create table link_member (
	application_id text not null references application (id) on delete cascade,
	group_id       text not null,
	member_id      text not null,
	member_type    text not null,
	target_id      text not null,
	primary key (application_id, group_id, member_id)
) without rowid;

create table escrow (
	application_id text    not null references application (id) on delete cascade,
	type           text    not null,
	source_id      text    not null,
	name           text    not null,
	since          bigint  not null,
	attempts       bigint  not null,
	next           bigint  not null,
	code           text    not null,
	message        text    not null,
	excluded       boolean not null,
	primary key (application_id, type, source_id)
) without rowid;

create table lease (
	application_id text   not null primary key references application (id) on delete cascade,
	holder         text   not null,
	host           text   not null,
	pid            bigint not null,
	started        text   not null,
	expires        bigint not null
);

create table record (
	position       integer primary key autoincrement,
	application_id text   not null references application (id) on delete cascade,
	time           bigint not null,
	cycle_id       text   not null,
	status         text   not null,
	source_key     text   not null,
	target_key     text   not null,
	doc            blob   not null
);
create index record_application on record (application_id, position);
create index record_status on record (application_id, status, position);
create index record_cycle on record (application_id, cycle_id, position);
create index record_source on record (application_id, source_key, position);
create index record_target on record (application_id, target_key, position);

-- +goose Up

-- The same tables as on SQLite. Texts are bytewise (collate "C"), so that both databases order and compare alike. Optional times are 0.
-- Keys end in _key where they are folded copies of a text for comparing without regard to letter case.

create table organization (
	seq     bigint generated always as identity primary key,
	id      text collate "C"   not null unique,
	slug    text collate "C"   not null unique,
	name    text collate "C"   not null,
	created bigint not null
);

create table administrator (
	seq             bigint generated always as identity primary key,
	organization_id text collate "C"   not null references organization (id) on delete cascade,
	email           text collate "C"   not null,
	password_hash   text collate "C"   not null,
	role            text collate "C"   not null,
	created         bigint not null,
	unique (organization_id, email)
);

create table integration (
	seq             bigint generated always as identity primary key,
	organization_id text collate "C"    not null unique references organization (id) on delete cascade,
	provider        text collate "C"    not null,
	method          text collate "C"    not null,
	active          boolean not null,
	updated         bigint  not null
);

create table token (
	seq             bigint generated always as identity primary key,
	id              text collate "C"   not null unique,
	organization_id text collate "C"   not null references organization (id) on delete cascade,
	hash            bytea   not null unique,
	hint            text collate "C"   not null,
	created         bigint not null,
	expires         bigint not null,
	revoked         bigint not null,
	last_used       bigint not null
);
create index token_organization on token (organization_id);

-- unique_key: folded userName or displayName; null for a soft-deleted object, so that its name is free again.
-- doc: the canonical attributes as JSON. search: the same folded by the schema, for filters.
create table resource (
	seq             bigint generated always as identity primary key,
	id              text collate "C"   not null unique,
	organization_id text collate "C"   not null references organization (id) on delete cascade,
	type            text collate "C"   not null,
	unique_key      text collate "C",
	display_key     text collate "C",
	external_id     text collate "C",
	manager_id      text collate "C",
	active          boolean,
	version         bigint not null,
	created         bigint not null,
	modified        bigint not null,
	deleted         bigint not null,
	doc             bytea   not null,
	search          jsonb  not null
);
create unique index resource_name on resource (organization_id, type, unique_key) where unique_key is not null;
create index resource_display on resource (organization_id, type, display_key) where display_key is not null;
create index resource_external on resource (organization_id, type, external_id) where external_id is not null;
create index resource_manager on resource (organization_id, manager_id) where manager_id is not null;
create index resource_created on resource (organization_id, type, created, id) where deleted = 0;
create index resource_order on resource (organization_id, type, seq);

create table membership (
	organization_id text collate "C" not null,
	group_id        text collate "C" not null references resource (id) on delete cascade,
	member_id       text collate "C" not null references resource (id) on delete cascade,
	member_type     text collate "C" not null,
	primary key (group_id, member_id)
);
create index membership_member on membership (member_id, group_id);

-- The feed. A transaction inserts its changes with seq null. The sequencer (feed.go) numbers committed rows before they are read: rows become visible
-- in the order of their seq, whatever order transactions commit in. See docs/adr/0001-feed-sequence.md.
create table change (
	id              bigint generated always as identity primary key,
	seq             bigint unique,
	organization_id text collate "C" not null,
	time            bigint not null,
	actor           text   not null,
	cause           text   not null,
	traceparent     text   not null,
	kind            text   not null,
	type            text   not null,
	object_id       text collate "C" not null,
	member_id       text collate "C" not null,
	application_id  text collate "C" not null,
	paths           text   not null
);
create index change_organization on change (organization_id, seq);
create index change_pending on change (id) where seq is null;

-- One row: the newest seq ever given. Its row lock lets one sequencer work at a time; a seq is never given twice.
create table feed_head (
	seq bigint not null
);
insert into feed_head (seq) values (0);

create table application (
	seq             bigint generated always as identity primary key,
	id              text collate "C"    not null unique,
	organization_id text collate "C"    not null references organization (id) on delete cascade,
	name            text collate "C"    not null,
	name_key        text collate "C"    not null,
	template        text collate "C"    not null,
	created         bigint  not null,
	tenant_url      text collate "C"    not null,
	secret          bytea,
	secret_key      text collate "C"    not null,
	enabled         boolean not null,
	scope           text collate "C"    not null,
	mapping         text collate "C"    not null,
	settings        text collate "C"    not null,
	revision        bigint  not null,
	version         bigint  not null, -- grows with every save
	unique (organization_id, name_key)
);

create table assignment (
	application_id text collate "C"   not null references application (id) on delete cascade,
	principal_id   text collate "C"   not null references resource (id) on delete cascade,
	principal_type text collate "C"   not null,
	role           text collate "C"   not null,
	created        bigint not null,
	primary key (application_id, principal_id)
);
create index assignment_principal on assignment (principal_id);

-- doc: the job as JSON. Nothing selects by its parts.
create table job (
	application_id text collate "C" not null primary key references application (id) on delete cascade,
	doc            text not null
);

create table link (
	seq            bigint generated always as identity primary key,
	application_id text collate "C"    not null references application (id) on delete cascade,
	type           text collate "C"    not null,
	source_id      text collate "C"    not null,
	source_name    text collate "C"    not null,
	target_id      text collate "C"    not null,
	target_name    text collate "C"    not null,
	state          text collate "C"    not null,
	managed        boolean not null,
	written        text collate "C"    not null,
	updated        bigint  not null,
	unique (application_id, type, source_id)
);
create unique index link_target on link (application_id, type, target_id) where target_id <> '';

create table link_member (
	application_id text collate "C" not null references application (id) on delete cascade,
	group_id       text collate "C" not null,
	member_id      text collate "C" not null,
	member_type    text collate "C" not null,
	target_id      text collate "C" not null,
	primary key (application_id, group_id, member_id)
);

create table escrow (
	application_id text collate "C"    not null references application (id) on delete cascade,
	type           text collate "C"    not null,
	source_id      text collate "C"    not null,
	name           text collate "C"    not null,
	since          bigint  not null,
	attempts       bigint  not null,
	next           bigint  not null,
	code           text collate "C"    not null,
	message        text collate "C"    not null,
	excluded       boolean not null,
	primary key (application_id, type, source_id)
);

create table lease (
	application_id text collate "C"   not null primary key references application (id) on delete cascade,
	holder         text collate "C"   not null,
	host           text collate "C"   not null,
	pid            bigint not null,
	started        text collate "C"   not null,
	expires        bigint not null
);

create table record (
	position       bigint generated always as identity primary key,
	application_id text collate "C"   not null references application (id) on delete cascade,
	time           bigint not null,
	cycle_id       text collate "C"   not null,
	status         text collate "C"   not null,
	source_key     text collate "C"   not null,
	target_key     text collate "C"   not null,
	doc            bytea   not null
);
create index record_application on record (application_id, position);
create index record_status on record (application_id, status, position);
create index record_cycle on record (application_id, cycle_id, position);
create index record_source on record (application_id, source_key, position);
create index record_target on record (application_id, target_key, position);

-- +goose Up

-- registration: the schemas and resource types that an organization registered, as a JSON array of Schema and ResourceType resources. version grows with
-- every change, so that every node knows at once whether what it holds is current.
create table registration (
	organization_id text   not null primary key references organization (id) on delete cascade,
	version         bigint not null,
	doc             text   not null
) without rowid;

-- unique_value: the values of live objects that no two objects of an organization may share, by the attribute's name with its schema. value is the text by
-- which they are compared behind "=", or its hash behind "#" where it is long or secret.
create table unique_value (
	organization_id text not null references organization (id) on delete cascade,
	attribute       text not null,
	value           text not null,
	resource_id     text not null references resource (id) on delete cascade,
	primary key (organization_id, attribute, value)
) without rowid;
create index unique_value_resource on unique_value (resource_id);

-- +goose Up

-- target_profile: what is known of the service behind an application. found: what the last test connection found, overrides: what an administrator set, both
-- JSON objects of texts; ca: certificates of authorities that are trusted besides the machine's, PEM; empty: none.
create table target_profile (
	application_id text   collate "C" primary key references application (id) on delete cascade,
	found          text   collate "C" not null default '{}',
	found_at       bigint not null default 0,
	overrides      text   collate "C" not null default '{}',
	ca             text   collate "C" not null default ''
);

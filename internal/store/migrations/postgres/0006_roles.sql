-- +goose Up

-- roles: the roles that an application offers, a JSON list; empty: assignments may name any role.
alter table application add column roles text collate "C" not null default '[]';

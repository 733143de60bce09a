-- +goose Up

-- default_domain: the domain of the organization's names, for DefaultDomain() in expressions; empty: none was given.
alter table organization add column default_domain text collate "C" not null default '';

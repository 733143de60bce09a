-- +goose Up

-- The request log itself is in a file of its own (internal/store/requestlog.go). Until when an organization wants bodies in it is a setting.
alter table integration add column bodies_until bigint not null default 0;

-- +goose Up

-- mail: the outbox of notifications, one row for each recipient. doc: what the mail says, JSON. next: not to be sent before; a node that sends it moves it
-- on, so that no other takes it. ended: when it was sent or given up.
create table mail (
	id             text    not null primary key,
	application_id text    not null references application (id) on delete cascade,
	recipient      text    not null,
	state          text    not null,
	created        bigint  not null,
	next           bigint  not null,
	ended          bigint  not null,
	attempts       bigint  not null,
	error          text    not null,
	doc            text    not null
) without rowid;
create index mail_state on mail (state, next);
create index mail_recipient on mail (recipient, ended);
create index mail_application on mail (application_id, created);

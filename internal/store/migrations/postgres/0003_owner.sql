-- +goose Up

-- owner: 'scim' for what a SCIM client made or took over by the organization's rule, '' for everything else. What SCIM does not own it neither sees nor
-- changes. Objects from before are SCIM's when a SCIM client made or changed them: it looks after them since, and must be able to switch them off.
alter table resource add column owner text collate "C" not null default '';
update resource set owner = 'scim' where id in (select object_id from change where kind in ('create', 'update') and actor like 'scim token%');
create index resource_scim on resource (organization_id, type, created, id) where deleted = 0 and owner = 'scim';

-- email_key: the folded primary (or only) e-mail address of a live user that SCIM does not own, by which the rule may link it; null otherwise, so that
-- what SCIM writes does not pay for the index.
alter table resource add column email_key text collate "C";
update resource set email_key = (
	select case
		when count(*) filter (where e -> 'primary' = 'true') = 1 then max(e ->> 'value') filter (where e -> 'primary' = 'true')
		when count(*) = 1 then max(e ->> 'value')
	end from jsonb_array_elements(search -> 'emails') e)
where owner = '' and type = 'User' and deleted = 0 and jsonb_typeof(search -> 'emails') = 'array';
update resource set email_key = null where octet_length(email_key) > 500;
create index resource_email on resource (organization_id, email_key) where email_key is not null;

-- link: the rule by which a SCIM client may take over an account that it did not make: never, user-name, email.
alter table integration add column link text collate "C" not null default 'never';

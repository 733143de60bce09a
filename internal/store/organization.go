package store

import (
	"context"
	"database/sql"
	"errors"

	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/organization"
)

const organizationColumns = "id, slug, name, created, default_domain"

func scanOrganization(rows *sql.Rows) (o organization.Organization, err error) {
	var created int64
	err = rows.Scan(&o.ID, &o.Slug, &o.Name, &created, &o.DefaultDomain)
	o.Created = fromMicros(created)
	return o, err
}

// CreateOrganization implements organization.Store.
func (s *Store) CreateOrganization(ctx context.Context, o organization.Organization) error {
	return s.write(ctx, func(ctx context.Context, t *tx) error {
		n, err := t.q.exec(ctx, "insert into organization ("+organizationColumns+") values ($1, $2, $3, $4, $5) on conflict do nothing",
			o.ID, o.Slug, o.Name, micros(o.Created), o.DefaultDomain)
		if err != nil {
			return t.d.fail("create an organization", err)
		}
		if n == 0 {
			return fault.Errorf(fault.ErrConflict, "there is already an organization with the slug %q; choose another one", o.Slug)
		}
		return nil
	})
}

// OrganizationBySlug implements organization.Store.
func (s *Store) OrganizationBySlug(ctx context.Context, slug string) (organization.Organization, error) {
	return s.organization(ctx, "slug", slug)
}

// OrganizationByID returns the organization with the id; fault.ErrNotFound when there is none.
func (s *Store) OrganizationByID(ctx context.Context, id string) (organization.Organization, error) {
	return s.organization(ctx, "id", id)
}

func (s *Store) organization(ctx context.Context, column, key string) (organization.Organization, error) {
	var o organization.Organization
	var created int64
	err := s.q.get(ctx, []any{&o.ID, &o.Slug, &o.Name, &created, &o.DefaultDomain},
		"select "+organizationColumns+" from organization where "+column+" = $1", key)
	o.Created = fromMicros(created)
	return o, s.d.absent("read an organization", err, "there is no organization %q; `rollcall organization list` shows those there are", key)
}

// Organizations implements organization.Store, ordered by slug.
func (s *Store) Organizations(ctx context.Context) ([]organization.Organization, error) {
	out, err := collect(ctx, s.q, scanOrganization, "select "+organizationColumns+" from organization order by slug")
	return out, s.d.fail("read the organizations", err)
}

// SetDefaultDomain implements organization.Store.
func (s *Store) SetDefaultDomain(ctx context.Context, id, domain string) error {
	return s.write(ctx, func(ctx context.Context, t *tx) error {
		n, err := t.q.exec(ctx, "update organization set default_domain = $2 where id = $1", id, domain)
		if err != nil {
			return t.d.fail("set the default domain", err)
		}
		if n == 0 {
			return fault.Errorf(fault.ErrNotFound, "there is no organization with id %q", id)
		}
		_, err = t.q.exec(ctx, "update application set revision = revision + 1, version = version + 1 where organization_id = $1", id)
		return t.d.fail("start the applications over", err)
	})
}

// DefaultDomain implements provisioning's question for the domain of an organization; empty: none, or there is no such organization.
func (s *Store) DefaultDomain(ctx context.Context, id string) (string, error) {
	var domain string
	err := s.q.get(ctx, []any{&domain}, "select default_domain from organization where id = $1", id)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return domain, s.d.fail("read the default domain", err)
}

// DeleteOrganization implements organization.Store. Everything the organization owns goes with it in the same transaction.
func (s *Store) DeleteOrganization(ctx context.Context, id string) error {
	return s.write(ctx, func(ctx context.Context, t *tx) error {
		if _, err := t.q.exec(ctx, "delete from change where organization_id = $1", id); err != nil {
			return t.d.fail("delete an organization", err)
		}
		n, err := t.q.exec(ctx, "delete from organization where id = $1", id)
		if err != nil {
			return t.d.fail("delete an organization", err)
		}
		if n == 0 {
			return fault.Errorf(fault.ErrNotFound, "there is no organization with id %q", id)
		}
		return nil
	})
}

// AddAdministrator implements organization.Store; an email that is an administrator already is fault.ErrConflict.
func (s *Store) AddAdministrator(ctx context.Context, a organization.Administrator) error {
	return s.write(ctx, func(ctx context.Context, t *tx) error {
		n, err := t.q.exec(ctx, `insert into administrator (organization_id, email, password_hash, role, created)
			values ($1, $2, $3, $4, $5) on conflict do nothing`, a.Organization, a.Email, a.PasswordHash, a.Role, micros(a.Created))
		if err != nil {
			return t.d.fail("add an administrator", err)
		}
		if n == 0 {
			return fault.Errorf(fault.ErrConflict, "%s is an administrator of this organization already", a.Email)
		}
		return nil
	})
}

func scanAdministrator(rows *sql.Rows) (a organization.Administrator, err error) {
	var created int64
	err = rows.Scan(&a.Organization, &a.Email, &a.PasswordHash, &a.Role, &created)
	a.Created = fromMicros(created)
	return a, err
}

// AdministratorsOf implements organization.Store.
func (s *Store) AdministratorsOf(ctx context.Context, org string) ([]organization.Administrator, error) {
	out, err := collect(ctx, s.q, scanAdministrator,
		"select organization_id, email, password_hash, role, created from administrator where organization_id = $1 order by email", org)
	return out, s.d.fail("read administrators", err)
}

// Administrators returns every administrator entry with the email (folded), one for each organization it belongs to, ordered by organization.
func (s *Store) Administrators(ctx context.Context, email string) ([]organization.Administrator, error) {
	out, err := collect(ctx, s.q, scanAdministrator,
		"select organization_id, email, password_hash, role, created from administrator where email = $1 order by organization_id", email)
	return out, s.d.fail("read administrators", err)
}

package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/scim"
)

const applicationColumns = "id, organization_id, name, template, created, tenant_url, secret, secret_key, enabled, scope, mapping, settings, " +
	"roles, revision, version"

// secretPlace is what an application's secret is bound to when it is sealed.
func secretPlace(app string) string { return "application/" + app + "/secret" }

func (s *Store) scanApplication(row scanner) (application.Application, error) {
	var a application.Application
	var created int64
	var sealed []byte
	var keyID, mapping, settings, roles string
	err := row.Scan(&a.ID, &a.Organization, &a.Name, &a.Template, &created, &a.TenantURL, &sealed, &keyID, &a.On, &a.Scope,
		&mapping, &settings, &roles, &a.Revision, &a.Version)
	if err != nil {
		return a, err
	}
	a.Created = fromMicros(created)
	if err := json.Unmarshal([]byte(mapping), &a.Mapping); err != nil {
		return a, fmt.Errorf("read the mapping of application %q: %w", a.Name, err)
	}
	if err := json.Unmarshal([]byte(settings), &a.Settings); err != nil {
		return a, fmt.Errorf("read the settings of application %q: %w", a.Name, err)
	}
	if a.Roles, err = readRoles(roles); err != nil {
		return a, fmt.Errorf("application %q: %w", a.Name, err)
	}
	if sealed == nil {
		return a, nil
	}
	// A missing key must not hide the application, or all those that are read together with it.
	if a.Secret, err = s.keys.open(sealed, keyID, secretPlace(a.ID)); err != nil {
		a.Secret, a.SecretError = nil, err.Error()
	}
	return a, nil
}

// readRoles reads the column roles; none are nil.
func readRoles(text string) (roles []application.Role, err error) {
	if err := json.Unmarshal([]byte(text), &roles); err != nil {
		return nil, fmt.Errorf("read the roles of an application: %w", err)
	}
	if len(roles) == 0 {
		return nil, nil
	}
	return roles, nil
}

func (s *Store) applications(ctx context.Context, where string, args ...any) ([]application.Application, error) {
	scan := func(rows *sql.Rows) (application.Application, error) { return s.scanApplication(rows) }
	out, err := collect(ctx, s.q, scan, "select "+applicationColumns+" from application "+where, args...)
	return out, s.d.fail("read applications", err)
}

// CreateApplication implements application.Store. The secret is sealed before it is stored.
func (s *Store) CreateApplication(ctx context.Context, a application.Application) error {
	a.Version = 1
	cols, err := s.applicationRow(a)
	if err != nil {
		return err
	}
	return s.write(ctx, func(ctx context.Context, t *tx) error {
		n, err := insertRows(ctx, t.q, "insert into application ("+applicationColumns+", name_key)", " on conflict do nothing", [][]any{cols})
		if err != nil {
			return t.d.fail("create an application", err)
		}
		if n == 0 {
			return nameTaken(a.Name)
		}
		return t.firstVersion(ctx, a, s.now())
	})
}

func nameTaken(name string) error {
	return fault.Errorf(fault.ErrConflict, "this organization has an application named %q already; names are compared without regard to letter case", name)
}

// applicationRow holds the values of applicationColumns and the folded name.
func (s *Store) applicationRow(a application.Application) ([]any, error) {
	mapping, err := json.Marshal(a.Mapping)
	if err != nil {
		return nil, fmt.Errorf("encode the mapping: %w", err)
	}
	settings, err := json.Marshal(a.Settings)
	if err != nil {
		return nil, fmt.Errorf("encode the settings: %w", err)
	}
	roles, err := json.Marshal(append([]application.Role{}, a.Roles...))
	if err != nil {
		return nil, fmt.Errorf("encode the roles: %w", err)
	}
	var sealed []byte
	keyID := ""
	if a.Secret != nil {
		if sealed, keyID, err = s.keys.seal(a.Secret, secretPlace(a.ID)); err != nil {
			return nil, err
		}
	}
	return []any{
		a.ID, a.Organization, a.Name, a.Template, micros(a.Created), a.TenantURL, nullBytes(sealed), keyID, a.On, a.Scope,
		string(mapping), string(settings), string(roles), a.Revision, a.Version, scim.Fold(a.Name),
	}, nil
}

// nullBytes is null for nil: drivers would store a nil slice as an empty value.
func nullBytes(b []byte) any {
	if b == nil {
		return nil
	}
	return b
}

// Application implements application.Store.
func (s *Store) Application(ctx context.Context, org, name string) (application.Application, error) {
	list, err := s.applications(ctx, "where organization_id = $1 and name_key = $2", org, scim.Fold(name))
	if err == nil && len(list) == 0 {
		err = fault.Errorf(fault.ErrNotFound, "this organization has no application named %q; `rollcall app list` shows those there are", name)
	}
	if err != nil {
		return application.Application{}, err
	}
	return list[0], nil
}

// ApplicationByID implements application.Store.
func (s *Store) ApplicationByID(ctx context.Context, id string) (application.Application, error) {
	list, err := s.applications(ctx, "where id = $1", id)
	if err == nil && len(list) == 0 {
		err = fault.Errorf(fault.ErrNotFound, "there is no application with id %q", id)
	}
	if err != nil {
		return application.Application{}, err
	}
	return list[0], nil
}

// Applications implements application.Store, ordered by organization and name.
func (s *Store) Applications(ctx context.Context, org string) ([]application.Application, error) {
	return s.applications(ctx, "where $1 = '' or organization_id = $1 order by organization_id, name_key", org)
}

// SaveApplication implements application.Store. ID, Organization, Template and Created do not change. A mapping that does becomes a version.
func (s *Store) SaveApplication(ctx context.Context, a application.Application) error {
	cols, err := s.applicationRow(a)
	if err != nil {
		return err
	}
	// Name and its key, then the columns from tenant_url on.
	args := append([]any{a.ID, a.Organization, a.Name, cols[len(cols)-1]}, cols[5:len(cols)-1]...)
	args = append(args, a.Secret == nil && a.SecretError != "")
	return s.write(ctx, func(ctx context.Context, t *tx) error {
		had, err := t.lockMapping(ctx, a)
		if err != nil {
			return t.d.absent("read an application", err, "the application %q does not exist any more", a.Name)
		}
		n, err := t.q.exec(ctx, `update application set name = $3, name_key = $4, tenant_url = $5,
			secret = case when $15 then secret else $6 end, secret_key = case when $15 then secret_key else $7 end,
			enabled = $8, scope = $9, mapping = $10, settings = $11, roles = $12, revision = $13, version = version + 1
			where id = $1 and organization_id = $2 and (version = $14 or $14 = 0)`, args...)
		if err != nil {
			err = t.d.fail("save an application", err)
			if kindOf(err) == failUnique {
				return nameTaken(a.Name)
			}
			return err
		}
		if n == 0 {
			return fault.Errorf(fault.ErrPrecondition, "somebody changed the application meanwhile; run the command again")
		}
		return t.keepVersion(ctx, a, had, s.now())
	})
}

// DeleteApplication implements application.Store. Its assignments, links, job, log and versions go with it.
func (s *Store) DeleteApplication(ctx context.Context, id string) error {
	return s.write(ctx, func(ctx context.Context, t *tx) error {
		n, err := t.q.exec(ctx, "delete from application where id = $1", id)
		if err != nil {
			return t.d.fail("delete an application", err)
		}
		if n == 0 {
			return fault.Errorf(fault.ErrNotFound, "there is no application with id %q", id)
		}
		return nil
	})
}

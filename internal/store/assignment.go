package store

import (
	"context"
	"database/sql"
	"errors"
	"slices"

	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/directory"
)

// Assign implements application.AssignmentStore.
func (s *Store) Assign(ctx context.Context, org string, a application.Assignment, origin directory.Origin) (bool, error) {
	changed := false
	err := s.write(ctx, func(ctx context.Context, t *tx) error {
		changed = false
		if err := t.ownsApplication(ctx, org, a.Application); err != nil {
			return err
		}
		// The principal's lock lets two assignments of it follow each other.
		if _, err := t.Touch(ctx, org, a.PrincipalType, a.Principal); err != nil {
			return err
		}
		var role string
		err := t.q.get(ctx, []any{&role}, "select role from assignment where application_id = $1 and principal_id = $2", a.Application, a.Principal)
		if err == nil && role == a.Role {
			return nil
		}
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return t.d.fail("read an assignment", err)
		}
		if a.Created.IsZero() {
			a.Created = s.now()
		}
		_, err = t.q.exec(ctx, `insert into assignment (application_id, principal_id, principal_type, role, created) values ($1, $2, $3, $4, $5)
			on conflict (application_id, principal_id) do update set role = $4`, a.Application, a.Principal, a.PrincipalType, a.Role, micros(a.Created))
		if err != nil {
			return t.d.fail("assign", err)
		}
		changed = true
		return t.Append(ctx, s.assignmentChange(org, directory.Assigned, a, origin))
	})
	return changed, err
}

// Unassign implements application.AssignmentStore.
func (s *Store) Unassign(ctx context.Context, org string, a application.Assignment, origin directory.Origin) (bool, error) {
	changed := false
	err := s.write(ctx, func(ctx context.Context, t *tx) error {
		changed = false
		if err := t.ownsApplication(ctx, org, a.Application); err != nil {
			return err
		}
		n, err := t.q.exec(ctx, "delete from assignment where application_id = $1 and principal_id = $2 and principal_type = $3",
			a.Application, a.Principal, a.PrincipalType)
		if err != nil || n == 0 {
			return t.d.fail("unassign", err)
		}
		changed = true
		return t.Append(ctx, s.assignmentChange(org, directory.Unassigned, a, origin))
	})
	return changed, err
}

func (t *tx) ownsApplication(ctx context.Context, org, app string) error {
	var one int
	err := t.q.get(ctx, []any{&one}, "select 1 from application where id = $1 and organization_id = $2", app, org)
	return t.d.absent("read an application", err, "this organization has no application with id %q", app)
}

func (s *Store) assignmentChange(org string, kind directory.ChangeKind, a application.Assignment, o directory.Origin) directory.Change {
	o = o.Clean()
	return directory.Change{
		Organization: org, Time: s.now(), Actor: o.Actor, Cause: o.Cause, Traceparent: o.Traceparent,
		Kind: kind, Type: a.PrincipalType, ID: a.Principal, Application: a.Application,
	}
}

// Assignments implements application.AssignmentStore, ordered by type and principal.
func (s *Store) Assignments(ctx context.Context, app string) ([]application.Assignment, error) {
	out, err := collect(ctx, s.q, func(rows *sql.Rows) (a application.Assignment, err error) {
		var created int64
		err = rows.Scan(&a.Application, &a.Principal, &a.PrincipalType, &a.Role, &created)
		a.Created = fromMicros(created)
		return a, err
	}, `select application_id, principal_id, principal_type, role, created from assignment where application_id = $1
		order by principal_type, principal_id`, app)
	return out, s.d.fail("read assignments", err)
}

// GroupUsers implements application.AssignmentStore. Soft-deleted groups on the way count, so that whoever follows the feed finds everybody that a
// group's deletion touches; Entitlements says who is in scope.
func (s *Store) GroupUsers(ctx context.Context, org, group string, nested bool, after string, limit int) ([]string, error) {
	text := `select member_id from membership where organization_id = $1 and group_id = $2 and member_type = 'User' and member_id > $3
		order by member_id limit $4`
	if nested {
		text = belowGroup + `select distinct m.member_id from membership m join below b on m.group_id = b.id
			where m.organization_id = $1 and m.member_type = 'User' and m.member_id > $3 order by m.member_id limit $4`
	}
	out, err := texts(ctx, s.q, text, org, group, after, limit)
	return out, s.d.fail("read the users of a group", err)
}

// belowGroup is the table "below" of group $2 of organization $1 and every group nested in it. "union" drops what was seen, so loops end.
const belowGroup = `with recursive below (id) as (select id from resource where organization_id = $1 and id = $2 union
	select m.member_id from membership m join below b on m.group_id = b.id where m.organization_id = $1 and m.member_type = 'Group') `

// Entitlements implements application.AssignmentStore. A group is entitled only by an assignment of its own: as in Entra, being nested in an assigned
// group brings its users in (where the application expands nested groups), not itself. Soft-deleted groups entitle nobody.
func (s *Store) Entitlements(ctx context.Context, org, app, typ string, ids []string, nested bool) (map[string]application.Entitlement, error) {
	list, err := idList(ids, maxIDs)
	if err != nil {
		return nil, err
	}
	out := map[string]application.Entitlement{}
	if len(ids) == 0 {
		return out, nil
	}
	text := "select l.id, '' as via, a.role from " + s.d.list(4) + ` l cross join assignment a
		join application p on p.id = a.application_id where a.principal_id = l.id and a.principal_type = $3 and a.application_id = $2 and p.organization_id = $1`
	if typ == directory.User {
		text += " union all " + s.viaGroups(nested)
	}
	type row struct{ id, via, role string }
	rows, err := collect(ctx, s.q, func(r *sql.Rows) (v row, err error) {
		err = r.Scan(&v.id, &v.via, &v.role)
		return v, err
	}, text+" order by 1, 2, 3", org, app, typ, list)
	if err != nil {
		return nil, s.d.fail("read entitlements", err)
	}
	offered, err := s.offeredRoles(ctx, app)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		e := out[r.id]
		switch {
		case application.Disabled(offered, r.role):
			e.Disabled = append(e.Disabled, r.role)
			out[r.id] = e
			continue
		case r.via == "":
			e.Direct = true
		default:
			e.Groups = append(e.Groups, r.via)
		}
		if r.role != "" && r.role != application.DefaultRole {
			e.Roles = append(e.Roles, r.role)
		}
		out[r.id] = e
	}
	for id, e := range out {
		e.Roles, e.Disabled = distinct(e.Roles), distinct(e.Disabled)
		out[id] = e
	}
	return out, nil
}

func distinct(values []string) []string {
	slices.Sort(values)
	return slices.Compact(values)
}

// offeredRoles reads the roles of an application; none when it is gone.
func (s *Store) offeredRoles(ctx context.Context, app string) ([]application.Role, error) {
	var text string
	switch err := s.q.get(ctx, []any{&text}, "select roles from application where id = $1", app); {
	case errors.Is(err, sql.ErrNoRows):
		return nil, nil
	case err != nil:
		return nil, s.d.fail("read the roles of an application", err)
	}
	return readRoles(text)
}

// viaGroups selects the assignments of live groups that hold the listed users, through live groups all the way up when nested. The cross
// joins keep SQLite's order of tables, from the list outwards: on its own it walks all members of the assigned groups for each page of people.
func (s *Store) viaGroups(nested bool) string {
	if !nested {
		return "select l.id, m.group_id, a.role from " + s.d.list(4) + ` l
			cross join membership m cross join assignment a cross join resource g
			where m.member_id = l.id and m.member_type = $3 and m.organization_id = $1
			and a.principal_id = m.group_id and a.principal_type = 'Group' and a.application_id = $2 and g.id = m.group_id and g.deleted = 0`
	}
	return `select u.root, u.id, a.role from (with recursive up (root, id) as (
			select l.id, m.group_id from ` + s.d.list(4) + ` l
				cross join membership m cross join resource g
				where m.member_id = l.id and m.member_type = $3 and m.organization_id = $1 and g.id = m.group_id and g.deleted = 0
			union select up.root, m.group_id from up join membership m on m.member_id = up.id and m.organization_id = $1
				join resource g on g.id = m.group_id and g.deleted = 0
		) select root, id from up) u
		join assignment a on a.principal_id = u.id and a.principal_type = 'Group' and a.application_id = $2`
}

package store

import (
	"context"
	"database/sql"

	"github.com/rollcall-id/rollcall/internal/provisioning"
)

func scanMemberLink(rows *sql.Rows) (m provisioning.MemberLink, err error) {
	err = rows.Scan(&m.Type, &m.Source, &m.Target)
	return m, err
}

// wanted is the table "wanted" of the members that group $2 of organization $1 should have at the target: those that have an account of application $3.
const (
	wantedDirect = `wanted (type, source, target) as (
		select m.member_type, m.member_id, k.target_id from membership m
		join link k on k.application_id = $3 and k.type = m.member_type and k.source_id = m.member_id and k.target_id <> ''
		where m.organization_id = $1 and m.group_id = $2) `
	wantedExpanded = `below (id) as (select id from resource where organization_id = $1 and id = $2
			union select m.member_id from membership m join below b on m.group_id = b.id where m.organization_id = $1 and m.member_type = 'Group'),
		wanted (type, source, target) as (
		select distinct m.member_type, m.member_id, k.target_id from membership m join below b on m.group_id = b.id
		join link k on k.application_id = $3 and k.type = m.member_type and k.source_id = m.member_id and k.target_id <> ''
		where m.organization_id = $1 and m.member_type = 'User') `
)

// MemberDelta implements provisioning.Links. A member whose account is another one now is in both lists, with the new and with the old target.
func (s *Store) MemberDelta(ctx context.Context, org, app, group string, expand bool, limit int) (add, remove []provisioning.MemberLink, err error) {
	with := "with " + wantedDirect
	if expand {
		with = "with recursive " + wantedExpanded
	}
	add, err = collect(ctx, s.q, scanMemberLink, with+`select w.type, w.source, w.target from wanted w where not exists (
		select 1 from link_member l where l.application_id = $3 and l.group_id = $2 and l.member_id = w.source and l.target_id = w.target)
		order by w.source limit $4`, org, group, app, limit)
	if err != nil {
		return nil, nil, s.d.fail("compare members", err)
	}
	remove, err = collect(ctx, s.q, scanMemberLink, with+`select l.member_type, l.member_id, l.target_id from link_member l
		where l.application_id = $3 and l.group_id = $2 and not exists (
			select 1 from wanted w where w.source = l.member_id and w.target = l.target_id)
		order by l.member_id limit $4`, org, group, app, limit)
	return add, remove, s.d.fail("compare members", err)
}

// WrittenMembers implements provisioning.Links.
func (s *Store) WrittenMembers(ctx context.Context, app, group string) (int, error) {
	var n int
	err := s.q.get(ctx, []any{&n}, "select count(*) from link_member where application_id = $1 and group_id = $2", app, group)
	return n, s.d.fail("count members", err)
}

// writeMembers records what was written to groups at the target.
func (t *tx) writeMembers(ctx context.Context, app string, groups []provisioning.GroupMembers) error {
	for _, g := range groups {
		if g.Reset {
			if _, err := t.q.exec(ctx, "delete from link_member where application_id = $1 and group_id = $2", app, g.Group); err != nil {
				return t.d.fail("forget written members", err)
			}
		}
		for _, m := range g.Removed {
			// With the target's id: the member may have been added again with another account in the meantime.
			_, err := t.q.exec(ctx, "delete from link_member where application_id = $1 and group_id = $2 and member_id = $3 and target_id = $4",
				app, g.Group, m.Source, m.Target)
			if err != nil {
				return t.d.fail("forget written members", err)
			}
		}
		rows := make([][]any, 0, len(g.Added))
		seen := make(map[string]bool, len(g.Added))
		for _, m := range g.Added {
			if !seen[m.Source] {
				seen[m.Source] = true
				rows = append(rows, []any{app, g.Group, m.Source, m.Type, m.Target})
			}
		}
		_, err := insertRows(ctx, t.q, "insert into link_member (application_id, group_id, member_id, member_type, target_id)",
			" on conflict (application_id, group_id, member_id) do update set member_type = excluded.member_type, target_id = excluded.target_id", rows)
		if err != nil {
			return t.d.fail("record written members", err)
		}
	}
	return nil
}

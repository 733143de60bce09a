package store

import (
	"context"
	"database/sql"
	"math"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/fault"
)

func scanMembership(rows *sql.Rows) (m directory.Membership, err error) {
	err = rows.Scan(&m.Group, &m.Member, &m.MemberType)
	return m, err
}

// Members implements directory.Memberships.
func (r reader) Members(ctx context.Context, org, group, after string, limit int) ([]directory.Membership, error) {
	out, err := collect(ctx, r.q, scanMembership, `select group_id, member_id, member_type from membership
		where organization_id = $1 and group_id = $2 and member_id > $3 order by member_id limit $4`, org, group, after, limit)
	return out, r.d.fail("read members", err)
}

// MoreMembers implements directory.Memberships.
func (r reader) MoreMembers(ctx context.Context, org, group string, n int) (more bool, err error) {
	err = r.q.get(ctx, []any{&more}, "select exists (select 1 from membership where organization_id = $1 and group_id = $2 order by member_id limit 1 offset $3)",
		org, group, n)
	return more, r.d.fail("count members", err)
}

// GroupsOf implements directory.Memberships.
func (r reader) GroupsOf(ctx context.Context, org string, members ...string) ([]directory.Membership, error) {
	list, err := idList(members, maxIDs)
	if err != nil || len(members) == 0 {
		return nil, err
	}
	out, err := collect(ctx, r.q, scanMembership, "select group_id, member_id, member_type from membership where organization_id = $1"+
		" and member_id in (select id from "+r.d.list(2)+" l) order by group_id, member_id", org, list)
	return out, r.d.fail("read groups", err)
}

// above is the text of a table up(member_id, group_id, direct) of all groups above the memberships m that start selects. A group may be there twice, once
// direct (1) and once not (0). owned narrows the groups g on the way down to those that are seen. The union drops what was found before, so that a loop ends.
func above(start string, owned func(row string) string) string {
	const group = " join resource g on g.id = m.group_id and g.deleted = 0"
	return "with recursive up(member_id, group_id, direct) as (select m.member_id, m.group_id, 1 from membership m" + group + owned("g") + " where " + start +
		" union select up.member_id, m.group_id, 0 from up join membership m on m.member_id = up.group_id" + group + owned("g") + ")"
}

// GroupsAbove implements directory.Memberships.
func (r reader) GroupsAbove(ctx context.Context, org string, owner directory.Owner, members ...string) ([]directory.Above, error) {
	list, err := idList(members, maxIDs)
	if err != nil || len(members) == 0 {
		return nil, err
	}
	f := renderer{owner: owner}
	out, err := collect(ctx, r.q, func(rows *sql.Rows) (a directory.Above, err error) {
		var direct int
		err = rows.Scan(&a.Group, &a.Member, &direct)
		a.Direct = direct == 1
		return a, err
	}, above("m.organization_id = $1 and m.member_id in (select id from "+r.d.list(2)+" l)", f.owned)+
		" select group_id, member_id, max(direct) from up group by group_id, member_id order by group_id, member_id", org, list)
	return out, r.d.fail("read groups", err)
}

// AddMembers implements directory.Tx: one statement for all members of a type, whatever their number. A member that does not exist at all is refused by
// the database; that it lives in the same organization is the caller's rule.
func (t *tx) AddMembers(ctx context.Context, org, group string, members []directory.Membership) ([]directory.Membership, error) {
	byType := map[string][]string{}
	for _, m := range members {
		byType[m.MemberType] = append(byType[m.MemberType], m.Member)
	}
	isNew := map[string]bool{}
	for _, typ := range []string{directory.User, directory.Group} {
		if len(byType[typ]) == 0 {
			continue
		}
		list, err := idList(byType[typ], math.MaxInt)
		if err != nil {
			return nil, err
		}
		ids, err := texts(ctx, t.q, `insert into membership (organization_id, group_id, member_id, member_type)
			select $1, $2, l.id, $3 from `+t.d.list(4)+` l where true on conflict do nothing returning member_id`, org, group, typ, list)
		if err != nil {
			return nil, t.absentMember(err)
		}
		for _, id := range ids {
			isNew[id] = true
		}
	}
	var added []directory.Membership
	for _, m := range members {
		if isNew[m.Member] {
			delete(isNew, m.Member)
			added = append(added, directory.Membership{Group: group, Member: m.Member, MemberType: m.MemberType})
		}
	}
	return added, nil
}

// absentMember says what a refused row means: the caller holds the group locked, so it is a member that does not exist any more.
func (t *tx) absentMember(err error) error {
	err = t.d.fail("add members", err)
	if kindOf(err) != failForeign {
		return err
	}
	return &databaseError{
		op: "add members", kind: failForeign, meaning: fault.ErrInvalid, text: "one of the new members does not exist; it may have been deleted meanwhile", err: err,
	}
}

// RemoveMembers implements directory.Tx.
func (t *tx) RemoveMembers(ctx context.Context, org, group string, members []string) ([]string, error) {
	if len(members) == 0 {
		return nil, nil
	}
	list, err := idList(members, math.MaxInt)
	if err != nil {
		return nil, err
	}
	ids, err := texts(ctx, t.q, `delete from membership where organization_id = $1 and group_id = $2
		and member_id in (select id from `+t.d.list(3)+` l) returning member_id`, org, group, list)
	if err != nil {
		return nil, t.d.fail("remove members", err)
	}
	gone := make(map[string]bool, len(ids))
	for _, id := range ids {
		gone[id] = true
	}
	var removed []string
	for _, id := range members {
		if gone[id] {
			delete(gone, id)
			removed = append(removed, id)
		}
	}
	return removed, nil
}

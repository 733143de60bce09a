package scim

import (
	"context"
	"fmt"
	"slices"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/scim"
)

const (
	pageSize = 1000 // rows read at once

	// briefMembers is how many members are still read to answer a PATCH that did not ask for them. Above it, a change of one member would cost as
	// much as the group holds, so the answer is 204.
	briefMembers = 200

	// pageMembers is how many members a page of groups may hold together. The page ends with the group that reaches it.
	pageMembers = 50_000

	// pageGroups is how many groups a page of users may name together. The page ends with the users, asked about groupUsers at once, that reach it.
	pageGroups = 50_000
	groupUsers = 100
)

// members reads the visible members of a group as elements of the attribute members. A group with more than limit rows (0: any number) is not read: then more
// is true. Rows of members that are not visible count too, which costs a client of such a group no more than the answer to a PATCH.
//
// The display of a member is returned on request only, and costs its whole document: named says that it is wanted.
func (b Backend) members(ctx context.Context, r directory.Reader, group string, limit int, named bool) (elements []any, more bool, err error) {
	if limit > 0 {
		if more, err = r.MoreMembers(ctx, b.Organization, group, limit); more || err != nil {
			return nil, more, err
		}
	}
	after := ""
	for {
		rows, err := r.Members(ctx, b.Organization, group, after, pageSize)
		if err != nil {
			return nil, false, fmt.Errorf("read the members of group %s: %w", group, err)
		}
		page, err := b.elements(ctx, r, rows, named)
		if err != nil {
			return nil, false, err
		}
		elements = append(elements, page...)
		if len(rows) < pageSize {
			return elements, false, nil
		}
		after = rows[len(rows)-1].Member
	}
}

// elements are the visible members among the rows as elements of the attribute members.
func (b Backend) elements(ctx context.Context, r directory.Objects, rows []directory.Membership, named bool) ([]any, error) {
	out := make([]any, 0, len(rows))
	if named {
		names, err := b.names(ctx, r, rows)
		for _, m := range rows {
			if name, ok := names[m.Member]; ok {
				e := member(m)
				e["display"] = name
				out = append(out, e)
			}
		}
		return out, err
	}
	ids := make([]string, len(rows))
	for i, m := range rows {
		ids[i] = m.Member
	}
	seen, err := r.Seen(ctx, b.Organization, b.owner(), ids)
	if err != nil {
		return nil, fmt.Errorf("look up %d members: %w", len(ids), err)
	}
	for _, m := range rows {
		if seen[m.Member] != "" {
			out = append(out, member(m))
		}
	}
	return out, nil
}

// names returns the names of the visible members among the rows. A soft-deleted member is still a row, but does not exist for SCIM.
func (b Backend) names(ctx context.Context, r directory.Objects, rows []directory.Membership) (map[string]string, error) {
	ids := make(map[string][]string, 2)
	for _, m := range rows {
		ids[m.MemberType] = append(ids[m.MemberType], m.Member)
	}
	names := make(map[string]string, len(rows))
	for typ, list := range ids {
		objects, err := r.ObjectsByID(ctx, b.Organization, typ, list)
		if err != nil {
			return nil, fmt.Errorf("look up %d members: %w", len(list), err)
		}
		for _, o := range objects {
			if b.visible(o) {
				names[o.ID] = display(o)
			}
		}
	}
	return names, nil
}

func display(o directory.Object) string {
	if s, _ := o.Attributes["displayName"].(string); s != "" {
		return s
	}
	return o.Name()
}

// member is one element of members.
func member(m directory.Membership) map[string]any {
	endpoint := "../Users/"
	if m.MemberType == directory.Group {
		endpoint = "../Groups/"
	}
	return map[string]any{"value": m.Member, "$ref": endpoint + m.Member, "type": m.MemberType}
}

// addGroups adds the groups that hold them, directly or through other groups, to some users: one look-up of memberships and one of names for all.
//
// A user's version does not change with its groups: they are the groups' data, whose versions do. Otherwise one change of a group of groups would have to write
// everybody in it.
//
// It returns how many it added.
func (b Backend) addGroups(ctx context.Context, users ...scim.Resource) (count int, err error) {
	groups := make(map[string][]directory.Above, len(users)) // by member
	var distinct []string
	seen := make(map[string]bool)
	for chunk := range slices.Chunk(users, pageSize) {
		ids := make([]string, len(chunk))
		for i, u := range chunk {
			ids[i] = u.ID()
		}
		rows, err := b.store().GroupsAbove(ctx, b.Organization, b.owner(), ids...)
		if err != nil {
			return 0, fmt.Errorf("read the groups of %d users: %w", len(ids), err)
		}
		count += len(rows)
		for _, m := range rows {
			groups[m.Member] = append(groups[m.Member], m)
			if !seen[m.Group] {
				seen[m.Group] = true
				distinct = append(distinct, m.Group)
			}
		}
	}
	names, err := b.groupNames(ctx, distinct)
	if err != nil {
		return 0, err
	}
	for _, u := range users {
		var list []any
		for _, m := range groups[u.ID()] {
			if name, live := names[m.Group]; live {
				list = append(list, map[string]any{"value": m.Group, "$ref": "../Groups/" + m.Group, "display": name, "type": reach(m.Direct)})
			}
		}
		if list != nil {
			u["groups"] = list
		}
	}
	return count, nil
}

// inParts adds the groups to a page of n users, some at once, in the direction of reading; add returns how many it added to the users from:to. It stops where
// the page would become too big to hold: only the users from:to are on the page, and the client asks on from there.
func inParts(n int, backward bool, add func(from, to int) (int, error)) (from, to int, err error) {
	if backward {
		from = n
	}
	for total := 0; total < pageGroups; {
		start, end := to, min(to+groupUsers, n)
		if backward {
			start, end = max(from-groupUsers, 0), from
		}
		if start == end {
			break
		}
		count, err := add(start, end)
		if err != nil {
			return 0, 0, err
		}
		total += count
		if backward {
			from, to = start, n
		} else {
			to = end
		}
	}
	return from, max(from, to), nil
}

// reach is the type of a group in the attribute groups (RFC 7643, 4.1.2).
func reach(direct bool) string {
	if direct {
		return "direct"
	}
	return "indirect"
}

func (b Backend) groupNames(ctx context.Context, ids []string) (map[string]string, error) {
	names := make(map[string]string, len(ids))
	for len(ids) > 0 {
		chunk := ids[:min(pageSize, len(ids))]
		ids = ids[len(chunk):]
		groups, err := b.store().ObjectsByID(ctx, b.Organization, directory.Group, chunk)
		if err != nil {
			return nil, fmt.Errorf("look up %d groups: %w", len(chunk), err)
		}
		for _, g := range groups {
			if b.visible(g) {
				names[g.ID] = display(g)
			}
		}
	}
	return names, nil
}

// memberIDs are the ids in the attribute members, each once.
func memberIDs(r scim.Resource) []string {
	elements, _ := r["members"].([]any)
	ids := make([]string, 0, len(elements))
	seen := make(map[string]bool, len(elements))
	for _, e := range elements {
		element, _ := e.(map[string]any)
		id, _ := element["value"].(string)
		if !seen[id] {
			seen[id] = true
			ids = append(ids, id)
		}
	}
	return ids
}

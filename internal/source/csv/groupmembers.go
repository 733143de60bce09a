package csv

import (
	"context"
	"fmt"
	"slices"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/scim"
)

// groupMembers makes the members of one group what the file says. Big groups cost what changes: members are added and removed one by one, in batches.
func (r *run) groupMembers(ctx context.Context, at int32, changed map[int32]bool) error {
	g := &r.groups.groups[at]
	want, fresh := r.wanted(g)
	add, remove, err := r.difference(ctx, g, want)
	if err != nil {
		return err
	}
	if added := len(add) + fresh; added+len(remove) > 0 {
		r.result.Groups.MembersAdded += added
		r.result.Groups.MembersRemoved += len(remove)
		if _, counted := changed[at]; !counted {
			changed[at] = false
		}
	}
	if r.options.DryRun {
		return nil
	}
	for _, op := range []scim.MemberOp{{Kind: scim.MemberRemove, Values: remove}, {Kind: scim.MemberAdd, Values: add}} {
		for chunk := range slices.Chunk(op.Values, page) {
			err := r.write(ctx, func(ctx context.Context, w *directory.Writer) error {
				old, err := w.Touch(ctx, r.Organization, directory.Group, g.id)
				if err != nil {
					return err
				}
				_, _, err = w.ChangeMembers(ctx, old, []scim.MemberOp{{Kind: op.Kind, Values: chunk}})
				return err
			})
			if err != nil {
				return fmt.Errorf("change the members of group %q: %w", g.name, err)
			}
		}
	}
	return nil
}

// wanted returns the ids of the members that the file lists. fresh counts those who have none: in a dry run new people and groups do not get one.
func (r *run) wanted(g *group) (ids map[string]bool, fresh int) {
	ids = make(map[string]bool, len(g.members)+len(g.nested))
	note := func(list []int32, id func(int32) string) {
		slices.Sort(list)
		for _, at := range slices.Compact(list) {
			if s := id(at); s != "" {
				ids[s] = true
			} else {
				fresh++
			}
		}
	}
	note(g.members, func(at int32) string { return r.roll.people[at].id })
	note(slices.DeleteFunc(g.nested, func(at int32) bool {
		below := &r.groups.groups[at]
		return below.is(rejected) && !below.is(live) // its rows were rejected, so there is no such group
	}), func(at int32) string { return r.groups.groups[at].id })
	return ids, fresh
}

// difference compares the members that the directory has with those that the file wants. Memberships of people who have left stay, as when they left by
// another way than an import: the members of a group are those who are there.
func (r *run) difference(ctx context.Context, g *group, want map[string]bool) (add, remove []string, err error) {
	if g.id != "" {
		after := ""
		for {
			rows, err := r.Directory.Store.Members(ctx, r.Organization, g.id, after, page)
			if err != nil {
				return nil, nil, fmt.Errorf("read the members of group %q: %w", g.name, err)
			}
			var gone []directory.Membership
			for _, m := range rows {
				if !want[m.Member] {
					gone = append(gone, m)
				}
				delete(want, m.Member)
				after = m.Member
			}
			live, err := r.stillThere(ctx, gone)
			if err != nil {
				return nil, nil, err
			}
			remove = append(remove, live...)
			if len(rows) < page {
				break
			}
		}
	}
	if g.partial || r.groups.partial {
		remove = nil
	}
	for id := range want {
		add = append(add, id)
	}
	slices.Sort(add)
	return add, remove, nil
}

// stillThere returns the members that are live and will be.
func (r *run) stillThere(ctx context.Context, members []directory.Membership) ([]string, error) {
	var out []string
	for _, typ := range []string{directory.User, directory.Group} {
		var ids []string
		for _, m := range members {
			if m.MemberType == typ && !r.leaving[m.Member] {
				ids = append(ids, m.Member)
			}
		}
		if len(ids) == 0 {
			continue
		}
		objects, err := r.Directory.Store.ObjectsByID(ctx, r.Organization, typ, ids)
		if err != nil {
			return nil, fmt.Errorf("read members: %w", err)
		}
		for _, o := range objects {
			if o.Live() || r.returning[o.ID] {
				out = append(out, o.ID)
			}
		}
	}
	return out, nil
}

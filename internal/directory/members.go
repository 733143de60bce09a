package directory

import (
	"context"
	"fmt"
	"slices"

	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/scim"
)

// ChangeMembers applies membership operations to a live group in order and returns its new state. Adding a member that is there and removing one that is
// not leave no trace (the result is false), and neither does an operation that a later one takes back; otherwise the group's version grows by one, and
// the feed gets one entry a member. A new member must be a live object of the same organization, else fault.ErrInvalid. Groups may nest in loops: who reads
// nested groups guards against them.
//
// Operations on the whole list concern visible members only. A soft-deleted member, and one of another owner, is invisible to the caller, who therefore
// cannot have meant it; it stays, and finds the membership again when restored.
func (w *Writer) ChangeMembers(ctx context.Context, group Object, ops []scim.MemberOp) (Object, bool, error) {
	if group.Type != Group {
		return Object{}, false, fault.Errorf(fault.ErrInvalid, "%s %q cannot have members: only groups have", group.Type, group.Name())
	}
	if !group.Live() {
		return Object{}, false, fault.Errorf(fault.ErrNotFound, "group %q is deleted: restore it before changing its members", group.Name())
	}
	if err := w.lock(ctx, group); err != nil {
		return Object{}, false, err
	}
	var net memberChanges
	for _, op := range ops {
		if err := w.applyMembers(ctx, group, op, &net); err != nil {
			return Object{}, false, err
		}
	}
	changed, err := w.feedMembers(ctx, group.ID, net)
	if err != nil || !changed {
		return group, false, err
	}
	group, err = w.save(ctx, group)
	if err != nil {
		return Object{}, false, fmt.Errorf("change the members of group %q: %w", group.Name(), err)
	}
	return group, true, nil
}

// memberChanges are what operations on the members of a group come to. What one operation did and a later one undid is nothing.
type memberChanges struct {
	kinds map[string]ChangeKind // by member
	order []string              // as the members were first touched
}

func (c *memberChanges) note(kind ChangeKind, member string) {
	if c.kinds == nil {
		c.kinds = make(map[string]ChangeKind)
	}
	if before, ok := c.kinds[member]; ok && before != kind {
		delete(c.kinds, member)
		return
	}
	c.kinds[member] = kind
	c.order = append(c.order, member)
}

// feedMembers writes the changes to the feed and reports whether there were any.
func (w *Writer) feedMembers(ctx context.Context, group string, c memberChanges) (bool, error) {
	changed := false
	for _, member := range c.order {
		kind, ok := c.kinds[member]
		if !ok {
			continue
		}
		delete(c.kinds, member) // it may have been touched several times
		changed = true
		if err := w.Append(ctx, Change{Kind: kind, Type: Group, ID: group, Member: member}); err != nil {
			return false, err
		}
	}
	return changed, nil
}

func (w *Writer) applyMembers(ctx context.Context, group Object, op scim.MemberOp, net *memberChanges) error {
	switch op.Kind {
	case scim.MemberAdd:
		return w.addMembers(ctx, group, op.Values, net)
	case scim.MemberRemove:
		return w.removeSeen(ctx, group.ID, op.Values, net)
	case scim.MemberReplaceAll, scim.MemberRemoveAll:
		gone, err := w.visibleMembers(ctx, group.ID, op.Values)
		if err != nil {
			return err
		}
		if err := w.removeMembers(ctx, group.ID, gone, net); err != nil {
			return err
		}
		return w.addMembers(ctx, group, op.Values, net)
	}
	return fault.Errorf(fault.ErrInvalid, "unknown operation %v on the members of group %q", op.Kind, group.Name())
}

// removeSeen removes those of the ids that are members. Whom the origin does not see it cannot mean.
func (w *Writer) removeSeen(ctx context.Context, group string, ids []string, net *memberChanges) error {
	if w.origin.Owner == OwnerLocal {
		return w.removeMembers(ctx, group, ids, net)
	}
	for chunk := range slices.Chunk(ids, page) {
		types, err := w.liveTypes(ctx, chunk)
		if err != nil {
			return err
		}
		seen := slices.DeleteFunc(slices.Clone(chunk), func(id string) bool { return types[id] == "" })
		if err := w.removeMembers(ctx, group, seen, net); err != nil {
			return err
		}
	}
	return nil
}

// addMembers adds those of the ids that are not yet members.
func (w *Writer) addMembers(ctx context.Context, group Object, ids []string, net *memberChanges) error {
	for chunk := range slices.Chunk(ids, page) {
		rows, err := w.newMemberships(ctx, group, chunk)
		if err != nil {
			return err
		}
		added, err := w.AddMembers(ctx, w.org, group.ID, rows)
		if err != nil {
			return fmt.Errorf("add %d members to group %q: %w", len(rows), group.Name(), err)
		}
		for _, m := range added {
			net.note(MemberAdded, m.Member)
		}
	}
	return nil
}

// newMemberships finds out what the ids name. Each must be a live user or group that the origin may see.
func (w *Writer) newMemberships(ctx context.Context, group Object, ids []string) ([]Membership, error) {
	rows := make([]Membership, 0, len(ids))
	types, err := w.liveTypes(ctx, ids)
	if err != nil {
		return nil, err
	}
	seen := make(map[string]bool, len(ids))
	for _, id := range ids {
		typ, ok := types[id]
		if !ok {
			return nil, fault.Errorf(fault.ErrInvalid, "%q cannot become a member of group %q: no user or group of this organization has that id",
				shorten(id), group.Name())
		}
		if !seen[id] {
			seen[id] = true
			rows = append(rows, Membership{Group: group.ID, Member: id, MemberType: typ})
		}
	}
	return rows, nil
}

// liveTypes maps those of the ids that name objects which the origin may see to their types.
func (w *Writer) liveTypes(ctx context.Context, ids []string) (map[string]string, error) {
	types, err := w.Seen(ctx, w.org, w.origin.Owner, ids)
	if err != nil {
		return nil, fmt.Errorf("look up %d members: %w", len(ids), err)
	}
	return types, nil
}

// removeMembers removes those of the ids that are members.
func (w *Writer) removeMembers(ctx context.Context, group string, ids []string, net *memberChanges) error {
	for chunk := range slices.Chunk(ids, page) {
		removed, err := w.RemoveMembers(ctx, w.org, group, chunk)
		if err != nil {
			return fmt.Errorf("remove %d members of group %q: %w", len(chunk), group, err)
		}
		for _, m := range removed {
			net.note(MemberRemoved, m)
		}
	}
	return nil
}

// expel removes members of a group whose version its caller sees to.
func (w *Writer) expel(ctx context.Context, group string, ids ...string) error {
	var net memberChanges
	if err := w.removeMembers(ctx, group, ids, &net); err != nil {
		return err
	}
	_, err := w.feedMembers(ctx, group, net)
	return err
}

// visibleMembers returns the live members of the group that are not among keep.
func (w *Writer) visibleMembers(ctx context.Context, group string, keep []string) ([]string, error) {
	kept := make(map[string]bool, len(keep))
	for _, id := range keep {
		kept[id] = true
	}
	var out []string
	for rows, err := range memberPages(ctx, w, w.org, group) {
		if err != nil {
			return nil, err
		}
		var ids []string
		for _, m := range rows {
			if !kept[m.Member] {
				ids = append(ids, m.Member)
			}
		}
		types, err := w.liveTypes(ctx, ids)
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			if types[id] != "" {
				out = append(out, id)
			}
		}
	}
	return out, nil
}

// shorten keeps what a caller sent from flooding a message.
func shorten(s string) string {
	const most = 100
	if len(s) <= most {
		return s
	}
	return s[:most] + "…"
}

package directory

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/scim"
)

// SoftDelete makes a live object a leaver: invisible to SCIM, its unique name free for others, and kept for Retention. Its memberships and the manager
// references to it stay, so that Restore gives everything back. An object that is deleted already is left as it is.
func (w *Writer) SoftDelete(ctx context.Context, typ, id string) error {
	o, err := w.Touch(ctx, w.org, typ, id)
	if err != nil {
		return err
	}
	if !o.Live() {
		return nil
	}
	o.Deleted = w.now
	if _, err := w.save(ctx, o); err != nil {
		return fmt.Errorf("delete %s %q: %w", typ, o.Name(), err)
	}
	return w.Append(ctx, Change{Kind: SoftDeleted, Type: typ, ID: id})
}

// Restore brings a soft-deleted object back as it was. A live object is returned as it is. When another object took the unique name meanwhile the error is
// fault.ErrConflict.
func (w *Writer) Restore(ctx context.Context, typ, id string) (Object, error) {
	o, err := w.Touch(ctx, w.org, typ, id)
	if err != nil {
		return Object{}, err
	}
	return w.RestoreAs(ctx, o, o.Attributes)
}

// RestoreAs brings a soft-deleted object back with new attributes: somebody who left returns under another name. old must be its current state.
func (w *Writer) RestoreAs(ctx context.Context, old Object, attributes scim.Resource) (Object, error) {
	if old.Live() {
		o, _, err := w.Modify(ctx, old, attributes)
		return o, err
	}
	if err := w.lock(ctx, old); err != nil {
		return Object{}, err
	}
	o := old
	o.Deleted = time.Time{}
	o.Attributes = owned(o.Type, attributes)
	if err := w.check(ctx, &o); err != nil {
		return Object{}, err
	}
	if err := w.free(ctx, o); err != nil {
		return Object{}, err
	}
	o, err := w.save(ctx, o)
	if err != nil {
		return Object{}, fmt.Errorf("restore %s %q: %w", o.Type, o.Name(), err)
	}
	changes := []Change{{Kind: Restored, Type: o.Type, ID: o.ID}}
	if paths := scim.ChangedPaths(old.Attributes, o.Attributes); len(paths) > 0 {
		changes = append(changes, Change{Kind: Updated, Type: o.Type, ID: o.ID, Paths: paths})
	}
	return o, w.Append(ctx, changes...)
}

// free reports, as an error that says what to do, that another live object has o's name.
func (w *Writer) free(ctx context.Context, o Object) error {
	if !Standard(o.Type) {
		return nil // it has no name of that kind; Update guards its unique values
	}
	holder, err := w.ObjectByName(ctx, w.org, o.Type, o.Name())
	switch {
	case errors.Is(err, fault.ErrNotFound):
		return nil
	case err != nil:
		return fmt.Errorf("look for another %s %q: %w", o.Type, o.Name(), err)
	case holder.ID == o.ID:
		return nil
	}
	return fault.Errorf(fault.ErrConflict,
		"%s %q (%s) cannot be restored: %s was created under the same name while it was deleted. Rename or delete that one first, then restore again",
		o.Type, o.Name(), o.ID, holder.ID)
}

// Purge removes an object, live or soft-deleted, and its memberships for good. Groups it belonged to, and members of a purged group, get their own entries
// in the feed, because nobody can find them out afterwards. Manager references of others to a purged person stay: they are those people's data, owned by
// the source that wrote them, and readers treat a manager who does not exist as none.
func (w *Writer) Purge(ctx context.Context, typ, id string) error {
	// Before the memberships are read nobody may be adding another one: it would go with the object, and the feed would not tell.
	o, err := w.TouchToRemove(ctx, w.org, typ, id)
	if err != nil {
		return err
	}
	w.locked[id] = o.Version
	if err := w.leaveGroups(ctx, id); err != nil {
		return err
	}
	if typ == Group {
		if err := w.disband(ctx, id); err != nil {
			return err
		}
	}
	if err := w.Remove(ctx, w.org, typ, id); err != nil {
		return fmt.Errorf("purge %s %q: %w", typ, o.Name(), err)
	}
	delete(w.locked, id)
	return w.Append(ctx, Change{Kind: Purged, Type: typ, ID: id})
}

// leaveGroups ends the object's direct memberships; each group changes by it, so its version grows.
func (w *Writer) leaveGroups(ctx context.Context, member string) error {
	rows, err := w.GroupsOf(ctx, w.org, member)
	if err != nil {
		return fmt.Errorf("read the groups of %q: %w", member, err)
	}
	for _, m := range rows {
		group, err := w.Touch(ctx, w.org, Group, m.Group)
		if err != nil {
			return err
		}
		if err := w.expel(ctx, m.Group, member); err != nil {
			return err
		}
		if m.Group == member {
			continue // a group that is its own member is about to go
		}
		if _, err := w.save(ctx, group); err != nil {
			return fmt.Errorf("change group %q: %w", group.Name(), err)
		}
	}
	return nil
}

// disband removes all members of a group that is about to go.
func (w *Writer) disband(ctx context.Context, group string) error {
	for {
		rows, err := w.Members(ctx, w.org, group, "", page)
		if err != nil {
			return fmt.Errorf("read the members of group %q: %w", group, err)
		}
		if len(rows) == 0 {
			return nil
		}
		ids := make([]string, len(rows))
		for i, m := range rows {
			ids[i] = m.Member
		}
		if err := w.expel(ctx, group, ids...); err != nil {
			return err
		}
	}
}

// PurgeExpired purges what was soft-deleted before the given time (usually now minus Retention) and returns how many objects that were. It works in many
// small transactions: stopping in the middle loses nothing, the next run goes on.
func (d *Directory) PurgeExpired(ctx context.Context, org string, before time.Time) (int, error) {
	count := 0
	types, err := d.Store.Registry(ctx, org)
	if err != nil {
		return 0, err
	}
	for _, rt := range slices.Backward(types.Types()) {
		n, err := d.purgeExpired(ctx, org, rt.Name, before)
		count += n
		if err != nil {
			return count, fmt.Errorf("purge what was deleted before %s: %w", before.UTC().Format(time.RFC3339), err)
		}
	}
	return count, nil
}

func (d *Directory) purgeExpired(ctx context.Context, org, typ string, before time.Time) (int, error) {
	origin := Origin{Actor: "retention", Cause: "deleted before " + before.UTC().Format(time.RFC3339)}
	count, after := 0, int64(0)
	for {
		objects, err := d.Store.Scan(ctx, org, typ, after, page)
		if err != nil || len(objects) == 0 {
			return count, err
		}
		after = objects[len(objects)-1].Seq
		var ids []string
		for _, o := range objects {
			if !o.Live() && o.Deleted.Before(before) {
				ids = append(ids, o.ID)
			}
		}
		if len(ids) == 0 {
			continue
		}
		var purged int
		err = d.Write(ctx, org, origin, func(ctx context.Context, w *Writer) (err error) {
			purged, err = w.purgeStill(ctx, typ, ids, before)
			return err
		})
		if err != nil {
			return count, err
		}
		count += purged
	}
}

// purgeStill purges those of the objects that are still expired: somebody may have restored or purged one since it was read.
func (w *Writer) purgeStill(ctx context.Context, typ string, ids []string, before time.Time) (int, error) {
	n := 0
	for _, id := range ids {
		o, err := w.Touch(ctx, w.org, typ, id)
		if errors.Is(err, fault.ErrNotFound) {
			continue
		}
		if err != nil {
			return 0, err
		}
		if o.Live() || !o.Deleted.Before(before) {
			continue
		}
		if err := w.Purge(ctx, typ, id); err != nil {
			return 0, err
		}
		n++
	}
	return n, nil
}

package directory

import (
	"context"
	"fmt"

	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/scim"
)

// Adopt gives a live object to the owner that the write is for, with new attributes, and returns its new state. old must be its current state. Whether that may
// be is the caller's rule; that it happened is in the feed, with whatever the attributes changed.
func (w *Writer) Adopt(ctx context.Context, old Object, attributes scim.Resource) (Object, error) {
	if !old.Live() {
		return Object{}, fault.Errorf(fault.ErrNotFound, "%s %q is deleted: restore it before linking it", old.Type, old.Name())
	}
	if err := w.lock(ctx, old); err != nil {
		return Object{}, err
	}
	o := old
	o.Owner, o.Attributes = w.origin.Owner, owned(o.Type, attributes)
	if err := w.check(ctx, &o); err != nil {
		return Object{}, err
	}
	o, err := w.save(ctx, o)
	if err != nil {
		return Object{}, fmt.Errorf("link %s %q: %w", o.Type, o.Name(), err)
	}
	changes := []Change{{Kind: Linked, Type: o.Type, ID: o.ID}}
	if paths := scim.ChangedPaths(old.Attributes, o.Attributes); len(paths) > 0 {
		changes = append(changes, Change{Kind: Updated, Type: o.Type, ID: o.ID, Paths: paths})
	}
	return o, w.Append(ctx, changes...)
}

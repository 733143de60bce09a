package scim

import (
	"context"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/scim"
	"github.com/rollcall-id/rollcall/scim/scimserver"
)

// Patch implements scimserver.Writer.
func (b Backend) Patch(
	ctx context.Context, rt *scim.ResourceType, id string, p *scim.Patch, wr scimserver.Write,
) (scimserver.Patched, error) {
	var o directory.Object
	var next scim.Resource
	err := b.change(ctx, rt, id, wr.If, func(ctx context.Context, w *directory.Writer, old directory.Object) (err error) {
		if o, next, err = b.apply(ctx, w, rt, old, p); err != nil {
			return err
		}
		return b.protect(ctx, w, old, o)
	})
	if err != nil {
		return scimserver.Patched{}, b.taken(ctx, rt, next, err)
	}
	limit := briefMembers
	if wr.Explicit {
		limit = 0
	}
	r, brief, err := b.complete(ctx, o, wr.Projection, limit)
	return scimserver.Patched{Resource: r, Brief: brief}, err
}

// apply carries out a patch. Operations on the members of a group are set operations on rows: what they cost depends on what they change, and two of
// them at the same time cannot undo each other. next are the attributes that the patch led to.
func (b Backend) apply(
	ctx context.Context, w *directory.Writer, rt *scim.ResourceType, old directory.Object, p *scim.Patch,
) (o directory.Object, next scim.Resource, err error) {
	if rt.Name != directory.Group {
		return modify(ctx, w, rt, old, p)
	}
	rest, ops, split := p.SplitMembers()
	if !split {
		return b.applyWhole(ctx, w, rt, old, p)
	}
	o = old
	if !rest.Empty() {
		if o, next, err = modify(ctx, w, rt, old, rest); err != nil {
			return o, next, err
		}
	}
	if len(ops) > 0 {
		o, _, err = w.ChangeMembers(ctx, o, ops)
	}
	return o, next, err
}

func modify(
	ctx context.Context, w *directory.Writer, rt *scim.ResourceType, old directory.Object, p *scim.Patch,
) (o directory.Object, next scim.Resource, err error) {
	if next, _, err = p.Apply(rt, old.Attributes); err != nil {
		return old, nil, err
	}
	o, _, err = w.Modify(ctx, old, kept(rt, next))
	return o, next, err
}

// applyWhole carries out a patch that can only be understood with all members at hand, such as one that selects members by their type.
func (b Backend) applyWhole(
	ctx context.Context, w *directory.Writer, rt *scim.ResourceType, old directory.Object, p *scim.Patch,
) (o directory.Object, next scim.Resource, err error) {
	elements, _, err := b.members(ctx, w, old.ID, 0, true)
	if err != nil {
		return old, nil, err
	}
	whole := without(old.Attributes)
	if elements != nil {
		whole["members"] = elements
	}
	if next, _, err = p.Apply(rt, whole); err != nil {
		return old, nil, err
	}
	if o, _, err = w.Modify(ctx, old, kept(rt, next)); err != nil {
		return o, next, err
	}
	o, _, err = w.ChangeMembers(ctx, o, []scim.MemberOp{{Kind: scim.MemberReplaceAll, Values: memberIDs(next)}})
	return o, next, err
}

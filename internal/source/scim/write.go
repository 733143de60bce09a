package scim

import (
	"context"
	"errors"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/scim"
	"github.com/rollcall-id/rollcall/scim/scimserver"
)

// Create implements scimserver.Writer.
func (b Backend) Create(ctx context.Context, rt *scim.ResourceType, in scim.Resource) (scim.Resource, error) {
	attributes := kept(rt, in)
	if _, given := attributes["active"]; !given && rt.Name == directory.User {
		attributes["active"] = true
	}
	var members []string
	if rt.Name == directory.Group {
		members = memberIDs(in)
	}
	var o directory.Object
	made := false // by this request, and not found
	err := b.write(ctx, func(ctx context.Context, w *directory.Writer) error {
		made = false
		back, err := b.returning(ctx, w, rt, attributes)
		if err != nil {
			return err
		}
		if back != nil {
			scimserver.Used(ctx, scimserver.RuleReturning)
			if o, err = b.reactivate(ctx, w, rt, *back, attributes); err != nil {
				return err
			}
			return b.protect(ctx, w, *back, o)
		}
		if o, err = b.make(ctx, w, rt, attributes, members); err != nil {
			return err
		}
		made = o.Version == 1
		return b.protect(ctx, w, directory.Object{}, o)
	})
	if err != nil {
		return nil, b.taken(ctx, rt, attributes, explain(rt, "", err))
	}
	if made && rt.Name == directory.User {
		return view(o), nil // nobody could put it into a group before
	}
	r, _, err := b.complete(ctx, o, scim.Projection{}, 0)
	return r, err
}

// kept are the attributes that a directory keeps. A password is dropped: provisioned people sign in at their identity provider, and what is not stored
// cannot be lost (spec/scim.md 7.1, 12).
func kept(rt *scim.ResourceType, in scim.Resource) scim.Resource {
	if !directory.Standard(rt.Name) {
		return without(in, "schemas", "id", "meta") // what else a registered type has is as its schema says
	}
	return without(in, "schemas", "id", "meta", "groups", "members", "password")
}

// returning finds the inactive user whom a POST from Okta brings back (rule N16), nil when there is none: Okta assigns a person again with a POST that
// names the account it deactivated before, and takes a 409 for an error.
func (b Backend) returning(
	ctx context.Context, w *directory.Writer, rt *scim.ResourceType, in scim.Resource,
) (*directory.Object, error) {
	name, _ := in["userName"].(string)
	if b.Profile != scim.ProfileOkta || rt.Name != directory.User || name == "" {
		return nil, nil
	}
	o, err := w.ObjectByName(ctx, b.Organization, directory.User, name)
	if errors.Is(err, fault.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if o, err = w.Touch(ctx, b.Organization, directory.User, o.ID); err != nil {
		return nil, err
	}
	was, is := o.Attributes.ExternalID(), in.ExternalID()
	if !b.visible(o) || o.Active() || was != "" && is != "" && was != is {
		return nil, nil
	}
	return &o, nil
}

func (b Backend) reactivate(
	ctx context.Context, w *directory.Writer, rt *scim.ResourceType, o directory.Object, in scim.Resource,
) (directory.Object, error) {
	next, err := replaced(rt, o.Attributes, in)
	if err != nil {
		return o, err
	}
	o, _, err = w.Modify(ctx, o, kept(rt, next))
	return o, err
}

// replaced is what sent makes of old, with what a client does not see as it was.
func replaced(rt *scim.ResourceType, old, sent scim.Resource) (scim.Resource, error) {
	next, _, err := rt.Replace(old, sent)
	if err != nil {
		return nil, err
	}
	directory.KeepUnpublished(old, next)
	return next, nil
}

// Replace implements scimserver.Writer.
func (b Backend) Replace(
	ctx context.Context, rt *scim.ResourceType, id string, in scim.Resource, wr scimserver.Write,
) (scim.Resource, error) {
	var o directory.Object
	var next scim.Resource
	err := b.change(ctx, rt, id, wr.If, func(ctx context.Context, w *directory.Writer, old directory.Object) (err error) {
		given := in
		if rt.Name == directory.Group {
			given = without(in, "members")
		}
		if next, err = replaced(rt, old.Attributes, given); err != nil {
			return err
		}
		if o, _, err = w.Modify(ctx, old, kept(rt, next)); err != nil {
			return err
		}
		if rt.Name != directory.Group {
			return b.protect(ctx, w, old, o)
		}
		o, _, err = w.ChangeMembers(ctx, o, []scim.MemberOp{{Kind: scim.MemberReplaceAll, Values: memberIDs(in)}})
		return err
	})
	if err != nil {
		return nil, b.taken(ctx, rt, next, err)
	}
	r, _, err := b.complete(ctx, o, wr.Projection, 0)
	return r, err
}

// Delete implements scimserver.Writer. It is final: a SCIM client that only wants to switch somebody off sets active to false.
func (b Backend) Delete(ctx context.Context, rt *scim.ResourceType, id string, wr scimserver.Write) error {
	return b.change(ctx, rt, id, wr.If, func(ctx context.Context, w *directory.Writer, old directory.Object) error {
		if err := w.Purge(ctx, rt.Name, id); err != nil {
			return err
		}
		return b.protect(ctx, w, old, directory.Object{})
	})
}

// change runs fn in a transaction that holds the live object locked, after checking the precondition against its current version.
func (b Backend) change(
	ctx context.Context, rt *scim.ResourceType, id string, precondition scimserver.Precondition,
	fn func(ctx context.Context, w *directory.Writer, old directory.Object) error,
) error {
	if !possible(id) {
		return scimserver.NotFound(rt, id)
	}
	err := b.write(ctx, func(ctx context.Context, w *directory.Writer) error {
		old, err := w.Touch(ctx, b.Organization, rt.Name, id)
		if err != nil {
			return err
		}
		if !b.visible(old) {
			return scimserver.NotFound(rt, id)
		}
		if err := precondition.Check(tag(old.Version)); err != nil {
			return err
		}
		return fn(ctx, w, old)
	})
	return explain(rt, id, err)
}

package directory

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/scim"
)

// Removal is what goes when a schema or type is removed.
type Removal struct {
	Types   []string       // resource types: their resources are purged
	Schemas []string       // schemas, those of the types included
	Purged  map[string]int // by type: how many resources go
	Changed map[string]int // by type: how many resources lose values of an extension

	left       scim.Definitions
	extensions []removedExtension
}

type removedExtension struct{ typ, urn string }

// Loses reports whether resources are affected.
func (r *Removal) Loses() bool { return len(r.Purged)+len(r.Changed) > 0 }

// PreviewRemoval says what Unregister would remove.
func (d *Directory) PreviewRemoval(ctx context.Context, org, name string) (Removal, error) {
	had, err := d.Store.Definitions(ctx, org)
	if err != nil {
		return Removal{}, err
	}
	return removal(ctx, d.Store, org, had, name)
}

// Unregister removes the schema or type with the name. The resources of a type are purged and the values of an extension are taken away, with their
// entries in the feed. Without consent nothing of that kind is done: then the error is fault.ErrConflict.
func (w *Writer) Unregister(ctx context.Context, name string, consent bool) (Removal, error) {
	had, err := w.LockDefinitions(ctx, w.org)
	if err != nil {
		return Removal{}, err
	}
	r, err := removal(ctx, w, w.org, had, name)
	if err != nil {
		return r, err
	}
	if r.Loses() && !consent {
		return r, fault.Errorf(fault.ErrConflict, "nothing was removed: by now, resources hold values of %s", name)
	}
	for _, typ := range r.Types {
		if err := w.purgeAll(ctx, typ); err != nil {
			return r, err
		}
	}
	for _, e := range r.extensions {
		if err := w.strip(ctx, e); err != nil {
			return r, err
		}
	}
	return r, w.SaveDefinitions(ctx, w.org, &r.left)
}

// removal finds out what goes with a name: a type's, or a schema's URN.
func removal(ctx context.Context, objects Objects, org string, had *scim.Definitions, name string) (Removal, error) {
	r := Removal{Purged: map[string]int{}, Changed: map[string]int{}}
	for _, t := range had.Types {
		standard := standardIndex(t.Name) >= 0
		if !standard && (strings.EqualFold(t.Name, name) || strings.EqualFold(t.Schema, name)) {
			r.Types = append(r.Types, t.Name)
			continue
		}
		t.Extensions = slices.DeleteFunc(slices.Clone(t.Extensions), func(e scim.ExtensionDefinition) bool {
			gone := strings.EqualFold(e.Schema, name)
			if gone {
				r.extensions = append(r.extensions, removedExtension{t.Name, e.Schema})
			}
			return gone
		})
		if !standard || len(t.Extensions) > 0 {
			r.left.Types = append(r.left.Types, t)
		}
	}
	if len(r.Types)+len(r.extensions) == 0 {
		return r, fault.Errorf(fault.ErrNotFound, "the organization has not registered %q: expected the URN of a schema or the name of a resource type; "+
			"`rollcall schema list` shows them", name)
	}
	for _, s := range had.Schemas {
		if used(&r.left, s.ID) {
			r.left.Schemas = append(r.left.Schemas, s)
		} else {
			r.Schemas = append(r.Schemas, s.ID)
		}
	}
	return r, r.count(ctx, objects, org)
}

func (r *Removal) count(ctx context.Context, objects Objects, org string) error {
	tally := func(counts map[string]int, typ string, lost func(Object) bool) error {
		n := 0
		err := eachObject(ctx, objects, org, typ, func(o Object) error {
			if lost(o) {
				n++
			}
			return nil
		})
		if n > 0 {
			counts[typ] += n
		}
		return err
	}
	var errs []error
	for _, typ := range r.Types {
		errs = append(errs, tally(r.Purged, typ, func(Object) bool { return true }))
	}
	for _, e := range r.extensions {
		errs = append(errs, tally(r.Changed, e.typ, func(o Object) bool { return o.Attributes[e.urn] != nil }))
	}
	return errors.Join(errs...)
}

// purgeAll purges every object of a type.
func (w *Writer) purgeAll(ctx context.Context, typ string) error {
	return w.each(ctx, typ, func(o Object) error { return w.Purge(ctx, typ, o.ID) })
}

// strip takes the values of an extension away from every object that has some.
func (w *Writer) strip(ctx context.Context, e removedExtension) error {
	return w.each(ctx, e.typ, func(o Object) error {
		if o.Attributes[e.urn] == nil {
			return nil
		}
		old, err := w.Touch(ctx, w.org, e.typ, o.ID)
		if err != nil {
			return err
		}
		next := old
		next.Attributes = old.Attributes.Clone()
		delete(next.Attributes, e.urn)
		if _, err := w.save(ctx, next); err != nil {
			return fmt.Errorf("change %s %q: %w", next.Type, next.Name(), err)
		}
		return w.Append(ctx, Change{Kind: Updated, Type: next.Type, ID: next.ID, Paths: scim.ChangedPaths(old.Attributes, next.Attributes)})
	})
}

package directory

import (
	"context"
	"fmt"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/scim"
)

// Retention is how long a soft-deleted object is kept before it is purged (spec/entra-provisioning.md 1.9).
const Retention = 30 * 24 * time.Hour

// maxName is the longest unique name in bytes after folding. It keeps the name below the largest key that a PostgreSQL index holds.
const maxName = 1024

// Bounds of one object. What is larger is a mistake or an attack, and would make every reader of a page pay for it.
const (
	maxDocument = 256 << 10 // bytes of the attributes as JSON
	maxElements = 2000      // elements of one multi-valued attribute; memberships are rows and do not count
)

// page is how many objects or rows are read or checked at once.
const page = 500

// Directory is the only way to write people and groups. It keeps the rules: versions, the change feed, uniqueness, soft deletion, memberships of
// live objects only. Fields are set once, before the first use.
type Directory struct {
	Store Store
	Now   func() time.Time // nil: time.Now
	NewID func() string    // nil: UUID version 7
}

// Write runs fn in one transaction on the organization's directory. Everything that fn does through w becomes durable together with its entries in
// the change feed, or not at all. fn may run more than once, so it must not keep state of a failed run.
func (d *Directory) Write(ctx context.Context, org string, origin Origin, fn func(ctx context.Context, w *Writer) error) error {
	origin = origin.Clean()
	return d.Store.Write(ctx, func(ctx context.Context, tx Tx) error {
		w := &Writer{
			Tx: tx, org: org, origin: origin, now: d.now(), newID: d.newID(), locked: map[string]int64{}, saved: map[string]bool{},
		}
		if err := fn(ctx, w); err != nil {
			return err
		}
		return w.flush(ctx)
	})
}

// now is the time of a write: the precision that every database keeps.
func (d *Directory) now() time.Time {
	now := time.Now
	if d.Now != nil {
		now = d.Now
	}
	return now().UTC().Truncate(time.Microsecond)
}

func (d *Directory) newID() func() string {
	if d.NewID != nil {
		return d.NewID
	}
	return NewID
}

// Writer is one transaction on one organization's directory. Its methods apply the rules; those of the embedded Tx that write (Insert, Update, Remove,
// AddMembers, RemoveMembers) do not, and are for this package.
type Writer struct {
	Tx
	org     string
	origin  Origin
	now     time.Time
	newID   func() string
	pending []Change
	effects Effects
	locked  map[string]int64 // id → current version of the objects that this transaction holds locked
	saved   map[string]bool  // ids of the objects that have got their new version
}

// Organization is the id of the directory's organization.
func (w *Writer) Organization() string { return w.org }

// Now is the time of the transaction, UTC in microseconds: the Created, Modified and Time of all it writes.
func (w *Writer) Now() time.Time { return w.now }

// Append adds changes to the feed at the end of the transaction. It fills in organization, time and origin.
func (w *Writer) Append(ctx context.Context, changes ...Change) error {
	for _, c := range changes {
		c.Organization, c.Time = w.org, w.now
		c.Actor, c.Cause, c.Traceparent = w.origin.Actor, w.origin.Cause, w.origin.Traceparent
		w.pending = append(w.pending, c)
		w.effects.add(c)
	}
	if len(w.pending) < page {
		return nil
	}
	return w.flush(ctx)
}

// flush writes what Append gathered: one statement for many changes instead of one for each.
func (w *Writer) flush(ctx context.Context) error {
	if len(w.pending) == 0 {
		return nil
	}
	if err := w.Tx.Append(ctx, w.pending...); err != nil {
		return fmt.Errorf("append to the change feed: %w", err)
	}
	w.pending = w.pending[:0]
	return nil
}

// Touch locks the object for the rest of the transaction and returns its current state. Another organization's object is fault.ErrNotFound.
func (w *Writer) Touch(ctx context.Context, org, typ, id string) (Object, error) {
	o, err := w.Tx.Touch(ctx, org, typ, id)
	if err == nil {
		w.locked[o.ID] = o.Version
	}
	return o, err
}

// lock makes sure that old is the current state of its object and that nobody else changes it before this transaction ends. An old that was not read by
// Touch in this transaction may be stale: writing over it would lose an update, so that is fault.ErrPrecondition.
func (w *Writer) lock(ctx context.Context, old Object) error {
	version, ok := w.locked[old.ID]
	if !ok {
		current, err := w.Touch(ctx, w.org, old.Type, old.ID)
		if err != nil {
			return err
		}
		version = current.Version
	}
	if version != old.Version {
		return fault.Errorf(fault.ErrPrecondition, "%s %q is at version %d, and the change was made from version %d: read it again and repeat the change",
			old.Type, old.ID, version, old.Version)
	}
	return nil
}

// Create stores a new object and returns it. attributes are canonical SCIM attributes; members are the ids of a group's first members. A name that a live
// object has is fault.ErrConflict; a missing name or an unknown member is fault.ErrInvalid.
func (w *Writer) Create(ctx context.Context, typ string, attributes scim.Resource, members []string) (Object, error) {
	o := Object{
		ID: w.newID(), Organization: w.org, Type: typ, Owner: w.origin.Owner, Attributes: owned(typ, attributes), Version: 1, Created: w.now, Modified: w.now,
	}
	if err := w.check(ctx, &o); err != nil {
		return Object{}, err
	}
	if len(members) > 0 && typ != Group {
		return Object{}, fault.Errorf(fault.ErrInvalid, "%s %q cannot have members: only groups have", typ, o.Name())
	}
	if err := w.Insert(ctx, o); err != nil {
		return Object{}, fmt.Errorf("create %s %q: %w", typ, o.Name(), err)
	}
	o.Encoded = nil
	w.locked[o.ID] = o.Version
	if err := w.Append(ctx, Change{Kind: Created, Type: typ, ID: o.ID}); err != nil {
		return Object{}, err
	}
	var joined memberChanges
	if err := w.addMembers(ctx, o, members, &joined); err != nil {
		return Object{}, err
	}
	if _, err := w.feedMembers(ctx, o.ID, joined); err != nil {
		return Object{}, err
	}
	return o, nil
}

// Modify replaces the attributes of a live object and returns its new state. Attributes equal to what is stored leave no trace: the result is false. old
// must be the state that attributes were made from: best what Touch returned in this transaction. A name that another live object has is
// fault.ErrConflict.
func (w *Writer) Modify(ctx context.Context, old Object, attributes scim.Resource) (Object, bool, error) {
	if !old.Live() {
		return Object{}, false, fault.Errorf(fault.ErrNotFound, "%s %q is deleted: restore it before changing it", old.Type, old.Name())
	}
	if err := w.lock(ctx, old); err != nil {
		return Object{}, false, err
	}
	o := old
	o.Attributes = owned(o.Type, attributes)
	_, said := o.Attributes["active"]
	o.SwitchedOff = o.Type == User && !said && !old.Active()
	paths := scim.ChangedPaths(old.Attributes, o.Attributes)
	if len(paths) == 0 {
		return old, false, nil
	}
	if err := w.check(ctx, &o); err != nil {
		return Object{}, false, err
	}
	o, err := w.save(ctx, o)
	if err != nil {
		return Object{}, false, fmt.Errorf("change %s %q: %w", o.Type, o.Name(), err)
	}
	return o, true, w.Append(ctx, Change{Kind: Updated, Type: o.Type, ID: o.ID, Paths: paths})
}

// save stores o as its next version: one for all that a transaction changes of an object. On an error it still returns o, for the message.
func (w *Writer) save(ctx context.Context, o Object) (Object, error) {
	if !w.saved[o.ID] {
		o.Version++
	}
	o.Modified = w.now
	err := w.Update(ctx, o)
	o.Encoded = nil
	if err != nil {
		return o, err
	}
	w.locked[o.ID], w.saved[o.ID] = o.Version, true
	return o, nil
}

// owned returns a deep copy of attributes, so that a caller's later change does not reach the stored object, without what an Object does not keep there.
func owned(typ string, attributes scim.Resource) scim.Resource {
	out := attributes.Clone()
	if out == nil {
		out = scim.Resource{}
	}
	names := []string{"schemas", "id", "meta", "groups", "members"}
	if !Standard(typ) {
		names = names[:3] // what it calls groups or members is an attribute like any other
	}
	for _, name := range names {
		delete(out, name)
	}
	return out
}

// check holds an object to the rules that every source shares.
func (w *Writer) check(ctx context.Context, o *Object) error {
	if err := w.checkType(ctx, *o); err != nil {
		return err
	}
	if err := checkElements("", o.Attributes); err != nil {
		return err
	}
	o.Encoded = scim.Encode(o.Attributes)
	if n := len(o.Encoded); n > maxDocument {
		return fault.Errorf(fault.ErrInvalid, "the attributes of the %s take %d bytes; at most %d are allowed", o.Type, n, maxDocument)
	}
	return nil
}

// checkType holds an object to what its type asks for. A registered type is checked by its schema, in the protocol engine.
func (w *Writer) checkType(ctx context.Context, o Object) error {
	if Standard(o.Type) {
		return CheckName(o.Type, o.Name())
	}
	types, err := w.Registry(ctx, w.org)
	if err != nil {
		return err
	}
	if types.Type(o.Type) == nil {
		return fault.Errorf(fault.ErrInvalid, "this organization has no objects of type %q: register the type first", o.Type)
	}
	return nil
}

// checkElements counts the elements of each multi-valued attribute, those of extensions included.
func checkElements(prefix string, attributes map[string]any) error {
	for name, value := range attributes {
		switch v := value.(type) {
		case []any:
			if len(v) > maxElements {
				return fault.Errorf(fault.ErrInvalid, "%s%s has %d values; at most %d are allowed", prefix, name, len(v), maxElements)
			}
		case map[string]any:
			if err := checkElements(name+":", v); err != nil {
				return err
			}
		}
	}
	return nil
}

// CheckName reports, as fault.ErrInvalid, a unique name (userName of a User, displayName of a Group) that no object of the type can have.
func CheckName(typ, name string) error {
	var attribute string
	switch typ {
	case User:
		attribute = "userName"
	case Group:
		attribute = "displayName"
	default:
		return fault.Errorf(fault.ErrInvalid, "only %s and %s objects have a unique name, not those of type %q", User, Group, typ)
	}
	switch {
	case name == "":
		return fault.Errorf(fault.ErrInvalid, "a %s needs a value for %s", typ, attribute)
	case len(name) > maxName || len(scim.Fold(name)) > maxName:
		return fault.Errorf(fault.ErrInvalid, "%s has %d bytes; at most %d are allowed", attribute, len(name), maxName)
	case !utf8.ValidString(name):
		return fault.Errorf(fault.ErrInvalid, "%s is not valid UTF-8", attribute)
	}
	for _, r := range name {
		if unicode.IsControl(r) {
			return fault.Errorf(fault.ErrInvalid, "%s holds the control character %U: names are one line of visible text", attribute, r)
		}
	}
	return nil
}

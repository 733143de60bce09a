package store

import (
	"context"
	"strings"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/scim"
)

// columns are the parts of an object that have a column of their own beside the documents. nil is null.
type columns struct {
	unique, display, external, manager, active, email any
	doc                                               []byte
	search                                            string
}

// typeOf is the type of an object by its organization's registry.
func (t *tx) typeOf(ctx context.Context, o directory.Object) (*scim.ResourceType, error) {
	types, err := t.Registry(ctx, o.Organization)
	if err != nil {
		return nil, err
	}
	rt := types.Type(o.Type)
	if rt == nil {
		return nil, fault.Errorf(fault.ErrInvalid, "this organization has no objects of type %q: register the type first", o.Type)
	}
	return rt, nil
}

// columnsOf takes an object apart.
func columnsOf(rt *scim.ResourceType, o directory.Object) (columns, error) {
	c := columns{
		doc:    o.Encoded,
		search: string(rt.AppendSearchDocument(make([]byte, 0, 1024), o.Attributes)),
	}
	if c.doc == nil {
		c.doc = scim.Encode(o.Attributes)
	}
	c.external = indexed(o.Attributes.ExternalID())
	if !directory.Standard(o.Type) {
		return c, nil // what the other columns hold is users' and groups'
	}
	key := scim.Fold(o.Name())
	if len(key) > maxName {
		return columns{}, fault.Errorf(fault.ErrInvalid, "the name of a %s has %d bytes; at most %d are allowed", o.Type, len(key), maxName)
	}
	if o.Live() && key != "" {
		c.unique = key
	}
	if s, ok := o.Attributes["displayName"].(string); ok {
		c.display = indexed(scim.Fold(s))
	}
	if enterprise, ok := o.Attributes[scim.URNEnterpriseUser].(map[string]any); ok {
		if manager, ok := enterprise["manager"].(map[string]any); ok {
			id, _ := manager["value"].(string)
			c.manager = indexed(id)
		}
	}
	if active, ok := o.Attributes["active"].(bool); ok {
		c.active = active
	} else if o.SwitchedOff {
		c.active = false
	}
	if o.Type == directory.User && o.Live() && o.Owner == directory.OwnerLocal {
		c.email = indexed(scim.Fold(o.Email()))
	}
	return c, nil
}

// indexed is the text for an indexed column: null when it is empty, or too long for an index (then filters read the search document).
func indexed(s string) any {
	if s == "" || len(s) > maxKey {
		return nil
	}
	return s
}

// Insert implements directory.Tx.
func (t *tx) Insert(ctx context.Context, o directory.Object) error {
	rt, err := t.typeOf(ctx, o)
	if err != nil {
		return err
	}
	c, err := columnsOf(rt, o)
	if err != nil {
		return err
	}
	if err := t.free(ctx, rt, o); err != nil {
		return err
	}
	n, err := t.q.exec(ctx, `insert into resource (id, organization_id, type, unique_key, display_key, external_id, manager_id, active,
		version, created, modified, deleted, doc, search, owner, email_key)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) on conflict do nothing`,
		o.ID, o.Organization, o.Type, c.unique, c.display, c.external, c.manager, c.active,
		o.Version, micros(o.Created), micros(o.Modified), micros(o.Deleted), c.doc, c.search, o.Owner, c.email)
	if err != nil {
		return t.d.fail("store a "+strings.ToLower(o.Type), err)
	}
	if n == 0 {
		return nameConflict(o)
	}
	return t.claim(ctx, rt, o)
}

// nameConflict is the conflict of a unique name, or of an id.
func nameConflict(o directory.Object) error {
	attribute := "userName"
	if o.Type == directory.Group {
		attribute = "displayName"
	}
	return fault.Errorf(fault.ErrConflict, "%s %q is taken by another %s of this organization; names are compared without regard to letter case",
		attribute, o.Name(), strings.ToLower(o.Type))
}

// Remove implements directory.Tx. Membership rows and assignments go with the object.
func (t *tx) Remove(ctx context.Context, org, typ, id string) error {
	n, err := t.q.exec(ctx, "delete from resource where id = $1 and organization_id = $2 and type = $3", id, org, typ)
	if err != nil {
		return t.d.fail("remove an object", err)
	}
	if n == 0 {
		return fault.Errorf(fault.ErrNotFound, "there is no %s with id %q in this organization", typ, id)
	}
	return nil
}

// Touch implements directory.Tx.
func (t *tx) Touch(ctx context.Context, org, typ, id string) (directory.Object, error) {
	return t.touch(ctx, t.d.lock, org, typ, id)
}

// TouchToRemove implements directory.Tx. On PostgreSQL a row that names the object holds a key lock on it, which only the full lock excludes.
func (t *tx) TouchToRemove(ctx context.Context, org, typ, id string) (directory.Object, error) {
	return t.touch(ctx, t.d.lockFull, org, typ, id)
}

func (t *tx) touch(ctx context.Context, lock, org, typ, id string) (directory.Object, error) {
	// Locks are taken in the order in which a change of the registered types takes them: the types first. Otherwise the two could wait for each other.
	if !t.d.embedded() {
		if _, err := t.Registry(ctx, org); err != nil {
			return directory.Object{}, err
		}
	}
	row := objectRow{}
	k := rowKeys{id: id}
	if err := t.q.get(ctx, append(append(row.dest(), k.dest()...), &row.o.NoGroups), lockedByID+lock, id, org, typ); err != nil {
		return directory.Object{}, t.d.absent("lock an object", err, "there is no %s with id %q in this organization", typ, id)
	}
	k.owner, k.deleted = row.o.Owner, row.deleted
	t.locked = k
	o, err := row.object()
	return o, t.d.fail("lock an object", err)
}

package directory

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/scim"
)

// The schemas that hold the directory extensions of an organization: attributes that it declared one by one, under names as Entra gives them. They are
// registered schemas like others, so that what is true of those is true of them.
const (
	URNOwnUser  = "urn:rollcall:params:scim:schemas:extension:organization:2.0:User"
	URNOwnGroup = "urn:rollcall:params:scim:schemas:extension:organization:2.0:Group"
)

// Extension is one attribute of users or groups that an organization declared, or that belongs to a schema it registered.
type Extension struct {
	Name        string // extension_<32 hexadecimal digits>_costCode
	Target      string // User or Group
	Type        scim.Type
	MultiValued bool
	Description string
	Path        string // in a SCIM resource
	Declared    bool   // by itself; otherwise it belongs to a schema that was registered as a whole
}

// extensionPattern is how Entra names a directory extension: the id of the application that owns it, without dashes, and a name.
var extensionPattern = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^extension_[0-9A-Fa-f]{32}_[A-Za-z][A-Za-z0-9_]{0,99}$`)
})

var extensionStem = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,99}$`) })

// ExtensionName is the full name of a directory extension. A full name stays as it is, so that a mapping made in Entra finds its attributes; to a short one,
// such as costCode, the organization's own prefix is added. The error is fault.ErrInvalid.
func ExtensionName(org, name string) (string, error) {
	switch {
	case extensionPattern().MatchString(name):
		return name, nil
	case strings.HasPrefix(strings.ToLower(name), "extension_"), !extensionStem().MatchString(name):
		return "", fault.Errorf(fault.ErrInvalid, "%.120q is not a name for a directory extension: expected a name such as costCode (a letter, then "+
			"letters, digits and _), or the full name that it has in Entra, such as extension_2f0c6b1e7a5d4c3b9e8f7a6b5c4d3e2f_costCode", name)
	}
	id := strings.ReplaceAll(org, "-", "")
	if full := "extension_" + id + "_" + name; extensionPattern().MatchString(full) {
		return full, nil
	}
	return derivedExtension(org, name), nil
}

// derivedExtension is a name in Entra's form for what has an identity of another form: the first 32 digits of its SHA-256 stand for the application's id.
func derivedExtension(identity, name string) string {
	sum := sha256.Sum256([]byte(strings.ToLower(identity)))
	return "extension_" + hex.EncodeToString(sum[:16]) + "_" + name
}

// ownURN is the schema that holds the directory extensions of a type, "" for types that have none.
func ownURN(typ string) string {
	switch typ {
	case User:
		return URNOwnUser
	case Group:
		return URNOwnGroup
	}
	return ""
}

// Extensions lists what users and groups have in an organization with the types, beyond the vocabulary.
func Extensions(types *scim.Registry) []Extension {
	var list []Extension
	for _, typ := range []string{User, Group} {
		for _, n := range AttributesOf(types, typ).names[len(StandardAttributes(typ).names):] {
			if n.Of == "" {
				continue // its other word is the name that counts
			}
			list = append(list, Extension{
				Name: n.Entra, Target: typ, Type: n.Type, MultiValued: n.MultiValued, Description: n.Doc, Path: n.Path,
				Declared: strings.HasPrefix(n.Path, ownURN(typ)+":"),
			})
		}
	}
	return list
}

// AddExtension declares a directory extension. Its name must be a full one. One that exists is fault.ErrConflict.
func (w *Writer) AddExtension(ctx context.Context, x Extension) error {
	urn := ownURN(x.Target)
	switch {
	case urn == "":
		return fault.Errorf(fault.ErrInvalid, "the target is %q: expected %s or %s", x.Target, User, Group)
	case !extensionPattern().MatchString(x.Name):
		return fault.Errorf(fault.ErrInvalid, "%.120q is not the full name of a directory extension", x.Name)
	case !slices.Contains(extensionTypes(), x.Type):
		return fault.Errorf(fault.ErrInvalid, "the type is %q: expected one of %s", x.Type, extensionTypes())
	}
	had, err := w.LockDefinitions(ctx, w.org)
	if err != nil {
		return err
	}
	m := &merger{result: scim.Definitions{Schemas: slices.Clone(had.Schemas), Types: slices.Clone(had.Types)}}
	at := slices.IndexFunc(m.result.Schemas, func(s *scim.Schema) bool { return s.ID == urn })
	if at < 0 {
		at = len(m.result.Schemas)
		m.result.Schemas = append(m.result.Schemas, &scim.Schema{ID: urn})
	}
	old := m.result.Schemas[at]
	if old.Attribute(x.Name) != nil {
		return fault.Errorf(fault.ErrConflict, "the directory extension %s is declared already; `rollcall directory extension list` shows it", x.Name)
	}
	m.result.Schemas[at] = ownSchema(urn, append(slices.Clip(old.Attributes), &scim.Attribute{
		Name: x.Name, Type: x.Type, MultiValued: x.MultiValued, Description: x.description(), Mutability: scim.ReadWrite, Returned: scim.ReturnedDefault,
		Uniqueness: scim.UniquenessNone,
	}))
	rt := Registry().Type(x.Target)
	carrier := scim.TypeDefinition{Name: x.Target, Schema: rt.Schema.ID, Extensions: []scim.ExtensionDefinition{{Schema: urn}}}
	if err := m.extend(rt, carrier); err != nil {
		return err
	}
	return w.define(ctx, &m.result)
}

// description is never empty, which some clients of the SCIM endpoint would refuse.
func (x Extension) description() string {
	if x.Description != "" {
		return x.Description
	}
	return "Declared by the organization."
}

// extensionTypes are the types that a directory extension can have.
func extensionTypes() []scim.Type {
	return []scim.Type{scim.TypeString, scim.TypeInteger, scim.TypeBoolean, scim.TypeDateTime}
}

func ownSchema(urn string, attributes []*scim.Attribute) *scim.Schema {
	return &scim.Schema{ID: urn, Name: "DirectoryExtensions", Description: "Attributes that the organization declared.", Attributes: attributes}
}

// FindExtension finds a declared directory extension among the definitions by its full name, in any letter case. The error is fault.ErrNotFound.
func FindExtension(d *scim.Definitions, name string) (Extension, error) {
	for _, typ := range []string{User, Group} {
		s := schemaOf(d, ownURN(typ))
		if s == nil {
			continue
		}
		if a := s.Attribute(name); a != nil {
			return Extension{
				Name: a.Name, Target: typ, Type: a.Type, MultiValued: a.MultiValued, Description: a.Description, Path: s.ID + ":" + a.Name, Declared: true,
			}, nil
		}
	}
	return Extension{}, fault.Errorf(fault.ErrNotFound, "no directory extension is called %.120q; `rollcall directory extension list` shows those there "+
		"are, and `rollcall schema remove` removes schemas that were registered as a whole", name)
}

// holds reports whether an object has a value of the extension.
func (x Extension) holds(o Object) bool {
	values, _ := o.Attributes[ownURN(x.Target)].(map[string]any)
	return values[x.Name] != nil
}

// CountExtension returns how many objects have a value of the extension, soft-deleted ones included.
func (d *Directory) CountExtension(ctx context.Context, org string, x Extension) (n int, err error) {
	err = eachObject(ctx, d.Store, org, x.Target, func(o Object) error {
		if x.holds(o) {
			n++
		}
		return nil
	})
	return n, err
}

// RemoveExtension takes a declared directory extension away, with its values and their entries in the feed, and returns how many objects had one. Without
// consent nothing is done where there are values: then the error is fault.ErrConflict.
func (w *Writer) RemoveExtension(ctx context.Context, name string, consent bool) (changed int, err error) {
	had, err := w.LockDefinitions(ctx, w.org)
	if err != nil {
		return 0, err
	}
	x, err := FindExtension(had, name)
	if err != nil {
		return 0, err
	}
	err = w.each(ctx, x.Target, func(o Object) error {
		if !x.holds(o) {
			return nil
		}
		if changed++; !consent {
			return fault.Errorf(fault.ErrConflict, "nothing was removed: by now, %s hold values of %s", o.Name(), x.Name)
		}
		return w.stripValue(ctx, o, x)
	})
	if err != nil {
		return changed, err
	}
	urn := ownURN(x.Target)
	left := slices.DeleteFunc(slices.Clone(schemaOf(had, urn).Attributes), func(a *scim.Attribute) bool { return a.Name == x.Name })
	if len(left) == 0 {
		_, err := w.Unregister(ctx, urn, true)
		return changed, err
	}
	next := scim.Definitions{Schemas: slices.Clone(had.Schemas), Types: had.Types}
	for i, s := range next.Schemas {
		if s.ID == urn {
			next.Schemas[i] = ownSchema(urn, left)
		}
	}
	return changed, w.define(ctx, &next)
}

// stripValue takes the value of the extension from one object.
func (w *Writer) stripValue(ctx context.Context, o Object, x Extension) error {
	old, err := w.Touch(ctx, w.org, o.Type, o.ID)
	if err != nil {
		return err
	}
	next := old
	next.Attributes = old.Attributes.Clone()
	urn := ownURN(x.Target)
	values, _ := next.Attributes[urn].(map[string]any)
	if delete(values, x.Name); len(values) == 0 {
		delete(next.Attributes, urn)
	}
	if _, err := w.save(ctx, next); err != nil {
		return fmt.Errorf("change %s %q: %w", next.Type, next.Name(), err)
	}
	return w.Append(ctx, Change{Kind: Updated, Type: next.Type, ID: next.ID, Paths: scim.ChangedPaths(old.Attributes, next.Attributes)})
}

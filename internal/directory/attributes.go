package directory

import (
	"maps"
	"slices"
	"sync"

	"github.com/rollcall-id/rollcall/expression"
	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/scim"
)

// Attributes are what the objects of one type can have in an organization, under all their names: the words of the vocabulary, SCIM paths, and the
// attributes of the extensions that the organization registered. They are immutable.
type Attributes struct {
	typ    string
	rt     *scim.ResourceType // nil: there is no such type
	names  []Name
	places places
}

// The attributes of organizations that registered nothing are made once.
var (
	userAttributes  = sync.OnceValue(func() *Attributes { return attributesOf(Registry(), User, Vocabulary()) })
	groupAttributes = sync.OnceValue(func() *Attributes { return attributesOf(Registry(), Group, GroupVocabulary()) })
)

func attributesOf(types *scim.Registry, typ string, names []Name) *Attributes {
	return &Attributes{typ: typ, rt: types.Type(typ), names: names, places: placesOf(names)}
}

// StandardAttributes are those of an organization that registered nothing.
func StandardAttributes(typ string) *Attributes {
	switch typ {
	case User:
		return userAttributes()
	case Group:
		return groupAttributes()
	}
	return &Attributes{typ: typ}
}

// AttributesOf are those of an organization with the types, as directory.Types tells them.
func AttributesOf(types *scim.Registry, typ string) *Attributes {
	standard := StandardAttributes(typ)
	if types == Registry() || !Standard(typ) {
		return standard
	}
	a := &Attributes{typ: typ, rt: types.Type(typ), names: slices.Clip(standard.names), places: maps.Clone(standard.places)}
	for _, e := range a.rt.Extensions {
		if Registry().Schema(e.Schema.ID) == nil {
			a.extend(e.Schema)
		}
	}
	return a
}

// extend adds what a registered extension holds.
func (a *Attributes) extend(s *scim.Schema) {
	for _, attribute := range s.Attributes {
		for _, n := range namesOf(s.ID, attribute) {
			a.names = append(a.names, n)
			a.places.add(placeOf(n), n.Entra)
			if n.Path != s.ID+":"+attribute.Name {
				continue // a part of a complex attribute
			}
			n.Of = n.Entra
			if n.Entra = attribute.Name; s.ID != ownURN(a.typ) {
				n.Entra = derivedExtension(s.ID, attribute.Name)
			}
			a.names = append(a.names, n)
			a.places.add(placeOf(n), n.Entra)
		}
	}
}

// namesOf are the names of one attribute of a registered schema: of a complex one those of its parts, of which value stands for the whole.
func namesOf(urn string, a *scim.Attribute) []Name {
	path := urn + ":" + a.Name
	whole := Name{Entra: path, Path: path, Type: a.Type, MultiValued: a.MultiValued, Doc: a.Description}
	switch {
	case secret(a):
		return nil
	case a.Type != scim.TypeComplex:
		return []Name{whole}
	}
	var names []Name
	if value := a.Sub("value"); value != nil && !secret(value) {
		whole.Type = value.Type
		names = append(names, whole)
	}
	for _, sub := range a.SubAttributes {
		if !a.MultiValued && !secret(sub) {
			names = append(names, Name{
				Entra: path + "." + sub.Name, Path: path + "." + sub.Name, Type: sub.Type, MultiValued: sub.MultiValued, Doc: sub.Description,
			})
		}
	}
	return names
}

// ResourceType is the type that the objects have, nil when there is none.
func (a *Attributes) ResourceType() *scim.ResourceType { return a.rt }

// Names returns what the attributes are called, the vocabulary first.
func (a *Attributes) Names() []Name { return slices.Clone(a.names) }

// Words returns the names alone, for who looks for the nearest one.
func (a *Attributes) Words() []string {
	words := make([]string, len(a.names))
	for i, n := range a.names {
		words[i] = n.Entra
	}
	return words
}

// Find returns what a name means, in any letter case; false for SCIM paths that have no word of their own, and for what is not known.
func (a *Attributes) Find(name string) (Name, bool) {
	if p := a.places.find(name); p != nil {
		return p.name, true
	}
	return Name{}, false
}

// Read reads an attribute of an object by its name or SCIM path, in any letter case. The value is a string, bool, int64, float64, []any or map[string]any;
// nil when the attribute is absent. known is false for what objects of the type cannot have, for secrets, and for SCIM paths that only the endpoint fills in.
func (a *Attributes) Read(o Object, name string) (value any, known bool) {
	if p := a.places.find(name); p != nil {
		return p.read(o), true
	}
	if a.rt == nil {
		return nil, false
	}
	path, err := a.rt.ParsePath(name)
	if err != nil || secret(path.Attribute) || secret(path.Sub) || a.elsewhere(path) {
		return nil, false
	}
	if p := a.places.find(path.String()); p != nil {
		return p.read(o), true
	}
	value, _ = scim.Lookup(o.Attributes, path)
	return value, true
}

// elsewhere reports whether objects never hold a value of the path: the groups of a user, the members of a group, the manager's name and address, and meta
// are kept as rows, columns and other objects, and the SCIM endpoint puts them into its answers. (The word members is known; see GroupVocabulary.)
func (a *Attributes) elsewhere(p *scim.Path) bool {
	if p.Attribute == nil {
		return false
	}
	switch {
	case a.typ == User && p.URN == scim.URNEnterpriseUser && p.Attribute.Name == "manager":
		return p.Sub != nil && p.Sub.Name != "value"
	case p.URN == "" && (p.Attribute.Name == "meta" || p.Attribute.Name == "schemas"):
		return true
	case a.typ == User && p.Attribute.Name == "groups", a.typ == Group && p.Attribute.Name == "members":
		return p.URN == "" || p.URN == a.rt.Schema.ID
	}
	return false
}

// Path returns the SCIM path that a name or a SCIM path means. The error names the nearest known name.
func (a *Attributes) Path(name string) (*scim.Path, error) {
	if a.rt == nil {
		return nil, fault.Errorf(fault.ErrInvalid, "there is no object type %q: expected %s or %s", a.typ, User, Group)
	}
	text := name
	if p := a.places.find(name); p != nil {
		if text = p.name.Path; text == "" {
			return nil, fault.Errorf(fault.ErrInvalid, "%s has no place in the directory, which works it out by itself: it can be read, and not set", p.name.Entra)
		}
	}
	path, err := a.rt.ParsePath(text)
	if err != nil {
		if near := a.Nearest(name); near != "" {
			return nil, fault.Errorf(fault.ErrInvalid, "unknown attribute %q: did you mean %s?", name, near)
		}
		return nil, fault.Errorf(fault.ErrInvalid, "unknown attribute %q: expected a name such as %s, or a SCIM path (%v)", name, "jobTitle", err)
	}
	return path, nil
}

// Nearest returns the name that a person who wrote name most likely meant, "" when none is close.
func (a *Attributes) Nearest(name string) string { return expression.Nearest(name, a.Words()) }

// Attribute is Read for an organization that registered nothing.
func Attribute(o Object, name string) (value any, known bool) {
	return StandardAttributes(o.Type).Read(o, name)
}

// PathOf is Path for an organization that registered nothing.
func PathOf(typ, name string) (*scim.Path, error) { return StandardAttributes(typ).Path(name) }

// NearestName is Nearest for an organization that registered nothing.
func NearestName(typ, name string) string { return StandardAttributes(typ).Nearest(name) }

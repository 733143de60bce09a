package scim

import (
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
)

// maxAttributes bounds a schema that an administrator may bring.
const maxAttributes = 1000

// ParseSchema reads a schema document (RFC 7643 section 7), checks it and fills in the RFC's defaults. Unknown members are an error, because a
// misspelt characteristic would silently become its default.
func ParseSchema(doc []byte) (*Schema, error) {
	var s Schema
	if err := json.Unmarshal(doc, &s, json.RejectUnknownMembers(true)); err != nil {
		return nil, bad(InvalidSyntax, "the schema document cannot be read: %v", err)
	}
	return prepareSchema(&s)
}

// prepareType returns a checked and indexed copy.
func prepareType(t *ResourceType) (*ResourceType, error) {
	if t.Schema == nil || t.Name == "" || strings.Trim(t.Endpoint, "/") == "" {
		return nil, bad(InvalidValue, "the resource type %q must have a name, an endpoint such as /Users, and a schema", t.Name)
	}
	rt := *t
	var err error
	if rt.Schema, err = prepareSchema(t.Schema); err != nil {
		return nil, err
	}
	rt.Extensions = make([]Extension, len(t.Extensions))
	seen := []string{strings.ToLower(rt.Schema.ID)}
	for i, e := range t.Extensions {
		if e.Schema == nil {
			return nil, bad(InvalidValue, "extension %d of the resource type %q has no schema", i+1, t.Name)
		}
		if slices.Contains(seen, strings.ToLower(e.Schema.ID)) {
			return nil, bad(InvalidValue, "the resource type %q has the schema %s twice", t.Name, e.Schema.ID)
		}
		seen = append(seen, strings.ToLower(e.Schema.ID))
		if rt.Extensions[i].Schema, err = prepareSchema(e.Schema); err != nil {
			return nil, err
		}
		rt.Extensions[i].Required = e.Required
	}
	for _, name := range rt.KeepOnPut {
		if rt.Schema.Attribute(name) == nil {
			return nil, bad(InvalidValue, "KeepOnPut of the resource type %q names %q, which its schema does not define", t.Name, name)
		}
	}
	rt.urns = knownURNs(&rt)
	rt.unique = uniqueLeaves(&rt)
	return &rt, nil
}

func prepareSchema(s *Schema) (*Schema, error) {
	if s.index != nil {
		return s, nil // already checked, and immutable since
	}
	if err := checkURN(s.ID); err != nil {
		return nil, err
	}
	out := *s
	var err error
	out.Attributes, out.index, err = prepareAttributes(s.ID, s.Attributes, nil)
	return &out, err
}

func checkURN(id string) error {
	rest, ok := strings.CutPrefix(strings.ToLower(id), "urn:")
	nid, nss, ok2 := strings.Cut(rest, ":")
	if !ok || !ok2 || nid == "" || nss == "" || strings.ContainsAny(id, " \t\"[]()") {
		return bad(InvalidValue, "%q is not a schema id: expected a URN such as urn:example:scim:schemas:extension:2.0:User", id)
	}
	return nil
}

// prepareAttributes returns checked copies and their index by exact and by lower-case name.
func prepareAttributes(urn string, list []*Attribute, parent *Attribute) ([]*Attribute, map[string]*Attribute, error) {
	if len(list) == 0 || len(list) > maxAttributes {
		return nil, nil, bad(InvalidValue, "the schema %s has %d attributes in one place; between 1 and %d are allowed", urn, len(list), maxAttributes)
	}
	out := make([]*Attribute, 0, len(list))
	index := make(map[string]*Attribute, 2*len(list))
	for i, a := range list {
		if a == nil {
			return nil, nil, bad(InvalidValue, "attribute %d%s of the schema %s is null", i+1, within(parent), urn)
		}
		prepared, err := prepareAttribute(urn, a, parent)
		if err != nil {
			return nil, nil, err
		}
		lower := strings.ToLower(a.Name)
		if index[lower] != nil {
			return nil, nil, bad(InvalidValue, "the schema %s defines the attribute %q twice; names must differ in more than letter case", urn, a.Name)
		}
		index[lower], index[a.Name] = prepared, prepared
		out = append(out, prepared)
	}
	return out, index, nil
}

func prepareAttribute(urn string, a *Attribute, parent *Attribute) (*Attribute, error) {
	out := *a
	fillDefaults(&out)
	if problem := attributeProblem(&out, parent); problem != "" {
		return nil, bad(InvalidValue, "the attribute %q%s of the schema %s %s", a.Name, within(parent), urn, problem)
	}
	if out.Type != TypeComplex {
		return &out, nil
	}
	var err error
	out.SubAttributes, out.index, err = prepareAttributes(urn, a.SubAttributes, &out)
	return &out, err
}

// within says of which attribute a sub-attribute is a part.
func within(parent *Attribute) string {
	if parent == nil {
		return ""
	}
	return " in " + strconv.Quote(parent.Name)
}

// fillDefaults applies RFC 7643 section 2.2.
func fillDefaults(a *Attribute) {
	if a.Type == "" {
		a.Type = TypeString
	}
	if a.Mutability == "" {
		a.Mutability = ReadWrite
	}
	if a.Returned == "" {
		a.Returned = ReturnedDefault
		if a.Mutability == WriteOnly {
			a.Returned = ReturnedNever
		}
	}
	if a.Uniqueness == "" {
		a.Uniqueness = UniquenessNone
	}
	if a.Type == TypeBinary || a.Type == TypeReference {
		a.CaseExact = true
	}
}

func attributeProblem(a *Attribute, parent *Attribute) string {
	switch {
	case !validName(a.Name):
		return "has a name that is not allowed: it must start with a letter or $ and go on with letters, digits, $, - and _"
	case !slices.Contains([]Type{TypeString, TypeBoolean, TypeDecimal, TypeInteger, TypeDateTime, TypeBinary, TypeReference, TypeComplex}, a.Type):
		return "has the unknown type " + string(a.Type)
	case !slices.Contains([]Access{ReadOnly, ReadWrite, Immutable, WriteOnly}, a.Mutability):
		return "has the unknown mutability " + string(a.Mutability)
	case !slices.Contains([]Returned{ReturnedAlways, ReturnedDefault, ReturnedRequest, ReturnedNever}, a.Returned):
		return "has the unknown value " + string(a.Returned) + " of returned"
	case !slices.Contains([]string{UniquenessNone, UniquenessServer, UniquenessGlobal}, a.Uniqueness):
		return "has the unknown uniqueness " + a.Uniqueness
	case a.Mutability == WriteOnly && a.Returned != ReturnedNever:
		return "is writeOnly and must therefore have returned = never"
	case a.Mutability == ReadOnly && a.Returned == ReturnedNever:
		return "is readOnly and never returned, so nobody could use it"
	case a.Type == TypeComplex && parent != nil && parent.Name != "attributes":
		return "is complex inside a complex attribute, which RFC 7643 section 2.3.8 forbids"
	case a.Type == TypeComplex && len(a.SubAttributes) == 0:
		return "is complex and has no sub-attributes"
	case a.Type != TypeComplex && len(a.SubAttributes) > 0:
		return "has sub-attributes but is not complex"
	}
	return ""
}

func validName(name string) bool {
	for i, c := range []byte(name) {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && c != '$' && (i == 0 || c != '-' && c != '_' && (c < '0' || c > '9')) {
			return false
		}
	}
	return name != ""
}

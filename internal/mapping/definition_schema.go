package mapping

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/rollcall-id/rollcall/scim"
)

// The limits of what is listed of one schema. maxTyped bounds how many of the values that the type of an element may have are listed, each with all
// sub-attributes.
const (
	maxTyped   = 20
	maxRemarks = 100
)

// attributeName is a name as RFC 7643 section 2.1 allows it.
var attributeName = regexp.MustCompile(`^[A-Za-z$][A-Za-z0-9_$-]{0,127}$`)

// FromSchema turns the attributes of a schema into definitions, as Entra names them: name.givenName, emails[type eq "work"].value for each type that the
// schema suggests, roles[primary eq "True"].value where it suggests none, manager for what points to another object. urn is that of an extension, and
// empty for the object type's own schema. Remarks name what cannot be a target attribute, with the reason.
func FromSchema(urn string, attributes []*scim.Attribute) (list []Definition, remarks []string) {
	s := schemaReader{}
	if urn != "" {
		s.prefix = urn + ":"
	}
	for _, a := range attributes {
		s.attribute(a)
	}
	if s.left > 0 {
		s.remarks = append(s.remarks, fmt.Sprintf("%s%d more: the list holds at most %d attributes", s.prefix, s.left, MaxDefinitions))
	}
	return s.list, s.remarks
}

type schemaReader struct {
	prefix  string
	list    []Definition
	remarks []string
	left    int // attributes that found no place
}

func (s *schemaReader) skip(name, why string) {
	if len(s.remarks) < maxRemarks {
		s.remarks = append(s.remarks, s.prefix+name+": "+why)
	}
}

func (s *schemaReader) attribute(a *scim.Attribute) {
	name := strings.ToLower(a.Name)
	switch {
	case len(s.list) == MaxDefinitions: // a schema of some megabytes could describe millions of elements
		s.left++
	case !attributeName.MatchString(a.Name):
		s.skip(shortName(a.Name), "this is no name of an attribute, so it is left out")
	case s.prefix == "" && (name == "schemas" || name == "meta"):
	case s.prefix == "" && name == "id":
		s.put(ID())
	case a.Type != scim.TypeComplex:
		s.add(a.Name, a, a, a.MultiValued)
	case pointsToObject(a):
		s.reference(a)
	case len(a.SubAttributes) == 0:
		s.skip(a.Name, "it is complex, and the schema does not say of what it consists, so it is left out; add what you need by hand")
	case a.MultiValued:
		s.elements(a)
	default:
		for _, sub := range s.parts(a) {
			s.add(a.Name+"."+sub.Name, a, sub, sub.MultiValued)
		}
	}
}

// ID is the definition of the id that the target gives an object.
func ID() Definition {
	return Definition{
		Name: "id", Type: String, PrimaryKey: true, CaseExact: true, ReadOnly: true,
		Doc: "The identifier that the application gave the object. It never changes.",
	}
}

// add lists a simple value; parent is the attribute that holds it, or the attribute itself.
func (s *schemaReader) add(name string, parent, a *scim.Attribute, many bool) {
	d := Definition{
		Name: s.prefix + name, Type: typeOf(a.Type), MultiValued: many, Required: parent.Required && a.Required, CaseExact: a.CaseExact,
		ReadOnly: readOnly(parent) || readOnly(a), Doc: shortDoc(a.Description),
	}
	if d.Type != String { // letter case is a matter of text
		d.CaseExact = false
	}
	s.put(d)
}

// put adds to the list as far as it goes.
func (s *schemaReader) put(d Definition) {
	if len(s.list) == MaxDefinitions {
		s.left++
	} else {
		s.list = append(s.list, d)
	}
}

func readOnly(a *scim.Attribute) bool {
	return strings.EqualFold(string(a.Mutability), string(scim.ReadOnly))
}

// typeOf is the type of what is written. A SCIM reference is a URI, and so a text; what points to another object is found by pointsToObject.
func typeOf(t scim.Type) Type {
	switch t {
	case scim.TypeBoolean:
		return Boolean
	case scim.TypeInteger:
		return Integer
	case scim.TypeDateTime:
		return DateTime
	case scim.TypeBinary:
		return Binary
	}
	return String
}

func shortDoc(text string) string {
	text = strings.Join(strings.Fields(strings.ToValidUTF8(text, "")), " ")
	if len(text) <= maxDoc {
		return text
	}
	cut := maxDoc - len("…")
	for !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut] + "…"
}

// pointsToObject reports an attribute such as manager or members: its value is the id of another object. The schema says so by a $ref to a User or
// Group; of the two that the RFC has, it is known also where the schema says little.
func pointsToObject(a *scim.Attribute) bool {
	if strings.EqualFold(a.Name, "manager") || strings.EqualFold(a.Name, "members") {
		return len(a.SubAttributes) == 0 || a.Sub("value") != nil
	}
	return a.Sub("value") != nil && len(referenced(a)) > 0
}

// referenced lists the object types of ours that the attribute may point to.
func referenced(a *scim.Attribute) []string {
	ref := a.Sub("$ref")
	if ref == nil {
		return nil
	}
	var types []string
	for _, typ := range []string{user, group} {
		if slices.ContainsFunc(ref.ReferenceTypes, func(t string) bool { return strings.EqualFold(t, typ) }) {
			types = append(types, typ)
		}
	}
	return types
}

func (s *schemaReader) reference(a *scim.Attribute) {
	if customSchema(s.prefix) {
		s.skip(a.Name, "it points to another object, which attributes of a custom schema cannot, so it is left out")
		return
	}
	d := Definition{Name: s.prefix + a.Name, Type: Reference, MultiValued: a.MultiValued, Required: a.Required, ReadOnly: readOnly(a), Doc: shortDoc(a.Description)}
	switch types := referenced(a); {
	case len(types) == 1:
		d.Reference = types[0]
	case len(types) == 0 && strings.EqualFold(a.Name, "manager"):
		d.Reference = user
	}
	s.put(d)
}

// parts are the sub-attributes that hold a value.
func (s *schemaReader) parts(a *scim.Attribute) []*scim.Attribute {
	var parts []*scim.Attribute
	for _, sub := range a.SubAttributes {
		switch {
		case sub.Name == "$ref":
		case !attributeName.MatchString(sub.Name):
			s.skip(a.Name+"."+shortName(sub.Name), "this is no name of an attribute, so it is left out")
		case sub.Type == scim.TypeComplex:
			s.skip(a.Name+"."+sub.Name, "it is complex inside of a complex attribute, which SCIM does not have, so it is left out")
		default:
			parts = append(parts, sub)
		}
	}
	return parts
}

// elements lists a multi-valued complex attribute: its elements by their type, or where types are not known the list as a whole and its primary element.
func (s *schemaReader) elements(a *scim.Attribute) {
	value := a.Sub("value")
	types := elementTypes(a)
	parts := slices.DeleteFunc(s.parts(a), func(sub *scim.Attribute) bool {
		return slices.ContainsFunc([]string{"type", "primary", "display"}, func(name string) bool { return strings.EqualFold(sub.Name, name) })
	})
	switch {
	case len(types) > 0:
		for _, typ := range types {
			for _, sub := range parts {
				s.add(fmt.Sprintf("%s[type eq %s].%s", a.Name, typ, sub.Name), a, sub, sub.MultiValued)
			}
		}
		return
	case value != nil && value.Type != scim.TypeComplex:
		s.add(a.Name, a, value, true)
	case len(parts) == 0:
		s.skip(a.Name, "the schema does not say how to tell its elements apart, so it is left out; add what you need by hand")
		return
	}
	if a.Sub("primary") == nil {
		return
	}
	for _, sub := range s.parts(a) {
		if !strings.EqualFold(sub.Name, "primary") {
			s.add(fmt.Sprintf(`%s[primary eq "True"].%s`, a.Name, sub.Name), a, sub, sub.MultiValued)
		}
	}
}

// elementTypes are the types of elements that the schema suggests, as texts in quotes.
func elementTypes(a *scim.Attribute) []string {
	typ := a.Sub("type")
	if typ == nil {
		return nil
	}
	var types []string
	seen := map[string]bool{}
	for _, v := range typ.CanonicalValues {
		quoted, err := json.Marshal(v)
		key := strings.ToLower(v)
		if err != nil || v == "" || seen[key] || len(v) > 64 || len(types) == maxTyped {
			continue
		}
		seen[key] = true
		types = append(types, string(quoted))
	}
	return types
}

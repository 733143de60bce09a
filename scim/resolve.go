package scim

import (
	"slices"
	"strconv"
	"strings"
)

// urnEntry is a URN by which a schema of the type can be named.
type urnEntry struct {
	urn    string
	schema *Schema
	legacy bool // an old URN that stands for the schema (N11)
}

// knownURNs lists the URNs of the type's schemas, longest first, so that the first that fits is the longest match.
func knownURNs(rt *ResourceType) []urnEntry {
	list := []urnEntry{{urn: rt.Schema.ID, schema: rt.Schema}}
	for _, e := range rt.Extensions {
		list = append(list, urnEntry{urn: e.Schema.ID, schema: e.Schema})
	}
	list = append(list, legacyURNs(rt)...)
	slices.SortStableFunc(list, func(a, b urnEntry) int { return len(b.urn) - len(a.urn) })
	return list
}

// legacyURNs returns the URNs from before RFC 7643 that OneLogin and others still send (N11).
func legacyURNs(rt *ResourceType) []urnEntry {
	list := []urnEntry{
		{urn: "urn:scim:schemas:core:1.0", schema: rt.Schema, legacy: true},
		{urn: "urn:scim:schemas:core:2.0", schema: rt.Schema, legacy: true},
	}
	for _, e := range rt.Extensions {
		if e.Schema.ID == URNEnterpriseUser {
			list = append(list,
				urnEntry{urn: "urn:scim:schemas:extension:enterprise:1.0", schema: e.Schema, legacy: true},
				urnEntry{urn: "urn:scim:schemas:extension:enterprise:2.0", schema: e.Schema, legacy: true})
		}
	}
	return list
}

// bySchemaURN returns the schema that the URN names as a whole.
func (rt *ResourceType) bySchemaURN(urn string) (urnEntry, bool) {
	for _, e := range rt.urns {
		if len(e.urn) == len(urn) && strings.EqualFold(e.urn, urn) {
			return e, true
		}
	}
	return urnEntry{}, false
}

// splitURN finds the schema whose URN text starts with, by longest match: URNs hold dots and colons, so no separator could be trusted. rest is what
// follows the colon behind the URN, "" when text is the URN alone. Without a colon in text there is no URN and the schema is nil.
func (rt *ResourceType) splitURN(text string) (schema *Schema, rest string, known bool) {
	if strings.IndexByte(text, ':') < 0 {
		return nil, text, true
	}
	for _, e := range rt.urns {
		n := len(e.urn)
		if len(text) < n || !strings.EqualFold(text[:n], e.urn) {
			continue
		}
		if len(text) == n {
			return e.schema, "", true
		}
		if text[n] == ':' {
			return e.schema, text[n+1:], true
		}
	}
	return nil, text, false
}

// extensionURN is the key under which attributes of the schema stand in a resource: "" for the type's own schema.
func (rt *ResourceType) extensionURN(s *Schema) string {
	if s == nil || s == rt.Schema {
		return ""
	}
	return s.ID
}

// target is a resolved attribute path.
type target struct {
	urn       string // extension URN or ""
	attribute *Attribute
	sub       *Attribute
}

// unresolved says why a path names nothing; the caller chooses the scimType.
type unresolved struct{ detail string }

// resolve finds the attribute that text names. A bare extension URN gives a target without attribute. A name that the type's own schema does not
// define is looked for in its extensions: Entra's documentation writes `manager` for the enterprise attribute, and no valid request means
// anything else by it.
func (rt *ResourceType) resolve(text string) (target, *unresolved) {
	schema, rest, known := rt.splitURN(text)
	if !known {
		return target{}, &unresolved{"no schema of " + rt.Name + " has a URN that " + quote(text) + " starts with; known are " + rt.urnList()}
	}
	if rest == "" {
		return target{urn: rt.extensionURN(schema)}, nil
	}
	name, sub, _ := strings.Cut(rest, ".")
	t := target{}
	switch schema {
	case nil, rt.Schema:
		t.attribute, t.urn = rt.attribute(name, schema == nil)
	default:
		t.attribute, t.urn = schema.Attribute(name), schema.ID
	}
	if t.attribute == nil {
		return target{}, &unresolved{rt.Name + " has no attribute " + quote(rest) + rt.suggest(name)}
	}
	if sub != "" {
		if t.sub = t.attribute.Sub(sub); t.sub == nil {
			return target{}, &unresolved{"the attribute " + t.attribute.Name + " has no sub-attribute " + quote(sub) + subList(t.attribute)}
		}
	}
	return t, nil
}

// attribute looks a bare name up: common attributes, the type's schema, then (if allowed) the extensions.
func (rt *ResourceType) attribute(name string, extensions bool) (*Attribute, string) {
	if a := rt.Schema.Attribute(name); a != nil {
		return a, ""
	}
	if a := common().Attribute(name); a != nil {
		return a, ""
	}
	if extensions {
		for _, e := range rt.Extensions {
			if a := e.Schema.Attribute(name); a != nil {
				return a, e.Schema.ID
			}
		}
	}
	return nil, ""
}

func (rt *ResourceType) urnList() string {
	list := []string{rt.Schema.ID}
	for _, e := range rt.Extensions {
		list = append(list, e.Schema.ID)
	}
	return strings.Join(list, ", ")
}

// suggest names the attribute that was probably meant: `email` for emails is the mistake that is seen in the wild.
func (rt *ResourceType) suggest(name string) string {
	lower := strings.ToLower(name)
	for _, a := range rt.Schema.Attributes {
		known := strings.ToLower(a.Name)
		if known == lower+"s" || known+"s" == lower {
			if a.MultiValued && a.Sub("value") != nil {
				return "; did you mean " + a.Name + ".value?"
			}
			return "; did you mean " + a.Name + "?"
		}
		if s := a.Sub(name); s != nil && a.Type == TypeComplex && !a.MultiValued {
			return "; did you mean " + a.Name + "." + s.Name + "?"
		}
	}
	return ""
}

func subList(a *Attribute) string {
	if len(a.SubAttributes) == 0 {
		return "; it has none"
	}
	names := make([]string, len(a.SubAttributes))
	for i, s := range a.SubAttributes {
		names[i] = s.Name
	}
	return "; it has " + strings.Join(names, ", ")
}

// quote shortens what a client sent to what fits into a message.
func quote(s string) string {
	const most = 80
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return strconv.Quote(s) // quotes inside are escaped, so that who masks what is quoted finds its end
}

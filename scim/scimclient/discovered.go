package scimclient

import (
	"strings"

	"github.com/rollcall-id/rollcall/scim"
)

// Limits of what is believed of a service's description of itself.
const (
	maxTypes      = 100
	maxSchemas    = 100
	maxAttributes = 1000 // of one schema or complex attribute
	maxChoices    = 100  // canonical values and reference types of one attribute
)

// members returns the objects of a list, whether it came as ListResponse or as the only object itself.
func members(m map[string]any, limit int) []map[string]any {
	list := elements(field(m, "Resources"))
	if list == nil {
		list = []any{m}
	}
	var out []map[string]any
	for _, v := range list[:min(len(list), limit)] {
		if o, ok := v.(map[string]any); ok {
			out = append(out, o)
		}
	}
	return out
}

func readTypes(m map[string]any, d *Discovery) {
	for _, o := range members(m, maxTypes) {
		t := ResourceType{Name: text(field(o, "name")), Endpoint: text(field(o, "endpoint")), Schema: text(field(o, "schema"))}
		if t.Name == "" {
			t.Name = text(field(o, "id"))
		}
		for _, e := range elements(field(o, "schemaExtensions")) {
			if ext, ok := e.(map[string]any); ok {
				e = field(ext, "schema")
			}
			if urn := text(e); urn != "" {
				t.Extensions = append(t.Extensions, urn)
			}
		}
		if t.Name != "" {
			d.Types = append(d.Types, t)
		}
	}
}

func readSchemas(m map[string]any, d *Discovery) {
	for _, o := range members(m, maxSchemas) {
		s := &scim.Schema{ID: text(field(o, "id")), Name: text(field(o, "name")), Description: text(field(o, "description"))}
		if s.ID == "" {
			continue
		}
		s.Attributes = readAttributes(field(o, "attributes"), 2)
		d.Schemas = append(d.Schemas, s)
	}
}

// readAttributes reads attribute definitions, filling in the defaults of RFC 7643 section 2.2 for what is left out. depth is how many levels SCIM
// allows from here.
func readAttributes(v any, depth int) []*scim.Attribute {
	list := elements(v)
	if depth == 0 {
		return nil
	}
	var out []*scim.Attribute
	for _, e := range list[:min(len(list), maxAttributes)] {
		o, ok := e.(map[string]any)
		name := text(field(o, "name"))
		if !ok || name == "" {
			continue
		}
		a := &scim.Attribute{Name: name, Type: attributeType(text(field(o, "type"))), Description: text(field(o, "description")),
			Mutability: scim.Access(text(field(o, "mutability"))), Returned: scim.Returned(text(field(o, "returned"))), Uniqueness: text(field(o, "uniqueness"))}
		a.MultiValued, _ = truth(field(o, "multiValued"))
		a.Required, _ = truth(field(o, "required"))
		a.CaseExact, _ = truth(field(o, "caseExact"))
		a.CanonicalValues, a.ReferenceTypes = choices(field(o, "canonicalValues")), choices(field(o, "referenceTypes"))
		a.SubAttributes = readAttributes(field(o, "subAttributes"), depth-1)
		out = append(out, a)
	}
	return out
}

// choices reads a list of texts.
func choices(v any) []string {
	list := elements(v)
	var out []string
	for _, e := range list[:min(len(list), maxChoices)] {
		if t := text(e); t != "" {
			out = append(out, t)
		}
	}
	return out
}

func attributeType(name string) scim.Type {
	for _, t := range []scim.Type{scim.TypeString, scim.TypeBoolean, scim.TypeDecimal, scim.TypeInteger, scim.TypeDateTime, scim.TypeBinary,
		scim.TypeReference, scim.TypeComplex} {
		if strings.EqualFold(string(t), name) {
			return t
		}
	}
	return scim.TypeString
}

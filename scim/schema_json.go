package scim

// Resource returns the schema as it is published at /Schemas, without meta. Every characteristic is written out and nothing is null: Entra's reader
// rejects a schema that leaves something away.
func (s *Schema) Resource() Resource {
	return Resource{
		"schemas":     []any{URNSchema},
		"id":          s.ID,
		"name":        s.Name,
		"description": s.Description,
		"attributes":  attributesJSON(s.Attributes),
	}
}

func attributesJSON(list []*Attribute) []any {
	out := make([]any, len(list))
	for i, a := range list {
		m := map[string]any{
			"name":        a.Name,
			"type":        string(a.Type),
			"multiValued": a.MultiValued,
			"description": a.Description,
			"required":    a.Required,
			"caseExact":   a.CaseExact,
			"mutability":  string(a.Mutability),
			"returned":    string(a.Returned),
			"uniqueness":  a.Uniqueness,
		}
		if len(a.CanonicalValues) > 0 {
			m["canonicalValues"] = stringsJSON(a.CanonicalValues)
		}
		if len(a.ReferenceTypes) > 0 {
			m["referenceTypes"] = stringsJSON(a.ReferenceTypes)
		}
		if len(a.SubAttributes) > 0 {
			m["subAttributes"] = attributesJSON(a.SubAttributes)
		}
		out[i] = m
	}
	return out
}

func stringsJSON(list []string) []any {
	out := make([]any, len(list))
	for i, s := range list {
		out[i] = s
	}
	return out
}

// Resource returns the resource type as it is published at /ResourceTypes, without meta.
func (rt *ResourceType) Resource() Resource {
	r := Resource{
		"schemas":     []any{URNResourceType},
		"id":          rt.Name,
		"name":        rt.Name,
		"description": rt.Description,
		"endpoint":    rt.Endpoint,
		"schema":      rt.Schema.ID,
	}
	if len(rt.Extensions) > 0 {
		list := make([]any, len(rt.Extensions))
		for i, e := range rt.Extensions {
			list[i] = map[string]any{"schema": e.Schema.ID, "required": e.Required}
		}
		r["schemaExtensions"] = list
	}
	return r
}

package scim

// SearchDocument returns the copy of a resource that a store searches, so that comparing it bytewise gives the answers of Filter.Match:
//
//   - a string of an attribute that is not caseExact is folded (Fold), as the Text of a Compare literal is;
//   - a dateTime is int64 microseconds since 1970 UTC, as the Int of a LiteralTime;
//   - binary values, references and caseExact strings, booleans and numbers are as they are.
//
// Names are in schema spelling, extensions stand under their URN, and schemas is computed, so a Compare or Present node leads to its value by
// [AttrRef.URN,] AttrRef.Name and AttrRef.Sub; multi-valued attributes are arrays. Attributes that are never returned (password), values of a wrong
// type, empty strings and unknown names are left out.
func (rt *ResourceType) SearchDocument(r Resource) map[string]any {
	doc := make(map[string]any, len(r)+1)
	searchObject(doc, common().Attributes, r)
	searchObject(doc, rt.Schema.Attributes, r)
	for _, e := range rt.Extensions {
		source, ok := asMap(r[e.Schema.ID])
		if !ok {
			continue
		}
		object := make(map[string]any, len(source))
		searchObject(object, e.Schema.Attributes, source)
		if len(object) > 0 {
			doc[e.Schema.ID] = object
		}
	}
	doc["schemas"] = stringsJSON(rt.SchemaURNs(r))
	return doc
}

func searchObject(dst map[string]any, attributes []*Attribute, src map[string]any) {
	for _, a := range attributes {
		v, ok := src[a.Name]
		if !ok || a.Returned == ReturnedNever {
			continue
		}
		if v = searchValue(a, v); v != nil {
			dst[a.Name] = v
		}
	}
}

// searchValue returns nil for what no filter could find.
func searchValue(a *Attribute, v any) any {
	if list, ok := v.([]any); ok {
		out := make([]any, 0, len(list))
		for _, e := range list {
			if e = searchValue(a, e); e != nil {
				out = append(out, e)
			}
		}
		if len(out) == 0 {
			return nil
		}
		return out
	}
	switch a.Type {
	case TypeComplex:
		m, ok := asMap(v)
		if !ok {
			return nil
		}
		object := make(map[string]any, len(m))
		searchObject(object, a.SubAttributes, m)
		if len(object) == 0 {
			return nil
		}
		return object
	case TypeBoolean:
		if _, ok := v.(bool); !ok {
			return nil
		}
		return v
	case TypeInteger, TypeDecimal:
		switch v.(type) {
		case int64, float64:
			return v
		}
		return nil
	}
	s, ok := v.(string)
	if !ok || s == "" {
		return nil
	}
	if a.Type == TypeDateTime {
		t, err := ParseTime(s)
		if err != nil {
			return nil
		}
		return t.UnixMicro()
	}
	if a.Folds() {
		return Fold(s)
	}
	return s
}

// SchemaURNs returns the URNs of the schemas whose attributes the resource carries: the type's own, and each extension that has at least one
// attribute that may be returned.
func (rt *ResourceType) SchemaURNs(r Resource) []string {
	urns := make([]string, 1, 1+len(rt.Extensions))
	urns[0] = rt.Schema.ID
	for _, e := range rt.Extensions {
		m, ok := asMap(r[e.Schema.ID])
		if !ok {
			continue
		}
		for name, v := range m {
			if a := e.Schema.Attribute(name); a != nil && a.Returned != ReturnedNever && v != nil {
				urns = append(urns, e.Schema.ID)
				break
			}
		}
	}
	return urns
}

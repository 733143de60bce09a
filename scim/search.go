package scim

// AppendSearchDocument appends, as JSON, the copy of a resource that a store searches, so that comparing it bytewise gives the answers of Filter.Match:
//
//   - a string of an attribute that is not caseExact is folded (Fold), as the Text of a Compare literal is;
//   - a dateTime is an integer, microseconds since 1970 UTC, as the Int of a LiteralTime;
//   - binary values, references and caseExact strings, booleans and numbers are as they are.
//
// Names are in schema spelling, extensions stand under their URN, and schemas is computed, so a Compare or Present node leads to its value by
// [AttrRef.URN,] AttrRef.Name and AttrRef.Sub; multi-valued attributes are arrays. Attributes that are never returned (password), values of a wrong
// type, empty strings and unknown names are left out. The order is that of the schemas: equal resources have equal copies.
func (rt *ResourceType) AppendSearchDocument(dst []byte, r Resource) []byte {
	dst = append(dst, `{"schemas":`...)
	dst = appendArray(dst, stringsJSON(rt.SchemaURNs(r)))
	for _, a := range common().Attributes {
		if a.Name != "schemas" {
			dst = appendSearch(dst, a, r[a.Name])
		}
	}
	for _, a := range rt.Schema.Attributes {
		if v, ok := r[a.Name]; ok && common().Attribute(a.Name) == nil {
			dst = appendSearch(dst, a, v)
		}
	}
	for _, e := range rt.Extensions {
		if source, ok := asMap(r[e.Schema.ID]); ok {
			start := len(dst)
			dst = append(appendString(append(dst, ','), e.Schema.ID), ':')
			dst = keepFound(dst, start, len(dst), appendSearchObject(dst, e.Schema.Attributes, source))
		}
	}
	return append(dst, '}')
}

// appendSearch appends a comma, the name and the value of an attribute; nothing when no filter could find the value.
func appendSearch(dst []byte, a *Attribute, v any) []byte {
	if v == nil || a.Returned == ReturnedNever {
		return dst
	}
	start := len(dst)
	dst = append(appendString(append(dst, ','), a.Name), ':')
	return keepFound(dst, start, len(dst), appendSearchValue(dst, a, v))
}

// keepFound returns next, to which a value was appended behind its name, or dst without the name when nothing was.
func keepFound(dst []byte, name, value int, next []byte) []byte {
	if len(next) == value {
		return dst[:name]
	}
	return next
}

// appendSearchValue appends nothing for what no filter could find.
func appendSearchValue(dst []byte, a *Attribute, v any) []byte {
	if list, ok := v.([]any); ok {
		return appendSearchList(dst, a, list)
	}
	if a.Type == TypeComplex {
		m, _ := asMap(v)
		return appendSearchObject(dst, a.SubAttributes, m)
	}
	if v = searchValue(a, v); v == nil {
		return dst
	}
	return AppendJSON(dst, v)
}

// appendSearchList writes a comma before each element and then the bracket over the first comma.
func appendSearchList(dst []byte, a *Attribute, list []any) []byte {
	start := len(dst)
	for _, e := range list {
		at := len(dst)
		dst = append(dst, ',')
		dst = keepFound(dst, at, len(dst), appendSearchValue(dst, a, e))
	}
	if len(dst) == start {
		return dst
	}
	dst[start] = '['
	return append(dst, ']')
}

// appendSearchObject does the same with members and a brace.
func appendSearchObject(dst []byte, attributes []*Attribute, m map[string]any) []byte {
	start := len(dst)
	for _, a := range attributes {
		if v, ok := m[a.Name]; ok {
			dst = appendSearch(dst, a, v)
		}
	}
	if len(dst) == start {
		return dst
	}
	dst[start] = '{'
	return append(dst, '}')
}

// searchValue is the form of a single value that is not complex, nil for what no filter could find.
func searchValue(a *Attribute, v any) any {
	switch a.Type {
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
		if folded := Fold(s); folded != s {
			return folded
		}
	}
	return v // spares an allocation
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

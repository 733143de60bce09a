package scim

import "slices"

// isReference reports whether the complex attribute points to other resources, as members and manager do: then value alone says what it is.
func isReference(a *Attribute) bool {
	return a.Type == TypeComplex && a.Sub("$ref") != nil && a.Sub("value") != nil
}

// isPlural reports whether the attribute has no sub-attributes beyond the default ones of RFC 7643 section 2.4, so that type and value identify an
// element.
func isPlural(a *Attribute) bool {
	if a.Sub("value") == nil {
		return false
	}
	for _, s := range a.SubAttributes {
		switch s.Name {
		case "value", "type", "display", "primary", "$ref":
		default:
			return false
		}
	}
	return true
}

// identity returns a key that two elements share when they are the same thing: the value of a reference, type and value of an e-mail address, else
// everything but primary.
func identity(a *Attribute, e any) string {
	m, ok := asMap(e)
	if !ok {
		return valueKey(a, e)
	}
	value := m["value"]
	switch {
	case value != nil && isReference(a):
		return valueKey(a.Sub("value"), value)
	case value != nil && isPlural(a):
		key := valueKey(a.Sub("value"), value)
		if t, _ := m["type"].(string); t != "" {
			key = Fold(t) + "\x00" + key
		}
		return key
	}
	if _, has := m["primary"]; has {
		rest := make(map[string]any, len(m))
		for k, v := range m {
			if k != "primary" {
				rest[k] = v
			}
		}
		m = rest
	}
	return string(AppendJSON(nil, m))
}

func valueKey(a *Attribute, v any) string {
	s, ok := v.(string)
	switch {
	case !ok:
		return string(AppendJSON(nil, v))
	case a.Folds():
		return Fold(s)
	}
	return s
}

// addElements appends those of more that list does not have, and merges sub-attributes into those it has. It may modify the maps in list. touched are
// the indexes of all elements that more named.
func addElements(a *Attribute, list, more []any) (result []any, touched []int) {
	at := make(map[string]int, len(list)+len(more))
	for i, e := range list {
		if key := identity(a, e); !hasKey(at, key) {
			at[key] = i
		}
	}
	for _, e := range more {
		key := identity(a, e)
		i, known := at[key]
		if !known {
			at[key] = len(list)
			touched = append(touched, len(list))
			list = append(list, e)
			continue
		}
		if mergeElement(a, list[i], e) {
			touched = append(touched, i)
		}
	}
	return list, touched
}

func hasKey(m map[string]int, key string) bool { _, ok := m[key]; return ok }

// mergeElement copies sub-attributes that the stored element does not have or has otherwise. A reference that is there stays as it is: its
// sub-attributes are immutable.
func mergeElement(a *Attribute, stored, e any) bool {
	dst, ok1 := asMap(stored)
	src, ok2 := asMap(e)
	if !ok1 || !ok2 || isReference(a) {
		return false
	}
	changed := false
	for k, v := range src {
		if k != "value" && k != "type" && !Equal(dst[k], v) {
			dst[k] = v
			changed = true
		}
	}
	return changed
}

// removeElements drops the elements that one of the given ones names: by value where that is given, else by all given sub-attributes.
func removeElements(a *Attribute, list, named []any) []any {
	values := make(map[string]bool, len(named))
	valueSub := a.Sub("value")
	var others []map[string]any
	for _, e := range named {
		m, ok := asMap(e)
		switch {
		case !ok:
			values[valueKey(a, e)] = true
		case valueSub != nil && m["value"] != nil:
			values[valueKey(valueSub, m["value"])] = true
		case len(m) > 0:
			others = append(others, m)
		}
	}
	return slices.DeleteFunc(list, func(e any) bool {
		m, ok := asMap(e)
		if !ok {
			return values[valueKey(a, e)]
		}
		if v := m["value"]; valueSub != nil && v != nil && values[valueKey(valueSub, v)] {
			return true
		}
		return slices.ContainsFunc(others, func(o map[string]any) bool { return hasAll(a, m, o) })
	})
}

func hasAll(a *Attribute, m, given map[string]any) bool {
	for k, v := range given {
		sub := a.Sub(k)
		if sub == nil || m[k] == nil || valueKey(sub, m[k]) != valueKey(sub, v) {
			return false
		}
	}
	return true
}

// equalities returns the sub-attributes that a filter fixes when it consists of eq terms joined by and (N8); ok is false for any other filter.
func equalities(f Node) (terms map[string]any, ok bool) {
	terms = map[string]any{}
	ok = collectEqualities(f, terms)
	return terms, ok
}

func collectEqualities(f Node, terms map[string]any) bool {
	switch f := f.(type) {
	case *And:
		return collectEqualities(f.Left, terms) && collectEqualities(f.Right, terms)
	case *Compare:
		if f.Op != Eq {
			return false
		}
		v := f.Value.value(f.Attr.Attribute)
		if old, twice := terms[f.Attr.Name]; twice && !Equal(old, v) {
			return false
		}
		terms[f.Attr.Name] = v
		return true
	}
	return false
}

// value returns the literal as the value of the attribute, in the letter case it was written.
func (l Literal) value(a *Attribute) any {
	switch l.Kind {
	case LiteralBool:
		return l.Bool
	case LiteralInt:
		return l.Int
	case LiteralFloat:
		return l.Float
	}
	if a.Type == TypeBinary || l.source.Text == "" {
		return l.Text
	}
	return l.source.Text
}

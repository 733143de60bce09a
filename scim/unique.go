package scim

import (
	"math"
	"strconv"
)

// UniqueValue is a value that no two resources of a service may share: its attribute says uniqueness server or global.
type UniqueValue struct {
	Attribute string // schema URN, name and sub-attribute: urn:…:Device:serial
	Path      string // how a client names it: serial, or an extension's urn:…:number
	Key       string // equal for values that are equal by the attribute's type and caseExact
	Value     any
	Secret    bool // never returned: not to be shown or logged
}

// uniqueLeaf is a place where unique values stand.
type uniqueLeaf struct {
	schema    *Schema
	extension bool
	attribute *Attribute
	sub       *Attribute // nil: the attribute itself
}

// uniqueLeaves lists the attributes whose values are unique. Truth values and objects as a whole have no uniqueness that could be meant.
func uniqueLeaves(rt *ResourceType) []uniqueLeaf {
	var out []uniqueLeaf
	add := func(s *Schema, extension bool) {
		for _, a := range s.Attributes {
			if a.IsUnique() {
				out = append(out, uniqueLeaf{s, extension, a, nil})
			}
			for _, sub := range a.SubAttributes {
				if sub.IsUnique() {
					out = append(out, uniqueLeaf{s, extension, a, sub})
				}
			}
		}
	}
	add(rt.Schema, false)
	for _, e := range rt.Extensions {
		add(e.Schema, true)
	}
	return out
}

// UniqueValues returns the values of a resource that have to be unique.
func (rt *ResourceType) UniqueValues(r Resource) []UniqueValue {
	var out []UniqueValue
	for _, leaf := range rt.unique {
		var at map[string]any = r
		if leaf.extension {
			at, _ = asMap(r[leaf.schema.ID])
		}
		out = leaf.collect(out, at[leaf.attribute.Name])
	}
	return out
}

func (l uniqueLeaf) collect(out []UniqueValue, v any) []UniqueValue {
	if list, ok := v.([]any); ok {
		for _, e := range list {
			out = l.collect(out, e)
		}
		return out
	}
	a := l.attribute
	if l.sub != nil {
		m, _ := asMap(v)
		if _, list := m[l.sub.Name].([]any); list {
			inner := l
			inner.attribute, inner.sub = l.sub, nil
			for _, u := range inner.collect(nil, m[l.sub.Name]) {
				out = append(out, l.named(u))
			}
			return out
		}
		v, a = m[l.sub.Name], l.sub
	}
	key := uniqueKey(a, v)
	if key == "" {
		return out
	}
	return append(out, l.named(UniqueValue{Key: key, Value: v}))
}

// named says where the value stands.
func (l uniqueLeaf) named(u UniqueValue) UniqueValue {
	path := l.attribute.Name
	u.Secret = l.attribute.Returned == ReturnedNever
	if l.sub != nil {
		path += "." + l.sub.Name
		u.Secret = u.Secret || l.sub.Returned == ReturnedNever
	}
	u.Attribute, u.Path = l.schema.ID+":"+path, path
	if l.extension {
		u.Path = u.Attribute
	}
	return u
}

// uniqueKey is the text by which values are compared, "" for none.
func uniqueKey(a *Attribute, v any) string {
	switch v := searchValue(a, v).(type) {
	case string:
		return v
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return floatKey(v)
	}
	return ""
}

// UniqueAttributes returns the attributes whose values are unique, as UniqueValue names them.
func (rt *ResourceType) UniqueAttributes() []string {
	names := make([]string, len(rt.unique))
	for i, l := range rt.unique {
		names[i] = l.named(UniqueValue{}).Attribute
	}
	return names
}

// CountUnique returns how many attributes of the type have values that are unique.
func (rt *ResourceType) CountUnique() int { return len(rt.unique) }

// floatKey is the same text for a whole number as that of an integer.
func floatKey(v float64) string {
	if v == math.Trunc(v) && math.Abs(v) < 1<<53 {
		return strconv.FormatInt(int64(v), 10)
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}

// UniqueKey is the Key that a UniqueValue equal to the literal has, "" where values are not told apart by one.
func (l Literal) UniqueKey() string {
	switch l.Kind {
	case LiteralString:
		return l.Text
	case LiteralInt, LiteralTime:
		return strconv.FormatInt(l.Int, 10)
	case LiteralFloat:
		return floatKey(l.Float)
	case LiteralBool:
	}
	return ""
}

// IsUnique reports whether no two resources may share a value of the attribute.
func (a *Attribute) IsUnique() bool {
	return a.Uniqueness != UniquenessNone && a.Type != TypeBoolean && a.Type != TypeComplex
}

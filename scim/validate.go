package scim

import "strings"

// ValidateNew checks a canonical resource before it is created: required attributes and extensions, types, and at most one primary element. The
// error is an *Error 400 invalidValue that names the attribute.
func (rt *ResourceType) ValidateNew(r Resource) error {
	if err := checkAttributes(rt.Schema.Attributes, r); err != nil {
		return err
	}
	if err := checkAttributes(common().Attributes, r); err != nil {
		return err
	}
	for _, e := range rt.Extensions {
		m, carried := asMap(r[e.Schema.ID])
		if !carried {
			if e.Required {
				return bad(InvalidValue, "the extension %s is required; send an object with its attributes", e.Schema.ID)
			}
			continue
		}
		if err := checkAttributes(e.Schema.Attributes, m); err != nil {
			return err
		}
	}
	return nil
}

func checkAttributes(list []*Attribute, c map[string]any) error {
	for _, a := range list {
		v, set := c[a.Name]
		if !set || v == nil {
			if a.Required && a.Mutability != ReadOnly {
				return bad(InvalidValue, "the attribute %s is required and has no value; send one", a.Name)
			}
			continue
		}
		if err := checkValue(a, nil, v); err != nil {
			return err
		}
	}
	return nil
}

// validateChange checks what differs between two states. What was already wrong in the stored state, because a schema has changed since, does not
// stand in the way of other changes.
func (rt *ResourceType) validateChange(old, next Resource, changed []string) error {
	for _, path := range changed {
		a, before, after := rt.changedAttribute(old, next, path)
		if a == nil {
			continue
		}
		if after == nil {
			if a.Required && before != nil {
				return bad(InvalidValue, "the attribute %s is required; it cannot be left without a value", a.Name)
			}
			continue
		}
		if err := checkValue(a, nil, after); err != nil {
			return err
		}
	}
	for _, e := range rt.Extensions {
		if e.Required && old[e.Schema.ID] != nil && next[e.Schema.ID] == nil {
			return bad(Mutability, "the extension %s is required and cannot be removed", e.Schema.ID)
		}
	}
	return rt.newExtensionsComplete(old, next)
}

// newExtensionsComplete checks required attributes of extensions that the resource did not carry before.
func (rt *ResourceType) newExtensionsComplete(old, next Resource) error {
	for _, e := range rt.Extensions {
		m, carried := asMap(next[e.Schema.ID])
		if _, before := asMap(old[e.Schema.ID]); before || !carried {
			continue
		}
		if err := checkAttributes(e.Schema.Attributes, m); err != nil {
			return err
		}
	}
	return nil
}

// changedAttribute finds the attribute of a path that ChangedPaths returned.
func (rt *ResourceType) changedAttribute(old, next Resource, path string) (a *Attribute, before, after any) {
	for _, e := range rt.Extensions {
		name, ok := strings.CutPrefix(path, e.Schema.ID+":")
		if !ok {
			continue
		}
		x, _ := asMap(old[e.Schema.ID])
		y, _ := asMap(next[e.Schema.ID])
		return e.Schema.Attribute(name), x[name], y[name]
	}
	a, _ = rt.attribute(path, false)
	return a, old[path], next[path]
}

func checkValue(a, parent *Attribute, v any) error {
	if !a.MultiValued {
		return checkSingle(a, parent, v)
	}
	list, ok := v.([]any)
	if !ok {
		return wrongType(a, parent, v, "a list")
	}
	if len(list) == 0 && a.Required && a.Mutability != ReadOnly {
		return bad(InvalidValue, "the attribute %s is required; it needs at least one value", fullName(a, parent))
	}
	for _, e := range list {
		if err := checkSingle(a, parent, e); err != nil {
			return err
		}
	}
	return onePrimary(a, list)
}

func checkSingle(a, parent *Attribute, v any) error {
	if a.Type != TypeComplex {
		return checkScalar(a, parent, v)
	}
	m, ok := asMap(v)
	if !ok {
		return wrongType(a, parent, v, "an object")
	}
	for k, e := range m {
		if sub := a.Sub(k); sub != nil && e != nil {
			if err := checkValue(sub, a, e); err != nil {
				return err
			}
		}
	}
	for _, sub := range a.SubAttributes {
		if sub.Required && sub.Mutability != ReadOnly && m[sub.Name] == nil {
			return bad(InvalidValue, "the attribute %s is required in %s; send it", sub.Name, a.Name)
		}
	}
	return nil
}

func checkScalar(a, parent *Attribute, v any) error {
	ok := false
	expected := "a string"
	switch a.Type {
	case TypeBoolean:
		_, ok = v.(bool)
		expected = "true or false"
	case TypeInteger:
		_, ok = v.(int64)
		expected = "a whole number"
	case TypeDecimal:
		switch v.(type) {
		case int64, float64:
			ok = true
		}
		expected = "a number"
	case TypeDateTime:
		s, isText := v.(string)
		_, err := ParseTime(s)
		ok = isText && err == nil
		expected = "a date and time"
	default:
		_, ok = v.(string)
	}
	if !ok {
		return wrongType(a, parent, v, expected)
	}
	return nil
}

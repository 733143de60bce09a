package scim

import (
	"math"
	"strings"
)

// scalar normalises one simple value. parent is the complex attribute around a, or nil.
func (n *normaliser) scalar(a, parent *Attribute, v any) (any, outcome, error) {
	if v == nil {
		return nil, unassigned, nil
	}
	if s, ok := v.(string); ok && s == "" {
		n.used(RuleEmptyValue)
		return nil, unassigned, nil
	}
	switch a.Type {
	case TypeBoolean:
		return n.boolean(a, parent, v)
	case TypeInteger:
		return integer(a, parent, v)
	case TypeDecimal:
		switch v.(type) {
		case int64, float64:
			return v, assigned, nil
		}
		return nil, 0, wrongType(a, parent, v, "a number")
	}
	s, ok := v.(string)
	if !ok {
		return nil, 0, wrongType(a, parent, v, "a string")
	}
	switch a.Type {
	case TypeDateTime:
		if _, err := ParseTime(s); err != nil {
			return nil, 0, wrongType(a, parent, v, `a date and time such as "2026-01-31T12:00:00Z"`)
		}
	case TypeBinary:
		canonical, ok := canonicalBase64(s)
		if !ok {
			return nil, 0, wrongType(a, parent, v, "a string of base64")
		}
		return canonical, assigned, nil
	}
	return s, assigned, nil
}

// boolean accepts the strings true and false in any letter case (N3).
func (n *normaliser) boolean(a, parent *Attribute, v any) (any, outcome, error) {
	switch v := v.(type) {
	case bool:
		return v, assigned, nil
	case string:
		isTrue := strings.EqualFold(v, "true")
		if isTrue || strings.EqualFold(v, "false") {
			n.used(RuleBooleanText)
			return isTrue, assigned, nil
		}
	}
	return nil, 0, wrongType(a, parent, v, "true or false")
}

func integer(a, parent *Attribute, v any) (any, outcome, error) {
	switch v := v.(type) {
	case int64:
		return v, assigned, nil
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < 1<<53 {
			return int64(v), assigned, nil
		}
	}
	return nil, 0, wrongType(a, parent, v, "a whole number")
}

func wrongType(a, parent *Attribute, v any, expected string) error {
	got := describe(v)
	if a.Returned == ReturnedNever {
		got = "a value of another type" // a secret must not come back in an error
	}
	return bad(InvalidValue, "the attribute %s is %s; expected %s", fullName(a, parent), got, expected)
}

func fullName(a, parent *Attribute) string {
	if parent == nil {
		return a.Name
	}
	return parent.Name + "." + a.Name
}

package scope

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/rollcall-id/rollcall/expression"
	"github.com/rollcall-id/rollcall/internal/fault"
)

// The limits of a filter file.
const (
	maxBytes   = 1 << 20
	maxGroups  = 100  // of each kind
	maxClauses = 100  // in a group
	maxValues  = 200  // in a clause
	maxText    = 1000 // bytes of a title, an attribute name or a value

	maxTotal    = 1000 // clauses in a file
	maxPatterns = 100  // regular expressions in a file
)

func invalid(format string, args ...any) error {
	return fault.Errorf(fault.ErrInvalid, format, args...)
}

// decode reads the JSON by hand, so that an error says which key of which clause is wrong: people write these files.
func decode(data []byte) (Document, error) {
	if len(data) > maxBytes {
		return Document{}, invalid("the filter file has %d bytes: at most %d are allowed", len(data), maxBytes)
	}
	var v any
	if err := json.Unmarshal(data, &v); err != nil {
		return Document{}, invalid("the filter file is not JSON: %w", err)
	}
	top, err := object("", v, "groups", "inputFilterGroups", "categoryFilterGroups")
	if err != nil {
		return Document{}, err
	}
	var d Document
	if d.Groups, err = groups("groups", top["groups"]); err != nil {
		return d, err
	}
	if d.InputFilterGroups, err = groups("inputFilterGroups", top["inputFilterGroups"]); err != nil {
		return d, err
	}
	if categories, err := list("categoryFilterGroups", top["categoryFilterGroups"], maxGroups); err != nil || len(categories) > 0 {
		return d, invalid("categoryFilterGroups are not supported: move their clauses to groups")
	}
	return d, nil
}

// object returns the members of a JSON object and refuses keys that nobody reads: a misspelt key would silently widen the scope.
func object(path string, v any, known ...string) (map[string]any, error) {
	m, ok := v.(map[string]any)
	if !ok {
		return nil, invalid("%sfound %s: expected an object with %s", prefix(path), kindOf(v), strings.Join(known, ", "))
	}
	var unknown []string
	for _, key := range slices.Sorted(maps.Keys(m)) {
		if slices.Contains(known, key) || strings.HasPrefix(key, "@odata.") {
			continue
		}
		text := fmt.Sprintf("%q", key)
		if near := expression.Nearest(key, known); near != "" {
			text += " (did you mean " + near + "?)"
		}
		unknown = append(unknown, text)
	}
	if len(unknown) > 0 {
		return nil, invalid("%sunknown key %s: expected %s", prefix(path), strings.Join(unknown, ", "), strings.Join(known, ", "))
	}
	return m, nil
}

func list(path string, v any, most int) ([]any, error) {
	if v == nil {
		return nil, nil
	}
	l, ok := v.([]any)
	if !ok {
		return nil, invalid("%s: found %s: expected a list", path, kindOf(v))
	}
	if len(l) > most {
		return nil, invalid("%s: has %d entries: at most %d are allowed", path, len(l), most)
	}
	return l, nil
}

func text(path string, v any) (string, error) {
	if v == nil {
		return "", nil
	}
	s, ok := v.(string)
	if !ok {
		return "", invalid("%s: found %s: expected a text in double quotes", path, kindOf(v))
	}
	if len(s) > maxText {
		return "", invalid("%s: has %d bytes: at most %d are allowed", path, len(s), maxText)
	}
	return s, nil
}

func groups(path string, v any) ([]Group, error) {
	l, err := list(path, v, maxGroups)
	if err != nil {
		return nil, err
	}
	out := make([]Group, len(l))
	for i, e := range l {
		at := fmt.Sprintf("%s[%d]", path, i)
		m, err := object(at, e, "name", "clauses")
		if err != nil {
			return nil, err
		}
		if out[i].Name, err = text(at+".name", m["name"]); err != nil {
			return nil, err
		}
		if out[i].Clauses, err = clauses(at+".clauses", m["clauses"]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func clauses(path string, v any) ([]Clause, error) {
	l, err := list(path, v, maxClauses)
	if err != nil {
		return nil, err
	}
	if len(l) == 0 {
		return nil, invalid("%s: a filter needs at least one clause", path)
	}
	out := make([]Clause, len(l))
	for i, e := range l {
		at := fmt.Sprintf("%s[%d]", path, i)
		m, err := object(at, e, "operatorName", "sourceOperandName", "targetOperand", "multivaluedComparisonType")
		if err != nil {
			return nil, err
		}
		if out[i].Operator, err = text(at+".operatorName", m["operatorName"]); err != nil {
			return nil, err
		}
		if out[i].Attribute, err = text(at+".sourceOperandName", m["sourceOperandName"]); err != nil {
			return nil, err
		}
		if out[i].Comparison, err = text(at+".multivaluedComparisonType", m["multivaluedComparisonType"]); err != nil {
			return nil, err
		}
		if out[i].Target, err = operand(at+".targetOperand", m["targetOperand"]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func operand(path string, v any) (Operand, error) {
	o := Operand{Values: []string{}}
	if v == nil {
		return o, nil
	}
	m, err := object(path, v, "values")
	if err != nil {
		return o, err
	}
	values, err := list(path+".values", m["values"], maxValues)
	if err != nil {
		return o, err
	}
	for i, e := range values {
		s, err := text(fmt.Sprintf("%s.values[%d]", path, i), e)
		if err != nil {
			return o, err
		}
		o.Values = append(o.Values, s)
	}
	return o, nil
}

func prefix(path string) string {
	if path == "" {
		return ""
	}
	return path + ": "
}

func kindOf(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case string:
		return "a text"
	case bool:
		return "true or false"
	case float64:
		return "a number"
	case []any:
		return "a list"
	}
	return "an object"
}

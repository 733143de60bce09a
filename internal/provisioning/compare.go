package provisioning

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rollcall-id/rollcall/internal/mapping"
	"github.com/rollcall-id/rollcall/scim"
)

func isEmpty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case []string:
		return len(v) == 0
	case []any:
		return len(v) == 0
	case map[string]any:
		return len(v) == 0
	}
	return false
}

// same compares a mapped value with what the account has, tolerating what targets do to values: letter case where the attribute is not case-exact,
// booleans and numbers as text, other spellings of one instant, another order of a list.
func same(want, have any, m *mapping.AttributeMapping) bool {
	if isEmpty(want) || isEmpty(have) {
		return isEmpty(want) == isEmpty(have)
	}
	if list, ok := want.([]any); ok {
		return len(lacking(list, have, m)) == 0 && len(superfluous(list, have, m)) == 0
	}
	return sameOne(want, have, m)
}

func sameOne(want, have any, m *mapping.AttributeMapping) bool {
	return text(want) == text(have) || canonical(want, m) == canonical(have, m)
}

// canonical writes equal values of the row's type in one way. What is not of the type is compared as text.
func canonical(v any, m *mapping.AttributeMapping) string {
	t := text(v)
	switch m.Type {
	case mapping.Boolean:
		if b, ok := toBool(v); ok {
			return strconv.FormatBool(b)
		}
	case mapping.Integer:
		if n, err := strconv.ParseInt(strings.TrimSpace(t), 10, 64); err == nil {
			return strconv.FormatInt(n, 10)
		}
	case mapping.DateTime:
		if at, err := time.Parse(time.RFC3339Nano, t); err == nil {
			return at.UTC().Format(time.RFC3339Nano)
		}
	case mapping.Binary:
		if raw, ok := mapping.Bytes(t); ok {
			return string(raw)
		}
		return t
	case mapping.Reference:
		return t
	}
	if m.CaseExact {
		return t
	}
	return scim.Fold(t)
}

func toBool(v any) (value, ok bool) {
	if b, isBool := v.(bool); isBool {
		return b, true
	}
	return parseBool(text(v))
}

func parseBool(s string) (value, ok bool) {
	switch {
	case strings.EqualFold(s, "true"):
		return true, true
	case strings.EqualFold(s, "false"):
		return false, true
	}
	return false, false
}

// text writes a value as it is shown and compared. Numbers read back from JSON are float64: an integral one is written without a fraction. A complex value
// stands for its sub-attribute value.
func text(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case map[string]any:
		if inner := member(v, "value"); inner != nil {
			return text(inner)
		}
	}
	return fmt.Sprint(v)
}

// elements are the values of a multi-valued attribute as the target or the store has it: a list, or a single value that stands for a list of one.
func elements(v any) []any {
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		return slices.Clone(v)
	case []string:
		out := make([]any, len(v))
		for i, s := range v {
			out[i] = s
		}
		return out
	}
	return []any{v}
}

// one is what a row of a single value compares with: targets answer with a list of one where the attribute is a list.
func one(have any, m *mapping.AttributeMapping) any {
	if list, ok := have.([]any); ok && !m.MultiValued && len(list) == 1 {
		if complexValue, ok := list[0].(map[string]any); ok {
			return member(complexValue, "value")
		}
		return list[0]
	}
	return have
}

// lacking are the wanted values that the account does not have.
func lacking(want []any, have any, m *mapping.AttributeMapping) []any {
	return without(want, elements(have), m, func(w, h any) bool { return sameElement(w, h, m) })
}

// superfluous are the values of the account that are not wanted.
func superfluous(want []any, have any, m *mapping.AttributeMapping) []any {
	return without(elements(have), want, m, func(h, w any) bool { return sameElement(w, h, m) })
}

// without returns the elements of a that no element of b equals. Complex ones are compared each with each; of plain ones there may be many.
func without(a, b []any, m *mapping.AttributeMapping, equal func(a, b any) bool) []any {
	var out []any
	if !slices.ContainsFunc(a, isComplex) || !slices.ContainsFunc(b, isComplex) {
		known := make(map[string]bool, len(b))
		for _, e := range b {
			known[canonical(e, m)] = true
		}
		equal = func(a, _ any) bool { return known[canonical(a, m)] }
		b = b[:min(len(b), 1)]
	}
	for _, e := range a {
		if !slices.ContainsFunc(b, func(o any) bool { return equal(e, o) }) {
			out = append(out, e)
		}
	}
	return out
}

func isComplex(v any) bool {
	_, ok := v.(map[string]any)
	return ok
}

// sameElement compares two values of a list. Of a complex one everything that is wanted must be there; what else the target keeps of it is its own.
func sameElement(want, have any, m *mapping.AttributeMapping) bool {
	w, complexWant := want.(map[string]any)
	h, complexHave := have.(map[string]any)
	if !complexWant || !complexHave {
		return sameOne(want, have, m)
	}
	for name, v := range w {
		if !samePart(v, member(h, name), m) {
			return false
		}
	}
	return true
}

// samePart compares a part of a complex value. What is empty or false need not be there.
func samePart(want, have any, m *mapping.AttributeMapping) bool {
	if isEmpty(want) || want == false {
		b, ok := toBool(have)
		return isEmpty(have) || ok && !b
	}
	part := mapping.AttributeMapping{Type: mapping.String, CaseExact: m.CaseExact}
	return sameOne(want, have, &part)
}

// plain is a list as it is shown and remembered beside another one: where that has plain values, complex values are shown by theirs.
func plain(have, beside any) any {
	list, ok := have.([]any)
	if !ok || slices.ContainsFunc(elements(beside), isComplex) {
		return have
	}
	out := make([]any, len(list))
	for i, e := range list {
		out[i] = e
		if m, ok := e.(map[string]any); ok && member(m, "value") != nil {
			out[i] = member(m, "value")
		}
	}
	return out
}

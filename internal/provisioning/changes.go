package provisioning

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rollcall-id/rollcall/internal/mapping"
	"github.com/rollcall-id/rollcall/internal/record"
	"github.com/rollcall-id/rollcall/scim"
)

// Change is one attribute to write. A nil New removes the value.
type Change struct {
	Path     string
	Old, New any
	Redacted bool // the value is secret: records show that it changed, not what it is
}

const redacted = "[Redact]"

// property is the change as a record shows it.
func (c Change) property() record.Property {
	if c.Redacted {
		p := record.Property{Name: c.Path, New: redacted}
		if c.Old != nil {
			p.Old = redacted
		}
		return p
	}
	return record.Property{Name: c.Path, Old: c.Old, New: c.New}
}

// MatchingValues returns the values an account is looked up with, by precedence. Empty values are left out (3.2: a null value falls to the next one).
func MatchingValues(values []mapping.Value) []mapping.Value {
	var out []mapping.Value
	for _, v := range values {
		if v.Mapping.Matching > 0 && !isEmpty(v.Value) {
			out = append(out, v)
		}
	}
	slices.SortStableFunc(out, func(a, b mapping.Value) int { return a.Mapping.Matching - b.Mapping.Matching })
	return out
}

func matchingPaths(values []mapping.Value) string {
	var names []string
	for _, v := range values {
		if v.Mapping.Matching > 0 {
			names = append(names, v.Path)
		}
	}
	return strings.Join(names, ", ")
}

// creation is what a new account is made of. References come later, when everybody exists.
func creation(values []mapping.Value) []Change {
	var out []Change
	for _, v := range values {
		if v.Mapping.Type == mapping.Reference || !v.Flow {
			continue
		}
		if isEmpty(v.Value) {
			continue
		}
		out = append(out, Change{Path: v.Path, New: v.Value, Redacted: v.Redacted})
	}
	return out
}

// difference is what an existing account needs to be as the mapping says. References are compared in the second pass.
func difference(s Situation, have map[string]any) []Change {
	var out []Change
	for _, v := range s.Updating {
		if v.Mapping.Type == mapping.Reference {
			continue
		}
		if c, ok := attributeChange(v, have[v.Path], s.Policy); ok {
			out = append(out, c)
		}
	}
	return out
}

// attributeChange compares one mapped attribute with what the account has.
func attributeChange(v mapping.Value, old any, p Policy) (Change, bool) {
	none := Change{}
	if !v.Flow || v.Mapping.Apply == mapping.OnlyOnCreate || v.Mapping.Kind == mapping.None {
		return none, false
	}
	value := v.Value
	if isEmpty(value) {
		var remove bool
		if value, remove = whenEmpty(v, p); !remove && value == nil {
			return none, false
		}
		if remove && v.Default != nil && same(v.Default, old, v.Mapping) {
			return none, false // it filled in at creation for a value that never was: nothing is gone
		}
	}
	if isEmpty(value) && (isEmpty(old) || p.AppendOnly) {
		return none, false
	}
	if isActive(v.Path) && p.AppendOnly && value == false {
		return none, false
	}
	if same(value, old, v.Mapping) {
		return none, false
	}
	if isEmpty(value) {
		value = nil
	}
	return Change{Path: v.Path, Old: old, New: value, Redacted: v.Redacted}, true
}

// whenEmpty says what an empty source value means: clear the account's value, write a default, or (neither) leave it. A matching attribute and active are
// never cleared: without them nobody finds the account again, or knows whether it is on.
func whenEmpty(v mapping.Value, p Policy) (value any, remove bool) {
	rule := v.Mapping.WhenEmpty
	if rule == mapping.FromSetting {
		rule = p.WhenEmpty
	}
	switch rule {
	case mapping.UseDefault:
		return v.Default, false
	case mapping.Clear:
		return nil, v.Mapping.Matching == 0 && !isActive(v.Path)
	}
	return nil, false
}

func isActive(path string) bool { return strings.EqualFold(path, activePath) }

// activeAfter says what the changes make of active.
func activeAfter(changes []Change) (active, changed bool) {
	for _, c := range changes {
		if isActive(c.Path) {
			b, ok := c.New.(bool)
			return b || !ok, ok
		}
	}
	return false, false
}

func activeOnly(changes []Change) []Change {
	return slices.DeleteFunc(slices.Clone(changes), func(c Change) bool { return !isActive(c.Path) })
}

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
	}
	return false
}

// same compares a mapped value with what the account has, tolerating what targets do to values: letter case where the attribute is not case-exact,
// booleans and numbers as text, other spellings of one instant.
func same(want, have any, m *mapping.AttributeMapping) bool {
	if isEmpty(want) || isEmpty(have) {
		return isEmpty(want) == isEmpty(have)
	}
	switch w := want.(type) {
	case bool:
		h, ok := toBool(have)
		return ok && h == w
	case int64:
		return text(have) == text(w)
	case []string:
		return sameList(w, have, m)
	}
	a, b := text(want), text(have)
	if a == b {
		return true
	}
	if m.Type == mapping.DateTime {
		ta, errA := time.Parse(time.RFC3339Nano, a)
		tb, errB := time.Parse(time.RFC3339Nano, b)
		return errA == nil && errB == nil && ta.Equal(tb)
	}
	return !m.CaseExact && m.Type != mapping.Reference && scim.Fold(a) == scim.Fold(b)
}

func sameList(want []string, have any, m *mapping.AttributeMapping) bool {
	var list []string
	switch h := have.(type) {
	case []string:
		list = h
	case []any:
		for _, v := range h {
			list = append(list, text(v))
		}
	default:
		list = []string{text(have)}
	}
	return slices.EqualFunc(want, list, func(a, b string) bool { return a == b || (!m.CaseExact && scim.Fold(a) == scim.Fold(b)) })
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

// text writes a value as it is shown and compared. Numbers read back from JSON are float64: an integral one is written without a fraction.
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
	}
	return fmt.Sprint(v)
}

// written is what the account has after the changes.
func written(before map[string]any, changes []Change) map[string]any {
	after := make(map[string]any, len(before)+len(changes))
	for path, v := range before {
		after[path] = v
	}
	for _, c := range changes {
		if c.New == nil {
			delete(after, c.Path)
		} else {
			after[c.Path] = c.New
		}
	}
	return after
}

func assignments(changes []Change) []Assignment {
	out := make([]Assignment, 0, len(changes))
	for _, c := range changes {
		out = append(out, Assignment{Path: c.Path, Value: c.New})
	}
	return out
}

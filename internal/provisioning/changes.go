package provisioning

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rollcall-id/rollcall/internal/mapping"
	"github.com/rollcall-id/rollcall/internal/record"
	"github.com/rollcall-id/rollcall/scim"
)

// Change is one attribute to write. A nil New removes the value. Old and New of a multi-valued attribute are lists.
type Change struct {
	Path     string
	Old, New any
	Redacted bool  // the value is secret: records show that it changed, not what it is
	Added    []any // of a multi-valued attribute to which values are only added: these; New is what it has then
	Same     bool  // the account has the value already, and the row is written in every cycle (mapping's FlowAlways)
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
	return record.Property{Name: c.Path, Old: abridged(c.Old), New: abridged(c.New)}
}

// valuesShown is how many values of a list a record shows.
const valuesShown = 100

func abridged(v any) any {
	list, ok := v.([]any)
	if !ok || len(list) <= valuesShown {
		return v
	}
	return append(slices.Clone(list[:valuesShown]), fmt.Sprintf("and %d more", len(list)-valuesShown))
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

// isActive reports the path of active, with the URN of its schema or without.
func isActive(path string) bool {
	return strings.EqualFold(path, activePath) || strings.EqualFold(path, scim.URNUser+":"+activePath)
}

// activeAfter says what the changes make of active.
func activeAfter(changes []Change) (active, changed bool) {
	for _, c := range changes {
		if isActive(c.Path) && !c.Same {
			b, ok := toBool(c.New)
			return b || !ok, ok
		}
	}
	return false, false
}

func activeOnly(changes []Change) []Change {
	return slices.DeleteFunc(slices.Clone(changes), func(c Change) bool { return !isActive(c.Path) })
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
		a := Assignment{Path: c.Path, Value: c.New}
		if c.Added != nil {
			a.Value, a.Add = c.Added, true
		}
		out = append(out, a)
	}
	return out
}

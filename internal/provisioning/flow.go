package provisioning

import (
	"strings"

	"github.com/rollcall-id/rollcall/internal/mapping"
)

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

// attributeChange compares one mapped attribute with what the account has, and says what the row's flow type makes of the difference
// (spec/entra-provisioning.md 3.1, 3.8).
func attributeChange(v mapping.Value, old any, p Policy) (Change, bool) {
	none := Change{}
	if old = one(old, v.Mapping); fillsOnly(v.Mapping) && !isEmpty(old) {
		return none, false
	}
	value, flows := flowing(v, old, p)
	switch {
	case !flows, isEmpty(value) && (isEmpty(old) || p.AppendOnly), isActive(v.Path) && p.AppendOnly && isOff(value):
		return none, false
	}
	c := Change{Path: v.Path, Old: plain(old, value), New: value, Redacted: v.Redacted}
	switch list, isList := value.([]any); {
	case isEmpty(value):
		c.New = nil
	case isList && (v.Mapping.Apply == mapping.AddValues || p.AppendOnly):
		c.Added = lacking(list, old, v.Mapping)
		c.New = append(elements(c.Old), c.Added...)
		if len(c.Added) > 0 {
			return c, true
		}
		c.Added, c.Same = list, true
		return c, v.Mapping.FlowAlways
	case same(value, old, v.Mapping):
		c.Same = true
		return c, v.Mapping.FlowAlways
	}
	return c, true
}

// isOff reports a value of active that switches an account off.
func isOff(active any) bool {
	on, ok := toBool(active)
	return ok && !on
}

// fillsOnly reports rows that give a value only to what has none.
func fillsOnly(m *mapping.AttributeMapping) bool {
	return m.Apply == mapping.WhenAbsent || m.Kind == mapping.None
}

// flowing is the value that the row asks for; empty: the account's value is to be removed. flows is false where the row leaves the account alone.
func flowing(v mapping.Value, old any, p Policy) (value any, flows bool) {
	switch {
	case v.Mapping.Apply == mapping.OnlyOnCreate:
		return nil, false
	case v.Mapping.Kind == mapping.None:
		return v.Default, v.Default != nil
	case !v.Flow:
		return nil, false
	case !isEmpty(v.Value):
		return v.Value, true
	}
	value, remove := whenEmpty(v, p)
	if remove && v.Default != nil && same(v.Default, old, v.Mapping) {
		return nil, false // it filled in at creation for a value that never was: nothing is gone
	}
	return value, remove || value != nil
}

// whenEmpty says what an empty source value means: clear the account's value, write a default, or (neither) leave it. A matching attribute and active are
// never cleared: without them nobody finds the account again, or knows whether it is on.
func whenEmpty(v mapping.Value, p Policy) (value any, remove bool) {
	switch emptyRule(v.Mapping, p) {
	case mapping.UseDefault:
		return v.Default, false
	case mapping.Clear:
		return nil, v.Mapping.Matching == 0 && !isActive(v.Path)
	}
	return nil, false
}

// emptyRule is the row's own word, or the application's. A row that only adds, or only fills, never clears.
func emptyRule(m *mapping.AttributeMapping, p Policy) mapping.WhenEmpty {
	rule := m.WhenEmpty
	if rule == mapping.FromSetting {
		rule = p.WhenEmpty
	}
	switch m.Apply {
	case mapping.AddValues, mapping.AddOnly, mapping.WhenAbsent:
		if rule == mapping.Clear {
			return mapping.Leave
		}
	}
	return rule
}

// fills reports whether a row would give a value to an attribute of which it is only known that we never wrote it: the account must be looked at first.
func fills(s Situation, have map[string]any) bool {
	for _, v := range s.Updating {
		if v.Mapping.Type == mapping.Reference || !fillsOnly(v.Mapping) {
			continue
		}
		if _, ok := attributeChange(v, have[v.Path], s.Policy); ok {
			return true
		}
	}
	return false
}

// differing leaves out what is written although it is right already.
func differing(changes []Change) []Change {
	var out []Change
	for _, c := range changes {
		if !c.Same {
			out = append(out, c)
		}
	}
	return out
}

// because says why an account is written.
func because(changes []Change) string {
	var same []Change
	for _, c := range changes {
		if c.Same {
			same = append(same, c)
		}
	}
	var parts []string
	if others := differing(changes); len(others) > 0 {
		parts = append(parts, "differs in "+paths(others))
	}
	if len(same) > 0 {
		parts = append(parts, "written in every cycle: "+paths(same))
	}
	return strings.Join(parts, "; ")
}

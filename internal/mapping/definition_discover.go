package mapping

import (
	"fmt"
	"slices"
	"strings"
)

// DefinitionChange is an attribute that discovery adds to the list, or of which it knows better.
type DefinitionChange struct {
	Before *Definition `json:"before"` // nil: new
	After  Definition  `json:"after"`
}

// Discovered returns the mapping with what the target itself says of its attributes, which were checked. As in Entra, attributes are added and never
// removed. Those that were added by hand stay as they are. What a service publishes takes nothing away: what was required stays required, because
// services enforce more than they publish; and what points to another object does so still. A change that a row could not live with is left out.
// Remarks say what was left out and why.
func (m *ObjectMapping) Discovered(found []Definition, known Known) (out ObjectMapping, changes []DefinitionChange, remarks []string) {
	out = *m
	out.Definitions = slices.Clone(m.Definitions)
	_, broken := Compile(out, known)
	at := map[string]int{}
	for i := range out.Definitions {
		if key, err := Key(out.Definitions[i].Name); err == nil {
			at[key] = i
		}
	}
	hasKey := slices.ContainsFunc(out.Definitions, func(d Definition) bool { return d.PrimaryKey })
	left := 0
	for _, d := range found {
		key, err := Key(d.Name)
		if err != nil {
			continue
		}
		i, listed := at[key]
		switch {
		case !listed && d.PrimaryKey && hasKey:
		case !listed && len(out.Definitions) == MaxDefinitions:
			left++
		case !listed:
			at[key] = len(out.Definitions)
			out.Definitions = append(out.Definitions, d)
			changes = append(changes, DefinitionChange{After: d})
		default:
			before := out.Definitions[i]
			remark := out.rediscover(i, d, known, broken == nil)
			if remark != "" {
				remarks = append(remarks, remark)
			}
			if after := out.Definitions[i]; !before.same(after) {
				changes = append(changes, DefinitionChange{Before: &before, After: after})
			}
		}
	}
	if left > 0 {
		remarks = append(remarks, fmt.Sprintf("%d attributes were left out: the list holds at most %d", left, MaxDefinitions))
	}
	return out, changes, remarks
}

// rediscover changes the definition at i to what the target says, where that is possible.
func (m *ObjectMapping) rediscover(i int, found Definition, known Known, checked bool) (remark string) {
	before := m.Definitions[i]
	after := before.discovered(found)
	switch {
	case before.Custom && !before.same(after):
		return fmt.Sprintf("%s was added by hand and stays as it is; the target says: %s", before.Name, strings.Join(before.Differences(after), ", "))
	case before.Custom || before.PrimaryKey:
		return ""
	}
	m.Definitions[i] = after
	if before.same(after) || !checked {
		return ""
	}
	row, number := m.Row(before.Name)
	if row == nil {
		return ""
	}
	if _, err := Compile(*m, known); err != nil {
		m.Definitions[i] = before
		return fmt.Sprintf("%s stays as it is, because row %d writes it; the target says: %s; change or remove the row, and discover again",
			before.Name, number, strings.Join(before.Differences(after), ", "))
	}
	return ""
}

// discovered is the definition as the target has it.
func (d Definition) discovered(found Definition) Definition {
	out := found
	out.Name, out.Custom, out.PrimaryKey = d.Name, d.Custom, d.PrimaryKey
	out.Required = d.Required || found.Required
	if d.Type == Reference && found.Type != Reference {
		out.Type, out.Reference, out.MultiValued, out.CaseExact = d.Type, d.Reference, d.MultiValued, d.CaseExact
	}
	if d.Doc != "" {
		out.Doc = d.Doc
	}
	return out
}

// same compares all but descriptions.
func (d Definition) same(other Definition) bool {
	d.Doc = other.Doc
	return d == other
}

// Differences says what differs between an attribute and what it becomes: "type String → Boolean".
func (d Definition) Differences(after Definition) []string {
	var out []string
	note := func(what string, before, after any) {
		if before != after {
			out = append(out, fmt.Sprintf("%s %v → %v", what, before, after))
		}
	}
	note("type", d.Type, after.Type)
	note("refers to", target(d), target(after))
	note("required", yesNo(d.Required), yesNo(after.Required))
	note("multi-value", yesNo(d.MultiValued), yesNo(after.MultiValued))
	note("exact case", yesNo(d.CaseExact), yesNo(after.CaseExact))
	note("read-only", yesNo(d.ReadOnly), yesNo(after.ReadOnly))
	note("primary key", yesNo(d.PrimaryKey), yesNo(after.PrimaryKey))
	return out
}

func target(d Definition) string {
	switch {
	case d.Type != Reference:
		return "nothing"
	case d.Reference == "":
		return "User or Group"
	}
	return d.Reference
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

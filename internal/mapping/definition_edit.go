package mapping

import (
	"fmt"
	"slices"
	"strings"
)

// With returns the set with the object mapping in the place of the one of the same source type. The set itself is not modified.
func (s *Set) With(m ObjectMapping) Set {
	out := *s
	out.Objects = slices.Clone(s.Objects)
	if old := out.For(m.Source); old != nil {
		*old = m
	} else {
		out.Objects = append(out.Objects, m)
	}
	return out
}

// Listed returns the mapping with a list of attributes: its own, or where it has none the given one (a template's), completed by what the rows write.
// Nothing that is provisioned changes by that: of what a row writes, the new list says what the row says.
func (m *ObjectMapping) Listed(list []Definition) ObjectMapping {
	if len(m.Definitions) > 0 {
		return *m
	}
	return m.listed(list)
}

func (m *ObjectMapping) listed(list []Definition) ObjectMapping {
	out := *m
	out.Definitions = slices.Clone(list)
	if !slices.ContainsFunc(list, func(d Definition) bool { return d.PrimaryKey }) {
		out.Definitions = append([]Definition{ID()}, out.Definitions...)
	}
	for _, row := range out.Attributes {
		row = row.filled()
		d := Definition{
			Name: row.Target, Type: row.Type, Required: row.Required, MultiValued: row.MultiValued, CaseExact: row.CaseExact, Reference: row.Reference,
			Custom: customSchema(row.Target),
		}
		switch i := out.definitionAt(row.Target); {
		case i < 0:
			out.Definitions = append(out.Definitions, d)
		default:
			d.Name, d.Doc = out.Definitions[i].Name, out.Definitions[i].Doc
			out.Definitions[i] = d
		}
	}
	return out
}

// AddDefinition returns the mapping with one more attribute in its list, which somebody adds by hand: discovery leaves it alone.
func (m *ObjectMapping) AddDefinition(d Definition) (ObjectMapping, error) {
	out := *m
	d.Custom = true
	if old := out.Definition(d.Name); old != nil {
		return out, invalid("the list has the attribute %s already: change it with `rollcall app attribute set`", old.Name)
	}
	if err := checkCustomName(d.Name, out.Target); err != nil {
		return out, invalid("attribute %s: %w", shortName(d.Name), err)
	}
	out.Definitions = append(slices.Clone(out.Definitions), d)
	return out, CheckDefinitions(out.Definitions)
}

// SetDefinition returns the mapping with the attribute, which the list has under the same name, as somebody says it is: discovery leaves it alone.
func (m *ObjectMapping) SetDefinition(d Definition) (ObjectMapping, error) {
	out := *m
	i := out.definitionAt(d.Name)
	if i < 0 {
		return out, out.notListed(d.Name)
	}
	out.Definitions = slices.Clone(out.Definitions)
	d.Name, d.Custom = out.Definitions[i].Name, true
	out.Definitions[i] = d
	return out, CheckDefinitions(out.Definitions)
}

// RemoveDefinition returns the mapping without the attribute, which no row may write.
func (m *ObjectMapping) RemoveDefinition(name string) (ObjectMapping, error) {
	out := *m
	i := out.definitionAt(name)
	switch {
	case i < 0:
		return out, out.notListed(name)
	case out.Definitions[i].PrimaryKey:
		return out, invalid("%s is the target's own id of the object (primary key), without which nothing can be provisioned: it stays in the list",
			out.Definitions[i].Name)
	}
	if row, number := out.Row(name); row != nil {
		return out, invalid("row %d writes %s (%s): remove the row first, with `rollcall app mapping remove`", number, row.Target, row.source())
	}
	out.Definitions = slices.Delete(slices.Clone(out.Definitions), i, i+1)
	return out, nil
}

// source says in a few words where the row's value comes from.
func (a AttributeMapping) source() string {
	if a.Kind == Constant {
		return fmt.Sprintf("%s %q", a.Kind, a.Value)
	}
	return strings.TrimSpace(fmt.Sprintf("%s %s", a.Kind, a.Value))
}

func (m *ObjectMapping) notListed(name string) error {
	if near := indexed(m.Definitions).nearest(name); near != "" {
		return invalid("the target's list of attributes has no %s: did you mean %s?", name, near)
	}
	return invalid("the target's list of attributes has no %s: `rollcall app attribute list` shows what it has", name)
}

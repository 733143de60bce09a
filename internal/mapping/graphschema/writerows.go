package graphschema

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/rollcall-id/rollcall/internal/mapping"
)

// rows writes the rows in the order of the mapping. Rows that an import left out stay behind the row they came after.
func (w *writer) rows(o *objectMapping, m *mapping.ObjectMapping) error {
	spellRows(o)
	wanted := map[string]bool{}
	for i := range m.Attributes {
		wanted[strings.ToLower(m.Attributes[i].Target)] = true
	}
	byTarget := map[string]*rowMapping{}
	behind := map[string][]*rowMapping{} // rows that stay, by the target of the row before
	last := ""
	for _, row := range o.rows {
		key := strings.ToLower(row.mapping.Target)
		switch {
		case wanted[key]:
			byTarget[key], last = row, key
			row.left = ""
		case row.left != "":
			behind[last] = append(behind[last], row)
		}
	}
	stay := behind[""]
	items := values(stay)
	for i := range m.Attributes {
		a := &m.Attributes[i]
		key := strings.ToLower(a.Target)
		row, err := writeRow(byTarget[key], a)
		if err != nil {
			return fmt.Errorf("row %d (%s): %w", i+1, a.Target, err)
		}
		items = append(append(items, row), values(behind[key])...)
		stay = append(stay, behind[key]...)
	}
	o.rows = stay
	o.value.(*object).set("attributeMappings", &list{items}) //nolint:forcetypeassert // it was read as one, or made
	return nil
}

func values(rows []*rowMapping) []any {
	var out []any
	for _, row := range rows {
		out = append(out, row.value)
	}
	return out
}

func spellRows(o *objectMapping) {
	for _, row := range o.rows {
		spell(row.value, "targetAttributeName", "source", "matchingPriority", "defaultValue", "flowType", "flowBehavior", "exportMissingReferences")
	}
}

// spellSource spells a source and its parameters.
func spellSource(value any) {
	spell(value, "expression", "name", "type", "parameters")
	o, _ := value.(*object)
	if o == nil {
		return
	}
	if word, ok := o.get("type").(string); ok {
		r := &reader{}
		o.set("type", node{r: r, value: word}.word(typeAttribute, typeConstant, typeFunction))
	}
	if parameters, ok := o.get("parameters").(*list); ok {
		for _, item := range parameters.items {
			spell(item, "key", "value")
			if p, ok := item.(*object); ok {
				spellSource(p.get("value"))
			}
		}
	}
}

// writeRow lays a row over the one of the document; nil: a new one. What means the same stays as it is written.
func writeRow(row *rowMapping, a *mapping.AttributeMapping) (*object, error) {
	source, err := tree(a)
	if err != nil {
		return nil, err
	}
	apply := a.Apply
	if apply == "" {
		apply = mapping.Always
	}
	if row == nil {
		return made("targetAttributeName", a.Target, "source", source, "matchingPriority", priority(a), "defaultValue", textOrNull(a.Default),
			"flowType", flowType(apply), "flowBehavior", flowBehavior(a), "exportMissingReferences", false), nil
	}
	o, was := row.value.(*object), &row.mapping //nolint:forcetypeassert // it was read as one
	o.set("targetAttributeName", a.Target)
	if was.Kind != mapping.None || a.Kind != mapping.None {
		writeSource(o, source)
	}
	o.set("matchingPriority", priority(a))
	if was.Default != a.Default || o.find("defaultValue") < 0 {
		o.set("defaultValue", textOrNull(a.Default))
	}
	o.set("flowType", flowType(apply))
	o.set("flowBehavior", flowBehavior(a))
	if o.find("exportMissingReferences") < 0 {
		o.set("exportMissingReferences", false)
	}
	return o, nil
}

// writeSource lays a source over the one that is there, so that keys of it that nobody knows stay. A source whose two halves say what is wanted stays as
// it is, down to the last parameter.
func writeSource(row *object, source any) {
	old, ok := row.get("source").(*object)
	fresh, is := source.(*object)
	if !ok || !is {
		row.set("source", source)
		return
	}
	spellSource(old)
	if old.get("expression") == fresh.get("expression") && stands(old) {
		return
	}
	for _, m := range fresh.members {
		old.set(m.key, m.value)
	}
}

func priority(a *mapping.AttributeMapping) number { return number(strconv.Itoa(a.Matching)) }

func textOrNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func flowType(apply mapping.Apply) string {
	for _, f := range flows() {
		if f.apply == apply {
			return f.graph
		}
	}
	return flowAlways
}

func flowBehavior(a *mapping.AttributeMapping) string {
	if a.FlowAlways {
		return flowEveryTime
	}
	return flowWhenChanged
}

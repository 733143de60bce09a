package cli

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/rollcall-id/rollcall/internal/mapping"
)

// showDifference prints what becomes different, row by row.
func (a *app) showDifference(d mapping.Difference) {
	for _, o := range d.Objects {
		a.say("%s (%s)", o.Source, o.Change)
		a.showFields("  ", o.Fields)
		if o.Filters != nil {
			a.say("  scoping filters")
			a.say("    from %s", fieldText(o.Filters.From))
			a.say("    to   %s", fieldText(o.Filters.To))
		}
		for _, r := range o.Rows {
			a.showRow("  "+r.Target, r)
		}
		for _, change := range []string{mapping.Added, mapping.Removed} {
			if names := targetsOf(o.Definitions, change); len(names) > 0 {
				a.say("  attribute list, %s: %s", change, strings.Join(names, ", "))
			}
		}
		for _, r := range o.Definitions {
			if r.Change == mapping.Changed {
				a.showRow("  attribute list, "+r.Target, r)
			}
		}
	}
}

// showRow prints a row that was added or removed on one line, and of one that changed what changed.
func (a *app) showRow(name string, r mapping.RowDifference) {
	if r.Change == mapping.Changed {
		a.say("%s: changed", name)
		a.showFields("    ", r.Fields)
		return
	}
	words := make([]string, 0, len(r.Fields))
	for _, f := range r.Fields {
		if f.Field == "target" {
			continue
		}
		v := f.To
		if r.Change == mapping.Removed {
			v = f.From
		}
		words = append(words, f.Field+" "+fieldText(v))
	}
	a.say("%s: %s: %s", name, r.Change, strings.Join(words, ", "))
}

func targetsOf(rows []mapping.RowDifference, change string) []string {
	var names []string
	for _, r := range rows {
		if r.Change == change {
			names = append(names, r.Target)
		}
	}
	return names
}

func (a *app) showFields(indent string, fields []mapping.FieldDifference) {
	for _, f := range fields {
		from, to := f.From, f.To
		if to == true && from == nil { // a row does not write down what it is not
			from = false
		}
		if from == true && to == nil {
			to = false
		}
		a.say("%s%s: %s → %s", indent, f.Field, fieldText(from), fieldText(to))
	}
}

// fieldText is a field's value for a person. A filter is a JSON document.
func fieldText(v any) string {
	switch v := v.(type) {
	case nil:
		return "(none)"
	case json.RawMessage:
		return string(v)
	case bool:
		return yesNo(v)
	}
	return fmt.Sprint(v)
}

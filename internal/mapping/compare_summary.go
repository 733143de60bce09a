package mapping

import (
	"fmt"
	"strings"
)

// Empty reports that the sets do the same.
func (d Difference) Empty() bool { return len(d.Objects) == 0 }

// Summary says in one line what is different: "User: 1 row added, 2 changed, filters".
func (d Difference) Summary() string {
	if d.Empty() {
		return "nothing that a cycle would notice"
	}
	parts := make([]string, 0, len(d.Objects))
	for _, o := range d.Objects {
		parts = append(parts, o.Source+": "+o.summary())
	}
	return strings.Join(parts, "; ")
}

func (o ObjectDifference) summary() string {
	if o.Change != Changed {
		return o.Change
	}
	var parts []string
	parts = append(parts, counted(o.Rows, "row", "rows")...)
	parts = append(parts, counted(o.Definitions, "attribute of the target", "attributes of the target")...)
	if o.Filters != nil {
		parts = append(parts, "filters")
	}
	for _, f := range o.Fields {
		parts = append(parts, f.Field)
	}
	return strings.Join(parts, ", ")
}

// counted counts the rows by what became of them. Only the first count names what is counted.
func counted(rows []RowDifference, one, many string) []string {
	var parts []string
	for _, change := range []string{Added, Removed, Changed} {
		n := 0
		for _, r := range rows {
			if r.Change == change {
				n++
			}
		}
		noun := many
		switch {
		case n == 0:
			continue
		case len(parts) > 0:
			noun = ""
		case n == 1:
			noun = one
		}
		parts = append(parts, strings.Join(strings.Fields(fmt.Sprintf("%d %s %s", n, noun, change)), " "))
	}
	return parts
}

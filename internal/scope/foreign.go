package scope

import (
	"fmt"
	"strings"
)

// refusedByEntra are attributes that Entra has and does not filter by (spec/entra-provisioning.md 5.3).
func refusedByEntra(attribute string) bool {
	switch strings.ToLower(attribute) {
	case "usertype", "manager", "memberof", "approleassignments":
		return true
	}
	return false
}

// Foreign lists what Entra would not take of the filter, each with its place in the file: for who exports it.
func (f *Filter) Foreign() []string {
	var out []string
	for place, c := range f.clauses() {
		if c.op.ours {
			out = append(out, fmt.Sprintf("%s: Entra has no operator %s", place, c.op.name))
		}
		if c.Comparison != "" {
			out = append(out, fmt.Sprintf("%s: Entra has no multivaluedComparisonType in a clause, and does not filter by attributes with several values", place))
		}
		if refusedByEntra(c.Attribute) {
			out = append(out, fmt.Sprintf("%s: Entra does not filter by %s", place, c.Attribute))
		}
	}
	return out
}

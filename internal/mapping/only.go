package mapping

import (
	"slices"
	"strings"
)

// Only returns the mapping with the rows of some targets, for whoever wants no other values. Target paths are compared without regard to letter case.
func (c *Compiled) Only(targets []string) *Compiled {
	only := *c
	only.rows = slices.DeleteFunc(slices.Clone(c.rows), func(r row) bool {
		return !slices.ContainsFunc(targets, func(t string) bool { return strings.EqualFold(t, r.Target) })
	})
	return &only
}

// Targets returns the target paths of the rows, in their order.
func (c *Compiled) Targets() []string {
	out := make([]string, 0, len(c.rows))
	for i := range c.rows {
		out = append(out, c.rows[i].Target)
	}
	return out
}

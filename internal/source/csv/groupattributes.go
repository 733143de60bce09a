package csv

import (
	"fmt"
	"strings"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/scim"
)

// attribute takes in a column of the groups file that names an attribute of the groups.
func (c *groupColumns) attribute(i int, cell string, ignoreUnknown bool, known *directory.Attributes) error {
	p, err := attributeOf(known, cell)
	if err == nil {
		made := column{index: i, header: cell, path: p, kind: p.Leaf().Type, list: p.Leaf().MultiValued}
		if err = groupWritable(made); err == nil {
			err = writable(made)
		}
		for _, other := range c.attributes {
			if identity(other.path) == identity(p) {
				return fault.Errorf(fault.ErrInvalid, "the columns %q and %q are the same attribute: leave one of them out", other.header, cell)
			}
		}
		if err == nil {
			c.attributes = append(c.attributes, made)
			return nil
		}
	}
	if ignoreUnknown {
		return nil
	}
	return fmt.Errorf("%w; a groups file has the columns displayName, member, if groups have a key externalId, and attributes of groups", err)
}

// groupWritable refuses what a groups file says in columns of its own.
func groupWritable(c column) error {
	if strings.EqualFold(c.path.Attribute.Name, "members") {
		return fault.Errorf(fault.ErrInvalid, "column %q cannot be imported: the column member says who belongs to a group, one row a membership", c.header)
	}
	return nil
}

// take notes what a row says of its group's attributes. The rows of a group may repeat a value or leave it out. problem says what is wrong with the row.
func (c *groupColumns) take(g *group, row *row) (problem string) {
	if len(c.attributes) == 0 {
		return ""
	}
	if g.values == nil {
		g.values = make([]string, len(c.attributes))
	}
	for i, a := range c.attributes {
		cell := row.values[a.index]
		switch {
		case cell == "" || cell == g.values[i]:
			continue
		case g.values[i] != "":
			return fmt.Sprintf("%s of the group %q is %q here and %q in a row before: a group has one", a.header, brief(g.name), brief(cell), brief(g.values[i]))
		}
		if _, err := convert(a, cell); err != nil {
			return err.Error()
		}
		g.values[i] = cell
	}
	return ""
}

// apply returns what the group's attributes are when the file is applied to old ones: a column sets its attribute, an empty value removes it, and attributes
// without a column stay.
func (c *groupColumns) apply(g *group, old scim.Resource) (scim.Resource, error) {
	out := old.Clone()
	if out == nil {
		out = scim.Resource{}
	}
	out["displayName"] = g.name
	if g.externalID != "" {
		out["externalId"] = g.externalID
	}
	if g.unclear || g.values == nil {
		return out, nil
	}
	for i, a := range c.attributes {
		if err := a.apply(c.typ, g.values[i], out); err != nil {
			return nil, err
		}
	}
	return out, nil
}

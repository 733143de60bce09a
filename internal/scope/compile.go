package scope

import (
	"errors"
	"fmt"
	"strings"

	"github.com/rollcall-id/rollcall/expression"
)

func compile(d Document) (*Filter, error) {
	f := &Filter{document: d}
	var err error
	if f.groups, err = compileGroups("groups", d.Groups); err != nil {
		return nil, err
	}
	f.inputs, err = compileGroups("inputFilterGroups", d.InputFilterGroups)
	return f, err
}

func compileGroups(path string, all []Group) ([]group, error) {
	out := make([]group, len(all))
	for i, g := range all {
		out[i] = group{name: g.Name, clauses: make([]clause, len(g.Clauses))}
		if g.Name == "" {
			out[i].name = fmt.Sprintf("filter %d", i+1)
		}
		for j := range g.Clauses {
			c, err := compileClause(&g.Clauses[j])
			if err != nil {
				return nil, invalid("%s[%d].clauses[%d]: %w", path, i, j, err)
			}
			out[i].clauses[j] = c
		}
	}
	return out, nil
}

// compileClause checks a clause and writes its operator in the documented spelling.
func compileClause(c *Clause) (clause, error) {
	if c.Attribute = strings.TrimSpace(c.Attribute); c.Attribute == "" {
		return clause{}, errors.New("sourceOperandName is missing: name a source attribute such as country")
	}
	if why := unfilterable(c.Attribute); why != "" {
		return clause{}, fmt.Errorf("the attribute %s cannot be filtered: %s", c.Attribute, why)
	}
	op, err := operatorNamed(c.Operator)
	if err != nil {
		return clause{}, err
	}
	c.Operator = op.name
	values := c.Target.Values
	if op.unary && len(values) == 1 && values[0] == "" {
		values = nil // as some exports write it
	}
	switch {
	case op.unary && len(values) > 0:
		return clause{}, fmt.Errorf("%s takes no value, and targetOperand has %q: remove it", op.name, values)
	case !op.unary && len(values) != 1:
		return clause{}, fmt.Errorf("%s takes one value, and targetOperand has %d: write {\"values\": [\"…\"]}, and one filter for each alternative",
			op.name, len(values))
	}
	out := clause{Clause: *c}
	if !op.unary {
		out.value = values[0]
	}
	out.test, err = op.build(out.value)
	return out, err
}

// unfilterable says why an attribute cannot be filtered by. Entra's list is longer (userType, manager): what has one value works here.
func unfilterable(name string) string {
	switch strings.ToLower(name) {
	case "members", "memberof", "ismemberof":
		return "it has many values; assign groups instead"
	case "approleassignments":
		return "it has many values; assign people instead"
	case "issoftdeleted":
		return "it depends on the outcome of the filter; use accountEnabled"
	}
	return ""
}

func operatorNamed(name string) (operator, error) {
	var names []string
	for _, op := range operators() {
		if strings.EqualFold(op.name, name) {
			return op, nil
		}
		names = append(names, op.name)
	}
	if near := expression.Nearest(name, names); near != "" {
		return operator{}, fmt.Errorf("unknown operator %q: did you mean %s?", name, near)
	}
	return operator{}, fmt.Errorf("unknown operator %q: expected one of %s", name, strings.Join(names, ", "))
}

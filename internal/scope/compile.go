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
	if f.inputs, err = compileGroups("inputFilterGroups", d.InputFilterGroups); err != nil {
		return nil, err
	}
	return f, f.limit()
}

// limit bounds what one evaluation may cost.
func (f *Filter) limit() error {
	total, patterns := 0, 0
	for _, c := range f.clauses() {
		total++
		if strings.HasSuffix(c.Operator, "REGEX MATCH") {
			patterns++
		}
	}
	switch {
	case total > maxTotal:
		return invalid("the filter file has %d clauses: at most %d are allowed", total, maxTotal)
	case patterns > maxPatterns:
		return invalid("the filter file has %d regular expressions: at most %d are allowed; IN, STARTS_WITH, ENDS_WITH and Includes need none", patterns, maxPatterns)
	}
	return nil
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
	if managerPath(c.Attribute) {
		c.Attribute = managerAttribute
	}
	if why := unfilterable(c.Attribute); why != "" {
		return clause{}, fmt.Errorf("the attribute %s cannot be filtered: %s", c.Attribute, why)
	}
	op, err := operatorNamed(c.Operator)
	if err != nil {
		return clause{}, err
	}
	c.Operator = op.name
	if strings.HasSuffix(op.name, memberOfOperator) && !strings.EqualFold(c.Attribute, memberOfAttribute) {
		return clause{}, fmt.Errorf("%s is about groups, and sourceOperandName is %q: write %s there", op.name, c.Attribute, memberOfAttribute)
	}
	values, err := operands(op, c.Target.Values)
	if err != nil {
		return clause{}, err
	}
	out := clause{op: op, all: op.negative}
	if c.Comparison != "" {
		if out.all, err = comparison(c); err != nil {
			return clause{}, err
		}
	}
	if out.test, err = op.build(values); err != nil {
		return clause{}, err
	}
	if op.fitsOnly(Date) {
		w, err := parseWhen(values[0])
		if err != nil {
			return clause{}, err
		}
		out.when = &w
	}
	out.Clause, out.value = *c, strings.Join(values, ", ")
	return out, nil
}

// operands checks how many values the clause has.
func operands(op operator, values []string) ([]string, error) {
	if op.arity == none && len(values) == 1 && values[0] == "" {
		return nil, nil // as some exports write it
	}
	switch {
	case op.arity == none && len(values) > 0:
		return nil, fmt.Errorf("%s takes no value, and targetOperand has %q: remove it", op.name, values)
	case op.arity == one && len(values) != 1:
		hint := "write {\"values\": [\"…\"]}"
		if len(values) > 1 {
			hint += ", one filter for each alternative, or use IN"
		}
		return nil, fmt.Errorf("%s takes one value, and targetOperand has %d: %s", op.name, len(values), hint)
	case op.arity == many && len(values) == 0:
		return nil, fmt.Errorf("%s takes one value or more, and targetOperand has none: write {\"values\": [\"…\", \"…\"]}", op.name)
	}
	return values, nil
}

// comparison reads multivaluedComparisonType and writes it in the documented spelling.
func comparison(c *Clause) (all bool, err error) {
	for _, word := range []string{All, Any} {
		if strings.EqualFold(c.Comparison, word) {
			c.Comparison = word
			return word == All, nil
		}
	}
	return false, fmt.Errorf("unknown multivaluedComparisonType %q: expected %s or %s", c.Comparison, All, Any)
}

// managerPath reports whether the name is a SCIM path of the manager.
func managerPath(name string) bool {
	path := withoutURN(name)
	return path == managerAttribute || path == managerAttribute+".value"
}

// withoutURN is a SCIM path in lower case, without the URN of a standard schema of users or groups.
func withoutURN(name string) string {
	name = strings.ToLower(name)
	if strings.HasPrefix(name, "urn:ietf:params:scim:schemas:") {
		return name[strings.LastIndexByte(name, ':')+1:]
	}
	return name
}

// unfilterable says why an attribute cannot be filtered by. Entra's list is longer (userType, manager, appRoleAssignments, dates): those work here.
func unfilterable(name string) string {
	whole, _, _ := strings.Cut(withoutURN(name), ".")
	switch whole, _, _ = strings.Cut(whole, "["); whole {
	case managerAttribute:
		if !strings.EqualFold(name, managerAttribute) {
			return "write manager; a filter may name the person by userPrincipalName or by objectId"
		}
	case "members":
		return "a group may have a hundred thousand; filter people by " + memberOfAttribute + " instead"
	case "ismemberof", "groups":
		return "write " + memberOfAttribute
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

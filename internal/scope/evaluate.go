package scope

import (
	"errors"
	"fmt"
	"strings"

	"github.com/rollcall-id/rollcall/expression"
)

// Result is the verdict on one object, with the reason clause by clause.
type Result struct {
	Passed  bool          `json:"passed"`
	Ignored bool          `json:"ignored"` // no input filter lets the object in: leave its account alone
	Groups  []GroupResult `json:"groups"`  // input filters first
}

// GroupResult is how the object did on one filter.
type GroupResult struct {
	Name    string         `json:"name"`
	Input   bool           `json:"input"` // an input filter
	Passed  bool           `json:"passed"`
	Clauses []ClauseResult `json:"clauses"`
}

// ClauseResult is how the object did on one clause.
type ClauseResult struct {
	Title     string `json:"title"` // of the filter
	Attribute string `json:"attribute"`
	Operator  string `json:"operator"`
	Value     string `json:"value"` // of the filter; empty for IS NULL and its like
	Passed    bool   `json:"passed"`
}

// String renders the clause as the provisioning log shows it: {title} {attribute} {operator} {value}: true.
func (c ClauseResult) String() string {
	text := c.Title + " " + c.Attribute + " " + c.Operator
	if c.Value != "" {
		text += " " + c.Value
	}
	return fmt.Sprintf("%s: %t", text, c.Passed)
}

// String renders all clauses, one a line.
func (r Result) String() string {
	var lines []string
	for _, g := range r.Groups {
		for _, c := range g.Clauses {
			lines = append(lines, c.String())
		}
	}
	return strings.Join(lines, "\n")
}

// Reason says the verdict in one sentence.
func (r Result) Reason() string {
	switch {
	case r.Ignored:
		return "ignored: no input filter passes (" + r.failed(true) + ")"
	case !r.Passed:
		return "no scoping filter passes (" + r.failed(false) + ")"
	}
	for _, g := range r.Groups {
		if g.Passed && !g.Input {
			return "passes the scoping filter " + g.Name
		}
	}
	return "there is no scoping filter"
}

// failed lists the clauses that do not hold.
func (r Result) failed(input bool) string {
	var out []string
	for _, g := range r.Groups {
		if g.Input != input {
			continue
		}
		for _, c := range g.Clauses {
			if !c.Passed {
				out = append(out, c.String())
			}
		}
	}
	return strings.Join(out, "; ")
}

// Evaluate judges one object. An error means that there is no verdict: the object must be neither provisioned nor deprovisioned on its account.
func (f *Filter) Evaluate(source expression.Source) (Result, error) {
	r := Result{Passed: true}
	if f == nil {
		return r, nil
	}
	r.Groups = make([]GroupResult, 0, len(f.inputs)+len(f.groups))
	passed, err := anyPasses(&r, f.inputs, true, source)
	if err != nil || !passed {
		r.Passed, r.Ignored = false, err == nil
		return r, err
	}
	r.Passed, err = anyPasses(&r, f.groups, false, source)
	return r, err
}

// anyPasses evaluates filters between which there is an OR, into r; none of them is a pass.
func anyPasses(r *Result, groups []group, input bool, source expression.Source) (bool, error) {
	passed := len(groups) == 0
	for _, g := range groups {
		result := GroupResult{Name: g.name, Input: input, Passed: true, Clauses: make([]ClauseResult, len(g.clauses))}
		for i := range g.clauses {
			c := &g.clauses[i]
			holds, err := c.holds(source)
			if err != nil {
				return false, fmt.Errorf("scoping filter %q, %s %s: %w", g.name, c.Attribute, c.Operator, err)
			}
			result.Clauses[i] = ClauseResult{Title: g.name, Attribute: c.Attribute, Operator: c.Operator, Value: c.value, Passed: holds}
			result.Passed = result.Passed && holds
		}
		r.Groups = append(r.Groups, result)
		passed = passed || result.Passed
	}
	return passed, nil
}

// holds asks the clause of an object. A null or empty attribute is false, whatever the operator, except for IS NULL (5.3).
func (c *clause) holds(source expression.Source) (bool, error) {
	v, known := source.Attribute(c.Attribute)
	if !known {
		return false, errors.New("unknown attribute: check the spelling")
	}
	if v.Kind() == expression.List {
		list := v.List()
		if len(list) > 1 {
			return false, fmt.Errorf("the attribute has %d values, and filters work on one: filter by another attribute", len(list))
		}
		v = expression.Str(list[0])
	}
	if v.IsEmpty() && c.Operator != isNull {
		return false, nil
	}
	return c.test(v)
}

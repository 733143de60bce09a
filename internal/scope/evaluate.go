package scope

import (
	"errors"
	"fmt"
	"strings"
	"time"

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
	Value     string `json:"value"` // of the filter, several with commas between them; empty for IS NULL and its like
	Passed    bool   `json:"passed"`

	Meant      string   `json:"meant,omitempty"`                     // what a relative date was at that moment
	Comparison string   `json:"multivaluedComparisonType,omitempty"` // All or Any where the filter says so
	Have       []string `json:"have"`                                // the object's values; none: the attribute is empty
}

// String renders the clause as the provisioning log shows it: {title} {attribute} {operator} {value}: true.
func (c ClauseResult) String() string {
	return fmt.Sprintf("%s %s: %t", c.Title, c.Question(), c.Passed)
}

// Question is what the clause asks: {attribute} {operator} {value}, with what a relative date means.
func (c ClauseResult) Question() string { return c.question(c.Meant) }

func (c ClauseResult) question(meant string) string {
	text := c.Attribute + " " + c.Operator
	if c.Value != "" {
		text += " " + c.Value
	}
	if meant != "" {
		text += " (" + meant + ")"
	}
	switch c.Comparison {
	case All:
		text += " (all values)"
	case Any:
		text += " (any value)"
	}
	return text
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

// Reason says the verdict in one sentence. It is the same on every day on which the same clauses fail: somebody's decision about it holds as long.
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
				out = append(out, fmt.Sprintf("%s %s: false", c.Title, c.question("")))
			}
		}
	}
	return strings.Join(out, "; ")
}

// Evaluate judges one object at a moment, from which relative dates count. An error means that there is no verdict: the object must be neither provisioned
// nor deprovisioned on its account.
func (f *Filter) Evaluate(source expression.Source, at time.Time) (Result, error) {
	r, err := f.Input(source, at)
	if f == nil || err != nil || r.Ignored {
		return r, err
	}
	r.Passed, err = anyPasses(&r, f.groups, false, source, at)
	return r, err
}

// Input asks the input filters only. They concern everybody: somebody who left or is not assigned is left alone by them too.
func (f *Filter) Input(source expression.Source, at time.Time) (Result, error) {
	r := Result{Passed: true}
	if f == nil {
		return r, nil
	}
	r.Groups = make([]GroupResult, 0, len(f.inputs)+len(f.groups))
	passed, err := anyPasses(&r, f.inputs, true, source, at)
	if err != nil || !passed {
		r.Passed, r.Ignored = false, err == nil
	}
	return r, err
}

// anyPasses evaluates filters between which there is an OR, into r; none of them is a pass.
func anyPasses(r *Result, groups []group, input bool, source expression.Source, at moment) (bool, error) {
	passed := len(groups) == 0
	for _, g := range groups {
		result := GroupResult{Name: g.name, Input: input, Passed: true, Clauses: make([]ClauseResult, len(g.clauses))}
		for i := range g.clauses {
			c := &g.clauses[i]
			clause, err := c.judge(source, at)
			if err != nil {
				return false, fmt.Errorf("scoping filter %q, %s %s: %w", g.name, c.Attribute, c.Operator, err)
			}
			clause.Title = g.name
			result.Clauses[i] = clause
			result.Passed = result.Passed && clause.Passed
		}
		r.Groups = append(r.Groups, result)
		passed = passed || result.Passed
	}
	return passed, nil
}

// judge asks the clause of an object.
func (c *clause) judge(source expression.Source, at moment) (ClauseResult, error) {
	out := ClauseResult{Attribute: c.Attribute, Operator: c.Operator, Value: c.value, Comparison: c.Comparison}
	if c.when != nil && c.when.relative {
		out.Meant = c.when.text(at)
	}
	values, known := elements(source, c.Attribute)
	if !known {
		return out, errors.New("unknown attribute: check the spelling")
	}
	out.Have = shown(values)
	var err error
	out.Passed, err = c.holds(values, at)
	return out, err
}

// holds asks the clause of the values of an attribute. A null or empty attribute is false, whatever the operator, except for IS NULL (5.3) and ours that
// say so.
func (c *clause) holds(values []element, at moment) (bool, error) {
	if len(values) == 0 {
		return c.op.null, nil
	}
	for _, e := range values {
		passed, err := c.test(e, at)
		if err != nil {
			return false, err
		}
		if passed != c.all {
			return passed, nil // one is enough to pass, or to fail where all must pass
		}
	}
	return c.all, nil
}

const (
	maxShown      = 5   // values of an attribute in an explanation
	maxShownRunes = 100 // of one of them
)

// shown are the values as an explanation shows them.
func shown(values []element) []string {
	out := make([]string, 0, min(len(values), maxShown+1))
	for i, e := range values {
		if i == maxShown {
			return append(out, fmt.Sprintf("… %d more", len(values)-i))
		}
		text := e.text
		if text == "" {
			text = e.id
		}
		if r := []rune(text); len(r) > maxShownRunes {
			text = string(r[:maxShownRunes]) + "…"
		}
		out = append(out, text)
	}
	return out
}

package scope

import (
	"fmt"
	"slices"
	"strings"
)

// Kind is what an attribute holds, as far as operators care.
type Kind string

// The kinds.
const (
	Text      Kind = "a text"
	Whole     Kind = "a whole number"
	Truth     Kind = "true or false"
	Date      Kind = "a date"
	Reference Kind = "another object"
)

// Attribute is what a filter must know of a source attribute to tell whether a clause can ever hold.
type Attribute struct {
	Kind     Kind
	Multiple bool // may have several values
}

func (op operator) fitsOnly(k Kind) bool { return len(op.fits) == 1 && op.fits[0] == k }

// Check asks of each attribute what it is. An attribute that find does not know is an error; find says which was meant. What is likely a mistake, but may be
// meant (numbers and dates in a text attribute), is a warning.
func (f *Filter) Check(find func(name string) (Attribute, error)) (warnings []string, err error) {
	for place, c := range f.clauses() {
		a, err := find(c.Attribute)
		if err != nil {
			return nil, invalid("%s: %w", place, err)
		}
		if w := c.doubt(a); w != "" {
			warnings = append(warnings, place+": "+w)
		}
	}
	return warnings, nil
}

// doubt says what is odd about the clause; empty: nothing.
func (c *clause) doubt(a Attribute) string {
	literal := strings.ToLower(c.value)
	switch {
	case c.op.fits != nil && !slices.Contains(c.op.fits, a.Kind):
		return fmt.Sprintf("%s is for what is %s, and %s is %s: whoever has something else there does not pass", c.Operator, kinds(c.op.fits), c.Attribute, a.Kind)
	case a.Kind == Truth && (strings.HasSuffix(c.Operator, "EQUALS")) && literal != "true" && literal != "false":
		return fmt.Sprintf("%s is true or false, and never %q: use IS TRUE or IS FALSE", c.Attribute, c.value)
	case a.Kind == Date && c.op.fits == nil && c.op.arity != none:
		return fmt.Sprintf("%s compares letters, and %s is a date, which has several spellings: use On, Before or After", c.Operator, c.Attribute)
	case c.Comparison != "" && !a.Multiple:
		return fmt.Sprintf("multivaluedComparisonType has no effect: %s has one value", c.Attribute)
	}
	return ""
}

func kinds(all []Kind) string {
	words := make([]string, 0, len(all))
	for _, k := range all {
		words = append(words, string(k))
	}
	return strings.Join(words, " or ")
}

package scope

import (
	"iter"
	"slices"
	"strings"
)

// Name is an object that a clause names, to be looked up before the filter is saved: a filter by a group that does not exist is likely a slip of the pen.
type Name struct {
	Place     string // of the clause in the file
	Attribute string
	Value     string // an id or a name
}

// Names returns the objects that clauses on the attribute name as a whole. Parts of names (Includes, REGEX MATCH) are left out.
func (f *Filter) Names(attribute string) []Name {
	whole := []string{"EQUALS", "NOT EQUALS", "IN", "NOT IN", memberOfOperator, "NOT " + memberOfOperator}
	var names []Name
	for place, c := range f.clauses() {
		if !strings.EqualFold(c.Attribute, attribute) || !slices.Contains(whole, c.Operator) {
			continue
		}
		for _, v := range c.Target.Values {
			names = append(names, Name{Place: place, Attribute: c.Attribute, Value: v})
		}
	}
	return names
}

// Readers yields the clauses that read an attribute of the kind: the place in the file, and the attribute.
func (f *Filter) Readers(of func(attribute string) bool) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for place, c := range f.clauses() {
			if of(c.Attribute) && !yield(place, c.Attribute) {
				return
			}
		}
	}
}

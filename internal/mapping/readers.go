package mapping

import (
	"iter"
	"slices"

	"github.com/rollcall-id/rollcall/expression"
)

// Readers yields the rows of a mapping that read a source attribute of the kind: their numbers, and their targets. The mapping need not be one that works.
func Readers(m *ObjectMapping, of func(attribute string) bool) iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		for i := range m.Attributes {
			a := &m.Attributes[i]
			if slices.ContainsFunc(sourcesOf(a), of) && !yield(i+1, a.Target) {
				return
			}
		}
	}
}

// sourcesOf returns the source attributes of the row; none where its expression is wrong.
func sourcesOf(a *AttributeMapping) []string {
	switch a.Kind {
	case Direct:
		return []string{a.Value}
	case Expression:
		if p, err := expression.Compile(a.Value); err == nil {
			return p.Attributes()
		}
	}
	return nil
}

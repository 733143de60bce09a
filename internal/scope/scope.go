// Package scope holds scoping filters: rules over source attributes that say who may be provisioned (spec/entra-provisioning.md section 5). It reads the
// filter file, which is Microsoft Graph's filter object, compiles it once, and explains each verdict clause by clause. It knows nothing of assignments,
// links or targets, and it decides about no account: internal/provisioning does.
package scope

import (
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"
)

// Document is a filter file as it is written.
type Document struct {
	// Groups are the scoping filters. An object passes when it passes one of them; without any, everybody passes.
	Groups []Group `json:"groups"`
	// InputFilterGroups are asked first, likewise one is enough. Who does not pass is ignored: neither provisioned nor deprovisioned.
	InputFilterGroups []Group `json:"inputFilterGroups"`
}

// Group is one scoping filter: a title and clauses that must all hold.
type Group struct {
	Name    string   `json:"name"`
	Clauses []Clause `json:"clauses"`
}

// Clause compares a source attribute with a value.
type Clause struct {
	Operator  string  `json:"operatorName"`
	Attribute string  `json:"sourceOperandName"`
	Target    Operand `json:"targetOperand"`
	// Comparison says what an attribute with several values needs: All or Any of them must pass. Empty: any, and all for operators that begin with NOT and !.
	Comparison string `json:"multivaluedComparisonType,omitempty"`
}

// The values of Clause.Comparison.
const (
	All = "All"
	Any = "Any"
)

// Operand is the right side of a clause: one value, none for IS TRUE and its like, several for IN and its like.
type Operand struct {
	Values []string `json:"values"`
}

// Filter is a compiled Document. It may be evaluated by several goroutines at once. A nil Filter lets everybody pass.
type Filter struct {
	document Document
	groups   []group
	inputs   []group
}

type group struct {
	name    string
	clauses []clause
}

type clause struct {
	Clause
	op    operator
	value string // of the file, for explanations
	all   bool   // every value must pass, instead of one
	test  test
	when  *when // of a clause about dates; nil: it is about something else
}

// Compile is Parse for a filter that may be absent: no bytes, JSON's null, and a document without any filters give nil.
func Compile(raw json.RawMessage) (*Filter, error) {
	if text := strings.TrimSpace(string(raw)); text == "" || text == "null" {
		return nil, nil
	}
	f, err := Parse(raw)
	if err != nil || len(f.groups) == 0 && len(f.inputs) == 0 {
		return nil, err
	}
	return f, nil
}

// Parse reads and compiles a filter file. The error is fault.ErrInvalid and says where in the file what is wrong.
func Parse(data []byte) (*Filter, error) {
	d, err := decode(data)
	if err != nil {
		return nil, err
	}
	return compile(d)
}

// Document returns what the filter was made of.
func (f *Filter) Document() Document {
	if f == nil {
		return Document{Groups: []Group{}, InputFilterGroups: []Group{}}
	}
	return f.document
}

// clauses yields every clause with the place where it stands in the file.
func (f *Filter) clauses() iter.Seq2[string, *clause] {
	return func(yield func(string, *clause) bool) {
		if f == nil {
			return
		}
		for _, part := range []struct {
			name string
			list []group
		}{{"inputFilterGroups", f.inputs}, {"groups", f.groups}} {
			for i := range part.list {
				for j := range part.list[i].clauses {
					if !yield(fmt.Sprintf("%s[%d].clauses[%d]", part.name, i, j), &part.list[i].clauses[j]) {
						return
					}
				}
			}
		}
	}
}

// Attributes returns the source attributes that the filter reads, each once.
func (f *Filter) Attributes() []string {
	var all []string
	for _, c := range f.clauses() {
		if !slices.Contains(all, c.Attribute) {
			all = append(all, c.Attribute)
		}
	}
	return all
}

// Reads reports whether the filter reads the attribute.
func (f *Filter) Reads(attribute string) bool {
	for _, c := range f.clauses() {
		if strings.EqualFold(c.Attribute, attribute) {
			return true
		}
	}
	return false
}

// Turned reports whether the passing of time alone may give somebody another verdict: a clause counts from today and another day began, or it counts from now.
func (f *Filter) Turned(then, now time.Time) bool {
	for _, c := range f.clauses() {
		if c.when != nil && c.when.turned(then, now) {
			return true
		}
	}
	return false
}

// Package scope holds scoping filters: rules over source attributes that say who may be provisioned (spec/entra-provisioning.md section 5). It reads the
// filter file, which is Microsoft Graph's filter object, compiles it once, and explains each verdict clause by clause. It knows nothing of assignments,
// links or targets, and it decides about no account: internal/provisioning does.
package scope

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/rollcall-id/rollcall/expression"
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
}

// Operand is the right side of a clause: one value, none for IS TRUE and its like.
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
	value string
	test  func(expression.Value) (bool, error)
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

// Attributes returns the source attributes that the filter reads, each once.
func (f *Filter) Attributes() []string {
	var all []string
	if f == nil {
		return nil
	}
	for _, g := range slices.Concat(f.inputs, f.groups) {
		for _, c := range g.clauses {
			if !slices.Contains(all, c.Attribute) {
				all = append(all, c.Attribute)
			}
		}
	}
	return all
}

// Check reports the first attribute that objects of the source type cannot have.
func (f *Filter) Check(known func(name string) bool) error {
	for _, name := range f.Attributes() {
		if !known(name) {
			return invalid("the filter reads an unknown attribute %q: check the spelling", name)
		}
	}
	return nil
}

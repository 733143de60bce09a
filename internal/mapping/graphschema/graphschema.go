// Package graphschema reads and writes attribute mappings as Microsoft Graph's synchronizationSchema (spec/entra-provisioning.md 3.8): the document that
// an Entra administrator downloads, edits and uploads again. It owns the document's grammar, what of it Rollcall honours, and how the mapping of an
// application is laid over the document that it came from, so that what is not ours survives. It is pure: no database, no network, no clock.
//
// Words of ours that Graph has no key for travel in the metadata of the synchronization rule, the only place of the document whose keys are free
// (stringKeyStringValuePair); their keys begin with "Rollcall".
package graphschema

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/mapping"
)

// The limits of a document.
const (
	MaxBytes      = 8 << 20 // of the whole; Entra's documents, with every attribute of the source, have some hundred thousand
	MaxDepth      = 128     // a function in a function takes three levels, and an expression may have mapping's 32 of them
	maxText       = 64 << 10
	maxRules      = 50
	maxMappings   = 50   // object mappings of a rule
	maxRows       = 500  // attribute mappings of an object, as internal/mapping allows
	maxAttributes = 5000 // attribute definitions of an object
	maxObjects    = 200  // of a directory
	maxList       = 1000 // any other list
	maxProblems   = 25   // that an error names
	maxIgnored    = 200  // remarks beyond which those that make no difference are counted only
)

// The object types that Rollcall provisions.
const (
	user  = "User"
	group = "Group"
)

// Checks is what an import asks the rest of Rollcall. The zero value asks nothing.
type Checks struct {
	// Compile checks a mapping as a whole; its error joins a mapping.RowError for each row that is wrong. nil: mapping.Compile, with every source attribute
	// known.
	Compile func(m mapping.ObjectMapping) error
	// Scope checks the filter of an object type; its error begins with the place inside the filter (groups[0].clauses[1]: …). nil: every filter is good.
	Scope func(object string, filter json.RawMessage) error
}

func (c Checks) compile(m mapping.ObjectMapping) error {
	if c.Compile != nil {
		return c.Compile(m)
	}
	_, err := mapping.Compile(m, func(string) bool { return true })
	return err
}

// Severity says what a remark means for the import.
type Severity string

// The severities.
const (
	Ignored Severity = "ignored"           // kept in the document and not used; nobody is provisioned differently for it
	Changes Severity = "changes behaviour" // somebody can be provisioned differently than by Entra
	Refused Severity = "refused"           // left out of the mapping; it stays in the document
)

// Remark is one thing of a document that Rollcall does not honour, or not as Entra does.
type Remark struct {
	Path     string   `json:"path"` // synchronizationRules[0].objectMappings[1].attributeMappings[3].source
	Severity Severity `json:"severity"`
	Text     string   `json:"text"`
}

// Import reads a document. The set compiles as it is returned: what cannot be honoured is left out and is among the remarks, which are also returned with
// an error. The error is fault.ErrInvalid and names, for each of the first problems, the place in the document, what came and what was expected.
func Import(data []byte, checks Checks) (mapping.Set, []Remark, error) {
	root, err := parse(data)
	if err != nil {
		return mapping.Set{}, nil, fault.Errorf(fault.ErrInvalid, "%w", err)
	}
	r := &reader{checks: checks, importing: true}
	doc := r.document(node{r: r, value: root})
	if r.untold > 0 {
		r.remarks = append(r.remarks, Remark{Severity: Ignored, Text: fmt.Sprintf("and %d more that make no difference", r.untold)})
	}
	if err := r.err(); err != nil {
		return mapping.Set{}, r.remarks, fault.Errorf(fault.ErrInvalid, "%w", err)
	}
	set := mapping.Set{}
	for _, o := range doc.objects {
		o.annotate()
		set.Objects = append(set.Objects, o.mapping)
	}
	set.Imported = compact(root)
	return set, r.remarks, nil
}

// err joins the problems.
func (r *reader) err() error {
	if r.unnamed > 0 {
		r.problem("", "and %d more", r.unnamed)
	}
	return errors.Join(r.problems...)
}

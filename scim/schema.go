package scim

import "strings"

// Type is the data type of an attribute (RFC 7643 section 2.3).
type Type string

// The data types.
const (
	TypeString    Type = "string"
	TypeBoolean   Type = "boolean"
	TypeDecimal   Type = "decimal"
	TypeInteger   Type = "integer"
	TypeDateTime  Type = "dateTime"
	TypeBinary    Type = "binary"
	TypeReference Type = "reference"
	TypeComplex   Type = "complex"
)

// Access is the mutability of an attribute: who may write it and when (RFC 7643 section 2.2).
type Access string

// The mutabilities.
const (
	ReadOnly  Access = "readOnly"
	ReadWrite Access = "readWrite"
	Immutable Access = "immutable"
	WriteOnly Access = "writeOnly"
)

// Returned says when an attribute is part of a representation (RFC 7643 section 2.2).
type Returned string

// The choices of returned.
const (
	ReturnedAlways  Returned = "always"
	ReturnedDefault Returned = "default"
	ReturnedRequest Returned = "request"
	ReturnedNever   Returned = "never"
)

// The choices of uniqueness (RFC 7643 section 2.2). The caller enforces them: a schema does not see other resources.
const (
	UniquenessNone   = "none"
	UniquenessServer = "server"
	UniquenessGlobal = "global"
)

// Attribute is an attribute definition (RFC 7643 section 7). Zero values of Type, Mutability, Returned and Uniqueness stand for the RFC's defaults;
// a Registry fills them in.
type Attribute struct {
	Name            string       `json:"name"`
	Type            Type         `json:"type"`
	MultiValued     bool         `json:"multiValued"`
	Description     string       `json:"description"`
	Required        bool         `json:"required"`
	CanonicalValues []string     `json:"canonicalValues,omitempty"` // suggestions, never enforced
	CaseExact       bool         `json:"caseExact"`
	Mutability      Access       `json:"mutability"`
	Returned        Returned     `json:"returned"`
	Uniqueness      string       `json:"uniqueness"`
	ReferenceTypes  []string     `json:"referenceTypes,omitempty"`
	SubAttributes   []*Attribute `json:"subAttributes,omitempty"`

	index map[string]*Attribute // sub-attributes by exact and by lower-case name
}

// Sub returns the sub-attribute with the name in any letter case, nil when there is none.
func (a *Attribute) Sub(name string) *Attribute { return find(a.index, a.SubAttributes, name) }

// Folds reports whether values are compared without regard to letter case.
func (a *Attribute) Folds() bool { return a.Type == TypeString && !a.CaseExact }

// Schema is a schema definition (RFC 7643 section 7).
type Schema struct {
	ID          string       `json:"id"`
	Name        string       `json:"name"`
	Description string       `json:"description"`
	Attributes  []*Attribute `json:"attributes"`

	index map[string]*Attribute
}

// Attribute returns the attribute with the name in any letter case, nil when there is none.
func (s *Schema) Attribute(name string) *Attribute { return find(s.index, s.Attributes, name) }

// Extension is a schema that a resource type has in addition to its own.
type Extension struct {
	Schema   *Schema
	Required bool // every resource of the type must carry it
}

// ResourceType describes one kind of resource (RFC 7643 section 6). Use types that come out of a Registry: those are checked and indexed.
type ResourceType struct {
	Name        string
	Endpoint    string // "/Users"
	Description string
	Schema      *Schema
	Extensions  []Extension

	// KeepOnPut names attributes of Schema that keep their value when a PUT omits them, because clearing them would harm people: a PUT of a profile
	// must neither activate nor deactivate its owner.
	KeepOnPut []string

	urns    []urnEntry // known URNs, longest first; set by the Registry
	foreign []string   // URNs of the other types' schemas in the same Registry
	unique  []uniqueLeaf
}

func find(index map[string]*Attribute, list []*Attribute, name string) *Attribute {
	if index == nil {
		for _, a := range list {
			if strings.EqualFold(a.Name, name) {
				return a
			}
		}
		return nil
	}
	if a, ok := index[name]; ok {
		return a
	}
	return index[strings.ToLower(name)]
}

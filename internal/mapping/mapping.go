// Package mapping turns a person of the directory into the attributes of a target account: attribute mapping sets, their checking and their
// evaluation. Semantics are Microsoft Entra's (spec/entra-provisioning.md section 3) with one addition, WhenEmpty. It knows neither the directory's
// storage nor the target's protocol: it reads an expression.Source and yields target paths with values.
package mapping

import "encoding/json"

// Set is the mapping of an application.
type Set struct {
	Objects []ObjectMapping `json:"objects"`
	// Imported is the Graph document that the set came from, as it came; what we do not use of it survives in the next export. Empty: made here.
	Imported json.RawMessage `json:"imported,omitempty"`
}

// For returns the mapping whose source is the given object type (User or Group), nil when there is none.
func (s *Set) For(source string) *ObjectMapping {
	for i := range s.Objects {
		if s.Objects[i].Source == source {
			return &s.Objects[i]
		}
	}
	return nil
}

// ObjectMapping maps one object type.
type ObjectMapping struct {
	Name       string             `json:"name"`   // as shown: "Synchronize Microsoft Entra users to Vault Platform"
	Source     string             `json:"source"` // User or Group
	Target     string             `json:"target"` // SCIM resource type at the target: User or Group
	Enabled    bool               `json:"enabled"`
	Create     bool               `json:"create"` // target object actions
	Update     bool               `json:"update"`
	Delete     bool               `json:"delete"`
	Attributes []AttributeMapping `json:"attributes"`
	// Scope is the scoping filter of the object type as internal/scope reads it (Graph's objectMapping.scope); empty: none. It is kept here so that a
	// mapping set is the whole schema; this package only carries it.
	Scope json.RawMessage `json:"scope,omitempty"`
	// Definitions is the list of attributes that the target has. What it says of an attribute goes before what a row says of its own. Where there is a
	// list, every row writes an attribute of it; without one (applications from before, nobody discovered) everything is as the rows say.
	Definitions []Definition `json:"definitions,omitempty"`
}

// Definition is one attribute of the target's object type (spec/entra-provisioning.md 3.5).
type Definition struct {
	Name        string `json:"name"` // target path, as in AttributeMapping.Target
	Type        Type   `json:"type"`
	PrimaryKey  bool   `json:"primaryKey,omitempty"` // the target's own id: never mapped
	Required    bool   `json:"required,omitempty"`   // a new account must have a value
	MultiValued bool   `json:"multiValued,omitempty"`
	CaseExact   bool   `json:"caseExact,omitempty"`
	ReadOnly    bool   `json:"readOnly,omitempty"`  // the target decides its value
	Reference   string `json:"reference,omitempty"` // of a Reference: User, Group, or "" for both
	Custom      bool   `json:"custom,omitempty"`    // added or changed by hand: discovery leaves it alone
	Doc         string `json:"doc,omitempty"`
}

// Kind says where the value of an attribute mapping comes from.
type Kind string

// The kinds of attribute mapping.
const (
	Direct     Kind = "direct"     // Value is a source attribute name
	Constant   Kind = "constant"   // Value is the text itself
	Expression Kind = "expression" // Value is an expression
	None       Kind = "none"       // leave the target alone; Default fills an empty attribute at creation
)

// Apply says when a mapping flows.
type Apply string

// When a mapping flows; in parentheses the flowType of Microsoft Graph (spec/entra-provisioning.md 3.8).
const (
	Always       Apply = "always"
	OnlyOnCreate Apply = "create"      // during object creation (ObjectAddOnly)
	AddValues    Apply = "add-values"  // values of a multi-valued attribute are added, never removed (MultiValueAddOnly)
	AddOnly      Apply = "add"         // a value is written, never cleared (ValueAddOnly)
	WhenAbsent   Apply = "when-absent" // only where the account has no value (AttributeAddOnly)
)

// WhenEmpty says what an empty source value does to a target attribute that has one.
type WhenEmpty string

// What an empty source value does. The empty word means: as the application's setting says.
const (
	Leave       WhenEmpty = "leave"   // nothing, as in Entra
	Clear       WhenEmpty = "clear"   // remove the target's value
	UseDefault  WhenEmpty = "default" // write Default
	FromSetting WhenEmpty = ""
)

// AttributeMapping is one row.
type AttributeMapping struct {
	Target    string    `json:"target"` // target path: userName, emails[type eq "work"].value, urn:…:User:department
	Kind      Kind      `json:"kind"`
	Value     string    `json:"value,omitempty"`
	Matching  int       `json:"matching,omitempty"` // precedence; 0: not a matching attribute
	Default   string    `json:"default,omitempty"`  // used only when creating (or by WhenEmpty default)
	Apply     Apply     `json:"apply"`
	WhenEmpty WhenEmpty `json:"whenEmpty,omitempty"`
	Required  bool      `json:"required,omitempty"`  // the target says it needs a value
	Type      Type      `json:"type"`                // of the target attribute
	CaseExact bool      `json:"caseExact,omitempty"` // a difference in letter case is a difference
	// MultiValued: the attribute takes a list of values, each of Type.
	MultiValued bool `json:"multiValued,omitempty"`
	// FlowAlways writes the value in every cycle that looks at the object, changed or not (Graph's flowBehavior FlowAlways).
	FlowAlways bool `json:"flowAlways,omitempty"`
	// Reference names the object type a Reference attribute points to: User for manager, "" for members (User or Group). The value is then the id of
	// a source object, and what is written is the id of its account at the target.
	Reference string `json:"reference,omitempty"`
}

// Type of a target attribute.
type Type string

// The types.
const (
	String    Type = "String"
	Boolean   Type = "Boolean"
	Integer   Type = "Integer"
	DateTime  Type = "DateTime"
	Reference Type = "Reference"
	Binary    Type = "Binary" // base64
)

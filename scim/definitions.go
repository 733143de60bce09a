package scim

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Definitions are resource types and schemas as documents say them: /ResourceTypes and /Schemas of a server, or a file.
type Definitions struct {
	Schemas []*Schema
	Types   []TypeDefinition
}

// TypeDefinition is a ResourceType document (RFC 7643 section 6), which names its schemas by their URNs.
type TypeDefinition struct {
	Name        string                `json:"name"`
	Endpoint    string                `json:"endpoint"`
	Description string                `json:"description"`
	Schema      string                `json:"schema"`
	Extensions  []ExtensionDefinition `json:"schemaExtensions"`
}

// ExtensionDefinition names an extension of a type.
type ExtensionDefinition struct {
	Schema   string `json:"schema"`
	Required bool   `json:"required"`
}

// Limits of a document of definitions.
const (
	MaxDefinitions     = 1 << 20 // bytes
	maxDefinitionDepth = 12      // nested objects and arrays: a sub-attribute in a ListResponse needs 9
	maxDefinitionParts = 500     // schemas and types
)

// documentOfType and documentOfSchema are the resources as servers publish them: with schemas and meta, and the id of a type.
type documentOfSchema struct {
	Schema
	Schemas []string       `json:"schemas"`
	Meta    jsontext.Value `json:"meta"`
}

type documentOfType struct {
	TypeDefinition
	Schemas []string       `json:"schemas"`
	ID      string         `json:"id"`
	Meta    jsontext.Value `json:"meta"`
}

// ParseDefinitions reads Schema and ResourceType resources: one of them, a JSON array of both kinds, or a ListResponse. Schemas are checked and the
// RFC's defaults filled in; members that are not known are refused, because a misspelt characteristic would silently become its default.
func ParseDefinitions(doc []byte) (*Definitions, error) {
	parts, err := definitionParts(doc)
	if err != nil {
		return nil, err
	}
	d := &Definitions{}
	for i, part := range parts {
		if err := d.add(part); err != nil {
			var e *Error
			if errors.As(err, &e) && len(parts) > 1 {
				return nil, bad(e.Type, "definition %d of %d: %s", i+1, len(parts), e.Detail)
			}
			return nil, err
		}
	}
	return d, nil
}

func definitionParts(doc []byte) ([]jsontext.Value, error) {
	if len(doc) > MaxDefinitions {
		return nil, bad(InvalidValue, "the document is larger than %d bytes; register its schemas in several parts", MaxDefinitions)
	}
	if err := checkNesting(doc); err != nil {
		return nil, err
	}
	var parts []jsontext.Value
	value := jsontext.Value(bytes.TrimSpace(doc))
	switch value.Kind() {
	case '[':
		if err := json.Unmarshal(value, &parts); err != nil {
			return nil, bad(InvalidSyntax, "the document cannot be read: %v", err)
		}
	case '{':
		var list struct {
			Resources *[]jsontext.Value `json:"Resources"`
		}
		if err := json.Unmarshal(value, &list); err != nil {
			return nil, bad(InvalidSyntax, "the document cannot be read: %v", err)
		}
		parts = []jsontext.Value{value}
		if list.Resources != nil {
			parts = *list.Resources
		}
	default:
		return nil, bad(InvalidSyntax, "the document is not a JSON object or array; expected a Schema or ResourceType resource, an array of them, or a ListResponse")
	}
	if len(parts) == 0 || len(parts) > maxDefinitionParts {
		return nil, bad(InvalidValue, "the document holds %d definitions; expected 1 to %d", len(parts), maxDefinitionParts)
	}
	return parts, nil
}

// checkNesting also finds what is no JSON at all.
func checkNesting(doc []byte) error {
	dec := jsontext.NewDecoder(bytes.NewReader(doc))
	values := 0
	for {
		token, err := dec.ReadToken()
		switch {
		case errors.Is(err, io.EOF) && values == 1:
			return nil
		case err != nil:
			return bad(InvalidSyntax, "the document is not JSON: %v", err)
		case dec.StackDepth() > maxDefinitionDepth:
			return bad(InvalidSyntax, "the document is nested deeper than %d levels at %s", maxDefinitionDepth, dec.StackPointer())
		}
		if token.Kind() != '{' && token.Kind() != '[' && dec.StackDepth() == 0 {
			values++
		}
		if values > 1 {
			return bad(InvalidSyntax, "the document holds more than one JSON value; put them into an array")
		}
	}
}

// add reads one resource. Its schemas tell its kind; where they are missing, what it has does.
func (d *Definitions) add(part jsontext.Value) error {
	var head struct {
		Schemas    []string       `json:"schemas"`
		Attributes jsontext.Value `json:"attributes"`
		Endpoint   jsontext.Value `json:"endpoint"`
	}
	if err := json.Unmarshal(part, &head); err != nil {
		return bad(InvalidSyntax, "it cannot be read: %v", err)
	}
	switch {
	case slices.Contains(head.Schemas, URNSchema), len(head.Schemas) == 0 && head.Attributes != nil:
		return d.addSchema(part)
	case slices.Contains(head.Schemas, URNResourceType), len(head.Schemas) == 0 && head.Endpoint != nil:
		return d.addType(part)
	}
	return bad(InvalidSyntax, "its schemas are %q; expected %s or %s", head.Schemas, URNSchema, URNResourceType)
}

func (d *Definitions) addSchema(part jsontext.Value) error {
	var doc documentOfSchema
	if err := json.Unmarshal(part, &doc, json.RejectUnknownMembers(true)); err != nil {
		return bad(InvalidSyntax, "the schema cannot be read: %v", err)
	}
	s, err := prepareSchema(&doc.Schema)
	if err != nil {
		return err
	}
	d.Schemas = append(d.Schemas, s)
	return nil
}

func (d *Definitions) addType(part jsontext.Value) error {
	var doc documentOfType
	if err := json.Unmarshal(part, &doc, json.RejectUnknownMembers(true)); err != nil {
		return bad(InvalidSyntax, "the resource type cannot be read: %v", err)
	}
	t := doc.TypeDefinition
	for name, value := range map[string]string{"name": t.Name, "endpoint": t.Endpoint, "schema": t.Schema} {
		if value == "" {
			return bad(InvalidValue, "the resource type %q has no %s; a ResourceType needs name, endpoint and schema", t.Name, name)
		}
	}
	d.Types = append(d.Types, t)
	return nil
}

// AppendJSON appends the definitions as an array that ParseDefinitions reads.
func (d *Definitions) AppendJSON(b []byte) []byte {
	parts := make([]any, 0, len(d.Schemas)+len(d.Types))
	for _, s := range d.Schemas {
		parts = append(parts, map[string]any(s.Resource()))
	}
	for _, t := range d.Types {
		parts = append(parts, map[string]any(t.Resource()))
	}
	return AppendJSON(b, parts)
}

// Resource returns the definition as a ResourceType resource, without meta.
func (t *TypeDefinition) Resource() Resource {
	r := Resource{
		"schemas": []any{URNResourceType}, "id": t.Name, "name": t.Name, "description": t.Description, "endpoint": t.Endpoint, "schema": t.Schema,
	}
	list := make([]any, len(t.Extensions))
	for i, e := range t.Extensions {
		list[i] = map[string]any{"schema": e.Schema, "required": e.Required}
	}
	if len(list) > 0 {
		r["schemaExtensions"] = list
	}
	return r
}

// String names the definitions in a message.
func (d *Definitions) String() string {
	return fmt.Sprintf("%d schemas and %d resource types", len(d.Schemas), len(d.Types))
}

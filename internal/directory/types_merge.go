package directory

import (
	"slices"
	"strings"

	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/scim"
)

// merger puts a document's definitions over those that an organization has.
type merger struct {
	result  scim.Definitions
	added   []string // URNs and types that are new
	changed []string // those that were there
	skipped []string // standard ones, which are as they are
}

// merge returns what an organization has after a document was registered. had is not modified.
func merge(had, doc *scim.Definitions) (*merger, error) {
	m := &merger{result: scim.Definitions{Schemas: slices.Clone(had.Schemas), Types: slices.Clone(had.Types)}}
	seen := map[string]bool{}
	for _, s := range doc.Schemas {
		key := "schema " + strings.ToLower(s.ID)
		if seen[key] {
			return nil, fault.Errorf(fault.ErrInvalid, "the document defines the schema %s twice", s.ID)
		}
		seen[key] = true
		if err := m.schema(s); err != nil {
			return nil, err
		}
	}
	for _, t := range doc.Types {
		key := "type " + strings.ToLower(t.Name)
		if seen[key] {
			return nil, fault.Errorf(fault.ErrInvalid, "the document defines the resource type %q twice", t.Name)
		}
		seen[key] = true
		if err := m.typ(t); err != nil {
			return nil, err
		}
	}
	if len(m.added)+len(m.changed) == 0 {
		return nil, fault.Errorf(fault.ErrInvalid, "there is nothing to register: %s cannot be redefined. Give a schema a URN of your own, "+
			"such as urn:example:scim:schemas:badge:1.0:User", strings.Join(m.skipped, ", "))
	}
	return m, nil
}

func (m *merger) schema(s *scim.Schema) error {
	if Registry().Schema(s.ID) != nil {
		m.skipped = append(m.skipped, s.ID)
		return nil
	}
	lower := strings.ToLower(s.ID)
	if lower == strings.ToLower(URNOwnUser) || lower == strings.ToLower(URNOwnGroup) {
		return fault.Errorf(fault.ErrInvalid, "the schema %s holds what `rollcall directory extension add` declares, one by one: it cannot be registered", s.ID)
	}
	for _, prefix := range []string{"urn:ietf:params:scim:", "urn:scim:", "urn:rollcall:"} {
		if strings.HasPrefix(lower, prefix) {
			return fault.Errorf(fault.ErrInvalid, "the schema %s cannot be registered: URNs that begin with %s are reserved. Give it a URN of your own, "+
				"such as urn:example:scim:schemas:badge:1.0:User", s.ID, prefix)
		}
	}
	i := slices.IndexFunc(m.result.Schemas, func(o *scim.Schema) bool { return strings.EqualFold(o.ID, s.ID) })
	if i < 0 {
		m.result.Schemas = append(m.result.Schemas, s)
		m.added = append(m.added, s.ID)
		return nil
	}
	if had := m.result.Schemas[i]; had.ID != s.ID {
		return fault.Errorf(fault.ErrInvalid, "the schema %s is registered as %s: write its URN in the same letter case", s.ID, had.ID)
	}
	m.result.Schemas[i] = s
	m.changed = append(m.changed, s.ID)
	return nil
}

func (m *merger) typ(t scim.TypeDefinition) error {
	standard := standardIndex(t.Name)
	switch {
	case standard >= 0:
		return m.extend(Registry().Types()[standard], t)
	case Registry().Schema(t.Schema) != nil && reserved(t.Name):
		m.skipped = append(m.skipped, "resource type "+t.Name)
		return nil
	}
	t.Endpoint = "/" + strings.Trim(t.Endpoint, "/")
	i := m.index(t.Name)
	if i < 0 {
		m.result.Types = append(m.result.Types, t)
		m.added = append(m.added, t.Name)
		return nil
	}
	had := m.result.Types[i]
	if had.Name != t.Name || !strings.EqualFold(had.Schema, t.Schema) {
		return fault.Errorf(fault.ErrInvalid, "the resource type %q is registered as %q with the schema %s; it cannot get another one. Remove it first",
			t.Name, had.Name, had.Schema)
	}
	m.result.Types[i] = t
	m.changed = append(m.changed, t.Name)
	return nil
}

func (m *merger) index(name string) int {
	return slices.IndexFunc(m.result.Types, func(o scim.TypeDefinition) bool { return strings.EqualFold(o.Name, name) })
}

// extend gives a standard type the extensions of a document. Those that it has already stay: Remove takes one away.
func (m *merger) extend(rt *scim.ResourceType, t scim.TypeDefinition) error {
	if !strings.EqualFold(t.Schema, rt.Schema.ID) {
		return fault.Errorf(fault.ErrInvalid, "the resource type %s has the schema %s, not %s; it can be extended, not replaced", rt.Name, rt.Schema.ID, t.Schema)
	}
	i := m.index(rt.Name)
	next := scim.TypeDefinition{Name: rt.Name, Endpoint: rt.Endpoint, Description: rt.Description, Schema: rt.Schema.ID}
	if i >= 0 {
		next.Extensions = slices.Clone(m.result.Types[i].Extensions)
	}
	changed := false
	for _, e := range t.Extensions {
		if Registry().Schema(e.Schema) != nil {
			continue
		}
		changed = true
		at := slices.IndexFunc(next.Extensions, func(o scim.ExtensionDefinition) bool { return strings.EqualFold(o.Schema, e.Schema) })
		if at < 0 {
			next.Extensions = append(next.Extensions, e)
		} else {
			next.Extensions[at] = e
		}
	}
	switch {
	case !changed:
		m.skipped = append(m.skipped, "resource type "+rt.Name)
	case i < 0:
		m.result.Types = append(m.result.Types, next)
		m.added = append(m.added, rt.Name)
	default:
		m.result.Types[i] = next
		m.changed = append(m.changed, rt.Name)
	}
	return nil
}

package scimclient

import (
	"strconv"
	"strings"

	"github.com/rollcall-id/rollcall/scim"
)

// Schemas is what is known of the attributes of one resource type: our own registry's, then what the service's /Schemas added. An attribute that is
// in neither is still read and written, only without knowledge of its type.
type Schemas struct {
	main       *scim.Schema // may be nil
	extensions []*scim.Schema
}

// Known returns what a registry knows of a type.
func Known(registry *scim.Registry, typ string) Schemas {
	var s Schemas
	if rt := registry.Type(typ); rt != nil {
		s.main = rt.Schema
		for _, e := range rt.Extensions {
			s.extensions = append(s.extensions, e.Schema)
		}
	}
	return s
}

// Schemas returns what is known of a type now: discovery adds to it once it was done.
func (c *Client) Schemas(typ string) Schemas {
	s := Known(c.cfg.Registry, typ)
	if d := c.discovery.known(); d != nil {
		for _, schema := range d.Schemas {
			if s.schema(schema.ID) == nil {
				s.extensions = append(s.extensions, schema)
			}
		}
	}
	return s
}

func (s Schemas) schema(urn string) *scim.Schema {
	if s.main != nil && strings.EqualFold(s.main.ID, urn) {
		return s.main
	}
	for _, e := range s.extensions {
		if e != nil && strings.EqualFold(e.ID, urn) {
			return e
		}
	}
	return nil
}

// attribute finds a definition; urn "" is the main schema.
func (s Schemas) attribute(urn, name string) *scim.Attribute {
	schema := s.main
	if urn != "" {
		schema = s.schema(urn)
	}
	if schema == nil {
		return nil
	}
	return schema.Attribute(name)
}

// normalise puts a resource right as far as the schemas tell: spelling of names, nulls gone, booleans and numbers sent as strings, a single element
// where a list belongs and the other way round. What is unknown stays as it came. It never fails: a service that has its own idea of a value must
// not make the whole resource unreadable.
func (s Schemas) normalise(m map[string]any) scim.Resource {
	out := make(scim.Resource, len(m))
	for k, v := range m {
		if v == nil {
			continue
		}
		if name := common(k); name != "" {
			out[name] = commonValue(name, v)
			continue
		}
		if ext := s.schema(k); ext != nil && ext != s.main {
			if object, ok := v.(map[string]any); ok {
				out[ext.ID] = normaliseObject(object, ext.Attribute)
			}
			continue
		}
		name, a := k, s.attribute("", k)
		if a != nil {
			name = a.Name
		}
		if v = normaliseValue(a, v); v != nil {
			out[name] = v
		}
	}
	return out
}

func common(name string) string {
	for _, c := range []string{"schemas", "id", "externalId", "meta"} {
		if strings.EqualFold(c, name) {
			return c
		}
	}
	return ""
}

func commonValue(name string, v any) any {
	switch name {
	case "id", "externalId":
		if t := text(v); t != "" { // database keys are sent as numbers
			return t
		}
	case "meta":
		if m, ok := v.(map[string]any); ok {
			out := make(map[string]any, len(m))
			for k, e := range m {
				out[metaName(k)] = e
			}
			return out
		}
	}
	return v
}

func metaName(name string) string {
	for _, c := range []string{"resourceType", "created", "lastModified", "location", "version"} {
		if strings.EqualFold(c, name) {
			return c
		}
	}
	return name
}

func normaliseObject(m map[string]any, attribute func(string) *scim.Attribute) map[string]any {
	out := make(map[string]any, len(m))
	for k, v := range m {
		name, a := k, attribute(k)
		if a != nil {
			name = a.Name
		}
		if v = normaliseValue(a, v); v != nil {
			out[name] = v
		}
	}
	return out
}

// normaliseValue returns nil for no value.
func normaliseValue(a *scim.Attribute, v any) any {
	list, isList := v.([]any)
	switch {
	case v == nil:
		return nil
	case a == nil:
		return v
	case a.MultiValued && !isList:
		list = []any{v}
	case !a.MultiValued && isList && len(list) == 0:
		return nil
	case !a.MultiValued && isList && len(list) == 1: // manager as a list of one
		return normaliseSingle(a, list[0])
	case !a.MultiValued:
		return normaliseSingle(a, v)
	}
	out := make([]any, 0, len(list))
	for _, e := range list {
		if e = normaliseSingle(a, e); e != nil {
			out = append(out, e)
		}
	}
	return out
}

func normaliseSingle(a *scim.Attribute, v any) any {
	switch a.Type {
	case scim.TypeComplex:
		if m, ok := v.(map[string]any); ok {
			return normaliseObject(m, a.Sub)
		}
		if v != nil && a.Sub("value") != nil { // manager as a bare id
			return map[string]any{"value": v}
		}
	case scim.TypeBoolean:
		if b, ok := truth(v); ok {
			return b
		}
	case scim.TypeInteger:
		if n, ok := integer(v); ok {
			return int64(n)
		}
	case scim.TypeDecimal:
		if t, ok := v.(string); ok {
			if f, err := strconv.ParseFloat(t, 64); err == nil {
				return f
			}
		}
	case scim.TypeString:
		if t := text(v); t != "" { // employeeNumber as a number: compared as text, or it would differ in every cycle
			return t
		}
	}
	return v
}

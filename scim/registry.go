package scim

import (
	"embed"
	"slices"
	"strings"
	"sync"
)

// The core schemas, in our own words, with every characteristic written out: some clients reject a schema that leaves one away.
//
//go:embed schemas/*.json
var schemaFiles embed.FS

// Registry is an immutable set of resource types with the schemas they use. Its types and schemas must not be modified.
type Registry struct {
	types   []*ResourceType
	schemas []*Schema // published: those of the types, then the discovery schemas
}

// core is read once; what it returns is immutable.
var core = sync.OnceValue(loadCore)

// Core returns the registry of the standard types: User with EnterpriseUser, and Group.
func Core() *Registry { return core() }

func loadCore() *Registry {
	r, err := NewRegistry(
		&ResourceType{
			Name: "User", Endpoint: "/Users", Description: "People and their accounts.",
			Schema:     embedded("user"),
			Extensions: []Extension{{Schema: embedded("enterprise_user")}},
			KeepOnPut:  []string{"active"},
		},
		&ResourceType{Name: "Group", Endpoint: "/Groups", Description: "Groups of users and groups.", Schema: embedded("group")},
	)
	if err != nil {
		panic("scim: the embedded schemas are damaged: " + err.Error()) // no input leads here, only a broken build
	}
	return r
}

func embedded(name string) *Schema {
	doc, err := schemaFiles.ReadFile("schemas/" + name + ".json")
	if err != nil {
		panic("scim: " + err.Error()) // no input leads here, only a broken build
	}
	s, err := ParseSchema(doc)
	if err != nil {
		panic("scim: embedded schema " + name + ": " + err.Error()) // likewise
	}
	return s
}

// common holds schemas, id, externalId and meta, which every resource has and no schema lists (RFC 7643 section 3.1).
var common = sync.OnceValue(func() *Schema { return embedded("common") })

// NewRegistry checks the types, fills in the RFC's defaults and returns an immutable copy of them. The error says what is wrong with which schema.
func NewRegistry(types ...*ResourceType) (*Registry, error) {
	g := &Registry{}
	for _, t := range types {
		rt, err := prepareType(t)
		if err != nil {
			return nil, err
		}
		if g.Type(rt.Name) != nil || g.ByEndpoint(rt.Endpoint) != nil {
			return nil, bad(InvalidValue, "the resource type %q or its endpoint %q is defined twice; give each type a name and an endpoint of its own",
				rt.Name, rt.Endpoint)
		}
		g.types = append(g.types, rt)
	}
	for _, rt := range g.types {
		rt.foreign = g.foreignTo(rt)
	}
	g.schemas = publishedSchemas(g.types)
	return g, nil
}

// foreignTo lists the schemas of the other types, so that a resource sent to the wrong endpoint is recognised.
func (g *Registry) foreignTo(rt *ResourceType) []string {
	var urns []string
	for _, other := range g.types {
		if _, own := rt.bySchemaURN(other.Schema.ID); !own {
			urns = append(urns, other.Schema.ID)
		}
	}
	return urns
}

// Extend returns a registry in which the named type has the extensions in addition. The receiver stays as it is.
func (g *Registry) Extend(typ string, extensions ...Extension) (*Registry, error) {
	if g.Type(typ) == nil {
		return nil, bad(InvalidValue, "there is no resource type %q to extend", typ)
	}
	types := make([]*ResourceType, len(g.types))
	for i, t := range g.types {
		types[i] = t
		if strings.EqualFold(t.Name, typ) {
			extended := *t
			extended.Extensions = append(slices.Clip(t.Extensions), extensions...)
			types[i] = &extended
		}
	}
	return NewRegistry(types...)
}

// Type returns the type with the name in any letter case, nil when there is none.
func (g *Registry) Type(name string) *ResourceType {
	for _, t := range g.types {
		if strings.EqualFold(t.Name, name) {
			return t
		}
	}
	return nil
}

// ByEndpoint returns the type by its endpoint segment ("Users", "/users"), nil when there is none.
func (g *Registry) ByEndpoint(segment string) *ResourceType {
	segment = strings.Trim(segment, "/")
	for _, t := range g.types {
		if strings.EqualFold(strings.Trim(t.Endpoint, "/"), segment) {
			return t
		}
	}
	return nil
}

// Types returns the types in the order of their definition.
func (g *Registry) Types() []*ResourceType { return slices.Clone(g.types) }

// Schemas returns the schemas to publish: those of the types and the three discovery schemas, each once.
func (g *Registry) Schemas() []*Schema { return slices.Clone(g.schemas) }

// Schema returns the published schema with the URN in any letter case, nil when there is none.
func (g *Registry) Schema(urn string) *Schema {
	for _, s := range g.schemas {
		if strings.EqualFold(s.ID, urn) {
			return s
		}
	}
	return nil
}

func publishedSchemas(types []*ResourceType) []*Schema {
	var all []*Schema
	add := func(s *Schema) {
		if !slices.ContainsFunc(all, func(o *Schema) bool { return o.ID == s.ID }) {
			all = append(all, s)
		}
	}
	for _, t := range types {
		add(t.Schema)
		for _, e := range t.Extensions {
			add(e.Schema)
		}
	}
	for _, name := range []string{"service_provider_config", "resource_type", "schema"} {
		add(embedded(name))
	}
	return all
}

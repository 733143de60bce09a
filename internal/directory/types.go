package directory

import (
	"errors"
	"strings"

	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/scim"
)

// RegistryOf returns the registry of a directory whose organization registered the definitions.
func RegistryOf(d *scim.Definitions) (*scim.Registry, error) {
	types := Registry().Types()
	for _, def := range d.Types {
		extensions, err := extensionsOf(d, def)
		if err != nil {
			return nil, err
		}
		if i := standardIndex(def.Name); i >= 0 {
			extended := *types[i]
			extended.Extensions = append(append([]scim.Extension(nil), extended.Extensions...), extensions...)
			types[i] = &extended
			continue
		}
		schema := schemaOf(d, def.Schema)
		if schema == nil {
			return nil, fault.Errorf(fault.ErrInvalid, "the resource type %q has the schema %s, which the document does not define", def.Name, def.Schema)
		}
		types = append(types, &scim.ResourceType{
			Name: def.Name, Endpoint: def.Endpoint, Description: def.Description, Schema: schema, Extensions: extensions,
		})
	}
	r, err := scim.NewRegistry(types...)
	if err != nil {
		return nil, fault.Errorf(fault.ErrInvalid, "%s", Detail(err))
	}
	return r, nil
}

func extensionsOf(d *scim.Definitions, def scim.TypeDefinition) ([]scim.Extension, error) {
	extensions := make([]scim.Extension, 0, len(def.Extensions))
	for _, e := range def.Extensions {
		schema := schemaOf(d, e.Schema)
		if schema == nil && standardIndex(def.Name) < 0 {
			schema = Registry().Schema(e.Schema) // another type may have what people have
		}
		if schema == nil {
			return nil, fault.Errorf(fault.ErrInvalid, "the resource type %q has the extension %s, which the document does not define", def.Name, e.Schema)
		}
		extensions = append(extensions, scim.Extension{Schema: schema, Required: e.Required})
	}
	return extensions, nil
}

// standardIndex is the place of a standard type in the registry, -1 for other names.
func standardIndex(name string) int {
	for i, rt := range Registry().Types() {
		if strings.EqualFold(rt.Name, name) {
			return i
		}
	}
	return -1
}

// schemaOf finds a schema among the definitions.
func schemaOf(d *scim.Definitions, urn string) *scim.Schema {
	for _, s := range d.Schemas {
		if strings.EqualFold(s.ID, urn) {
			return s
		}
	}
	return nil
}

// Detail is the text of an error for a person, without what only a SCIM client needs.
func Detail(err error) string {
	var e *scim.Error
	if errors.As(err, &e) {
		return e.Detail
	}
	return err.Error()
}

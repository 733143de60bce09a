package directory

import (
	"regexp"
	"strings"
	"sync"

	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/scim"
)

// Bounds of what one organization registers.
const (
	maxSchemas         = 50
	maxTypes           = 25
	maxSchemaParts     = 300  // attributes and sub-attributes of one schema
	maxRegisteredParts = 2000 // of all together
	maxURN             = 200
)

// patterns are compiled when the first definition is checked.
var patterns = sync.OnceValue(func() struct{ name, urn, version *regexp.Regexp } {
	return struct{ name, urn, version *regexp.Regexp }{
		name:    regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]{0,63}$`),
		urn:     regexp.MustCompile(`^[Uu][Rr][Nn]:[A-Za-z0-9][A-Za-z0-9-]{1,31}:[A-Za-z0-9()+,.:=@;$_!*/~-]+$`),
		version: regexp.MustCompile(`^[Vv][0-9]+$`),
	}
})

// reserved lists, in lower case, the endpoints and names that the protocol has for itself.
func reserved(name string) bool {
	switch strings.ToLower(name) {
	case "bulk", "me", "schemas", "schema", "resourcetypes", "resourcetype", "serviceproviderconfig", "serviceproviderconfigs",
		"users", "user", "groups", "group", "search", "events":
		return true
	}
	return patterns().version.MatchString(name)
}

// checkDefinitions holds what an organization registers to the rules beyond those of the protocol. The error is fault.ErrInvalid.
func checkDefinitions(d *scim.Definitions) error {
	if len(d.Schemas) > maxSchemas || len(d.Types) > maxTypes {
		return fault.Errorf(fault.ErrInvalid, "with this document the organization would have %d schemas and %d resource types; at most %d and %d are allowed",
			len(d.Schemas), len(d.Types), maxSchemas, maxTypes)
	}
	if n := len(d.AppendJSON(nil)); n > scim.MaxDefinitions {
		return fault.Errorf(fault.ErrInvalid, "with this document the organization's schemas would take %d bytes; at most %d are allowed", n, scim.MaxDefinitions)
	}
	total := 0
	for _, s := range d.Schemas {
		n, err := checkSchema(s)
		if err != nil {
			return err
		}
		total += n
		if !used(d, s.ID) {
			return fault.Errorf(fault.ErrInvalid, "no resource type has the schema %s. Add to the document the type that it belongs to, for example "+
				`{"schemas":[%q],"name":"User","endpoint":"/Users","schema":%q,"schemaExtensions":[{"schema":%q,"required":false}]}`,
				s.ID, scim.URNResourceType, scim.URNUser, s.ID)
		}
	}
	if total > maxRegisteredParts {
		return fault.Errorf(fault.ErrInvalid, "with this document the organization would have %d attributes; at most %d are allowed", total, maxRegisteredParts)
	}
	for _, t := range d.Types {
		if err := checkTypeDefinition(d, t); err != nil {
			return err
		}
	}
	return nil
}

func checkSchema(s *scim.Schema) (parts int, err error) {
	if len(s.ID) > maxURN || !patterns().urn.MatchString(s.ID) {
		return 0, fault.Errorf(fault.ErrInvalid, "the schema id %.250q is not a URN of up to %d characters, such as urn:example:scim:schemas:badge:1.0:User",
			s.ID, maxURN)
	}
	for _, a := range s.Attributes {
		parts += 1 + len(a.SubAttributes)
	}
	if parts > maxSchemaParts {
		return 0, fault.Errorf(fault.ErrInvalid, "the schema %s has %d attributes and sub-attributes; at most %d are allowed", s.ID, parts, maxSchemaParts)
	}
	return parts, nil
}

func used(d *scim.Definitions, urn string) bool {
	for _, t := range d.Types {
		if strings.EqualFold(t.Schema, urn) {
			return true
		}
		for _, e := range t.Extensions {
			if strings.EqualFold(e.Schema, urn) {
				return true
			}
		}
	}
	return false
}

func checkTypeDefinition(d *scim.Definitions, t scim.TypeDefinition) error {
	if standardIndex(t.Name) >= 0 {
		return nil
	}
	segment := strings.TrimPrefix(t.Endpoint, "/")
	switch {
	case !patterns().name.MatchString(t.Name) || reserved(t.Name):
		return fault.Errorf(fault.ErrInvalid, "a resource type cannot be called %.100q: expected a letter and then letters, digits, - and _, "+
			"and no name of the protocol", t.Name)
	case !patterns().name.MatchString(segment) || reserved(segment):
		return fault.Errorf(fault.ErrInvalid, "the resource type %q cannot have the endpoint %.100q: expected one segment such as /Devices, and none of the protocol",
			t.Name, t.Endpoint)
	}
	schema := schemaOf(d, t.Schema)
	if schema == nil {
		return fault.Errorf(fault.ErrInvalid, "the resource type %q has the schema %s, which the document does not define", t.Name, t.Schema)
	}
	for _, name := range []string{"schemas", "id", "externalId", "meta"} {
		if schema.Attribute(name) != nil {
			return fault.Errorf(fault.ErrInvalid, "the schema %s of the resource type %q defines %s, which every resource has: leave it out",
				schema.ID, t.Name, name)
		}
	}
	return nil
}

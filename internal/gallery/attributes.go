package gallery

import (
	"github.com/rollcall-id/rollcall/internal/mapping"
	"github.com/rollcall-id/rollcall/scim"
)

// listed gives a mapping the application's list of attributes: its id, and what the rows write.
func listed(m mapping.ObjectMapping) mapping.ObjectMapping {
	docs := map[string]string{}
	for _, d := range standard(m.Target) {
		docs[d.Name] = d.Doc
	}
	m.Definitions = []mapping.Definition{mapping.ID()}
	for _, a := range m.Attributes {
		m.Definitions = append(m.Definitions, mapping.Definition{
			Name: a.Target, Type: a.Type, Required: a.Required, MultiValued: a.MultiValued, CaseExact: a.CaseExact, Reference: a.Reference, Doc: docs[a.Target],
		})
	}
	return m
}

// complete is listed, with everything else that SCIM itself defines for the object type.
func complete(m mapping.ObjectMapping) mapping.ObjectMapping {
	m = listed(m)
	have := map[string]bool{}
	for _, d := range m.Definitions {
		have[d.Name] = true
	}
	for _, d := range standard(m.Target) {
		if !have[d.Name] {
			m.Definitions = append(m.Definitions, d)
		}
	}
	return m
}

// standard lists what SCIM itself defines for the object type, with the extensions of RFC 7643.
func standard(typ string) []mapping.Definition {
	rt := scim.Core().Type(typ)
	// externalId is everybody's, so that it is in no schema.
	list := []mapping.Definition{{Name: "externalId", Type: mapping.String, Doc: "The identifier that the directory gave the object."}}
	attributes, _ := mapping.FromSchema("", rt.Schema.Attributes)
	list = append(list, attributes...)
	for _, e := range rt.Extensions {
		attributes, _ = mapping.FromSchema(e.Schema.ID, e.Schema.Attributes)
		list = append(list, attributes...)
	}
	return list
}

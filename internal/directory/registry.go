package directory

import (
	"slices"
	"strings"
	"sync"

	"github.com/rollcall-id/rollcall/scim"
)

// URNDirectoryUser is the extension of User that holds the attributes of Entra's vocabulary for which SCIM has no place.
const URNDirectoryUser = "urn:rollcall:params:scim:schemas:extension:directory:2.0:User"

// The extensions of User and Group that hold the rest of the vocabulary. They are not published: nobody sends them, and an application that reads our schema
// has no use for two hundred attributes of somebody else's directory.
const (
	URNEntraUser  = "urn:rollcall:params:scim:schemas:extension:entra:2.0:User"
	URNEntraGroup = "urn:rollcall:params:scim:schemas:extension:entra:2.0:Group"
)

// registry is made once from constant data; what it returns is immutable.
var registry = sync.OnceValue(func() *scim.Registry {
	r, err := scim.Core().Extend(User, scim.Extension{Schema: directorySchema()}, scim.Extension{Schema: entraSchema(URNEntraUser, "EntraUser", Vocabulary())})
	if err == nil {
		r, err = r.Extend(Group, scim.Extension{Schema: entraSchema(URNEntraGroup, "EntraGroup", GroupVocabulary())})
	}
	if err != nil {
		panic("directory: the extension schema is wrong: " + err.Error()) // no input leads here, only a broken build
	}
	return r
})

// Registry returns the resource types of a directory: those of SCIM, extended by the vocabulary's attributes that SCIM lacks.
func Registry() *scim.Registry { return registry() }

// Published returns the types as the SCIM endpoint shows them: without the extensions that hold the bulk of the vocabulary, and of the directory's own one,
// dates and lists are read-only there. Imports set them; no identity provider sends them, and a client that tries out what a schema lets it write should find
// only what it can make sense of.
func Published(types *scim.Registry) (*scim.Registry, error) {
	extension := directorySchema()
	for _, a := range extension.Attributes {
		if a.Type == scim.TypeDateTime || a.MultiValued {
			a.Mutability = scim.ReadOnly
		}
	}
	all := types.Types()
	for i, t := range all {
		shown := *t
		shown.Extensions = slices.DeleteFunc(slices.Clone(t.Extensions), func(e scim.Extension) bool { return unpublished(e.Schema.ID) })
		for j, e := range shown.Extensions {
			if e.Schema.ID == URNDirectoryUser {
				shown.Extensions[j].Schema = extension
			}
		}
		all[i] = &shown
	}
	return scim.NewRegistry(all...)
}

func unpublished(urn string) bool { return urn == URNEntraUser || urn == URNEntraGroup }

// KeepUnpublished puts into next what old has and the endpoint does not show, so that a client that replaces a resource keeps what it cannot see. It changes
// next.
func KeepUnpublished(old, next scim.Resource) {
	for _, urn := range []string{URNEntraUser, URNEntraGroup} {
		if v := old[urn]; v != nil && next[urn] == nil {
			next[urn] = v
		}
	}
}

// directorySchema is the part of the vocabulary that has no SCIM home and is published, so that both are one table.
func directorySchema() *scim.Schema {
	return schemaOfNames(URNDirectoryUser, "DirectoryUser", "What a directory knows about a person beyond SCIM's own schemas.", Vocabulary())
}

func entraSchema(urn, name string, names []Name) *scim.Schema {
	return schemaOfNames(urn, name, "What else a directory may know in Entra's vocabulary.", names)
}

func schemaOfNames(urn, name, description string, names []Name) *scim.Schema {
	s := &scim.Schema{ID: urn, Name: name, Description: description}
	for _, n := range names {
		attribute, inside := strings.CutPrefix(n.Path, urn+":")
		if !inside || n.Of != "" {
			continue
		}
		s.Attributes = append(s.Attributes, &scim.Attribute{
			Name: attribute, Type: n.Type, MultiValued: n.MultiValued, Description: n.Doc, CaseExact: n.CaseExact,
			Mutability: scim.ReadWrite, Returned: scim.ReturnedDefault, Uniqueness: scim.UniquenessNone,
		})
	}
	return s
}

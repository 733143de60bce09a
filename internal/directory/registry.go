package directory

import (
	"slices"
	"strings"
	"sync"

	"github.com/rollcall-id/rollcall/scim"
)

// URNDirectoryUser is the extension of User that holds the attributes of Entra's vocabulary for which SCIM has no place.
const URNDirectoryUser = "urn:rollcall:params:scim:schemas:extension:directory:2.0:User"

// registry is made once from constant data; what it returns is immutable.
var registry = sync.OnceValue(func() *scim.Registry {
	r, err := scim.Core().Extend(User, scim.Extension{Schema: directorySchema()})
	if err != nil {
		panic("directory: the extension schema is wrong: " + err.Error()) // no input leads here, only a broken build
	}
	return r
})

// Registry returns the resource types of a directory: those of SCIM, with User extended by the vocabulary's attributes that SCIM lacks.
func Registry() *scim.Registry { return registry() }

// Published returns the types as the SCIM endpoint shows them: of the directory's own extension, dates and lists are read-only there. Imports set them; no
// identity provider sends them, and a client that tries out what a schema lets it write should find only what it can make sense of.
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
		shown.Extensions = slices.Clone(t.Extensions)
		for j, e := range shown.Extensions {
			if e.Schema.ID == URNDirectoryUser {
				shown.Extensions[j].Schema = extension
			}
		}
		all[i] = &shown
	}
	return scim.NewRegistry(all...)
}

// directorySchema is the part of the vocabulary that has no SCIM home, so that both are one table.
func directorySchema() *scim.Schema {
	s := &scim.Schema{
		ID: URNDirectoryUser, Name: "DirectoryUser",
		Description: "What a directory knows about a person beyond SCIM's own schemas.",
	}
	for _, n := range userNames() {
		name, ours := strings.CutPrefix(n.Path, URNDirectoryUser+":")
		if !ours {
			continue
		}
		s.Attributes = append(s.Attributes, &scim.Attribute{
			Name: name, Type: n.Type, MultiValued: n.MultiValued, Description: n.Doc, CaseExact: n.Entra == "immutableId",
			Mutability: scim.ReadWrite, Returned: scim.ReturnedDefault, Uniqueness: scim.UniquenessNone,
		})
	}
	return s
}

package gallery_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcall-id/rollcall/internal/gallery"
	"github.com/rollcall-id/rollcall/internal/mapping"
)

// A new application knows its target: the rows are what the list says they are, each object has its id, and everything has a description.
func TestTemplatesHaveAttributeLists(t *testing.T) {
	for _, template := range gallery.Templates() {
		for _, m := range template.Mapping.Objects {
			c, err := mapping.Compile(m, func(string) bool { return true })
			if err != nil {
				t.Fatalf("%s: %v", m.Name, err)
			}
			if diff := cmp.Diff(m.Attributes, c.Mapping().Attributes); diff != "" {
				t.Errorf("%s: rows -as written +as listed\n%s", m.Name, diff)
			}
			if id := m.Definition("id"); id == nil || !id.PrimaryKey || !id.ReadOnly {
				t.Errorf("%s: id is %+v", m.Name, id)
			}
			for _, d := range m.Definitions {
				if d.Doc == "" || d.Custom {
					t.Errorf("%s: %+v", m.Name, d)
				}
			}
		}
	}
}

// An application of which nothing is known has what SCIM defines, in Entra's names (spec/entra-provisioning.md 3.5 and 3.7).
func TestGenericAttributes(t *testing.T) {
	template, err := gallery.ByID("scim")
	if err != nil {
		t.Fatal(err)
	}
	const ent = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:"
	m := template.Mapping.For("User")
	for _, want := range []mapping.Definition{
		{Name: "userName", Type: mapping.String, Required: true}, {Name: "nickName", Type: mapping.String}, {Name: "name.honorificPrefix", Type: mapping.String},
		{Name: `emails[type eq "home"].value`, Type: mapping.String}, {Name: `phoneNumbers[type eq "pager"].value`, Type: mapping.String},
		{Name: `addresses[type eq "other"].formatted`, Type: mapping.String}, {Name: `roles[primary eq "True"].value`, Type: mapping.String},
		{Name: `roles[primary eq "True"].display`, Type: mapping.String}, {Name: "roles", Type: mapping.String, MultiValued: true},
		{Name: "entitlements", Type: mapping.String, MultiValued: true}, {Name: "x509Certificates", Type: mapping.Binary, MultiValued: true},
		{Name: "groups", Type: mapping.Reference, MultiValued: true, ReadOnly: true, Reference: "Group"},
		{Name: ent + "costCenter", Type: mapping.String}, {Name: ent + "manager", Type: mapping.Reference, Reference: "User"},
		{Name: "active", Type: mapping.Boolean, Required: true}, {Name: "externalId", Type: mapping.String},
		{Name: "profileUrl", Type: mapping.String, CaseExact: true},
	} {
		got := m.Definition(want.Name)
		if got == nil {
			t.Errorf("%s is missing", want.Name)
			continue
		}
		without := *got
		without.Doc = ""
		if diff := cmp.Diff(want, without); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
	}
	for _, name := range []string{"meta", "schemas", "meta.created", "emails", `emails[type eq "work"].type`, "name"} {
		if d := m.Definition(name); d != nil {
			t.Errorf("%s is no target attribute: %+v", name, d)
		}
	}
	members := template.Mapping.For("Group").Definition("members")
	if members == nil || members.Type != mapping.Reference || !members.MultiValued || members.Reference != "" {
		t.Errorf("members: %+v", members)
	}
}

// Vault Platform has the thirteen attributes of the seed, and an id.
func TestVaultPlatformAttributes(t *testing.T) {
	template, err := gallery.ByID("vault-platform")
	if err != nil {
		t.Fatal(err)
	}
	m := template.Mapping.For("User")
	if len(m.Definitions) != 14 || m.Definition("nickName") != nil {
		t.Errorf("got %d: %+v", len(m.Definitions), m.Definitions)
	}
	required := slices.DeleteFunc(slices.Clone(m.Definitions), func(d mapping.Definition) bool { return !d.Required })
	if len(required) != 11 {
		t.Errorf("%d are required; want 11", len(required))
	}
}

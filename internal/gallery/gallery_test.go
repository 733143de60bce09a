package gallery_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcall-id/rollcall/expression"
	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/gallery"
	"github.com/rollcall-id/rollcall/internal/mapping"
)

// The seed's table: attribute, type, supported for filtering, required by Vault Platform; then the source of design/cli.md and the matching precedence.
const seedTable = `
userName String filter required userPrincipalName 1
externalId String filter required objectId 2
active Boolean - required Switch([IsSoftDeleted],,"False","True","True","False") 0
displayName String - - displayName 0
title String - required jobTitle 0
emails[type eq "work"].value String - required mail 0
name.givenName String - required givenName 0
name.familyName String - required surname 0
addresses[type eq "work"].locality String - required city 0
addresses[type eq "work"].country String - required country 0
urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber String - required employeeId 0
urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department String - required department 0
urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager Reference - - manager 0
`

func TestVaultPlatformIsTheSeedsTable(t *testing.T) {
	template, err := gallery.ByID("vault-platform")
	if err != nil {
		t.Fatal(err)
	}
	if len(template.Mapping.Objects) != 1 || template.Mapping.For("Group") != nil {
		t.Fatal("Vault Platform provisions users only")
	}
	m := template.Mapping.For("User")
	if m.Name != "Synchronize Microsoft Entra users to Vault Platform" || !m.Enabled || !m.Create || !m.Update || !m.Delete {
		t.Errorf("got %+v", m)
	}
	var lines []string
	for _, a := range m.Attributes {
		filterable, required := "-", "-"
		if slices.Contains(template.Filterable, a.Target) {
			filterable = "filter"
		}
		if a.Required {
			required = "required"
		}
		lines = append(lines, strings.Join([]string{a.Target, string(a.Type), filterable, required, strings.ReplaceAll(a.Value, " ", ""), string('0' + rune(a.Matching))}, " "))
	}
	if diff := cmp.Diff(strings.Split(strings.TrimSpace(seedTable), "\n"), lines); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// The table of spec/entra-provisioning.md 3.7.
func TestGenericTemplate(t *testing.T) {
	template, err := gallery.ByID("SCIM")
	if err != nil {
		t.Fatal(err)
	}
	const ent = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:"
	want := [][2]string{
		{"userName", "userPrincipalName"}, {"active", `Switch([IsSoftDeleted], , "False", "True", "True", "False")`}, {"displayName", "displayName"}, {"title", "jobTitle"},
		{`emails[type eq "work"].value`, "mail"}, {"preferredLanguage", "preferredLanguage"}, {"name.givenName", "givenName"}, {"name.familyName", "surname"},
		{"name.formatted", `Join(" ", [givenName], [surname])`}, {`addresses[type eq "work"].formatted`, "physicalDeliveryOfficeName"},
		{`addresses[type eq "work"].streetAddress`, "streetAddress"}, {`addresses[type eq "work"].locality`, "city"}, {`addresses[type eq "work"].region`, "state"},
		{`addresses[type eq "work"].postalCode`, "postalCode"}, {`addresses[type eq "work"].country`, "country"}, {`phoneNumbers[type eq "work"].value`, "telephoneNumber"},
		{`phoneNumbers[type eq "mobile"].value`, "mobile"}, {`phoneNumbers[type eq "fax"].value`, "facsimileTelephoneNumber"}, {"externalId", "mailNickname"},
		{ent + "employeeNumber", "employeeId"}, {ent + "department", "department"}, {ent + "manager", "manager"},
	}
	var got [][2]string
	for _, a := range template.Mapping.For("User").Attributes {
		got = append(got, [2]string{a.Target, a.Value})
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("users: -want +got\n%s", diff)
	}
	got = nil
	for _, a := range template.Mapping.For("Group").Attributes {
		got = append(got, [2]string{a.Target, a.Value})
	}
	if diff := cmp.Diff([][2]string{{"displayName", "displayName"}, {"externalId", "objectId"}, {"members", "members"}}, got); diff != "" {
		t.Errorf("groups: -want +got\n%s", diff)
	}
}

// Every template must work as it is, and compile to rows that flow for a person.
func TestTemplatesCompile(t *testing.T) {
	ids := map[string]bool{}
	for _, template := range gallery.Templates() {
		if ids[template.ID] || template.Name == "" || template.Description == "" || template.Publisher == "" || template.Documentation == "" {
			t.Errorf("%+v: an id twice, or a text is missing", template)
		}
		ids[template.ID] = true
		for _, m := range template.Mapping.Objects {
			c, err := mapping.Compile(m, func(string) bool { return true })
			if err != nil || len(c.Warnings()) > 0 {
				t.Errorf("%s, %s: %v, %q", template.ID, m.Name, err, c.Warnings())
				continue
			}
			if c.Matching()[0].Matching != 1 {
				t.Errorf("%s, %s: precedences start at %d", template.ID, m.Name, c.Matching()[0].Matching)
			}
		}
		if missing := template.Missing(template.Mapping); missing != nil {
			t.Errorf("%s: misses %q of itself", template.ID, missing)
		}
	}
}

func TestByID(t *testing.T) {
	for id, want := range map[string]string{
		"vault-platfrom": `the gallery has no template "vault-platfrom": did you mean vault-platform?`, //nolint:misspell // the point
		"salesforce":     `the gallery has no template "salesforce": expected one of vault-platform, scim`,
		"":               `the gallery has no template "": expected one of vault-platform, scim`,
	} {
		if _, err := gallery.ByID(id); !errors.Is(err, fault.ErrNotFound) || err.Error() != want {
			t.Errorf("%q: got %v; want %s", id, err, want)
		}
	}
}

func TestMissing(t *testing.T) {
	template, err := gallery.ByID("vault-platform")
	if err != nil {
		t.Fatal(err)
	}
	set := template.Mapping
	set.Objects = slices.Clone(set.Objects)
	set.Objects[0].Attributes = set.Objects[0].Attributes[:4] // without title and what follows
	got := template.Missing(set)
	if len(got) != 8 || got[0] != "title" || strings.HasSuffix(got[7], ":manager") {
		t.Errorf("got %q", got)
	}
	if got := template.Missing(mapping.Set{}); len(got) != 11 {
		t.Errorf("of nothing: got %q", got)
	}
}

// A template is made anew for each caller, so that one application's changes do not get into the next.
func TestTemplatesAreCopies(t *testing.T) {
	a, b := gallery.Templates()[0], gallery.Templates()[0]
	before, err := json.Marshal(b.Mapping)
	if err != nil {
		t.Fatal(err)
	}
	a.Mapping.Objects[0].Attributes[0].Target = "changed"
	if after, err := json.Marshal(b.Mapping); err != nil || string(after) != string(before) {
		t.Error("a change of one template shows in another")
	}
}

type leaver map[string]expression.Value

func (l leaver) Attribute(name string) (expression.Value, bool) { return l[name], true }

// active follows IsSoftDeleted, and is a real boolean.
func TestActive(t *testing.T) {
	for _, template := range gallery.Templates() {
		c, err := mapping.Compile(*template.Mapping.For("User"), func(string) bool { return true })
		if err != nil {
			t.Fatal(err)
		}
		for _, deleted := range []bool{false, true} {
			values, problems := c.Evaluate(t.Context(), &expression.Env{Source: leaver{"IsSoftDeleted": expression.Boolean(deleted)}}, true)
			i := slices.IndexFunc(values, func(v mapping.Value) bool { return v.Path == "active" })
			if len(problems) > 0 || i < 0 || values[i].Value != !deleted {
				t.Errorf("%s, deleted %v: got %+v, %v", template.ID, deleted, values, problems)
			}
		}
	}
}

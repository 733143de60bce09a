package mapping_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/mapping"
)

// An application from before gets a list that changes nothing of what it does.
func TestListed(t *testing.T) {
	manager := mapping.AttributeMapping{Target: "manager", Kind: mapping.Direct, Value: "manager", Type: mapping.Reference, Reference: "User"}
	old := users(row("TITLE", mapping.Direct, "mail"), manager, row(acme+"cost", mapping.Direct, "mail"), row("groups", mapping.Direct, "mail"))
	old.Attributes[1].CaseExact = true
	got := old.Listed([]mapping.Definition{
		{Name: "title", Type: mapping.Integer, Required: true, Doc: "The job title."}, {Name: "nickName", Type: mapping.String},
		{Name: "groups", Type: mapping.Reference, ReadOnly: true},
	})
	want := []mapping.Definition{
		mapping.ID(), {Name: "title", Type: mapping.String, CaseExact: true, Doc: "The job title."}, {Name: "nickName", Type: mapping.String},
		{Name: "groups", Type: mapping.String}, {Name: "userName", Type: mapping.String}, {Name: "manager", Type: mapping.Reference, Reference: "User"},
		{Name: acme + "cost", Type: mapping.String, Custom: true},
	}
	if diff := cmp.Diff(want, got.Definitions); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if _, err := mapping.Compile(got, known); err != nil {
		t.Error(err)
	}
	before, after := mapping.Set{Objects: []mapping.ObjectMapping{old}}, mapping.Set{Objects: []mapping.ObjectMapping{got}}
	if diff := cmp.Diff(before.Effective(), after.Effective()); diff != "" {
		t.Errorf("the mapping does something else: %s", diff)
	}
	if again := got.Listed([]mapping.Definition{{Name: "other", Type: mapping.String}}); again.Definition("other") != nil || old.Definitions != nil {
		t.Error("a list was replaced, or the old mapping was modified")
	}
}

func TestEditDefinitions(t *testing.T) {
	m := listed([]mapping.Definition{{Name: "title", Type: mapping.String}, {Name: acme + "cost", Type: mapping.String, Custom: true}}, row("Title", mapping.Direct, "mail"))
	text := func(name string) mapping.Definition { return mapping.Definition{Name: name, Type: mapping.String} }
	got, err := m.AddDefinition(text("nickName"))
	if err != nil || got.Definition("nickname") == nil || !got.Definition("nickname").Custom || m.Definition("nickname") != nil {
		t.Errorf("add: %+v, %v", got.Definitions, err)
	}
	got, err = m.SetDefinition(mapping.Definition{Name: "TITLE", Type: mapping.Integer})
	if err != nil || got.Definition("title").Type != mapping.Integer || got.Definition("title").Name != "title" || !got.Definition("title").Custom || m.Definition("title").Type != mapping.String {
		t.Errorf("set: %+v, %v", got.Definitions, err)
	}
	got, err = m.RemoveDefinition(strings.ToUpper(acme) + "cost")
	if err != nil || got.Definition(acme+"cost") != nil || len(got.Definitions) != 3 || len(m.Definitions) != 4 || m.Definition(acme+"cost") == nil {
		t.Errorf("remove: %+v, %v", got.Definitions, err)
	}
	for name, test := range map[string]struct {
		edit func() error
		want string
	}{
		"add twice":   {func() error { _, err := m.AddDefinition(text("TITLE")); return err }, "has the attribute title already"},
		"add nothing": {func() error { _, err := m.AddDefinition(text("")); return err }, "is not a path"},
		"add a key": {func() error {
			_, err := m.AddDefinition(mapping.Definition{Name: "key", Type: mapping.String, PrimaryKey: true})
			return err
		}, "id is the primary key already"},
		"set unknown":    {func() error { _, err := m.SetDefinition(text("titel")); return err }, "did you mean title?"},
		"set wrong":      {func() error { _, err := m.SetDefinition(mapping.Definition{Name: "title"}); return err }, `the type is ""`},
		"remove unknown": {func() error { _, err := m.RemoveDefinition("favouriteColour"); return err }, "`rollcall app attribute list` shows"},
		"remove mapped":  {func() error { _, err := m.RemoveDefinition("title"); return err }, "row 2 writes Title (direct mail): remove the row first"},
		"remove the key": {func() error { _, err := m.RemoveDefinition("id"); return err }, "it stays in the list"},
	} {
		if err := test.edit(); err == nil || !errors.Is(err, fault.ErrInvalid) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v; want %q", name, err, test.want)
		}
	}
}

// The names of attributes that somebody adds (spec/entra-provisioning.md 3.4). A service may publish what it likes.
func TestCustomNames(t *testing.T) {
	const form = "extension:NAME:2.0:User:ATTRIBUTE"
	for name, want := range map[string]string{
		acme + "costCenter": "", "urn:acme:scim:1.0:User:cost": "", "nickName": "", `emails[type eq "home"].value`: "",
		"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:rank": "",
		acme + "badge.number": "cannot be complex", acme + `badges[type eq "a"].number`: "cannot be complex",
		"urn:ietf:params:scim:schemas:extension:Acme:costCenter": form, "urn:ietf:params:scim:schemas:Acme:2.0:User:costCenter": form, "urn:acme:cost": form,
	} {
		m := listed(nil)
		got, err := m.AddDefinition(mapping.Definition{Name: name, Type: mapping.String})
		switch {
		case want == "" && (err != nil || got.Definition(name) == nil):
			t.Errorf("%s: %v", name, err)
		case want != "" && (!errors.Is(err, fault.ErrInvalid) || !strings.Contains(err.Error(), want)):
			t.Errorf("%s: got %v; want %q", name, err, want)
		}
	}
}

func TestSetWith(t *testing.T) {
	set := mapping.Set{Objects: []mapping.ObjectMapping{{Source: "User", Name: "a"}}}
	other := set.With(mapping.ObjectMapping{Source: "User", Name: "b"})
	other = other.With(mapping.ObjectMapping{Source: "Group"})
	if set.Objects[0].Name != "a" || len(set.Objects) != 1 || other.Objects[0].Name != "b" || len(other.Objects) != 2 {
		t.Errorf("got %+v of %+v", other, set)
	}
}

package mapping_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/mapping"
)

const acme = "urn:ietf:params:scim:schemas:extension:Acme:2.0:User:"

// listed is a mapping of the given rows with an attribute list.
func listed(list []mapping.Definition, rows ...mapping.AttributeMapping) mapping.ObjectMapping {
	m := users(rows...)
	m.Definitions = append([]mapping.Definition{
		{Name: "id", Type: mapping.String, PrimaryKey: true, ReadOnly: true}, {Name: "userName", Type: mapping.String, Required: true},
	}, list...)
	return m
}

func TestKey(t *testing.T) {
	for _, same := range [][]string{
		{"userName", "USERNAME", "urn:ietf:params:scim:schemas:core:2.0:User:userName"},
		{`emails[type eq "work"].value`, `Emails[Type  EQ "Work"].Value`, `urn:ietf:params:scim:schemas:core:2.0:user:emails[type eq "work"].value`},
		{`roles[primary eq true].value`, `roles[primary eq "True"].value`},
		{`x[a eq "False" and b eq "c"]`, `x[a eq false and b eq "c"]`},
		{acme + "cost", strings.ToUpper(acme) + "Cost"},
	} {
		first, err := mapping.Key(same[0])
		if err != nil {
			t.Fatal(err)
		}
		for _, other := range same[1:] {
			if got, err := mapping.Key(other); err != nil || got != first {
				t.Errorf("%s: %q, %v; want %q as of %s", other, got, err, first, same[0])
			}
		}
	}
	if _, err := mapping.Key("emails["); err == nil {
		t.Error("a broken path has a key")
	}
}

// FuzzKey: the key of a path is the key of every spelling of it, its own included.
func FuzzKey(f *testing.F) {
	for _, path := range []string{"userName", acme + "cost", `emails[type eq "Work"].value`, `a[b eq "TRUE" and c eq 1]`, `a[not (b co "\u00C4")]`} {
		f.Add(path)
	}
	f.Fuzz(func(t *testing.T, path string) {
		key, err := mapping.Key(path)
		if err != nil {
			return
		}
		if again, err := mapping.Key(key); err != nil || again != key {
			t.Errorf("%q has the key %q, and that %q, %v", path, key, again, err)
		}
		if m := (mapping.ObjectMapping{Definitions: []mapping.Definition{{Name: path}}}); m.Definition(key) == nil {
			t.Errorf("%q is not found by its key %q", path, key)
		}
	})
}

// What the target says of its attribute goes before what a row says.
func TestTheListDefinesTheRow(t *testing.T) {
	m := listed([]mapping.Definition{
		{Name: "Title", Type: mapping.Integer, Required: true, CaseExact: true},
		{Name: "manager", Type: mapping.Reference, Reference: "User"},
	}, row("title", mapping.Direct, "number"), row("manager", mapping.Direct, "manager"))
	c, err := mapping.Compile(m, known)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]mapping.AttributeMapping{
		{Target: "title", Kind: mapping.Direct, Value: "number", Apply: mapping.Always, Type: mapping.Integer, Required: true, CaseExact: true},
		{Target: "manager", Kind: mapping.Direct, Value: "manager", Apply: mapping.Always, Type: mapping.Reference, Reference: "User"},
	}, c.Mapping().Attributes[1:]); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if m.Attributes[1].Type != mapping.String {
		t.Error("the caller's rows were changed")
	}
	// The constant is checked against the type in the list, not that of the row.
	m.Attributes[1].Kind, m.Attributes[1].Value = mapping.Constant, "many"
	if _, err := mapping.Compile(m, known); err == nil || !strings.Contains(err.Error(), `the value is "many": expected a whole number`) {
		t.Errorf("got %v", err)
	}
}

func TestRowsThatTheListRefuses(t *testing.T) {
	list := []mapping.Definition{
		{Name: "title", Type: mapping.String}, {Name: "groups", Type: mapping.Reference, MultiValued: true, ReadOnly: true},
		{Name: acme + "costCenter", Type: mapping.String, Custom: true}, {Name: "key", Type: mapping.String},
	}
	for target, want := range map[string]string{
		"titel":                        "no titel: did you mean title? If the target does have it, add it with `rollcall app attribute add`",
		acme + "costCentre":            "did you mean " + acme + "costCenter?",
		"favouriteColour":              "check the spelling; if the target does have it",
		"groups":                       "groups is read-only",
		`emails[type eq "work"].value`: "`rollcall app attribute discover` find it",
	} {
		_, err := mapping.Compile(listed(list, row(target, mapping.Direct, "mail")), known)
		if err == nil || !errors.Is(err, fault.ErrInvalid) || !strings.Contains(err.Error(), "row 2 ("+target+")") || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v; want %q", target, err, want)
		}
		m := users(row(target, mapping.Direct, "mail"))
		if _, err := mapping.Compile(m, known); err != nil {
			t.Errorf("%s without a list: %v", target, err)
		}
	}
	m := listed(nil, row("key", mapping.Direct, "mail"))
	m.Definitions[0].Name = "key"
	if _, err := mapping.Compile(m, known); err == nil || !strings.Contains(err.Error(), "key is the target's own id of the object (primary key)") {
		t.Errorf("the primary key: got %v", err)
	}
}

func TestRequiredWithoutRow(t *testing.T) {
	m := listed([]mapping.Definition{{Name: "title", Type: mapping.String, Required: true}, {Name: "key", Type: mapping.String, Required: true, ReadOnly: true}})
	m.Create = true
	c, err := mapping.Compile(m, known)
	if err != nil || !slices.Equal(c.Warnings(), []string{"the target requires title, and no row writes it: new accounts may be refused; add a row"}) {
		t.Errorf("got %v, %v", c.Warnings(), err)
	}
	m.Create = false
	if c, err = mapping.Compile(m, known); err != nil || len(c.Warnings()) > 0 {
		t.Errorf("where nobody is created: got %v, %v", c.Warnings(), err)
	}
}

func TestCheckDefinitions(t *testing.T) {
	text := func(name string) mapping.Definition { return mapping.Definition{Name: name, Type: mapping.String} }
	many := make([]mapping.Definition, mapping.MaxDefinitions+1)
	for _, test := range []struct {
		name string
		list []mapping.Definition
		want string // part of the message; empty: right
	}{
		{"none", nil, ""},
		{"right", []mapping.Definition{
			text("userName"), text("name.givenName"), text(`addresses[type eq "work" and primary eq true].locality`), text(acme + "costCenter"), text("urn:acme:scim:1.0:User:badge.number"), {Name: "photo", Type: mapping.Binary},
			{Name: "members", Type: mapping.Reference, MultiValued: true}, {Name: "id", Type: mapping.String, PrimaryKey: true},
		}, ""},
		{"too many", many, "has 1001 attributes: at most 1000"},
		{"no name", []mapping.Definition{text("")}, `attribute "": the name is not a path`},
		{"no path", []mapping.Definition{text("emails[")}, "the name is not a path"},
		{"filter", []mapping.Definition{text(`emails[type eq "a" or type eq "b"].value`)}, "only comparisons such as"},
		{"comparison", []mapping.Definition{text(`emails[type co "a"].value`)}, "only comparisons such as"},
		{"long", []mapping.Definition{text(strings.Repeat("a", 1025))}, "1025 bytes"},
		{"no type", []mapping.Definition{{Name: "title"}}, `attribute "title": the type is ""`},
		{"twice", []mapping.Definition{text("title"), text("Title")}, "has it already, as title"},
		{"two keys", []mapping.Definition{{Name: "a", Type: mapping.String, PrimaryKey: true}, {Name: "b", Type: mapping.String, PrimaryKey: true}}, "a is the primary key already"},
		{"many keys", []mapping.Definition{{Name: "a", Type: mapping.String, PrimaryKey: true, MultiValued: true}}, "has one value, and has many"},
		{"reference of a text", []mapping.Definition{{Name: "a", Type: mapping.String, Reference: "User"}}, "expected the type Reference"},
		{"reference to a device", []mapping.Definition{{Name: "a", Type: mapping.Reference, Reference: "Device"}}, `refers to "Device"`},
		{"custom reference", []mapping.Definition{{Name: acme + "buddy", Type: mapping.Reference, Custom: true}}, "cannot be references"},
		{"long description", []mapping.Definition{{Name: "a", Type: mapping.String, Doc: strings.Repeat("x", 1001)}}, "1001 bytes"},
		{"whole schema", []mapping.Definition{text("urn:ietf:params:scim:schemas:extension:Acme:2.0:User")}, "that of a whole schema"},
	} {
		err := mapping.CheckDefinitions(test.list)
		switch {
		case test.want == "" && err != nil:
			t.Errorf("%s: %v", test.name, err)
		case test.want != "" && (err == nil || !errors.Is(err, fault.ErrInvalid) || !strings.Contains(err.Error(), test.want)):
			t.Errorf("%s: got %v; want %q", test.name, err, test.want)
		}
	}
	// A mapping with a wrong list is not compiled.
	if _, err := mapping.Compile(listed([]mapping.Definition{text("id")}), known); err == nil || !strings.Contains(err.Error(), `attribute "id"`) {
		t.Errorf("got %v", err)
	}
}

func TestEffective(t *testing.T) {
	base := mapping.Set{Objects: []mapping.ObjectMapping{listed([]mapping.Definition{{Name: "title", Type: mapping.String}}, row("title", mapping.Direct, "mail"))}}
	same := base.Effective()
	if same.Objects[0].Definitions != nil || len(base.Objects[0].Definitions) != 3 {
		t.Errorf("got %+v of %+v", same, base)
	}
	change := func(fn func(m *mapping.ObjectMapping)) mapping.Set {
		m := listed(slices.Clone(base.Objects[0].Definitions[2:]), row("title", mapping.Direct, "mail"))
		fn(&m)
		return mapping.Set{Objects: []mapping.ObjectMapping{m}, Imported: []byte(`{}`)}
	}
	for name, test := range map[string]struct {
		set  mapping.Set
		same bool
	}{
		"another attribute": {change(func(m *mapping.ObjectMapping) {
			m.Definitions = append(m.Definitions, mapping.Definition{Name: "x", Type: mapping.Boolean})
		}), true},
		"no list":                {change(func(m *mapping.ObjectMapping) { m.Definitions = nil; m.Attributes[0].Required = true }), true},
		"words left out":         {change(func(m *mapping.ObjectMapping) { m.Attributes[1].Type, m.Attributes[1].Apply = "", "" }), true},
		"type of a mapped one":   {change(func(m *mapping.ObjectMapping) { m.Definitions[2].Type = mapping.Integer }), false},
		"exact case of a mapped": {change(func(m *mapping.ObjectMapping) { m.Definitions[2].CaseExact = true }), false},
		"a row":                  {change(func(m *mapping.ObjectMapping) { m.Attributes[1].Value = "upn" }), false},
		"an action":              {change(func(m *mapping.ObjectMapping) { m.Delete = true }), false},
	} {
		if got := cmp.Equal(same, test.set.Effective()); got != test.same {
			t.Errorf("%s: the same is %v: %s", name, got, cmp.Diff(same, test.set.Effective()))
		}
	}
}

package mapping_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcall-id/rollcall/internal/mapping"
	"github.com/rollcall-id/rollcall/scim"
)

func TestFromSchema(t *testing.T) {
	sub := func(name string) *scim.Attribute { return &scim.Attribute{Name: name, Type: scim.TypeString} }
	ref := func(types ...string) *scim.Attribute {
		return &scim.Attribute{Name: "$ref", Type: scim.TypeReference, ReferenceTypes: types}
	}
	composed := func(name string, many bool, subs ...*scim.Attribute) *scim.Attribute {
		return &scim.Attribute{Name: name, Type: scim.TypeComplex, MultiValued: many, SubAttributes: subs}
	}
	typed := func(values ...string) *scim.Attribute {
		return &scim.Attribute{Name: "type", Type: scim.TypeString, CanonicalValues: values}
	}
	const own = "urn:acme:scim:1.0:User"
	text := func(name string) mapping.Definition { return mapping.Definition{Name: name, Type: mapping.String} }
	for _, test := range []struct {
		name    string
		urn     string
		a       *scim.Attribute
		want    []mapping.Definition
		remarks string // part of the only one; empty: none
	}{
		{"text", own, &scim.Attribute{Name: "cost", Type: scim.TypeString, CaseExact: true, Required: true, Description: " of  the\nperson "},
			[]mapping.Definition{{Name: own + ":cost", Type: mapping.String, CaseExact: true, Required: true, Doc: "of the person"}}, ""},
		{"read-only", "", &scim.Attribute{Name: "groupCount", Type: scim.TypeInteger, Mutability: "READONLY", CaseExact: true, MultiValued: true},
			[]mapping.Definition{{Name: "groupCount", Type: mapping.Integer, ReadOnly: true, MultiValued: true}}, ""},
		{"decimal", "", &scim.Attribute{Name: "share", Type: scim.TypeDecimal}, []mapping.Definition{text("share")}, ""},
		{"address of a page", "", &scim.Attribute{Name: "page", Type: scim.TypeReference, ReferenceTypes: []string{"external"}}, []mapping.Definition{text("page")}, ""},
		{"id", "", &scim.Attribute{Name: "ID", Type: scim.TypeString}, []mapping.Definition{mapping.ID()}, ""},
		{"meta", "", composed("Meta", false, sub("created")), nil, ""},
		{"meta of an extension", own, &scim.Attribute{Name: "meta", Type: scim.TypeString}, []mapping.Definition{text(own + ":meta")}, ""},
		{"complex", "", composed("name", false, sub("givenName"), ref()), []mapping.Definition{text("name.givenName")}, ""},
		{"empty complex", "", composed("thing", false), nil, "does not say of what it consists"},
		{"three levels", "", composed("a", false, composed("b", false, sub("c")), sub("d")), []mapping.Definition{text("a.d")}, "a.b: it is complex inside"},
		{"typed", "", composed("emails", true, sub("value"), sub("display"), typed("work", "WORK", "", `a"b`)), []mapping.Definition{
			text(`emails[type eq "work"].value`), text(`emails[type eq "a\"b"].value`),
		}, ""},
		{"untyped", own, composed("tags", true, sub("value"), typed(), &scim.Attribute{Name: "primary", Type: scim.TypeBoolean}), []mapping.Definition{
			{Name: own + ":tags", Type: mapping.String, MultiValued: true}, text(own + `:tags[primary eq "True"].value`), text(own + `:tags[primary eq "True"].type`),
		}, ""},
		{"elements without a value", "", composed("cars", true, sub("brand")), nil, ""},
		{"elements that nothing tells apart", "", composed("cars", true, typed()), nil, "how to tell its elements apart"},
		{"manager", "", composed("manager", false, sub("value")), []mapping.Definition{{Name: "manager", Type: mapping.Reference, Reference: "User"}}, ""},
		{"members without more", "", composed("members", true), []mapping.Definition{{Name: "members", Type: mapping.Reference, MultiValued: true}}, ""},
		{"members of one type", "", composed("members", true, sub("value"), ref("user")), []mapping.Definition{{Name: "members", Type: mapping.Reference, MultiValued: true, Reference: "User"}}, ""},
		{"two types", "", composed("owners", true, sub("value"), ref("User", "Group", "Device")), []mapping.Definition{{Name: "owners", Type: mapping.Reference, MultiValued: true}}, ""},
		{"reference to a device", "", composed("device", false, sub("value"), ref("Device")), []mapping.Definition{text("device.value")}, ""},
		{"custom reference", own, composed("buddy", false, sub("value"), ref("User")), nil, own + ":buddy: it points to another object"},
		{"no name", "", &scim.Attribute{Name: "cost center", Type: scim.TypeString}, nil, `"cost center": this is no name`},
		{"no name inside", "", composed("a", false, &scim.Attribute{Name: "ä", Type: scim.TypeString}), nil, `a."ä": this is no name`},
	} {
		got, remarks := mapping.FromSchema(test.urn, []*scim.Attribute{test.a})
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: -want +got\n%s", test.name, diff)
		}
		if all := strings.Join(remarks, "\n"); (test.remarks == "") != (all == "") || !strings.Contains(all, test.remarks) {
			t.Errorf("%s: remarks %q; want %q", test.name, remarks, test.remarks)
		}
		if err := mapping.CheckDefinitions(got); err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
	}
}

func TestFromSchemaBounds(t *testing.T) {
	var types []string
	for i := range 100 {
		types = append(types, strings.Repeat("t", i+1))
	}
	a := &scim.Attribute{Name: "x", Type: scim.TypeComplex, MultiValued: true, Description: strings.Repeat("ä", 1000), SubAttributes: []*scim.Attribute{
		{Name: "type", Type: scim.TypeString, CanonicalValues: types}, {Name: "value", Type: scim.TypeString, Description: strings.Repeat("ä", 1000)},
	}}
	got, _ := mapping.FromSchema("", []*scim.Attribute{a})
	if len(got) != 20 || len(got[0].Doc) > 1000 || !strings.HasSuffix(got[0].Doc, "ä…") {
		t.Errorf("got %d, with %d bytes of description", len(got), len(got[0].Doc))
	}
	many := slices.Repeat([]*scim.Attribute{a}, 60) // 20 elements each
	got, remarks := mapping.FromSchema("urn:x", many)
	if len(got) != mapping.MaxDefinitions || len(remarks) != 1 || remarks[0] != "urn:x:10 more: the list holds at most 1000 attributes" {
		t.Errorf("got %d, %q", len(got), remarks)
	}
	if _, remarks = mapping.FromSchema("", slices.Repeat([]*scim.Attribute{{Name: "no name", Type: scim.TypeString}}, 200)); len(remarks) != 100 {
		t.Errorf("%d remarks", len(remarks))
	}
}

package directory_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/scim"
)

// badge is what an organization registered for its users in these tests.
func badge(t *testing.T) *scim.Registry {
	t.Helper()
	d, err := scim.ParseDefinitions([]byte("[" + userType + "," + badgeSchema(`{"name":"number","type":"integer"},{"name":"Color","multiValued":true},
		{"name":"pin","returned":"never"},{"name":"desk","type":"complex","subAttributes":[{"name":"value"},{"name":"floor","type":"integer"}]},
		{"name":"keys","type":"complex","multiValued":true,"subAttributes":[{"name":"value"},{"name":"door"}]},{"name":"link","type":"reference"}`) + "]"))
	if err != nil {
		t.Fatal(err)
	}
	types, err := directory.RegistryOf(d)
	if err != nil {
		t.Fatal(err)
	}
	return types
}

// TestAttributesOfRegisteredExtension: what an organization registered is read, set and found by name like the vocabulary, and by nobody else.
func TestAttributesOfRegisteredExtension(t *testing.T) {
	a := directory.AttributesOf(badge(t), directory.User)
	o := directory.Object{ID: "1", Type: directory.User, Attributes: scim.Resource{"userName": "jo"}}
	for name, text := range map[string]string{
		"urn:example:Badge:number": "7", "URN:example:badge:COLOR": "red", "urn:example:Badge:desk.floor": "3", "urn:example:Badge:desk": "A1",
		"urn:example:Badge:link": "https://x.example/1", "jobTitle": "Boss", "department": "Sales",
	} {
		if err := a.Set(o.Attributes, name, text); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, want := range map[string]any{
		"urn:example:Badge:number": int64(7), "urn:example:badge:NUMBER": int64(7), "urn:example:Badge:Color": []any{"red"}, "urn:example:Badge:desk.floor": int64(3),
		"urn:example:Badge:desk.value": "A1", "urn:example:Badge:link": "https://x.example/1", "urn:example:Badge:keys": nil, "title": "Boss", "department": "Sales",
		"urn:ietf:params:scim:schemas:core:2.0:User:active": true,
	} {
		if got, known := a.Read(o, name); !known || cmp.Diff(want, got) != "" {
			t.Errorf("%s: got %v, %v; want %v", name, got, known, want)
		}
	}
	for _, name := range []string{"urn:example:Badge:pin", "urn:example:Badge:nothing", "urn:example:Badge:", "nothing"} {
		if got, known := a.Read(o, name); known {
			t.Errorf("%s: got %v", name, got)
		}
	}
	if _, known := directory.Attribute(o, "urn:example:Badge:number"); known {
		t.Error("another organization knows the badge's number")
	}
	if words := a.Words(); !slices.Contains(words, "urn:example:Badge:number") || slices.Contains(words, "urn:example:Badge:pin") || words[0] != "objectId" {
		t.Errorf("the names are %v", words)
	}
	if near := a.Nearest("urn:example:Badge:numbr"); near != "urn:example:Badge:number" {
		t.Errorf("nearest is %q", near)
	}
	if _, err := a.Path("urn:example:Badge:colour"); err == nil || !strings.Contains(err.Error(), "did you mean urn:example:Badge:Color?") {
		t.Errorf("got %v", err)
	}
	if n, ok := a.Find("URN:EXAMPLE:BADGE:COLOR"); !ok || !n.MultiValued || n.Type != scim.TypeString {
		t.Errorf("found %+v, %v", n, ok)
	}
	if directory.AttributesOf(directory.Registry(), directory.User) != directory.StandardAttributes(directory.User) {
		t.Error("the standard attributes are made again")
	}
}

// TestPathsThatAreKeptElsewhere: what only the SCIM endpoint fills in is no source attribute. It would be null for everybody, and a filter by it would let nobody pass.
func TestPathsThatAreKeptElsewhere(t *testing.T) {
	const enterprise = scim.URNEnterpriseUser + ":"
	person := directory.Object{ID: "1", Type: directory.User, Attributes: scim.Resource{"userName": "jo"}}
	for _, name := range []string{
		"groups", "GROUPS.value", "groups.display", "urn:ietf:params:scim:schemas:core:2.0:User:groups.value", `groups[type eq "direct"].value`, "manager.displayName", "manager.$ref",
		enterprise + "manager.displayName", enterprise + "Manager.$ref", "meta", "meta.created", "schemas",
	} {
		if v, known := directory.Attribute(person, name); known {
			t.Errorf("%s is known, and is %v", name, v)
		}
	}
	group := directory.Object{ID: "2", Type: directory.Group, Attributes: scim.Resource{"displayName": "Staff"}}
	for _, name := range []string{"members.value", "members.display", "meta.version"} {
		if v, known := directory.Attribute(group, name); known {
			t.Errorf("%s is known, and is %v", name, v)
		}
	}
	for _, name := range []string{"manager", enterprise + "manager", enterprise + "manager.value", "emails.value", "id"} {
		if _, known := directory.Attribute(person, name); !known {
			t.Errorf("%s is not known", name)
		}
	}
	if _, known := directory.Attribute(group, "members"); !known {
		t.Error("the word members is not known")
	}
}

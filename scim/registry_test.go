package scim

import (
	"strings"
	"testing"
)

func TestCoreRegistry(t *testing.T) {
	reg := Core()
	if reg.Type("user") == nil || reg.ByEndpoint("/groups/") == nil || reg.ByEndpoint("Users").Name != "User" || reg.Type("x") != nil {
		t.Error("types must be found by name and endpoint in any letter case, and only those")
	}
	var names []string
	for _, s := range reg.Schemas() {
		names = append(names, s.Name)
	}
	want := "User EnterpriseUser Group ServiceProviderConfig ResourceType Schema"
	if got := strings.Join(names, " "); got != want {
		t.Errorf("schemas: got %s, want %s", got, want)
	}
	if s := reg.Schema(strings.ToUpper(URNEnterpriseUser)); s == nil || s.Attribute("MANAGER").Sub("$REF") == nil {
		t.Error("a schema and its attributes must be found in any letter case")
	}
}

// Entra rejects a schema in which an attribute lacks a characteristic or a description, or has a null.
func TestPublishedSchemasAreComplete(t *testing.T) {
	for _, s := range Core().Schemas() {
		r := s.Resource()
		if strings.Contains(string(Encode(r)), "null") {
			t.Errorf("%s contains null", s.ID)
		}
		checkComplete(t, s.ID, r["attributes"].([]any))
	}
}

func checkComplete(t *testing.T, where string, attributes []any) {
	for _, a := range attributes {
		m := a.(map[string]any)
		for _, key := range []string{"name", "type", "multiValued", "description", "required", "caseExact", "mutability", "returned", "uniqueness"} {
			if v, ok := m[key]; !ok || v == "" {
				t.Errorf("%s: %v lacks %s", where, m["name"], key)
			}
		}
		if m["type"] == "complex" {
			checkComplete(t, where+"."+m["name"].(string), m["subAttributes"].([]any))
		}
	}
}

func TestExtendLeavesTheOriginalAlone(t *testing.T) {
	extension := &Schema{ID: "urn:example:2.0:Badge", Name: "Badge", Description: "d", Attributes: []*Attribute{{Name: "badge", CaseExact: true}}}
	reg, err := Core().Extend("USER", Extension{Schema: extension})
	if err != nil {
		t.Fatal(err)
	}
	if n, m := len(reg.Type("User").Extensions), len(Core().Type("User").Extensions); n != 2 || m != 1 {
		t.Errorf("extensions: got %d and in Core %d, want 2 and 1", n, m)
	}
	if a := reg.Type("User").Extensions[1].Schema.Attribute("badge"); a.Type != TypeString || a.Mutability != ReadWrite || a.Returned != ReturnedDefault {
		t.Errorf("defaults are not filled in: %+v", a)
	}
	if extension.Attributes[0].Type != "" {
		t.Error("the caller's schema was modified")
	}
	if _, err := Core().Type("User").ParseFilter(`urn:example:2.0:Badge:badge eq "1"`); err == nil {
		t.Error("Core knows the extension")
	}
	f, err := reg.Type("User").ParseFilter(`urn:example:2.0:Badge:badge eq "1"`)
	if err != nil || !f.Match(Resource{"urn:example:2.0:Badge": map[string]any{"badge": "1"}}) {
		t.Errorf("filter on the extension: %v", err)
	}
	if _, err := Core().Extend("Robot", Extension{Schema: extension}); err == nil {
		t.Error("an unknown type was extended")
	}
	if _, err := Core().Extend("User", Extension{Schema: extension}, Extension{Schema: extension}); err == nil {
		t.Error("the same extension was accepted twice")
	}
}

func TestNewRegistryRefuses(t *testing.T) {
	sub := []*Attribute{{Name: "a"}}
	for _, tt := range []struct {
		name, want string
		attribute  Attribute
	}{
		{"name", "a name that is not allowed", Attribute{Name: "1a"}},
		{"name with a dot", "a name that is not allowed", Attribute{Name: "a.b"}},
		{"type", "unknown type", Attribute{Name: "a", Type: "text"}},
		{"mutability", "unknown mutability", Attribute{Name: "a", Mutability: "x"}},
		{"returned", "of returned", Attribute{Name: "a", Returned: "x"}},
		{"uniqueness", "unknown uniqueness", Attribute{Name: "a", Uniqueness: "x"}},
		{"writeOnly shown", "returned = never", Attribute{Name: "a", Mutability: WriteOnly, Returned: ReturnedDefault}},
		{"readOnly hidden", "nobody could use it", Attribute{Name: "a", Mutability: ReadOnly, Returned: ReturnedNever}},
		{"nested", "complex inside", Attribute{Name: "a", Type: TypeComplex, SubAttributes: []*Attribute{{Name: "b", Type: TypeComplex, SubAttributes: sub}}}},
		{"hollow", "no sub-attributes", Attribute{Name: "a", Type: TypeComplex}},
		{"stray", "is not complex", Attribute{Name: "a", SubAttributes: sub}},
		{"twice", "twice", Attribute{Name: "a", Type: TypeComplex, SubAttributes: []*Attribute{{Name: "b"}, {Name: "B"}}}},
	} {
		s := &Schema{ID: "urn:example:x", Attributes: []*Attribute{&tt.attribute}}
		_, err := NewRegistry(&ResourceType{Name: "X", Endpoint: "/Xs", Schema: s})
		wantError(t, err, 400, InvalidValue, tt.want)
	}
	ok := &Schema{ID: "urn:example:x", Attributes: sub}
	for _, tt := range []struct {
		want  string
		types []*ResourceType
	}{
		{"must have a name", []*ResourceType{{Endpoint: "/Xs", Schema: ok}}},
		{"must have a name", []*ResourceType{{Name: "X", Endpoint: "/", Schema: ok}}},
		{"defined twice", []*ResourceType{{Name: "X", Endpoint: "/Xs", Schema: ok}, {Name: "x", Endpoint: "/Ys", Schema: ok}}},
		{"not a schema id", []*ResourceType{{Name: "X", Endpoint: "/Xs", Schema: &Schema{ID: "http://x", Attributes: sub}}}},
		{"KeepOnPut", []*ResourceType{{Name: "X", Endpoint: "/Xs", Schema: ok, KeepOnPut: []string{"b"}}}},
		{"0 attributes", []*ResourceType{{Name: "X", Endpoint: "/Xs", Schema: &Schema{ID: "urn:example:y"}}}},
	} {
		_, err := NewRegistry(tt.types...)
		wantError(t, err, 400, InvalidValue, tt.want)
	}
	_, err := ParseSchema([]byte(`{"id":"urn:example:x","attributes":[{"name":"a","mutabilty":"readOnly"}]}`))
	wantError(t, err, 400, InvalidSyntax, "mutabilty")
}

func TestResourceTypeResource(t *testing.T) {
	got := string(Encode(user(t).Resource()))
	want := `{"schemas":["` + URNResourceType + `"],"id":"User","description":"People and their accounts.","endpoint":"/Users","name":"User",` +
		`"schema":"` + URNUser + `","schemaExtensions":[{"required":false,"schema":"` + URNEnterpriseUser + `"}]}`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

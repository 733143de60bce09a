package scim

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// gadget is a type with every data type, mutability and choice of returned, plus a required extension: the engine must treat it as it treats users.
func gadget(t testing.TB) *ResourceType {
	t.Helper()
	complexOf := func(subs ...*Attribute) []*Attribute { return subs }
	reg, err := NewRegistry(&ResourceType{
		Name: "Gadget", Endpoint: "/Gadgets", Description: "Test things.",
		Schema: &Schema{ID: "urn:example:gadget", Name: "Gadget", Description: "d", Attributes: []*Attribute{
			{Name: "serial", Required: true, CaseExact: true, Uniqueness: UniquenessGlobal, Mutability: Immutable},
			{Name: "label", Returned: ReturnedAlways},
			{Name: "count", Type: TypeInteger},
			{Name: "weight", Type: TypeDecimal},
			{Name: "made", Type: TypeDateTime},
			{Name: "blob", Type: TypeBinary},
			{Name: "link", Type: TypeReference, ReferenceTypes: []string{"external"}},
			{Name: "note", Returned: ReturnedRequest},
			{Name: "pin", Mutability: WriteOnly},
			{Name: "state", Mutability: ReadOnly},
			{Name: "tags", MultiValued: true},
			{Name: "sizes", Type: TypeInteger, MultiValued: true},
			{Name: "origin", Type: TypeComplex, SubAttributes: complexOf(
				&Attribute{Name: "country", Required: true}, &Attribute{Name: "batch", Mutability: Immutable}, &Attribute{Name: "seal", Returned: ReturnedAlways},
				&Attribute{Name: "checked", Type: TypeBoolean, Mutability: ReadOnly})},
			{Name: "parts", Type: TypeComplex, MultiValued: true, SubAttributes: complexOf(
				&Attribute{Name: "value"}, &Attribute{Name: "colour"}, &Attribute{Name: "primary", Type: TypeBoolean})},
		}},
		Extensions: []Extension{{Required: true, Schema: &Schema{ID: "urn:example:gadget:ext", Name: "Ext", Description: "d",
			Attributes: []*Attribute{{Name: "owner", Required: true}, {Name: "secret", Mutability: WriteOnly}}}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return reg.Type("gadget")
}

const gadgetBody = `{"serial":"S1","label":"L","count":3,"weight":2.5,"made":"2026-01-01T00:00:00+01:00","blob":"AAEC","link":"https://x.example/","note":"n",
	"pin":"1234","state":"new","tags":["a","A","b",""],"sizes":[1,2,1],"origin":{"country":"NO","batch":"B1","checked":true},
	"parts":[{"value":"p","colour":"red"},{"value":"p","colour":"blue"},{"value":"p","colour":"red","primary":true}],
	"urn:example:gadget:ext":{"owner":"o","secret":"s"}}`

func TestCustomTypeDecode(t *testing.T) {
	rt := gadget(t)
	r, err := rt.DecodeResource([]byte(gadgetBody), DecodeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := rt.ValidateNew(r); err != nil {
		t.Fatal(err)
	}
	want := decodeTest(t, `{"schemas":["urn:example:gadget","urn:example:gadget:ext"],"serial":"S1","label":"L","count":3,"weight":2.5,
		"made":"2026-01-01T00:00:00+01:00","blob":"AAEC","link":"https://x.example/","note":"n","pin":"1234","tags":["a","b"],"sizes":[1,2],
		"origin":{"country":"NO","batch":"B1"},"parts":[{"value":"p","colour":"red","primary":true},{"value":"p","colour":"blue"}],
		"urn:example:gadget:ext":{"owner":"o","secret":"s"}}`)
	if diff := cmp.Diff(want, r); diff != "" {
		t.Error(diff)
	}
}

func TestCustomTypeRefuses(t *testing.T) {
	for _, tt := range []struct{ body, want string }{
		{`{"count":1.5}`, "whole number"},
		{`{"count":"1"}`, "whole number"},
		{`{"weight":"heavy"}`, "a number"},
		{`{"made":"yesterday"}`, "date and time"},
		{`{"made":5}`, "a string"},
		{`{"blob":"*"}`, "base64"},
		{`{"tags":[5]}`, "a string"},
		{`{"label":["x"]}`, "a string"},
		{`{"origin":"NO"}`, "an object"},
		{`{"parts":[["x"]]}`, "an object"},
		{`{"parts":[{"value":"a","primary":true},{"value":"b","primary":true}]}`, "at most one"},
		{`{"urn:example:gadget:ext":[]}`, "expected an object"},
		{`{"pin":1234}`, "a value of another type"},
	} {
		_, err := gadget(t).DecodeResource([]byte(tt.body), DecodeOptions{})
		wantError(t, err, 400, InvalidValue, tt.want)
	}
}

func TestValidateNew(t *testing.T) {
	rt := gadget(t)
	for _, tt := range []struct{ name, change, want string }{
		{"required", `{"op":"serial"}`, "serial is required"},
		{"required extension", `{"op":"urn:example:gadget:ext"}`, "the extension urn:example:gadget:ext is required"},
	} {
		r := decodeTest(t, gadgetBody)
		delete(r, decodeTest(t, tt.change)["op"].(string))
		wantError(t, rt.ValidateNew(r), 400, InvalidValue, tt.want)
	}
	for _, tt := range []struct{ body, want string }{
		{`{"serial":"s","urn:example:gadget:ext":{}}`, "owner is required"},
		{`{"serial":"s","origin":{"batch":"b"},"urn:example:gadget:ext":{"owner":"o"}}`, "country is required"},
		{`{"serial":5,"urn:example:gadget:ext":{"owner":"o"}}`, "expected a string"},
		{`{"serial":"s","count":1.5,"urn:example:gadget:ext":{"owner":"o"}}`, "expected a whole number"},
		{`{"serial":"s","tags":"x","urn:example:gadget:ext":{"owner":"o"}}`, "expected a list"},
		{`{"serial":"s","made":"x","urn:example:gadget:ext":{"owner":"o"}}`, "expected a date"},
		{`{"serial":"s","parts":[{"primary":true},{"primary":true}],"urn:example:gadget:ext":{"owner":"o"}}`, "at most one"},
	} {
		wantError(t, rt.ValidateNew(decodeTest(t, tt.body)), 400, InvalidValue, tt.want)
	}
}

func TestCustomTypePatch(t *testing.T) {
	const x = "urn:example:gadget:ext"
	for _, tt := range []patchCase{
		{"immutable set", gadgetBody, `{"op":"replace","path":"serial","value":"S2"}`, "", "", "", Mutability},
		{"immutable equal", gadgetBody, `{"op":"replace","path":"serial","value":"S1"}`, "serial", `"S1"`, "", ""},
		{"immutable removed", gadgetBody, `{"op":"remove","path":"origin.batch"}`, "", "", "", Mutability},
		{"immutable sub changed", gadgetBody, `{"op":"add","path":"origin","value":{"batch":"B2"}}`, "", "", "", Mutability},
		{"immutable unset", `{"origin":{"country":"NO"}}`, `{"op":"add","path":"origin.batch","value":"B"}`, "origin.batch", `"B"`, "origin", ""},
		{"required sub removed", gadgetBody, `{"op":"remove","path":"origin.country"}`, "", "", "", Mutability},
		{"required sub emptied", `{"origin":{"country":"NO","seal":"s"}}`, `{"op":"replace","path":"origin.country","value":null}`, "", "", "", InvalidValue},
		{"read-only sub", gadgetBody, `{"op":"replace","path":"origin.checked","value":true}`, "", "", "", Mutability},
		{"simple list add", `{"tags":["a","b"]}`, `{"op":"add","path":"tags","value":["B","c"]}`, "tags", `["a","b","c"]`, "tags", ""},
		{"simple list remove", `{"tags":["a","b"]}`, `{"op":"remove","path":"tags","value":["A"]}`, "tags", `["b"]`, "tags", ""},
		{"simple list by filter", `{"tags":["a","b"]}`, `{"op":"remove","path":"tags[value eq \"B\"]"}`, "tags", `["a"]`, "tags", ""},
		{"simple element replaced", `{"tags":["a","b"]}`, `{"op":"replace","path":"tags[value eq \"b\"]","value":"c"}`, "tags", `["a","c"]`, "tags", ""},
		{"number list", `{"sizes":[1,2]}`, `{"op":"remove","path":"sizes","value":2}`, "sizes", `[1]`, "sizes", ""},
		{"elements with other facts stay apart", `{"parts":[{"value":"p","colour":"red"}]}`, `{"op":"add","path":"parts","value":{"value":"p","colour":"blue"}}`,
			"parts", `[{"colour":"red","value":"p"},{"colour":"blue","value":"p"}]`, "parts", ""},
		{"required extension removed", gadgetBody, `{"op":"remove","path":"` + x + `"}`, "", "", "", Mutability},
		{"required in extension removed", gadgetBody, `{"op":"remove","path":"` + x + `:owner"}`, "", "", "", Mutability},
		{"new extension incomplete", `{"serial":"s"}`, `{"op":"add","path":"` + x + `:secret","value":"s"}`, "", "", "", InvalidValue},
		{"extension of secrets only", `{"` + x + `":{"owner":"o"}}`, `{"op":"replace","path":"` + x + `","value":{"owner":"p"}}`, x + ":owner", `"p"`, x + ":owner", ""},
	} {
		t.Run(tt.name, func(t *testing.T) { runPatch(t, gadget(t), tt) })
	}
}

func TestReplace(t *testing.T) {
	rt := gadget(t)
	old := decodeTest(t, gadgetBody)
	old["id"], old["meta"] = "1", map[string]any{"version": "1"}
	for _, tt := range []struct {
		name, body, path, want, err string
		changed                     bool
	}{
		{"read-only stays", `{"serial":"S1"}`, "state", `"new"`, "", true},
		{"id stays", `{"serial":"S1","id":"2"}`, "id", `"1"`, "", true},
		{"write-only stays", `{"serial":"S1"}`, "pin", `"1234"`, "", true},
		{"write-only is replaced", `{"serial":"S1","pin":"9"}`, "pin", `"9"`, "", true},
		{"omitted is cleared", `{"serial":"S1"}`, "label", "", "", true},
		{"omitted immutable stays", `{}`, "serial", `"S1"`, "", true},
		{"immutable must match", `{"serial":"S2"}`, "", "", Mutability, false},
		{"immutable sub must match", `{"origin":{"country":"NO","batch":"B2"}}`, "", "", Mutability, false},
		{"read-only and omitted immutable subs stay", `{"origin":{"country":"SE"}}`, "origin", `{"batch":"B1","checked":true,"country":"SE"}`, "", true},
		{"required sub", `{"origin":{"seal":"x"}}`, "", "", InvalidValue, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			body := decodeTest(t, tt.body)
			body["urn:example:gadget:ext"] = map[string]any{"owner": "o"}
			r, err := rt.DecodeResource(Encode(body), DecodeOptions{})
			if err != nil {
				t.Fatal(err)
			}
			before := string(Encode(old))
			out, changed, err := rt.Replace(old, r)
			if string(Encode(old)) != before {
				t.Error("Replace modified its input")
			}
			if tt.err != "" {
				wantError(t, err, 400, tt.err, "")
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			path, err := rt.ParsePath(tt.path)
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			if v, ok := Lookup(out, path); ok {
				got = string(AppendJSON(nil, v))
			}
			if got != tt.want || changed != tt.changed {
				t.Errorf("got %s, changed %v; want %s, %v", got, changed, tt.want, tt.changed)
			}
		})
	}
}

func TestReplaceEqualStateIsNoChange(t *testing.T) {
	rt := user(t)
	old := decodeTest(t, `{"id":"1","userName":"a","active":false,"password":"h","emails":[{"value":"1"},{"value":"2"}],"meta":{"version":"1"}}`)
	r, err := rt.DecodeResource([]byte(`{"userName":"a","emails":[{"value":"2"},{"value":"1"}]}`), DecodeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if out, changed, err := rt.Replace(old, r); err != nil || changed {
		t.Errorf("got %s, %v, %v; want no change", Encode(out), changed, err)
	}
	_, _, err = rt.Replace(old, Resource{"title": "x"})
	wantError(t, err, 400, InvalidValue, "userName is required")
}

func TestCustomTypeFilter(t *testing.T) {
	rt := gadget(t)
	r := decodeTest(t, `{"count":3,"weight":2.5,"tags":["a","b"],"sizes":[1,2],"made":"2026-01-01T00:00:00Z","pin":"x"}`)
	for _, tt := range []struct {
		in   string
		want bool
	}{
		{`count eq 3`, true}, {`count eq 3.0`, true}, {`count gt 2.5`, true}, {`count le 2`, false}, {`count ne 3`, false},
		{`weight eq 2.5`, true}, {`weight lt 3`, true}, {`weight ge 2.50001`, false},
		{`sizes eq 2`, true}, {`sizes gt 2`, false}, {`sizes ne 1`, true}, {`sizes[value gt 1 and value lt 3]`, true},
		{`tags eq "B"`, true}, {`tags[value sw "c"]`, false}, {`not (tags eq "a")`, false},
		{`made eq "2026-01-01T01:00:00+01:00"`, true},
	} {
		f, err := rt.ParseFilter(tt.in)
		if err != nil {
			t.Errorf("%s: %v", tt.in, err)
		} else if got := f.Match(r); got != tt.want {
			t.Errorf("%s: got %v, want %v", tt.in, got, tt.want)
		}
	}
	for _, tt := range []struct{ in, want string }{
		{`count co 3`, "use eq, ne"},
		{`count eq "3"`, "expected a number"},
		{`count eq 99999999999999999999`, "too big"},
		{`weight eq 1e999`, "too big"},
		{`pin eq "x"`, "never returned"},
		{`tags[colour eq "x"]`, "no sub-attribute"},
	} {
		_, err := rt.ParseFilter(tt.in)
		wantError(t, err, 400, InvalidFilter, tt.want)
	}
}

func TestCustomTypeElementsFromTypedFilters(t *testing.T) {
	runPatch(t, gadget(t), patchCase{"boolean and text", `{"serial":"s"}`,
		`{"op":"add","path":"parts[primary eq true and colour eq \"Red\"].value","value":"v"}`, "parts", `[{"colour":"Red","primary":true,"value":"v"}]`, "parts", ""})
}

package scim

import (
	"slices"
	"strings"
	"testing"
)

// TestRules sends, for each tolerance rule, a request that needs just that rule, and expects it to be understood and counted. What needs none counts none.
func TestRules(t *testing.T) {
	const op = `{"schemas":["` + URNPatchOp + `"],"Operations":[`
	emails := `,"emails":[{"value":"w","type":"work"},{"value":"h","type":"home"}]`
	for _, test := range []struct{ name, body, patch, at, want string }{
		{"none, create", `{"schemas":["` + URNUser + `"],"userName":"u","active":true` + emails + `}`, "", "userName", `"u"`},
		{"none, patch", "", op + `{"op":"replace","path":"title","value":"T"}]}`, "title", `"T"`},
		{"N1", "", op + `{"op":"Replace","path":"title","value":"T"}]}`, "title", `"T"`},
		{"N2", "", op + `{"op":"replace","path":"TITLE","value":"T"}]}`, "title", `"T"`},
		{"N2, body", `{"schemas":["` + URNUser + `"],"USERNAME":"u"}`, "", "userName", `"u"`},
		{"N3", "", op + `{"op":"replace","path":"active","value":"False"}]}`, "active", `false`},
		{"N4", "", op + `{"op":"add","path":"` + URNEnterpriseUser + `:manager","value":"m"}]}`, "manager", `{"value":"m"}`},
		{"N5", "", op + `{"op":"replace","path":"nickName","value":""}]}`, "nickName", ""},
		{"N6", "", op + `{"op":"add","value":{"name.givenName":"G"}}]}`, "name", `{"givenName":"G"}`},
		{"N7", "", op + `{"op":"remove","path":"emails","value":[{"value":"w"}]}]}`, "emails", `[{"type":"home","value":"h"}]`},
		{"N8", "", op + `{"op":"add","path":"emails[type eq \"other\"].value","value":"o"}]}`, `emails[type eq "other"]`, `{"type":"other","value":"o"}`},
		{"N9", `{"schemas":["` + URNUser + `"],"userName":"u","id":"mine"}`, "", "id", ""},
		{"N10", `{"userName":"u"}`, "", "userName", `"u"`},
		{"N10, patch", "", `{"Operations":[{"op":"replace","path":"title","value":"T"}]}`, "title", `"T"`},
		{"N11", `{"schemas":["urn:scim:schemas:core:2.0"],"userName":"u"}`, "", "userName", `"u"`},
		{"N12", "", op + `{"op":"replace","path":"emails","value":[{"value":"x"}]},{"op":"add","path":"emails","value":{"value":"y"}}]}`,
			`emails[value eq "y"]`, `{"value":"y"}`},
		{"N13", `{"schemas":["` + URNUser + `"],"userName":"u","emails":[{"value":"x","display":null}]}`, "", "emails", `[{"value":"x"}]`},
		{"N17", "", op + `{"op":"add","path":"emails","value":[{"value":"w","type":"work"}]}]}`, `emails[value eq "w"]`, `{"type":"work","value":"w"}`},
		{"N18", `{"schemas":["` + URNUser + `"],"userName":"u","colour":"red"}`, "", "userName", `"u"`},
		{"X1", `{"schemas":["` + URNUser + `"],"userName":"u","department":"D"}`, "", "department", `"D"`},
		{"X2", "", op + `{"op":"replace","path":"title","value":["T"]}]}`, "title", `"T"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			used, r := decodeCounted(t, test.body, test.patch)
			var want []string
			if rule, _, _ := strings.Cut(test.name, ","); rule != "none" {
				want = []string{rule}
			}
			if !slices.Equal(used, want) {
				t.Errorf("counted %v, want %v", used, want)
			}
			wantAt(t, r, test.at, test.want)
		})
	}
}

// decodeCounted reads a body, or applies a patch to a user with two emails, and returns each rule that was needed once.
func decodeCounted(t *testing.T, body, patch string) ([]string, Resource) {
	t.Helper()
	var used []string
	o := DecodeOptions{Report: func(rule string) {
		if !slices.Contains(used, rule) {
			used = append(used, rule)
		}
	}}
	if patch == "" {
		r, err := user(t).DecodeResource([]byte(body), o)
		if err != nil {
			t.Fatal(err)
		}
		return used, r
	}
	r, err := user(t).DecodeResource([]byte(`{"userName":"u","nickName":"N","emails":[{"value":"w","type":"work"},{"value":"h","type":"home"}]}`), DecodeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	p, err := user(t).DecodePatch([]byte(patch), o)
	if err != nil {
		t.Fatal(err)
	}
	out, _, err := p.Apply(user(t), r)
	if err != nil {
		t.Fatal(err)
	}
	return used, out
}

func wantAt(t *testing.T, r Resource, at, want string) {
	t.Helper()
	path, err := user(t).ParsePath(at)
	if err != nil {
		t.Fatal(err)
	}
	got := ""
	if v, ok := Lookup(r, path); ok {
		got = string(AppendJSON(nil, v))
	}
	if got != want {
		t.Errorf("%s is %s, want %s", at, got, want)
	}
}

// TestPageBoundsAreCounted is rule N19.
func TestPageBoundsAreCounted(t *testing.T) {
	for _, test := range []struct {
		start, count string
		want         []string
	}{{"0", "10", []string{"N19"}}, {"1", "-1", []string{"N19"}}, {"1", "5000", []string{"N19"}}, {"1", "10", nil}} {
		var used []string
		if _, _, err := ParsePage(test.start, test.count, 100, 1000, func(rule string) { used = append(used, rule) }); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(slices.Compact(used), test.want) {
			t.Errorf("startIndex %s, count %s counted %v, want %v", test.start, test.count, used, test.want)
		}
	}
}

// TestReplaceCreatesForEntra is the part of rule N8 that depends on the profile.
func TestReplaceCreatesForEntra(t *testing.T) {
	const body = `{"schemas":["` + URNPatchOp + `"],"Operations":[{"op":"replace","path":"emails[type eq \"work\"].value","value":"w"}]}`
	for _, test := range []struct {
		profile Profile
		want    string
	}{{"", ""}, {ProfileRFC, ""}, {ProfileOkta, ""}, {ProfileEntra, `[{"type":"work","value":"w"}]`}} {
		var used []string
		p, err := user(t).DecodePatch([]byte(body), DecodeOptions{Profile: test.profile, Report: func(rule string) { used = append(used, rule) }})
		if err != nil {
			t.Fatal(err)
		}
		out, _, err := p.Apply(user(t), Resource{"userName": "u"})
		if test.want == "" {
			wantError(t, err, 400, NoTarget, "")
			continue
		}
		if err != nil {
			t.Fatalf("profile %q: %v", test.profile, err)
		}
		wantAt(t, out, "emails", test.want)
		if !slices.Equal(used, []string{RuleCreateElement}) {
			t.Errorf("profile %q counted %v, want N8 alone", test.profile, used)
		}
	}
}

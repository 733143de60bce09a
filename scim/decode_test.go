package scim

import "testing"

func TestDecodeResourceSchemas(t *testing.T) {
	for _, tt := range []struct{ name, schemas, scimType string }{
		{"right", `["` + URNUser + `"]`, ""},
		{"another message", `["` + URNPatchOp + `"]`, InvalidSyntax},
		{"another type", `["` + URNGroup + `"]`, InvalidSyntax},
		{"unknown extension", `["` + URNUser + `","urn:example:custom:2.0:User"]`, ""},
		{"not a list", `5`, InvalidSyntax},
		{"not a URN", `[5]`, InvalidSyntax},
		{"text", `"` + URNUser + `"`, ""},
		{"null", `null`, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := user(t).DecodeResource([]byte(`{"userName":"a","schemas":`+tt.schemas+`}`), DecodeOptions{})
			if tt.scimType != "" {
				wantError(t, err, 400, tt.scimType, "schemas")
			} else if err != nil {
				t.Error(err)
			}
		})
	}
}

func TestDecodeResourceTwice(t *testing.T) {
	if _, err := user(t).DecodeResource([]byte(`{"userName":"a","username":"a"}`), DecodeOptions{}); err != nil {
		t.Errorf("the same value twice: %v", err)
	}
	_, err := user(t).DecodeResource([]byte(`{"userName":"a","username":"b"}`), DecodeOptions{})
	wantError(t, err, 400, InvalidSyntax, "twice")
}

func TestDecodeResourceUnqualifiedExtension(t *testing.T) {
	used := map[string]bool{}
	r, err := user(t).DecodeResource([]byte(`{"userName":"a","department":"D","`+URNEnterpriseUser+`":{"costCenter":"1"}}`),
		DecodeOptions{Report: func(rule string) { used[rule] = true }})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(AppendJSON(nil, r[URNEnterpriseUser])), `{"costCenter":"1","department":"D"}`; got != want || !used[RuleExtensionByName] {
		t.Errorf("got %s, want %s; rules %v", got, want, used)
	}
}

func TestParsePage(t *testing.T) {
	for _, tt := range []struct {
		start, count        string
		wantStart, wantSize int
		moved               bool
	}{
		{"", "", 1, 100, false},
		{"5", "10", 5, 10, false},
		{"0", "", 1, 100, true},
		{"-3", "-1", 1, 0, true},
		{"1", "0", 1, 0, false},
		{"1", "5000", 1, 1000, true},
		{"99999999999999999999", "1", 1<<31 - 1, 1, false},
	} {
		moved := false
		start, size, err := ParsePage(tt.start, tt.count, 100, 1000, func(string) { moved = true })
		if err != nil || start != tt.wantStart || size != tt.wantSize || moved != tt.moved {
			t.Errorf("%q, %q: got %d, %d, %v, %v", tt.start, tt.count, start, size, moved, err)
		}
	}
	_, _, err := ParsePage("x", "", 100, 1000, nil)
	wantError(t, err, 400, InvalidValue, "startIndex")
	_, _, err = ParsePage("", "1.5", 100, 1000, nil)
	wantError(t, err, 400, InvalidValue, "count")
}

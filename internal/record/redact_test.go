package record

import (
	"strings"
	"testing"

	"github.com/rollcall-id/rollcall/scim"
)

func TestMaskDetail(t *testing.T) {
	for _, test := range []struct{ in, want string }{
		{"", ""},
		{"nothing quoted", "nothing quoted"},
		{`another User already has the userName "ada@contoso.example"; find it`, `another User already has the userName "…"; find it`},
		{`"Ada \"the countess\" Lovelace" is taken`, `"…" is taken`},
		{`an open quote "Ada`, `an open quote "…"`},
	} {
		if got := MaskDetail(test.in); got != test.want {
			t.Errorf("MaskDetail(%q) is %q; expected %q", test.in, got, test.want)
		}
	}
	if got := MaskDetail(strings.Repeat("x", 5000)); len(got) > maxDetail+len("…") {
		t.Errorf("a long detail keeps %d bytes", len(got))
	}
}

func TestRedactKeepsStructureAndHidesValues(t *testing.T) {
	r := NewRedactor(scim.Core())
	for _, test := range []struct{ name, in, want string }{
		{
			"patch of Entra",
			`{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[` +
				`{"op":"Add","path":"emails[type eq \"work\"].value","value":"ada@contoso.example"},{"op":"Replace","path":"active","value":"False"},` +
				`{"op":"Add","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager","value":[{"value":"4711-ada"}]}]}`,
			`{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"Add","path":"emails[type eq ?].value","value":"‹string 19›"},{"op":"Replace","path":"active","value":"False"},` +
				`{"op":"Add","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager","value":[{"value":"‹string 8›"}]}]}`,
		},
		{
			"user", `{"userName":"Ada","password":"correct horse","active":true,"emails":[{"type":"work","primary":true,"value":"a@b.example"}],"shoeSize":39}`,
			`{"active":true,"emails":[{"primary":true,"type":"work","value":"‹string 11›"}],"password":"‹secret›","userName":"‹string 3›","‹name 8›":"‹number›"}`,
		},
		{"list", `{"totalResults":12,"Resources":[]}`, `{"Resources":[],"totalResults":12}`},
		{
			"path-less keys", `{"name.givenName":"Ada","emails[type eq \"Lovelace\"].value":"x","Ada Lovelace":1}`,
			`{"emails[type eq ?].value":"‹string 1›","name.givenName":"‹string 3›","‹name 12›":"‹number›"}`,
		},
		{
			"error", `{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"409","detail":"\"Ada\" is taken"}`,
			`{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"detail":"\"…\" is taken","status":"409"}`,
		},
		{"detail that is no error's", `{"detail":"Ada Lovelace"}`, `{"detail":"‹string 12›"}`},
		{"path that is a value", `{"path":"ada@contoso.example"}`, `{"path":"‹name 19›"}`},
		{"schemas that are values", `{"schemas":["ada"]}`, `{"schemas":["‹string 3›"]}`},
		{"not JSON", `userName=Ada`, "‹12 bytes that are not the JSON of a SCIM message: not kept›"},
		{"nothing", "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := r.Redact([]byte(test.in), true); got != test.want {
				t.Errorf("redacted is\n%s\nexpected\n%s", got, test.want)
			}
		})
	}
	if got := r.Redact([]byte(`{"userName":"Ada`), false); !strings.Contains(got, "not kept") {
		t.Errorf("half a body is shown as %s", got)
	}
}

// FuzzRedact: no text of the input of four characters or more is in the output, unless it is a word of the protocol or of a schema.
func FuzzRedact(f *testing.F) {
	r := NewRedactor(scim.Core())
	for _, seed := range []string{
		`{"userName":"ada@contoso.example","name":{"givenName":"Augusta Ada"},"emails":["x1x2@y"]}`, `{"path":"members[value eq \"abcdef\"]","op":"abcdef"}`,
		`{"abcdef":{"ghijkl":["mnopqr",{"detail":"the value \"stuvwx\" is bad"}]}}`, `{"filter":"userName eq \"ab\\\"cdefg\""}`, `[[[["abcd efgh"]]]]`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		v, err := scim.DecodeJSON([]byte(body))
		if err != nil {
			return
		}
		out := r.Redact([]byte(body), true)
		for _, text := range secrets(r, "", v, nil) {
			if strings.Contains(out, text) {
				t.Errorf("%q is in the redacted body\n%s", text, out)
			}
		}
	})
}

// secrets collects the texts that must not be shown: values and unknown names of four characters or more that no word of ours contains.
func secrets(r *Redactor, name string, v any, out []string) []string {
	switch v := v.(type) {
	case map[string]any:
		for k, w := range v {
			if strings.EqualFold(k, "detail") && isError(v) {
				continue // our own message: what it quotes is masked, the rest of it is ours
			}
			if !r.Knows(k) {
				out = append(out, secrets(r, "", k, nil)...)
			}
			out = secrets(r, k, w, out)
		}
	case []any:
		for _, w := range v {
			out = secrets(r, name, w, out)
		}
	case string:
		if len([]rune(v)) < 4 || r.Path(v) == v || ours(r, v) {
			return out
		}
		out = append(out, v)
	}
	return out
}

// ours reports whether the text is in words of ours anyway, or looks like what redaction writes.
func ours(r *Redactor, text string) bool {
	low := strings.ToLower(text)
	for w := range r.words {
		if strings.Contains(w, low) {
			return true
		}
	}
	return strings.ContainsAny(text, `"\`) || strings.Trim(low, "‹›0123456789 stringameboucdp:?[](),._") == ""
}

package scim

import (
	"errors"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
)

func TestDecodeJSONRefuses(t *testing.T) {
	for _, tt := range []struct{ name, in, scimType, want string }{
		{"empty", "  ", InvalidSyntax, "empty"},
		{"cut off", `{"a":`, InvalidSyntax, "cut off"},
		{"cut off string", `{"a":"b`, InvalidSyntax, "cut off"},
		{"not JSON", `{a:1}`, InvalidSyntax, "not JSON"},
		{"duplicate name", `{"a":1,"a":2}`, InvalidSyntax, "twice"},
		{"two values", `{} {}`, InvalidSyntax, "behind the JSON value"},
		{"invalid UTF-8", "{\"a\":\"\xff\"}", InvalidSyntax, "UTF-8"},
		{"lone surrogate", `{"a":"\ud800"}`, InvalidSyntax, "not JSON"},
		{"NUL", `{"a":"b\u0000"}`, InvalidValue, "U+0000"},
		{"NUL in a name", `{"a\u0000":1}`, InvalidValue, "U+0000"},
		{"deep", strings.Repeat("[", 33) + strings.Repeat("]", 33), InvalidSyntax, "deeper than 32"},
		{"long string", `"` + strings.Repeat("x", MaxString+1) + `"`, InvalidValue, "at most 65536"},
		{"many elements", "[" + strings.Repeat("1,", MaxElements) + "1]", InvalidValue, "more than 20000"},
		{"huge integer", `{"a":9223372036854775808}`, InvalidValue, "64 bits"},
		{"huge number", `{"a":1e999}`, InvalidValue, "too big"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := DecodeJSON([]byte(tt.in))
			wantError(t, err, 400, tt.scimType, tt.want)
		})
	}
}

func TestDecodeJSONLimitsAreInclusive(t *testing.T) {
	for name, in := range map[string]string{
		"depth":    strings.Repeat("[", 32) + strings.Repeat("]", 32),
		"string":   `"` + strings.Repeat("x", MaxString) + `"`,
		"elements": "[" + strings.Repeat("1,", MaxElements-1) + "1]",
	} {
		if _, err := DecodeJSON([]byte(in)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAppendJSON(t *testing.T) {
	r := Resource{
		"userName": "a\"b\\c\n\x01<&>é\u2028", "id": "1", "meta": map[string]any{"version": `W/"1"`}, "schemas": []any{URNUser}, "externalId": "x",
		"active": true, "n": int64(-5), "f": 1.5, "whole": 2.0, "big": 1e30, "none": nil, "list": []any{}, "Zeta": false,
	}
	want := `{"schemas":["` + URNUser + `"],"id":"1","externalId":"x","meta":{"version":"W/\"1\""},"Zeta":false,"active":true,"big":1e+30,"f":1.5,` +
		`"list":[],"n":-5,"none":null,"userName":"a\"b\\c\n\u0001<&>é` + "\u2028" + `","whole":2.0}`
	if diff := cmp.Diff(want, string(Encode(r))); diff != "" {
		t.Error(diff)
	}
	if got := string(AppendJSON(nil, "a\xffb")); got != "\"a\ufffdb\"" {
		t.Errorf("invalid UTF-8: got %q", got)
	}
}

func TestErrorJSON(t *testing.T) {
	e := Errorf(409, Uniqueness, "the userName %q is taken", "a")
	want := `{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"409","scimType":"uniqueness","detail":"the userName \"a\" is taken"}`
	if got := string(e.AppendJSON(nil)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if !errors.Is(e, &Error{Status: 409}) || errors.Is(e, &Error{Status: 409, Type: Mutability}) {
		t.Error("errors.Is must compare status and scimType")
	}
}

func FuzzDecodeJSON(f *testing.F) {
	for _, s := range []string{`{"a":[1,2.5,true,null,"x"]}`, `"\ud83d\ude00"`, `-0`, `1e5`, `{"a":{"b":{}}}`, `[[[`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		v, err := DecodeJSON([]byte(s))
		if err != nil {
			onlyScimError(t, err)
			return
		}
		again, err := DecodeJSON(AppendJSON(nil, v))
		if err != nil {
			t.Fatalf("own output of %q: %v", s, err)
		}
		if diff := cmp.Diff(v, again); diff != "" {
			t.Fatal(diff)
		}
		if m, ok := v.(map[string]any); ok {
			stored, err := DecodeStored(Encode(m))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(Resource(m), stored); diff != "" {
				t.Fatal(diff)
			}
		}
	})
}

func TestFold(t *testing.T) {
	for _, tt := range []struct{ a, b string }{
		{"BJensen@Example.COM", "bjensen@example.com"},
		{"STRASSE", "straße"},
		{"ÉCOLE", "e\u0301cole"},
		{"ΣΊΣΥΦΟΣ", "σίσυφος"},
		{"ａ", "Ａ"},
		{"Ꭷ", "ꭷ"},
		{"Ᏸ", "ᏸ"},
	} {
		if Fold(tt.a) != Fold(tt.b) {
			t.Errorf("%q and %q fold to %q and %q", tt.a, tt.b, Fold(tt.a), Fold(tt.b))
		}
	}
	if Fold("a") == Fold("b") || Fold("é") == Fold("e") {
		t.Error("different letters fold to the same")
	}
}

// Every letter must fold to the same as its other cases, and what is folded must stay as it is.
func TestFoldEveryLetter(t *testing.T) {
	for r := rune(0x80); r <= unicode.MaxRune; r++ {
		if !unicode.IsLetter(r) && !unicode.IsMark(r) {
			continue
		}
		folded := Fold(string(r))
		if Fold(folded) != folded {
			t.Errorf("%U folds to %q, which folds to %q", r, folded, Fold(folded))
		}
		for o := unicode.SimpleFold(r); o != r; o = unicode.SimpleFold(o) {
			if other := Fold(string(o)); other != folded {
				t.Errorf("%U folds to %q, %U to %q", r, folded, o, other)
			}
		}
	}
}

func FuzzFold(f *testing.F) {
	for _, s := range []string{"ABC", "ß", "İ", "\u0345\u0301", "ǰ", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if once := Fold(s); Fold(once) != once {
			t.Fatalf("%q folds to %q, which folds to %q", s, once, Fold(once))
		}
	})
}

func TestDecodeStored(t *testing.T) {
	r := Resource{"a": "q\"\\\n\u2028é", "b": []any{}, "c": map[string]any{"d": nil, "e": int64(-7), "f": 0.5}, "g": true, "h": false, "": "x"}
	got, err := DecodeStored(Encode(r))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(r, got); diff != "" {
		t.Error(diff)
	}
	if got, err := DecodeStored([]byte("{ \"a\" : [ 1 , {} ] }\n")); err != nil || len(got["a"].([]any)) != 2 {
		t.Errorf("blanks as PostgreSQL writes them: %v, %v", got, err)
	}
	for _, doc := range []string{``, `{`, `[]`, `{"a"}`, `{"a":}`, `{"a":1`, `{"a":1,}`, `{"a":tru}`, `{"a":"b`, `{"a":"\`, `{"a":"\x"}`, `{"a":1-}`, `{"a":--1}`, `{} x`,
		`{"a":[1 2]}`, `{"a":.}`, strings.Repeat(`{"a":`, 1000)} {
		if got, err := DecodeStored([]byte(doc)); err == nil {
			t.Errorf("%q gave %v", doc, got)
		}
	}
}

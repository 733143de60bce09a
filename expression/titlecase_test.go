package expression_test

import (
	"testing"

	"github.com/rollcall-id/rollcall/expression"
)

// Without separators the words are those of .NET's TextInfo.ToTitleCase, which begin with a letter.
func TestTitleCase(t *testing.T) {
	tests := []struct{ text, want string }{
		{"3RD STREET 42b", "3Rd Street 42B"},
		{"O'BRIEN", "O'brien"},
		{"O’BRIEN", "O’Brien"},
		{"'quoted' \"word\"", "'Quoted' \"Word\""},
		{"a1b2 c", "A1b2 C"},
		{"a_b/c\\d.e,f;g:h!i?j&k#l@m*n(o)p[q]r{s}t%u", "A_B/C\\D.E,F;G:H!I?J&K#L@M*N(O)P[Q]R{S}T%U"},
		{"a+b<c>d=e|f~g$h€i^j`k©l", "A+B<C>D=E|F~G$H€I^J`K©L"},
		{"a\tb\nc\u00a0d\u2028e\u200bf", "A\tB\nC\u00a0D\u2028E\u200bF"},
		{"«anna»„eva“", "«Anna»„Eva“"},
		{"e\u0301TIENNE", "E\u0301tienne"},
		{"ǆungla", "ǅungla"},
		{"𐐨𐐨", "𐐀𐐨"},
		{"日本 x", "日本 X"},
	}
	for _, test := range tests {
		got, err := run(t, `PCase([a])`, attributes{"a": expression.Str(test.text)})
		if err != nil || got.Text() != test.want {
			t.Errorf("%q: got %q, %v; want %q", test.text, got.Text(), err, test.want)
		}
	}
	for separators, want := range map[string]string{"": "3rd o'brien-smith", " ": "3rd O'brien-smith", "'-": "3rd o'Brien-Smith", " 3": "3Rd O'brien-smith"} {
		got, err := run(t, `PCase([a], [s])`, attributes{"a": expression.Str("3RD O'BRIEN-SMITH"), "s": expression.Str(separators)})
		if err != nil || got.Text() != want {
			t.Errorf("separators %q: got %q, %v; want %q", separators, got.Text(), err, want)
		}
	}
}

// What is not found, and what is found without anything in it, is as in VBA.
func TestInStrOfNothing(t *testing.T) {
	for text, want := range map[string]int64{
		`InStr("", "")`: 0, `InStr("abc", "")`: 1, `InStr("abc", "", 3)`: 3, `InStr("abc", "", 4)`: 0, `InStr("", "a")`: 0, `InStr("abc", [x])`: 1,
		`InStr([x], "")`: 0, `InStr("İstanbul", "i", 1, vbTextCompare)`: 1,
	} {
		got, err := run(t, text, attributes{})
		if err != nil || got.Any() != want {
			t.Errorf("%s: got %v, %v; want %d", text, got.Any(), err, want)
		}
	}
}

// A list of one empty value is as empty as the empty text.
func TestEmptyList(t *testing.T) {
	a := attributes{"one": expression.ListOf([]string{""}), "two": expression.ListOf([]string{"", ""})}
	for text, want := range map[string]string{
		`IsNullOrEmpty([one])`: "True", `IsPresent([one])`: "False", `IsNull([one])`: "False", `IsNullOrEmpty([two])`: "False", `IIF([one] = "", 1, 2)`: "2",
	} {
		got, err := run(t, text, a)
		if err != nil || got.Text() != want {
			t.Errorf("%s: got %q, %v; want %q", text, got.Text(), err, want)
		}
	}
	if v, err := run(t, `IgnoreFlowIfNullOrEmpty([one])`, a); err != nil || !v.IgnoreFlow() {
		t.Errorf("IgnoreFlowIfNullOrEmpty: got %v, %v; want the mark", v.IgnoreFlow(), err)
	}
}

package expression_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/rollcall-id/rollcall/expression"
)

// What is wrong for everybody is found before anybody is looked at; the place is that of the part that does not fit.
func TestCheckedBeforeRunning(t *testing.T) {
	tests := []struct{ text, want string }{
		{`Left([a], "three")`, `character 11: argument 2 (NumChars) of Left is "three": expected a whole number`},
		{`Left([a], Not([b]))`, `character 11: argument 2 (NumChars) of Left is the result of Not, which is true or false: expected a whole number`},
		{`Left([a], [b] = "c")`, `character 11: argument 2 (NumChars) of Left is the result of =, which is true or false: expected a whole number`},
		{`Left([a], IIF([b] = "c", 3, "all"))`, `character 29: argument 2 (NumChars) of Left is "all": expected a whole number`},
		{`BitAnd(Switch([a], , "x", Redact(IsNull([b]))), 1)`, `character 34: argument 1 (value1) of BitAnd is the result of IsNull, which is true or false: expected a whole number`},
		{`IIF("yes", 1, 2)`, `character 5: argument 1 (condition) of IIF is "yes": expected a comparison, or True or False`},
		{`IIF(Count([a]), 1, 2)`, `character 5: argument 1 (condition) of IIF is the result of Count, which is a number: expected a comparison, or True or False`},
		{`Mid([a], 0, 3)`, `character 10: argument 2 (start) of Mid is 0: expected a position, counted from 1`},
		{`Item([a], "0")`, `character 11: argument 2 (index) of Item is "0": expected a position, counted from 1`},
		{`InStr([a], "x", -1)`, `character 17: argument 3 (start) of InStr is -1: expected a position, counted from 1`},
		{`DNComponent([a], 0)`, `character 18: argument 2 (number) of DNComponent is 0: expected a position, counted from 1`},
		{`Split([a], "")`, `character 12: Split: delimiter is empty: expected the text between the parts, such as a comma`},
		{`ConvertFromBase64([a], "EBCDIC")`, `character 24: ConvertFromBase64: Encoding is "EBCDIC": expected Unicode, ASCII or UTF8`},
		{`ToLower([a], "klingon!")`, `character 14: ToLower: culture is "klingon!": expected a language tag such as en or tr-TR`},
		{`Replace([a], , "(", , "")`, "character 16: Replace: RegularExpression is not a regular expression: error parsing regexp: missing closing ) in `(`"},
		{`IIF([a] = "b", "c", Item(Split("a,b", ","), 3))`, `character 45: Item: index is 3: the attribute has 2 values`},
		{`Append([a], ConvertFromBase64("?"))`, `character 31: ConvertFromBase64: source is "?": that is not Base64`},
		{`RandomString(3, 2, 2, 0, 0)`, `character 14: RandomString: Length is 3, but the minimums need at least 4`},
	}
	for _, test := range tests {
		p, err := expression.Compile(test.text)
		if err == nil {
			t.Errorf("%s: compiled to %s; want %s", test.text, p.Tree(), test.want)
			continue
		}
		if err.Error() != test.want {
			t.Errorf("%s: got\n%s\nwant\n%s", test.text, err, test.want)
		}
	}
}

// What may be right for somebody is not refused.
func TestNotRefusedBeforeRunning(t *testing.T) {
	for _, text := range []string{
		`IIF([a] = "b", [c], Error("no"))`, `Error("no")`, `Left([a], [b])`, `Left([a], Trim([b]))`, `Left([a], -1)`, `IIF([a], 1, 2)`, `IIF("true", 1, 2)`,
		`IIF(Left([a], 4), 1, 2)`, `SelectUniqueValue("a", "b")`, `Redact("x")`, `Guid()`, `RandomString(6, 3, 0, 0, 3)`, `Not(5)`, `BitAnd([a], IIF([b] = "c", 1, ))`,
		`Coalesce(Error("first"), "x")`, `Word("a", 0, " ")`, `Mid([a], [b], 0)`,
	} {
		if _, err := expression.Compile(text); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// A call whose arguments are written out is evaluated once; it must not lose its marks or its part of a trace.
func TestWrittenOutCalls(t *testing.T) {
	v, err := run(t, `Append("a", Redact(ToUpper("b")))`, nil)
	if err != nil || v.Text() != "aB" || !v.Redacted() {
		t.Errorf("got %q, redacted %v, %v", v.Text(), v.Redacted(), err)
	}
	v, err = run(t, `IgnoreFlowIfNullOrEmpty(Left("b", 0))`, nil)
	if err != nil || !v.IgnoreFlow() {
		t.Errorf("got %q, ignore %v, %v", v.Text(), v.IgnoreFlow(), err)
	}
	p, err := expression.Compile(`Append(ToUpper(Left("bc", 1)), [a])`)
	if err != nil {
		t.Fatal(err)
	}
	_, steps, err := p.Trace(t.Context(), env(attributes{"a": expression.Str("x")}))
	if err != nil || len(steps) != 4 || steps[0].Expression != `Left("bc", 1)` {
		t.Errorf("got %v, %v", steps, err)
	}
	if a, b := guid(t), guid(t); a == b {
		t.Errorf("Append(Guid(), \"x\") gave %s twice", a)
	}
}

func guid(t *testing.T) string {
	t.Helper()
	v, err := run(t, `Append(Guid(), "x")`, nil)
	if err != nil {
		t.Fatal(err)
	}
	return v.Text()
}

func TestCheckNamesTheNearest(t *testing.T) {
	names := []string{"displayName", "mail", "mailNickname"}
	known := func(name string) bool { return slices.Contains(names, name) }
	for text, want := range map[string]string{
		`ToLower([mail])`:                            "",
		`Join("-", [mail], [mial])`:                  "character 19: unknown attribute [mial]; did you mean [mail]?",
		`IIF([displayname] = "x", [qwertz], [mail])`: "character 5: unknown attribute [displayname]; did you mean [displayName]?",
		`ToLower([qwertz])`:                          "character 9: unknown attribute [qwertz]: check the spelling",
	} {
		p, err := expression.Compile(text)
		if err != nil {
			t.Fatal(err)
		}
		err = p.Check(known, names...)
		if want == "" {
			if err != nil {
				t.Errorf("%s: got %v", text, err)
			}
			continue
		}
		var e *expression.Error
		if !errors.As(err, &e) || e.Error() != want || !strings.Contains(e.Caret(), "\n") {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
}

// The results that are known are held against the target attribute; here one that takes numbers, or one that takes True and False.
func TestCheckResult(t *testing.T) {
	number := func(v expression.Value) error {
		if v.Kind() == expression.Number || v.Text() == "7" {
			return nil
		}
		return fmt.Errorf("the value is %q: expected a number", v.Text())
	}
	truth := func(v expression.Value) error {
		if v.Kind() == expression.Bool || v.Text() == "True" || v.Text() == "False" {
			return nil
		}
		return fmt.Errorf("the value is %q: expected True or False", v.Text())
	}
	tests := []struct {
		text string
		fits func(expression.Value) error
		want string
	}{
		{`Switch([a], , "False", "True", "True", "Flase")`, truth, `character 40: the value is "Flase": expected True or False`},
		{`Switch([a], "no", "False", "True")`, truth, `character 13: the value is "no": expected True or False`},
		{`Switch([a], "False", "no", "True")`, truth, ""},
		{`IIF([a] = "no", [b], Not([c]))`, truth, ""},
		{`IIF([a] = "no", [b], Not([c]))`, number, `character 22: Not gives true or false: the value is "True": expected a number`},
		{`IgnoreFlowIfNullOrEmpty(Coalesce([a], Redact("x")))`, number, `character 46: the value is "x": expected a number`},
		{`IIF([a] = "b", Count([c]), 7)`, number, ""},
		{`[a] = "x"`, number, `character 1: = gives true or false: the value is "True": expected a number`},
		{`"x"`, number, `character 1: the value is "x": expected a number`},
		{`IIF([a] = "b", "7", Append("x", "y"))`, number, `character 21: the value is "xy": expected a number`},
		{`Append("x", [y])`, number, ""}, // what a function makes of somebody's attributes may be anything
	}
	for _, test := range tests {
		p, err := expression.Compile(test.text)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if err := p.CheckResult(test.fits); err != nil {
			got = err.Error()
		}
		if got != test.want {
			t.Errorf("%s: got %q, want %q", test.text, got, test.want)
		}
	}
}

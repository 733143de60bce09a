package expression_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rollcall-id/rollcall/expression"
)

func TestEval(t *testing.T) {
	a := attributes{
		"country": expression.Str("DE"), "empty": expression.Str(""), "number": expression.Str("12"), "active": expression.Boolean(true),
		"list": expression.ListOf([]string{"x", "y"}), "one": expression.ListOf([]string{"x"}), `emails[type eq "work"].value`: expression.Str("j@contoso.com"),
	}
	tests := []struct{ text, want string }{
		{`[country]`, "DE"},
		{`"constant"`, "constant"},
		{`"a \"quote\" and a \\"`, `a "quote" and a \`},
		{`-12`, "-12"},
		{`&HfF`, "255"},
		{`[ country ]`, "DE"},
		{`[emails[type eq "work"].value]`, "j@contoso.com"},
		{"Join(\n  \"-\",\r\n\t[country],\n  \"x\"\n)", "DE-x"},
		{`"a" & [country] & 1 & [nothing]`, "aDE1"},
		{`[country] = "DE"`, "True"},
		{`[country] = "de"`, "False"},
		{`[country] <> "de"`, "True"},
		{`[nothing] = [nothing]`, "False"},
		{`[nothing] <> "x"`, "False"},
		{`[empty] = ""`, "False"},
		{`[number] > 9`, "True"},
		{`[number] > "9"`, "False"}, // texts, by code point
		{`[number] <= 12`, "True"},
		{`[number] < 12`, "False"},
		{`[number] >= -1`, "True"},
		{`[country] = 5`, "False"},
		{`[active] = "true"`, "True"},
		{`[active] <> "True"`, "False"},
		{`[one] = "x"`, "True"},
		{`ToUpper([one])`, "X"},
		{`[list]`, "x, y"},
		{`[a] & "b" = "b"`, "True"},
		{`IIF([country] = "DE", IIF([active] = "True", "both", "one"), "none")`, "both"},
		{`IIF([active], "yes", "no")`, "yes"},
		{`IIF([country] = "FR", "x", )`, ""},
		{`Switch([active], , "False", "inactive", "True", "active")`, "active"},
		{`Switch([empty], "d", "", "was empty")`, "was empty"},
		{`Switch([country], "d", [country], [number])`, "12"},
		{`InStr("a" & "b", "b")`, "2"},
		{`Replace([country], [country], , , [number])`, "12"},
		{`Replace([country], , [country], , "$&$&")`, "DEDE"},
		{`Replace([number], , "(\\d)(\\d)", , "$2$1$3${2}${x}$")`, "21$32${x}$"},
		{`Replace("12", , "(?<a>1)2", "a", "$0")`, "$02"},
		{`Replace("ab", , "(?=b)", , "-")`, "a-b"}, // look-ahead, which package regexp does not have
	}
	for _, test := range tests {
		got, err := run(t, test.text, a)
		if err != nil || got.Text() != test.want {
			t.Errorf("%s: got %q, %v; want %q", test.text, got.Text(), err, test.want)
		}
	}
}

// A function of a null text is null, so that an absent attribute does not become an empty one at the target.
func TestNull(t *testing.T) {
	for _, text := range []string{
		`[x]`, `Append([x], "s")`, `Prepend("p", [x])`, `Mid([x], 1, 1)`, `StripSpaces([x])`, `Trim([x])`, `NormalizeDiacritics([x])`, `ToLower([x])`,
		`ToUpper([x], "tr")`, `PCase([x])`, `Join(" ", [x], [x])`, `Split([x], ",")`, `Item([x], 1)`, `RemoveDuplicates([x])`, `Coalesce([x], [x])`,
		`CStr([x])`, `BitAnd([x], 1)`, `ConvertToBase64([x])`, `ConvertFromBase64([x])`, `ConvertToUTF8Hex([x])`, `DNComponent([x], 1)`, `Redact([x])`,
		`Replace([x], "a", , , "b")`, `Replace([x], "a", , , , , "b")`, `Replace([x], , "a", , "b")`, `IgnoreFlowIfNullOrEmpty([x])`, `[x] & [x]`,
		`Switch([x], , "a", "b")`, `IIF([x], "a", )`, `SingleAppRoleAssignment([x])`, `AppRoleAssignments([x])`,
	} {
		if got, err := run(t, text, attributes{}); err != nil || !got.IsNull() || got.Any() != nil {
			t.Errorf("%s: got %q, %v; want null", text, got.Text(), err)
		}
	}
}

func TestMarks(t *testing.T) {
	tests := []struct {
		text             string
		ignore, redacted bool
	}{
		{`IgnoreFlowIfNullOrEmpty([x])`, true, false},
		{`IgnoreFlowIfNullOrEmpty("")`, true, false},
		{`IgnoreFlowIfNullOrEmpty("a")`, false, false},
		{`IIF([a] = "b", "c", IgnoreFlowIfNullOrEmpty([x]))`, true, false},
		{`ToLower(IgnoreFlowIfNullOrEmpty([x]))`, true, false},
		{`Coalesce(IgnoreFlowIfNullOrEmpty([x]), "b")`, false, false},
		{`Redact("a")`, false, true},
		{`Append(Left(Redact("a"), 1), "b")`, false, true},
		{`IIF("True", "a", Redact("b"))`, false, false},
		{`Redact(IgnoreFlowIfNullOrEmpty([x]))`, true, true},
	}
	for _, test := range tests {
		v, err := run(t, test.text, attributes{})
		if err != nil || v.IgnoreFlow() != test.ignore || v.Redacted() != test.redacted {
			t.Errorf("%s: ignore %v, redacted %v, %v; want %v, %v", test.text, v.IgnoreFlow(), v.Redacted(), err, test.ignore, test.redacted)
		}
	}
}

// An error message goes into the log, where a redacted value must not appear.
func TestErrorsDoNotRevealRedactedValues(t *testing.T) {
	a := attributes{"secret": expression.Str("hunter2")}
	for _, text := range []string{
		`Redact(BitAnd([secret], 1))`, `Redact(Error([secret]))`, `Redact(ConvertFromBase64([secret]))`, `Redact(DNComponent([secret], 1))`,
		`Redact(Left("x", [secret]))`, `Redact(Replace("a", , "a", [secret], "b"))`,
		`Redact(CDate([secret]))`, `Redact(DateAdd("d", 1, [secret]))`, `Redact(DateAdd([secret], 1, Now()))`, `Redact(StringFromSid([secret]))`,
		`Redact(FormatDateTime([secret], , "yyyy", "yy"))`, `Redact(FormatDateTime("2020", [secret], "yyyy", "yy"))`,
		`Redact(FormatDateTime("2020", , "yyyy", Append([secret], "%")))`, `Redact(NumFromDate([secret]))`,
	} {
		if _, err := run(t, text, a); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: got %v; want an error without the value", text, err)
		}
	}
	if _, err := run(t, `BitAnd([secret], 1)`, a); err == nil || !strings.Contains(err.Error(), "hunter2") {
		t.Errorf("got %v; want an error with the value", err)
	}
}

func TestProgram(t *testing.T) {
	text := `Switch([IsSoftDeleted], Guid(), "False", [b], "True", Append([b], [IsSoftDeleted]))`
	p, err := expression.Compile(text)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := p.Attributes(), []string{"IsSoftDeleted", "b"}; !slices.Equal(got, want) {
		t.Errorf("attributes: got %q, want %q", got, want)
	}
	if p.Text() != text || !p.Varies() || !p.Calls("Append") || p.Calls("Join") {
		t.Errorf("text %q, varies %v, calls Append %v, Join %v", p.Text(), p.Varies(), p.Calls("Append"), p.Calls("Join"))
	}
	root := p.Tree()
	if root.Kind != expression.Call || root.Name != "Switch" || len(root.Args) != 6 || text[root.Start:root.End] != text {
		t.Errorf("tree: got %+v", root)
	}
}

// What differs at each evaluation must not be written in every cycle; what only looks at the clock changes now and then.
func TestVaries(t *testing.T) {
	tests := []struct {
		text              string
		varies, readsTime bool
	}{
		{`[a]`, false, false},
		{`Append([a], Guid())`, true, false},
		{`IIF([a] = "b", RandomString(6, 0, 0, 0, 0), "c")`, true, false},
		{`Now()`, true, true},
		{`FormatDateTime(Now(), , "M/d/yyyy h:mm:ss tt", "yyyy")`, true, true},
		{`IIF(DateDiff("d", Now(), CDate([a])) > 5, "False", "True")`, false, true},
		{`DateDiff("d", Now(), CDate([a]))`, false, true},
		{`IIF(CDate([a]) > Now(), "False", "True")`, false, true},
		{`IIF(CDate([a]) > Now(), Guid(), "True")`, true, true},
		{`IIF(Guid() = "x", "a", "b")`, true, false},
		{`"a" & Now()`, true, true},
	}
	for _, test := range tests {
		p, err := expression.Compile(test.text)
		if err != nil || p.Varies() != test.varies || p.ReadsTime() != test.readsTime {
			t.Errorf("%s: varies %v, reads the time %v, %v; want %v, %v", test.text, p.Varies(), p.ReadsTime(), err, test.varies, test.readsTime)
		}
	}
}

func TestTrace(t *testing.T) {
	p, err := expression.Compile(`IIF([a] = "x", ToUpper([b]), ToLower([c]))`)
	if err != nil {
		t.Fatal(err)
	}
	v, steps, err := p.Trace(t.Context(), env(attributes{"a": expression.Str("x"), "b": expression.Str("y")}))
	if err != nil || v.Text() != "Y" {
		t.Fatalf("got %q, %v", v.Text(), err)
	}
	var got []string
	for _, s := range steps {
		got = append(got, s.Expression+" → "+s.Value.Text())
	}
	want := []string{"[a] → x", `[a] = "x" → True`, "[b] → y", "ToUpper([b]) → Y", `IIF([a] = "x", ToUpper([b]), ToLower([c])) → Y`}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestValue(t *testing.T) {
	at := time.Date(2021, 7, 2, 17, 33, 38, 1234500, time.FixedZone("", 7200))
	tests := []struct {
		value expression.Value
		text  string
		list  []string
		any   any
	}{
		{expression.NullValue, "", nil, nil},
		{expression.ListOf(nil), "", nil, nil},
		{expression.Str("a"), "a", []string{"a"}, "a"},
		{expression.Int(-7), "-7", []string{"-7"}, int64(-7)},
		{expression.Boolean(true), "True", []string{"True"}, true},
		{expression.Boolean(false), "False", []string{"False"}, false},
		{expression.TimeOf(at), "7/2/2021 3:33:38 PM", []string{"7/2/2021 3:33:38 PM"}, at.UTC()},
		{expression.TimeOf(time.Date(1601, 1, 1, 0, 0, 0, 100, time.UTC)), "1/1/1601 12:00:00 AM", []string{"1/1/1601 12:00:00 AM"}, time.Date(1601, 1, 1, 0, 0, 0, 100, time.UTC)},
	}
	for _, test := range tests {
		if test.value.Text() != test.text || !slices.Equal(test.value.List(), test.list) || test.value.Any() != test.any {
			t.Errorf("got %q, %q, %v; want %q, %q, %v", test.value.Text(), test.value.List(), test.value.Any(), test.text, test.list, test.any)
		}
	}
}

// A Program is shared by all workers of a cycle.
func TestConcurrentEval(t *testing.T) {
	p, err := expression.Compile(`Replace(ToLower(Join(".", [a], [b]), "tr"), , "[^a-z.]", , "")`)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 200 {
				v, err := p.Eval(context.Background(), env(attributes{"a": expression.Str("JOHN1"), "b": expression.Str("DOE")}))
				if err != nil || v.Text() != "john.doe" {
					t.Errorf("got %q, %v", v.Text(), err)
					return
				}
			}
		})
	}
	wg.Wait()
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	p, err := expression.Compile(`"x"`)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Eval(ctx, env(nil)); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v; want the context's error", err)
	}
}

package expression_test

import (
	"bytes"
	"context"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rollcall-id/rollcall/expression"
)

// attributes is a Source for tests; a name that is not in it is null.
type attributes map[string]expression.Value

func (a attributes) Attribute(name string) (expression.Value, bool) { return a[name], true }

// source makes the attributes of an example. One value is a text, several are a multi-valued attribute.
func source(given []expression.Given) attributes {
	a := attributes{}
	for _, g := range given {
		if len(g.Values) == 1 {
			a[g.Name] = expression.Str(g.Values[0])
		} else {
			a[g.Name] = expression.ListOf(g.Values)
		}
	}
	return a
}

func env(a attributes) *expression.Env {
	return &expression.Env{
		Source: a, DefaultDomain: "contoso.com",
		Unique: func(_ context.Context, candidate string) (bool, error) { return candidate != "taken", nil },
	}
}

func run(t *testing.T, text string, a attributes) (expression.Value, error) {
	t.Helper()
	p, err := expression.Compile(text)
	if err != nil {
		return expression.NullValue, err
	}
	return p.Eval(t.Context(), env(a))
}

// A function without documentation or examples must not get into the language.
func TestEveryFunctionIsDocumented(t *testing.T) {
	functions := expression.Functions()
	if len(functions) < 40 {
		t.Fatalf("the table has %d functions", len(functions))
	}
	for i, f := range functions {
		if i > 0 && functions[i-1].Name >= f.Name {
			t.Errorf("%s: twice in the table, or out of order", f.Name)
		}
		if len(f.Doc) < 20 || !strings.HasSuffix(f.Doc, ".") {
			t.Errorf("%s: the documentation is %q", f.Name, f.Doc)
		}
		if !slices.Contains(expression.Families(), f.Family) {
			t.Errorf("%s: of no family that the manual shows: %q", f.Name, f.Family)
		}
		if f.Result == "" || len(f.Examples) == 0 {
			t.Errorf("%s: result %q, %d examples", f.Name, f.Result, len(f.Examples))
		}
		for _, p := range f.Params {
			if p.Name == "" || p.Type == "" {
				t.Errorf("%s: a parameter without name or type: %+v", f.Name, p)
			}
		}
		for _, e := range f.Examples {
			if !strings.Contains(e.Expression, f.Name+"(") {
				t.Errorf("%s: the example does not show it: %s", f.Name, e.Expression)
			}
		}
	}
}

func TestExamples(t *testing.T) {
	for _, f := range expression.Functions() {
		for _, e := range f.Examples {
			t.Run(e.Expression, func(t *testing.T) {
				got, err := run(t, e.Expression, source(e.Given))
				switch {
				case e.Fails != "":
					if err == nil || !strings.Contains(err.Error(), e.Fails) {
						t.Errorf("got %q, %v; want an error with %q", got.Text(), err, e.Fails)
					}
				case err != nil:
					t.Errorf("got error %v; want %q", err, e.Want)
				case e.Matches != "":
					if !regexp.MustCompile(e.Matches).MatchString(got.Text()) {
						t.Errorf("got %q; want a match of %s", got.Text(), e.Matches)
					}
				case !slices.Equal(got.List(), e.Want):
					t.Errorf("got %q; want %q", got.List(), e.Want)
				}
			})
		}
	}
}

// The whole table 4.3 of spec/entra-provisioning.md, in both letter cases.
func TestNormalizeDiacritics(t *testing.T) {
	tests := []struct{ from, to string }{
		{"äàâãåáąăā" + "ā́ā̀ā̂ā̃ǟā̈ǡa̱å̄", "a"}, {"çčćc̄c̱", "c"}, {"ďd̄ḏ", "d"}, {"ëèéêęěėēḗḕē̂ē̃ê̄e̱ë̄e̊̄", "e"}, {"ğḡg̱", "g"},
		{"ïîìíıīī́ī̀ī̂ī̃i̱", "i"}, {"ľłl̄ḹḻ", "l"}, {"ñńňn̄ṉ", "n"}, {"öòőõôóōṓṑō̂ō̃ȫō̈ǭȭȱo̱", "o"}, {"řr̄ṟṝ", "r"}, {"šśșşs̄s̱", "s"},
		{"ťțt̄ṯ", "t"}, {"üùûúůűūū́ū̀ū̂ū̃u̇̄ǖṻṳ̄u̱", "u"}, {"ÿýȳȳ́ȳ̀ȳ̃y̱", "y"}, {"źžżz̄ẕ", "z"},
	}
	for _, test := range tests {
		for _, upper := range []bool{false, true} {
			from, to := test.from, test.to
			if upper {
				from, to = strings.ToUpper(from), strings.ToUpper(to)
			}
			got, err := run(t, `NormalizeDiacritics([a])`, attributes{"a": expression.Str(from)})
			if err != nil || strings.Trim(got.Text(), to) != "" || got.Text() == "" {
				t.Errorf("%s: got %q, %v; want only %q", from, got.Text(), err, to)
			}
		}
	}
	for from, to := range map[string]string{"æǣ": "aeae", "Æ": "AE", "øø̄œ̄": "oeoeoe", "Øœ": "OEœ", "ß": "ss", "İ": "I", "þðđ": "þðđ", "Йй": "Ии", "हिन्दी": "हिन्दी"} {
		got, err := run(t, `NormalizeDiacritics([a])`, attributes{"a": expression.Str(from)})
		if err != nil || got.Text() != to {
			t.Errorf("%s: got %q, %v; want %q", from, got.Text(), err, to)
		}
	}
}

// RandomString keeps its promises whatever the random bytes are, and never hangs on a broken source of them.
func TestRandomString(t *testing.T) {
	p, err := expression.Compile(`RandomString(12, 2, 3, 1, 4, "O0l1")`)
	if err != nil {
		t.Fatal(err)
	}
	for range 200 {
		v, err := p.Eval(t.Context(), &expression.Env{})
		if err != nil {
			t.Fatal(err)
		}
		count := func(class string) int { return len(regexp.MustCompile(class).FindAllString(v.Text(), -1)) }
		if len(v.Text()) != 12 || count(`[0-9]`) < 2 || count(`[^0-9A-Za-z]`) < 3 || count(`[A-Z]`) < 1 || count(`[a-z]`) < 4 || count(`[O0l1]`) > 0 {
			t.Fatalf("got %q", v.Text())
		}
	}
	broken := &expression.Env{Random: bytes.NewReader(bytes.Repeat([]byte{0xff}, 100_000))}
	if v, err := p.Eval(t.Context(), broken); err == nil {
		t.Errorf("a broken source gave %q; want an error", v.Text())
	}
	if !p.Varies() {
		t.Error("RandomString varies")
	}
}

package expression

import (
	"strings"
	"testing"
	"time"
)

// Many regular expressions, each just quick enough, must not add up to a long evaluation.
func TestRegularExpressionsShareTheirTime(t *testing.T) {
	s := &state{}
	for range 5 {
		if err := s.matched(time.Now().Add(-matchTimes / 6)); err != nil {
			t.Fatalf("got %v after %s", err, s.matching)
		}
	}
	if err := s.matched(time.Now().Add(-matchTimes / 4)); err == nil || !strings.Contains(err.Error(), "longer than 500ms") {
		t.Errorf("got %v after %s", err, s.matching)
	}
}

// An expression must not be much larger in memory than it looks: only small values of written-out calls are kept with it.
func TestBigValuesAreNotKept(t *testing.T) {
	big := `Replace("` + strings.Repeat("x", 200) + `", "x", , , "0123456789")`
	p, err := Compile(`Join("", Left("ab", 1), Append(` + big + `, "y"))`)
	if err != nil {
		t.Fatal(err)
	}
	if len(p.fixed) != 1 {
		t.Errorf("%d values are kept; want that of Left only", len(p.fixed))
	}
	if v, err := p.Eval(t.Context(), nil); err != nil || len(v.Text()) != 2002 {
		t.Errorf("got %d bytes, %v", len(v.Text()), err)
	}
}

// Reading is work, whatever is made of it: an attribute may be as long as the directory allows.
func TestReadingIsWork(t *testing.T) {
	long := long(strings.Repeat("xy ", 20_000))
	for reads, want := range map[int]string{50: "", 150: "too much work"} {
		p := mustCompile(t, `Left(Join(""`+strings.Repeat(`, Left([a], 1)`, reads)+`), 1)`)
		v, err := p.Eval(t.Context(), &Env{Source: long})
		if want == "" && (err != nil || v.Text() != "x") || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%d reads: got %q, %v; want %q", reads, v.Text(), err, want)
		}
	}
}

// Few characters are searched, many are looked up; the answer is the same.
func TestOneOf(t *testing.T) {
	for _, chars := range []string{"", "a-", "é😀", strings.Repeat("é-", 20)} {
		is := oneOf(chars)
		for _, r := range "aé-😀 " {
			if got, want := is(r), strings.ContainsRune(chars, r); got != want {
				t.Errorf("%q among %q: got %v, want %v", r, chars, got, want)
			}
		}
	}
}

func mustCompile(t *testing.T, text string) *Program {
	t.Helper()
	p, err := Compile(text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

type long string

func (l long) Attribute(string) (Value, bool) { return Str(string(l)), true }

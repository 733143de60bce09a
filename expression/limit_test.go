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

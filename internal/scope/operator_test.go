package scope_test

import (
	"strings"
	"testing"
	"time"

	"github.com/rollcall-id/rollcall/expression"
	"github.com/rollcall-id/rollcall/internal/scope"
)

// noon is when the tests ask.
var noon = time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)

// everybody is a value of each sort, in the order of the columns of TestOperators.
func everybody() ([]string, person) {
	return []string{"null", "empty", "de", "DE", "word", "true", "text", "int", "digits", "neg", "huge", "unicode", "day", "instant", "list", "same", "blank"},
		person{
			"null": expression.NullValue, "empty": expression.Str(""), "de": expression.Str("de"), "DE": expression.Str("DE"), "word": expression.Str("a DE b"),
			"true": expression.Boolean(true), "text": expression.Str("TRUE"), "int": expression.Int(12), "digits": expression.Str(" 12"),
			"neg": expression.Str("-3"), "huge": expression.Str("99999999999999999999"), "unicode": expression.Str("Größe 尺寸"),
			"day": expression.Str("2026-03-10"), "instant": expression.Str("2026-03-10T23:30:00-01:00"), // the next day in UTC
			"list": expression.ListOf([]string{"DE", "FR", "12"}), "same": expression.ListOf([]string{"DE", "DE"}), "blank": expression.ListOf([]string{"", "DE"}),
		}
}

// TestOperators asks every operator of a value of every sort: x holds, . does not. A line of letters reads like the header.
func TestOperators(t *testing.T) {
	names, p := everybody()
	tests := []struct{ operator, values, want string }{
		// null empty de DE word true text int digits neg huge unicode day instant list same blank
		{"EQUALS", "DE", ". . . x . . . . . . . . . . x x x"},
		{"EQUALS", "true", ". . . . . x . . . . . . . . . . ."},
		{"EQUALS", "12", ". . . . . . . x . . . . . . x . ."},
		{"EQUALS", "Größe 尺寸", ". . . . . . . . . . . x . . . . ."},
		{"NOT EQUALS", "DE", ". . x . x x x x x x x x x x . . ."},
		{"NOT EQUALS", "True", ". . x x x . x x x x x x x x x x x"},
		{"IS TRUE", "-", ". . . . . x x . . . . . . . . . ."},
		{"IS FALSE", "-", ". . . . . . . . . . . . . . . . ."},
		{"IS NULL", "-", "x x . . . . . . . . . . . . . . ."},
		{"IS NOT NULL", "-", ". . x x x x x x x x x x x x x x x"},
		{"REGEX MATCH", "D.", ". . . x . . . . . . . . . . x x x"},
		{"REGEX MATCH", `[\p{L} ]+`, ". . x x x x x . . . . x . . x x x"},
		{"REGEX MATCH", `(?i)d(?=E)e`, ". . x x . . . . . . . . . . x x x"},
		{"NOT REGEX MATCH", "D.", ". . x . x x x x x x x x x x . . ."},
		{"Greater_Than", "11", ". . . . . . . x x . . . . . x . ."},
		{"Greater_Than", "12", ". . . . . . . . . . . . . . . . ."},
		{"Greater_Than", "-4", ". . . . . . . x x x . . . . x . ."},
		{"Greater_Than_OR_EQUALS", "12", ". . . . . . . x x . . . . . x . ."},
		{"Greater_Than_OR_EQUALS", "13", ". . . . . . . . . . . . . . . . ."},
		{"Less_Than", "12", ". . . . . . . . . x . . . . . . ."},
		{"Less_Than_OR_EQUALS", " 12 ", ". . . . . . . x x x . . . . x . ."},
		{"Includes", "E", ". . . x x . x . . . . . . . x x x"},
		{"Includes", "ß", ". . . . . . . . . . . x . . . . ."},
		{"NOT Includes", "E", ". . x . . x . x x x x x x x . . ."},
		{"STARTS_WITH", "D", ". . . x . . . . . . . . . . x x x"},
		{"NOT STARTS_WITH", "D", ". . x . x x x x x x x x x x . . ."},
		{"ENDS_WITH", "E", ". . . x . . x . . . . . . . x x x"},
		{"ENDS_WITH", "尺寸", ". . . . . . . . . . . x . . . . ."},
		{"NOT ENDS_WITH", "E", ". . x . x x . x x x x x x x . . ."},
		{"&", "4", ". . . . . . . x x x . . . . x . ."},
		{"&", "3", ". . . . . . . . . x . . . . . . ."},
		{"!&", "3", ". . . . . . . x x . . . . . . . ."},
		{"IN", "de|FR", ". . x . . . . . . . . . . . x . ."},
		{"IN", "TRUE|12", ". . . . . x x x . . . . . . x . ."},
		{"NOT IN", "de|FR", ". . . x x x x x x x x x x x . x x"},
		{"Before", "2026-03-11", ". . . . . . . . . . . . x . . . ."},
		{"Before", "2026-03-11T00:30:01Z", ". . . . . . . . . . . . x x . . ."},
		{"Before", "now", ". . . . . . . . . . . . x . . . ."},
		{"On_Or_Before", "today+1d", ". . . . . . . . . . . . x x . . ."},
		{"On_Or_Before", "2026-03-09", ". . . . . . . . . . . . . . . . ."},
		{"On", "today", ". . . . . . . . . . . . x . . . ."},
		{"On", "2026-03-11", ". . . . . . . . . . . . . x . . ."},
		{"On_Or_After", "today", ". . . . . . . . . . . . x x . . ."},
		{"After", "today", ". . . . . . . . . . . . . x . . ."},
		{"After", "today+13h", ". . . . . . . . . . . . . x . . ."},
	}
	covered := map[string]bool{"MEMBER OF": true, "NOT MEMBER OF": true} // TestRelations
	for _, test := range tests {
		covered[test.operator] = true
		got := ""
		for _, name := range names {
			f, err := scope.Parse([]byte(filter(group("", clauseOf(name, test.operator, test.values, "")))))
			if err != nil {
				break
			}
			r, err := f.Evaluate(p, noon)
			if err != nil || r.Passed != r.Groups[0].Clauses[0].Passed {
				t.Fatalf("%s %s %s: %+v, %v", name, test.operator, test.values, r, err)
			}
			got += map[bool]string{true: "x ", false: ". "}[r.Passed]
		}
		if got = strings.TrimSpace(got); got != test.want {
			t.Errorf("%s %s\n%s\n%s\n%s want", test.operator, test.values, strings.Join(names, " "), got, test.want)
		}
	}
	all := scope.Operators()
	theirs := 0
	for _, op := range all {
		if !covered[op.Name] || op.Doc == "" {
			t.Errorf("%s: not tested, or without documentation", op.Name)
		}
		if !op.Ours {
			theirs++
		}
	}
	if theirs != 14 {
		t.Errorf("%d operators of Entra; want 14", theirs)
	}
}

// clauseOf renders a clause; several values have | between them.
func clauseOf(attribute, operator, values, comparison string) string {
	c := strings.TrimSuffix(clause(attribute, operator, values), "}")
	if values != "-" && strings.Contains(values, "|") {
		c = strings.Replace(c, values, strings.ReplaceAll(values, "|", `","`), 1)
	}
	if comparison != "" {
		c += `,"multivaluedComparisonType":"` + comparison + `"`
	}
	return c + "}"
}

// 5.3: a null or empty attribute is false for every operator but IS NULL, negations included. NOT MEMBER OF is ours: who is in no group is not in this one.
func TestNullIsFalse(t *testing.T) {
	p := person{"empty": expression.Str(""), "memberOf": expression.NullValue}
	for _, op := range scope.Operators() {
		value := "1"
		switch {
		case op.Unary:
			value = "-"
		case strings.HasPrefix(op.Name, "On"), op.Name == "Before", op.Name == "After":
			value = "today"
		}
		attributes := []string{"absent", "empty"}
		if strings.HasSuffix(op.Name, "MEMBER OF") {
			attributes = []string{"memberOf"}
		}
		for _, attribute := range attributes {
			f, err := scope.Parse([]byte(filter(group("", clause(attribute, op.Name, value)))))
			if err != nil {
				t.Fatal(err)
			}
			want := op.Name == "IS NULL" || op.Name == "NOT MEMBER OF"
			if got, err := f.Evaluate(p, noon); err != nil || got.Passed != want || op.Null != want {
				t.Errorf("%s %s: got %v, %v; Null is %v", attribute, op.Name, got.Passed, err, op.Null)
			}
		}
	}
}

// One value is enough, and for NOT all must pass; multivaluedComparisonType says otherwise, and means what it says.
func TestSeveralValues(t *testing.T) {
	p := person{
		"mixed": expression.ListOf([]string{"a@x.example", "b@y.example"}), "same": expression.ListOf([]string{"a@x.example", "b@x.example"}),
		"none": expression.NullValue, "one": expression.Str("a@x.example"),
	}
	tests := []struct {
		operator, value, comparison string
		mixed, same, none, one      bool
	}{
		{"ENDS_WITH", "@x.example", "", true, true, false, true},
		{"ENDS_WITH", "@x.example", "Any", true, true, false, true},
		{"ENDS_WITH", "@x.example", "all", false, true, false, true},
		{"NOT ENDS_WITH", "@x.example", "", false, false, false, false},
		{"NOT ENDS_WITH", "@x.example", "All", false, false, false, false},
		{"NOT ENDS_WITH", "@x.example", "Any", true, false, false, false},
		{"NOT EQUALS", "a@x.example", "", false, false, false, false},
		{"NOT EQUALS", "c@x.example", "", true, true, false, true},
		{"NOT EQUALS", "a@x.example", "Any", true, true, false, false},
		{"NOT REGEX MATCH", "a.*", "", false, false, false, false},
		{"IS NULL", "-", "All", false, false, true, false},
		{"IS NOT NULL", "-", "All", true, true, false, true},
	}
	for _, test := range tests {
		for name, want := range map[string]bool{"mixed": test.mixed, "same": test.same, "none": test.none, "one": test.one} {
			f, err := scope.Parse([]byte(filter(group("", clauseOf(name, test.operator, test.value, test.comparison)))))
			if err != nil {
				t.Fatal(err)
			}
			if got, err := f.Evaluate(p, noon); err != nil || got.Passed != want {
				t.Errorf("%s %s %s %s: got %v, %v; want %v", name, test.operator, test.value, test.comparison, got.Passed, err, want)
			}
		}
	}
}

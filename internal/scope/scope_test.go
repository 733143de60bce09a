package scope_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcall-id/rollcall/expression"
	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/scope"
)

type person map[string]expression.Value

func (p person) Attribute(name string) (expression.Value, bool) {
	v, known := p[name]
	return v, known || name == "absent"
}

// clause renders one clause as JSON; a value of "-" is none.
func clause(attribute, operator, value string) string {
	c := scope.Clause{Attribute: attribute, Operator: operator, Target: scope.Operand{Values: []string{}}}
	if value != "-" {
		c.Target.Values = []string{value}
	}
	b, _ := json.Marshal(c)
	return string(b)
}

func filter(groups ...string) string {
	return `{"groups":[` + strings.Join(groups, ",") + `]}`
}

func group(name string, clauses ...string) string {
	return fmt.Sprintf(`{"name":%q,"clauses":[%s]}`, name, strings.Join(clauses, ","))
}

func TestEvaluate(t *testing.T) {
	p := person{"country": expression.Str("DE"), "department": expression.Str("Sales")}
	germany, sales := clause("country", "EQUALS", "DE"), clause("department", "EQUALS", "Sales")
	france, it := clause("country", "EQUALS", "FR"), clause("department", "EQUALS", "IT")
	tests := []struct {
		name, file, reason, lines string
		passed, ignored           bool
	}{
		{"AND within a filter", filter(group("both", germany, sales)), "passes the scoping filter both",
			"both country EQUALS DE: true\nboth department EQUALS Sales: true", true, false},
		{"one clause fails", filter(group("both", germany, it)), "no scoping filter passes (both department EQUALS IT: false)",
			"both country EQUALS DE: true\nboth department EQUALS IT: false", false, false},
		{"OR between filters", filter(group("France", france), group("Germany", germany)), "passes the scoping filter Germany",
			"France country EQUALS FR: false\nGermany country EQUALS DE: true", true, false},
		{"no filter passes", filter(group("France", france), group("", it)),
			"no scoping filter passes (France country EQUALS FR: false; filter 2 department EQUALS IT: false)",
			"France country EQUALS FR: false\nfilter 2 department EQUALS IT: false", false, false},
		{"input filter first", `{"groups":[` + group("Germany", germany) + `],"inputFilterGroups":[` + group("not IT", it) + `]}`,
			"ignored: no input filter passes (not IT department EQUALS IT: false)", "not IT department EQUALS IT: false", false, true},
		{"input filter alone", `{"inputFilterGroups":[` + group("in", sales) + `]}`, "there is no scoping filter", "in department EQUALS Sales: true", true, false},
		{"input filter passes", `{"groups":[` + group("France", france) + `],"inputFilterGroups":[` + group("in", sales) + `]}`,
			"no scoping filter passes (France country EQUALS FR: false)", "in department EQUALS Sales: true\nFrance country EQUALS FR: false", false, false},
		{"unary", filter(group("x", clause("country", "IS NOT NULL", "-"))), "passes the scoping filter x", "x country IS NOT NULL: true", true, false},
		{"nothing", `{}`, "there is no scoping filter", "", true, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f, err := scope.Parse([]byte(test.file))
			if err != nil {
				t.Fatal(err)
			}
			got, err := f.Evaluate(p, noon)
			if err != nil || got.Passed != test.passed || got.Ignored != test.ignored || got.Reason() != test.reason || got.String() != test.lines {
				t.Errorf("got passed %v, ignored %v, %q,\n%s\n(%v)", got.Passed, got.Ignored, got.Reason(), got, err)
			}
		})
	}
}

// Without a verdict nobody may lose an account, so these are errors and not "false".
func TestNoVerdict(t *testing.T) {
	p := person{"slow": expression.Str(strings.Repeat("a", 60) + "!")}
	for _, c := range []string{clause("mial", "EQUALS", "x"), clause("slow", "REGEX MATCH", "(a+)+b"), clause("slow", "NOT REGEX MATCH", "(a+)+b")} {
		f, err := scope.Parse([]byte(filter(group("f", c))))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := f.Evaluate(p, noon); err == nil || got.Passed || got.Ignored {
			t.Errorf("%s: got %+v; want an error", c, got)
		}
	}
}

func TestParseErrors(t *testing.T) {
	ok := clause("country", "EQUALS", "DE")
	many := strings.TrimSuffix(strings.Repeat(ok+",", 101), ",")
	hundred := strings.TrimSuffix(strings.Repeat(ok+",", 100), ",")
	patterns := strings.TrimSuffix(strings.Repeat(clause("mail", "NOT REGEX MATCH", "x")+",", 100), ",")
	tests := []struct{ file, want string }{
		{``, "not JSON"},
		{`[]`, "found a list: expected an object with groups, inputFilterGroups"},
		{`{"group":[],"filters":1}`, `unknown key "filters", "group" (did you mean groups?)`},
		{`{"groups":{}}`, "groups: found an object: expected a list"},
		{`{"groups":[{"name":"x"}]}`, "groups[0].clauses: a filter needs at least one clause"},
		{`{"groups":[{"name":1,"clauses":[` + ok + `]}]}`, "groups[0].name: found a number: expected a text"},
		{`{"groups":[{"title":"x","clauses":[` + ok + `]}]}`, `groups[0]: unknown key "title"`},
		{`{"groups":[{"clauses":[{"operator":"EQUALS"}]}]}`, `groups[0].clauses[0]: unknown key "operator" (did you mean operatorName?)`},
		{filter(group("", clause("country", "EQUAL", "DE"))), `groups[0].clauses[0]: unknown operator "EQUAL": did you mean EQUALS?`},
		{filter(group("", clause("country", "looks like", "DE"))), "expected one of EQUALS, NOT EQUALS"},
		{filter(group("", clause("", "EQUALS", "DE"))), "sourceOperandName is missing"},
		{filter(group("", clause("country", "EQUALS", "-"))), "EQUALS takes one value, and targetOperand has 0"},
		{filter(group("", clause("country", "EQUALS", ""))), "ask with IS NULL or IS NOT NULL"},
		{filter(group("", clause("country", "IS NULL", "x"))), "IS NULL takes no value"},
		{`{"groups":[{"clauses":[{"operatorName":"EQUALS","sourceOperandName":"c","targetOperand":{"values":["a","b"]}}]}]}`, "targetOperand has 2"},
		{`{"groups":[{"clauses":[{"operatorName":"EQUALS","sourceOperandName":"c","targetOperand":{"values":[1]}}]}]}`, "values[0]: found a number"},
		{`{"groups":[{"clauses":[{"operatorName":"EQUALS","sourceOperandName":"c","targetOperand":{"value":"a"}}]}]}`, `unknown key "value" (did you mean values?)`},
		{filter(group("", clause("number", "Greater_Than", "ten"))), `the value is "ten": expected a whole number`},
		{filter(group("", clause("mail", "REGEX MATCH", "("))), "not a regular expression"},
		{filter(group("", clause("mail", "REGEX MATCH", "a)(b"))), "not a regular expression"},
		{filter(group("", clause("Members", "EQUALS", "x"))), "filter people by memberOf instead"},
		{filter(group("", clause("IsMemberOf", "EQUALS", "x"))), "write memberOf"},
		{filter(group("", clause("country", "MEMBER OF", "x"))), `MEMBER OF is about groups, and sourceOperandName is "country": write memberOf`},
		{filter(group("", clause("memberOf", "NOT MEMBER OF", "-"))), "takes one value or more, and targetOperand has none"},
		{filter(group("", clause("country", "IN", ""))), "ask with IS NULL or IS NOT NULL"},
		{filter(group("", clause("country", "STARTSWITH", "x"))), "did you mean STARTS_WITH?"},
		{filter(group("", clause("country", "Startswith", "x"))), "did you mean STARTS_WITH?"},
		{filter(group("", clause("hired", "Before", "1.3.2026"))), "expected a day (2026-03-01), an instant"},
		{filter(group("", clause("hired", "Before", ""))), "expected a day"},
		{filter(group("", clause("hired", "Before", "2026-02-30"))), "expected a day"},
		{filter(group("", clause("hired", "Before", "-3m"))), `unknown unit "m": write y (years), mo (months)`},
		{filter(group("", clause("hired", "Before", "today+1d+1d+1d+1d+1d"))), "has 5 steps: at most 4"},
		{filter(group("", clause("hired", "Before", "+10000d"))), "expected a day"},
		{filter(group("", clause("hired", "On", "now"))), "is an instant, and this operator compares days"},
		{filter(group("", clause("hired", "On", "2026-03-01T00:00:00Z"))), "is an instant, and this operator compares days"},
		{`{"groups":[{"clauses":[{"operatorName":"EQUALS","sourceOperandName":"c","targetOperand":{"values":["a"]},"multivaluedComparisonType":"Both"}]}]}`,
			`groups[0].clauses[0]: unknown multivaluedComparisonType "Both": expected All or Any`},
		{filter(group("a", hundred), group("b", hundred), group("c", hundred), group("d", hundred), group("e", hundred), group("f", hundred),
			group("g", hundred), group("h", hundred), group("i", hundred), group("j", hundred), group("k", ok)), "has 1001 clauses: at most 1000"},
		{filter(group("a", patterns), group("b", clause("mail", "REGEX MATCH", "x"))), "has 101 regular expressions: at most 100"},
		{filter(group("", clause("c", "IN", strings.Repeat("x", 3)), `{"operatorName":"IN","sourceOperandName":"c","targetOperand":{"values":[`+
			strings.TrimSuffix(strings.Repeat(`"x",`, 201), ",")+`]}}`)), "has 201 entries: at most 200"},
		{filter(group("", clause("IsSoftDeleted", "IS TRUE", "-"))), "use accountEnabled"},
		{`{"categoryFilterGroups":[{}]}`, "categoryFilterGroups are not supported"},
		{`{"groups":[],"groups":[]}`, "not JSON"},
		{filter(group("", many)), "has 101 entries: at most 100"},
		{filter(group("", clause("country", "EQUALS", strings.Repeat("x", 1001)))), "has 1001 bytes: at most 1000"},
		{`{"groups":[],"x":"` + strings.Repeat("x", 1<<20) + `"}`, "at most 1048576 are allowed"},
	}
	for _, test := range tests {
		_, err := scope.Parse([]byte(test.file))
		if err == nil || !strings.Contains(err.Error(), test.want) || !errors.Is(err, fault.ErrInvalid) {
			t.Errorf("%.120s: got %v; want %q", test.file, err, test.want)
		}
	}
}

func TestCompile(t *testing.T) {
	for _, raw := range []string{"", "null", " null ", "{}", `{"groups":[],"inputFilterGroups":[],"categoryFilterGroups":[]}`, `{"groups":null}`} {
		f, err := scope.Compile(json.RawMessage(raw))
		if f != nil || err != nil {
			t.Errorf("%q: got %v, %v; want no filter", raw, f, err)
		}
		if got, err := f.Evaluate(person{}, noon); err != nil || !got.Passed || f.Attributes() != nil || f.Reads("mail") {
			t.Errorf("no filter: got %+v, %v", got, err)
		}
	}
	raw := `{"@odata.type":"#x","groups":[` + group("a", clause("country", "equals", "DE"), clause("mail", "IS NULL", ""), clauseOf("c", "in", "a|b", "all")) + `],"inputFilterGroups":[]}`
	f, err := scope.Compile(json.RawMessage(raw))
	if err != nil {
		t.Fatal(err)
	}
	if got := f.Attributes(); !slices.Equal(got, []string{"country", "mail", "c"}) {
		t.Errorf("attributes: got %q", got)
	}
	if !f.Reads("MAIL") || f.Reads("city") {
		t.Error("reads: wrong")
	}
	// What a filter says about itself compiles to the same filter.
	written, err := json.Marshal(f.Document())
	if err != nil {
		t.Fatal(err)
	}
	again, err := scope.Compile(written)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(f.Document(), again.Document()); diff != "" {
		t.Error(diff)
	}
}

func BenchmarkEvaluate(b *testing.B) {
	f, err := scope.Parse([]byte(filter(group("EU", clause("country", "EQUALS", "DE"), clause("mail", "ENDS_WITH", "@contoso.com")))))
	if err != nil {
		b.Fatal(err)
	}
	p := person{"country": expression.Str("DE"), "mail": expression.Str("jo@contoso.com")}
	b.ReportAllocs()
	for b.Loop() {
		if r, err := f.Evaluate(p, noon); err != nil || !r.Passed {
			b.Fatal(r, err)
		}
	}
}

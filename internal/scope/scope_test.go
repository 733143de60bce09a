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

func TestOperators(t *testing.T) {
	p := person{
		"country": expression.Str("DE"), "empty": expression.Str(""), "active": expression.Boolean(true), "off": expression.Boolean(false),
		"mail": expression.Str("jo@contoso.com"), "number": expression.Str("12"), "flags": expression.Int(514), "text": expression.Str("true"),
		"one": expression.ListOf([]string{"DE"}),
	}
	tests := []struct {
		attribute, operator, value string
		want                       bool
	}{
		{"country", "EQUALS", "DE", true}, {"country", "EQUALS", "de", false}, {"country", "EQUALS", "D", false}, {"one", "EQUALS", "DE", true},
		{"active", "EQUALS", "true", true}, {"active", "EQUALS", "False", false}, {"flags", "EQUALS", "514", true},
		{"country", "NOT EQUALS", "de", true}, {"country", "NOT EQUALS", "DE", false}, {"active", "NOT EQUALS", "true", false},
		{"active", "IS TRUE", "-", true}, {"off", "IS TRUE", "-", false}, {"text", "IS TRUE", "-", true}, {"country", "IS TRUE", "-", false},
		{"off", "IS FALSE", "-", true}, {"active", "IS FALSE", "-", false}, {"country", "IS FALSE", "", false},
		{"absent", "IS NULL", "-", true}, {"empty", "IS NULL", "-", true}, {"country", "IS NULL", "-", false},
		{"absent", "IS NOT NULL", "-", false}, {"empty", "IS NOT NULL", "-", false}, {"country", "IS NOT NULL", "-", true},
		{"number", "REGEX MATCH", "([1-9][0-9])", true}, {"number", "REGEX MATCH", "[0-9]", false}, {"mail", "REGEX MATCH", `.*\@contoso.com`, true},
		{"mail", "REGEX MATCH", "contoso", false}, {"mail", "REGEX MATCH", "JO@.*", false}, {"mail", "REGEX MATCH", "(?i)JO@.*", true},
		{"mail", "REGEX MATCH", `jo|jo@contoso\.com`, true}, {"mail", "REGEX MATCH", `(?!x).*`, true}, {"country", "REGEX MATCH", "(?x) D E # Germany", true},
		{"mail", "NOT REGEX MATCH", ".*@fabrikam.com", true}, {"mail", "NOT REGEX MATCH", ".*@contoso.com", false},
		{"number", "Greater_Than", "11", true}, {"number", "Greater_Than", "12", false}, {"country", "Greater_Than", "1", false},
		{"number", "Greater_Than_OR_EQUALS", "12", true}, {"number", "Greater_Than_OR_EQUALS", "13", false}, {"number", "Greater_Than", "-5", true},
		{"mail", "Includes", "@con", true}, {"mail", "Includes", "@CON", false}, {"mail", "ENDS_WITH", ".com", true}, {"mail", "ENDS_WITH", ".COM", false},
		{"flags", "&", "2", true}, {"flags", "&", "4", false}, {"flags", "&", "6", true}, {"country", "&", "2", false},
		{"flags", "!&", "4", true}, {"flags", "!&", "2", false}, {"country", "!&", "2", false},
		{"mail", "ends_with", ".com", true}, // the operator in another letter case
	}
	covered := map[string]bool{}
	for _, test := range tests {
		f, err := scope.Parse([]byte(filter(group("", clause(test.attribute, test.operator, test.value)))))
		if err != nil {
			t.Errorf("%+v: %v", test, err)
			continue
		}
		got, err := f.Evaluate(p)
		if err != nil || got.Passed != test.want || got.Groups[0].Clauses[0].Passed != test.want {
			t.Errorf("%s %s %s: got %+v, %v; want %v", test.attribute, test.operator, test.value, got, err, test.want)
		}
		covered[test.operator] = true
	}
	all := scope.Operators()
	if len(all) != 14 {
		t.Errorf("%d operators; want 14", len(all))
	}
	for _, op := range all {
		if !covered[op.Name] || op.Doc == "" {
			t.Errorf("%s: not tested, or without documentation", op.Name)
		}
	}
}

// 5.3: a null or empty attribute is false for every operator but IS NULL, negations included.
func TestNullIsFalse(t *testing.T) {
	p := person{"empty": expression.Str("")}
	for _, op := range scope.Operators() {
		value := "1"
		if op.Unary {
			value = "-"
		}
		for _, attribute := range []string{"absent", "empty"} {
			f, err := scope.Parse([]byte(filter(group("", clause(attribute, op.Name, value)))))
			if err != nil {
				t.Fatal(err)
			}
			if got, err := f.Evaluate(p); err != nil || got.Passed != (op.Name == "IS NULL") {
				t.Errorf("%s %s: got %v, %v", attribute, op.Name, got.Passed, err)
			}
		}
	}
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
			got, err := f.Evaluate(p)
			if err != nil || got.Passed != test.passed || got.Ignored != test.ignored || got.Reason() != test.reason || got.String() != test.lines {
				t.Errorf("got passed %v, ignored %v, %q,\n%s\n(%v)", got.Passed, got.Ignored, got.Reason(), got, err)
			}
		})
	}
}

// Without a verdict nobody may lose an account, so these are errors and not "false".
func TestNoVerdict(t *testing.T) {
	p := person{"list": expression.ListOf([]string{"a", "b"}), "slow": expression.Str(strings.Repeat("a", 60) + "!")}
	for _, c := range []string{clause("mial", "EQUALS", "x"), clause("list", "EQUALS", "a"), clause("slow", "REGEX MATCH", "(a+)+b"), clause("slow", "NOT REGEX MATCH", "(a+)+b")} {
		f, err := scope.Parse([]byte(filter(group("f", c))))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := f.Evaluate(p); err == nil || got.Passed || got.Ignored {
			t.Errorf("%s: got %+v; want an error", c, got)
		}
	}
}

func TestParseErrors(t *testing.T) {
	ok := clause("country", "EQUALS", "DE")
	many := strings.TrimSuffix(strings.Repeat(ok+",", 101), ",")
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
		{filter(group("", clause("Members", "EQUALS", "x"))), "cannot be filtered: it has many values"},
		{filter(group("", clause("appRoleAssignments", "EQUALS", "x"))), "cannot be filtered"},
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
		if got, err := f.Evaluate(person{}); err != nil || !got.Passed || f.Attributes() != nil || f.Check(nil) != nil {
			t.Errorf("no filter: got %+v, %v", got, err)
		}
	}
	raw := `{"@odata.type":"#x","groups":[` + group("a", clause("country", "equals", "DE"), clause("mail", "IS NULL", "")) + `],"inputFilterGroups":[]}`
	f, err := scope.Compile(json.RawMessage(raw))
	if err != nil {
		t.Fatal(err)
	}
	if got := f.Attributes(); !slices.Equal(got, []string{"country", "mail"}) {
		t.Errorf("attributes: got %q", got)
	}
	if err := f.Check(func(name string) bool { return name == "country" }); err == nil || !strings.Contains(err.Error(), `"mail"`) {
		t.Errorf("check: got %v", err)
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

// FuzzParse: no file may panic; what is accepted can be written, read again, and evaluated.
func FuzzParse(f *testing.F) {
	f.Add([]byte(filter(group("EU", clause("country", "EQUALS", "DE"), clause("mail", "REGEX MATCH", ".*@contoso.com")))), "DE")
	f.Add([]byte(`{"groups":[],"inputFilterGroups":[{"name":"x","clauses":[{"operatorName":"!&","sourceOperandName":"a","targetOperand":{"values":["2"]}}]}]}`), "3")
	f.Add([]byte(`{"groups":[{"name":"x","clauses":[{"operatorName":"IS NULL","sourceOperandName":"a"}]}]}`), "")
	f.Fuzz(func(t *testing.T, data []byte, value string) {
		filter, err := scope.Parse(data)
		if err != nil {
			if !errors.Is(err, fault.ErrInvalid) {
				t.Fatalf("%T: %v", err, err)
			}
			return
		}
		written, err := json.Marshal(filter.Document())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := scope.Parse(written); err != nil {
			t.Fatalf("%s: read again: %v", written, err)
		}
		p := person{}
		for _, name := range filter.Attributes() {
			p[name] = expression.Str(value)
		}
		if got, err := filter.Evaluate(p); err == nil && got.Passed && got.Ignored {
			t.Fatalf("passed and ignored: %+v", got)
		}
	})
}

func BenchmarkEvaluate(b *testing.B) {
	f, err := scope.Parse([]byte(filter(group("EU", clause("country", "EQUALS", "DE"), clause("mail", "ENDS_WITH", "@contoso.com")))))
	if err != nil {
		b.Fatal(err)
	}
	p := person{"country": expression.Str("DE"), "mail": expression.Str("jo@contoso.com")}
	b.ReportAllocs()
	for b.Loop() {
		if r, err := f.Evaluate(p); err != nil || !r.Passed {
			b.Fatal(r, err)
		}
	}
}

package scope_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/rollcall-id/rollcall/expression"
	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/scope"
)

// FuzzParse: no file may panic; what is accepted can be written, read again, and evaluated.
func FuzzParse(f *testing.F) {
	f.Add([]byte(filter(group("EU", clause("country", "EQUALS", "DE"), clause("mail", "REGEX MATCH", ".*@contoso.com")))), "DE")
	f.Add([]byte(`{"groups":[],"inputFilterGroups":[{"name":"x","clauses":[{"operatorName":"!&","sourceOperandName":"a","targetOperand":{"values":["2"]}}]}]}`), "3")
	f.Add([]byte(`{"groups":[{"name":"x","clauses":[{"operatorName":"IS NULL","sourceOperandName":"a"}]}]}`), "")
	f.Add([]byte(filter(group("EU", clauseOf("hired", "Before", "today-30d", "All"), clauseOf("memberOf", "MEMBER OF", "a|b", "")))), "2026-03-10")
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
		got, err := filter.Evaluate(p, noon)
		if err == nil && got.Passed && got.Ignored {
			t.Fatalf("passed and ignored: %+v", got)
		}
		if err == nil && filter.Document().InputFilterGroups == nil && got.Ignored {
			t.Fatalf("ignored without an input filter: %+v", got)
		}
	})
}

// FuzzEvaluate holds, for any operator, operand, values and moment: a NOT is the opposite where there is one value; nothing but IS NULL and NOT MEMBER OF holds
// of no value; All and Any agree about one value.
func FuzzEvaluate(f *testing.F) {
	f.Add(0, "DE", "DE|FR", int64(0))
	f.Add(6, `(a+)+b`, "aaaa|b", int64(1))
	f.Add(20, "-30d", "2026-03-01|2026-03-10T08:00:00+02:00", int64(1_772_000_000))
	f.Add(12, "-9223372036854775808", "-1", int64(-62_135_596_800))
	f.Add(24, "today+9999y-9999mo", "9999-12-31", int64(253_402_300_799))
	f.Fuzz(func(t *testing.T, operator int, operand, values string, seconds int64) {
		all := scope.Operators()
		op := all[uint(operator)%uint(len(all))]
		if op.Unary {
			operand = "-"
		}
		at := time.Unix(seconds%(1<<38), 1).UTC()
		began := time.Now()
		defer func() {
			if took := time.Since(began); took > 10*time.Second {
				t.Errorf("%s %q of %q took %s", op.Name, operand, values, took)
			}
		}()
		ask := func(name, operator, comparison string, v expression.Value) (bool, error) {
			filter, err := scope.Parse([]byte(filter(group("", clauseOf(name, operator, operand, comparison)))))
			if err != nil {
				return false, err // an operand that the operator does not take
			}
			r, err := filter.Evaluate(person{name: v}, at)
			_ = r.String() + r.Reason()
			return r.Passed, err
		}
		name := "a"
		if strings.HasSuffix(op.Name, "MEMBER OF") {
			name = "memberOf"
		}
		if got, err := ask(name, op.Name, "", expression.NullValue); err == nil && got != op.Null {
			t.Fatalf("%s of nothing: %v", op.Name, got)
		}
		list := expression.ListOf(strings.Split(values, "|"))
		holds, err := ask(name, op.Name, "", list)
		strict, err2 := ask(name, op.Name, "All", list)
		loose, err3 := ask(name, op.Name, "Any", list)
		if err != nil || err2 != nil || err3 != nil {
			return // a regular expression that takes too long
		}
		if values != "" && strings.Trim(values, "|") != "" && (strict && !loose || holds != strict && op.Negative || holds != loose && !op.Negative) {
			t.Fatalf("%s %q of %q: %v, all %v, any %v", op.Name, operand, values, holds, strict, loose)
		}
		opposite, found := strings.CutPrefix(op.Name, "NOT ")
		if positive, err := ask(name, opposite, "Any", list); found && err == nil && strings.Trim(values, "|") != "" && positive == holds {
			t.Fatalf("%s and %s of %q: both %v", op.Name, opposite, values, holds)
		}
	})
}

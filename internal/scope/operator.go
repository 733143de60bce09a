package scope

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/dlclark/regexp2"

	"github.com/rollcall-id/rollcall/expression"
)

// operator is one of the fourteen of spec/entra-provisioning.md 5.2. build makes the test of a clause from its value; the test sees single values that are
// neither null nor empty, except that of IS NULL and IS NOT NULL.
type operator struct {
	name  string
	unary bool
	doc   string
	build func(value string) (func(expression.Value) (bool, error), error)
}

// Operator describes an operator for a person or a program that writes filters.
type Operator struct {
	Name  string
	Unary bool // takes no value
	Doc   string
}

// Operators returns the operators in the order of Entra's list.
func Operators() []Operator {
	var out []Operator
	for _, op := range operators() {
		out = append(out, Operator{op.name, op.unary, op.doc})
	}
	return out
}

const (
	isNull    = "IS NULL"
	isNotNull = "IS NOT NULL"
)

func operators() []operator {
	return []operator{
		{"EQUALS", false, "is exactly the value; letter case counts", byText(func(have, want string) bool { return have == want })},
		{"NOT EQUALS", false, "has a value, and not exactly this one; letter case counts", byText(func(have, want string) bool { return have != want })},
		{"IS TRUE", true, "is true", byTruth(true)},
		{"IS FALSE", true, "is false", byTruth(false)},
		{isNull, true, "has no value", byPresence(false)},
		{isNotNull, true, "has a value", byPresence(true)},
		{"REGEX MATCH", false, "the whole value matches the regular expression (.NET); letter case counts", byRegex(true)},
		{"NOT REGEX MATCH", false, "has a value, and the whole of it does not match the regular expression", byRegex(false)},
		{"Greater_Than", false, "is a whole number greater than the value", byInteger(func(have, want int64) bool { return have > want })},
		{"Greater_Than_OR_EQUALS", false, "is a whole number not less than the value", byInteger(func(have, want int64) bool { return have >= want })},
		{"Includes", false, "contains the value; letter case counts", byText(strings.Contains)},
		{"ENDS_WITH", false, "ends with the value; letter case counts", byText(strings.HasSuffix)},
		{"&", false, "is a whole number that has one of the value's bits set", byInteger(func(have, want int64) bool { return have&want != 0 })},
		{"!&", false, "is a whole number that has none of the value's bits set", byInteger(func(have, want int64) bool { return have&want == 0 })},
	}
}

// test is what a clause asks of a value.
type test = func(expression.Value) (bool, error)

// byText compares texts. A boolean attribute is True or False, however the filter writes it.
func byText(holds func(have, want string) bool) func(string) (test, error) {
	return func(want string) (test, error) {
		if want == "" {
			return nil, fmt.Errorf("the value is empty: ask with %s or %s", isNull, isNotNull)
		}
		return func(v expression.Value) (bool, error) {
			have := v.Text()
			if v.Kind() == expression.Bool && strings.EqualFold(have, want) {
				have = want
			}
			return holds(have, want), nil
		}, nil
	}
}

func byTruth(want bool) func(string) (test, error) {
	name := strconv.FormatBool(want)
	return func(string) (test, error) {
		return func(v expression.Value) (bool, error) { return strings.EqualFold(v.Text(), name), nil }, nil
	}
}

func byPresence(want bool) func(string) (test, error) {
	return func(string) (test, error) {
		return func(v expression.Value) (bool, error) { return v.IsEmpty() != want, nil }, nil
	}
}

// byInteger compares whole numbers. An attribute that is none makes the clause false.
func byInteger(holds func(have, want int64) bool) func(string) (test, error) {
	return func(value string) (test, error) {
		want, err := strconv.ParseInt(strings.TrimSpace(value), 10, 64)
		if err != nil {
			return nil, fmt.Errorf("the value is %q: expected a whole number", value)
		}
		return func(v expression.Value) (bool, error) {
			have, err := strconv.ParseInt(strings.TrimSpace(v.Text()), 10, 64)
			return err == nil && holds(have, want), nil
		}, nil
	}
}

// matchTime is the longest that one match may take. .NET's dialect has look-around and back references, whose time nothing else bounds.
const matchTime = 100 * time.Millisecond

// byRegex matches the whole value (design/cli.md, "Scoping filter file"). A match that takes too long is an error, not a verdict: a person must not lose
// an account because a server was busy.
func byRegex(want bool) func(string) (test, error) {
	return func(pattern string) (test, error) {
		re, err := wholeValue(pattern)
		if err != nil {
			return nil, err
		}
		return func(v expression.Value) (bool, error) {
			matched, err := re.MatchString(v.Text())
			if err != nil {
				return false, fmt.Errorf("the regular expression %q takes longer than %s: simplify it", pattern, matchTime)
			}
			return matched == want, nil
		}, nil
	}
}

// wholeValue compiles a pattern between anchors. The pattern must be right by itself as well: a|b)(c would be turned into something else. The line feed is
// for patterns that end in a comment, which (?x) allows; it does not count there.
func wholeValue(pattern string) (*regexp2.Regexp, error) {
	if pattern == "" {
		return nil, fmt.Errorf("the regular expression is empty: ask with %s or %s", isNull, isNotNull)
	}
	if _, err := regexp2.Compile(pattern, regexp2.None); err != nil {
		return nil, fmt.Errorf("the value is not a regular expression: %w", err)
	}
	re, err := regexp2.Compile(`\A(?:`+pattern+`)\z`, regexp2.None)
	if err != nil {
		re, err = regexp2.Compile(`\A(?:`+pattern+"\n"+`)\z`, regexp2.None)
	}
	if err != nil {
		return nil, fmt.Errorf("the value is not a regular expression: %w", err)
	}
	re.MatchTimeout = matchTime
	return re, nil
}

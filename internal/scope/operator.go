package scope

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// arity is how many values the right side of a clause has.
type arity int

const (
	none arity = iota
	one
	many // one or more: the clause means any of them
)

// operator is one of Entra's fourteen (spec/entra-provisioning.md 5.2) or one of ours. build makes the test of a clause from its values; a test sees one value
// of the attribute at a time, never an empty one.
type operator struct {
	name  string
	arity arity
	// negative operators hold for an attribute when they hold for all of its values, the others when they hold for one (unless the clause says otherwise).
	negative bool
	null     bool // holds where the attribute has no value
	ours     bool
	fits     []Kind // of attributes; nil: all
	doc      string
	build    func(values []string) (test, error)
}

// Operator describes an operator for a person or a program that writes filters.
type Operator struct {
	Name     string
	Unary    bool // takes no value
	Several  bool // takes one value or more
	Negative bool // of an attribute with several values all must pass, instead of one
	Null     bool // holds where the attribute has no value; the others never do
	Ours     bool // Entra does not know it
	Doc      string
}

// Operators returns Entra's operators in the order of its list, then ours.
func Operators() []Operator {
	var out []Operator
	for _, op := range operators() {
		out = append(out, Operator{op.name, op.arity == none, op.arity == many, op.negative, op.null, op.ours, op.doc})
	}
	return out
}

const (
	isNull    = "IS NULL"
	isNotNull = "IS NOT NULL"
)

func operators() []operator { return append(entras(), ours()...) }

func entras() []operator {
	written, numbers := []Kind{Text, Reference}, []Kind{Whole}
	return []operator{
		{name: "EQUALS", arity: one, doc: "is exactly the value; letter case counts", build: byName},
		{name: "NOT EQUALS", arity: one, negative: true, doc: "has a value, and not exactly this one; letter case counts", build: not(byName)},
		{name: "IS TRUE", fits: []Kind{Truth}, doc: "is true", build: byTruth(true)},
		{name: "IS FALSE", fits: []Kind{Truth}, doc: "is false", build: byTruth(false)},
		{name: isNull, null: true, doc: "has no value", build: always(false)},
		{name: isNotNull, doc: "has a value", build: always(true)},
		{name: "REGEX MATCH", arity: one, fits: written, doc: "the whole value matches the regular expression (.NET); letter case counts", build: byRegex},
		{name: "NOT REGEX MATCH", arity: one, negative: true, fits: written,
			doc: "has a value, and the whole of it does not match the regular expression", build: not(byRegex)},
		{name: "Greater_Than", arity: one, fits: numbers, doc: "is a whole number greater than the value",
			build: byInteger(func(have, want int64) bool { return have > want })},
		{name: "Greater_Than_OR_EQUALS", arity: one, fits: numbers, doc: "is a whole number not less than the value",
			build: byInteger(func(have, want int64) bool { return have >= want })},
		{name: "Includes", arity: one, fits: written, doc: "contains the value; letter case counts", build: byText(strings.Contains)},
		{name: "ENDS_WITH", arity: one, fits: written, doc: "ends with the value; letter case counts", build: byText(strings.HasSuffix)},
		{name: "&", arity: one, fits: numbers, doc: "is a whole number that has one of the value's bits set",
			build: byInteger(func(have, want int64) bool { return have&want != 0 })},
		{name: "!&", arity: one, negative: true, fits: numbers, doc: "is a whole number that has none of the value's bits set",
			build: byInteger(func(have, want int64) bool { return have&want == 0 })},
	}
}

// ours are the operators that Entra does not have. NOT MEMBER OF is the one that holds for nobody's members too: who is in no group at all is not in this one.
func ours() []operator {
	written, dates := []Kind{Text, Reference}, []Kind{Date}
	all := []operator{
		{name: "STARTS_WITH", arity: one, fits: written, doc: "begins with the value; letter case counts", build: byText(strings.HasPrefix)},
		{name: "NOT Includes", arity: one, negative: true, fits: written, doc: "has a value that does not contain this one; letter case counts",
			build: not(byText(strings.Contains))},
		{name: "NOT STARTS_WITH", arity: one, negative: true, fits: written, doc: "has a value that does not begin with this one; letter case counts",
			build: not(byText(strings.HasPrefix))},
		{name: "NOT ENDS_WITH", arity: one, negative: true, fits: written, doc: "has a value that does not end with this one; letter case counts",
			build: not(byText(strings.HasSuffix))},
		{name: "IN", arity: many, doc: "is exactly one of the values; letter case counts", build: byName},
		{name: "NOT IN", arity: many, negative: true, doc: "has a value, and none of these; letter case counts", build: not(byName)},
		{name: "Less_Than", arity: one, fits: []Kind{Whole}, doc: "is a whole number less than the value",
			build: byInteger(func(have, want int64) bool { return have < want })},
		{name: "Less_Than_OR_EQUALS", arity: one, fits: []Kind{Whole}, doc: "is a whole number not greater than the value",
			build: byInteger(func(have, want int64) bool { return have <= want })},
		{name: "Before", arity: one, fits: dates, doc: "is a date before the value", build: byDate(func(c int) bool { return c < 0 })},
		{name: "On_Or_Before", arity: one, fits: dates, doc: "is a date not after the value", build: byDate(func(c int) bool { return c <= 0 })},
		{name: "On", arity: one, fits: dates, doc: "is a date on the day of the value", build: byDay},
		{name: "On_Or_After", arity: one, fits: dates, doc: "is a date not before the value", build: byDate(func(c int) bool { return c >= 0 })},
		{name: "After", arity: one, fits: dates, doc: "is a date after the value", build: byDate(func(c int) bool { return c > 0 })},
		{name: memberOfOperator, arity: many, doc: "belongs to one of the groups; only with memberOf, letter case does not count", build: byName},
		{name: "NOT " + memberOfOperator, arity: many, negative: true, null: true,
			doc: "belongs to none of the groups, or to no group at all; only with memberOf, letter case does not count", build: not(byName)},
	}
	for i := range all {
		all[i].ours = true
	}
	return all
}

const (
	memberOfOperator  = "MEMBER OF"
	memberOfAttribute = "memberOf"
	managerAttribute  = "manager"
)

// not turns a test around.
func not(build func([]string) (test, error)) func([]string) (test, error) {
	return func(values []string) (test, error) {
		holds, err := build(values)
		if err != nil {
			return nil, err
		}
		return func(e element, at moment) (bool, error) {
			ok, err := holds(e, at)
			return !ok, err
		}, nil
	}
}

func always(holds bool) func([]string) (test, error) {
	return func([]string) (test, error) {
		return func(element, moment) (bool, error) { return holds, nil }, nil
	}
}

// byName asks whether the value is one of those of the filter.
func byName(want []string) (test, error) {
	if slices.Contains(want, "") {
		return nil, emptyValue()
	}
	return func(e element, _ moment) (bool, error) { return slices.ContainsFunc(want, e.is), nil }, nil
}

func emptyValue() error {
	return fmt.Errorf("the value is empty: ask with %s or %s", isNull, isNotNull)
}

func byText(holds func(have, want string) bool) func([]string) (test, error) {
	return func(values []string) (test, error) {
		if values[0] == "" {
			return nil, emptyValue()
		}
		return func(e element, _ moment) (bool, error) { return holds(e.text, values[0]), nil }, nil
	}
}

func byTruth(want bool) func([]string) (test, error) {
	name := strconv.FormatBool(want)
	return func([]string) (test, error) {
		return func(e element, _ moment) (bool, error) { return strings.EqualFold(e.text, name), nil }, nil
	}
}

// byInteger compares whole numbers. An attribute that is none makes the clause false.
func byInteger(holds func(have, want int64) bool) func([]string) (test, error) {
	return func(values []string) (test, error) {
		want, err := strconv.ParseInt(strings.TrimSpace(values[0]), 10, 64)
		if err != nil {
			return nil, fmt.Errorf("the value is %q: expected a whole number", values[0])
		}
		return func(e element, _ moment) (bool, error) {
			have, err := strconv.ParseInt(strings.TrimSpace(e.text), 10, 64)
			return err == nil && holds(have, want), nil
		}, nil
	}
}

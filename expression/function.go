package expression

import (
	"slices"
)

// Type is what a parameter takes or a function returns, in the words of Graph's function schema.
type Type string

// The types.
const (
	Any         Type = "Any"         // whatever comes
	Text        Type = "String"      // anything that renders as text; of a multi-valued attribute only one value is allowed
	Whole       Type = "Integer"     // a number, or a text that is one
	Logical     Type = "Boolean"     // True or False
	Date        Type = "DateTime"    // a date, as CDate, Now, DateAdd and DateFromNum make it
	MultiValue  Type = "MultiValue"  // all values of an attribute
	CompareWord Type = "CompareType" // vbTextCompare or vbBinaryCompare, without quotes
)

// Function is one function of the language: everything that is known about it.
type Function struct {
	Name     string
	Family   Family
	Params   []Param
	Repeat   int    // how many of the last Params may come again and again, as a block: 1 for Join, 2 for the pairs of Switch
	Result   Type   //
	Doc      string // what it does, edge cases included; one paragraph
	Examples []Example
	Varies   bool // two evaluations on the same attributes differ: map it only at creation, or every cycle is an update
	TopOnly  bool // allowed only as the whole expression

	build      func(*call) (code, error)
	deliberate bool // it fails on purpose, so it is not tried out while an expression is checked
}

// Param is one parameter.
type Param struct {
	Name     string // as in Graph's function schema
	Type     Type
	Optional bool  // its slot may be empty; at the end it may be left out
	Passes   bool  // the argument may be the result, as it is
	From     int64 // of a Whole: a written number must not be less; 0: any
	Doc      string
}

// Example shows a function at work. A test executes every one.
type Example struct {
	Expression string
	Given      []Given  // the attributes; those not named are null
	Want       []string // values of the result; none: null
	Matches    string   // of a function that varies, instead of Want: a regular expression for the whole result
	Fails      string   // instead of Want: a part of the error message
}

// Given is an attribute of an example.
type Given struct {
	Name   string
	Values []string
}

// Functions returns the functions in alphabetical order. The slice is the caller's.
func Functions() []Function { return slices.Clone(table) }

// table holds every function, ordered by name. It is never written after the start of the program.
var table = sorted(
	family(ofTexts, textFunctions()), family(ofReplacing, replaceFunction()), family(ofChoices, logicFunctions()), family(ofLists, listFunctions()),
	family(ofForms, encodingFunctions()), family(ofRoles, roleFunctions()), family(ofChance, randomFunctions()), family(ofFlows, flowFunctions()),
	family(ofDates, dateFunctions()), family(ofDirectory, directoryFunctions()),
)

var (
	tableIndex = indexed(table)
	tableNames = named(table)
)

func sorted(parts ...[]Function) []Function {
	all := slices.Concat(parts...)
	slices.SortFunc(all, func(a, b Function) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	return all
}

func indexed(all []Function) map[string]*Function {
	m := make(map[string]*Function, len(all))
	for i := range all {
		m[all[i].Name] = &all[i]
	}
	return m
}

func named(all []Function) []string {
	names := make([]string, len(all))
	for i := range all {
		names[i] = all[i].Name
	}
	return names
}

// param returns the parameter that the argument at i fills.
func (f *Function) param(i int) *Param {
	if i < len(f.Params) {
		return &f.Params[i]
	}
	first := len(f.Params) - f.Repeat
	return &f.Params[first+(i-first)%f.Repeat]
}

// required is how many arguments there must be at least, empty slots counted.
func (f *Function) required() int {
	if f.Repeat > 0 {
		return len(f.Params)
	}
	n := len(f.Params)
	for n > 0 && f.Params[n-1].Optional {
		n--
	}
	return n
}

package expression

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// Kind is what a Value is.
type Kind int

// The kinds of Value.
const (
	Null   Kind = iota // the attribute is absent
	String             // text
	Number             // a whole number
	Bool               // true or false
	Time               // an instant; rendered in UTC
	List               // the values of a multi-valued attribute
)

// String names the kind as error messages do.
func (k Kind) String() string {
	return [...]string{"nothing", "text", "a number", "true or false", "a date", "several values"}[k]
}

// Value is the result of an expression or a part of one. It is immutable; the zero Value is null.
type Value struct {
	kind     Kind
	ignore   bool // the attribute is not to flow in this export
	redacted bool
	num      int64 // Number; Bool: 0 or 1; Time: 100 ns since 1970
	str      string
	list     []string
	objects  []Object // of a List whose values have members, as many as list; nil: plain values
}

// Object is one value of a complex multi-valued attribute. Expressions see its text; a mapping of the whole attribute writes its members.
type Object struct {
	Text    string         // the value by itself, such as the role's value; what functions of texts work on
	Members map[string]any // never modified; strings, booleans and numbers
}

// NullValue is the value of an absent attribute.
var NullValue = Value{}

// Str returns a text.
func Str(s string) Value { return Value{kind: String, str: s} }

// Int returns a number.
func Int(n int64) Value { return Value{kind: Number, num: n} }

// Boolean returns true or false.
func Boolean(b bool) Value {
	if b {
		return Value{kind: Bool, num: 1}
	}
	return Value{kind: Bool}
}

// TimeOf returns an instant, kept to 100 nanoseconds.
func TimeOf(t time.Time) Value {
	return Value{kind: Time, num: t.Unix()*ticksPerSecond + int64(t.Nanosecond())/nanosPerTick}
}

const (
	ticksPerSecond = 10_000_000
	nanosPerTick   = 100
)

// ListOf returns the values of a multi-valued attribute; no values are null. It keeps the slice, which must not change afterwards.
func ListOf(values []string) Value {
	if len(values) == 0 {
		return NullValue
	}
	return Value{kind: List, list: slices.Clip(values)}
}

// ListOfObjects returns the values of a complex multi-valued attribute; no values are null. It keeps the slice, which must not change afterwards.
func ListOfObjects(objects []Object) Value {
	if len(objects) == 0 {
		return NullValue
	}
	list := make([]string, len(objects))
	for i := range objects {
		list[i] = objects[i].Text
	}
	return Value{kind: List, list: list, objects: slices.Clip(objects)}
}

// Objects returns the values of a complex multi-valued attribute; none where the values are plain.
func (v Value) Objects() []Object { return slices.Clone(v.objects) }

// Kind returns what the value is.
func (v Value) Kind() Kind { return v.kind }

// IsNull reports whether the value is that of an absent attribute.
func (v Value) IsNull() bool { return v.kind == Null }

// IsEmpty reports whether the value is null or an empty text; an attribute whose one value is empty counts, too.
func (v Value) IsEmpty() bool {
	return v.kind == Null || v.kind == String && v.str == "" || v.kind == List && len(v.list) == 1 && v.list[0] == ""
}

// IgnoreFlow reports whether IgnoreFlowIfNullOrEmpty said that the attribute must be left out of this export.
func (v Value) IgnoreFlow() bool { return v.ignore }

// Redacted reports whether Redact was evaluated on the way to the value: it may flow, but no log may show it.
func (v Value) Redacted() bool { return v.redacted }

// Text renders the value as it flows to a text attribute: True and False, dates as M/d/yyyy h:mm:ss tt in UTC, several values with ", " between them,
// null as the empty text.
func (v Value) Text() string {
	switch v.kind {
	case String:
		return v.str
	case Number:
		return strconv.FormatInt(v.num, 10)
	case Bool:
		if v.num != 0 {
			return "True"
		}
		return "False"
	case Time:
		return v.time().Format("1/2/2006 3:04:05 PM")
	case List:
		return strings.Join(v.list, ", ")
	}
	return ""
}

func (v Value) time() time.Time {
	seconds, ticks := v.num/ticksPerSecond, v.num%ticksPerSecond
	return time.Unix(seconds, ticks*nanosPerTick).UTC()
}

// List returns the values: none of null, one of a scalar.
func (v Value) List() []string {
	switch v.kind {
	case Null:
		return nil
	case List:
		return slices.Clone(v.list)
	}
	return []string{v.Text()}
}

// Any returns the value as a Go value: nil, string, int64, bool, time.Time (UTC) or []string.
func (v Value) Any() any {
	switch v.kind {
	case String:
		return v.str
	case Number:
		return v.num
	case Bool:
		return v.num != 0
	case Time:
		return v.time()
	case List:
		return slices.Clone(v.list)
	}
	return nil
}

// size is how many bytes the value holds.
func (v Value) size() int {
	n := len(v.str)
	for _, s := range v.list {
		n += len(s)
	}
	return n
}

// single turns a list of one into that one value, because a multi-valued attribute often has just one. ok is false for more.
func (v Value) single() (one Value, ok bool) {
	if v.kind != List {
		return v, true
	}
	if len(v.list) != 1 {
		return v, false
	}
	return Value{kind: String, str: v.list[0], ignore: v.ignore}, true
}

// integer reads a number, or a text that is one.
func (v Value) integer() (int64, bool) {
	switch v.kind {
	case Number:
		return v.num, true
	case String:
		n, err := strconv.ParseInt(strings.TrimSpace(v.str), 10, 64)
		return n, err == nil
	}
	return 0, false
}

// truth reads a boolean, or a text that is one in any letter case.
func (v Value) truth() (value, ok bool) {
	switch v.kind {
	case Bool:
		return v.num != 0, true
	case String:
		if strings.EqualFold(v.str, "true") {
			return true, true
		}
		return false, strings.EqualFold(v.str, "false")
	}
	return false, false
}

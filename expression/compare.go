package expression

import (
	"cmp"
	"time"
)

// comparison returns the function of a comparison operator. A comparison with a null or empty value is false, whatever the operator: that is how
// Entra's IIF "fails" and takes its last argument (4.2, row 17). Emptiness is asked for with IsNullOrEmpty or with the key "" of Switch.
func comparison(operator string) func(a, b Value) Value {
	var holds func(order int) bool
	switch operator {
	case "=":
		holds = func(order int) bool { return order == 0 }
	case "<>":
		holds = func(order int) bool { return order != 0 }
	case "<":
		holds = func(order int) bool { return order < 0 }
	case "<=":
		holds = func(order int) bool { return order <= 0 }
	case ">":
		holds = func(order int) bool { return order > 0 }
	default:
		holds = func(order int) bool { return order >= 0 }
	}
	return func(a, b Value) Value {
		if a.IsEmpty() || b.IsEmpty() {
			return Boolean(false)
		}
		return Boolean(holds(compare(a, b)))
	}
}

// compare orders two values that are not null: as dates when one is a date and the other reads as one, so with numbers and with booleans, else as texts,
// letter case counting, by code point.
func compare(a, b Value) int {
	switch {
	case a.kind == Time || b.kind == Time:
		x, okX := a.instant()
		y, okY := b.instant()
		if okX && okY {
			return cmp.Compare(x, y)
		}
	case a.kind == Number || b.kind == Number:
		x, okX := a.integer()
		y, okY := b.integer()
		if okX && okY {
			return cmp.Compare(x, y)
		}
	case a.kind == Bool || b.kind == Bool:
		x, okX := a.truth()
		y, okY := b.truth()
		if okX && okY {
			return cmp.Compare(Boolean(x).num, Boolean(y).num)
		}
	}
	return cmp.Compare(a.Text(), b.Text())
}

// instant reads a date, or a text that is one and names its year, month and day.
func (v Value) instant() (ticks int64, ok bool) {
	switch v.kind {
	case Time:
		return v.num, true
	case String:
		partial := false
		t, err := parseDate(v.str, func() time.Time { partial = true; return time.Time{} })
		return TimeOf(t).num, err == nil && !partial
	}
	return 0, false
}

// join is the operator &. Null counts as an empty text, unless both sides are null.
func join(a, b Value) Value {
	if a.IsNull() && b.IsNull() {
		return NullValue
	}
	return Str(a.Text() + b.Text())
}

package mapping

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/rollcall-id/rollcall/expression"
)

// Value is what one row of a mapping gives for one source object.
type Value struct {
	Path    string            // target path
	Mapping *AttributeMapping // the row; never modified
	// Value is what the account is to have: string, bool, int64, or []string for several references. nil: the source is empty; null and the empty text
	// are both empty. Where a new account is evaluated, an empty value has been replaced by Default.
	Value any
	// Default is the row's default in the target's type; nil: none.
	Default any
	// Flow is false where the attribute must be left alone in this export: IgnoreFlowIfNullOrEmpty said so, or the row is of kind None and has nothing
	// to fill in.
	Flow bool
	// Redacted says that the value flows and that no log may show it.
	Redacted bool
}

// Logged is the value as logs may show it.
func (v Value) Logged() any {
	if v.Redacted && v.Value != nil {
		return "[Redact]"
	}
	return v.Value
}

// RowError is a row that could not be evaluated for one source object.
type RowError struct {
	Row  int    // as shown, counted from 1
	Path string // target path
	Err  error
}

func (e RowError) Error() string { return fmt.Sprintf("row %d (%s): %v", e.Row, e.Path, e.Err) }

// Unwrap returns what went wrong.
func (e RowError) Unwrap() error { return e.Err }

// convert gives a value the type of the target attribute. nil means empty. The error does not show a redacted value.
func (t Type) convert(v expression.Value) (any, error) {
	if v.IsEmpty() {
		return nil, nil
	}
	if v.Kind() == expression.List {
		list := v.List()
		if t == Reference {
			return list, nil
		}
		if len(list) > 1 {
			return nil, fmt.Errorf("the source has %d values and the target attribute takes one: pick one with Item, or join them with Join", len(list))
		}
		if list[0] == "" {
			return nil, nil
		}
	}
	switch t {
	case Boolean:
		return toBool(v)
	case Integer:
		return toInteger(v)
	case DateTime:
		return toDateTime(v)
	}
	return v.Text(), nil
}

func toBool(v expression.Value) (any, error) {
	switch text := v.Text(); {
	case v.Kind() == expression.Number && text == "0":
		return false, nil
	case v.Kind() == expression.Number && text == "1":
		return true, nil
	case strings.EqualFold(text, "true"):
		return true, nil
	case strings.EqualFold(text, "false"):
		return false, nil
	}
	return nil, expected(v, "True or False")
}

func toInteger(v expression.Value) (any, error) {
	n, err := strconv.ParseInt(strings.TrimSpace(v.Text()), 10, 64)
	if err != nil {
		return nil, expected(v, "a whole number")
	}
	return n, nil
}

// toDateTime gives an instant as SCIM writes it (RFC 7643 section 2.3.5), with the offset the source has.
func toDateTime(v expression.Value) (any, error) {
	if at, ok := v.Any().(time.Time); ok {
		return at.Format(time.RFC3339Nano), nil
	}
	if _, err := time.Parse(time.RFC3339Nano, v.Text()); err != nil {
		return nil, expected(v, "a date and time such as 2026-03-01T08:00:00Z")
	}
	return v.Text(), nil
}

func expected(v expression.Value, what string) error {
	if v.Redacted() {
		return fmt.Errorf("the value is not what the target attribute takes: expected %s", what)
	}
	const shown = 60
	text := []rune(v.Text())
	if len(text) > shown {
		text = append(text[:shown], '…')
	}
	return fmt.Errorf("the value is %q: expected %s", string(text), what)
}

package mapping

import "fmt"

// Value is what one row of a mapping gives for one source object.
type Value struct {
	Path    string            // target path
	Mapping *AttributeMapping // the row; never modified
	// Value is what the account is to have: string, bool or int64; for a multi-valued row a []any of these, or of map[string]any for elements with several
	// parts, no value twice and none empty. nil: the source is empty; null, the empty text and the empty list all are. Where a new account is evaluated, an
	// empty value has been replaced by Default.
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

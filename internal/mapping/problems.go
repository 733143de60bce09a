package mapping

import (
	"errors"
	"fmt"
)

// Problems takes apart what Compile found wrong. Nothing is wrong: none.
func Problems(err error) []error {
	if err == nil {
		return nil
	}
	if rows := joinedRows(err); len(rows) > 0 {
		return rows
	}
	return []error{err}
}

// joinedRows finds the wrong rows below an error.
func joinedRows(err error) []error {
	if row, ok := err.(RowError); ok { //nolint:errorlint // the error itself, not one that it wraps
		return []error{row}
	}
	var rows []error
	switch e := err.(type) { //nolint:errorlint // walks the tree of errors itself
	case interface{ Unwrap() []error }:
		for _, inner := range e.Unwrap() {
			rows = append(rows, joinedRows(inner)...)
		}
	case interface{ Unwrap() error }:
		return joinedRows(e.Unwrap())
	}
	return rows
}

// Mends reports whether all that is wrong now was wrong before, and less is. Whoever has two broken rows can then mend one after the other.
func Mends(before, now error) bool {
	was := map[string]int{}
	old := Problems(before)
	for _, p := range old {
		was[problem(p)]++
	}
	left := Problems(now)
	for _, p := range left {
		if was[problem(p)]--; was[problem(p)] < 0 {
			return false
		}
	}
	return len(left) < len(old)
}

// problem is what is wrong without the number of the row, which changes when another row goes.
func problem(err error) string {
	var row RowError
	if errors.As(err, &row) {
		return fmt.Sprintf("%s: %v", row.Path, row.Err)
	}
	return err.Error()
}

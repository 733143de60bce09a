package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/rollcall-id/rollcall/internal/fault"
)

// fail wraps an error of the driver with the operation and the meaning the rest of the program knows. Errors that already have a meaning, and the end
// of the caller's context, pass through.
func (d *dialect) fail(op string, err error) error {
	if err == nil {
		return nil
	}
	var dbErr *databaseError
	if errors.As(err, &dbErr) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	kind := d.classify(err)
	e := &databaseError{op: op, kind: kind, err: err}
	switch kind {
	case failUnique:
		e.meaning = fault.ErrConflict
		e.text = fmt.Sprintf("%s: it collides with something that exists already (%v)", op, err)
	case failForeign:
		e.meaning = fault.ErrNotFound
		e.text = fmt.Sprintf("%s: it names an organization, application, user or group that does not exist (%v)", op, err)
	case failFull:
		e.meaning = fault.ErrFull
		e.text = fmt.Sprintf("%s: no space left for the database; nothing of this write was kept. Free space on its disk, then try again (%v)", op, err)
	case failBusy:
		e.meaning = fault.ErrUnavailable
		e.text = fmt.Sprintf("%s: the database does not answer or is held by another process; try again (%v)", op, err)
	case failText:
		e.meaning = fault.ErrInvalid
		e.text = fmt.Sprintf("%s: a value holds something the database cannot store, such as a NUL character", op)
	case failOther, failRetry:
		e.text = fmt.Sprintf("%s: %v", op, err)
	}
	return e
}

// databaseError keeps the driver's error apart from its meaning, so that the writer can tell a lost transaction from a refused row.
type databaseError struct {
	op      string
	kind    failure
	meaning error // nil: none of the closed list
	text    string
	err     error
}

func (e *databaseError) Error() string { return e.text }

func (e *databaseError) Unwrap() []error {
	if e.meaning == nil {
		return []error{e.err}
	}
	return []error{e.meaning, e.err}
}

// kindOf is the failure inside err, failOther if it holds none.
func kindOf(err error) failure {
	var e *databaseError
	if errors.As(err, &e) {
		return e.kind
	}
	return failOther
}

// absent turns "no rows" into ErrNotFound with a text of its own and passes everything else on.
func (d *dialect) absent(op string, err error, format string, args ...any) error {
	if errors.Is(err, sql.ErrNoRows) {
		return fault.Errorf(fault.ErrNotFound, format, args...)
	}
	return d.fail(op, err)
}

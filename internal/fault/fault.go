// Package fault is the closed list of meanings an error can have inside Rollcall. Every layer wraps one of them with the operation that failed;
// only the edges (SCIM errors, exit statuses, pages) translate meanings into their protocol. It owns no text that a person reads first:
// the wrapping message says what came, what was expected and what to do next.
package fault

import (
	"errors"
	"fmt"
)

// The meanings. Test with errors.Is.
var (
	ErrNotFound     = errors.New("not found")                      // the named thing does not exist, or not for this organization
	ErrConflict     = errors.New("conflict")                       // the write collides with something that exists
	ErrPrecondition = errors.New("version does not match")         // the caller's version is not the current one
	ErrInvalid      = errors.New("invalid")                        // the input cannot be accepted as it is
	ErrForbidden    = errors.New("forbidden")                      // known, but not allowed
	ErrUnavailable  = errors.New("unavailable")                    // a resource outside (target, database) does not answer; trying again may help
	ErrHeld         = errors.New("held")                           // done as far as allowed; the rest waits for a decision
	ErrFull         = errors.New("no space left for the database") // the disk is full; nothing of the failed write was kept
)

// Errorf returns an error with the given meaning and a message of its own: the meaning is found by errors.Is but is not repeated in the text.
func Errorf(meaning error, format string, args ...any) error {
	return &fault{meaning: meaning, cause: fmt.Errorf(format, args...)}
}

type fault struct {
	meaning error
	cause   error
}

func (f *fault) Error() string   { return f.cause.Error() }
func (f *fault) Unwrap() []error { return []error{f.meaning, f.cause} }

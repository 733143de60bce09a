package scim

import (
	"errors"
	"fmt"
	"strconv"
)

// The scimType keywords of RFC 7644 table 9 and RFC 9865 section 2.2.
const (
	InvalidFilter = "invalidFilter"
	TooMany       = "tooMany"
	Uniqueness    = "uniqueness"
	Mutability    = "mutability"
	InvalidSyntax = "invalidSyntax"
	InvalidPath   = "invalidPath"
	NoTarget      = "noTarget"
	InvalidValue  = "invalidValue"
	InvalidVers   = "invalidVers"
	Sensitive     = "sensitive"
	InvalidCursor = "invalidCursor"
	ExpiredCursor = "expiredCursor"
	InvalidCount  = "invalidCount"
)

// Error is a SCIM error (RFC 7644 section 3.12). Identity providers show Detail to an administrator, so it says what came, what was expected and
// what to do.
type Error struct {
	Status int    // HTTP status
	Type   string // scimType; "" for statuses that have none
	Detail string
	Cause  error // what led to it: for logs, never sent; may be nil
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Errorf returns an *Error with a formatted detail.
func Errorf(status int, scimType, format string, args ...any) *Error {
	return &Error{Status: status, Type: scimType, Detail: fmt.Sprintf(format, args...)}
}

// Error returns the detail behind the status and scimType.
func (e *Error) Error() string {
	if e.Type == "" {
		return "scim " + strconv.Itoa(e.Status) + ": " + e.Detail
	}
	return "scim " + strconv.Itoa(e.Status) + " " + e.Type + ": " + e.Detail
}

// Is makes errors.Is match another *Error that has the same status and scimType, whatever its detail; an empty scimType in target matches any.
func (e *Error) Is(target error) bool {
	var t *Error
	if !errors.As(target, &t) {
		return false
	}
	return e.Status == t.Status && (t.Type == "" || t.Type == e.Type)
}

// AppendJSON appends the error message of RFC 7644 section 3.12; status is a JSON string there.
func (e *Error) AppendJSON(dst []byte) []byte {
	dst = append(dst, `{"schemas":["`...)
	dst = append(dst, URNError...)
	dst = append(dst, `"],"status":"`...)
	dst = strconv.AppendInt(dst, int64(e.Status), 10)
	dst = append(dst, '"')
	if e.Type != "" {
		dst = append(dst, `,"scimType":`...)
		dst = appendString(dst, e.Type)
	}
	if e.Detail != "" {
		dst = append(dst, `,"detail":`...)
		dst = appendString(dst, e.Detail)
	}
	return append(dst, '}')
}

// MarshalJSON implements json.Marshaler.
func (e *Error) MarshalJSON() ([]byte, error) { return e.AppendJSON(nil), nil }

// bad returns a 400 error.
func bad(scimType, format string, args ...any) *Error { return Errorf(400, scimType, format, args...) }

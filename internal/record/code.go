package record

//go:generate go run ./cmd/errorcodes -output ../../docs/guides/error-codes.md

import "slices"

// Category says whose the trouble is, in the words of Microsoft Graph's errorCategory. What is skipped on purpose has none.
type Category string

// The categories.
const (
	ServiceFailure    Category = "failure"           // Rollcall itself failed
	NonServiceFailure Category = "nonServiceFailure" // the data, the settings, or the application at the other end
)

// Code is one error code or reason to skip: what it means, what a person can do, and when the object is tried again.
type Code struct {
	Name     string
	Meaning  string
	Advice   string   // empty: nothing has to be done
	Category Category // empty: no failure
	Retried  Retry    // empty: nothing waits to be tried again
}

// Retry says when an object that ended with a code is tried again.
type Retry string

// When something is tried again. An object that changes at the source is looked at in the next cycle in any case.
const (
	RetryEscrow Retry = "with the next cycle, then 6, 12 and 24 hours after the last try, then daily for four weeks"
	RetryCycle  Retry = "in every cycle"
	RetryJob    Retry = "the job is in quarantine: after 30 minutes, then ever less often, daily at last, for four weeks; or now with `rollcall app cycle`"
	RetryCalled Retry = "when that person or group gets an account"
)

// CodeNamed finds a code. ok is false for one that is not in the table.
func CodeNamed(name string) (c Code, ok bool) {
	all := Codes()
	i := slices.IndexFunc(all, func(c Code) bool { return c.Name == name })
	if i < 0 {
		return Code{Name: name}, false
	}
	return all[i], true
}

// Codes lists every code that a record, an escrow or a quarantine can have: failures first, then what is skipped, then what ends a whole cycle.
func Codes() []Code {
	return slices.Concat(failureCodes(), sourceCodes(), skipCodes(), jobCodes())
}

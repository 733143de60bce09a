package scimclient

import (
	"errors"
	"fmt"
	"time"
)

// Kind says what sort of failure an Error is.
type Kind string

// The kinds of failure.
const (
	KindStatus        Kind = "status"         // the service answered with an error status
	KindNetwork       Kind = "network"        // no connection, or it broke before the answer was complete
	KindDNS           Kind = "dns"            // the host name could not be resolved
	KindTLS           Kind = "tls"            // the certificate or the handshake was refused
	KindTimeout       Kind = "timeout"        // no complete answer within the time allowed
	KindCancelled     Kind = "cancelled"      // the caller gave up
	KindAddress       Kind = "address"        // the address guard refused the address behind the host name
	KindRedirect      Kind = "redirect"       // a redirect that must not be followed
	KindHTML          Kind = "html"           // a web page instead of SCIM: a login page, a proxy's message
	KindContentType   Kind = "content-type"   // neither JSON by its content type nor by its content
	KindUnparsable    Kind = "unparsable"     // said to be JSON, and is not
	KindNotSCIM       Kind = "not-scim"       // JSON, but not the message that was expected
	KindListNotFound  Kind = "list-not-found" // 404 where a list was expected, be it an empty one
	KindTooLarge      Kind = "too-large"      // the answer is larger than the limit
	KindFilterIgnored Kind = "filter-ignored" // the list shows that the filter was not applied
	KindPaused        Kind = "paused"         // not sent: the service asked for a pause longer than we wait
	KindRequest       Kind = "request"        // not sent: the request itself cannot be made
)

// Error is what went wrong with one call. Its text never holds the token.
type Error struct {
	Op         string        // method and path below the base URL: PATCH /Users/7
	Kind       Kind          // what sort of failure
	Status     int           // HTTP status; 0: no answer
	ScimType   string        // RFC 7644 section 3.12, as sent
	Detail     string        // for a person: the service's own words, or what came and what was expected
	RetryAfter time.Duration // the service's wish (429, 503); 0: none
	Paused     bool          // the service's wish is longer than a call waits: until it is over, nothing is sent
	Ambiguous  bool          // a write may have happened although no success was seen
	Err        error         // cause, may be nil
}

func (e *Error) Error() string {
	switch {
	case e.Status != 0 && e.ScimType != "":
		return fmt.Sprintf("%s: %d %s: %s", e.Op, e.Status, e.ScimType, e.Detail)
	case e.Status != 0:
		return fmt.Sprintf("%s: %d: %s", e.Op, e.Status, e.Detail)
	}
	return fmt.Sprintf("%s: %s", e.Op, e.Detail)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Incompatible reports whether the answer was not SCIM at all, whatever its status.
func (e *Error) Incompatible() bool {
	switch e.Kind {
	case KindHTML, KindContentType, KindUnparsable, KindNotSCIM, KindListNotFound, KindTooLarge, KindFilterIgnored, KindRedirect:
		return true
	}
	return false
}

// Throttled reports whether the service asked us to slow down.
func (e *Error) Throttled() bool { return e.Status == 429 || e.Kind == KindPaused }

// StatusOf returns the HTTP status of an *Error in err's chain, 0 when there is none.
func StatusOf(err error) int {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Status
	}
	return 0
}

package directory

import (
	"crypto/rand"
	"encoding/hex"
	"strings"
)

// NewTrace returns the traceparent of a new trace (W3C Trace Context, section 3.2): for writes that nobody else gave one.
func NewTrace() string {
	var b [24]byte
	rand.Read(b[:]) // never fails: crypto/rand ends the process where the system has no randomness
	return "00-" + hex.EncodeToString(b[:16]) + "-" + hex.EncodeToString(b[16:]) + "-01"
}

// ChildTrace returns a traceparent of the same trace with a span of its own, so that what one import led to can be told apart person by person. A parent
// that is none begins a new trace.
func ChildTrace(parent string) string {
	parts := strings.Split(parent, "-")
	if len(parts) != 4 || len(parts[1]) != 32 {
		return NewTrace()
	}
	var b [8]byte
	rand.Read(b[:])
	return "00-" + parts[1] + "-" + hex.EncodeToString(b[:]) + "-01"
}

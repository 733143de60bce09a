package directory

import (
	"crypto/rand"
	"encoding/hex"
	"strings"
	"unicode"
)

// maxOrigin is the most characters kept of an actor or a cause, parts of which clients choose.
const maxOrigin = 256

// Clean returns the origin as the feed keeps it: actor and cause are one line of visible text of bounded length, and what is no valid traceparent is
// replaced by a new trace.
func (o Origin) Clean() Origin {
	o.Actor, o.Cause = visible(o.Actor), visible(o.Cause)
	if !validTrace(o.Traceparent) {
		o.Traceparent = NewTrace()
	}
	return o
}

// visible replaces what is not printable and what is not UTF-8, and cuts the text at maxOrigin characters.
func visible(s string) string {
	var b strings.Builder
	count := 0
	for _, r := range s { // bytes that are not UTF-8 come as U+FFFD
		if count == maxOrigin {
			break
		}
		if !unicode.IsPrint(r) {
			r = unicode.ReplacementChar
		}
		b.WriteRune(r)
		count++
	}
	return b.String()
}

// validTrace reports whether s is a traceparent (W3C Trace Context, section 3.2). Only the form of version 00 is taken: that of later ones is not known.
func validTrace(s string) bool {
	parts := strings.Split(s, "-")
	return len(parts) == 4 && parts[0] == "00" && hexID(parts[1], 32) && hexID(parts[2], 16) && len(parts[3]) == 2 && isHex(parts[3])
}

// hexID reports whether s has n hexadecimal digits that are not all zero.
func hexID(s string, n int) bool { return len(s) == n && isHex(s) && strings.Trim(s, "0") != "" }

func isHex(s string) bool { return strings.Trim(s, "0123456789abcdef") == "" }

// NewTrace returns the traceparent of a new trace (W3C Trace Context, section 3.2): for writes that nobody else gave one.
func NewTrace() string {
	var b [24]byte
	rand.Read(b[:]) // never fails: crypto/rand ends the process where the system has no randomness
	return "00-" + hex.EncodeToString(b[:16]) + "-" + hex.EncodeToString(b[16:]) + "-01"
}

// ChildTrace returns a traceparent of the same trace with a span of its own, so that what one import led to can be told apart person by person. A parent
// that is none begins a new trace.
func ChildTrace(parent string) string {
	if !validTrace(parent) {
		return NewTrace()
	}
	var b [8]byte
	rand.Read(b[:])
	return "00-" + strings.Split(parent, "-")[1] + "-" + hex.EncodeToString(b[:]) + "-01"
}

package scim

import (
	"math"
	"slices"
	"strconv"
	"unicode/utf8"
)

// Encode returns the resource as JSON.
func Encode(r Resource) []byte { return AppendJSON(make([]byte, 0, 1024), r) }

// AppendJSON appends v as JSON. The output is deterministic: of an object the members schemas, id, externalId and meta come first, then the others
// sorted bytewise. Nothing is escaped for HTML. v consists of the types a Resource may hold, int, and []string; anything else becomes null.
func AppendJSON(dst []byte, v any) []byte {
	switch v := v.(type) {
	case string:
		return appendString(dst, v)
	case bool:
		return strconv.AppendBool(dst, v)
	case map[string]any:
		return appendObject(dst, v)
	case Resource:
		return appendObject(dst, v)
	case []any:
		return appendArray(dst, v)
	case int64:
		return strconv.AppendInt(dst, v, 10)
	case float64:
		return appendFloat(dst, v)
	case int:
		return strconv.AppendInt(dst, int64(v), 10)
	case []string:
		return appendArray(dst, stringsJSON(v))
	}
	return append(dst, "null"...)
}

func appendArray(dst []byte, list []any) []byte {
	dst = append(dst, '[')
	for i, e := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = AppendJSON(dst, e)
	}
	return append(dst, ']')
}

func appendObject(dst []byte, m map[string]any) []byte {
	var space [32]string // enough for a User: sorting needs no allocation
	keys := space[:0]
	for k := range m {
		keys = append(keys, k)
	}
	sortKeys(keys)
	dst = append(dst, '{')
	for i, k := range keys {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendString(dst, k)
		dst = append(dst, ':')
		dst = AppendJSON(dst, m[k])
	}
	return append(dst, '}')
}

// sortKeys puts the members of an object in the order of the output.
func sortKeys(keys []string) {
	first := 0
	for i, k := range keys {
		if keyRank(k) < lastRank {
			keys[i], keys[first] = keys[first], k
			first++
		}
	}
	if first > 1 {
		slices.SortFunc(keys[:first], func(a, b string) int { return keyRank(a) - keyRank(b) })
	}
	slices.Sort(keys[first:])
}

const lastRank = 4

func keyRank(k string) int {
	switch k {
	case "schemas":
		return 0
	case "id":
		return 1
	case "externalId":
		return 2
	case "meta":
		return 3
	}
	return lastRank
}

// appendFloat writes a number without exponent where it is readable. JSON has no infinities; they cannot come in, so null is only a last resort.
func appendFloat(dst []byte, f float64) []byte {
	if math.IsInf(f, 0) || math.IsNaN(f) {
		return append(dst, "null"...)
	}
	format := byte('f')
	if abs := math.Abs(f); abs != 0 && (abs < 1e-6 || abs >= 1e21) {
		format = 'e'
	}
	start := len(dst)
	dst = strconv.AppendFloat(dst, f, format, -1, 64)
	if !slices.ContainsFunc(dst[start:], func(c byte) bool { return c == '.' || c == 'e' }) {
		dst = append(dst, ".0"...) // it comes back as a float64, so that decoding what was encoded changes nothing
	}
	return dst
}

const hexDigits = "0123456789abcdef"

// appendString writes s in double quotes with the escapes JSON demands and no others. Bytes that are not UTF-8 become U+FFFD.
func appendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && size == 1 {
				dst = append(dst, s[start:i]...)
				dst = append(dst, "\ufffd"...)
				start = i + 1
			}
			i += size
			continue
		}
		if c >= 0x20 && c != '"' && c != '\\' {
			i++
			continue
		}
		dst = append(dst, s[start:i]...)
		dst = appendEscape(dst, c)
		i++
		start = i
	}
	dst = append(dst, s[start:]...)
	return append(dst, '"')
}

func appendEscape(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\n':
		return append(dst, '\\', 'n')
	case '\r':
		return append(dst, '\\', 'r')
	case '\t':
		return append(dst, '\\', 't')
	}
	return append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
}

package scim

import "time"

// Resource is a SCIM resource in canonical form: attribute names in schema spelling; values are string, bool, int64, float64, []any of those or of
// map[string]any, and map[string]any. Attributes of an extension stand in an object under the extension's URN. An unassigned attribute is absent.
// A dateTime is a string as it came, a binary value is padded standard base64.
type Resource map[string]any

// Clone returns a deep copy.
func (r Resource) Clone() Resource {
	if r == nil {
		return nil
	}
	return Resource(cloneMap(r))
}

// ID returns the attribute id, "" when there is none.
func (r Resource) ID() string { return r.text("id") }

// ExternalID returns the attribute externalId, "" when there is none.
func (r Resource) ExternalID() string { return r.text("externalId") }

func (r Resource) text(name string) string {
	s, _ := r[name].(string)
	return s
}

func cloneMap(m map[string]any) map[string]any {
	out := make(map[string]any, len(m))
	for k, v := range m {
		out[k] = cloneValue(v)
	}
	return out
}

func cloneValue(v any) any {
	switch v := v.(type) {
	case map[string]any:
		return cloneMap(v)
	case Resource:
		return cloneMap(v)
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = cloneValue(e)
		}
		return out
	}
	return v
}

// asMap returns a JSON object whichever of its two Go types it has.
func asMap(v any) (map[string]any, bool) {
	switch v := v.(type) {
	case map[string]any:
		return v, true
	case Resource:
		return v, true
	}
	return nil, false
}

// FormatTime returns t as SCIM emits it: xsd:dateTime in UTC with milliseconds (RFC 7643 section 2.3.5).
func FormatTime(t time.Time) string { return t.UTC().Format(timeLayout) }

// appendTime is FormatTime, written out: it is a good part of the work on a resource that is otherwise only copied.
func appendTime(dst []byte, t time.Time) []byte {
	t = t.UTC()
	year, month, day := t.Date()
	if year < 1000 || year > 9999 {
		return t.AppendFormat(dst, timeLayout)
	}
	hour, minute, second := t.Clock()
	milli := t.Nanosecond() / int(time.Millisecond)
	dst = append(appendTwo(appendTwo(dst, year/100), year%100), '-')
	dst = append(appendTwo(dst, int(month)), '-')
	dst = append(appendTwo(dst, day), 'T')
	dst = append(appendTwo(dst, hour), ':')
	dst = append(appendTwo(dst, minute), ':')
	dst = append(appendTwo(dst, second), '.')
	return append(appendTwo(append(dst, byte('0'+milli/100)), milli%100), 'Z')
}

func appendTwo(dst []byte, n int) []byte { return append(dst, byte('0'+n/10), byte('0'+n%10)) }

const timeLayout = "2006-01-02T15:04:05.000Z"

// ParseTime reads an xsd:dateTime: date and time, any fraction of a second, any offset; without an offset it is UTC.
func ParseTime(s string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		var local time.Time
		if local, err2 := time.Parse("2006-01-02T15:04:05.999999999", s); err2 == nil {
			return local, nil
		}
		return local, err
	}
	return t.UTC(), nil
}

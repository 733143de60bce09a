package graphschema

import (
	"encoding/json"

	"github.com/go-json-experiment/json/jsontext"
)

// printed writes a document for people: two spaces a level, a line feed at the end.
func printed(root *object) []byte { return append(appendValue(nil, root, "\n"), '\n') }

// compact writes a document for the database.
func compact(v any) json.RawMessage { return appendValue(nil, v, "") }

// appendValue writes a value. line is the line feed and the indentation that stand before the value's own closing bracket; without it everything is on
// one line.
func appendValue(b []byte, v any, line string) []byte {
	switch v := v.(type) {
	case *object:
		return appendObject(b, v, line)
	case *list:
		return appendList(b, v, line)
	case string:
		b, _ = jsontext.AppendQuote(b, v) // fails for invalid UTF-8 only, and then writes the replacement character
		return b
	case number:
		return append(b, v...)
	case bool:
		if v {
			return append(b, "true"...)
		}
		return append(b, "false"...)
	}
	return append(b, "null"...)
}

func appendObject(b []byte, o *object, line string) []byte {
	if len(o.members) == 0 {
		return append(b, "{}"...)
	}
	inner, colon := deeper(line)
	b = append(b, '{')
	for i, m := range o.members {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, inner...)
		b, _ = jsontext.AppendQuote(b, m.key)
		b = append(b, colon...)
		b = appendValue(b, m.value, inner)
	}
	return append(append(b, line...), '}')
}

func appendList(b []byte, l *list, line string) []byte {
	if len(l.items) == 0 {
		return append(b, "[]"...)
	}
	inner, _ := deeper(line)
	b = append(b, '[')
	for i, item := range l.items {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, inner...)
		b = appendValue(b, item, inner)
	}
	return append(append(b, line...), ']')
}

// deeper is the line one level below, and what stands between key and value.
func deeper(line string) (inner, colon string) {
	if line == "" {
		return "", ":"
	}
	return line + "  ", ": "
}

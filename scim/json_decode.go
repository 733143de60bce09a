package scim

import (
	"bytes"
	"errors"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Limits of a request body. The size of the body as a whole is the caller's to bound before it reads.
const (
	MaxDepth    = 32      // nesting of arrays and objects
	MaxString   = 1 << 16 // bytes of one string or name
	MaxElements = 20_000  // elements of one array
)

// DecodeJSON reads one JSON value within the package's limits, in one pass: objects as map[string]any, arrays as []any, whole numbers as int64, others as
// float64. It refuses duplicate names, invalid UTF-8, text behind the value, numbers beyond the range of their type, and the character U+0000,
// which PostgreSQL cannot store. The error is an *Error.
func DecodeJSON(body []byte) (any, error) {
	if len(bytes.TrimSpace(body)) == 0 {
		return nil, bad(InvalidSyntax, "the request body is empty; expected a JSON object")
	}
	r := jsonReader{dec: jsontext.NewDecoder(bytes.NewBuffer(body))}
	v, err := r.value()
	if err != nil {
		return nil, err
	}
	if _, err := r.dec.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, bad(InvalidSyntax, "the request body has text behind the JSON value that ends at byte %d; send exactly one value",
			r.dec.InputOffset())
	}
	return v, nil
}

// decodeObject is DecodeJSON for a value that must be an object.
func decodeObject(body []byte) (map[string]any, error) {
	v, err := DecodeJSON(body)
	if err != nil {
		return nil, err
	}
	m, ok := v.(map[string]any)
	if !ok {
		return nil, bad(InvalidSyntax, "the request body is %s; expected a JSON object", describe(v))
	}
	return m, nil
}

type jsonReader struct{ dec *jsontext.Decoder }

func (r *jsonReader) value() (any, error) {
	tok, err := r.dec.ReadToken()
	if err != nil {
		return nil, r.syntax(err)
	}
	switch tok.Kind() {
	case '"':
		return r.text(tok)
	case '0':
		return r.number(tok)
	case 't', 'f':
		return tok.Bool(), nil
	case '{', '[':
		if r.dec.StackDepth() > MaxDepth {
			return nil, bad(InvalidSyntax, "the JSON at %s is nested deeper than %d levels", r.where(), MaxDepth)
		}
		if tok.Kind() == '{' {
			return r.object()
		}
		return r.array()
	}
	return nil, nil // null
}

func (r *jsonReader) object() (any, error) {
	m := make(map[string]any, 8)
	for r.dec.PeekKind() != '}' {
		tok, err := r.dec.ReadToken()
		if err != nil {
			return nil, r.syntax(err)
		}
		name, err := r.text(tok)
		if err != nil {
			return nil, err
		}
		if m[name.(string)], err = r.value(); err != nil {
			return nil, err
		}
	}
	_, err := r.dec.ReadToken()
	if err != nil {
		return nil, r.syntax(err)
	}
	return m, nil
}

func (r *jsonReader) array() (any, error) {
	list := make([]any, 0, 4)
	for r.dec.PeekKind() != ']' {
		if len(list) == MaxElements {
			return nil, bad(InvalidValue, "the array at %s has more than %d elements; send them in several requests", r.where(), MaxElements)
		}
		v, err := r.value()
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	_, err := r.dec.ReadToken()
	if err != nil {
		return nil, r.syntax(err)
	}
	return list, nil
}

func (r *jsonReader) text(tok jsontext.Token) (any, error) {
	s := tok.String()
	if len(s) > MaxString {
		return nil, bad(InvalidValue, "the string at %s is %d bytes long; at most %d are allowed", r.where(), len(s), MaxString)
	}
	if strings.IndexByte(s, 0) >= 0 {
		return nil, bad(InvalidValue, "the string at %s contains the character U+0000, which cannot be stored; leave it away", r.where())
	}
	return s, nil
}

func (r *jsonReader) number(tok jsontext.Token) (any, error) {
	text := tok.String()
	if !strings.ContainsAny(text, ".eE") {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, bad(InvalidValue, "the number %s at %s does not fit into 64 bits", quote(text), r.where())
		}
		return n, nil
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsInf(f, 0) {
		return nil, bad(InvalidValue, "the number %s at %s is too big", quote(text), r.where())
	}
	return f, nil
}

// where names the place just read as a JSON pointer.
func (r *jsonReader) where() string {
	if p := r.dec.StackPointer(); p != "" {
		return quote(string(p))
	}
	return "the top level"
}

func (r *jsonReader) syntax(err error) error {
	var syntactic *jsontext.SyntacticError
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return bad(InvalidSyntax, "the JSON ends in the middle of a value, behind byte %d; was the request body cut off?", r.dec.InputOffset())
	}
	if !errors.As(err, &syntactic) {
		return bad(InvalidSyntax, "the request body is not JSON: %v", err)
	}
	place := "at byte " + strconv.FormatInt(syntactic.ByteOffset, 10)
	if syntactic.JSONPointer != "" {
		place += " (" + quote(string(syntactic.JSONPointer)) + ")"
	}
	if errors.Is(err, jsontext.ErrDuplicateName) {
		return bad(InvalidSyntax, "the JSON object %s has the same name twice; give each name once", place)
	}
	return bad(InvalidSyntax, "the request body is not JSON %s: %v", place, syntactic.Err)
}

// describe names a JSON value for a message without repeating long or private content.
func describe(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case string:
		return "the string " + quote(v)
	case bool:
		return strconv.FormatBool(v)
	case int64:
		return "the number " + quote(strconv.FormatInt(v, 10))
	case float64:
		return "the number " + quote(strconv.FormatFloat(v, 'g', -1, 64))
	case []any:
		return "an array"
	case map[string]any:
		return "an object"
	}
	return "a value of an unknown kind"
}

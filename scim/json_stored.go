package scim

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// DecodeStored reads a document that Encode wrote. Every request that reads a resource goes through here, so it trusts the document: names, limits
// and UTF-8 were checked on the way in. A damaged document is an error all the same, never a panic; the error is not an *Error, because no
// client caused it. The strings of the result share the memory of one copy of doc.
func DecodeStored(doc []byte) (Resource, error) {
	r := storedReader{text: string(doc)}
	v, err := r.value(0)
	if err == nil {
		if r.blanks(); r.pos != len(r.text) {
			err = errors.New("text behind the value")
		}
	}
	m, ok := v.(map[string]any)
	if err == nil && !ok {
		err = errors.New("not an object")
	}
	if err != nil {
		return nil, fmt.Errorf("stored resource is damaged at byte %d: %w", r.pos, err)
	}
	return m, nil
}

type storedReader struct {
	text string
	pos  int
}

var errStored = errors.New("not JSON as we write it")

// storedDepth is what any document may have: our own are far flatter.
const storedDepth = 2 * MaxDepth

func (r *storedReader) blanks() {
	for r.pos < len(r.text) {
		switch r.text[r.pos] {
		case ' ', '\t', '\n', '\r': // PostgreSQL's jsonb writes blanks
			r.pos++
		default:
			return
		}
	}
}

// next consumes c if it is the next byte that is not a blank.
func (r *storedReader) next(c byte) bool {
	r.blanks()
	if r.pos < len(r.text) && r.text[r.pos] == c {
		r.pos++
		return true
	}
	return false
}

func (r *storedReader) value(depth int) (any, error) {
	r.blanks()
	if r.pos == len(r.text) || depth > storedDepth {
		return nil, errStored
	}
	switch r.text[r.pos] {
	case '"':
		return r.str()
	case '{':
		r.pos++
		return r.object(depth)
	case '[':
		r.pos++
		return r.array(depth)
	case 't':
		return true, r.word("true")
	case 'f':
		return false, r.word("false")
	case 'n':
		return nil, r.word("null")
	}
	return r.number()
}

func (r *storedReader) word(w string) error {
	if !strings.HasPrefix(r.text[r.pos:], w) {
		return errStored
	}
	r.pos += len(w)
	return nil
}

func (r *storedReader) object(depth int) (any, error) {
	m := make(map[string]any)
	if r.next('}') {
		return m, nil
	}
	for {
		r.blanks()
		name, err := r.str()
		if err != nil {
			return nil, err
		}
		if !r.next(':') {
			return nil, errStored
		}
		if m[name], err = r.value(depth + 1); err != nil {
			return nil, err
		}
		if r.next('}') {
			return m, nil
		}
		if !r.next(',') {
			return nil, errStored
		}
	}
}

func (r *storedReader) array(depth int) (any, error) {
	list := []any{}
	if r.next(']') {
		return list, nil
	}
	for {
		v, err := r.value(depth + 1)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
		if r.next(']') {
			return list, nil
		}
		if !r.next(',') {
			return nil, errStored
		}
	}
}

func (r *storedReader) str() (string, error) {
	if r.pos == len(r.text) || r.text[r.pos] != '"' {
		return "", errStored
	}
	start := r.pos + 1
	i := start
	for i < len(r.text) && r.text[i] != '"' && r.text[i] != '\\' {
		i++
	}
	if i < len(r.text) && r.text[i] == '"' {
		r.pos = i + 1
		return r.text[start:i], nil
	}
	for i < len(r.text) && r.text[i] != '"' {
		if r.text[i] == '\\' {
			i++
		}
		i++
	}
	if i >= len(r.text) {
		return "", errStored
	}
	r.pos = i + 1
	out, err := jsontext.AppendUnquote(nil, r.text[start-1:i+1])
	return string(out), err
}

func (r *storedReader) number() (any, error) {
	start := r.pos
	whole := true
	for ; r.pos < len(r.text); r.pos++ {
		c := r.text[r.pos]
		if c == '.' || c|0x20 == 'e' || c == '+' {
			whole = false
		} else if c != '-' && (c < '0' || c > '9') {
			break
		}
	}
	text := r.text[start:r.pos]
	if whole {
		return strconv.ParseInt(text, 10, 64)
	}
	return strconv.ParseFloat(text, 64)
}

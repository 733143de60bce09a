package graphschema

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// object is a JSON object that remembers the order of its keys, so that a document is written as it was read. Values are *object, *list, string, bool,
// number and nil.
type object struct{ members []member }

type member struct {
	key   string
	value any
}

// list is a JSON array.
type list struct{ items []any }

// number is a JSON number as it was written.
type number string

// find returns the place of a key: as it is written, or else in another letter case, as PowerShell writes what it got from Graph. -1: none.
func (o *object) find(key string) int {
	other := -1
	for i := range o.members {
		if o.members[i].key == key {
			return i
		}
		if other < 0 && strings.EqualFold(o.members[i].key, key) {
			other = i
		}
	}
	return other
}

// get returns the value of a key; nil when there is none.
func (o *object) get(key string) any {
	if i := o.find(key); i >= 0 {
		return o.members[i].value
	}
	return nil
}

// set gives a key a value, in the place it has, and in Graph's spelling.
func (o *object) set(key string, value any) {
	if i := o.find(key); i >= 0 {
		o.members[i] = member{key, value}
		return
	}
	o.members = append(o.members, member{key, value})
}

// made builds an object of pairs of key and value.
func made(pairs ...any) *object {
	o := &object{}
	for i := 0; i+1 < len(pairs); i += 2 {
		o.members = append(o.members, member{pairs[i].(string), pairs[i+1]}) //nolint:forcetypeassert // our own literals
	}
	return o
}

// parse reads a document within the limits. Keys that come twice, text behind the end, and encodings other than UTF-8 are errors.
func parse(data []byte) (*object, error) {
	if len(data) > MaxBytes {
		return nil, fmt.Errorf("the document has %d bytes: at most %d are allowed", len(data), MaxBytes)
	}
	if bytes.HasPrefix(data, []byte{0xff, 0xfe}) || bytes.HasPrefix(data, []byte{0xfe, 0xff}) {
		return nil, errors.New("the document is encoded as UTF-16: save it as UTF-8 (in PowerShell: Out-File -Encoding utf8)")
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, errors.New("the document is empty: expected a synchronizationSchema, an object with synchronizationRules and directories")
	}
	p := parser{dec: jsontext.NewDecoder(bytes.NewBuffer(data), jsontext.AllowDuplicateNames(true))}
	v, err := p.value("")
	if err != nil {
		return nil, err
	}
	if _, err := p.dec.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("there is text behind the end of the document, from byte %d: expected one JSON object", p.dec.InputOffset())
	}
	root, ok := v.(*object)
	if !ok {
		return nil, fmt.Errorf("the document is %s: expected a synchronizationSchema, an object with synchronizationRules and directories", describe(v))
	}
	return root, nil
}

type parser struct{ dec *jsontext.Decoder }

func (p *parser) value(path string) (any, error) {
	token, err := p.dec.ReadToken()
	if err != nil {
		return nil, p.syntax(path, err)
	}
	switch token.Kind() {
	case '{', '[':
		if p.dec.StackDepth() > MaxDepth {
			return nil, fmt.Errorf("%s: nested more than %d deep", shorten(path), MaxDepth)
		}
		if token.Kind() == '{' {
			return p.object(path)
		}
		return p.list(path)
	case '"':
		return p.text(path, token)
	case '0':
		return number(token.String()), nil
	case 't', 'f':
		return token.Bool(), nil
	}
	return nil, nil
}

func (p *parser) text(path string, token jsontext.Token) (string, error) {
	text := token.String()
	if len(text) > maxText {
		return "", fmt.Errorf("%s: the text has %d bytes: at most %d are allowed", orTop(path), len(text), maxText)
	}
	if strings.ContainsRune(text, 0) {
		return "", fmt.Errorf("%s: the text holds the character U+0000, which cannot be stored", orTop(path))
	}
	return text, nil
}

func (p *parser) object(path string) (any, error) {
	o := &object{}
	seen := map[string]bool{}
	for p.dec.PeekKind() != '}' {
		token, err := p.dec.ReadToken()
		if err != nil {
			return nil, p.syntax(path, err)
		}
		key, err := p.text(path, token)
		if err != nil {
			return nil, err
		}
		if seen[key] {
			return nil, fmt.Errorf("%s: the key %q comes twice: expected once", orTop(path), key)
		}
		seen[key] = true
		v, err := p.value(join(path, key))
		if err != nil {
			return nil, err
		}
		o.members = append(o.members, member{key, v})
	}
	if _, err := p.dec.ReadToken(); err != nil {
		return nil, p.syntax(path, err)
	}
	return o, nil
}

func (p *parser) list(path string) (any, error) {
	l := &list{}
	for p.dec.PeekKind() != ']' {
		v, err := p.value(at(path, len(l.items)))
		if err != nil {
			return nil, err
		}
		l.items = append(l.items, v)
	}
	if _, err := p.dec.ReadToken(); err != nil {
		return nil, p.syntax(path, err)
	}
	return l, nil
}

func (p *parser) syntax(path string, err error) error {
	var syntactic *jsontext.SyntacticError
	offset := p.dec.InputOffset()
	if errors.As(err, &syntactic) {
		offset, err = syntactic.ByteOffset, syntactic.Err
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%s: the document ends in the middle, after %d bytes: it was probably not downloaded or copied whole", shorten(path), offset)
	}
	return fmt.Errorf("%s: the document is not JSON at byte %d: %w", shorten(path), offset, err)
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func at(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }

func orTop(path string) string {
	if path == "" {
		return "the document"
	}
	return path
}

// shorten keeps the ends of a path whose middle nobody reads.
func shorten(path string) string {
	const most, end = 200, 60
	if len(path) > most {
		path = path[:most-end] + "…" + path[len(path)-end:]
	}
	return orTop(path)
}

// describe says what a value is, for an error.
func describe(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case string:
		return quote(v)
	case bool:
		return strconv.FormatBool(v)
	case number:
		return "the number " + string(v)
	case *list:
		return "a list"
	}
	return "an object"
}

// quote shows a text in an error, as far as it is useful.
func quote(s string) string {
	const shown = 80
	if runes := []rune(s); len(runes) > shown {
		s = string(runes[:shown]) + "…"
	}
	return strconv.Quote(s)
}

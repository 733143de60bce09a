package filter

import (
	"fmt"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// lexer walks over the text once. It has no token type: the grammar always knows what may come next, so the parser asks for exactly that.
type lexer struct {
	text string
	pos  int
}

func (l *lexer) fail(pos int, format string, args ...any) *Error {
	return &Error{Pos: pos, Message: fmt.Sprintf(format, args...)}
}

// spaces skips blanks and reports whether there were any.
func (l *lexer) spaces() bool {
	start := l.pos
	for l.pos < len(l.text) && (l.text[l.pos] == ' ' || l.text[l.pos] == '\t') {
		l.pos++
	}
	return l.pos > start
}

func (l *lexer) peek() byte {
	if l.pos < len(l.text) {
		return l.text[l.pos]
	}
	return 0
}

// found describes what stands at the position, for messages.
func (l *lexer) found() string {
	if l.pos >= len(l.text) {
		return "the end of the text"
	}
	end := min(len(l.text), l.pos+20)
	if i := strings.IndexAny(l.text[l.pos:end], " \t"); i > 0 {
		end = l.pos + i
	}
	return fmt.Sprintf("%q", l.text[l.pos:end])
}

// Attribute names are RFC 7643 figure 1; the rest of the set are the characters of a URN or URI in front of a name.
func isAttrByte(c byte) bool {
	switch {
	case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		return true
	}
	switch c {
	case '.', '_', '-', '$', ':', '/', '%', '+', '~', '@', '#':
		return true
	}
	return false
}

func isNameStart(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '$' || c == '_'
}

// attr reads an attribute path.
func (l *lexer) attr() (Attr, *Error) {
	start := l.pos
	for l.pos < len(l.text) && isAttrByte(l.text[l.pos]) {
		l.pos++
	}
	text := l.text[start:l.pos]
	if text == "" {
		return Attr{}, l.fail(start, "expected an attribute name, found %s", l.found())
	}
	return Attr{Text: text, Pos: start}, checkAttr(l, text, start)
}

// checkAttr refuses what no schema could resolve. Behind a URN only the last segment can be judged, and only by who knows the URNs.
func checkAttr(l *lexer, text string, start int) *Error {
	if !isNameStart(text[0]) {
		return l.fail(start, "%q is not an attribute name: it must start with a letter", text)
	}
	last := text[len(text)-1]
	if last == '.' || last == ':' {
		return l.fail(start+len(text)-1, "a name is missing after %q", text)
	}
	if strings.IndexByte(text, ':') >= 0 {
		return nil
	}
	dot := strings.IndexByte(text, '.')
	if dot >= 0 && strings.IndexByte(text[dot+1:], '.') >= 0 {
		return l.fail(start, "%q has more than one dot: an attribute has a name and at most one sub-attribute", text)
	}
	if dot >= 0 && !isNameStart(text[dot+1]) {
		return l.fail(start+dot+1, "%q is not an attribute name: it must start with a letter", text[dot+1:])
	}
	if i := strings.IndexAny(text, "/%+~@#"); i >= 0 {
		return l.fail(start+i, "the character %q is not allowed in an attribute name", text[i])
	}
	return nil
}

// name reads a sub-attribute name behind brackets.
func (l *lexer) name() (string, int, *Error) {
	a, err := l.attr()
	if err != nil {
		return "", a.Pos, err
	}
	if i := strings.IndexAny(a.Text, ".:"); i >= 0 {
		return "", a.Pos, l.fail(a.Pos+i, "%q is not a sub-attribute name: sub-attributes have no parts of their own", a.Text)
	}
	return a.Text, a.Pos, nil
}

// word reads letters only.
func (l *lexer) word() string {
	start := l.pos
	for l.pos < len(l.text) && (l.text[l.pos]|0x20) >= 'a' && (l.text[l.pos]|0x20) <= 'z' {
		l.pos++
	}
	return l.text[start:l.pos]
}

// keyword consumes kw (lower case) if it stands here as a word of its own: behind a blank or a closing bracket and before a blank or parenthesis.
func (l *lexer) keyword(kw string) bool {
	end := l.pos + len(kw)
	if end >= len(l.text) || !strings.EqualFold(l.text[l.pos:end], kw) {
		return false
	}
	switch l.text[end] {
	case ' ', '\t', '(':
	default:
		return false
	}
	if l.pos > 0 {
		switch l.text[l.pos-1] {
		case ' ', '\t', ')', ']':
		default:
			return false
		}
	}
	l.pos = end
	return true
}

// value reads a literal: a JSON string, number, true, false or null. The three words are accepted in any letter case.
func (l *lexer) value() (Value, *Error) {
	start := l.pos
	switch c := l.peek(); {
	case c == '"':
		return l.str()
	case c == '-' || c >= '0' && c <= '9':
		return l.number()
	case c == '\'':
		return Value{}, l.fail(start, "strings stand in double quotes, not in single quotes")
	}
	word := l.word()
	v := Value{Pos: start}
	switch {
	case strings.EqualFold(word, "true"):
		v.Kind = True
	case strings.EqualFold(word, "false"):
		v.Kind = False
	case strings.EqualFold(word, "null"):
		v.Kind = Null
	default:
		l.pos = start
		return v, l.fail(start, "expected a value (a string in double quotes, a number, true, false or null), found %s", l.found())
	}
	return v, nil
}

func (l *lexer) str() (Value, *Error) {
	start := l.pos
	escaped := false
	for i := start + 1; i < len(l.text); i++ {
		switch c := l.text[i]; {
		case c == '\\':
			escaped = true
			i++
		case c < 0x20:
			return Value{}, l.fail(i, "a control character must be written as an escape such as \\u%04x", c)
		case c == '"':
			l.pos = i + 1
			text := l.text[start+1 : i]
			if escaped {
				return l.unescape(start, i+1)
			}
			return Value{Kind: String, Text: text, Pos: start}, nil
		}
	}
	return Value{}, l.fail(start, "the string that starts here has no closing double quote")
}

func (l *lexer) unescape(start, end int) (Value, *Error) {
	out, err := jsontext.AppendUnquote(nil, l.text[start:end])
	if err != nil {
		return Value{}, l.fail(start, "the string has an escape that JSON does not know")
	}
	text := string(out)
	if i := strings.IndexByte(text, 0); i >= 0 {
		return Value{}, l.fail(start, "the string contains the character U+0000, which no stored value can have")
	}
	return Value{Kind: String, Text: text, Pos: start}, nil
}

// number reads a JSON number: no leading zeros, digits on both sides of the point.
func (l *lexer) number() (Value, *Error) {
	start := l.pos
	if l.peek() == '-' {
		l.pos++
	}
	first := l.pos
	ok := l.digits() && (l.text[first] != '0' || l.pos == first+1)
	if ok && l.peek() == '.' {
		l.pos++
		ok = l.digits()
	}
	if ok && l.peek()|0x20 == 'e' {
		l.pos++
		if c := l.peek(); c == '+' || c == '-' {
			l.pos++
		}
		ok = l.digits()
	}
	if !ok {
		l.pos = start
		return Value{}, l.fail(start, "%s is not a JSON number", l.found())
	}
	return Value{Kind: Number, Text: l.text[start:l.pos], Pos: start}, nil
}

func (l *lexer) digits() bool {
	start := l.pos
	for l.pos < len(l.text) && l.text[l.pos] >= '0' && l.text[l.pos] <= '9' {
		l.pos++
	}
	return l.pos > start
}

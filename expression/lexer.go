package expression

import (
	"strings"
	"unicode/utf8"
)

// tokenKind is a lexical class.
type tokenKind int

const (
	tokenEnd tokenKind = iota
	tokenWord
	tokenText
	tokenNumber // decimal digits with an optional minus
	tokenAttribute
	tokenOpen
	tokenClose
	tokenComma
	tokenAmpersand
	tokenComparison // = <> > >= < <=
)

// token is one lexical element. start and end are byte offsets.
type token struct {
	kind       tokenKind
	text       string // unescaped text, attribute name, word, digits or operator
	start, end int
}

// lexer cuts a text into tokens, one at a time.
type lexer struct {
	text string
	pos  int
}

func (l *lexer) fail(offset int, format string, args ...any) error {
	return errorAt(l.text, offset, format, args...)
}

// next returns the next token.
func (l *lexer) next() (token, error) {
	for l.pos < len(l.text) && isSpace(l.text[l.pos]) {
		l.pos++
	}
	if l.pos == len(l.text) {
		return token{kind: tokenEnd, start: l.pos, end: l.pos}, nil
	}
	switch c := l.text[l.pos]; {
	case c == '"':
		return l.quoted()
	case c == '[':
		return l.attribute()
	case c == '(':
		return l.symbol(tokenOpen, 1), nil
	case c == ')':
		return l.symbol(tokenClose, 1), nil
	case c == ',':
		return l.symbol(tokenComma, 1), nil
	case c == '&':
		return l.symbol(tokenAmpersand, 1), nil
	case c == '=' || c == '<' || c == '>':
		return l.comparison(), nil
	case isDigit(c) || c == '-':
		return l.number()
	case isLetter(c):
		end := l.pos
		for end < len(l.text) && (isLetter(l.text[end]) || isDigit(l.text[end])) {
			end++
		}
		return l.symbol(tokenWord, end-l.pos), nil
	}
	return token{}, l.unexpected()
}

func (l *lexer) symbol(kind tokenKind, length int) token {
	t := token{kind: kind, text: l.text[l.pos : l.pos+length], start: l.pos, end: l.pos + length}
	l.pos = t.end
	return t
}

func (l *lexer) comparison() token {
	rest := l.text[l.pos:]
	for _, two := range []string{"<>", ">=", "<="} {
		if strings.HasPrefix(rest, two) {
			return l.symbol(tokenComparison, 2)
		}
	}
	return l.symbol(tokenComparison, 1)
}

func (l *lexer) number() (token, error) {
	end := l.pos + 1
	for end < len(l.text) && isDigit(l.text[end]) {
		end++
	}
	if end == l.pos+1 && l.text[l.pos] == '-' {
		return token{}, l.fail(l.pos, "a minus must be followed by digits: the language has no arithmetic")
	}
	if end < len(l.text) && (isLetter(l.text[end]) || l.text[end] == '.') {
		return token{}, l.fail(end, "%q after a number: numbers are whole; write text in double quotes", l.text[end])
	}
	return l.symbol(tokenNumber, end-l.pos), nil
}

// quoted reads a text in double quotes. Only two escapes exist: \\ and \" (4.1), which is why a regular expression's \d is written \\d.
func (l *lexer) quoted() (token, error) {
	start := l.pos
	var b []byte
	for i := start + 1; i < len(l.text); i++ {
		switch c := l.text[i]; c {
		case '"':
			l.pos = i + 1
			return token{kind: tokenText, text: string(b), start: start, end: l.pos}, nil
		case '\\':
			if i+1 == len(l.text) || l.text[i+1] != '\\' && l.text[i+1] != '"' {
				return token{}, l.fail(i, `a single backslash in a text: write \\ for a backslash and \" for a quote`)
			}
			i++
			b = append(b, l.text[i])
		default:
			b = append(b, c)
		}
	}
	return token{}, l.fail(start, `this text has no closing double quote`)
}

// attribute reads [name]. A name may itself hold brackets and quotes, as SCIM paths do: [emails[type eq "work"].value].
func (l *lexer) attribute() (token, error) {
	start, depth, inQuotes := l.pos, 0, false
	for i := start; i < len(l.text); i++ {
		switch c := l.text[i]; {
		case c == '"':
			inQuotes = !inQuotes
		case inQuotes:
		case c == '[':
			depth++
		case c == ']':
			if depth--; depth > 0 {
				continue
			}
			name := strings.TrimSpace(l.text[start+1 : i])
			if name == "" {
				return token{}, l.fail(start, "the brackets hold no attribute name: write one as in [displayName]")
			}
			l.pos = i + 1
			return token{kind: tokenAttribute, text: name, start: start, end: l.pos}, nil
		}
	}
	return token{}, l.fail(start, "this attribute has no closing bracket")
}

// hexadecimal reads the rest of &HFF after its ampersand. Only the parser knows that an operand must come here: between two operands & joins them.
func (l *lexer) hexadecimal(ampersand token) (token, bool) {
	rest := l.text[ampersand.end:]
	if rest == "" || rest[0] != 'H' && rest[0] != 'h' {
		return token{}, false
	}
	end := 1
	for end < len(rest) && isHex(rest[end]) {
		end++
	}
	if end == 1 {
		return token{}, false
	}
	l.pos = ampersand.end + end
	return token{kind: tokenNumber, text: rest[1:end], start: ampersand.start, end: l.pos}, true
}

func (l *lexer) unexpected() error {
	r, _ := utf8.DecodeRuneInString(l.text[l.pos:])
	switch r {
	case '“', '”', '„', '\'', '‘', '’':
		return l.fail(l.pos, `found %c: text is written in straight double quotes, as in "Sales"`, r)
	case ']':
		return l.fail(l.pos, "found a closing bracket without its opening one")
	}
	return l.fail(l.pos, "found %q: expected a function, an [attribute], a \"text\" or a number", r)
}

func isSpace(c byte) bool  { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }
func isDigit(c byte) bool  { return '0' <= c && c <= '9' }
func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' }
func isHex(c byte) bool    { return isDigit(c) || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F' }

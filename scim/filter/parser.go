package filter

import (
	"strings"
	"unicode/utf8"
)

// Parse reads a filter with the default limits. The error is an *Error.
func Parse(text string) (Expr, error) { return ParseWith(text, Limits{}) }

// ParseWith reads a filter. The error is an *Error.
func ParseWith(text string, limits Limits) (Expr, error) {
	p := parser{lexer: lexer{text: text}, limits: limits.withDefaults()}
	if err := p.admit("filter"); err != nil {
		return nil, err
	}
	x, err := p.or()
	if err != nil {
		return nil, err
	}
	p.spaces()
	if p.pos < len(p.text) {
		return nil, p.fail(p.pos, "expected \"and\", \"or\" or the end of the filter, found %s", p.found())
	}
	return x, nil
}

// ParsePath reads a PATCH path with the default limits. The error is an *Error.
func ParsePath(text string) (*Path, error) {
	p := parser{lexer: lexer{text: text}, limits: Limits{}.withDefaults()}
	if err := p.admit("path"); err != nil {
		return nil, err
	}
	path, err := p.path()
	if err != nil {
		return nil, err
	}
	return path, nil
}

type parser struct {
	lexer
	limits      Limits
	depth       int
	comparisons int
}

// admit refuses what is not worth looking at, and skips leading blanks.
func (p *parser) admit(what string) *Error {
	if len(p.text) > p.limits.Bytes {
		return p.fail(p.limits.Bytes, "the %s is %d bytes long; at most %d are allowed", what, len(p.text), p.limits.Bytes)
	}
	if !utf8.ValidString(p.text) {
		return p.fail(0, "the %s is not valid UTF-8", what)
	}
	p.spaces()
	if p.pos == len(p.text) {
		return p.fail(0, "the %s is empty", what)
	}
	return nil
}

func (p *parser) path() (*Path, *Error) {
	a, err := p.attr()
	if err != nil {
		return nil, err
	}
	path := &Path{Attr: a}
	if p.peek() == '[' {
		if path.Filter, err = p.brackets(); err != nil {
			err.InFilter = true
			return nil, err
		}
		if p.peek() == '.' {
			p.pos++
			if path.Sub, path.SubPos, err = p.name(); err != nil {
				return nil, err
			}
		}
	}
	p.spaces()
	if p.pos < len(p.text) {
		return nil, p.fail(p.pos, "expected the end of the path, found %s", p.found())
	}
	return path, nil
}

func (p *parser) or() (Expr, *Error) {
	left, err := p.and()
	for err == nil {
		mark := p.pos
		p.spaces()
		if !p.keyword("or") {
			p.pos = mark
			return left, nil
		}
		var right Expr
		if right, err = p.and(); err == nil {
			left = &Or{Left: left, Right: right}
		}
	}
	return nil, err
}

func (p *parser) and() (Expr, *Error) {
	left, err := p.term()
	for err == nil {
		mark := p.pos
		p.spaces()
		if !p.keyword("and") {
			p.pos = mark
			return left, nil
		}
		var right Expr
		if right, err = p.term(); err == nil {
			left = &And{Left: left, Right: right}
		}
	}
	return nil, err
}

// term reads a group, a negated group, a value path or a comparison.
func (p *parser) term() (Expr, *Error) {
	p.spaces()
	if p.peek() == '(' {
		return p.nested('(', ')')
	}
	a, err := p.attr()
	if err != nil {
		return nil, err
	}
	if len(a.Text) == 3 && strings.EqualFold(a.Text, "not") {
		mark := p.pos
		p.spaces()
		if p.peek() == '(' {
			x, err := p.nested('(', ')')
			if err != nil {
				return nil, err
			}
			return &Not{X: x}, nil
		}
		p.pos = mark
	}
	if p.peek() == '[' {
		return p.element(a)
	}
	return p.comparison(a)
}

// nested reads open filter close. The depth is counted before the descent, so that no input can exhaust the stack.
func (p *parser) nested(open, close byte) (Expr, *Error) {
	start := p.pos
	if p.depth++; p.depth > p.limits.Depth {
		return nil, p.fail(start, "the nesting is deeper than %d levels", p.limits.Depth)
	}
	p.pos++
	x, err := p.or()
	if err != nil {
		return nil, err
	}
	p.spaces()
	if p.peek() != close {
		return nil, p.fail(p.pos, "expected %q for the %q at character %d, found %s", close, open, start+1, p.found())
	}
	p.pos++
	p.depth--
	return x, nil
}

func (p *parser) brackets() (Expr, *Error) { return p.nested('[', ']') }

// element reads the rest of a value path. A comparison that trails the brackets speaks of the same element, so it moves inside.
func (p *parser) element(a Attr) (Expr, *Error) {
	x, err := p.brackets()
	if err != nil {
		return nil, err
	}
	if p.peek() != '.' {
		return &Element{Attr: a, X: x}, nil
	}
	p.pos++
	sub, pos, err := p.name()
	if err != nil {
		return nil, err
	}
	trailing := Expr(&Present{Attr: Attr{Text: sub, Pos: pos}})
	if c := p.afterBlanks(); c != 0 && c != ')' && c != ']' && !p.atConnective() {
		if trailing, err = p.comparison(Attr{Text: sub, Pos: pos}); err != nil {
			return nil, err
		}
	} else if err := p.count(pos); err != nil {
		return nil, err
	}
	return &Element{Attr: a, X: &And{Left: x, Right: trailing}}, nil
}

// afterBlanks returns the next byte that is not a blank without consuming anything.
func (p *parser) afterBlanks() byte {
	mark := p.pos
	p.spaces()
	c := p.peek()
	p.pos = mark
	return c
}

func (p *parser) atConnective() bool {
	mark := p.pos
	p.spaces()
	found := p.keyword("and") || p.keyword("or")
	p.pos = mark
	return found
}

func (p *parser) count(pos int) *Error {
	if p.comparisons++; p.comparisons > p.limits.Comparisons {
		return p.fail(pos, "the filter has more than %d comparisons", p.limits.Comparisons)
	}
	return nil
}

// comparison reads the operator and the literal behind an attribute.
func (p *parser) comparison(a Attr) (Expr, *Error) {
	if err := p.count(a.Pos); err != nil {
		return nil, err
	}
	if !p.spaces() {
		return nil, p.fail(p.pos, "expected a blank and an operator after %q, found %s", a.Text, p.found())
	}
	start := p.pos
	word := p.word()
	if len(word) == 2 && word[0]|0x20 == 'p' && word[1]|0x20 == 'r' {
		if err := p.boundary(); err != nil {
			return nil, err
		}
		return &Present{Attr: a}, nil
	}
	op, ok := operator(word)
	if !ok {
		p.pos = start
		return nil, p.fail(start, "expected an operator (eq, ne, co, sw, ew, gt, ge, lt, le or pr) after %q, found %s", a.Text, p.found())
	}
	if !p.spaces() && p.peek() != '"' { // the RFC's own examples leave the blank out before a quote
		return nil, p.fail(p.pos, "expected a blank and a value after %q, found %s", word, p.found())
	}
	v, err := p.value()
	if err != nil {
		return nil, err
	}
	if err := p.boundary(); err != nil {
		return nil, err
	}
	return &Compare{Attr: a, Op: op, Value: v}, nil
}

// boundary refuses text that touches the end of a comparison, such as the b of `a eq 5b`.
func (p *parser) boundary() *Error {
	switch p.peek() {
	case 0, ' ', '\t', ')', ']':
		if p.pos < len(p.text) && p.text[p.pos] == 0 {
			break
		}
		return nil
	}
	return p.fail(p.pos, "expected a blank, a closing bracket or the end here, found %s", p.found())
}

func operator(word string) (Op, bool) {
	if len(word) != 2 {
		return 0, false
	}
	switch uint16(word[0]|0x20)<<8 | uint16(word[1]|0x20) {
	case 'e'<<8 | 'q':
		return Eq, true
	case 'n'<<8 | 'e':
		return Ne, true
	case 'c'<<8 | 'o':
		return Co, true
	case 's'<<8 | 'w':
		return Sw, true
	case 'e'<<8 | 'w':
		return Ew, true
	case 'g'<<8 | 't':
		return Gt, true
	case 'g'<<8 | 'e':
		return Ge, true
	case 'l'<<8 | 't':
		return Lt, true
	case 'l'<<8 | 'e':
		return Le, true
	}
	return 0, false
}

package expression

import (
	"strconv"
	"unicode/utf8"
)

// NodeKind is what a Node of the tree is.
type NodeKind int

// The kinds of Node.
const (
	Omitted   NodeKind = iota // an empty slot: Switch([a], , "k", "v")
	Attribute                 // Name
	Constant                  // Value
	Call                      // the function Name of Args
	Operator                  // Name is & or a comparison, of two Args
	Word                      // a bare word that is an argument: vbTextCompare
)

// Node is a part of a parsed expression. It is immutable.
type Node struct {
	Kind       NodeKind
	Name       string
	Value      Value
	Args       []*Node
	Start, End int // byte offsets in the text
}

// How strongly the operators bind. A comparison does not chain.
const (
	bindComparison = 1
	bindJoin       = 2
)

// Parse turns a text into a tree. It checks the grammar only: that functions exist and have their arguments is checked by Compile. The error is an *Error.
func Parse(text string) (*Node, error) {
	if n := utf8.RuneCountInString(text); n > MaxLength {
		return nil, errorAt(text, 0, "the expression has %d characters; at most %d are allowed", n, MaxLength)
	}
	if !utf8.ValidString(text) {
		return nil, errorAt(text, 0, "the expression is not valid UTF-8")
	}
	p := &parser{lexer: lexer{text: text}}
	if err := p.advance(); err != nil {
		return nil, err
	}
	if p.token.kind == tokenEnd {
		return nil, errorAt(text, 0, `the expression is empty: write a function, an [attribute] or a "text"`)
	}
	root, err := p.expression(0, 0)
	if err != nil {
		return nil, err
	}
	if p.token.kind != tokenEnd {
		return nil, p.fail("found %s after the end of the expression: only one function, attribute or text is allowed at the top", p.found())
	}
	return root, nil
}

type parser struct {
	lexer
	token token
}

func (p *parser) advance() (err error) {
	p.token, err = p.lexer.next()
	return err
}

func (p *parser) fail(format string, args ...any) error {
	return p.lexer.fail(p.token.start, format, args...)
}

// found describes the current token.
func (p *parser) found() string {
	if p.token.kind == tokenEnd {
		return "the end"
	}
	return quote(p.text[p.token.start:p.token.end])
}

// expression parses operators that bind more strongly than floor (Pratt's method). depth is checked before the recursion it counts.
func (p *parser) expression(floor, depth int) (*Node, error) {
	if depth > MaxDepth {
		return nil, p.fail("nested more than %d deep: split the mapping, or use Switch instead of nested IIF", MaxDepth)
	}
	left, err := p.operand(depth)
	if err != nil {
		return nil, err
	}
	for {
		bind := 0
		switch p.token.kind {
		case tokenComparison:
			bind = bindComparison
		case tokenAmpersand:
			bind = bindJoin
		}
		if bind <= floor {
			if bind == bindComparison && floor == bindComparison {
				return nil, p.fail("comparisons do not chain: nest another IIF instead")
			}
			return left, nil
		}
		if left, err = p.operator(left, bind, depth); err != nil {
			return nil, err
		}
	}
}

// operator parses the rest of left OP right. A long chain of & makes a deep tree without recursion here, so it counts as depth, too.
func (p *parser) operator(left *Node, bind, depth int) (*Node, error) {
	if nested := height(left); nested > MaxDepth {
		return nil, p.fail("more than %d operators in a row: use Join or Append", MaxDepth)
	}
	name := p.token.text
	if err := p.advance(); err != nil {
		return nil, err
	}
	right, err := p.expression(bind, depth+1)
	if err != nil {
		return nil, err
	}
	return &Node{Kind: Operator, Name: name, Args: []*Node{left, right}, Start: left.Start, End: right.End}, nil
}

// height counts the operators down the left side.
func height(n *Node) int {
	h := 0
	for n.Kind == Operator {
		n = n.Args[0]
		h++
	}
	return h
}

func (p *parser) operand(depth int) (*Node, error) {
	t := p.token
	switch t.kind {
	case tokenText:
		return &Node{Kind: Constant, Value: Str(t.text), Start: t.start, End: t.end}, p.advance()
	case tokenAttribute:
		return &Node{Kind: Attribute, Name: t.text, Start: t.start, End: t.end}, p.advance()
	case tokenNumber:
		return p.number(t, 10)
	case tokenAmpersand:
		hex, ok := p.lexer.hexadecimal(t)
		if !ok {
			return nil, p.fail("found & where a value must stand: & joins two values, and a hexadecimal number is written &HFF")
		}
		return p.number(hex, 16)
	case tokenWord:
		return p.word(depth)
	case tokenOpen:
		return nil, p.fail("found a parenthesis without a function name before it: the language does not group with parentheses")
	}
	return nil, p.fail("found %s: expected a function, an [attribute], a \"text\" or a number", p.found())
}

func (p *parser) number(t token, base int) (*Node, error) {
	n, err := strconv.ParseInt(t.text, base, 64)
	if err != nil {
		return nil, p.lexer.fail(t.start, "the number %s is too large: at most %d", t.text, int64(1<<63-1))
	}
	return &Node{Kind: Constant, Value: Int(n), Start: t.start, End: t.end}, p.advance()
}

func (p *parser) word(depth int) (*Node, error) {
	t := p.token
	if err := p.advance(); err != nil {
		return nil, err
	}
	if p.token.kind != tokenOpen {
		return &Node{Kind: Word, Name: t.text, Start: t.start, End: t.end}, nil
	}
	n := &Node{Kind: Call, Name: t.text, Start: t.start}
	if err := p.advance(); err != nil {
		return nil, err
	}
	if p.token.kind == tokenClose {
		n.End = p.token.end
		return n, p.advance()
	}
	return n, p.arguments(n, depth)
}

// arguments parses what stands between the parentheses of n. Slots may be empty.
func (p *parser) arguments(n *Node, depth int) error {
	for {
		arg := &Node{Kind: Omitted, Start: p.token.start, End: p.token.start}
		if p.token.kind != tokenComma && p.token.kind != tokenClose {
			var err error
			if arg, err = p.expression(0, depth+1); err != nil {
				return err
			}
		}
		n.Args = append(n.Args, arg)
		switch p.token.kind {
		case tokenClose:
			n.End = p.token.end
			return p.advance()
		case tokenComma:
			if err := p.advance(); err != nil {
				return err
			}
		default:
			return p.fail("found %s in the arguments of %s: expected a comma or a closing parenthesis", p.found(), n.Name)
		}
	}
}

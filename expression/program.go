package expression

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"slices"
	"time"
)

// Source gives the attributes of the object that an expression is evaluated for. known is false for a name that no such object can have; a known
// attribute without a value is null.
type Source interface {
	Attribute(name string) (v Value, known bool)
}

// Env is what an evaluation may use besides the expression. Only Source is needed by every expression that reads an attribute.
type Env struct {
	Source  Source
	Now     func() time.Time // nil: the clock of the machine
	NewGUID func() string    // nil: random UUIDs made from Random
	Random  io.Reader        // nil: crypto/rand
	// DefaultDomain is the organization's domain, such as contoso.com. Empty: DefaultDomain() is an error.
	DefaultDomain string
	// Unique reports whether no account at the target has the candidate yet. nil: SelectUniqueValue is an error.
	Unique func(ctx context.Context, candidate string) (bool, error)
}

// Program is a checked expression, ready to be evaluated any number of times, by several goroutines at once.
type Program struct {
	text       string
	root       *Node
	code       code
	attributes []string
	calls      []string
	redacts    bool // Redact occurs: error messages must not show values
	varies     bool
	readsTime  bool

	fixed   map[*Node]Value // the values of calls whose arguments are all written out
	folding *folding        // where these are evaluated; nil after the compilation
}

// Compile parses and checks an expression. The error is an *Error.
func Compile(text string) (*Program, error) {
	root, err := Parse(text)
	if err != nil {
		return nil, err
	}
	p := &Program{text: text, root: root, fixed: map[*Node]Value{}, folding: newFolding()}
	p.survey(root, false)
	if p.code, err = p.compile(root, true); err != nil {
		return nil, err
	}
	p.folding = nil
	return p, nil
}

// survey collects what the expression uses. compared says that n is part of a comparison or a difference, which stays the same for a while when the
// time goes on.
func (p *Program) survey(n *Node, compared bool) {
	switch n.Kind {
	case Attribute:
		if !slices.Contains(p.attributes, n.Name) {
			p.attributes = append(p.attributes, n.Name)
		}
	case Call:
		if !slices.Contains(p.calls, n.Name) {
			p.calls = append(p.calls, n.Name)
		}
		p.redacts = p.redacts || n.Name == "Redact"
		if f := tableIndex[n.Name]; f != nil && f.Varies {
			p.readsTime = p.readsTime || n.Name == "Now"
			p.varies = p.varies || n.Name != "Now" || !compared
		}
	}
	compared = compared || n.Name == "DateDiff" || n.Kind == Operator && n.Name != "&"
	for _, arg := range n.Args {
		p.survey(arg, compared)
	}
}

// Text returns the expression as it was compiled.
func (p *Program) Text() string { return p.text }

// Tree returns the parsed expression.
func (p *Program) Tree() *Node { return p.root }

// Attributes returns the source attributes that the expression reads, each once, in the order of appearance.
func (p *Program) Attributes() []string { return slices.Clone(p.attributes) }

// Calls reports whether the expression calls the function.
func (p *Program) Calls(function string) bool { return slices.Contains(p.calls, function) }

// Check reports, as an *Error, the first attribute that is not known, with the nearest of the names.
func (p *Program) Check(known func(name string) bool, names ...string) error {
	return p.check(p.root, known, names)
}

func (p *Program) check(n *Node, known func(string) bool, names []string) error {
	if n.Kind == Attribute && !known(n.Name) {
		return p.fail(n, "unknown attribute [%s]%s", n.Name, spelling(n.Name, names))
	}
	for _, arg := range n.Args {
		if err := p.check(arg, known, names); err != nil {
			return err
		}
	}
	return nil
}

// Varies reports whether any two evaluations on the same attributes differ, as those of Guid() do.
func (p *Program) Varies() bool { return p.varies }

// ReadsTime reports whether the result depends on the time: it may change although the attributes stay.
func (p *Program) ReadsTime() bool { return p.readsTime }

// Step is one evaluated part of an expression.
type Step struct {
	Expression string
	Value      Value
}

// Eval evaluates the expression. The error is an *Error, or the context's.
func (p *Program) Eval(ctx context.Context, env *Env) (Value, error) {
	return p.run(&state{ctx: ctx, env: env})
}

// Trace is Eval that also returns the value of each attribute and each function call, innermost first. Parts that were not evaluated, such as the
// other branch of an IIF, are not in it. After an error the steps are those that came before it.
func (p *Program) Trace(ctx context.Context, env *Env) (Value, []Step, error) {
	steps := make([]Step, 0, 8)
	v, err := p.run(&state{ctx: ctx, env: env, steps: &steps})
	return v, steps, err
}

func (p *Program) run(s *state) (Value, error) {
	if err := s.ctx.Err(); err != nil {
		return NullValue, err
	}
	if s.env == nil {
		s.env = &Env{}
	}
	v, err := p.code(s)
	if err != nil {
		return NullValue, err
	}
	v.redacted = s.redacted
	v.ignore = v.ignore && v.IsEmpty()
	return v, nil
}

// state is one evaluation.
type state struct {
	ctx      context.Context
	env      *Env
	work     int
	matching time.Duration // spent in regular expressions
	redacted bool
	steps    *[]Step
}

// code evaluates a part of an expression.
type code func(*state) (Value, error)

// random fills b with random bytes.
func (s *state) random(b []byte) error {
	r := s.env.Random
	if r == nil {
		r = rand.Reader
	}
	_, err := io.ReadFull(r, b)
	return err
}

// guid returns a new random UUID (RFC 9562, version 4).
func (s *state) guid() (string, error) {
	if s.env.NewGUID != nil {
		return s.env.NewGUID(), nil
	}
	var b [16]byte
	if err := s.random(b[:]); err != nil {
		return "", err
	}
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:]), nil
}

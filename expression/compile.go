package expression

import (
	"context"
	"errors"
)

// compile checks a node and turns it into code. top says that it is the whole expression.
func (p *Program) compile(n *Node, top bool) (code, error) {
	switch n.Kind {
	case Constant:
		v := n.Value
		return func(*state) (Value, error) { return v, nil }, nil
	case Attribute:
		return p.attribute(n), nil
	case Operator:
		return p.operator(n)
	case Call:
		return p.call(n, top)
	case Word:
		return nil, p.fail(n, "found the bare word %s%s", n.Name, wordHint(n.Name))
	}
	return nil, p.fail(n, "a value is missing here")
}

func wordHint(word string) string {
	if tableIndex[word] != nil {
		return ": a function needs parentheses, as in " + word + "(…)"
	}
	return `: write an attribute in brackets and a text in double quotes`
}

func (p *Program) fail(n *Node, format string, args ...any) error {
	return errorAt(p.text, n.Start, format, args...)
}

func (p *Program) source(n *Node) string { return p.text[n.Start:n.End] }

func (p *Program) attribute(n *Node) code {
	return func(s *state) (Value, error) {
		if s.env.Source == nil {
			return NullValue, p.fail(n, "there is no object to read [%s] from", n.Name)
		}
		v, known := s.env.Source.Attribute(n.Name)
		if !known {
			return NullValue, p.fail(n, "unknown attribute [%s]%s", n.Name, spelling(n.Name, nil))
		}
		s.note(p, n, v)
		return v, s.charge(p, n, v)
	}
}

func (p *Program) operator(n *Node) (code, error) {
	left, err := p.compile(n.Args[0], false)
	if err != nil {
		return nil, err
	}
	right, err := p.compile(n.Args[1], false)
	if err != nil {
		return nil, err
	}
	apply := join
	if n.Name != "&" {
		apply = comparison(n.Name)
	}
	return func(s *state) (Value, error) {
		a, err := left(s)
		if err != nil {
			return NullValue, err
		}
		b, err := right(s)
		if err != nil {
			return NullValue, err
		}
		a, oneA := a.single()
		b, oneB := b.single()
		if !oneA || !oneB {
			return NullValue, p.fail(n, "%s works on single values, and an attribute here has several: pick one with Item", n.Name)
		}
		return s.finish(p, n, apply(a, b))
	}, nil
}

// call checks the arguments of a function and builds its code.
func (p *Program) call(n *Node, top bool) (code, error) {
	f := tableIndex[n.Name]
	if f == nil {
		return nil, p.fail(n, "unknown function %s%s", n.Name, didYouMean(n.Name, tableNames))
	}
	if f.TopOnly && !top {
		return nil, p.fail(n, "%s must be the whole expression: it cannot stand inside another function", f.Name)
	}
	if err := p.checkCount(n, f); err != nil {
		return nil, err
	}
	c := &call{program: p, function: f, node: n, args: make([]arg, len(n.Args))}
	for i, argNode := range n.Args {
		c.args[i].node = argNode
		if err := p.argument(c, i); err != nil {
			return nil, err
		}
	}
	run, err := f.build(c)
	if err != nil {
		return nil, err
	}
	return p.folded(c, func(s *state) (Value, error) {
		v, err := run(s)
		if err != nil {
			return NullValue, c.located(err)
		}
		return s.finish(p, n, v)
	})
}

// checkCount compares the number of arguments with the parameters.
func (p *Program) checkCount(n *Node, f *Function) error {
	got := len(n.Args)
	if got < f.required() {
		return p.fail(n, "%s has %d of at least %d arguments: %s", f.Name, got, f.required(), f.Signature())
	}
	if f.Repeat == 0 && got > len(f.Params) {
		return p.fail(n, "%s has %d arguments, at most %d are allowed: %s", f.Name, got, len(f.Params), f.Signature())
	}
	if f.Repeat > 1 && (got-len(f.Params))%f.Repeat != 0 {
		return p.fail(n, "%s has %d arguments, and the last of them is a key without a value: %s", f.Name, got, f.Signature())
	}
	return nil
}

// argument checks the argument at i against its parameter, as far as it is known before an evaluation, and compiles it.
func (p *Program) argument(c *call, i int) error {
	n, param := c.args[i].node, c.function.param(i)
	switch {
	case n.Kind == Omitted && param.Optional:
		return nil
	case n.Kind == Omitted:
		return p.fail(n, "argument %d (%s) of %s is missing: %s", i+1, param.Name, c.function.Name, c.function.Signature())
	case param.Type == CompareWord && n.Kind == Word:
		if n.Name != textCompare && n.Name != binaryCompare {
			return p.fail(n, "found %s: expected %s or %s", n.Name, textCompare, binaryCompare)
		}
		return nil
	case param.Type == CompareWord:
		return p.fail(n, "found %s: expected the bare word %s or %s", p.source(n), textCompare, binaryCompare)
	}
	var err error
	if c.args[i].code, err = p.compile(n, false); err != nil {
		return err
	}
	return p.checkArgument(c, i)
}

// note records a step of a trace.
func (s *state) note(p *Program, n *Node, v Value) {
	if s.steps != nil {
		*s.steps = append(*s.steps, Step{Expression: p.source(n), Value: v})
	}
}

// bytesPerUnit is how many bytes are one unit of work.
const bytesPerUnit = 64

// finish accounts for a value that was made and holds it to the limits.
func (s *state) finish(p *Program, n *Node, v Value) (Value, error) {
	size := v.size()
	if size > MaxResult {
		return NullValue, p.fail(n, "the result has %d bytes; at most %d are allowed", size, MaxResult)
	}
	s.note(p, n, v)
	return v, s.charge(p, n, v)
}

// charge accounts for a value that was read or made: whoever gets it will look at all of it.
func (s *state) charge(p *Program, n *Node, v Value) error {
	if s.work += 1 + len(v.list) + v.size()/bytesPerUnit; s.work > maxWork {
		return p.fail(n, "the evaluation takes too much work: shorten the expression or its values")
	}
	return nil
}

// located gives an error that has no place yet the place of the call, and leaves errors of the context alone.
func (c *call) located(err error) error {
	var e *Error
	if errors.As(err, &e) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return c.program.fail(c.node, "%s: %v", c.function.Name, err)
}

package expression

import (
	"errors"
	"strings"
)

// call is one place where a function is called. Functions read their arguments through it, so that each is evaluated only when it is needed.
type call struct {
	program  *Program
	function *Function
	node     *Node
	args     []arg
}

type arg struct {
	node *Node
	code code // nil: the slot is empty, or a bare word
}

// given reports whether the argument at i was written.
func (c *call) given(i int) bool { return i < len(c.args) && c.args[i].node.Kind != Omitted }

// constant returns the argument at i when it is written as a text or a number.
func (c *call) constant(i int) (string, bool) {
	if !c.given(i) || c.args[i].node.Kind != Constant {
		return "", false
	}
	return c.args[i].node.Value.Text(), true
}

// value evaluates the argument at i; an empty slot is null.
func (c *call) value(s *state, i int) (Value, error) {
	if i >= len(c.args) || c.args[i].code == nil {
		return NullValue, nil
	}
	return c.args[i].code(s)
}

// scalar evaluates the argument at i to at most one value.
func (c *call) scalar(s *state, i int) (Value, error) {
	v, err := c.value(s, i)
	if err != nil {
		return NullValue, err
	}
	one, ok := v.single()
	if !ok {
		return NullValue, c.failAt(i, "takes one value, and the attribute has %d: pick one with Item or join them with Join", len(v.list))
	}
	return one, nil
}

// text evaluates the argument at i to a text. ok is false when it is null.
func (c *call) text(s *state, i int) (text string, ok bool, err error) {
	v, err := c.scalar(s, i)
	if err != nil || v.IsNull() {
		return "", false, err
	}
	return v.Text(), true, nil
}

// integer evaluates the argument at i to a whole number. ok is false when it is null or an empty text.
func (c *call) integer(s *state, i int) (n int64, ok bool, err error) {
	v, err := c.scalar(s, i)
	if err != nil || v.IsEmpty() {
		return 0, false, err
	}
	if n, ok = v.integer(); !ok {
		return 0, false, c.failAt(i, "is %s: expected a whole number", c.quote(v.Text()))
	}
	return n, true, nil
}

// needInteger is integer for a parameter whose absence is an error.
func (c *call) needInteger(s *state, i int) (int64, error) {
	n, ok, err := c.integer(s, i)
	if err == nil && !ok {
		err = c.failAt(i, "is empty: expected a whole number")
	}
	return n, err
}

// failAt returns an error about the argument at i.
func (c *call) failAt(i int, format string, args ...any) error {
	n := c.node
	if i < len(c.args) && c.args[i].code != nil {
		n = c.args[i].node
	}
	return c.program.fail(n, c.function.Name+": "+c.function.param(i).Name+" "+format, args...)
}

// fail returns an error about the call as a whole.
func (c *call) fail(format string, args ...any) error {
	return c.program.fail(c.node, c.function.Name+": "+format, args...)
}

// quote shows a value in an error message, unless the expression redacts: then no message may carry a value into a log.
func (c *call) quote(s string) string {
	if c.program.redacts {
		return "[Redact]"
	}
	return quote(s)
}

// hide is what is wrong with a value, without the value when the expression redacts.
func (c *call) hide(err error) error {
	if c.program.redacts {
		return errors.New("the value is hidden by Redact")
	}
	return err
}

// Signature renders the function's parameters, optional ones in brackets: Join(separator, source, …), Switch(source, [defaultValue], key, [value], …).
func (f *Function) Signature() string {
	var b strings.Builder
	b.WriteString(f.Name + "(")
	for i, p := range f.Params {
		if i > 0 {
			b.WriteString(", ")
		}
		if p.Optional {
			b.WriteString("[" + p.Name + "]")
		} else {
			b.WriteString(p.Name)
		}
	}
	if f.Repeat > 0 {
		b.WriteString(", …")
	}
	return b.String() + ")"
}

// onText builds a function of one text that is null when the text is: what most functions of this language do.
func onText(change func(c *call, text string) (string, error)) func(*call) (code, error) {
	return func(c *call) (code, error) {
		return func(s *state) (Value, error) {
			v, err := c.scalar(s, 0)
			if err != nil || v.IsNull() {
				return v, err // a null keeps its mark of IgnoreFlowIfNullOrEmpty
			}
			text, err := change(c, v.Text())
			return Str(text), err
		}, nil
	}
}

// onValue builds a function of one value, null included.
func onValue(change func(v Value) Value) func(*call) (code, error) {
	return func(c *call) (code, error) {
		return func(s *state) (Value, error) {
			v, err := c.value(s, 0)
			if err != nil {
				return NullValue, err
			}
			return change(v), nil
		}, nil
	}
}

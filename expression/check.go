package expression

import (
	"context"
	"fmt"
	"strconv"
	"time"
)

// outcomes calls yield with each part of the tree that may become its value: both branches of an IIF, the values and the default of a Switch. The tree
// has been compiled.
func outcomes(n *Node, yield func(*Node)) {
	chooses := false
	if f := tableIndex[n.Name]; n.Kind == Call && f != nil {
		for i, arg := range n.Args {
			if f.param(i).Passes {
				chooses = true
				outcomes(arg, yield)
			}
		}
	}
	if !chooses {
		yield(n)
	}
}

// kindOf returns what the part gives when it is not null; Null: that is known only when it is evaluated, or it is a text, which may read as anything.
func kindOf(n *Node) Kind {
	switch n.Kind {
	case Constant:
		return n.Value.Kind()
	case Operator:
		if n.Name != "&" {
			return Bool
		}
	case Call:
		if f := tableIndex[n.Name]; f != nil {
			return f.Result.kind()
		}
	}
	return Null
}

// kind returns the kind of value that the type always is; Null: there is no such kind.
func (t Type) kind() Kind {
	switch t {
	case Whole:
		return Number
	case Logical:
		return Bool
	case Date:
		return Time
	}
	return Null
}

// checkArgument reports what can be known before an evaluation to be wrong with the argument at i, wherever in it the value comes from.
func (p *Program) checkArgument(c *call, i int) (err error) {
	param := c.function.param(i)
	outcomes(c.args[i].node, func(n *Node) {
		if err != nil || n.Kind == Omitted {
			return
		}
		if expected := param.refuses(n); expected != "" {
			err = p.fail(n, "argument %d (%s) of %s is %s: expected %s", i+1, param.Name, c.function.Name, describe(n), expected)
		}
	})
	return err
}

// refuses returns what the parameter expects instead of the part; "" when it may fit.
func (p *Param) refuses(n *Node) (expected string) {
	kind := kindOf(n)
	switch p.Type {
	case Whole:
		if kind == Bool || kind == Time {
			return "a whole number"
		}
		if n.Kind == Constant {
			number, ok := n.Value.integer()
			switch {
			case !ok:
				return "a whole number"
			case p.From > 0 && number < p.From:
				return "a position, counted from " + strconv.FormatInt(p.From, 10)
			}
		}
	case Logical:
		if kind == Number || kind == Time {
			return "a comparison, or True or False"
		}
		if n.Kind == Constant {
			if _, ok := n.Value.truth(); !ok {
				return "a comparison, or True or False"
			}
		}
	case Date:
		if n.Kind == Constant || kind != Null && kind != Time || givesText(n) {
			return "a date, as CDate(…) makes it of a text and DateFromNum(…) of a number"
		}
	}
	return ""
}

// givesText reports whether the part is the result of a function that always gives a text.
func givesText(n *Node) bool {
	f := tableIndex[n.Name]
	return n.Kind == Call && f != nil && f.Result == Text
}

// describe says what a part is, for an error message.
func describe(n *Node) string {
	if n.Kind == Constant {
		if n.Value.Kind() == String {
			return quote(n.Value.Text())
		}
		return n.Value.Text()
	}
	if givesText(n) {
		return "the result of " + n.Name + ", which is text"
	}
	return "the result of " + n.Name + ", which is " + kindOf(n).String()
}

// maxFolded is how many bytes a value may have that is kept with the program.
const maxFolded = 1 << 10

// folded evaluates a call whose arguments are all written out, once and for all. An error of it is one of the expression: it would fail for everybody.
// A call that asks its surroundings (the time, randomness, the target) or fails on purpose is left as it is; so is the trace of every call.
func (p *Program) folded(c *call, run code) (code, error) {
	if !c.fixed() {
		return run, nil
	}
	p.folding.asked = false
	v, err := run(&p.folding.state)
	switch {
	case p.folding.asked || p.folding.state.redacted:
		p.folding.state.redacted = false
		return run, nil
	case err != nil:
		return nil, err
	case v.size() > maxFolded:
		return run, nil
	}
	p.fixed[c.node] = v
	return func(s *state) (Value, error) {
		if s.steps != nil {
			return run(s)
		}
		return v, nil
	}, nil
}

// fixed reports whether every argument is written out.
func (c *call) fixed() bool {
	if c.function.deliberate || len(c.args) == 0 {
		return false
	}
	for _, a := range c.args {
		switch a.node.Kind {
		case Constant, Omitted, Word:
		case Call:
			if _, fixed := c.program.fixed[a.node]; !fixed {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// folding is the state in which calls are evaluated while an expression is compiled. It notices when one asks for what only an evaluation has.
type folding struct {
	state state
	asked bool
}

func newFolding() *folding {
	f := &folding{}
	f.state = state{ctx: context.Background(), env: &Env{
		Now:    func() time.Time { f.asked = true; return time.Time{} },
		Random: f,
		Unique: func(context.Context, string) (bool, error) { f.asked = true; return false, nil },
	}}
	return f
}

// Read implements io.Reader, for the random numbers.
func (f *folding) Read(b []byte) (int, error) { f.asked = true; return len(b), nil }

// CheckResult reports, as an *Error at its place, a result that is known before any evaluation and that fits refuses: a text or number that is written
// in the expression, such as a value of a Switch, the result of a call whose arguments are all written out, or what a function always gives, such as
// True or False.
func (p *Program) CheckResult(fits func(Value) error) (err error) {
	outcomes(p.root, func(n *Node) {
		if err != nil {
			return
		}
		v, known := p.fixed[n]
		certain := known || n.Kind == Constant
		if !known {
			v, known = example(n)
		}
		if !known {
			return
		}
		if problem := fits(v); problem != nil {
			if !certain {
				problem = fmt.Errorf("%s gives %s: %w", n.Name, v.Kind(), problem)
			}
			err = p.fail(n, "%v", problem)
		}
	})
	return err
}

// example returns a value that the part gives, or one that stands for all that it may give.
func example(n *Node) (v Value, known bool) {
	if n.Kind == Constant {
		return n.Value, true
	}
	switch kindOf(n) {
	case Number:
		return Int(1), true // which may stand for a truth, too
	case Bool:
		return Boolean(true), true
	case Time:
		return TimeOf(time.Unix(0, 0)), true
	}
	return NullValue, false
}

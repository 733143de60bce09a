package expression

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// GraphSource is a tree in the shape of Microsoft Graph's attributeMappingSource (spec/entra-provisioning.md 3.8). Expression says the same as Type,
// Name and Parameters.
type GraphSource struct {
	Expression string           `json:"expression"`
	Name       string           `json:"name"`
	Type       string           `json:"type"`
	Parameters []GraphParameter `json:"parameters"`
}

// GraphParameter is one argument of a function. Key is the name of its parameter; those that repeat come in their order.
type GraphParameter struct {
	Key   string      `json:"key"`
	Value GraphSource `json:"value"`
}

// The types of GraphSource.
const (
	graphAttribute = "Attribute"
	graphConstant  = "Constant"
	graphFunction  = "Function"
)

// The keys of the two sides of an operator. Graph documents no form for operators; theirs is a function whose name is the operator.
const (
	leftSide  = "left"
	rightSide = "right"
)

// Graph returns the tree in Graph's shape. Empty slots are left out, except among arguments that repeat, where a constant without an expression keeps
// their place.
func (n *Node) Graph() GraphSource {
	g := GraphSource{Expression: n.String(), Name: n.Name, Type: graphFunction, Parameters: []GraphParameter{}}
	switch n.Kind {
	case Attribute:
		g.Type = graphAttribute
	case Constant:
		g.Type, g.Name = graphConstant, n.Value.Text()
	case Word, Omitted:
		g.Type = graphConstant
	case Operator:
		g.Parameters = append(g.Parameters, GraphParameter{leftSide, n.Args[0].Graph()}, GraphParameter{rightSide, n.Args[1].Graph()})
	case Call:
		f := tableIndex[n.Name]
		for i, arg := range n.Args {
			if arg.Kind == Omitted && f != nil && !f.repeats(i) {
				continue
			}
			g.Parameters = append(g.Parameters, GraphParameter{graphKey(f, i), arg.Graph()})
		}
	}
	return g
}

// graphKey is the name of the parameter that the argument at i fills. A function that is not in the table, or has too many arguments, gets numbers.
func graphKey(f *Function, i int) string {
	if f == nil || i >= len(f.Params) && f.Repeat == 0 {
		return "argument" + strconv.Itoa(i+1)
	}
	return f.param(i).Name
}

// repeats reports whether the argument at i may come again.
func (f *Function) repeats(i int) bool { return f.Repeat > 0 && i >= len(f.Params)-f.Repeat }

// Tree reads the source. The expression counts where it can be parsed, as it says the same as the parameters and people edit it; else type, name and
// parameters do, so that a source without an expression is understood too. What is not in this language is an error; functions are not looked up, except
// to put parameters in order.
func (g *GraphSource) Tree() (*Node, error) {
	if strings.TrimSpace(g.Expression) != "" {
		root, err := Parse(g.Expression)
		if err == nil && (root.Kind != Word || g.Type != graphConstant) {
			return root, nil
		}
		if err != nil && (g.Type != graphConstant && g.Name == "" || g.Type == graphFunction && len(g.Parameters) == 0) {
			return nil, err
		}
	}
	n, err := g.node(0)
	if err != nil {
		return nil, err
	}
	root, err := Parse(n.String())
	if err != nil {
		return nil, fmt.Errorf("as text it is %s: %w", quote(n.String()), err)
	}
	if !root.Equal(n) {
		return nil, fmt.Errorf("its parts cannot be written as an expression (a name with signs in it, or an operator inside an operator): %s", quote(n.String()))
	}
	return root, nil
}

// Text is Tree in its canonical text.
func (g *GraphSource) Text() (string, error) {
	n, err := g.Tree()
	if err != nil {
		return "", err
	}
	return n.String(), nil
}

// node builds the tree from type, name and parameters.
func (g *GraphSource) node(depth int) (*Node, error) {
	if depth > MaxDepth {
		return nil, fmt.Errorf("the parameters are nested more than %d deep", MaxDepth)
	}
	switch g.Type {
	case graphAttribute:
		if g.Name == "" {
			return nil, errors.New("the source is an attribute without a name")
		}
		return &Node{Kind: Attribute, Name: g.Name}, nil
	case graphConstant:
		return g.constant(), nil
	case graphFunction:
		return g.call(depth)
	}
	return nil, fmt.Errorf("the type of the source is %s: expected %s, %s or %s", quote(g.Type), graphAttribute, graphConstant, graphFunction)
}

// constant is a text, unless the expression says that it is a number or a bare word.
func (g *GraphSource) constant() *Node {
	if n, err := Parse(g.Expression); err == nil && (n.Kind == Constant || n.Kind == Word && isCompareWord(n.Name)) {
		return n
	}
	switch {
	case g.Name != "":
		return &Node{Kind: Constant, Value: Str(g.Name)}
	case g.Expression != "":
		return &Node{Kind: Constant, Value: Str(g.Expression)} // a text without its quotes
	}
	return &Node{Kind: Omitted}
}

func (g *GraphSource) call(depth int) (*Node, error) {
	args := make([]*Node, len(g.Parameters))
	for i := range g.Parameters {
		var err error
		if args[i], err = g.Parameters[i].Value.node(depth + 1); err != nil {
			return nil, fmt.Errorf("%s, parameter %d (%s): %w", quote(g.Name), i+1, g.Parameters[i].Key, err)
		}
	}
	if isOperator(g.Name) {
		if len(args) != 2 { //nolint:mnd // left and right
			return nil, fmt.Errorf("the operator %s has %d parameters: expected 2", g.Name, len(args))
		}
		return &Node{Kind: Operator, Name: g.Name, Args: args}, nil
	}
	n := &Node{Kind: Call, Name: g.Name, Args: args}
	if f := tableIndex[g.Name]; f != nil {
		return n, g.order(n, f)
	}
	return n, nil
}

// order puts the arguments of a known function where their keys say. Those that repeat keep the order they have.
func (g *GraphSource) order(n *Node, f *Function) error {
	fixed := len(f.Params) - f.Repeat
	slots := make([]*Node, fixed)
	last := 0
	var rest []*Node
	for i, arg := range n.Args {
		key := g.Parameters[i].Key
		at := f.slot(key)
		switch {
		case at < 0:
			return fmt.Errorf("%s has no parameter %s: its parameters are %s", f.Name, quote(key), f.Signature())
		case at < fixed && slots[at] == nil:
			slots[at] = arg
			last = max(last, at+1)
		case f.Repeat > 0 && strings.EqualFold(f.param(fixed+len(rest)).Name, key):
			rest = append(rest, arg)
		default:
			return fmt.Errorf("%s has the parameter %s where it is not expected: its parameters are %s", f.Name, quote(key), f.Signature())
		}
	}
	if len(rest) > 0 {
		last = fixed
	}
	n.Args = slots[:max(last, min(f.required(), fixed))]
	for i := range n.Args {
		if n.Args[i] == nil {
			n.Args[i] = &Node{Kind: Omitted}
		}
	}
	n.Args = append(n.Args, rest...)
	return nil
}

// slot returns the place of the first parameter with the name, in any letter case; -1: none.
func (f *Function) slot(key string) int {
	for i := range f.Params {
		if strings.EqualFold(f.Params[i].Name, key) {
			return i
		}
	}
	return -1
}

func isOperator(name string) bool {
	switch name {
	case "&", "=", "<>", ">", ">=", "<", "<=":
		return true
	}
	return false
}

func isCompareWord(name string) bool { return name == textCompare || name == binaryCompare }

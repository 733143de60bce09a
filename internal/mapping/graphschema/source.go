package graphschema

import (
	"fmt"
	"strings"

	"github.com/rollcall-id/rollcall/expression"
	"github.com/rollcall-id/rollcall/internal/mapping"
)

// The types of an attribute mapping's source.
const (
	typeAttribute = "Attribute"
	typeConstant  = "Constant"
	typeFunction  = "Function"
)

// source reads where the value of a row comes from. A source says it twice, as an expression and as type, name and parameters: the expression counts, as
// it is what people edit.
func (r *reader) source(n node) (mapping.Kind, string) {
	if n.value == nil {
		return mapping.None, ""
	}
	g, typed := r.graphSource(n)
	text := strings.TrimSpace(g.Expression)
	if text == "" && g.Name == "" && len(g.Parameters) == 0 {
		return mapping.None, ""
	}
	parts := g
	parts.Expression = ""
	other, err := parts.Tree()
	if text != "" {
		if err != nil {
			other = nil
		}
		return r.expression(n, g, typed, other)
	}
	if err != nil {
		n.problem("there is no expression, and type, name and parameters do not make one: %v", err)
		return mapping.None, ""
	}
	return kind(other, other.String())
}

// expression reads a source that has an expression. other is what its type, name and parameters say; nil: nothing that can be understood.
func (r *reader) expression(n node, g expression.GraphSource, typed bool, other *expression.Node) (mapping.Kind, string) {
	text := strings.TrimSpace(g.Expression)
	root, err := expression.Parse(text)
	switch {
	case err == nil && root.Kind != expression.Word:
		if spoken(&g, typed) && other != nil && !same(root, other) {
			n.remark(Ignored, "type, name and parameters do not say the same as the expression %s: the expression counts", quote(text))
		}
		return kind(root, g.Expression)
	case typed && g.Type != typeFunction && g.Name != "" && other != nil:
		n.key("expression").remark(Ignored, "the expression %s is none: the name %s counts", quote(text), quote(g.Name))
		return kind(other, "")
	case err != nil:
		n.key("expression").problem("%s: %v", quote(text), err)
	default:
		n.key("expression").problem("found the bare word %s: write an attribute in brackets, as in [%s], and a text in double quotes", quote(text), text)
	}
	return mapping.None, ""
}

// graphSource reads the parts of a source. typed says that the document names the type.
func (r *reader) graphSource(n node) (g expression.GraphSource, typed bool) {
	if n.value == nil { // an empty slot
		return expression.GraphSource{Type: typeConstant}, false
	}
	if n.object("source", "type", "name", "expression", "parameters") == nil {
		return g, false
	}
	g.Type = n.key("type").word(typeAttribute, typeConstant, typeFunction)
	g.Name, g.Expression = n.key("name").text(), n.key("expression").text()
	for _, at := range n.key("parameters").list(maxList) {
		if at.object("source parameter", "key", "value") == nil {
			continue
		}
		value, _ := r.graphSource(at.key("value"))
		g.Parameters = append(g.Parameters, expression.GraphParameter{Key: at.key("key").text(), Value: value})
	}
	return g, n.key("type").value != nil
}

// kind says what a tree is for a row.
func kind(root *expression.Node, text string) (mapping.Kind, string) {
	switch root.Kind {
	case expression.Attribute:
		return mapping.Direct, root.Name
	case expression.Constant:
		return mapping.Constant, root.Value.Text()
	}
	return mapping.Expression, text
}

// spoken reports whether type, name and parameters say anything.
func spoken(g *expression.GraphSource, typed bool) bool {
	return typed && g.Name != "" && (g.Type != typeFunction || len(g.Parameters) > 0)
}

// stands reports whether the parts of a source can stay beside its expression: they say the same, or what only Entra understands, such as functions that
// are unknown here.
func stands(o *object) bool {
	r := &reader{}
	g, typed := r.graphSource(node{r: r, value: o})
	root, err := expression.Parse(g.Expression)
	if !spoken(&g, typed) || len(r.problems) > 0 || err != nil {
		return false
	}
	g.Expression = ""
	other, err := g.Tree()
	return err != nil || same(root, other)
}

// same reports whether two trees mean the same: an empty slot at the end of the arguments is as good as none, and a number as good as its text.
func same(a, b *expression.Node) bool {
	if a.Kind != b.Kind || a.Name != b.Name || a.Value.Text() != b.Value.Text() {
		return false
	}
	x, y := filled(a.Args), filled(b.Args)
	if len(x) != len(y) {
		return false
	}
	for i := range x {
		if !same(x[i], y[i]) {
			return false
		}
	}
	return true
}

func filled(args []*expression.Node) []*expression.Node {
	for len(args) > 0 && args[len(args)-1].Kind == expression.Omitted {
		args = args[:len(args)-1]
	}
	return args
}

// tree is the source of a row as Graph writes it.
func tree(m *mapping.AttributeMapping) (any, error) {
	g := expression.GraphSource{Name: m.Value, Parameters: []expression.GraphParameter{}}
	switch m.Kind {
	case mapping.None:
		return nil, nil //nolint:nilnil // null is the source of such a row
	case mapping.Direct:
		g.Type, g.Expression = typeAttribute, "["+m.Value+"]"
		if root, err := expression.Parse(g.Expression); err != nil || root.Kind != expression.Attribute || root.Name != m.Value {
			return nil, fmt.Errorf("the source attribute %s cannot be written as [%s]: expected a name", quote(m.Value), m.Value)
		}
	case mapping.Constant:
		n := expression.Node{Kind: expression.Constant, Value: expression.Str(m.Value)}
		g.Type, g.Expression = typeConstant, n.String()
	default:
		root, err := expression.Parse(m.Value)
		if err != nil {
			return nil, err //nolint:wrapcheck // the caller names the row
		}
		g = root.Graph()
		g.Expression = m.Value
	}
	return sourceObject(&g), nil
}

func sourceObject(g *expression.GraphSource) *object {
	parameters := &list{}
	for i := range g.Parameters {
		parameters.items = append(parameters.items, made("key", g.Parameters[i].Key, "value", sourceObject(&g.Parameters[i].Value)))
	}
	return made("expression", g.Expression, "name", g.Name, "type", g.Type, "parameters", parameters)
}

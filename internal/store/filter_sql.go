package store

import (
	"strconv"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/scim"
)

// renderer turns a compiled SCIM filter into an SQL condition on the row r of resource. scim.Filter.Match says what a filter means; the condition comes
// to the same answer for every resource, because SearchDocument stores the values folded as the literals are (a property test holds the two equal).
//
// Every condition is two-valued, never null: otherwise "not" would lose rows whose attribute is unassigned. Only names of schemas get into the text,
// every literal is a parameter.
type renderer struct {
	d     *dialect
	typ   string // of the resources
	owner directory.Owner
	org   string             // placeholder of the organization's id
	rt    *scim.ResourceType // that the filter was compiled for; nil without one
	args  []any
	depth int // number of element aliases in use
}

// scope is what attribute names are relative to: the resource, or an element of a list.
type scope struct {
	element bool
	base    string // SQL expression of the JSON value
	simple  bool   // the element is a simple value, called "value"
}

// arg adds a parameter and returns its placeholder.
func (f *renderer) arg(v any) string {
	f.args = append(f.args, v)
	return "$" + strconv.Itoa(len(f.args))
}

func (f *renderer) alias() string {
	f.depth++
	return "e" + strconv.Itoa(f.depth)
}

// condition renders a filter for the rows of resource named r.
func (f *renderer) condition(root scim.Node) (string, error) {
	return f.node(root, scope{base: "r.search"})
}

func (f *renderer) node(n scim.Node, s scope) (string, error) {
	switch n := n.(type) {
	case *scim.And:
		return f.pair(n.Left, " and ", n.Right, s)
	case *scim.Or:
		return f.pair(n.Left, " or ", n.Right, s)
	case *scim.Not:
		x, err := f.node(n.X, s)
		return "(not " + x + ")", err
	case *scim.Constant:
		return constant(n.Value), nil
	case *scim.Present:
		return f.present(n.Attr, s)
	case *scim.Compare:
		return f.compare(n, s)
	case *scim.Element:
		return f.element(n, s)
	}
	return "", scim.Errorf(400, scim.InvalidFilter, "the filter has a term that cannot be searched for")
}

func (f *renderer) pair(left scim.Node, op string, right scim.Node, s scope) (string, error) {
	l, err := f.node(left, s)
	if err != nil {
		return "", err
	}
	r, err := f.node(right, s)
	return "(" + l + op + r + ")", err
}

func constant(b bool) string {
	if b {
		return "(1 = 1)"
	}
	return "(1 = 0)"
}

// path is the JSON path of an attribute, without its sub-attribute.
func (s scope) path(ref scim.AttrRef) []string {
	switch {
	case s.simple:
		return nil
	case ref.URN != "":
		return []string{ref.URN, ref.Name}
	}
	return []string{ref.Name}
}

func (f *renderer) present(ref scim.AttrRef, s scope) (string, error) {
	if !s.element {
		if text, ok, err := f.presentSpecial(ref); ok || err != nil {
			return text, err
		}
	}
	if s.simple {
		return "(" + s.base + " is not null)", nil
	}
	// SearchDocument leaves out what is not present, so that being there is enough.
	path := s.path(ref)
	if ref.Sub == "" {
		return "(" + f.d.json.text(s.base, path...) + " is not null)", nil
	}
	if !ref.Parent.MultiValued {
		return "(" + f.d.json.text(s.base, append(path, ref.Sub)...) + " is not null)", nil
	}
	e := f.alias()
	return "exists (select 1 from " + f.d.json.each(e, s.base, path...) + " where " + f.d.json.text(e+".value", ref.Sub) + " is not null)", nil
}

func (f *renderer) compare(n *scim.Compare, s scope) (string, error) {
	if !s.element {
		if text, ok, err := f.compareSpecial(n); ok || err != nil {
			return text, err
		}
	}
	ref, path := n.Attr, s.path(n.Attr)
	switch {
	case ref.Sub == "" && ref.Attribute.MultiValued && !s.simple: // a list of simple values
		return f.anyOf(n, s.base, path, nil), nil
	case ref.Sub == "":
		return f.single(n, s.base, path), nil
	case ref.Parent.MultiValued:
		return f.anyOf(n, s.base, path, []string{ref.Sub}), nil
	case ref.Attribute.MultiValued:
		return f.anyOf(n, s.base, append(path, ref.Sub), nil), nil
	}
	return f.single(n, s.base, append(path, ref.Sub)), nil
}

// single compares an attribute that has at most one value.
func (f *renderer) single(n *scim.Compare, base string, path []string) string {
	return f.value(n, f.typed(n.Value.Kind, base, path))
}

// value compares an SQL expression that is null where there is no value.
func (f *renderer) value(n *scim.Compare, expr string) string {
	holds := f.holds(n, expr)
	if n.Op == scim.Ne && !n.Attr.Multi() {
		return "(" + expr + " is null or " + holds + ")"
	}
	return "(" + expr + " is not null and " + holds + ")"
}

// anyOf compares the elements of a list, or a sub-attribute of each: one that compares is enough.
func (f *renderer) anyOf(n *scim.Compare, base string, list, sub []string) string {
	e := f.alias()
	from := f.d.json.each(e, base, list...)
	if len(sub) == 1 && n.Attr.Attribute.MultiValued { // a list of lists
		inner := f.alias()
		return "exists (select 1 from " + from + ", " + f.d.json.each(inner, e+".value", sub...) + " where " +
			f.holds(n, f.typed(n.Value.Kind, inner+".value", nil)) + ")"
	}
	return "exists (select 1 from " + from + " where " + f.holds(n, f.typed(n.Value.Kind, e+".value", sub)) + ")"
}

// typed reads a JSON value as the type of the literal that it is compared with.
func (f *renderer) typed(kind scim.LiteralKind, base string, path []string) string {
	switch kind {
	case scim.LiteralBool:
		return f.d.json.boolean(base, path...)
	case scim.LiteralTime:
		return f.d.json.integer(base, path...)
	case scim.LiteralInt, scim.LiteralFloat:
		return f.d.json.number(base, path...)
	}
	return f.d.json.text(base, path...)
}

// holds compares an SQL expression that is not null.
func (f *renderer) holds(n *scim.Compare, expr string) string {
	switch n.Value.Kind {
	case scim.LiteralBool:
		return expr + operator(n.Op) + f.arg(n.Value.Bool)
	case scim.LiteralTime, scim.LiteralInt:
		return expr + operator(n.Op) + "cast(" + f.arg(n.Value.Int) + " as bigint)"
	case scim.LiteralFloat:
		return "cast(" + expr + " as double precision)" + operator(n.Op) + "cast(" + f.arg(n.Value.Float) + " as double precision)"
	}
	return f.holdsText(n.Op, expr, n.Value.Text)
}

// holdsText compares texts. Containing is not LIKE: nothing in the literal has a meaning, and no escape can be forgotten.
func (f *renderer) holdsText(op scim.Op, expr, literal string) string {
	a := f.arg(literal)
	part := "cast(" + a + " as text)"
	switch op {
	case scim.Co:
		return f.d.find(expr, part) + " > 0"
	case scim.Sw:
		return "substr(" + expr + ", 1, length(" + part + ")) = " + a
	case scim.Ew:
		return "(length(" + expr + ") >= length(" + part + ") and substr(" + expr + ", length(" + expr + ") - length(" + part + ") + 1) = " + a + ")"
	}
	return expr + operator(op) + a
}

func operator(op scim.Op) string {
	switch op {
	case scim.Ne:
		return " <> "
	case scim.Gt:
		return " > "
	case scim.Ge:
		return " >= "
	case scim.Lt:
		return " < "
	case scim.Le:
		return " <= "
	}
	return " = "
}

// element renders a value path: one element that satisfies everything in the brackets.
func (f *renderer) element(n *scim.Element, s scope) (string, error) {
	if f.isMembership(n.Attr) {
		return f.membership(n.Attr.Name, func(m membershipScope) (string, error) { return f.memberNode(n.X, m) })
	}
	path := s.path(n.Attr)
	if !n.Attr.Attribute.MultiValued { // one complex value is a list of one
		base := f.d.json.text(s.base, path...)
		inner, err := f.node(n.X, scope{element: true, base: f.object(s.base, path)})
		return "(" + base + " is not null and " + inner + ")", err
	}
	e := f.alias()
	inner, err := f.node(n.X, scope{element: true, base: e + ".value", simple: n.Attr.Attribute.Type != scim.TypeComplex})
	return "exists (select 1 from " + f.d.json.each(e, s.base, path...) + " where " + inner + ")", err
}

// object is a JSON object as a base for paths into it.
func (f *renderer) object(base string, path []string) string {
	if j, ok := f.d.json.(postgresJSON); ok {
		return j.get(base, path)
	}
	return f.d.json.text(base, path...)
}

package scim

import "github.com/rollcall-id/rollcall/scim/filter"

// Op is a comparison operator.
type Op = filter.Op

// The comparison operators.
const (
	Eq = filter.Eq
	Ne = filter.Ne
	Co = filter.Co
	Sw = filter.Sw
	Ew = filter.Ew
	Gt = filter.Gt
	Ge = filter.Ge
	Lt = filter.Lt
	Le = filter.Le
)

// Node is a node of a filter compiled against a schema. The set is closed: *And, *Or, *Not, *Compare, *Present, *Element, and *Constant, which only
// Registry.ParseFilter makes. What the nodes mean is defined by Filter.Match; whoever evaluates them elsewhere (in SQL) must come to the same
// answers, for which SearchDocument prepares the values.
type Node interface {
	// String prints the node with attribute names in schema spelling.
	String() string
	appendTo(p printer) printer
}

// And is true when both operands are.
type And struct{ Left, Right Node }

// Or is true when one of the operands is.
type Or struct{ Left, Right Node }

// Not is true when X is not.
type Not struct{ X Node }

// Compare is true when a value of the attribute compares to Value as Op says. An attribute without value makes it false, with one exception: Ne of an
// attribute that cannot have several values is true then.
//
// Value is never null: `eq null` is compiled to Not{Present}, `ne null` to Present.
type Compare struct {
	Attr  AttrRef
	Op    Op
	Value Literal
}

// Present is true when the attribute has a value: a string that is not empty, any boolean or number, a complex value with a present sub-attribute, a
// list with a present element.
type Present struct{ Attr AttrRef }

// Element is true when one element of the attribute satisfies X. The attributes in X are relative to the element: their Name is the sub-attribute,
// Sub is "" and Parent is the attribute of the Element. Of an attribute with simple values the element itself is called value.
type Element struct {
	Attr AttrRef
	X    Node
}

// Constant stands for a term about an attribute that the resource type does not have, in a query over several types.
type Constant struct {
	Value bool
	text  string
}

// AttrRef names an attribute or sub-attribute. Names are in schema spelling. A complex attribute that is compared bare means its sub-attribute
// value, which is then filled in as Sub.
type AttrRef struct {
	URN       string     // extension URN; "" for attributes of the type's own schema and the common ones
	Name      string     // top-level name; in an Element the name of the sub-attribute
	Sub       string     // sub-attribute or ""
	Attribute *Attribute // the leaf: what Sub names if that is set, else what Name names
	Parent    *Attribute // the complex attribute around the leaf; nil for a top-level leaf
}

// Multi reports whether several values can be compared: then a Compare is true when any of them is, and Ne is false when there is none.
func (a AttrRef) Multi() bool {
	return a.Attribute.MultiValued || a.Sub != "" && a.Parent.MultiValued
}

// String returns the full name: the extension URN and a colon if there is one, the name, and the sub-attribute behind a dot.
func (a AttrRef) String() string {
	s := a.Name
	if a.URN != "" {
		s = a.URN + ":" + s
	}
	if a.Sub != "" {
		s += "." + a.Sub
	}
	return s
}

// LiteralKind is the kind of a typed literal.
type LiteralKind uint8

// The kinds of typed literals.
const (
	LiteralString LiteralKind = iota // Text
	LiteralBool                      // Bool
	LiteralInt                       // Int
	LiteralFloat                     // Float
	LiteralTime                      // Int: microseconds since 1970-01-01 UTC
)

// Literal is the right side of a comparison, typed by the attribute's schema.
type Literal struct {
	Kind  LiteralKind
	Text  string // folded (see Fold) unless the attribute is caseExact; padded standard base64 of a binary attribute
	Bool  bool
	Int   int64
	Float float64

	source filter.Value // as written
}

// String returns the literal as it was written in the filter.
func (l Literal) String() string { return l.source.String() }

// printer collects the text of a filter; shape leaves the literals out.
type printer struct {
	text  []byte
	shape bool
}

func (p printer) add(s string) printer {
	p.text = append(p.text, s...)
	return p
}

func (p printer) group(x Node, parens bool) printer {
	if !parens {
		return x.appendTo(p)
	}
	return x.appendTo(p.add("(")).add(")")
}

func render(x Node) string { return string(x.appendTo(printer{}).text) }

// String returns the filter text.
func (x *And) String() string { return render(x) }

// String returns the filter text.
func (x *Or) String() string { return render(x) }

// String returns the filter text.
func (x *Not) String() string { return render(x) }

// String returns the filter text.
func (x *Compare) String() string { return render(x) }

// String returns the filter text.
func (x *Present) String() string { return render(x) }

// String returns the filter text.
func (x *Element) String() string { return render(x) }

// String returns the filter text.
func (x *Constant) String() string { return render(x) }

func (x *And) appendTo(p printer) printer {
	p = p.group(x.Left, isOr(x.Left)).add(" and ")
	return p.group(x.Right, isOr(x.Right) || isAnd(x.Right))
}

func (x *Or) appendTo(p printer) printer {
	return x.Left.appendTo(p).add(" or ").group(x.Right, isOr(x.Right))
}

func (x *Not) appendTo(p printer) printer { return p.add("not ").group(x.X, true) }

func (x *Compare) appendTo(p printer) printer {
	p = p.add(x.Attr.String()).add(" ").add(x.Op.String()).add(" ")
	if p.shape {
		return p.add("?")
	}
	return p.add(x.Value.String())
}

func (x *Present) appendTo(p printer) printer { return p.add(x.Attr.String()).add(" pr") }

func (x *Element) appendTo(p printer) printer {
	return x.X.appendTo(p.add(x.Attr.String()).add("[")).add("]")
}

func (x *Constant) appendTo(p printer) printer {
	if p.shape {
		return p.add("?")
	}
	return p.add(x.text)
}

func isAnd(x Node) bool { _, ok := x.(*And); return ok }
func isOr(x Node) bool  { _, ok := x.(*Or); return ok }

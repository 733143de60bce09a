package filter

// Expr is a node of a filter. The set is closed: *And, *Or, *Not, *Compare, *Present, *Element.
type Expr interface {
	// String prints the node in canonical form: parsing the text gives an equal tree.
	String() string
	appendTo(dst []byte) []byte
	expr()
}

// And is true when both operands are.
type And struct{ Left, Right Expr }

// Or is true when one of the operands is.
type Or struct{ Left, Right Expr }

// Not is true when X is not.
type Not struct{ X Expr }

// Compare compares an attribute with a literal.
type Compare struct {
	Attr  Attr
	Op    Op
	Value Value
}

// Present is true when the attribute is assigned (the operator pr).
type Present struct{ Attr Attr }

// Element is a value path: true when one element of the multi-valued attribute satisfies X, whose attributes are relative to the element.
//
// The tolerated form `emails[type eq "work"].value eq "x"` is read as `emails[type eq "work" and value eq "x"]`, which means the same.
type Element struct {
	Attr Attr
	X    Expr
}

// Attr is an attribute as it was written: a name, name.sub, or either behind a schema URN and a colon. Only a schema tells where the URN ends
// (URNs hold dots and colons), so the text is kept whole.
type Attr struct {
	Text string
	Pos  int // byte offset in the input
}

// Op is a comparison operator.
type Op uint8

// The comparison operators of RFC 7644 table 3.
const (
	Eq Op = iota
	Ne
	Co
	Sw
	Ew
	Gt
	Ge
	Lt
	Le
)

// String returns the operator's keyword in lower case.
func (op Op) String() string {
	const names = "eqnecoswewgtgeltle"
	if int(op)*2+2 > len(names) {
		return "?"
	}
	return names[op*2 : op*2+2]
}

// Kind is the kind of a literal.
type Kind uint8

// The kinds of literals: those of JSON without object and array.
const (
	String Kind = iota
	Number
	True
	False
	Null
)

// Value is a literal.
type Value struct {
	Kind Kind
	Text string // of a string the unquoted text, of a number the digits as written
	Pos  int    // byte offset in the input
}

// Path is a PATCH path: an attribute, optionally one of its elements by filter, optionally a sub-attribute of those.
type Path struct {
	Attr   Attr
	Filter Expr   // nil: none
	Sub    string // after the brackets; a sub-attribute without brackets is part of Attr
	SubPos int    // byte offset of Sub
}

func (*And) expr()     {}
func (*Or) expr()      {}
func (*Not) expr()     {}
func (*Compare) expr() {}
func (*Present) expr() {}
func (*Element) expr() {}

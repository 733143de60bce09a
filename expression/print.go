package expression

import "strings"

// String writes the tree in its canonical form: one space after a comma and around an operator, numbers in decimal, \ and " escaped. Parse reads it back
// to an equal tree.
func (n *Node) String() string {
	var b strings.Builder
	n.print(&b)
	return b.String()
}

func (n *Node) print(b *strings.Builder) {
	switch n.Kind {
	case Attribute:
		b.WriteString("[" + n.Name + "]")
	case Constant:
		if n.Value.Kind() == String {
			b.WriteString(quoteText(n.Value.Text()))
		} else {
			b.WriteString(n.Value.Text())
		}
	case Word:
		b.WriteString(n.Name)
	case Operator:
		n.Args[0].print(b)
		b.WriteString(" " + n.Name + " ")
		n.Args[1].print(b)
	case Call:
		b.WriteString(n.Name + "(")
		for i, arg := range n.Args {
			if i > 0 {
				b.WriteString(", ")
			}
			arg.print(b)
		}
		b.WriteByte(')')
	}
}

// quoteText writes a text as the lexer reads it.
func quoteText(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
}

// Equal reports whether two trees are the same expression, wherever their parts stand in their texts.
func (n *Node) Equal(other *Node) bool {
	if n.Kind != other.Kind || n.Name != other.Name || len(n.Args) != len(other.Args) {
		return false
	}
	if n.Kind == Constant && (n.Value.kind != other.Value.kind || n.Value.Text() != other.Value.Text()) {
		return false
	}
	for i := range n.Args {
		if !n.Args[i].Equal(other.Args[i]) {
			return false
		}
	}
	return true
}

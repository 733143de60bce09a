package filter

import (
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// String returns the filter in canonical form.
func (x *And) String() string { return string(x.appendTo(nil)) }

// String returns the filter in canonical form.
func (x *Or) String() string { return string(x.appendTo(nil)) }

// String returns the filter in canonical form.
func (x *Not) String() string { return string(x.appendTo(nil)) }

// String returns the filter in canonical form.
func (x *Compare) String() string { return string(x.appendTo(nil)) }

// String returns the filter in canonical form.
func (x *Present) String() string { return string(x.appendTo(nil)) }

// String returns the filter in canonical form.
func (x *Element) String() string { return string(x.appendTo(nil)) }

// String returns the path in canonical form.
func (p *Path) String() string {
	dst := append([]byte(nil), p.Attr.Text...)
	if p.Filter != nil {
		dst = append(dst, '[')
		dst = p.Filter.appendTo(dst)
		dst = append(dst, ']')
	}
	if p.Sub != "" {
		dst = append(dst, '.')
		dst = append(dst, p.Sub...)
	}
	return string(dst)
}

// String returns the literal as JSON.
func (v Value) String() string { return string(v.appendTo(nil)) }

func (v Value) appendTo(dst []byte) []byte {
	switch v.Kind {
	case String:
		return AppendQuoted(dst, v.Text)
	case Number:
		return append(dst, v.Text...)
	case True:
		return append(dst, "true"...)
	case False:
		return append(dst, "false"...)
	}
	return append(dst, "null"...)
}

// AppendQuoted appends s as a JSON string, the only form of a string literal in a filter.
func AppendQuoted(dst []byte, s string) []byte {
	out, err := jsontext.AppendQuote(dst, s)
	if err != nil { // s is not UTF-8, so it did not come from a parsed filter
		return strconv.AppendQuote(dst, s)
	}
	return out
}

// A left operand of the same operator needs no parentheses, because the grammar is left-associative; a right one does.
func (x *And) appendTo(dst []byte) []byte {
	dst = group(dst, x.Left, isOr(x.Left))
	dst = append(dst, " and "...)
	return group(dst, x.Right, isOr(x.Right) || isAnd(x.Right))
}

func (x *Or) appendTo(dst []byte) []byte {
	dst = x.Left.appendTo(dst)
	dst = append(dst, " or "...)
	return group(dst, x.Right, isOr(x.Right))
}

func (x *Not) appendTo(dst []byte) []byte {
	dst = append(dst, "not "...)
	return group(dst, x.X, true)
}

func (x *Compare) appendTo(dst []byte) []byte {
	dst = append(dst, x.Attr.Text...)
	dst = append(dst, ' ')
	dst = append(dst, x.Op.String()...)
	dst = append(dst, ' ')
	return x.Value.appendTo(dst)
}

func (x *Present) appendTo(dst []byte) []byte {
	dst = append(dst, x.Attr.Text...)
	return append(dst, " pr"...)
}

func (x *Element) appendTo(dst []byte) []byte {
	dst = append(dst, x.Attr.Text...)
	dst = append(dst, '[')
	dst = x.X.appendTo(dst)
	return append(dst, ']')
}

func group(dst []byte, x Expr, parens bool) []byte {
	if !parens {
		return x.appendTo(dst)
	}
	dst = append(dst, '(')
	dst = x.appendTo(dst)
	return append(dst, ')')
}

func isAnd(x Expr) bool { _, ok := x.(*And); return ok }
func isOr(x Expr) bool  { _, ok := x.(*Or); return ok }

package scim

import (
	"encoding/base64"
	"math"
	"strconv"
	"strings"

	"github.com/rollcall-id/rollcall/scim/filter"
)

// compiler checks a syntax tree against a resource type and types its literals.
type compiler struct {
	rt     *ResourceType
	parent *Attribute // inside the brackets of a value path: the attribute in front of them

	// unknown is told of attributes the type does not have. nil: they are an error.
	unknown func(a filter.Attr, detail string)
}

func (c *compiler) node(x filter.Expr) (Node, error) {
	switch x := x.(type) {
	case *filter.And:
		left, right, err := c.pair(x.Left, x.Right)
		return &And{left, right}, err
	case *filter.Or:
		left, right, err := c.pair(x.Left, x.Right)
		return &Or{left, right}, err
	case *filter.Not:
		inner, err := c.node(x.X)
		return &Not{inner}, err
	case *filter.Element:
		return c.element(x)
	case *filter.Present:
		ref, problem := c.ref(x.Attr)
		if problem != nil {
			return c.absent(x.Attr, x, problem, false)
		}
		if err := c.visible(x.Attr, ref); err != nil {
			return nil, err
		}
		return &Present{ref}, nil
	case *filter.Compare:
		return c.compare(x)
	}
	return nil, bad(InvalidFilter, "the filter has a term of an unknown kind")
}

func (c *compiler) pair(l, r filter.Expr) (left, right Node, err error) {
	if left, err = c.node(l); err != nil {
		return nil, nil, err
	}
	right, err = c.node(r)
	return left, right, err
}

func (c *compiler) element(x *filter.Element) (Node, error) {
	if c.parent != nil {
		return nil, c.fail(x.Attr, "brackets cannot stand inside brackets: an element has no elements of its own")
	}
	ref, problem := c.ref(x.Attr)
	if problem != nil {
		return c.absent(x.Attr, x, problem, false)
	}
	if err := c.visible(x.Attr, ref); err != nil {
		return nil, err
	}
	if ref.Sub != "" || ref.Attribute.Type != TypeComplex && !ref.Attribute.MultiValued {
		return nil, c.fail(x.Attr, "%s has no elements, so brackets cannot follow it", ref)
	}
	inner := compiler{rt: c.rt, parent: ref.Attribute}
	n, err := inner.node(x.X)
	return &Element{Attr: ref, X: n}, err
}

func (c *compiler) compare(x *filter.Compare) (Node, error) {
	ref, problem := c.ref(x.Attr)
	if problem != nil {
		isTrue := (x.Op == filter.Eq) == (x.Value.Kind == filter.Null)
		return c.absent(x.Attr, x, problem, isTrue && (x.Op == filter.Eq || x.Op == filter.Ne))
	}
	if err := c.visible(x.Attr, ref); err != nil {
		return nil, err
	}
	if x.Value.Kind == filter.Null {
		switch x.Op {
		case filter.Eq:
			return &Not{&Present{ref}}, nil
		case filter.Ne:
			return &Present{ref}, nil
		}
		return nil, c.fail(x.Attr, "null can be compared with eq and ne only, not with %s", x.Op)
	}
	if ref.Attribute.Type == TypeComplex {
		value := ref.Attribute.Sub("value")
		if value == nil {
			return nil, c.fail(x.Attr, "%s is complex; compare one of its sub-attributes%s", ref, subList(ref.Attribute))
		}
		ref.Sub, ref.Parent, ref.Attribute = value.Name, ref.Attribute, value
		if err := c.visible(x.Attr, ref); err != nil {
			return nil, err
		}
	}
	lit, detail := literal(ref.Attribute, x.Op, x.Value)
	if detail != "" {
		return nil, c.fail(x.Attr, "%s %s", ref, detail)
	}
	return &Compare{Attr: ref, Op: x.Op, Value: lit}, nil
}

// ref resolves an attribute of the type, or inside brackets a sub-attribute.
func (c *compiler) ref(a filter.Attr) (AttrRef, *unresolved) {
	if c.parent != nil {
		return c.relative(a.Text)
	}
	t, problem := c.rt.resolve(a.Text)
	if problem != nil {
		return AttrRef{}, problem
	}
	if t.attribute == nil {
		return AttrRef{}, &unresolved{quote(a.Text) + " is a schema; name one of its attributes behind a colon"}
	}
	ref := AttrRef{URN: t.urn, Name: t.attribute.Name, Attribute: t.attribute}
	if t.sub != nil {
		ref.Sub, ref.Parent, ref.Attribute = t.sub.Name, t.attribute, t.sub
	}
	return ref, nil
}

func (c *compiler) relative(name string) (AttrRef, *unresolved) {
	if sub := c.parent.Sub(name); sub != nil {
		return AttrRef{Name: sub.Name, Attribute: sub, Parent: c.parent}, nil
	}
	if c.parent.Type != TypeComplex && strings.EqualFold(name, "value") {
		single := *c.parent
		single.MultiValued = false
		return AttrRef{Name: "value", Attribute: &single, Parent: c.parent}, nil
	}
	return AttrRef{}, &unresolved{"the attribute " + c.parent.Name + " has no sub-attribute " + quote(name) + subList(c.parent)}
}

// absent stands in for a term about an attribute the type does not have. Inside brackets it is always an error.
func (c *compiler) absent(a filter.Attr, x filter.Expr, problem *unresolved, value bool) (Node, error) {
	if c.unknown == nil {
		return nil, c.fail(a, "%s", problem.detail)
	}
	c.unknown(a, problem.detail)
	return &Constant{Value: value, text: x.String()}, nil
}

// visible refuses attributes that are never returned: a filter would tell their value by guessing (a password above all).
func (c *compiler) visible(a filter.Attr, ref AttrRef) error {
	if ref.Attribute.Returned == ReturnedNever || ref.Parent != nil && ref.Parent.Returned == ReturnedNever {
		return c.fail(a, "%s is never returned, so it cannot be used in a filter", ref)
	}
	return nil
}

func (c *compiler) fail(a filter.Attr, format string, args ...any) error {
	return bad(InvalidFilter, "the filter is wrong at character "+strconv.Itoa(a.Pos+1)+": "+format, args...)
}

// literal types v for a comparison of a. detail is "" or completes a sentence that starts with the attribute's name.
func literal(a *Attribute, op Op, v filter.Value) (Literal, string) {
	switch a.Type {
	case TypeBoolean:
		return boolLiteral(op, v)
	case TypeInteger, TypeDecimal:
		return numberLiteral(op, v)
	case TypeDateTime:
		return timeLiteral(op, v)
	case TypeBinary:
		return binaryLiteral(op, v)
	}
	if v.Kind != filter.String {
		return Literal{}, "is compared with " + v.String() + "; expected a string in double quotes"
	}
	text := v.Text
	if a.Folds() {
		text = Fold(text)
	}
	return Literal{Kind: LiteralString, Text: text, source: v}, ""
}

// boolLiteral accepts the strings "true" and "false" in any letter case, as Entra writes them (N3).
func boolLiteral(op Op, v filter.Value) (Literal, string) {
	if op != Eq && op != Ne {
		return Literal{}, "is a boolean; use eq or ne, not " + op.String()
	}
	lit := Literal{Kind: LiteralBool, source: v}
	switch {
	case v.Kind == filter.True, v.Kind == filter.String && strings.EqualFold(v.Text, "true"):
		lit.Bool = true
	case v.Kind == filter.False, v.Kind == filter.String && strings.EqualFold(v.Text, "false"):
	default:
		return Literal{}, "is a boolean but is compared with " + v.String() + "; expected true or false"
	}
	return lit, ""
}

func numberLiteral(op Op, v filter.Value) (Literal, string) {
	if op == Co || op == Sw || op == Ew {
		return Literal{}, "is a number; use eq, ne, gt, ge, lt or le, not " + op.String()
	}
	if v.Kind != filter.Number {
		return Literal{}, "is a number but is compared with " + v.String() + "; expected a number"
	}
	if n, err := strconv.ParseInt(v.Text, 10, 64); err == nil {
		return Literal{Kind: LiteralInt, Int: n, source: v}, ""
	}
	f, err := strconv.ParseFloat(v.Text, 64)
	if err != nil || math.IsInf(f, 0) || !strings.ContainsAny(v.Text, ".eE") {
		return Literal{}, "is compared with " + v.Text + ", which is too big a number"
	}
	return Literal{Kind: LiteralFloat, Float: f, source: v}, ""
}

func timeLiteral(op Op, v filter.Value) (Literal, string) {
	if op == Co || op == Sw || op == Ew {
		return Literal{}, "is a time; use eq, ne, gt, ge, lt or le, not " + op.String()
	}
	if v.Kind == filter.String {
		if t, err := ParseTime(v.Text); err == nil {
			return Literal{Kind: LiteralTime, Int: t.UnixMicro(), source: v}, ""
		}
	}
	return Literal{}, "is a time but is compared with " + v.String() + `; expected a string such as "2026-01-31T12:00:00Z"`
}

func binaryLiteral(op Op, v filter.Value) (Literal, string) {
	if op != Eq && op != Ne {
		return Literal{}, "is binary; use eq or ne, not " + op.String()
	}
	if v.Kind == filter.String {
		if canonical, ok := canonicalBase64(v.Text); ok {
			return Literal{Kind: LiteralString, Text: canonical, source: v}, ""
		}
	}
	return Literal{}, "is binary but is compared with " + v.String() + "; expected a string of base64"
}

// canonicalBase64 returns padded standard base64 of the bytes that s, in either alphabet and with or without padding, stands for.
func canonicalBase64(s string) (string, bool) {
	text := strings.NewReplacer("-", "+", "_", "/", "\r", "", "\n", "").Replace(strings.TrimRight(s, "="))
	raw, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil {
		return "", false
	}
	return base64.StdEncoding.EncodeToString(raw), true
}

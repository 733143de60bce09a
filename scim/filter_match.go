package scim

import (
	"cmp"
	"strings"
)

// Match reports whether the resource satisfies the filter. It is the definition of what filters mean here; other evaluators are tested against it.
//
//   - A comparison on an attribute with several values is true when any of them compares; `emails.type eq "work" and emails.value co "x"` may be
//     satisfied by different elements, `emails[type eq "work" and value co "x"]` needs one that satisfies both.
//   - ne is true when some value differs. An unassigned attribute makes every comparison false, except ne of an attribute that can have only one
//     value. So `emails.value ne "x"` and `not (emails.value eq "x")` are different on purpose.
//   - Strings are compared folded (Fold) unless the attribute is caseExact, order being that of the bytes; times as instants to the microsecond.
//   - schemas are those the resource's attributes imply (SchemaURNs), whatever the resource says.
func (f *Filter) Match(r Resource) bool {
	m := matcher{rt: f.rt}
	return m.match(f.root, r)
}

type matcher struct {
	rt     *ResourceType
	nested bool // inside an element: schemas is then an ordinary name
}

func (m matcher) match(n Node, c map[string]any) bool {
	switch n := n.(type) {
	case *And:
		return m.match(n.Left, c) && m.match(n.Right, c)
	case *Or:
		return m.match(n.Left, c) || m.match(n.Right, c)
	case *Not:
		return !m.match(n.X, c)
	case *Constant:
		return n.Value
	case *Present:
		return m.anyValue(n.Attr, c, present)
	case *Compare:
		return m.compare(n, c)
	case *Element:
		inner := matcher{rt: m.rt, nested: true}
		return anyElement(m.field(n.Attr, c), func(e any) bool {
			if !present(e) {
				return false
			}
			element, ok := asMap(e)
			if !ok {
				element = map[string]any{"value": e}
			}
			return inner.match(n.X, element)
		})
	}
	return false
}

func (m matcher) compare(n *Compare, c map[string]any) bool {
	found := false
	if m.anyValue(n.Attr, c, func(v any) bool {
		order, comparable := compareLiteral(v, n)
		found = found || comparable
		return comparable && order
	}) {
		return true
	}
	return !found && n.Op == Ne && !n.Attr.Multi()
}

// field returns the value of the top-level attribute (or of the element's sub-attribute).
func (m matcher) field(ref AttrRef, c map[string]any) any {
	if ref.URN != "" {
		c, _ = asMap(c[ref.URN])
	} else if !m.nested && ref.Name == "schemas" {
		return stringsJSON(m.rt.SchemaURNs(c))
	}
	return c[ref.Name]
}

// anyValue reports whether fn is true of one of the attribute's values.
func (m matcher) anyValue(ref AttrRef, c map[string]any, fn func(v any) bool) bool {
	v := m.field(ref, c)
	if ref.Sub == "" {
		return anyElement(v, fn)
	}
	return anyElement(v, func(e any) bool {
		element, _ := asMap(e)
		return anyElement(element[ref.Sub], fn)
	})
}

// anyElement treats a single value as a list of one, and nothing as an empty list.
func anyElement(v any, fn func(e any) bool) bool {
	switch v := v.(type) {
	case nil:
		return false
	case []any:
		for _, e := range v {
			if e != nil && fn(e) {
				return true
			}
		}
		return false
	}
	return fn(v)
}

func present(v any) bool {
	switch v := v.(type) {
	case nil:
		return false
	case string:
		return v != ""
	case []any:
		return anyElement(v, present)
	}
	if m, ok := asMap(v); ok {
		for _, sub := range m {
			if present(sub) {
				return true
			}
		}
		return false
	}
	return true
}

// compareLiteral compares one value. comparable is false when the value has another type than the schema says; it then counts as no value.
func compareLiteral(v any, n *Compare) (result, comparable bool) {
	switch n.Value.Kind {
	case LiteralString:
		s, ok := v.(string)
		if !ok || s == "" { // the empty string is the same as no value
			return false, false
		}
		if n.Attr.Attribute.Folds() {
			s = Fold(s)
		}
		return compareStrings(s, n.Op, n.Value.Text), true
	case LiteralBool:
		b, ok := v.(bool)
		return (b == n.Value.Bool) == (n.Op == Eq), ok
	case LiteralTime:
		s, _ := v.(string)
		t, err := ParseTime(s)
		if err != nil {
			return false, false
		}
		return ordered(cmp.Compare(t.UnixMicro(), n.Value.Int), n.Op), true
	}
	order, ok := compareNumbers(v, n.Value)
	return ordered(order, n.Op), ok
}

func compareStrings(s string, op Op, literal string) bool {
	switch op {
	case Co:
		return strings.Contains(s, literal)
	case Sw:
		return strings.HasPrefix(s, literal)
	case Ew:
		return strings.HasSuffix(s, literal)
	}
	return ordered(strings.Compare(s, literal), op)
}

// compareNumbers compares whole numbers exactly and everything else as float64.
func compareNumbers(v any, lit Literal) (order int, ok bool) {
	var f float64
	switch v := v.(type) {
	case int64:
		if lit.Kind == LiteralInt {
			return cmp.Compare(v, lit.Int), true
		}
		f = float64(v)
	case float64:
		f = v
	default:
		return 0, false
	}
	if lit.Kind == LiteralInt {
		return cmp.Compare(f, float64(lit.Int)), true
	}
	return cmp.Compare(f, lit.Float), true
}

func ordered(order int, op Op) bool {
	switch op {
	case Eq:
		return order == 0
	case Ne:
		return order != 0
	case Gt:
		return order > 0
	case Ge:
		return order >= 0
	case Lt:
		return order < 0
	case Le:
		return order <= 0
	}
	return false
}

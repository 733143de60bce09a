package scim

import (
	"errors"

	"github.com/rollcall-id/rollcall/scim/filter"
)

// Path names what a PATCH operation, a mapping or a sort acts on: an attribute, elements of it by filter, and a sub-attribute of either. It is
// immutable and safe for concurrent use.
type Path struct {
	URN       string     // extension URN; "" for attributes of the type's own schema and the common ones
	Attribute *Attribute // the top-level attribute; nil: the extension object URN as a whole
	Filter    Node       // nil: none; attributes are relative to the element
	Sub       *Attribute // nil: none
}

// ParsePath reads a path (RFC 7644 figure 7) and checks it against the type. The error is an *Error 400: invalidPath, or invalidFilter for what stands
// in brackets.
func (rt *ResourceType) ParsePath(s string) (*Path, error) {
	syntax, err := filter.ParsePath(s)
	if err != nil {
		return nil, pathError(s, err)
	}
	t, problem := rt.resolve(syntax.Attr.Text)
	if problem != nil {
		return nil, bad(InvalidPath, "the path %s leads nowhere: %s", quote(s), problem.detail)
	}
	p := &Path{URN: t.urn, Attribute: t.attribute, Sub: t.sub}
	if t.attribute == nil && t.urn == "" {
		return nil, bad(InvalidPath, "the path %s is the resource itself; leave the path away or name an attribute", quote(s))
	}
	if syntax.Filter == nil {
		return p, nil
	}
	if t.attribute == nil || t.sub != nil || !t.attribute.MultiValued {
		return nil, bad(InvalidPath, "the path %s has brackets behind something that has no elements; they may follow a multi-valued attribute", quote(s))
	}
	c := compiler{rt: rt, parent: t.attribute}
	if p.Filter, err = c.node(syntax.Filter); err != nil {
		return nil, err
	}
	if syntax.Sub != "" {
		if p.Sub = t.attribute.Sub(syntax.Sub); p.Sub == nil {
			return nil, bad(InvalidPath, "the path %s leads nowhere: %s has no sub-attribute %s%s",
				quote(s), t.attribute.Name, quote(syntax.Sub), subList(t.attribute))
		}
	}
	return p, nil
}

func pathError(s string, err error) *Error {
	var syntax *filter.Error
	if errors.As(err, &syntax) && syntax.InFilter {
		return bad(InvalidFilter, "the filter in the path %s cannot be read %v", quote(s), syntax)
	}
	return bad(InvalidPath, "the path %s cannot be read %v", quote(s), err)
}

// String returns the path with names in schema spelling. Parsing it again gives an equal path.
func (p *Path) String() string {
	if p.Attribute == nil {
		return p.URN
	}
	s := p.Attribute.Name
	if p.URN != "" {
		s = p.URN + ":" + s
	}
	if p.Filter != nil {
		s += "[" + render(p.Filter) + "]"
	}
	if p.Sub != nil {
		s += "." + p.Sub.Name
	}
	return s
}

// Leaf returns the attribute that values at the path belong to; nil for a whole extension.
func (p *Path) Leaf() *Attribute {
	if p.Sub != nil {
		return p.Sub
	}
	return p.Attribute
}

// container returns the object that holds the path's top-level attribute, nil when the resource does not carry the extension.
func (p *Path) container(r Resource) map[string]any {
	if p.URN == "" {
		return r
	}
	m, _ := asMap(r[p.URN])
	return m
}

// Lookup returns the value at the path. Of several elements that fit, with or without a filter, a path with a sub-attribute reads the first that
// has it, and a path with a filter alone gives the first element; a multi-valued attribute as a whole gives the list. ok is false when there is
// no value.
func Lookup(r Resource, p *Path) (value any, ok bool) {
	c := p.container(r)
	if p.Attribute == nil {
		return c, c != nil
	}
	v, ok := c[p.Attribute.Name]
	if !ok || v == nil || p.Filter == nil && p.Sub == nil {
		return v, ok && v != nil
	}
	found := anyElement(v, func(e any) bool {
		if p.Filter != nil && !elementMatches(p.Filter, e) {
			return false
		}
		if p.Sub == nil {
			value = e
			return true
		}
		m, _ := asMap(e)
		value, ok = m[p.Sub.Name]
		return ok && value != nil
	})
	if !found {
		return nil, false
	}
	return value, true
}

// elementMatches evaluates a filter from brackets on one element.
func elementMatches(f Node, e any) bool {
	m, ok := asMap(e)
	if !ok {
		m = map[string]any{"value": e}
	}
	return matcher{nested: true}.match(f, m)
}

package scim

import (
	"errors"
	"strings"

	"github.com/rollcall-id/rollcall/scim/filter"
)

// Filter is a filter compiled against a resource type. It is immutable and safe for concurrent use.
type Filter struct {
	root Node
	rt   *ResourceType
}

// ParseFilter reads a filter of at most 4,096 bytes and checks it against the type (RFC 7644 section 3.4.2.2). The error is an *Error 400
// invalidFilter.
func (rt *ResourceType) ParseFilter(s string) (*Filter, error) {
	return rt.ParseFilterWith(s, filter.Limits{})
}

// ParseFilterWith is ParseFilter with other limits, such as filter.BodyLimits for a search request.
func (rt *ResourceType) ParseFilterWith(s string, limits filter.Limits) (*Filter, error) {
	x, err := parseFilter(s, limits)
	if err != nil {
		return nil, err
	}
	c := compiler{rt: rt}
	root, err := c.node(x)
	if err != nil {
		return nil, err
	}
	return &Filter{root: root, rt: rt}, nil
}

func parseFilter(s string, limits filter.Limits) (filter.Expr, error) {
	x, err := filter.ParseWith(s, limits)
	if err != nil {
		return nil, filterError(err)
	}
	return x, nil
}

func filterError(err error) *Error {
	var syntax *filter.Error
	if errors.As(err, &syntax) {
		return bad(InvalidFilter, "the filter cannot be read %v", syntax)
	}
	return bad(InvalidFilter, "the filter cannot be read: %v", err)
}

// Root returns the compiled tree. It must not be modified.
func (f *Filter) Root() Node { return f.root }

// Type returns the resource type the filter was compiled for.
func (f *Filter) Type() *ResourceType { return f.rt }

// String returns the filter with attribute names in schema spelling. Compiling it again gives the same filter.
func (f *Filter) String() string { return render(f.root) }

// Shape returns the filter with every literal replaced by ?: filters carry personal data, so logs show this.
func (f *Filter) Shape() string { return string(f.root.appendTo(printer{shape: true}).text) }

// Uses reports whether the filter looks at the top-level attribute of the type's own schema, such as members.
func (f *Filter) Uses(name string) bool { return uses(f.root, name) }

func uses(n Node, name string) bool {
	switch n := n.(type) {
	case *And:
		return uses(n.Left, name) || uses(n.Right, name)
	case *Or:
		return uses(n.Left, name) || uses(n.Right, name)
	case *Not:
		return uses(n.X, name)
	case *Compare:
		return n.Attr.URN == "" && strings.EqualFold(n.Attr.Name, name)
	case *Present:
		return n.Attr.URN == "" && strings.EqualFold(n.Attr.Name, name)
	case *Element: // what stands inside is relative to this attribute
		return n.Attr.URN == "" && strings.EqualFold(n.Attr.Name, name)
	}
	return false
}

// ParseFilter compiles a filter for every type of the registry, keyed by type name: a query on the base URL looks at all of them (RFC 7644 section
// 3.4.2.1). An attribute that a type does not have counts as unassigned there; one that no type has is an *Error 400 invalidFilter.
func (g *Registry) ParseFilter(s string, limits filter.Limits) (map[string]*Filter, error) {
	x, err := parseFilter(s, limits)
	if err != nil {
		return nil, err
	}
	out := make(map[string]*Filter, len(g.types))
	missing := map[int]int{} // position of an attribute in the text → number of types that lack it
	details := map[int]string{}
	for _, rt := range g.types {
		c := compiler{rt: rt, unknown: func(a filter.Attr, detail string) {
			missing[a.Pos]++
			details[a.Pos] = detail
		}}
		root, err := c.node(x)
		if err != nil {
			return nil, err
		}
		out[rt.Name] = &Filter{root: root, rt: rt}
	}
	for pos, n := range missing {
		if n == len(g.types) {
			return nil, bad(InvalidFilter, "the filter names an attribute that no resource type has: %s", details[pos])
		}
	}
	return out, nil
}

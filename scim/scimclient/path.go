package scimclient

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/rollcall-id/rollcall/scim"
	"github.com/rollcall-id/rollcall/scim/filter"
)

const maxPath = 1024

// Path is a place in a resource: name, name.familyName, emails[type eq "work"].value, either behind the URN of an extension. Unlike scim.Path it does
// not need a schema, because a service's own extensions must be writable without knowing them. A filter in brackets may only join equalities with
// "and": nothing else says what a new element should look like.
type Path struct {
	URN  string // of the extension; "": the main schema
	Name string // schema spelling where known
	Sub  string // "": the whole attribute or element

	terms     []term
	attribute *scim.Attribute // of Name; nil: unknown
	leaf      *scim.Attribute // of Sub, or of Name without one; nil: unknown
	text      string
}

type term struct {
	name  string
	value any // string, bool, int64, float64
}

// ParsePath reads a path. Its errors say what is wrong with it.
func (s Schemas) ParsePath(path string) (*Path, error) {
	if len(path) > maxPath {
		return nil, fmt.Errorf("the attribute path has %d bytes; at most %d are accepted", len(path), maxPath)
	}
	parsed, err := filter.ParsePath(path)
	if err != nil {
		return nil, fmt.Errorf("the attribute path %q cannot be read: %w", path, err)
	}
	p := &Path{text: path}
	var name string
	p.URN, name = s.split(parsed.Attr.Text)
	name, p.Sub, _ = strings.Cut(name, ".")
	p.Name = name
	if parsed.Sub != "" {
		p.Sub = parsed.Sub
	}
	if p.Name == "" {
		return nil, fmt.Errorf("the attribute path %q names a whole extension; expected an attribute of it", path)
	}
	if p.terms, err = terms(parsed.Filter, nil); err != nil {
		return nil, fmt.Errorf("the attribute path %q cannot be written to: %w", path, err)
	}
	s.resolve(p)
	return p, nil
}

// split separates the URN of an extension from the attribute. Of an unknown URN, the last colon ends it.
func (s Schemas) split(text string) (urn, name string) {
	if len(text) < 4 || !strings.EqualFold(text[:4], "urn:") {
		return "", text
	}
	known := s.extensions
	if s.main != nil {
		known = append([]*scim.Schema{s.main}, known...)
	}
	best := ""
	for _, k := range known {
		if k != nil && len(k.ID) > len(best) && len(text) > len(k.ID) && text[len(k.ID)] == ':' && strings.EqualFold(text[:len(k.ID)], k.ID) {
			best = k.ID
		}
	}
	if best != "" {
		name = text[len(best)+1:]
		if s.main != nil && best == s.main.ID {
			best = ""
		}
		return best, name
	}
	i := strings.LastIndexByte(text, ':')
	return text[:i], text[i+1:]
}

func (s Schemas) resolve(p *Path) {
	p.attribute = s.attribute(p.URN, p.Name)
	if p.attribute == nil {
		return
	}
	p.Name = p.attribute.Name
	if p.leaf = p.attribute; p.Sub != "" {
		if p.leaf = p.attribute.Sub(p.Sub); p.leaf != nil {
			p.Sub = p.leaf.Name
		}
	}
	for i, t := range p.terms {
		if a := p.attribute.Sub(t.name); a != nil {
			p.terms[i].name = a.Name
			if b, ok := truth(t.value); ok && a.Type == scim.TypeBoolean { // roles[primary eq "True"]
				p.terms[i].value = b
			}
		}
	}
}

func terms(x filter.Expr, out []term) ([]term, error) {
	switch x := x.(type) {
	case nil:
		return out, nil
	case *filter.And:
		out, err := terms(x.Left, out)
		if err != nil {
			return nil, err
		}
		return terms(x.Right, out)
	case *filter.Compare:
		if x.Op == filter.Eq && x.Value.Kind != filter.Null && !strings.ContainsAny(x.Attr.Text, ".:") {
			return append(out, term{name: x.Attr.Text, value: literal(x.Value)}), nil
		}
	}
	return nil, fmt.Errorf(`the brackets may hold only comparisons such as type eq "work", joined by "and"; got %q`, x)
}

func literal(v filter.Value) any {
	switch v.Kind {
	case filter.True:
		return true
	case filter.False:
		return false
	case filter.Number:
		if n, err := strconv.ParseInt(v.Text, 10, 64); err == nil {
			return n
		}
		if f, err := strconv.ParseFloat(v.Text, 64); err == nil {
			return f
		}
	}
	return v.Text
}

// String returns the path as it was given.
func (p *Path) String() string { return p.text }

// Filtered reports whether the path picks elements of a multi-valued attribute.
func (p *Path) Filtered() bool { return len(p.terms) > 0 }

// Multi reports whether the path means a whole multi-valued attribute.
func (p *Path) Multi() bool {
	return p.attribute != nil && p.attribute.MultiValued && len(p.terms) == 0 && p.Sub == ""
}

// Known reports whether a schema defines what the path names.
func (p *Path) Known() bool { return p.leaf != nil }

// Type is the type of the values, "" when it is not known.
func (p *Path) Type() scim.Type {
	if p.leaf == nil {
		return ""
	}
	return p.leaf.Type
}

// Equal compares two values as the service must: text of an attribute that is not caseExact without regard to letter case. Where no schema says
// anything, letter case does not count, as is the default of RFC 7643 section 2.2.
func (p *Path) Equal(a, b string) bool {
	if p.leaf != nil && !p.leaf.Folds() || p.URN == "" && p.Sub == "" && (p.Name == "id" || p.Name == "externalId") {
		return a == b
	}
	return scim.Fold(a) == scim.Fold(b)
}

// Coerce gives a value the form the attribute needs: real booleans and numbers, objects with a value where a complex attribute is given by its value
// (manager), lists. What cannot be converted is returned as it is, for the service to judge.
func (p *Path) Coerce(v any) any {
	switch list := v.(type) {
	case []string:
		out := make([]any, len(list))
		for i, e := range list {
			out[i] = p.single(e)
		}
		return out
	case []any:
		out := make([]any, len(list))
		for i, e := range list {
			out[i] = p.single(e)
		}
		return out
	}
	v = p.single(v)
	if p.Multi() {
		return []any{v}
	}
	return v
}

func (p *Path) single(v any) any {
	t := text(v)
	switch _, isObject := v.(map[string]any); {
	case isObject:
		return v
	case p.Type() == scim.TypeComplex && p.leaf.Sub("value") != nil:
		return map[string]any{"value": v}
	case p.Type() == scim.TypeBoolean:
		if b, ok := truth(v); ok {
			return b
		}
	case p.Type() == scim.TypeInteger:
		if n, err := strconv.ParseInt(t, 10, 64); err == nil {
			return n
		}
	case p.Type() == scim.TypeDecimal:
		if f, err := strconv.ParseFloat(t, 64); err == nil {
			return f
		}
	case p.Type() == scim.TypeString && t != "":
		return t
	}
	return v
}

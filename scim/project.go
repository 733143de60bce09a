package scim

import (
	"slices"
	"strings"
)

// Projection is a client's choice of attributes (RFC 7644 section 3.9). The zero Projection is the default representation.
type Projection struct {
	attributes []string // requested names as sent
	excluded   []string
}

// maxProjected bounds how many names a client may list.
const maxProjected = 500

// ParseProjection reads the parameters attributes and excludedAttributes, each a list of names or of comma-separated names. Names are checked when
// the projection is applied: unknown ones are ignored. Both at once is an *Error 400 invalidValue, because they contradict each other.
func ParseProjection(attributes, excluded []string) (Projection, error) {
	p := Projection{attributes: splitNames(attributes), excluded: splitNames(excluded)}
	if len(p.attributes) > 0 && len(p.excluded) > 0 {
		return Projection{}, bad(InvalidValue, "attributes and excludedAttributes exclude each other; send one of them")
	}
	if n := max(len(p.attributes), len(p.excluded)); n > maxProjected {
		return Projection{}, bad(InvalidValue, "%d attribute names are given; at most %d are allowed", n, maxProjected)
	}
	return p, nil
}

func splitNames(lists []string) []string {
	var names []string
	for _, list := range lists {
		for name := range strings.SplitSeq(list, ",") {
			if name = strings.TrimSpace(name); name != "" {
				names = append(names, name)
			}
		}
	}
	return names
}

// IsZero reports whether the client chose nothing.
func (p Projection) IsZero() bool { return len(p.attributes) == 0 && len(p.excluded) == 0 }

// Wants reports whether the top-level attribute of a type's own schema may be part of the answer, so that members or groups that nobody wants to see
// need not be read. It is for attributes with returned = default.
func (p Projection) Wants(name string) bool {
	if len(p.attributes) > 0 {
		for _, n := range p.attributes {
			if own, whole := ownName(n); whole || strings.EqualFold(topName(own), name) {
				return true
			}
		}
		return false
	}
	for _, n := range p.excluded {
		if own, whole := ownName(n); whole || strings.EqualFold(own, name) {
			return false
		}
	}
	return true
}

// Asks reports whether attributes names the path itself, in any letter case: only then is what is returned on request part of the answer.
func (p Projection) Asks(path string) bool {
	return slices.ContainsFunc(p.attributes, func(n string) bool {
		own, _ := ownName(n)
		return strings.EqualFold(own, path)
	})
}

// ownName strips a URN. whole is true when the name is the URN of a core schema and nothing more.
func ownName(name string) (own string, whole bool) {
	i := strings.LastIndexByte(name, ':')
	if i < 0 {
		return name, false
	}
	if strings.EqualFold(name, URNUser) || strings.EqualFold(name, URNGroup) {
		return "", true
	}
	return name[i+1:], false
}

func topName(name string) string {
	top, _, _ := strings.Cut(name, ".")
	return top
}

// Project returns the representation that the projection asks for. r is not modified, but the result shares values with it. For many resources make a
// Projector once.
func (rt *ResourceType) Project(r Resource, p Projection) Resource { return rt.Projector(p).Apply(r) }

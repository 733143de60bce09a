package directory

import (
	"strings"
	"time"

	"github.com/rollcall-id/rollcall/scim"
)

// place is where a value lies in an object: a Path, ready to be read without parsing. Cycles read two dozen for every person.
type place struct {
	name    Name
	compute func(Object) any // what no attribute holds; nil: the rest says where it is
	urn     string           // extension; empty: the resource itself
	attr    string
	element string // of a multi-valued attribute the element with this type; empty: not multi-valued
	sub     string // sub-attribute; empty: none
}

// placeOf reads the paths of the vocabulary, which have few forms.
func placeOf(n Name) place {
	p := place{name: n, attr: n.Path, compute: computed(n)}
	quote := strings.IndexByte(n.Path, '"') // a URN has none, and a filter may hold a colon
	if quote < 0 {
		quote = len(n.Path)
	}
	if i := strings.LastIndexByte(n.Path[:quote], ':'); i >= 0 {
		p.urn, p.attr = n.Path[:i], n.Path[i+1:]
	}
	if attr, rest, ok := strings.Cut(p.attr, `[type eq "`); ok {
		p.attr = attr
		p.element, p.sub, _ = strings.Cut(rest, `"].`)
	} else if attr, sub, ok := strings.Cut(p.attr, "."); ok {
		p.attr, p.sub = attr, sub
	}
	return p
}

// computed returns how an attribute is worked out, nil for those that are read where they are.
func computed(n Name) func(Object) any {
	if n.Kept != Computed {
		return nil
	}
	switch {
	case n.Path == "id":
		return func(o Object) any { return o.ID }
	case n.Path == "active":
		return func(o Object) any { return o.Active() }
	case n.Entra == "userPrincipalName":
		return func(o Object) any { return addressAtHome(o.Attributes["userName"]) }
	case n.Entra == "createdDateTime":
		return func(o Object) any { return instant(o.Created) }
	case n.Entra == "deletedDateTime":
		return func(o Object) any { return instant(o.Deleted) }
	}
	return nil
}

// instant is a time as attributes have it, nil for none.
func instant(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return scim.FormatTime(t)
}

// addressAtHome takes away from a guest's name what the inviting organization made of it (spec/entra-provisioning.md 1.13):
// jo_contoso.com#EXT#@fabrikam.example is jo@contoso.com. Other names are as they are.
func addressAtHome(name any) any {
	s, ok := name.(string)
	if !ok {
		return name
	}
	before, _, guest := strings.Cut(s, "#EXT#")
	at := strings.LastIndexByte(before, '_') // no domain has an underscore
	if !guest || at < 0 {
		return name
	}
	return before[:at] + "@" + before[at+1:]
}

// read returns the value, nil when there is none.
func (p *place) read(o Object) any {
	if p.compute != nil {
		return p.compute(o)
	}
	r := map[string]any(o.Attributes)
	if p.urn != "" {
		r, _ = r[p.urn].(map[string]any)
	}
	v := r[p.attr]
	if p.element != "" {
		list, _ := v.([]any)
		for _, e := range list {
			m, _ := e.(map[string]any)
			if typ, _ := m["type"].(string); strings.EqualFold(typ, p.element) && m[p.sub] != nil {
				return m[p.sub]
			}
		}
		return nil
	}
	if p.sub == "" {
		return v
	}
	m, _ := v.(map[string]any)
	return m[p.sub]
}

// places finds names by their spelling and by their lower-case spelling.
type places map[string]*place

func placesOf(names []Name) places {
	m := make(places, 4*len(names))
	for _, n := range names {
		p := placeOf(n)
		m.add(p, n.Entra)
		if p.compute == nil || n.Path == "id" || n.Path == "active" {
			m.add(p, n.Path) // the path of another computed one is read as it is
		}
	}
	return m
}

// add enters the place under the names, unless they are taken: words of the vocabulary come before those of an organization.
func (m places) add(p place, names ...string) {
	for _, name := range names {
		for _, key := range []string{name, strings.ToLower(name)} {
			if m[key] == nil {
				m[key] = &p
			}
		}
	}
}

func (m places) find(name string) *place {
	if p := m[name]; p != nil {
		return p
	}
	return m[strings.ToLower(name)]
}

// secret reports whether nobody may read the attribute.
func secret(a *scim.Attribute) bool {
	return a != nil && (a.Mutability == scim.WriteOnly || a.Returned == scim.ReturnedNever)
}

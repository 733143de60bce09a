package scimclient

import (
	"slices"
	"strings"

	"github.com/rollcall-id/rollcall/scim"
)

// Writable returns a copy of a resource that was read, fit to be sent back with PUT: without what only the service may write (id, meta, and what a
// schema calls readOnly, at any level), and with schemas naming every extension it carries.
func (s Schemas) Writable(r scim.Resource) scim.Resource {
	out := r.Clone()
	delete(out, "id")
	delete(out, "meta")
	if s.main != nil {
		withoutReadOnly(out, s.main.Attribute)
	}
	for k, v := range out {
		if ext := s.schema(k); ext != nil && ext != s.main {
			if m, ok := v.(map[string]any); ok {
				withoutReadOnly(m, ext.Attribute)
			}
		}
	}
	out["schemas"] = s.URNs(out)
	return out
}

// URNs lists the schemas of a resource: the main one, those it names already, and those of the extensions it carries, ordered after the main one.
func (s Schemas) URNs(r scim.Resource) []any {
	var urns []string
	for _, e := range elements(r["schemas"]) {
		urns = append(urns, text(e))
	}
	for k := range r {
		if len(k) > 4 && strings.EqualFold(k[:4], "urn:") {
			urns = append(urns, k)
		}
	}
	slices.Sort(urns)
	var out []any
	if s.main != nil {
		out = append(out, s.main.ID)
		urns = slices.DeleteFunc(urns, func(u string) bool { return strings.EqualFold(u, s.main.ID) })
	}
	for _, u := range slices.CompactFunc(urns, strings.EqualFold) {
		out = append(out, u)
	}
	return out
}

func withoutReadOnly(m map[string]any, attribute func(string) *scim.Attribute) {
	for k, v := range m {
		a := attribute(k)
		if a == nil {
			continue
		}
		if a.Mutability == scim.ReadOnly {
			delete(m, k)
			continue
		}
		for _, e := range elements(v) {
			if sub, ok := e.(map[string]any); ok {
				withoutReadOnly(sub, a.Sub)
			}
		}
	}
}

package scimclient

import (
	"strings"

	"github.com/rollcall-id/rollcall/scim"
)

// Values returns what stands at the path, in order: of every element that the brackets pick, or of every element of the list without brackets. A
// complex value that has a "value" is returned as that value where the path asks for no other part of it.
func (p *Path) Values(r scim.Resource) []any {
	holder, _ := p.holder(r)
	if holder == nil {
		return nil
	}
	var out []any
	for _, e := range elements(field(holder, p.Name)) {
		m, isObject := e.(map[string]any)
		switch {
		case len(p.terms) > 0 && (!isObject || !p.picks(m)):
		case p.Sub != "" && isObject:
			out = appendValue(out, field(m, p.Sub))
		case p.Sub != "": // manager.value where the service sends manager as text
			if strings.EqualFold(p.Sub, "value") {
				out = appendValue(out, e)
			}
		case isObject && field(m, "value") != nil:
			out = appendValue(out, field(m, "value"))
		default:
			out = appendValue(out, e)
		}
	}
	return out
}

// Has reports whether one of the values at the path equals value.
func (p *Path) Has(r scim.Resource, value string) bool {
	for _, v := range p.Texts(r) {
		if p.Equal(v, value) {
			return true
		}
	}
	return false
}

// Texts returns the values at the path as Has compares them: all of them, as text, without objects.
func (p *Path) Texts(r scim.Resource) []string {
	var out []string
	for _, v := range p.Values(r) {
		if _, isObject := v.(map[string]any); !isObject {
			out = append(out, text(v))
		}
	}
	return out
}

func appendValue(out []any, v any) []any {
	if v == nil {
		return out
	}
	return append(out, v)
}

func elements(v any) []any {
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		return v
	}
	return []any{v}
}

// holder is the object the attribute is a member of, and under which name the extension's object stands.
func (p *Path) holder(r scim.Resource) (m map[string]any, key string) {
	if p.URN == "" {
		return r, ""
	}
	for k, v := range r {
		if strings.EqualFold(k, p.URN) {
			m, _ = v.(map[string]any)
			return m, k
		}
	}
	return nil, p.URN
}

// picks reports whether an element satisfies the brackets.
func (p *Path) picks(e map[string]any) bool {
	for _, t := range p.terms {
		got := field(e, t.name)
		if a, ok := truth(got); ok {
			if b, ok := truth(t.value); ok && a == b {
				continue
			}
		}
		if got == nil || !strings.EqualFold(text(got), text(t.value)) {
			return false
		}
	}
	return true
}

// Set puts a value at the path, making the extension's object, the complex value or the element picked by the brackets where it is missing.
func (p *Path) Set(r scim.Resource, v any) {
	v = p.Coerce(v)
	holder, key := p.holder(r)
	if holder == nil {
		holder = map[string]any{}
		r[key] = holder
	}
	name := spelling(holder, p.Name)
	switch {
	case len(p.terms) > 0:
		p.setElements(holder, name, v)
	case p.Sub == "":
		holder[name] = v
	default:
		p.setSub(holder, name, v)
	}
}

func (p *Path) setElements(holder map[string]any, name string, v any) {
	list := elements(holder[name])
	found := false
	for _, e := range list {
		if m, ok := e.(map[string]any); ok && p.picks(m) {
			p.setPart(m, v)
			found = true
		}
	}
	if !found {
		list = append(list, p.Element(v))
	}
	holder[name] = list
}

// Element is a new element that satisfies the brackets and has the value.
func (p *Path) Element(v any) map[string]any {
	m := make(map[string]any, len(p.terms)+1)
	for _, t := range p.terms {
		m[t.name] = t.value
	}
	p.setPart(m, p.Coerce(v))
	return m
}

func (p *Path) setPart(m map[string]any, v any) {
	if p.Sub != "" {
		m[spelling(m, p.Sub)] = v
		return
	}
	if part, ok := v.(map[string]any); ok {
		for k, e := range part {
			m[spelling(m, k)] = e
		}
		return
	}
	m[spelling(m, "value")] = v
}

func (p *Path) setSub(holder map[string]any, name string, v any) {
	list := elements(holder[name])
	if len(list) > 0 {
		if m, ok := list[0].(map[string]any); ok {
			m[spelling(m, p.Sub)] = v
			return
		}
	}
	m := map[string]any{p.Sub: v}
	if p.attribute != nil && p.attribute.MultiValued {
		holder[name] = []any{m}
		return
	}
	holder[name] = m
}

// Remove takes the value at the path away, and with it what is empty afterwards: an element of which only what picked it is left, a complex value
// without parts, an extension's object without attributes.
func (p *Path) Remove(r scim.Resource) {
	holder, key := p.holder(r)
	if holder == nil {
		return
	}
	name := spelling(holder, p.Name)
	switch m, isObject := holder[name].(map[string]any); {
	case len(p.terms) == 0 && p.Sub == "":
		delete(holder, name)
	case len(p.terms) == 0 && isObject:
		delete(m, spelling(m, p.Sub))
		if len(m) == 0 {
			delete(holder, name)
		}
	default:
		p.removeElements(holder, name)
	}
	if p.URN != "" && len(holder) == 0 {
		delete(r, key)
	}
}

func (p *Path) removeElements(holder map[string]any, name string) {
	var kept []any
	for _, e := range elements(holder[name]) {
		m, ok := e.(map[string]any)
		if !ok || !p.picks(m) {
			kept = append(kept, e)
			continue
		}
		if p.Sub == "" {
			continue
		}
		delete(m, spelling(m, p.Sub))
		if p.carries(m) {
			kept = append(kept, m)
		}
	}
	if len(kept) == 0 {
		delete(holder, name)
		return
	}
	holder[name] = kept
}

// carries reports whether an element says more than its type and that it is the primary one.
func (p *Path) carries(m map[string]any) bool {
	for k := range m {
		if !strings.EqualFold(k, "type") && !strings.EqualFold(k, "primary") && !p.isTerm(k) {
			return true
		}
	}
	return false
}

func (p *Path) isTerm(name string) bool {
	for _, t := range p.terms {
		if strings.EqualFold(t.name, name) {
			return true
		}
	}
	return false
}

// spelling is the name under which a member stands in m already, or the name itself.
func spelling(m map[string]any, name string) string {
	if _, ok := m[name]; ok {
		return name
	}
	for k := range m {
		if strings.EqualFold(k, name) {
			return k
		}
	}
	return name
}

// Elements returns what the attribute holds, before brackets and sub-attribute are applied.
func (p *Path) Elements(r scim.Resource) []any {
	holder, _ := p.holder(r)
	if holder == nil {
		return nil
	}
	return elements(field(holder, p.Name))
}

// Picks reports whether the brackets pick at least one element.
func (p *Path) Picks(r scim.Resource) bool {
	for _, e := range p.Elements(r) {
		if m, ok := e.(map[string]any); ok && p.picks(m) {
			return true
		}
	}
	return false
}

// Attribute is the path of the whole attribute, without brackets and sub-attribute.
func (p *Path) Attribute() string {
	if p.URN == "" {
		return p.Name
	}
	return p.URN + ":" + p.Name
}

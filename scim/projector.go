package scim

import "slices"

// Projector is a projection resolved against a resource type. It is immutable and safe for concurrent use.
type Projector struct {
	rt      *ResourceType
	only    bool // attributes were requested: nothing else but what is always returned
	choices map[string]choice
}

// choice is what was said about a top-level attribute or, by its URN, an extension.
type choice struct {
	whole bool            // the attribute as such was named
	subs  map[string]bool // or some of its sub-attributes
}

// Projector resolves the projection. Names that lead nowhere are ignored.
func (rt *ResourceType) Projector(p Projection) *Projector {
	j := &Projector{rt: rt, only: len(p.attributes) > 0}
	names := p.excluded
	if j.only {
		names = p.attributes
	}
	if len(names) == 0 {
		return j
	}
	j.choices = make(map[string]choice, len(names))
	for _, name := range names {
		j.choose(name)
	}
	return j
}

func (j *Projector) choose(name string) {
	t, problem := j.rt.resolve(name)
	if problem != nil {
		return
	}
	key := t.urn // a whole extension, or with "" the type's own schema
	if t.attribute != nil {
		key = choiceKey(t.urn, t.attribute.Name)
	}
	c := j.choices[key]
	if t.sub == nil {
		c.whole = true
	} else {
		if c.subs == nil {
			c.subs = map[string]bool{}
		}
		c.subs[t.sub.Name] = true
	}
	j.choices[key] = c
}

func choiceKey(urn, name string) string {
	if urn == "" {
		return name
	}
	return urn + ":" + name
}

// Apply returns the representation of one resource: what is always returned, and of the rest what was requested, or the default without what was
// excluded. schemas names the extensions that are part of the result.
func (j *Projector) Apply(r Resource) Resource {
	out := make(Resource, len(r)+1)
	j.object(out, "", false, common().Attributes, r)
	j.object(out, "", j.choices[""].whole, j.rt.Schema.Attributes, r)
	for _, e := range j.rt.Extensions {
		source, ok := asMap(r[e.Schema.ID])
		if !ok {
			continue
		}
		object := make(map[string]any, len(source))
		j.object(object, e.Schema.ID, j.choices[e.Schema.ID].whole, e.Schema.Attributes, source)
		if len(object) > 0 {
			out[e.Schema.ID] = object
		}
	}
	out["schemas"] = stringsJSON(j.rt.SchemaURNs(out))
	return out
}

// object copies what is shown of an object's attributes; whole says that their schema was named.
func (j *Projector) object(dst map[string]any, urn string, whole bool, attributes []*Attribute, src map[string]any) {
	for _, a := range attributes {
		v, ok := src[a.Name]
		if !ok || v == nil {
			continue
		}
		var c choice
		if j.choices != nil {
			c = j.choices[choiceKey(urn, a.Name)]
			c.whole = c.whole || whole && a.Returned != ReturnedRequest
		}
		if v = j.attribute(a, c, v); v != nil {
			dst[a.Name] = v
		}
	}
}

// attribute returns what is shown of a top-level attribute, nil for nothing.
func (j *Projector) attribute(a *Attribute, c choice, v any) any {
	named := c.whole || c.subs != nil
	show := a.Returned == ReturnedDefault || a.Returned == ReturnedAlways
	switch {
	case a.Returned == ReturnedNever:
		return nil
	case a.Returned == ReturnedAlways && a.Type != TypeComplex:
		return v
	case j.only:
		show = named || a.Returned == ReturnedAlways
	case c.whole && a.Returned != ReturnedAlways:
		show = false
	}
	if a.Type != TypeComplex {
		if !show {
			return nil
		}
		return v
	}
	return j.complex(a, func(sub *Attribute) bool { return j.showsSub(sub, c, show) }, v)
}

// showsSub decides about a sub-attribute; show says that the attribute which has it is shown.
func (j *Projector) showsSub(sub *Attribute, c choice, show bool) bool {
	switch sub.Returned {
	case ReturnedNever:
		return false
	case ReturnedAlways:
		return true
	case ReturnedRequest:
		return show && j.only && c.subs[sub.Name]
	}
	switch {
	case !show:
		return false
	case j.only && !c.whole && c.subs != nil:
		return c.subs[sub.Name]
	case !j.only:
		return !c.subs[sub.Name]
	}
	return true
}

// complex filters the sub-attributes of a value or of each element. What has nothing to hide is shared, not copied: a group may have many members.
func (j *Projector) complex(a *Attribute, show func(sub *Attribute) bool, v any) any {
	var hidden []string
	for _, sub := range a.SubAttributes {
		if !show(sub) {
			hidden = append(hidden, sub.Name)
		}
	}
	switch len(hidden) {
	case 0:
		return v
	case len(a.SubAttributes):
		return nil
	}
	list, ok := v.([]any)
	if !ok {
		return without(hidden, v)
	}
	if !slices.ContainsFunc(list, func(e any) bool { return hasAny(hidden, e) }) {
		return v
	}
	out := make([]any, 0, len(list))
	for _, e := range list {
		if e = without(hidden, e); e != nil {
			out = append(out, e)
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

func hasAny(names []string, v any) bool {
	m, ok := asMap(v)
	return ok && slices.ContainsFunc(names, func(name string) bool { _, has := m[name]; return has })
}

// without returns v without the named members, nil when nothing is left.
func without(names []string, v any) any {
	m, ok := asMap(v)
	if !ok || !hasAny(names, v) {
		return v
	}
	out := make(map[string]any, len(m))
	for k, w := range m {
		if !slices.Contains(names, k) {
			out[k] = w
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

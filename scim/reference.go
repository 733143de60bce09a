package scim

import "github.com/rollcall-id/rollcall/scim/filter"

// mayRefer reports whether a text of the attribute may name another resource of the service: the value of a reference such as a member or manager, and
// attributes of type reference that may point to more than what lies outside.
func mayRefer(a, parent *Attribute) bool {
	if a.Type == TypeReference {
		for _, t := range a.ReferenceTypes {
			if t != "external" && t != "uri" {
				return true
			}
		}
		return len(a.ReferenceTypes) == 0
	}
	return a.Name == "value" && a.Type == TypeString && parent != nil && isReference(parent)
}

// holdsReferences reports whether the attribute or one of its sub-attributes may refer.
func holdsReferences(a *Attribute) bool {
	if mayRefer(a, nil) {
		return true
	}
	for _, sub := range a.SubAttributes {
		if mayRefer(sub, a) {
			return true
		}
	}
	return false
}

// slot is a top-level attribute of a resource that may hold references.
type slot struct {
	urn string
	a   *Attribute
}

// slots lists them: those of the type's schema, then those of its extensions.
func (rt *ResourceType) slots() []slot {
	var out []slot
	for _, a := range rt.Schema.Attributes {
		if holdsReferences(a) {
			out = append(out, slot{"", a})
		}
	}
	for _, e := range rt.Extensions {
		for _, a := range e.Schema.Attributes {
			if holdsReferences(a) {
				out = append(out, slot{e.Schema.ID, a})
			}
		}
	}
	return out
}

func (s slot) object(r Resource) map[string]any {
	if s.urn == "" {
		return r
	}
	m, _ := asMap(r[s.urn])
	return m
}

// MapReferences puts in the place of each text of r that may name another resource of the service what f makes of it: the values of members and manager and
// whatever else is built like them, and attributes of type reference. It changes r. An error of f ends it.
func (rt *ResourceType) MapReferences(r Resource, f func(text string) (string, error)) error {
	for _, s := range rt.slots() {
		object := s.object(r)
		v, ok := object[s.a.Name]
		if !ok {
			continue
		}
		mapped, err := mapValue(s.a, nil, v, f)
		if err != nil {
			return err
		}
		object[s.a.Name] = mapped
	}
	return nil
}

// MapReferences is MapReferences of ResourceType for the values of a patch, and for what its paths' filters compare such values with. It leaves p as it is.
func (p *Patch) MapReferences(f func(text string) (string, error)) (*Patch, error) {
	out := *p
	out.Operations = make([]Operation, len(p.Operations))
	for i, op := range p.Operations {
		mapped, err := op.mapReferences(f)
		if err != nil {
			return nil, inOperation(i, len(p.Operations), err)
		}
		out.Operations[i] = mapped
	}
	return &out, nil
}

func (op Operation) mapReferences(f func(text string) (string, error)) (Operation, error) {
	a := op.Path.Attribute
	if a == nil || !holdsReferences(a) {
		return op, nil
	}
	path := *op.Path
	var err error
	if path.Filter != nil {
		if path.Filter, err = mapFilter(path.Filter, f); err != nil {
			return op, err
		}
	}
	op.Path = &path
	if path.Sub != nil {
		op.Value, err = mapValue(path.Sub, a, op.Value, f)
	} else {
		op.Value, err = mapValue(a, nil, op.Value, f)
	}
	return op, err
}

// mapValue returns v with its references mapped, sharing with v what stays as it is.
func mapValue(a, parent *Attribute, v any, f func(text string) (string, error)) (any, error) {
	switch v := v.(type) {
	case string:
		if mayRefer(a, parent) {
			return f(v)
		}
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			var err error
			if out[i], err = mapValue(a, parent, e, f); err != nil {
				return nil, err
			}
		}
		out, _ = addElements(a, make([]any, 0, len(out)), out) // two references may turn out to be one
		return out, nil
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, w := range v {
			out[k] = w
		}
		for _, sub := range a.SubAttributes {
			if w, ok := v[sub.Name]; ok {
				var err error
				if out[sub.Name], err = mapValue(sub, a, w, f); err != nil {
					return nil, err
				}
			}
		}
		return out, nil
	}
	return v, nil
}

func mapFilter(x Node, f func(text string) (string, error)) (Node, error) {
	switch x := x.(type) {
	case *And:
		left, right, err := mapFilters(x.Left, x.Right, f)
		return &And{left, right}, err
	case *Or:
		left, right, err := mapFilters(x.Left, x.Right, f)
		return &Or{left, right}, err
	case *Not:
		inner, err := mapFilter(x.X, f)
		return &Not{inner}, err
	case *Compare:
		if x.Value.Kind != LiteralString || !mayRefer(x.Attr.Attribute, x.Attr.Parent) {
			return x, nil
		}
		text, err := f(x.Value.source.Text)
		if err != nil || text == x.Value.source.Text {
			return x, err
		}
		value, _ := literal(x.Attr.Attribute, x.Op, filter.Value{Kind: filter.String, Text: text})
		return &Compare{Attr: x.Attr, Op: x.Op, Value: value}, nil
	}
	return x, nil
}

func mapFilters(l, r Node, f func(text string) (string, error)) (left, right Node, err error) {
	if left, err = mapFilter(l, f); err != nil {
		return nil, nil, err
	}
	right, err = mapFilter(r, f)
	return left, right, err
}

// DetachReferences takes out of r what refers to a resource for which away is true: elements of multi-valued attributes, and other attributes whole. It
// returns the patch that puts them back, nil when r had none.
func (rt *ResourceType) DetachReferences(r Resource, away func(text string) bool) *Patch {
	p := new(Patch)
	for _, s := range rt.slots() {
		object := s.object(r)
		rest, gone := detach(s.a, object[s.a.Name], away)
		if gone == nil {
			continue
		}
		if object[s.a.Name] = rest; rest == nil {
			delete(object, s.a.Name)
		}
		if len(object) == 0 {
			delete(r, s.urn)
		}
		p.Operations = append(p.Operations, Operation{Kind: PatchAdd, Path: &Path{URN: s.urn, Attribute: s.a}, Value: gone})
	}
	if p.Empty() {
		return nil
	}
	r["schemas"] = stringsJSON(rt.SchemaURNs(r))
	return p
}

// detach splits a value into what stays and what refers away; nil is nothing.
func detach(a *Attribute, v any, away func(text string) bool) (rest, gone any) {
	list, ok := v.([]any)
	if !ok {
		if refersTo(a, v, away) {
			return nil, v
		}
		return v, nil
	}
	var stays, goes []any
	for _, e := range list {
		if refersTo(a, e, away) {
			goes = append(goes, e)
		} else {
			stays = append(stays, e)
		}
	}
	if len(stays) > 0 {
		rest = stays
	}
	if len(goes) > 0 {
		gone = goes
	}
	return rest, gone
}

func refersTo(a *Attribute, v any, away func(text string) bool) bool {
	found := false
	_, _ = mapValue(a, nil, v, func(text string) (string, error) { // the function never fails
		found = found || away(text)
		return text, nil
	})
	return found
}

package scim

import "slices"

// Replace computes the state after a PUT of sent on old (RFC 7644 section 3.5.1). Both are canonical; neither is modified. Attributes that sent leaves out
// are cleared, except read-only ones, write-only ones (a client cannot read a password back to send it again), immutable ones and those the
// type lists in KeepOnPut. changed is false when the result equals old: then the version must stay. The error is an *Error.
func (rt *ResourceType) Replace(old, sent Resource) (out Resource, changed bool, err error) {
	out = make(Resource, len(old)+4)
	keep := func(a *Attribute) bool { return slices.Contains(rt.KeepOnPut, a.Name) }
	for _, list := range [][]*Attribute{common().Attributes, rt.Schema.Attributes} {
		if err := replaceObject(list, out, old, sent, keep); err != nil {
			return nil, false, err
		}
	}
	for _, e := range rt.Extensions {
		before, _ := asMap(old[e.Schema.ID])
		after, _ := asMap(sent[e.Schema.ID])
		object := make(map[string]any, len(after))
		if err := replaceObject(e.Schema.Attributes, object, before, after, func(*Attribute) bool { return false }); err != nil {
			return nil, false, err
		}
		if len(object) > 0 {
			out[e.Schema.ID] = object
		}
	}
	if err := rt.ValidateNew(out); err != nil {
		return nil, false, err
	}
	out["schemas"] = stringsJSON(rt.SchemaURNs(out))
	return out, len(ChangedPaths(old, out)) > 0, nil
}

func replaceObject(list []*Attribute, out, old, sent map[string]any, keep func(*Attribute) bool) error {
	for _, a := range list {
		if a.Name == "schemas" {
			continue // computed
		}
		v, err := replaced(a, old[a.Name], sent[a.Name], keep(a))
		if err != nil {
			return err
		}
		if v != nil {
			out[a.Name] = cloneValue(v)
		}
	}
	return nil
}

// replaced decides one attribute. nil is unassigned.
func replaced(a *Attribute, old, sent any, keep bool) (any, error) {
	switch {
	case a.Mutability == ReadOnly:
		return old, nil
	case sent == nil && (keep || a.Mutability == WriteOnly || a.Mutability == Immutable):
		return old, nil
	case sent == nil || old == nil:
		return sent, nil
	case a.Mutability == Immutable && !EqualUnordered(old, sent):
		return nil, immutableError(a, nil)
	case a.Type != TypeComplex:
		return sent, nil
	case a.MultiValued:
		return keepElementFacts(a, old, sent), nil
	}
	before, ok1 := asMap(old)
	after, ok2 := asMap(sent)
	if !ok1 || !ok2 {
		return sent, nil
	}
	return replacedComplex(a, before, after)
}

// replacedComplex carries over what a client may not write: read-only sub-attributes, as long as a reference still points to the same resource.
func replacedComplex(a *Attribute, old, sent map[string]any) (any, error) {
	out := cloneMap(sent)
	moved := isReference(a) && !Equal(old["value"], sent["value"])
	for _, sub := range a.SubAttributes {
		before, set := old[sub.Name]
		_, given := out[sub.Name]
		switch {
		case !set:
		case sub.Mutability == ReadOnly && !moved, sub.Mutability == WriteOnly && !given, sub.Mutability == Immutable && !given:
			out[sub.Name] = before
		case sub.Mutability == Immutable && !Equal(before, out[sub.Name]):
			return nil, immutableError(sub, a)
		}
	}
	return out, nil
}

// keepElementFacts carries read-only sub-attributes over to elements that stay. Elements are free to come and go, so immutable sub-attributes
// do not matter here: an element with other values is another element.
func keepElementFacts(a *Attribute, old, sent any) any {
	before, ok1 := old.([]any)
	after, ok2 := sent.([]any)
	readOnly := slices.DeleteFunc(slices.Clone(a.SubAttributes), func(s *Attribute) bool { return s.Mutability != ReadOnly })
	if !ok1 || !ok2 || len(readOnly) == 0 {
		return sent
	}
	known := make(map[string]map[string]any, len(before))
	for _, e := range before {
		if m, ok := asMap(e); ok {
			known[identity(a, e)] = m
		}
	}
	out := make([]any, len(after))
	for i, e := range after {
		out[i] = e
		m, ok := asMap(e)
		if !ok {
			continue
		}
		facts := known[identity(a, e)]
		m = cloneMap(m)
		for _, sub := range readOnly {
			if v, has := facts[sub.Name]; has {
				m[sub.Name] = v
			}
		}
		out[i] = m
	}
	return out
}

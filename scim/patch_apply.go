package scim

// patcher applies canonical operations to a resource it owns.
type patcher struct {
	rt      *ResourceType
	r       Resource
	profile Profile
	report  func(rule string)
	work    int   // see MaxPatchWork
	shared  *Work // see Patch.Work
}

func (x *patcher) used(rule string) {
	if x.report != nil {
		x.report(rule)
	}
}

func (x *patcher) apply(op Operation) error {
	p := op.Path
	if p.Attribute == nil {
		return x.removeExtension(p.URN)
	}
	if p.Attribute.Mutability == ReadOnly || p.Sub != nil && p.Sub.Mutability == ReadOnly {
		return bad(Mutability, "%s is read-only and cannot be changed", p)
	}
	if p.Attribute.MultiValued {
		return x.applyList(op)
	}
	c := x.container(p.URN)
	if p.Sub != nil {
		return x.applySub(c, op)
	}
	switch {
	case op.Kind == PatchRemove, op.Value == nil:
		return unassign(c, p.Attribute, nil, op.Kind)
	case p.Attribute.Type == TypeComplex:
		return mergeComplex(c, p.Attribute, op.Value)
	}
	return setValue(c, p.Attribute, nil, op.Value)
}

// container returns the object the attributes of the schema stand in, making the extension's if needed. Empty ones are dropped at the end.
func (x *patcher) container(urn string) map[string]any {
	if urn == "" {
		return x.r
	}
	m, ok := asMap(x.r[urn])
	if !ok {
		m = map[string]any{}
		x.r[urn] = m
	}
	return m
}

func (x *patcher) dropEmptyExtensions() {
	for _, e := range x.rt.Extensions {
		if m, ok := asMap(x.r[e.Schema.ID]); ok && len(m) == 0 {
			delete(x.r, e.Schema.ID)
		}
	}
}

// removeExtension unassigns every attribute of an extension that a client may write.
func (x *patcher) removeExtension(urn string) error {
	for _, e := range x.rt.Extensions {
		if e.Schema.ID != urn {
			continue
		}
		c, carried := asMap(x.r[urn])
		if carried && e.Required {
			return bad(Mutability, "the extension %s is required and cannot be removed", urn)
		}
		for _, a := range e.Schema.Attributes {
			if a.Mutability == ReadOnly {
				continue
			}
			if err := unassign(c, a, nil, PatchRemove); err != nil {
				return err
			}
		}
	}
	return nil
}

// unassign drops a value. A remove of something required is refused at once; a replace by nothing is found by the check of the result.
func unassign(c map[string]any, a, parent *Attribute, kind PatchKind) error {
	if a.Required && kind == PatchRemove {
		return bad(Mutability, "%s is required and cannot be removed", fullName(a, parent))
	}
	if _, set := c[a.Name]; !set {
		return nil
	}
	if a.Mutability == Immutable {
		return immutableError(a, parent)
	}
	delete(c, a.Name)
	return nil
}

func setValue(c map[string]any, a, parent *Attribute, v any) error {
	if old, set := c[a.Name]; set && a.Mutability == Immutable {
		if EqualUnordered(old, v) {
			return nil
		}
		return immutableError(a, parent)
	}
	c[a.Name] = cloneValue(v) // a patch can be applied again: its values must not become part of a resource
	return nil
}

func immutableError(a, parent *Attribute) error {
	return bad(Mutability, "%s is immutable: it has a value, which cannot be changed", fullName(a, parent))
}

// mergeComplex writes the given sub-attributes and leaves the others alone (RFC 7644 section 3.5.2.3).
func mergeComplex(c map[string]any, a *Attribute, v any) error {
	given, ok := asMap(v)
	if !ok {
		return wrongType(a, nil, v, "an object")
	}
	old, had := asMap(c[a.Name])
	merged := cloneMap(old)
	if err := mergeSubs(merged, a, given); err != nil {
		return err
	}
	dropStaleReference(merged, old, a, given)
	if had && a.Mutability == Immutable && !EqualUnordered(old, merged) {
		return immutableError(a, nil)
	}
	if len(merged) == 0 {
		delete(c, a.Name)
		return nil
	}
	c[a.Name] = merged
	return nil
}

func mergeSubs(dst map[string]any, a *Attribute, given map[string]any) error {
	for k, v := range given {
		sub := a.Sub(k)
		if sub == nil || sub.Mutability == ReadOnly {
			continue
		}
		var err error
		if v == nil {
			err = unassign(dst, sub, a, PatchReplace)
		} else {
			err = setValue(dst, sub, a, v)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// dropStaleReference removes what described the old target when a reference is turned to another: $ref and displayName of the former manager.
func dropStaleReference(merged, old map[string]any, a *Attribute, given map[string]any) {
	if !isReference(a) || old == nil || Equal(old["value"], merged["value"]) {
		return
	}
	for _, sub := range a.SubAttributes {
		if _, fresh := given[sub.Name]; !fresh && (sub.Name == "$ref" || sub.Mutability == ReadOnly) {
			delete(merged, sub.Name)
		}
	}
}

// applySub writes or removes a sub-attribute of a single complex attribute. The parent comes with its first sub-attribute and goes with its last.
func (x *patcher) applySub(c map[string]any, op Operation) error {
	a, sub := op.Path.Attribute, op.Path.Sub
	if op.Kind != PatchRemove {
		return mergeComplex(c, a, map[string]any{sub.Name: op.Value})
	}
	parent, ok := asMap(c[a.Name])
	if !ok {
		return nil
	}
	if a.Mutability == Immutable {
		return immutableError(a, nil)
	}
	if err := unassign(parent, sub, a, PatchRemove); err != nil {
		return err
	}
	if len(parent) == 0 {
		if a.Required {
			return bad(Mutability, "%s is required and cannot be removed", a.Name)
		}
		delete(c, a.Name)
	}
	return nil
}

package scim

import "slices"

// applyList runs an operation on a multi-valued attribute.
func (x *patcher) applyList(op Operation) error {
	a := op.Path.Attribute
	c := x.container(op.Path.URN)
	old, _ := c[a.Name].([]any)
	cost := len(old) * max(1, terms(op.Path.Filter))
	if x.work += cost; x.work > MaxPatchWork {
		return bad(TooMany, "the operations of this PATCH compare too many elements of %s: more than %d in all; send them in several requests",
			a.Name, MaxPatchWork)
	}
	if !x.shared.spend(cost) {
		return bad(TooMany, "the PATCH operations of this bulk request have compared too many elements together; send what is left in another request")
	}
	list := slices.Clone(old)
	if a.Mutability == Immutable && len(old) > 0 {
		list, _ = cloneValue(old).([]any) // compared below, so the elements must stay as they are
	}
	list, primaries, err := x.changeList(op, list)
	if err != nil {
		return err
	}
	if err := onlyPrimary(a, list, primaries); err != nil {
		return err
	}
	switch {
	case a.Mutability == Immutable && len(old) > 0 && !EqualUnordered(old, list):
		return immutableError(a, nil)
	case len(list) == 0 && len(old) > 0 && a.Required && op.Kind == PatchRemove:
		return bad(Mutability, "%s is required; its last value cannot be removed", a.Name)
	case len(list) == 0:
		delete(c, a.Name)
	default:
		c[a.Name] = list
	}
	return nil
}

// changeList returns the new elements and the indexes of those that the operation made primary.
func (x *patcher) changeList(op Operation, list []any) ([]any, []int, error) {
	switch {
	case op.Path.Filter != nil && op.Path.Sub != nil:
		return x.changeSubs(op, list)
	case op.Path.Filter != nil:
		return x.changeElements(op, list)
	case op.Path.Sub != nil:
		return x.changeOnlyElement(op, list)
	}
	return x.changeWhole(op, list)
}

// changeWhole acts on the list without filter or sub-attribute.
func (x *patcher) changeWhole(op Operation, list []any) ([]any, []int, error) {
	a := op.Path.Attribute
	given, isList := op.Value.([]any)
	if op.Value != nil && !isList {
		return nil, nil, wrongType(a, nil, op.Value, "a list")
	}
	switch op.Kind {
	case PatchRemove:
		if op.Value == nil {
			return nil, nil, nil
		}
		return removeElements(a, list, given), nil, nil
	case PatchReplace:
		list, _ = cloneValue(given).([]any)
		return list, primaryIndexes(list, allIndexes(list)), nil
	}
	given, _ = cloneValue(given).([]any)
	primary := map[string]bool{}
	for _, e := range given {
		if isPrimary(e) {
			primary[identity(a, e)] = true
		}
	}
	list, touched := addElements(a, list, given)
	touched = slices.DeleteFunc(touched, func(i int) bool { return !primary[identity(a, list[i])] })
	return list, primaryIndexes(list, touched), nil
}

func allIndexes(list []any) []int {
	all := make([]int, len(list))
	for i := range list {
		all[i] = i
	}
	return all
}

func primaryIndexes(list []any, among []int) []int {
	return slices.DeleteFunc(among, func(i int) bool { return !isPrimary(list[i]) })
}

// changeElements acts on the elements that the filter finds.
func (x *patcher) changeElements(op Operation, list []any) ([]any, []int, error) {
	matches := matching(op.Path.Filter, list)
	if op.Kind == PatchRemove || op.Value == nil {
		return deleteIndexes(list, matches), nil, nil
	}
	if len(matches) == 0 {
		return x.addDerived(op, list)
	}
	a := op.Path.Attribute
	for _, i := range matches {
		e, err := changedElement(op, a, list[i])
		if err != nil {
			return nil, nil, err
		}
		list[i] = e
	}
	var primaries []int
	if isPrimary(op.Value) {
		primaries = primaryIndexes(list, slices.Clone(matches))
	}
	return list, primaries, nil
}

// changedElement merges the value into an element (add) or puts it in the element's place (replace).
func changedElement(op Operation, a *Attribute, stored any) (any, error) {
	old, ok := asMap(stored)
	given, ok2 := asMap(op.Value)
	if !ok || !ok2 {
		return cloneValue(op.Value), nil // an attribute with simple values
	}
	if op.Kind == PatchAdd {
		merged := cloneMap(old)
		return merged, mergeSubs(merged, a, given)
	}
	element := withoutNulls(given)
	if terms, ok := equalities(op.Path.Filter); ok {
		for k, v := range terms {
			if _, has := given[k]; !has && a.Sub(k) != nil && a.Sub(k).Mutability != ReadOnly {
				element[k] = v
			}
		}
	}
	for _, sub := range a.SubAttributes {
		v, set := old[sub.Name]
		switch {
		case set && sub.Mutability == ReadOnly:
			element[sub.Name] = v
		case set && sub.Mutability == Immutable && !Equal(v, element[sub.Name]):
			return nil, immutableError(sub, a)
		}
	}
	return element, nil
}

func withoutNulls(m map[string]any) map[string]any {
	out := make(map[string]any, len(m)+2)
	for k, v := range m {
		if v != nil {
			out[k] = cloneValue(v)
		}
	}
	return out
}

// addDerived handles a filter that finds nothing: add makes the element if it then satisfies the filter, replace has no target.
func (x *patcher) addDerived(op Operation, list []any) ([]any, []int, error) {
	if op.Kind == PatchReplace {
		return nil, nil, noTarget(op)
	}
	given, ok := asMap(op.Value)
	if !ok {
		if !elementMatches(op.Path.Filter, op.Value) {
			return nil, nil, noTarget(op)
		}
		list, _ = addElements(op.Path.Attribute, list, []any{cloneValue(op.Value)})
		return list, nil, nil
	}
	element := withoutNulls(given)
	terms, _ := equalities(op.Path.Filter)
	for k, v := range terms {
		if _, has := element[k]; !has {
			element[k] = v
		}
	}
	if !elementMatches(op.Path.Filter, element) {
		return nil, nil, noTarget(op)
	}
	x.used(RuleCreateElement)
	list = append(list, element)
	return list, primaryIndexes(list, []int{len(list) - 1}), nil
}

func noTarget(op Operation) error {
	return bad(NoTarget, "the %s operation found nothing at %s; add an element of %s first, or send it whole", op.Kind, op.Path, op.Path.Attribute.Name)
}

// changeSubs acts on a sub-attribute of the elements that the filter finds. Where there is none, one is made from the filter's equalities (N8).
func (x *patcher) changeSubs(op Operation, list []any) ([]any, []int, error) {
	matches := matching(op.Path.Filter, list)
	if len(matches) > 0 || op.Kind == PatchRemove || op.Value == nil {
		return x.setSubs(op, list, matches)
	}
	if op.Kind == PatchReplace && x.profile != ProfileEntra {
		return nil, nil, noTarget(op)
	}
	element, ok := equalities(op.Path.Filter)
	if !ok {
		return nil, nil, noTarget(op)
	}
	element[op.Path.Sub.Name] = cloneValue(op.Value)
	x.used(RuleCreateElement)
	list = append(list, element)
	return list, primaryIndexes(list, []int{len(list) - 1}), nil
}

// changeOnlyElement acts on a path such as emails.value. Without a filter it is clear what is meant only if there is at most one element.
func (x *patcher) changeOnlyElement(op Operation, list []any) ([]any, []int, error) {
	if op.Kind == PatchRemove {
		return x.setSubs(op, list, allIndexes(list))
	}
	switch {
	case len(list) > 1:
		return nil, nil, bad(InvalidPath, "%s has %d elements; say which one is meant, for example %s[type eq \"work\"].%s",
			op.Path.Attribute.Name, len(list), op.Path.Attribute.Name, op.Path.Sub.Name)
	case len(list) == 1:
		return x.setSubs(op, list, []int{0})
	case op.Value == nil:
		return list, nil, nil
	}
	list = append(list, map[string]any{op.Path.Sub.Name: cloneValue(op.Value)})
	return list, primaryIndexes(list, []int{0}), nil
}

// setSubs writes or unassigns the sub-attribute in the elements at the indexes, and drops elements that then say nothing any more.
func (x *patcher) setSubs(op Operation, list []any, at []int) ([]any, []int, error) {
	a, sub := op.Path.Attribute, op.Path.Sub
	var primaries, spent []int
	for _, i := range at {
		stored, ok := asMap(list[i])
		if !ok {
			continue
		}
		element := cloneMap(stored)
		var err error
		if op.Kind == PatchRemove || op.Value == nil {
			err = unassign(element, sub, a, op.Kind)
		} else {
			err = setValue(element, sub, a, op.Value)
		}
		if err != nil {
			return nil, nil, err
		}
		list[i] = element
		switch {
		case len(element) < len(stored) && onlyLabels(element):
			spent = append(spent, i)
		case sub.Name == "primary" && isPrimary(element):
			primaries = append(primaries, i)
		}
	}
	if len(spent) > 0 {
		return deleteIndexes(list, spent), nil, nil
	}
	return list, primaries, nil
}

// onlyPrimary lets the element that was made primary be the only one (RFC 7644 section 3.5.2).
func onlyPrimary(a *Attribute, list []any, made []int) error {
	if len(made) > 1 {
		return bad(InvalidValue, "the operation makes %d elements of %s primary; at most one may be", len(made), a.Name)
	}
	if len(made) == 0 {
		return nil
	}
	for i, e := range list {
		if i != made[0] && isPrimary(e) {
			m, _ := asMap(e)
			m = cloneMap(m)
			m["primary"] = false
			list[i] = m
		}
	}
	return nil
}

// terms counts the comparisons of a filter; none has none.
func terms(f Node) int {
	switch f := f.(type) {
	case nil:
		return 0
	case *And:
		return terms(f.Left) + terms(f.Right)
	case *Or:
		return terms(f.Left) + terms(f.Right)
	case *Not:
		return terms(f.X)
	case *Element:
		return terms(f.X)
	}
	return 1
}

func matching(f Node, list []any) []int {
	var at []int
	for i, e := range list {
		if elementMatches(f, e) {
			at = append(at, i)
		}
	}
	return at
}

// deleteIndexes removes the elements at the ascending indexes.
func deleteIndexes(list []any, at []int) []any {
	kept := list[:0]
	for i, e := range list {
		if len(at) > 0 && at[0] == i {
			at = at[1:]
			continue
		}
		kept = append(kept, e)
	}
	clear(list[len(kept):])
	return kept
}

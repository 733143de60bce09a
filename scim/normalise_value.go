package scim

// value normalises what was sent for an attribute: a list for a multi-valued one, an object for a complex one, else a simple value.
func (n *normaliser) value(a, parent *Attribute, v any) (any, outcome, error) {
	if a.MultiValued {
		list, out, err := n.list(a, parent, v)
		if out != assigned || err != nil {
			return nil, out, err
		}
		return list, assigned, nil
	}
	if list, ok := v.([]any); ok {
		switch len(list) {
		case 0:
			n.used(RuleEmptyValue)
			return nil, unassigned, nil
		case 1:
			if a.Type == TypeComplex {
				n.used(RuleListForSingle)
				v = list[0]
			}
		}
	}
	return n.single(a, parent, v)
}

// single normalises a value that is not a list: of a single-valued attribute, or one element.
func (n *normaliser) single(a, parent *Attribute, v any) (any, outcome, error) {
	if a.Type != TypeComplex {
		return n.scalar(a, parent, v)
	}
	if v == nil {
		return nil, unassigned, nil
	}
	m, ok := v.(map[string]any)
	if !ok {
		if m = n.wrap(a, v); m == nil {
			return nil, 0, wrongType(a, parent, v, "an object")
		}
	}
	return n.complex(a, m)
}

// wrap turns the bare value of a complex attribute into an object (N4, and N12 for elements); nil when it cannot.
func (n *normaliser) wrap(a *Attribute, v any) map[string]any {
	if a.Sub("value") == nil {
		if v == "" {
			return map[string]any{}
		}
		return nil
	}
	switch v.(type) {
	case map[string]any, []any:
		return nil
	}
	if a.MultiValued {
		n.used(RuleSingleForList)
	} else {
		n.used(RuleBareValue)
	}
	return map[string]any{"value": v}
}

// complex normalises an object. It is unassigned when it is empty or its sub-attribute value is emptied and nothing else is given.
func (n *normaliser) complex(a *Attribute, m map[string]any) (any, outcome, error) {
	out := make(map[string]any, len(m))
	var emptied []string
	for _, key := range sortedKeys(m) {
		sub := a.Sub(key)
		if sub == nil {
			n.used(RuleUnknown)
			continue
		}
		n.named(key, sub.Name)
		if sub.Mutability == ReadOnly {
			n.used(RuleReadOnly)
			continue
		}
		v, result, err := n.value(sub, a, m[key])
		if err != nil {
			return nil, 0, err
		}
		switch result {
		case unassigned:
			n.used(RuleNullSub)
			emptied = append(emptied, sub.Name)
		case assigned:
			if old, twice := out[sub.Name]; twice && !Equal(old, v) {
				return nil, 0, twiceError(sub, a)
			}
			out[sub.Name] = v
		}
	}
	return n.complexOutcome(a, m, out, emptied)
}

func (n *normaliser) complexOutcome(a *Attribute, sent, out map[string]any, emptied []string) (any, outcome, error) {
	if len(sent) == 0 {
		n.used(RuleEmptyValue)
		return nil, unassigned, nil
	}
	valueEmptied := false
	for _, name := range emptied {
		valueEmptied = valueEmptied || name == "value"
	}
	nothingLeft := len(out) == 0 || a.MultiValued && len(emptied) > 0 && onlyLabels(out)
	switch {
	case nothingLeft && (valueEmptied || len(emptied) > 0 && !n.keepNulls):
		n.used(RuleEmptyValue)
		return nil, unassigned, nil
	case len(out) == 0 && len(emptied) == 0:
		return nil, ignored, nil
	}
	if n.keepNulls {
		for _, name := range emptied {
			if _, given := out[name]; !given {
				out[name] = nil
			}
		}
	}
	return out, assigned, nil
}

// onlyLabels reports whether an element says how something is used, but not what.
func onlyLabels(m map[string]any) bool {
	for k := range m {
		if k != "type" && k != "primary" {
			return false
		}
	}
	return true
}

// list normalises the value of a multi-valued attribute. Empty elements are dropped and equal ones kept once.
func (n *normaliser) list(a, parent *Attribute, v any) ([]any, outcome, error) {
	if v == nil {
		return nil, unassigned, nil
	}
	sent, ok := v.([]any)
	if !ok {
		n.used(RuleSingleForList)
		sent = []any{v}
	}
	inner := *n
	inner.keepNulls = false // an element is written whole
	elements := make([]any, 0, len(sent))
	result := unassigned
	for _, e := range sent {
		element, out, err := inner.single(a, parent, e)
		if err != nil {
			return nil, 0, err
		}
		switch out {
		case assigned:
			elements = append(elements, element)
		case ignored: // a list of nothing but what does not count must not empty what is stored
			result = ignored
		}
	}
	if len(elements) > 1 {
		elements, _ = addElements(a, make([]any, 0, len(elements)), elements)
	}
	if err := onePrimary(a, elements); err != nil {
		return nil, 0, err
	}
	if len(elements) == 0 {
		return nil, result, nil
	}
	return elements, assigned, nil
}

func onePrimary(a *Attribute, elements []any) error {
	found := 0
	for _, e := range elements {
		if isPrimary(e) {
			found++
		}
	}
	if found > 1 {
		return bad(InvalidValue, "%d elements of %s have primary = true; at most one may", found, a.Name)
	}
	return nil
}

func isPrimary(e any) bool {
	m, ok := asMap(e)
	return ok && m["primary"] == true
}

func twiceError(a, parent *Attribute) error {
	return bad(InvalidSyntax, "the attribute %s is given twice, in different letter case and with different values; give it once", fullName(a, parent))
}

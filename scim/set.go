package scim

// Set writes a value at a path, as a client does that builds a body: parents are made, and where a filter finds no element one is made from the
// filter's eq terms. value is what JSON decoding gives, or int or []string; it goes through the normaliser, so "True" becomes a boolean and a bare
// string a manager. nil, "" and an empty list remove. The error is an *Error.
func (rt *ResourceType) Set(r Resource, p *Path, value any) error {
	switch v := value.(type) {
	case nil:
		return rt.Remove(r, p)
	case int:
		value = int64(v)
	case []string:
		value = stringsJSON(v)
	}
	if p.Attribute == nil {
		return bad(InvalidPath, "%s is a whole extension; set its attributes one by one", p)
	}
	n := normaliser{rt: rt}
	v, out, err := n.pathValue(p, value)
	if err != nil {
		return err
	}
	switch out {
	case ignored:
		return nil
	case unassigned:
		return rt.Remove(r, p)
	}
	kind := PatchReplace
	if p.Filter != nil && p.Sub == nil {
		kind = PatchAdd // replace has no target where there is no element
	}
	x := patcher{rt: rt, r: r, profile: ProfileEntra}
	return x.apply(Operation{Kind: kind, Path: p, Value: v})
}

// Remove unassigns what the path names. Removing what is not there is no error.
func (rt *ResourceType) Remove(r Resource, p *Path) error {
	x := patcher{rt: rt, r: r, profile: ProfileEntra}
	err := x.apply(Operation{Kind: PatchRemove, Path: p})
	x.dropEmptyExtensions()
	return err
}

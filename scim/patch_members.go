package scim

// MemberOpKind is what a MemberOp does.
type MemberOpKind uint8

// The kinds of membership changes.
const (
	MemberAdd        MemberOpKind = iota // add the members in Values
	MemberRemove                         // remove the members in Values
	MemberReplaceAll                     // Values are all members from now on
	MemberRemoveAll                      // no members from now on
)

// MemberOp is a change of a group's members by their ids. Adding a member that is there and removing one that is not are no changes (N17).
type MemberOp struct {
	Kind   MemberOpKind
	Values []string
}

// membersName is the attribute that SplitMembers looks for: the one list of references that grows beyond what one wants to read for each change.
const membersName = "members"

// SplitMembers takes the operations on members out of the patch, so that a group of any size can be changed without reading its members. members
// are in the order of the patch; rest is what remains, to be applied to the resource without its members. Both parts touch different attributes,
// so either may go first.
//
// ok is false when an operation on members can be understood only with the whole list at hand, such as a filter on something else than value; then
// the patch has to be applied whole.
func (p *Patch) SplitMembers() (rest *Patch, members []MemberOp, ok bool) {
	rest = &Patch{Profile: p.Profile, Report: p.Report, Work: p.Work}
	for _, op := range p.Operations {
		if !changesMembers(op.Path) {
			rest.Operations = append(rest.Operations, op)
			continue
		}
		m, ok := memberOp(op)
		if !ok {
			return p, nil, false
		}
		members = append(members, m)
	}
	return rest, members, true
}

func changesMembers(p *Path) bool {
	return p.URN == "" && p.Attribute != nil && p.Attribute.Name == membersName && p.Attribute.MultiValued && isReference(p.Attribute)
}

func memberOp(op Operation) (MemberOp, bool) {
	switch {
	case op.Path.Sub != nil:
		return MemberOp{}, false
	case op.Path.Filter != nil:
		values, ok := valueTerms(op.Path.Filter, nil)
		return MemberOp{Kind: MemberRemove, Values: values}, ok && op.Kind == PatchRemove
	case op.Value == nil && op.Kind == PatchAdd:
		return MemberOp{Kind: MemberAdd}, true
	case op.Value == nil:
		return MemberOp{Kind: MemberRemoveAll}, true
	}
	values, ok := memberValues(op.Value)
	switch op.Kind {
	case PatchReplace:
		return MemberOp{Kind: MemberReplaceAll, Values: values}, ok
	case PatchRemove:
		return MemberOp{Kind: MemberRemove, Values: values}, ok
	}
	return MemberOp{Kind: MemberAdd, Values: values}, ok
}

func memberValues(v any) ([]string, bool) {
	list, ok := v.([]any)
	if !ok {
		return nil, false
	}
	values := make([]string, 0, len(list))
	for _, e := range list {
		m, _ := asMap(e)
		value, ok := m["value"].(string)
		if !ok {
			return nil, false
		}
		values = append(values, value)
	}
	return values, true
}

// valueTerms reads `value eq "a" or value eq "b"`.
func valueTerms(f Node, values []string) ([]string, bool) {
	switch f := f.(type) {
	case *Or:
		values, ok := valueTerms(f.Left, values)
		if !ok {
			return nil, false
		}
		return valueTerms(f.Right, values)
	case *Compare:
		// Only a caseExact value can be looked up by key; a folded one might name a member in another letter case.
		if f.Op == Eq && f.Attr.Name == "value" && f.Attr.Attribute.CaseExact {
			return append(values, f.Value.Text), true
		}
	}
	return nil, false
}

package store

import (
	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/scim"
)

// isMembership tells the attributes that are membership rows: members of a group, groups of a user.
func (f *renderer) isMembership(ref scim.AttrRef) bool {
	return directory.Standard(f.typ) && ref.URN == "" && (ref.Name == "members" || ref.Name == "groups")
}

// membershipScope names the row m of membership and the row o of the object at its other end.
type membershipScope struct {
	attr, m, o string
	bytewise   string
	json       jsonDialect
}

// membership renders "some member, or some group above, satisfies the condition". Rows whose other end is soft-deleted, or of another owner than the search
// is for, do not exist for it.
func (f *renderer) membership(attr string, condition func(membershipScope) (string, error)) (string, error) {
	if (attr == "members") != (f.typ == directory.Group) {
		return constant(false), nil
	}
	e := f.alias()
	s := membershipScope{attr: attr, m: "m" + e, o: "o" + e, bytewise: f.d.bytewise, json: f.d.json}
	inner, err := condition(s)
	if err != nil {
		return "", err
	}
	other := " join resource " + s.o + " on " + s.o + ".id = " + s.m
	if attr == "groups" {
		return "exists (" + above("m.member_id = r.id and m.organization_id = r.organization_id", f.owned) +
			" select 1 from (select group_id, max(direct) as direct from up group by group_id) " + s.m + other + ".group_id where " + inner + ")", nil
	}
	return "exists (select 1 from membership " + s.m + other + ".member_id and " + s.o + ".deleted = 0" + f.owned(s.o) +
		" where " + s.m + ".group_id = r.id and " + s.m + ".organization_id = r.organization_id and " + inner + ")", nil
}

// inGroup renders groups.value eq "…" from the group downwards: so it costs what the group holds, and not what the organization does.
func (f *renderer) inGroup(n *scim.Compare) string {
	const nested = " join resource g on g.id = m.member_id and g.type = '" + directory.Group + "' and g.deleted = 0"
	return "r.id in (with recursive down(id) as (select g.id from resource g where g.type = '" + directory.Group + "' and g.deleted = 0" + f.owned("g") +
		" and " + f.value(n, "g.id") + " union select m.member_id from down join membership m on m.group_id = down.id and m.member_type = '" +
		directory.Group + "'" + nested + f.owned("g") + ") select m.member_id from down join membership m on m.group_id = down.id)"
}

// attribute is the SQL expression of a sub-attribute of members or groups.
func (s membershipScope) attribute(sub string, a *scim.Attribute) (string, error) {
	switch sub {
	case "value":
		if s.attr == "groups" {
			return s.m + ".group_id", nil
		}
		return s.m + ".member_id", nil
	case "type":
		if s.attr == "groups" {
			return "(case " + s.m + ".direct when 1 then 'direct' else 'indirect' end" + s.bytewise + ")", nil
		}
		if a.Folds() {
			return "lower(" + s.m + ".member_type)", nil
		}
		return s.m + ".member_type", nil
	case "display":
		if a.Folds() {
			return "coalesce(" + s.json.text(s.o+".search", "displayName") + ", " + s.json.text(s.o+".search", "userName") + ")", nil
		}
	}
	return "", scim.Errorf(400, scim.InvalidFilter, "%s.%s cannot be searched for; use %s.value, the id", s.attr, sub, s.attr)
}

// memberValue compares a sub-attribute of a membership row.
func (f *renderer) memberValue(n *scim.Compare, sub string, s membershipScope) (string, error) {
	expr, err := s.attribute(sub, n.Attr.Attribute)
	if err != nil {
		return "", err
	}
	if n.Value.Kind != scim.LiteralString {
		return constant(false), nil
	}
	return f.value(n, expr), nil
}

// memberNode renders what stands in the brackets behind members or groups; names are sub-attributes there.
func (f *renderer) memberNode(n scim.Node, s membershipScope) (string, error) {
	both := func(left scim.Node, op string, right scim.Node) (string, error) {
		l, err := f.memberNode(left, s)
		if err != nil {
			return "", err
		}
		r, err := f.memberNode(right, s)
		return "(" + l + op + r + ")", err
	}
	switch n := n.(type) {
	case *scim.And:
		return both(n.Left, " and ", n.Right)
	case *scim.Or:
		return both(n.Left, " or ", n.Right)
	case *scim.Not:
		x, err := f.memberNode(n.X, s)
		return "(not " + x + ")", err
	case *scim.Constant:
		return constant(n.Value), nil
	case *scim.Present:
		expr, err := s.attribute(n.Attr.Name, n.Attr.Attribute)
		return "(" + expr + " is not null)", err
	case *scim.Compare:
		return f.memberValue(n, n.Attr.Name, s)
	}
	return "", scim.Errorf(400, scim.InvalidFilter, "the filter has a term that cannot be searched for")
}

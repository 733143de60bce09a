package store

import (
	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/scim"
)

// Some attributes are not in the search document but in columns or rows (id, meta, members, groups), others are in both, and the column has an index or
// is cheaper to read. compareSpecial and presentSpecial render those; ok is false for all others.

func (f *renderer) compareSpecial(n *scim.Compare) (text string, ok bool, err error) {
	ref := n.Attr
	if f.byGroup(n) {
		return f.inGroup(n), true, nil
	}
	if f.isMembership(ref) {
		text, err = f.membership(ref.Name, func(m membershipScope) (string, error) {
			return f.memberValue(n, ref.Sub, m)
		})
		return text, true, err
	}
	if ref.URN == "" && ref.Name == "meta" {
		expr, err := f.meta(ref.Sub, ref.Attribute)
		if err != nil {
			return "", true, err
		}
		return f.value(n, expr), true, nil
	}
	if ref.URN == "" && ref.Name == "id" {
		return f.value(n, "r.id"), true, nil
	}
	if column := f.column(n); column != "" {
		return f.value(n, column), true, nil
	}
	if attribute, value, ok := f.unique(n); ok {
		// One value and not a list of one: offered that, SQLite would rather read the whole organization.
		return "(r.id = coalesce((select u.resource_id from unique_value u where u.organization_id = " + f.org + " and u.attribute = " + f.arg(attribute) +
			" and u.value = " + f.arg(value) + "), ''))", true, nil
	}
	return "", false, nil
}

// column is the column that answers the comparison as well as the document would, "" for none. Texts have their full value there only up to a length
// (see columnsOf): a longer literal is looked for in the document.
func (f *renderer) column(n *scim.Compare) string {
	ref, folds, short := n.Attr, n.Attr.Attribute.Folds(), len(n.Value.Text) <= maxKey
	if n.Op != scim.Eq {
		return ""
	}
	if !directory.Standard(f.typ) && ref.Name != "externalId" {
		return "" // the other columns are users' and groups'
	}
	switch {
	case f.typ == directory.User && isActive(n):
		return columnActive
	case ref.URN == "" && ref.Name == uniqueName(f.typ) && folds:
		return "r.unique_key"
	case ref.URN == "" && ref.Name == "displayName" && folds && short:
		return "r.display_key"
	case ref.URN == "" && ref.Name == "externalId" && !folds && short:
		return "r.external_id"
	case isManager(ref) && !folds && short:
		return "r.manager_id"
	}
	return ""
}

// isActive tells "active eq true", which alone can be read from the column: a false there may also belong to somebody whose active has no value
// (SwitchedOff).
func isActive(n *scim.Compare) bool {
	return n.Attr.URN == "" && n.Attr.Name == "active" && n.Value.Kind == scim.LiteralBool && n.Value.Bool
}

func isManager(ref scim.AttrRef) bool {
	return ref.URN == scim.URNEnterpriseUser && ref.Name == "manager" && ref.Sub == "value"
}

// selective tells a filter of which at least one necessary term is looked up in an index that knows nearly only what matches.
func (f *renderer) selective(n scim.Node) bool {
	switch n := n.(type) {
	case *scim.And:
		return f.selective(n.Left) || f.selective(n.Right)
	case *scim.Compare:
		if _, _, ok := f.unique(n); ok {
			return true
		}
		return f.byGroup(n) || n.Op == scim.Eq && n.Attr.URN == "" && n.Attr.Name == "id" || n.Op == scim.Eq && f.column(n) != "" && f.column(n) != columnActive
	}
	return false
}

// byGroup tells groups.value eq "…", which asks for the people in one group.
func (f *renderer) byGroup(n *scim.Compare) bool {
	return f.typ == directory.User && n.Op == scim.Eq && n.Attr.URN == "" && n.Attr.Name == "groups" && n.Attr.Sub == "value" &&
		n.Value.Kind == scim.LiteralString
}

const columnActive = "r.active"

// uniqueName is the attribute whose folded value is in unique_key, "" for types that have none.
func uniqueName(typ string) string {
	switch typ {
	case directory.Group:
		return "displayName"
	case directory.User:
		return "userName"
	}
	return ""
}

func (f *renderer) presentSpecial(ref scim.AttrRef) (text string, ok bool, err error) {
	switch {
	case f.isMembership(ref):
		text, err = f.membership(ref.Name, func(m membershipScope) (string, error) {
			if ref.Sub == "" {
				return constant(true), nil
			}
			expr, err := m.attribute(ref.Sub, ref.Attribute)
			return "(" + expr + " is not null)", err
		})
		return text, true, err
	case ref.URN == "" && ref.Name == "id":
		return constant(true), true, nil
	case ref.URN == "" && ref.Name == "meta" && ref.Sub == "":
		return constant(true), true, nil
	case ref.URN == "" && ref.Name == "meta":
		expr, err := f.meta(ref.Sub, ref.Attribute)
		return "(" + expr + " is not null)", true, err
	}
	return "", false, nil
}

// meta is the SQL expression of a sub-attribute of meta. Clients see times in milliseconds, so milliseconds are what they compare.
func (f *renderer) meta(sub string, a *scim.Attribute) (string, error) {
	switch sub {
	case "created", "lastModified":
		column := "r.created"
		if sub == "lastModified" {
			column = "r.modified"
		}
		return "(" + column + " - " + column + " % 1000)", nil
	case "resourceType":
		typ := f.typ
		if a.Folds() {
			typ = scim.Fold(typ)
		}
		return "(cast(" + quoted(typ) + " as text)" + f.d.bytewise + ")", nil
	case "version":
		return "(" + versionText(a) + f.d.bytewise + ")", nil
	}
	return "", scim.Errorf(400, scim.InvalidFilter, "meta.%s depends on the address of the server and cannot be searched for; use id", sub)
}

// versionText is the entity tag of the row: W/"17".
func versionText(a *scim.Attribute) string {
	tag := `W/"`
	if a.Folds() {
		tag = scim.Fold(tag)
	}
	return "(" + quoted(tag) + " || cast(r.version as text) || '\"')"
}

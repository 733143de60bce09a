package provisioning

import (
	"slices"
	"strings"

	"github.com/rollcall-id/rollcall/expression"
	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/scim"
)

// The computed source attributes that no directory object stores.
const (
	attributeSoftDeleted = "IsSoftDeleted"
	attributeRoles       = "appRoleAssignments"
)

// object is a directory object as expressions, mappings and scoping filters see it: the directory's vocabulary and what only provisioning knows.
type object struct {
	directory.Object
	attributes *directory.Attributes // of the organization; nil: the standard ones
	roles      []expression.Object
	kin        kin
	// softDeleted is Entra's computed IsSoftDeleted: not assigned, outside the scoping filter, soft-deleted, or disabled (spec/entra-provisioning.md 1.9).
	softDeleted bool
}

// rolesOf describes the roles that somebody has, as [appRoleAssignments] carries them. A role that the application does not list is known by its value.
func rolesOf(offered []application.Role, values []string) []expression.Object {
	if len(values) == 0 {
		return nil
	}
	roles := make([]expression.Object, len(values))
	for i, value := range values {
		members := map[string]any{expression.RoleValue: value, expression.RoleDisplayName: value}
		if n := slices.IndexFunc(offered, func(r application.Role) bool { return r.Value == value }); n >= 0 {
			members[expression.RoleID], members[expression.RoleDisplayName] = offered[n].ID, offered[n].DisplayName
		}
		roles[i] = expression.Object{Text: value, Members: members}
	}
	return roles
}

// Attribute implements expression.Source.
func (o object) Attribute(name string) (expression.Value, bool) {
	switch {
	case strings.EqualFold(name, attributeSoftDeleted):
		return expression.Boolean(o.softDeleted), true
	case strings.EqualFold(name, attributeRoles):
		return expression.ListOfObjects(o.roles), true
	case o.Type == directory.Group && strings.EqualFold(name, "members"):
		return expression.NullValue, true // compared by membership rows, never as a value: a group may have a hundred thousand
	}
	attributes := o.attributes
	if attributes == nil {
		attributes = directory.StandardAttributes(o.Type)
	}
	v, known := attributes.Read(o.Object, name)
	if !known {
		return expression.NullValue, false
	}
	return asValue(v), true
}

// KnownAttribute reports whether objects of the type can have the attribute in an organization with the types, for the checks of a mapping.
func KnownAttribute(types *scim.Registry, typ string) func(name string) bool {
	empty := object{Object: directory.Object{Type: typ}, attributes: directory.AttributesOf(types, typ)}
	return func(name string) bool {
		_, known := empty.Attribute(name)
		return known
	}
}

// asValue turns a stored SCIM value into a value of the expression language. A complex value stands for its sub-attribute value.
func asValue(v any) expression.Value {
	switch v := v.(type) {
	case string:
		return expression.Str(v)
	case bool:
		return expression.Boolean(v)
	case int64:
		return expression.Int(v)
	case map[string]any:
		return asValue(v["value"])
	case []string:
		return expression.ListOf(v)
	case []any:
		list := make([]string, 0, len(v))
		for _, e := range v {
			if one := asValue(e); !one.IsNull() {
				list = append(list, one.Text())
			}
		}
		return expression.ListOf(list)
	case nil:
		return expression.NullValue
	}
	return expression.Str(text(v))
}

// KnownNames returns what the attributes of a type are called, those of provisioning itself included: for who looks for the nearest name.
func KnownNames(types *scim.Registry, typ string) []string {
	return append(directory.AttributesOf(types, typ).Words(), attributeSoftDeleted, attributeRoles)
}

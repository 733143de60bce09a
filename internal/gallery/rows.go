package gallery

import "github.com/rollcall-id/rollcall/internal/mapping"

// The object types.
const (
	user  = "User"
	group = "Group"
)

// enterprise begins the paths of the enterprise extension (RFC 7643 section 4.3).
const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:"

// activeExpression is Entra's own: an account is on as long as nothing speaks against it. IsSoftDeleted has four causes, of which a disabled person is
// but one, so accountEnabled would miss those who were unassigned (spec/entra-provisioning.md 13, fact 12).
const activeExpression = `Switch([IsSoftDeleted], , "False", "True", "True", "False")`

// direct copies a source attribute.
func direct(target, source string) mapping.AttributeMapping {
	return mapping.AttributeMapping{Target: target, Kind: mapping.Direct, Value: source, Apply: mapping.Always, Type: mapping.String}
}

// expr maps the result of an expression.
func expr(target, text string, typ mapping.Type) mapping.AttributeMapping {
	return mapping.AttributeMapping{Target: target, Kind: mapping.Expression, Value: text, Apply: mapping.Always, Type: typ}
}

// reference copies the id of another object; the account's id at the target is written.
func reference(target, source, to string) mapping.AttributeMapping {
	a := direct(target, source)
	a.Type, a.Reference = mapping.Reference, to
	return a
}

// matching makes a row one that accounts are found by.
func matching(a mapping.AttributeMapping, precedence int) mapping.AttributeMapping {
	a.Matching = precedence
	return a
}

// exact makes a difference in letter case a difference: ids are compared bytewise.
func exact(a mapping.AttributeMapping) mapping.AttributeMapping {
	a.CaseExact = true
	return a
}

// many makes a row one that writes a list.
func many(a mapping.AttributeMapping) mapping.AttributeMapping {
	a.MultiValued = true
	return a
}

// required says that the application needs a value.
func required(a mapping.AttributeMapping) mapping.AttributeMapping {
	a.Required = true
	return a
}

// object is a mapping with all actions allowed.
func object(name, typ string, rows ...mapping.AttributeMapping) mapping.ObjectMapping {
	return mapping.ObjectMapping{
		Name: name, Source: typ, Target: typ, Enabled: true, Create: true, Update: true, Delete: true, Attributes: rows,
	}
}

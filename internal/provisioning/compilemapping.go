package provisioning

import (
	"errors"
	"fmt"
	"slices"

	"github.com/rollcall-id/rollcall/expression"
	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/mapping"
	"github.com/rollcall-id/rollcall/scim"
)

// CompileMapping is mapping.Compile with what the organization knows of its objects: which attributes there are, how they are spelled, and which of them
// hold a reference. types are those of the organization.
func CompileMapping(types *scim.Registry, m mapping.ObjectMapping) (*mapping.Compiled, error) {
	compiled, err := mapping.Compile(m, KnownAttribute(types, m.Source), KnownNames(types, m.Source)...)
	if err != nil {
		return nil, err
	}
	if err := checkReferences(directory.AttributesOf(types, m.Source), compiled.Mapping()); err != nil {
		return nil, err
	}
	return compiled, nil
}

// checkReferences refuses rows that would write a text where the id of an account belongs: no account has it, so that the account's own value would go.
func checkReferences(attributes *directory.Attributes, m *mapping.ObjectMapping) error {
	var problems []error
	for i := range m.Attributes {
		a := &m.Attributes[i]
		if a.Type != mapping.Reference || a.Kind == mapping.None || refers(attributes, a) {
			continue
		}
		problems = append(problems, mapping.RowError{Row: i + 1, Path: a.Target, Err: fmt.Errorf(
			"the target attribute is a reference, and %s holds none: map an attribute that does, such as manager, or an expression that reads one", a.Value)})
	}
	if len(problems) > 0 {
		return fault.Errorf(fault.ErrInvalid, "%w", errors.Join(problems...))
	}
	return nil
}

// refers reports whether the row reads an attribute that holds the id of an object: a reference, or the object's own.
func refers(attributes *directory.Attributes, a *mapping.AttributeMapping) bool {
	names := []string{a.Value}
	if a.Kind == mapping.Expression {
		p, err := expression.Compile(a.Value)
		if err != nil {
			return false
		}
		names = p.Attributes()
	}
	return slices.ContainsFunc(names, func(name string) bool { return holdsID(attributes, name) })
}

// holdsID finds the name among the references in any of its spellings: manager, …:User:manager and …:User:manager.value are one.
func holdsID(attributes *directory.Attributes, name string) bool {
	path, err := attributes.Path(name)
	if err != nil {
		return false
	}
	return slices.ContainsFunc(attributes.Names(), func(n directory.Name) bool {
		if n.Type != scim.TypeReference && n.Path != "id" {
			return false
		}
		other, err := attributes.Path(n.Entra)
		return err == nil && other.Attribute == path.Attribute && (path.Sub == nil || path.Sub.Name == "value")
	})
}

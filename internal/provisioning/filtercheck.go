package provisioning

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/rollcall-id/rollcall/expression"
	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/scope"
	"github.com/rollcall-id/rollcall/scim"
)

// maxNamed is how many people and groups that a filter names are looked up when it is checked.
const maxNamed = 200

// CheckFilter checks a scoping filter for objects of the type before it is saved: that it can be read, and that its attributes exist. What is likely a mistake
// is a warning: an operator that does not fit its attribute, a group or a manager whom nobody knows. The error is fault.ErrInvalid.
func (e *Engine) CheckFilter(ctx context.Context, org, typ string, raw json.RawMessage) (warnings []string, err error) {
	f, err := scope.Compile(raw)
	if err != nil || f == nil {
		return nil, err
	}
	types, err := e.Directory.Registry(ctx, org)
	if err != nil {
		return nil, fmt.Errorf("read the types of the organization: %w", err)
	}
	if warnings, err = f.Check(filterable(directory.AttributesOf(types, typ), typ)); err != nil {
		return nil, err
	}
	for _, look := range []struct{ attribute, typ, what string }{{attributeMemberOf, directory.Group, "group"}, {attributeManager, directory.User, "person"}} {
		names := f.Names(look.attribute)
		for _, n := range names[:min(len(names), maxNamed)] {
			known, err := e.exists(ctx, org, look.typ, n.Value)
			if err != nil {
				return nil, err
			}
			if !known {
				warnings = append(warnings, fmt.Sprintf("%s: the directory has no %s with the name or id %q", n.Place, look.what, n.Value))
			}
		}
	}
	return warnings, nil
}

func (e *Engine) exists(ctx context.Context, org, typ, name string) (bool, error) {
	_, err := e.Directory.ObjectByName(ctx, org, typ, name)
	if errors.Is(err, fault.ErrNotFound) {
		_, err = e.Directory.Object(ctx, org, typ, name)
	}
	if errors.Is(err, fault.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look up %s %q: %w", typ, name, err)
	}
	return true, nil
}

// filterable tells what a filter may ask of objects of the type.
func filterable(attributes *directory.Attributes, typ string) func(name string) (scope.Attribute, error) {
	computed := map[string]scope.Attribute{
		attributeMemberOf: {Kind: scope.Reference, Multiple: true}, attributeRoles: {Kind: scope.Text, Multiple: true},
	}
	return func(name string) (scope.Attribute, error) {
		words := attributes.Words()
		for word, a := range computed {
			if strings.EqualFold(word, name) {
				return a, nil
			}
			words = append(words, word)
		}
		if n, ok := attributes.Find(name); ok {
			return scope.Attribute{Kind: filterKind(n.Type), Multiple: n.MultiValued}, nil
		}
		if _, known := attributes.Read(directory.Object{Type: typ}, name); known {
			path, err := attributes.Path(name)
			if err != nil {
				return scope.Attribute{}, err
			}
			if leaf := path.Leaf(); leaf != nil {
				return scope.Attribute{Kind: filterKind(leaf.Type), Multiple: leaf.MultiValued || path.Attribute.MultiValued}, nil
			}
		}
		if near := expression.Nearest(name, words); near != "" {
			return scope.Attribute{}, fmt.Errorf("unknown attribute %q: did you mean %s?", name, near)
		}
		return scope.Attribute{}, fmt.Errorf("unknown attribute %q: expected a name such as jobTitle, or a SCIM path", name)
	}
}

func filterKind(t scim.Type) scope.Kind {
	switch t {
	case scim.TypeBoolean:
		return scope.Truth
	case scim.TypeInteger:
		return scope.Whole
	case scim.TypeDateTime:
		return scope.Date
	case scim.TypeReference:
		return scope.Reference
	}
	return scope.Text
}

package server

import (
	"context"
	"sort"
	"strings"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/organization"
	"github.com/rollcall-id/rollcall/scim"
)

// RegisterTypes gives the organization the schemas and resource types of a document.
func (s *System) RegisterTypes(
	ctx context.Context, o organization.Organization, doc []byte, origin directory.Origin,
) (done directory.Registered, err error) {
	d, err := scim.ParseDefinitions(doc)
	if err != nil {
		return done, fault.Errorf(fault.ErrInvalid, "%s", directory.Detail(err))
	}
	err = s.defining(ctx, o, origin, func(ctx context.Context, w *directory.Writer) error {
		done, err = w.Register(ctx, d)
		return err
	})
	return done, err
}

// RegisteredType is a resource type that an organization registered or extended.
type RegisteredType struct {
	scim.TypeDefinition
	Resources int // live ones
}

// RegisteredTypes lists what the organization registered, types and schemas each in the order of their registration.
func (s *System) RegisteredTypes(ctx context.Context, o organization.Organization) ([]RegisteredType, []*scim.Schema, error) {
	d, err := s.Store.Definitions(ctx, o.ID)
	if err != nil {
		return nil, nil, err
	}
	types := make([]RegisteredType, len(d.Types))
	for i, t := range d.Types {
		n, err := s.Store.CountObjects(ctx, o.ID, t.Name)
		if err != nil {
			return nil, nil, err
		}
		types[i] = RegisteredType{t, n}
	}
	return types, d.Schemas, nil
}

// RegisteredDocument is a schema by its URN, or a type by its name with the schemas that the organization registered for it: resources that can be registered
// again elsewhere.
func (s *System) RegisteredDocument(ctx context.Context, o organization.Organization, name string) ([]scim.Resource, error) {
	d, err := s.Store.Definitions(ctx, o.ID)
	if err != nil {
		return nil, err
	}
	for _, schema := range d.Schemas {
		if strings.EqualFold(schema.ID, name) {
			return []scim.Resource{schema.Resource()}, nil
		}
	}
	for _, t := range d.Types {
		if !strings.EqualFold(t.Name, name) {
			continue
		}
		out := []scim.Resource{t.Resource()}
		for _, schema := range d.Schemas {
			if uses(t, schema.ID) {
				out = append(out, schema.Resource())
			}
		}
		return out, nil
	}
	return nil, fault.Errorf(fault.ErrNotFound, "organization %s has not registered %q: expected the URN of a schema or the name of a resource type; "+
		"`rollcall schema list %s` shows them", o.Slug, name, o.Slug)
}

func uses(t scim.TypeDefinition, urn string) bool {
	if strings.EqualFold(t.Schema, urn) {
		return true
	}
	for _, e := range t.Extensions {
		if strings.EqualFold(e.Schema, urn) {
			return true
		}
	}
	return false
}

// RemoveType removes a registered schema or type; see directory.Writer.Unregister. While an application reads an attribute of it the error is fault.ErrConflict.
func (s *System) RemoveType(
	ctx context.Context, o organization.Organization, name string, consent bool, origin directory.Origin,
) (gone directory.Removal, err error) {
	err = s.defining(ctx, o, origin, func(ctx context.Context, w *directory.Writer) error {
		gone, err = w.Unregister(ctx, name, consent)
		return err
	})
	return gone, err
}

// UsersOfSchema names the types that have a schema, with (required) behind those that need it.
func UsersOfSchema(types []RegisteredType, urn string) []string {
	var out []string
	for _, t := range types {
		if strings.EqualFold(t.Schema, urn) {
			out = append(out, t.Name)
		}
		for _, e := range t.Extensions {
			if strings.EqualFold(e.Schema, urn) && e.Required {
				out = append(out, t.Name+" (required)")
			} else if strings.EqualFold(e.Schema, urn) {
				out = append(out, t.Name)
			}
		}
	}
	sort.Strings(out)
	return out
}

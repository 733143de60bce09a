package server

import (
	"context"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/organization"
)

// AddExtension declares a directory extension under its full name and returns it as it was declared.
func (s *System) AddExtension(
	ctx context.Context, o organization.Organization, x directory.Extension, origin directory.Origin,
) (directory.Extension, error) {
	name, err := directory.ExtensionName(o.ID, x.Name)
	if err != nil {
		return x, err
	}
	x.Name = name
	err = s.Directory.Write(ctx, o.ID, origin, func(ctx context.Context, w *directory.Writer) error { return w.AddExtension(ctx, x) })
	if err != nil {
		return x, err
	}
	return s.Extension(ctx, o, name)
}

// Extensions lists the attributes that users and groups of the organization have beyond the vocabulary.
func (s *System) Extensions(ctx context.Context, o organization.Organization) ([]directory.Extension, error) {
	types, err := s.Store.Registry(ctx, o.ID)
	if err != nil {
		return nil, err
	}
	return directory.Extensions(types), nil
}

// Extension finds a declared directory extension by its full or short name.
func (s *System) Extension(ctx context.Context, o organization.Organization, name string) (directory.Extension, error) {
	if full, err := directory.ExtensionName(o.ID, name); err == nil {
		name = full
	}
	d, err := s.Store.Definitions(ctx, o.ID)
	if err != nil {
		return directory.Extension{}, err
	}
	return directory.FindExtension(d, name)
}

// RemoveExtension takes a directory extension away, and its values if consent says so. It returns how many had one. While an application reads it the error
// is fault.ErrConflict.
func (s *System) RemoveExtension(
	ctx context.Context, o organization.Organization, x directory.Extension, consent bool, origin directory.Origin,
) (changed int, err error) {
	err = s.defining(ctx, o, origin, func(ctx context.Context, w *directory.Writer) error {
		changed, err = w.RemoveExtension(ctx, x.Name, consent)
		return err
	})
	return changed, err
}

package server

import (
	"context"
	"errors"
	"strings"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/organization"
	"github.com/rollcall-id/rollcall/internal/source/csv"
	source "github.com/rollcall-id/rollcall/internal/source/scim"
	"github.com/rollcall-id/rollcall/scim"
)

const listPage = 500

// EachObject calls fn with every live object that the SCIM filter selects, in the order of creation. An empty filter selects all.
func (s *System) EachObject(ctx context.Context, o organization.Organization, typ, filter string, fn func(directory.Object) error) error {
	q := directory.Query{Count: listPage}
	if filter != "" {
		rt, err := s.resourceType(ctx, o.ID, typ)
		if err != nil {
			return err
		}
		if q.Filter, err = rt.ParseFilter(filter); err != nil {
			return fault.Errorf(fault.ErrInvalid, "the filter cannot be used: %w", err)
		}
	}
	for {
		page, err := s.Store.Search(ctx, o.ID, typ, q)
		if err != nil {
			return err
		}
		for _, obj := range page.Objects {
			if err := fn(obj); err != nil {
				return err
			}
		}
		q.Start += len(page.Objects)
		if len(page.Objects) == 0 || q.Start >= page.Total {
			return nil
		}
	}
}

func (s *System) resourceType(ctx context.Context, org, typ string) (*scim.ResourceType, error) {
	types, err := s.Store.Registry(ctx, org)
	if err != nil {
		return nil, err
	}
	rt := types.Type(typ)
	if rt == nil {
		return nil, fault.Errorf(fault.ErrInvalid, "there is no resource type %q", typ)
	}
	return rt, nil
}

// FindObject finds a person by user name, else a group by display name, else somebody who left.
func (s *System) FindObject(ctx context.Context, o organization.Organization, name string) (directory.Object, error) {
	for _, typ := range []string{directory.User, directory.Group} {
		obj, err := s.Store.ObjectByName(ctx, o.ID, typ, name)
		if !errors.Is(err, fault.ErrNotFound) {
			return obj, err
		}
	}
	if obj, err := s.leaver(ctx, o.ID, name); !errors.Is(err, fault.ErrNotFound) {
		return obj, err
	}
	return directory.Object{}, fault.Errorf(fault.ErrNotFound,
		"nobody in organization %s is called %q, neither a person (user name) nor a group (display name)", o.Slug, name)
}

// FindLeaver finds the person with the user name who left last.
func (s *System) FindLeaver(ctx context.Context, o organization.Organization, name string) (directory.Object, error) {
	obj, err := s.leaver(ctx, o.ID, name)
	if errors.Is(err, fault.ErrNotFound) {
		return obj, fault.Errorf(fault.ErrNotFound, "nobody called %q has left organization %s and can be brought back", name, o.Slug)
	}
	return obj, err
}

// FindToPurge finds whom a purge by user name means: somebody who left, else the person who is there. Never a group.
func (s *System) FindToPurge(ctx context.Context, o organization.Organization, name string) (directory.Object, error) {
	obj, err := s.leaver(ctx, o.ID, name)
	if !errors.Is(err, fault.ErrNotFound) {
		return obj, err
	}
	obj, err = s.Store.ObjectByName(ctx, o.ID, directory.User, name)
	if errors.Is(err, fault.ErrNotFound) {
		return obj, fault.Errorf(fault.ErrNotFound, "organization %s has no person %q, and none who left", o.Slug, name)
	}
	return obj, err
}

func (s *System) leaver(ctx context.Context, org, name string) (directory.Object, error) {
	var found directory.Object
	for after := int64(0); ; {
		page, err := s.Store.Scan(ctx, org, directory.User, after, listPage)
		if err != nil {
			return found, err
		}
		for _, obj := range page {
			after = obj.Seq
			if !obj.Live() && scim.Fold(obj.Name()) == scim.Fold(name) && obj.Deleted.After(found.Deleted) {
				found = obj
			}
		}
		if len(page) < listPage {
			break
		}
	}
	if found.ID == "" {
		return found, fault.ErrNotFound
	}
	return found, nil
}

// ObjectJSON is the object as its SCIM resource, members and groups included. Somebody who left is shown as stored.
func (s *System) ObjectJSON(ctx context.Context, obj directory.Object) (map[string]any, error) {
	rt, err := s.resourceType(ctx, obj.Organization, obj.Type)
	if err != nil {
		return nil, err
	}
	if !obj.Live() {
		return rt.Project(source.Resource(obj), scim.Projection{}), nil
	}
	r, err := source.Backend{Directory: s.Directory, Organization: obj.Organization, Everybody: true}.Get(ctx, rt, obj.ID, scim.Projection{})
	if err != nil {
		return nil, err
	}
	return rt.Project(r, scim.Projection{}), nil
}

// Purge removes the object for good.
func (s *System) Purge(ctx context.Context, obj directory.Object, origin directory.Origin) error {
	return s.Directory.Write(ctx, obj.Organization, origin, func(ctx context.Context, w *directory.Writer) error {
		return w.Purge(ctx, obj.Type, obj.ID)
	})
}

// Restore brings a person back who left.
func (s *System) Restore(ctx context.Context, obj directory.Object, origin directory.Origin) error {
	return s.Directory.Write(ctx, obj.Organization, origin, func(ctx context.Context, w *directory.Writer) error {
		_, err := w.Restore(ctx, obj.Type, obj.ID)
		return err
	})
}

// Import loads people, and groups where o has them, from CSV files.
func (s *System) Import(ctx context.Context, o organization.Organization, people csv.File, opts csv.Options) (csv.Result, error) {
	return (&csv.Importer{Directory: s.Directory, Organization: o.ID}).Import(ctx, people, opts)
}

// ImportText loads people and groups from CSV text, as from files; no groups text leaves groups as they are.
func (s *System) ImportText(ctx context.Context, o organization.Organization, key, people, groups string) (csv.Result, error) {
	opts := csv.Options{Key: key}
	if groups != "" {
		opts.Groups = &csv.File{Name: "groups.csv", Data: strings.NewReader(groups)}
	}
	return s.Import(ctx, o, csv.File{Name: "people.csv", Data: strings.NewReader(people)}, opts)
}

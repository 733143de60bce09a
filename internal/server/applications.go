package server

import (
	"context"
	"errors"

	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/gallery"
	"github.com/rollcall-id/rollcall/internal/organization"
)

// Application finds an application of the organization by its name.
func (s *System) Application(ctx context.Context, o organization.Organization, name string) (application.Application, error) {
	app, err := s.Store.Application(ctx, o.ID, name)
	if errors.Is(err, fault.ErrNotFound) {
		return app, fault.Errorf(fault.ErrNotFound, "organization %s has no application %q; `rollcall app list %s` shows which it has", o.Slug, name, o.Slug)
	}
	return app, err
}

// CreateApplication adds an application from the gallery.
func (s *System) CreateApplication(ctx context.Context, o organization.Organization, name, template string) (application.Application, error) {
	t, err := gallery.ByID(template)
	if err != nil {
		return application.Application{}, err
	}
	app, err := application.New(s.newID(), o.ID, name, t.ID, t.Mapping, s.now())
	if err != nil {
		return app, err
	}
	err = s.Store.CreateApplication(ctx, app)
	if errors.Is(err, fault.ErrConflict) {
		return app, fault.Errorf(fault.ErrConflict, "organization %s has an application %q already; choose another name", o.Slug, name)
	}
	return app, err
}

// Principal names who is assigned or provisioned: exactly one of User (user name) and Group (display name).
type Principal struct {
	User  string
	Group string
	Role  string
}

// principal finds the person or group of the application's organization.
func (s *System) principal(ctx context.Context, app application.Application, p Principal) (directory.Object, error) {
	typ, name, kind := directory.User, p.User, "person"
	if p.Group != "" {
		typ, name, kind = directory.Group, p.Group, "group"
	}
	obj, err := s.Store.ObjectByName(ctx, app.Organization, typ, name)
	if errors.Is(err, fault.ErrNotFound) {
		return obj, fault.Errorf(fault.ErrNotFound, "the directory has no %s %q; check the spelling, or import them first", kind, name)
	}
	return obj, err
}

// anyPrincipal also finds a person who left: to disable the account now, or to take an assignment back.
func (s *System) anyPrincipal(ctx context.Context, app application.Application, p Principal) (directory.Object, error) {
	obj, err := s.principal(ctx, app, p)
	if !errors.Is(err, fault.ErrNotFound) || p.User == "" {
		return obj, err
	}
	left, leaverErr := s.leaver(ctx, app.Organization, p.User)
	if errors.Is(leaverErr, fault.ErrNotFound) {
		return obj, err
	}
	return left, leaverErr
}

// Assign assigns or unassigns a person or group and reports whether that changed anything, and the name as the directory spells it.
func (s *System) Assign(
	ctx context.Context, app application.Application, p Principal, assign bool, origin directory.Origin,
) (changed bool, name string, err error) {
	find := s.principal
	if assign {
		if err := app.CheckRole(p.Role); err != nil {
			return false, "", err
		}
	} else {
		find = s.anyPrincipal
	}
	obj, err := find(ctx, app, p)
	if err != nil {
		return false, "", err
	}
	a := application.Assignment{Application: app.ID, Principal: obj.ID, PrincipalType: obj.Type, Role: p.Role, Created: s.now()}
	if assign {
		changed, err = s.Store.Assign(ctx, app.Organization, a, origin)
	} else {
		changed, err = s.Store.Unassign(ctx, app.Organization, a, origin)
	}
	return changed, obj.Name(), err
}

// AssignmentName is an assignment as people read it.
type AssignmentName struct {
	Name string `json:"name"`
	Type string `json:"type"`
	Role string `json:"role"`
}

// AssignmentNames lists who is assigned.
func (s *System) AssignmentNames(ctx context.Context, app application.Application) ([]AssignmentName, error) {
	all, err := s.Store.Assignments(ctx, app.ID)
	if err != nil {
		return nil, err
	}
	names := make([]AssignmentName, 0, len(all))
	for _, a := range all {
		obj, err := s.Store.Object(ctx, app.Organization, a.PrincipalType, a.Principal)
		switch {
		case errors.Is(err, fault.ErrNotFound):
			continue // purged a moment ago, and the assignment with it
		case err != nil:
			return nil, err
		}
		names = append(names, AssignmentName{Name: obj.Name(), Type: a.PrincipalType, Role: a.Role})
	}
	return names, nil
}

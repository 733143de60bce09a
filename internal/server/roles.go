package server

import (
	"context"

	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/fault"
)

// RoleRequest adds a role to an application, or changes one.
type RoleRequest struct {
	New              bool // the role must not be there; else it must
	Value            string
	DisplayName      string // empty: the value for a new role, else as it was
	Description      string
	DescriptionGiven bool  // else the description stays
	Disabled         *bool // nil: as it was
}

// SaveRole adds a role to the application, or changes one, and returns it.
func (s *System) SaveRole(ctx context.Context, app application.Application, r RoleRequest) (application.Role, error) {
	role := application.Role{ID: s.newID(), Value: r.Value, DisplayName: r.Value}
	switch was := app.Role(r.Value); {
	case r.New && was != nil:
		return role, fault.Errorf(fault.ErrConflict, "application %s has a role %q already; `app role set` changes it", app.Name, r.Value)
	case !r.New && was == nil:
		return role, app.UnknownRole(r.Value)
	case was != nil:
		role = *was
	}
	if r.DisplayName != "" {
		role.DisplayName = r.DisplayName
	}
	if r.New || r.DescriptionGiven {
		role.Description = r.Description
	}
	if r.Disabled != nil {
		role.Disabled = *r.Disabled
	}
	if err := app.SaveRole(role); err != nil {
		return role, err
	}
	return role, s.Store.SaveApplication(ctx, app)
}

// RoleHolders counts the people and groups whose assignment gives the role.
func (s *System) RoleHolders(ctx context.Context, app application.Application, value string) (people, groups int, err error) {
	assigned, err := s.Store.Assignments(ctx, app.ID)
	for _, a := range assigned {
		switch {
		case a.Role != value:
		case a.PrincipalType == directory.Group:
			groups++
		default:
			people++
		}
	}
	return people, groups, err
}

// RemoveRole takes a role away from the application.
func (s *System) RemoveRole(ctx context.Context, app application.Application, value string) error {
	assigned, err := s.Store.Assignments(ctx, app.ID)
	if err != nil {
		return err
	}
	if err := app.RemoveRole(value, assigned); err != nil {
		return err
	}
	return s.Store.SaveApplication(ctx, app)
}

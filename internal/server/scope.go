package server

import (
	"context"
	"encoding/json"
	"os"

	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/provisioning"
)

const (
	filtersNone    = "none"
	maxFiltersFile = 1 << 20
)

// ScopeChange says who is to be in scope. What is empty stays as it is.
type ScopeChange struct {
	Mode         string // application.ScopeAll or ScopeAssigned
	Filters      string // a file with scoping filters of the user mapping, or "none"
	GroupFilters string // the same of the group mapping
}

// WithScope returns the application with the change, checked and not stored, and what is odd about the filters.
func (s *System) WithScope(ctx context.Context, app application.Application, c ScopeChange) (application.Application, []string, error) {
	if c.Mode != "" {
		if err := app.SetScope(c.Mode); err != nil {
			return app, nil, err
		}
	}
	var warnings []string
	for _, part := range []struct{ typ, file string }{{directory.User, c.Filters}, {directory.Group, c.GroupFilters}} {
		if part.file == "" {
			continue
		}
		filter, err := filterFile(part.file)
		if err != nil {
			return app, nil, err
		}
		odd, err := s.Engine.CheckFilter(ctx, app.Organization, part.typ, filter)
		if err != nil {
			return app, nil, fault.Errorf(fault.ErrInvalid, "the scoping filters in %s: %w", part.file, err)
		}
		if err := app.SetFilters(part.typ, filter); err != nil {
			return app, nil, err
		}
		warnings = append(warnings, odd...)
	}
	return app, warnings, nil
}

// filterFile reads scoping filters; nil: none.
func filterFile(name string) (json.RawMessage, error) {
	if name == filtersNone {
		return nil, nil
	}
	info, err := os.Stat(name)
	if err != nil {
		return nil, fault.Errorf(fault.ErrInvalid, "read the scoping filters: %w", err)
	}
	if info.Size() > maxFiltersFile {
		return nil, fault.Errorf(fault.ErrInvalid, "the scoping filters in %s are %d bytes long; at most %d are allowed", name, info.Size(), maxFiltersFile)
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, fault.Errorf(fault.ErrInvalid, "read the scoping filters: %w", err)
	}
	return data, nil
}

// TestScope judges a person or group, who may have left, as a cycle would.
func (s *System) TestScope(ctx context.Context, app application.Application, p Principal) (provisioning.ScopeTest, error) {
	obj, err := s.anyPrincipal(ctx, app, p)
	if err != nil {
		return provisioning.ScopeTest{}, err
	}
	return s.Engine.TestScope(ctx, app, provisioning.Subject{Type: obj.Type, ID: obj.ID})
}

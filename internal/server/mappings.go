package server

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/gallery"
	"github.com/rollcall-id/rollcall/internal/mapping"
	"github.com/rollcall-id/rollcall/internal/mapping/graphschema"
	"github.com/rollcall-id/rollcall/internal/provisioning"
	"github.com/rollcall-id/rollcall/scim"
)

// MappingPlan is what a change of an application's mapping would do. Nothing has been written.
type MappingPlan struct {
	Remarks    []graphschema.Remark       `json:"remarks"`  // what of an imported document is not honoured
	Warnings   []string                   `json:"warnings"` // what is allowed and probably not meant
	Difference mapping.Difference         `json:"difference"`
	Impact     provisioning.MappingImpact `json:"impact"`

	changed application.Application
	same    bool
	initial bool
}

// Same reports that the mapping is the one the application has, to the last byte.
func (p MappingPlan) Same() bool { return p.same }

// Initial reports that something else is provisioned than before, so that the next cycle is an initial one.
func (p MappingPlan) Initial() bool { return p.initial }

// PlanMapping checks another mapping of the application and computes what it would do. The error is fault.ErrInvalid where the mapping cannot be used.
func (s *System) PlanMapping(ctx context.Context, app application.Application, set mapping.Set, c application.Change) (MappingPlan, error) {
	p := MappingPlan{Remarks: []graphschema.Remark{}, Warnings: []string{}, Difference: mapping.Compare(app.Mapping, set), changed: app}
	same, err := mapping.Same(app.Mapping, set)
	if err == nil {
		err = p.changed.SetMapping(set)
	}
	if err != nil {
		return p, err
	}
	p.changed.Change, p.same, p.initial = c, same, p.changed.Revision != app.Revision
	warnings, err := s.Engine.CheckMapping(ctx, p.changed)
	if err != nil {
		return p, err
	}
	p.Warnings = append(p.Warnings, warnings...)
	p.Impact, err = s.Engine.MappingImpact(ctx, app, p.changed)
	return p, err
}

// ApplyMapping saves the mapping of a plan, if nobody changed the application meanwhile, and returns the number of its version.
func (s *System) ApplyMapping(ctx context.Context, p MappingPlan) (version int64, err error) {
	if !p.same {
		if err := s.Store.SaveApplication(ctx, p.changed); err != nil {
			return 0, err
		}
	}
	versions, err := s.Store.MappingVersions(ctx, p.changed.ID)
	if err != nil || len(versions) == 0 {
		return 0, err
	}
	return versions[0].Number, nil
}

// ImportMapping reads a Microsoft Graph synchronizationSchema document for the application and returns its mapping, with remarks on what cannot be honoured
// (also beside an error). Whatever the application's template requires has to be mapped.
func (s *System) ImportMapping(ctx context.Context, app application.Application, data []byte) (mapping.Set, []graphschema.Remark, error) {
	types, err := s.Store.Registry(ctx, app.Organization)
	if err != nil {
		return mapping.Set{}, nil, fmt.Errorf("read the types of the organization: %w", err)
	}
	set, remarks, err := graphschema.Import(data, graphschema.Checks{
		Compile: func(m mapping.ObjectMapping) error {
			_, err := provisioning.CompileMapping(types, m)
			return err
		},
		Scope: func(object string, filter json.RawMessage) error {
			_, err := s.Engine.CheckFilter(ctx, app.Organization, object, filter)
			return err
		},
	})
	if err != nil {
		return set, remarks, err
	}
	if t, err := gallery.ByID(app.Template); err == nil {
		if missing := t.Missing(set); len(missing) > 0 {
			return set, remarks, fault.Errorf(fault.ErrInvalid, "the document does not map what %s requires: %s; add rows for them", t.Name, strings.Join(missing, ", "))
		}
	}
	return set, remarks, nil
}

// DefaultMapping is the mapping of the application's gallery template; with keepFilters, with the scoping filters that the application has.
func (s *System) DefaultMapping(app application.Application, keepFilters bool) (mapping.Set, error) {
	t, err := gallery.ByID(app.Template)
	if err != nil {
		return mapping.Set{}, err
	}
	for i := range t.Mapping.Objects {
		o := &t.Mapping.Objects[i]
		if had := app.Mapping.For(o.Source); keepFilters && had != nil {
			o.Scope = had.Scope
		}
	}
	return t.Mapping, nil
}

// ExportMapping writes the application's mapping as a Microsoft Graph synchronizationSchema document.
func (s *System) ExportMapping(ctx context.Context, app application.Application) ([]byte, error) {
	types, err := s.Store.Registry(ctx, app.Organization)
	if err != nil {
		return nil, fmt.Errorf("read the types of the organization: %w", err)
	}
	return graphschema.Export(app.Mapping, graphschema.Meta{
		ID: app.ID, Users: sourceDefinitions(types, directory.User), Groups: sourceDefinitions(types, directory.Group),
	})
}

// sourceDefinitions are the attributes of the organization's objects as a document lists them.
func sourceDefinitions(types *scim.Registry, typ string) []mapping.Definition {
	kinds := map[scim.Type]mapping.Type{
		scim.TypeBoolean: mapping.Boolean, scim.TypeInteger: mapping.Integer, scim.TypeDateTime: mapping.DateTime,
		scim.TypeReference: mapping.Reference, scim.TypeBinary: mapping.Binary,
	}
	var out []mapping.Definition
	for _, n := range directory.AttributesOf(types, typ).Names() {
		d := mapping.Definition{Name: n.Entra, Type: mapping.String, MultiValued: n.MultiValued, Doc: n.Doc}
		if t, ok := kinds[n.Type]; ok {
			d.Type = t
		}
		out = append(out, d)
	}
	return out
}

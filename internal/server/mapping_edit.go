package server

import (
	"context"
	"fmt"
	"strings"

	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/gallery"
	"github.com/rollcall-id/rollcall/internal/mapping"
	"github.com/rollcall-id/rollcall/internal/provisioning"
	"github.com/rollcall-id/rollcall/scim"
)

// ObjectType is the object type that a person calls user or group.
func ObjectType(word string) (string, error) {
	for _, typ := range []string{directory.User, directory.Group} {
		if strings.EqualFold(word, typ) {
			return typ, nil
		}
	}
	return "", fault.Errorf(fault.ErrInvalid, "the object type is %q: expected user or group", word)
}

// MappingEdit is a change of the mapping of one object type, checked and not saved yet.
type MappingEdit struct {
	Application   application.Application // with the change
	Before, After mapping.ObjectMapping
	Warnings      []string
	Initial       bool // something else is provisioned than before, so that the next cycle is an initial one
}

// EditMapping changes the mapping of an object type. What edit gets has a list of the target's attributes: an application from before is given the one of
// its template.
func (s *System) EditMapping(
	ctx context.Context, app application.Application, typ string, edit func(mapping.ObjectMapping) (mapping.ObjectMapping, error),
) (MappingEdit, error) {
	e, err := mappingOf(app, typ)
	if err != nil {
		return e, err
	}
	types, err := s.Store.Registry(ctx, app.Organization)
	if err != nil {
		return e, err
	}
	if e.After, err = edit(e.Before.Listed(listOf(app.Template, typ))); err != nil {
		return e, err
	}
	return e, e.check(types)
}

// mappingOf is an edit that changes nothing.
func mappingOf(app application.Application, typ string) (MappingEdit, error) {
	m := app.Mapping.For(typ)
	if m == nil {
		return MappingEdit{}, fault.Errorf(fault.ErrInvalid, "application %s has no mapping of %ss: its template %s does not provision them",
			app.Name, strings.ToLower(typ), app.Template)
	}
	return MappingEdit{Application: app, Before: *m, After: *m}, nil
}

// listOf is what a template knows of its target's attributes.
func listOf(template, typ string) []mapping.Definition {
	t, err := gallery.ByID(template)
	if err != nil {
		return nil
	}
	if m := t.Mapping.For(typ); m != nil {
		return m.Definitions
	}
	return nil
}

// check compiles the mapping and puts it into the application. Where it was broken before, less broken will do.
func (e *MappingEdit) check(types *scim.Registry) error {
	compile := func(m mapping.ObjectMapping) (*mapping.Compiled, error) { return provisioning.CompileMapping(types, m) }
	compiled, err := compile(e.After)
	if err != nil {
		if _, was := compile(e.Before); !mapping.Mends(was, err) {
			return err
		}
		for _, p := range mapping.Problems(err) {
			e.Warnings = append(e.Warnings, "still wrong, so that nothing is provisioned: "+p.Error())
		}
	} else {
		e.Warnings = compiled.Warnings()
	}
	revision := e.Application.Revision
	if err := e.Application.SetMapping(e.Application.Mapping.With(e.After)); err != nil {
		return err
	}
	e.Initial = e.Application.Revision != revision
	return nil
}

// SaveMapping saves a change of the mapping.
func (s *System) SaveMapping(ctx context.Context, e MappingEdit, origin directory.Origin, reason string) error {
	e.Application.Change = application.Change{Actor: origin.Actor, Reason: reason}
	return s.Store.SaveApplication(ctx, e.Application)
}

// ObjectDiscovery is what a target says of the attributes of an object type, beside what the list has.
type ObjectDiscovery struct {
	Type    string
	Changes []mapping.DefinitionChange
	Remarks []string
	Listed  int // attributes in the list afterwards
}

// Discovery is what a target says of its attributes, not saved yet.
type Discovery struct {
	MappingEdit
	Objects []ObjectDiscovery
}

// Changes counts the attributes that are new to the list, and those of which the target knows better.
func (d *Discovery) Changes() (added, changed int) {
	for _, o := range d.Objects {
		for _, c := range o.Changes {
			if c.Before == nil {
				added++
			} else {
				changed++
			}
		}
	}
	return added, changed
}

// Discover asks the application's target for its attributes and adds them to the lists. Object types that the application does not map are left out.
func (s *System) Discover(ctx context.Context, app application.Application) (Discovery, error) {
	d := Discovery{MappingEdit: MappingEdit{Application: app}}
	t, err := s.target(ctx, app)
	if err != nil {
		return d, err
	}
	defer t.Close()
	found, err := provisioning.Describer(t).Describe(ctx)
	if err != nil {
		return d, fmt.Errorf("ask %s for its attributes: %w", app.Name, err)
	}
	types, err := s.Store.Registry(ctx, app.Organization)
	if err != nil {
		return d, err
	}
	for _, o := range found {
		if app.Mapping.For(o.Type) == nil {
			continue
		}
		if err := d.discover(types, o); err != nil {
			return d, err
		}
	}
	return d, nil
}

// discover adds what was found of one object type.
func (d *Discovery) discover(types *scim.Registry, o provisioning.Description) error {
	e, err := mappingOf(d.Application, o.Type)
	if err != nil {
		return err
	}
	var out ObjectDiscovery
	listed := e.Before.Listed(listOf(d.Application.Template, o.Type))
	e.After, out.Changes, out.Remarks = listed.Discovered(o.Attributes, provisioning.KnownAttribute(types, o.Type))
	if err := e.check(types); err != nil {
		return err
	}
	out.Type, out.Listed, out.Remarks = o.Type, len(e.After.Definitions), append(out.Remarks, o.Remarks...)
	d.Objects = append(d.Objects, out)
	d.Application, d.Initial, d.Warnings = e.Application, d.Initial || e.Initial, append(d.Warnings, e.Warnings...)
	return nil
}

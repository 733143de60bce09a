package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/mapping"
	"github.com/rollcall-id/rollcall/internal/server"
)

func (a *app) appAttribute() *cobra.Command {
	c := &cobra.Command{Use: "attribute", Short: "The target's attributes that rows of the mapping may write: list, discover, edit", Args: cobra.NoArgs}
	c.AddCommand(a.attributeList(), a.attributeDiscover(), a.attributeEdit("add"), a.attributeEdit("set"), a.attributeRemove())
	return c
}

// attributeJSON is an attribute of the target as it is printed.
type attributeJSON struct {
	Object      string       `json:"object"`
	Name        string       `json:"name"`
	Type        mapping.Type `json:"type"`
	PrimaryKey  bool         `json:"primaryKey"`
	Required    bool         `json:"required"`
	MultiValued bool         `json:"multiValued"`
	CaseExact   bool         `json:"caseExact"`
	ReadOnly    bool         `json:"readOnly"`
	Reference   string       `json:"reference"`
	Custom      bool         `json:"custom"`
	Mapped      bool         `json:"mapped"`
	Doc         string       `json:"doc"`
}

func attributeView(m *mapping.ObjectMapping, d mapping.Definition) attributeJSON {
	row, _ := m.Row(d.Name)
	return attributeJSON{
		Object: strings.ToLower(m.Source), Name: d.Name, Type: d.Type, PrimaryKey: d.PrimaryKey, Required: d.Required, MultiValued: d.MultiValued,
		CaseExact: d.CaseExact, ReadOnly: d.ReadOnly, Reference: d.Reference, Custom: d.Custom, Mapped: row != nil, Doc: d.Doc,
	}
}

func attributeHeading() []string {
	return []string{"OBJECT", "NAME", "TYPE", "KEY", "REQUIRED", "MULTI", "EXACT CASE", "READ-ONLY", "MAPPED"}
}

func (v attributeJSON) row() []string {
	typ := string(v.Type)
	if v.Reference != "" {
		typ += " to " + v.Reference
	}
	return []string{v.Object, v.Name, typ, mark(v.PrimaryKey), mark(v.Required), mark(v.MultiValued), mark(v.CaseExact), mark(v.ReadOnly), mark(v.Mapped)}
}

// mark is yes, or nothing: in a table of flags, "no" hides the few that are set.
func mark(b bool) string {
	if b {
		return "yes"
	}
	return ""
}

func (a *app) attributeList() *cobra.Command {
	var object string
	c := &cobra.Command{
		Use: "list ORG NAME [--object user|group]", Short: "List the target's attributes", Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			only, err := objectFlag(object)
			if err != nil {
				return err
			}
			return a.withApp(c.Context(), args[0], args[1], func(_ context.Context, _ *server.System, app application.Application) error {
				rows := [][]string{attributeHeading()}
				for i := range app.Mapping.Objects {
					m := &app.Mapping.Objects[i]
					if only != "" && m.Source != only {
						continue
					}
					for _, d := range m.Definitions {
						v := attributeView(m, d)
						if a.json {
							a.printJSON(v)
						}
						rows = append(rows, v.row())
					}
				}
				if len(rows) == 1 {
					a.note("Nothing is known of the target's attributes, so that the mapping may write any. `rollcall app attribute discover` asks the target.")
				} else if !a.json {
					a.table(rows)
				}
				return nil
			})
		},
	}
	c.Flags().StringVar(&object, "object", "", "user or group; empty: both")
	return a.jsonFlag(c)
}

// objectFlag reads --object; empty: none was named.
func objectFlag(word string) (string, error) {
	if word == "" {
		return "", nil
	}
	typ, err := server.ObjectType(word)
	if err != nil {
		return "", usagef("--object: %v", err)
	}
	return typ, nil
}

// attributeFlags are the flags of add and set.
type attributeFlags struct {
	object, typ, reference                     string
	required, multiValued, caseExact, readOnly bool
}

func (f *attributeFlags) register(c *cobra.Command) {
	c.Flags().StringVar(&f.object, "object", "user", "user or group")
	c.Flags().StringVar(&f.typ, "type", "string", "string, boolean, integer, datetime, reference or binary")
	c.Flags().BoolVar(&f.required, "required", false, "a new account must have a value")
	c.Flags().BoolVar(&f.multiValued, "multi-valued", false, "it takes a list of values")
	c.Flags().BoolVar(&f.caseExact, "case-exact", false, "a difference in letter case is a difference")
	c.Flags().BoolVar(&f.readOnly, "read-only", false, "the target decides its value, so that no row may write it")
	c.Flags().StringVar(&f.reference, "reference", "", "of a reference: user or group; empty: either")
}

// apply changes what flags were given for.
func (f *attributeFlags) apply(c *cobra.Command, d mapping.Definition) (mapping.Definition, error) {
	given := func(name string) bool { return c.Flags().Changed(name) || d.Type == "" }
	if given("type") {
		typ, err := attributeType(f.typ)
		if err != nil {
			return d, err
		}
		d.Type = typ
		if typ != mapping.Reference {
			d.Reference = ""
		}
	}
	if c.Flags().Changed("reference") {
		typ, err := objectFlag(f.reference)
		if err != nil {
			return d, usagef("--reference is %q: expected user, group, or nothing for either", f.reference)
		}
		d.Reference = typ
	}
	for _, flag := range []struct {
		name     string
		from, to *bool
	}{
		{"required", &f.required, &d.Required}, {"multi-valued", &f.multiValued, &d.MultiValued}, {"case-exact", &f.caseExact, &d.CaseExact},
		{"read-only", &f.readOnly, &d.ReadOnly},
	} {
		if c.Flags().Changed(flag.name) {
			*flag.to = *flag.from
		}
	}
	return d, nil
}

func attributeType(word string) (mapping.Type, error) {
	types := []mapping.Type{mapping.String, mapping.Boolean, mapping.Integer, mapping.DateTime, mapping.Reference, mapping.Binary}
	i := slices.IndexFunc(types, func(t mapping.Type) bool { return strings.EqualFold(string(t), word) })
	if i < 0 {
		return "", usagef("--type is %q: expected string, boolean, integer, datetime, reference or binary", word)
	}
	return types[i], nil
}

// attributeEdit is `app attribute add` or `app attribute set`.
func (a *app) attributeEdit(verb string) *cobra.Command {
	var f attributeFlags
	short := map[string]string{
		"add": "Add an attribute that the target has", "set": "Say what an attribute of the target is; discovery leaves it alone then",
	}[verb]
	c := &cobra.Command{
		Use: verb + " ORG NAME ATTRIBUTE [--object user|group] [--type TYPE] [--required] [--multi-valued] …", Short: short, Args: cobra.ExactArgs(3),
	}
	edit := func(m mapping.ObjectMapping, name string) (mapping.ObjectMapping, error) {
		if verb == "add" {
			d, err := f.apply(c, mapping.Definition{Name: name})
			if err != nil {
				return m, err
			}
			return m.AddDefinition(d)
		}
		d := mapping.Definition{Name: name}
		if old := m.Definition(name); old != nil {
			d = *old
		}
		d, err := f.apply(c, d)
		if err != nil {
			return m, err
		}
		return m.SetDefinition(d)
	}
	c.RunE = func(_ *cobra.Command, args []string) error {
		return a.editAttribute(c, args, f.object, fmt.Sprintf("attribute %s %s", verb, args[2]), edit)
	}
	f.register(c)
	return a.jsonFlag(c)
}

// editAttribute changes the list, saves it, and shows the attribute as it is now.
func (a *app) editAttribute(
	c *cobra.Command, args []string, object, reason string, edit func(m mapping.ObjectMapping, name string) (mapping.ObjectMapping, error),
) error {
	typ, err := objectFlag(object)
	if err != nil {
		return err
	}
	return a.withApp(c.Context(), args[0], args[1], func(ctx context.Context, s *server.System, app application.Application) error {
		e, err := s.EditMapping(ctx, app, typ, func(m mapping.ObjectMapping) (mapping.ObjectMapping, error) { return edit(m, args[2]) })
		if err != nil {
			return err
		}
		if err := s.SaveMapping(ctx, e, a.origin(), reason); err != nil {
			return err
		}
		a.warn(e)
		d := e.After.Definition(args[2])
		switch {
		case d == nil && a.json:
			a.printJSON(map[string]any{"application": app.Name, "object": strings.ToLower(typ), "name": args[2], "removed": true})
		case d == nil:
			a.say("%s is no longer in the list of %s.", args[2], app.Name)
		case a.json:
			a.printJSON(attributeView(&e.After, *d))
		default:
			a.table([][]string{attributeHeading(), attributeView(&e.After, *d).row()})
		}
		return nil
	})
}

// warn tells what a person should know of a change that was made.
func (a *app) warn(e server.MappingEdit) {
	for _, w := range e.Warnings {
		a.note("%s", w)
	}
	if e.Initial {
		a.note("The next cycle is an initial one.")
	}
}

func (a *app) attributeRemove() *cobra.Command {
	var object string
	c := &cobra.Command{
		Use: "remove ORG NAME ATTRIBUTE [--object user|group]", Short: "Take an attribute that no row writes out of the list", Args: cobra.ExactArgs(3),
		RunE: func(c *cobra.Command, args []string) error {
			return a.editAttribute(c, args, object, "attribute remove "+args[2], func(m mapping.ObjectMapping, name string) (mapping.ObjectMapping, error) {
				return m.RemoveDefinition(name)
			})
		},
	}
	c.Flags().StringVar(&object, "object", "user", "user or group")
	return a.jsonFlag(c)
}

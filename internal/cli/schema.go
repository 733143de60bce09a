package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/organization"
	"github.com/rollcall-id/rollcall/internal/server"
	"github.com/rollcall-id/rollcall/scim"
)

func (a *app) schemaCommand() *cobra.Command {
	c := &cobra.Command{Use: "schema", Short: "Extensions of users and groups, and resource types, of an organization's own", Args: cobra.NoArgs}
	c.AddCommand(a.schemaAdd(), a.schemaList(), a.schemaShow(), a.schemaRemove())
	return c
}

func (a *app) schemaAdd() *cobra.Command {
	c := &cobra.Command{
		Use: "add ORG FILE", Short: "Register the Schema and ResourceType resources of a JSON file (- is standard input), or replace them where what is stored allows it",
		Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			doc, err := a.document(args[1])
			if err != nil {
				return err
			}
			return a.withOrganization(c.Context(), args[0], func(ctx context.Context, s *server.System, o organization.Organization) error {
				done, err := s.RegisterTypes(ctx, o, doc, a.origin())
				if err != nil {
					return err
				}
				if a.json {
					a.printJSON(map[string]any{"organization": o.Slug, "added": list(done.Added), "changed": list(done.Changed), "skipped": list(done.Skipped)})
					return nil
				}
				for what, names := range map[string][]string{"Registered": done.Added, "Replaced": done.Changed} {
					if len(names) > 0 {
						a.say("%s: %s.", what, strings.Join(names, ", "))
					}
				}
				if len(done.Skipped) > 0 {
					a.note("Left as it is, because it is standard: %s.", strings.Join(done.Skipped, ", "))
				}
				return nil
			})
		},
	}
	return a.jsonFlag(c)
}

// list is a list that prints as [] when it is empty.
func list(names []string) []string { return append([]string{}, names...) }

// document reads a file of definitions; - is standard input.
func (a *app) document(name string) ([]byte, error) {
	from := a.In
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, fmt.Errorf("read the schemas: %w", err)
		}
		defer f.Close()
		from = f
	}
	doc, err := io.ReadAll(io.LimitReader(from, scim.MaxDefinitions+1)) // one byte more, so that the parser refuses what is too long
	if err != nil {
		return nil, fmt.Errorf("read the schemas: %w", err)
	}
	return doc, nil
}

func (a *app) schemaList() *cobra.Command {
	c := &cobra.Command{
		Use: "list ORG", Short: "List the registered resource types and schemas", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return a.withOrganization(c.Context(), args[0], func(ctx context.Context, s *server.System, o organization.Organization) error {
				types, schemas, err := s.RegisteredTypes(ctx, o)
				if err != nil {
					return err
				}
				if a.json {
					a.printRegistered(types, schemas)
					return nil
				}
				rows := [][]string{{"NAME", "KIND", "ENDPOINT", "OF", "ATTRIBUTES", "RESOURCES"}}
				for _, t := range types {
					rows = append(rows, []string{t.Name, "resource type", t.Endpoint, "", "", decimal(t.Resources)})
				}
				for _, schema := range schemas {
					of := strings.Join(server.UsersOfSchema(types, schema.ID), ", ")
					rows = append(rows, []string{schema.ID, "schema", "", of, decimal(len(schema.Attributes)), ""})
				}
				a.table(rows)
				return nil
			})
		},
	}
	return a.jsonFlag(c)
}

// printRegistered prints JSON Lines: the types, then the schemas.
func (a *app) printRegistered(types []server.RegisteredType, schemas []*scim.Schema) {
	for _, t := range types {
		a.printJSON(struct {
			Kind string `json:"kind"`
			scim.TypeDefinition
			Resources int `json:"resources"`
		}{"resourceType", t.TypeDefinition, t.Resources})
	}
	for _, schema := range schemas {
		a.printJSON(map[string]any{
			"kind": "schema", "id": schema.ID, "name": schema.Name, "attributes": len(schema.Attributes), "of": list(server.UsersOfSchema(types, schema.ID)),
		})
	}
}

func (a *app) schemaShow() *cobra.Command {
	c := &cobra.Command{
		Use: "show ORG URN|TYPE", Short: "Show a registered schema, or a resource type with its schemas, as a document that `schema add` takes", Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			return a.withOrganization(c.Context(), args[0], func(ctx context.Context, s *server.System, o organization.Organization) error {
				resources, err := s.RegisteredDocument(ctx, o, args[1])
				if err != nil {
					return err
				}
				var doc any = resources
				if len(resources) == 1 {
					doc = resources[0]
				}
				if a.json {
					a.printJSON(doc)
					return nil
				}
				pretty, err := json.MarshalIndent(doc, "", "  ")
				if err != nil {
					return fmt.Errorf("print %s: %w", args[1], err)
				}
				a.say("%s", pretty)
				return nil
			})
		},
	}
	return a.jsonFlag(c)
}

func (a *app) schemaRemove() *cobra.Command {
	var yes bool
	c := &cobra.Command{
		Use: "remove ORG URN|TYPE", Short: "Remove a registered schema or resource type, with the values and resources that need it", Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			return a.withOrganization(c.Context(), args[0], func(ctx context.Context, s *server.System, o organization.Organization) error {
				preview, err := s.Directory.PreviewRemoval(ctx, o.ID, args[1])
				if err != nil {
					return err
				}
				for _, loss := range losses(preview) {
					a.note("%s", loss)
				}
				if preview.Loses() && !yes && !a.confirm("Remove "+args[1]+"?") {
					return usagef("nothing was removed: repeat with --yes to remove %s and what is stored for it", args[1])
				}
				gone, err := s.RemoveType(ctx, o, args[1], yes || preview.Loses(), a.origin())
				if err != nil {
					return err
				}
				if a.json {
					a.printJSON(map[string]any{
						"organization": o.Slug, "types": list(gone.Types), "schemas": list(gone.Schemas), "purged": gone.Purged, "changed": gone.Changed, "result": "removed",
					})
					return nil
				}
				a.say("Removed: %s.", strings.Join(append(list(gone.Types), gone.Schemas...), ", "))
				return nil
			})
		},
	}
	c.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return a.jsonFlag(c)
}

// losses says what happens to the data.
func losses(r directory.Removal) []string {
	var out []string
	for _, typ := range slices.Sorted(maps.Keys(r.Purged)) {
		out = append(out, fmt.Sprintf("%d resources of type %s are deleted for good.", r.Purged[typ], typ))
	}
	for _, typ := range slices.Sorted(maps.Keys(r.Changed)) {
		out = append(out, fmt.Sprintf("%d resources of type %s lose their values of the extension for good.", r.Changed[typ], typ))
	}
	return out
}

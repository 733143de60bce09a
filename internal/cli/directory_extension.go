package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/organization"
	"github.com/rollcall-id/rollcall/internal/server"
	"github.com/rollcall-id/rollcall/scim"
)

func (a *app) directoryExtension() *cobra.Command {
	c := &cobra.Command{Use: "extension", Short: "Attributes that the organization declares: Entra's directory extensions", Args: cobra.NoArgs}
	c.AddCommand(a.extensionAdd(), a.extensionList(), a.extensionRemove())
	return c
}

// extensionJSON is a directory extension as --json prints it.
type extensionJSON struct {
	Name        string `json:"name"`
	Target      string `json:"target"`
	Type        string `json:"type"`
	MultiValued bool   `json:"multiValued"`
	Description string `json:"description"`
	Path        string `json:"path"`
	Declared    bool   `json:"declared"`
}

func extensionDocument(x directory.Extension) extensionJSON {
	return extensionJSON{x.Name, strings.ToLower(x.Target), string(x.Type), x.MultiValued, x.Description, x.Path, x.Declared}
}

func (a *app) extensionAdd() *cobra.Command {
	var typ, target string
	x := directory.Extension{}
	c := &cobra.Command{
		Use:   "add ORG NAME [--type string] [--multi-valued] [--target user]",
		Short: "Declare an attribute: extension_…_NAME with the id that it has in Entra, or a name of your own, to which a prefix is added",
		Args:  cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) (err error) {
			x.Name = args[1]
			if x.Type, err = extensionType(typ); err != nil {
				return err
			}
			if x.Target, err = extensionTarget(target); err != nil {
				return err
			}
			return a.withOrganization(c.Context(), args[0], func(ctx context.Context, s *server.System, o organization.Organization) error {
				made, err := s.AddExtension(ctx, o, x, a.origin())
				if err != nil {
					return err
				}
				if a.json {
					a.printJSON(extensionDocument(made))
					return nil
				}
				a.say("Declared %s. Mappings and filters read it by this name, expressions as [%s], and a CSV file can have it as a column.", made.Name, made.Name)
				return nil
			})
		},
	}
	f := c.Flags()
	f.StringVar(&typ, "type", "string", "string, integer, boolean or dateTime")
	f.BoolVar(&x.MultiValued, "multi-valued", false, "the attribute has several values")
	f.StringVar(&target, "target", "user", "user or group")
	f.StringVar(&x.Description, "description", "", "what the attribute is")
	return a.jsonFlag(c)
}

// extensionType reads the type as SCIM or as Entra writes it.
func extensionType(text string) (scim.Type, error) {
	switch strings.ToLower(text) {
	case "string":
		return scim.TypeString, nil
	case "integer", "largeinteger":
		return scim.TypeInteger, nil
	case "boolean":
		return scim.TypeBoolean, nil
	case "datetime":
		return scim.TypeDateTime, nil
	}
	return "", usagef("--type is %q: expected string, integer, boolean or dateTime", text)
}

func extensionTarget(text string) (string, error) {
	switch strings.ToLower(text) {
	case "user":
		return directory.User, nil
	case "group":
		return directory.Group, nil
	}
	return "", usagef("--target is %q: expected user or group", text)
}

func (a *app) extensionList() *cobra.Command {
	c := &cobra.Command{
		Use: "list ORG", Short: "List the directory extensions, and the attributes of registered schemas with their names as sources", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return a.withOrganization(c.Context(), args[0], func(ctx context.Context, s *server.System, o organization.Organization) error {
				all, err := s.Extensions(ctx, o)
				if err != nil {
					return err
				}
				rows := [][]string{{"NAME", "TARGET", "TYPE", "VALUES", "PATH"}}
				for _, x := range all {
					if a.json {
						a.printJSON(extensionDocument(x))
						continue
					}
					values := "one"
					if x.MultiValued {
						values = "several"
					}
					rows = append(rows, []string{x.Name, strings.ToLower(x.Target), string(x.Type), values, x.Path})
				}
				if !a.json {
					a.table(rows)
				}
				return nil
			})
		},
	}
	return a.jsonFlag(c)
}

func (a *app) extensionRemove() *cobra.Command {
	var yes bool
	c := &cobra.Command{
		Use: "remove ORG NAME", Short: "Remove a directory extension with its values", Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			return a.withOrganization(c.Context(), args[0], func(ctx context.Context, s *server.System, o organization.Organization) error {
				x, err := s.Extension(ctx, o, args[1])
				if err != nil {
					return err
				}
				n, err := s.Directory.CountExtension(ctx, o.ID, x)
				if err != nil {
					return err
				}
				if n > 0 {
					a.note("%d %ss lose their value of %s for good.", n, strings.ToLower(x.Target), x.Name)
				}
				if n > 0 && !yes && !a.confirm(fmt.Sprintf("Remove %s?", x.Name)) {
					return usagef("nothing was removed: repeat with --yes to remove %s with its values", x.Name)
				}
				if n, err = s.RemoveExtension(ctx, o, x, yes || n > 0, a.origin()); err != nil {
					return err
				}
				if a.json {
					a.printJSON(map[string]any{"organization": o.Slug, "name": x.Name, "target": strings.ToLower(x.Target), "changed": n, "result": "removed"})
					return nil
				}
				a.say("Removed %s.", x.Name)
				return nil
			})
		},
	}
	c.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return a.jsonFlag(c)
}

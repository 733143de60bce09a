package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/organization"
	"github.com/rollcall-id/rollcall/internal/server"
)

func (a *app) directoryCommand() *cobra.Command {
	c := &cobra.Command{Use: "directory", Short: "The people and groups of an organization", Args: cobra.NoArgs}
	c.AddCommand(
		a.directoryImport(),
		a.directoryList("users", directory.User), a.directoryList("groups", directory.Group),
		a.directoryShow(), a.directoryPurge(), a.directoryRestore(), a.directoryExtension(),
	)
	return c
}

// directoryList lists live objects, as SCIM resources with --json.
func (a *app) directoryList(name, typ string) *cobra.Command {
	var filter string
	c := &cobra.Command{
		Use: name + " ORG [--filter SCIM-FILTER]", Short: "List " + name, Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return a.withOrganization(c.Context(), args[0], func(ctx context.Context, s *server.System, o organization.Organization) error {
				rows := [][]string{{"ID", "NAME", "DISPLAY NAME", "ACTIVE"}}
				if typ == directory.Group {
					rows = [][]string{{"ID", "NAME"}}
				}
				err := s.EachObject(ctx, o, typ, filter, func(obj directory.Object) error {
					if a.json {
						doc, err := s.ObjectJSON(ctx, obj)
						if err != nil {
							return err
						}
						a.printJSON(doc)
						return nil
					}
					row := []string{obj.ID, obj.Name()}
					if typ == directory.User {
						display, _ := obj.Attributes["displayName"].(string)
						row = append(row, display, yesNo(obj.Active()))
					}
					rows = append(rows, row)
					return nil
				})
				if err == nil && !a.json {
					a.table(rows)
				}
				return err
			})
		},
	}
	c.Flags().StringVar(&filter, "filter", "", `SCIM filter, for example: userName sw "anna" and active eq true`)
	return a.jsonFlag(c)
}

func (a *app) directoryShow() *cobra.Command {
	c := &cobra.Command{
		Use: "show ORG USERNAME", Short: "Show one person, or a group by its display name", Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			return a.withOrganization(c.Context(), args[0], func(ctx context.Context, s *server.System, o organization.Organization) error {
				obj, err := s.FindObject(ctx, o, args[1])
				if err != nil {
					return err
				}
				doc, err := s.ObjectJSON(ctx, obj)
				if err != nil {
					return err
				}
				if a.json {
					a.printJSON(doc)
					return nil
				}
				pretty, err := json.MarshalIndent(doc, "", "  ")
				if err != nil {
					return fmt.Errorf("print %s: %w", obj.Name(), err)
				}
				a.say("%s", pretty)
				if !obj.Live() {
					a.note("This person left on %s and will be purged 30 days later.", when(obj.Deleted))
				}
				return nil
			})
		},
	}
	return a.jsonFlag(c)
}

func (a *app) directoryPurge() *cobra.Command {
	var yes bool
	c := &cobra.Command{
		Use: "purge ORG USERNAME", Short: "Remove a person for good, now: who left, or else who is there; applications that still have the account get a DELETE",
		Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			return a.withOrganization(c.Context(), args[0], func(ctx context.Context, s *server.System, o organization.Organization) error {
				obj, err := s.FindToPurge(ctx, o, args[1])
				if err != nil {
					return err
				}
				if obj.Live() {
					a.note("%s has not left. Purging removes a person who is still there.", obj.Name())
				}
				if !yes && !a.confirm(fmt.Sprintf("Purge %s for good?", obj.Name())) {
					return usagef("nothing was purged: repeat with --yes to purge %s", obj.Name())
				}
				if err := s.Purge(ctx, obj, a.origin()); err != nil {
					return err
				}
				return a.done(obj, "purged")
			})
		},
	}
	c.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return a.jsonFlag(c)
}

func (a *app) directoryRestore() *cobra.Command {
	c := &cobra.Command{
		Use: "restore ORG USERNAME", Short: "Bring back a person who left less than 30 days ago", Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			return a.withOrganization(c.Context(), args[0], func(ctx context.Context, s *server.System, o organization.Organization) error {
				obj, err := s.FindLeaver(ctx, o, args[1])
				if err != nil {
					return err
				}
				if err := s.Restore(ctx, obj, a.origin()); err != nil {
					return err
				}
				return a.done(obj, "restored")
			})
		},
	}
	return a.jsonFlag(c)
}

func (a *app) done(obj directory.Object, what string) error {
	if a.json {
		a.printJSON(map[string]string{"id": obj.ID, "name": obj.Name(), "result": what})
		return nil
	}
	a.say("%s %s: %s.", strings.ToLower(obj.Type), obj.Name(), what)
	return nil
}

// origin is what the feed says of writes made from the shell.
func (a *app) origin() directory.Origin {
	return directory.Origin{Actor: "command line", Cause: "rollcall"}
}

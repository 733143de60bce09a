package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/server"
)

func (a *app) appRole() *cobra.Command {
	c := &cobra.Command{Use: "role", Short: "Roles that an application offers and assignments give", Args: cobra.NoArgs}
	c.AddCommand(a.roleSave("add"), a.roleSave("set"), a.roleList(), a.roleRemove())
	return c
}

// roleSave is `app role add` or `app role set`.
func (a *app) roleSave(verb string) *cobra.Command {
	var r server.RoleRequest
	var enabled, disabled bool
	short := map[string]string{"add": "Add a role", "set": "Change a role: its names, or whether its assignments count"}[verb]
	c := &cobra.Command{
		Use: verb + " ORG NAME VALUE", Short: short, Args: cobra.ExactArgs(3),
		RunE: func(c *cobra.Command, args []string) error {
			if enabled && disabled {
				return usagef("give one of --enable and --disable")
			}
			r.Value, r.New = args[2], verb == "add"
			if c.Flags().Changed("description") {
				r.DescriptionGiven = true
			}
			if enabled || disabled {
				r.Disabled = &disabled
			}
			return a.withApp(c.Context(), args[0], args[1], func(ctx context.Context, s *server.System, app application.Application) error {
				role, err := s.SaveRole(ctx, app, r)
				if err != nil {
					return err
				}
				if a.json {
					a.printJSON(role)
					return nil
				}
				if disabled {
					people, groups, err := s.RoleHolders(ctx, app, role.Value)
					if err != nil {
						return err
					}
					a.note("%d people and %d groups are assigned with it. Whoever has no other assignment leaves the application in the next cycle, and a group's account "+
						"is deleted: look first with app cycle --plan, and take it back with --enable.", people, groups)
				}
				a.say("%s offers the role %s (%s)%s. The next cycle is an initial one.", app.Name, role.Value, role.DisplayName, disabledWord(role))
				return nil
			})
		},
	}
	c.Flags().StringVar(&r.DisplayName, "display-name", "", "name as people see it; of a new role the value where it is empty")
	c.Flags().StringVar(&r.Description, "description", "", "what the role allows")
	if verb == "set" {
		c.Flags().BoolVar(&disabled, "disable", false, "assignments of the role bring nobody into scope")
		c.Flags().BoolVar(&enabled, "enable", false, "assignments of the role count again")
	}
	return a.jsonFlag(c)
}

func disabledWord(r application.Role) string {
	if r.Disabled {
		return ", disabled"
	}
	return ""
}

func (a *app) roleList() *cobra.Command {
	c := &cobra.Command{
		Use: "list ORG NAME", Short: "List the roles of an application", Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			return a.withApp(c.Context(), args[0], args[1], func(_ context.Context, _ *server.System, app application.Application) error {
				rows := [][]string{{"VALUE", "DISPLAY NAME", "ENABLED", "DESCRIPTION"}}
				for _, r := range app.Roles {
					if a.json {
						a.printJSON(r)
						continue
					}
					rows = append(rows, []string{r.Value, r.DisplayName, onOff(!r.Disabled), r.Description})
				}
				switch {
				case a.json:
				case len(app.Roles) == 0:
					a.note("%s lists no roles: an assignment may name any.", app.Name)
				default:
					a.table(rows)
				}
				return nil
			})
		},
	}
	return a.jsonFlag(c)
}

func (a *app) roleRemove() *cobra.Command {
	c := &cobra.Command{
		Use: "remove ORG NAME VALUE", Short: "Remove a role that no assignment gives", Args: cobra.ExactArgs(3),
		RunE: func(c *cobra.Command, args []string) error {
			return a.withApp(c.Context(), args[0], args[1], func(ctx context.Context, s *server.System, app application.Application) error {
				if err := s.RemoveRole(ctx, app, args[2]); err != nil {
					return err
				}
				if a.json {
					a.printJSON(map[string]any{"application": app.Name, "role": args[2], "removed": true})
					return nil
				}
				a.say("%s no longer offers the role %s.", app.Name, args[2])
				return nil
			})
		},
	}
	return a.jsonFlag(c)
}

package cli

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/server"
)

// appAssign is `app assign` or `app unassign`.
func (a *app) appAssign(assign bool) *cobra.Command {
	var user, group, role string
	use, short := "unassign", "Take a person or a group out of scope"
	if assign {
		use, short = "assign", "Put a person or a group in scope"
	}
	c := &cobra.Command{
		Use: use + " ORG NAME (--user USERNAME|--group DISPLAYNAME)", Short: short, Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			if (user == "") == (group == "") {
				return usagef("say who with exactly one of --user USERNAME and --group DISPLAYNAME")
			}
			return a.withApp(c.Context(), args[0], args[1], func(ctx context.Context, s *server.System, app application.Application) error {
				changed, who, err := s.Assign(ctx, app, server.Principal{User: user, Group: group, Role: role}, assign, a.origin())
				if err != nil {
					return err
				}
				if a.json {
					a.printJSON(map[string]any{"application": app.Name, "principal": who, "assigned": assign, "changed": changed})
					return nil
				}
				switch {
				case assign && changed:
					a.say("%s is assigned to %s.", who, app.Name)
				case assign:
					a.say("%s was assigned to %s before: nothing changed.", who, app.Name)
				case changed:
					a.say("%s is no longer assigned to %s. The next cycle deprovisions who has no other assignment.", who, app.Name)
				default:
					a.say("%s was not assigned to %s: nothing changed.", who, app.Name)
				}
				return nil
			})
		},
	}
	c.Flags().StringVar(&user, "user", "", "user name of a person")
	c.Flags().StringVar(&group, "group", "", "display name of a group")
	if assign {
		c.Flags().StringVar(&role, "role", "", "application role; empty: Default Access")
	}
	return a.jsonFlag(c)
}

func (a *app) appSet() *cobra.Command {
	c := &cobra.Command{
		Use: "set ORG NAME KEY=VALUE…", Short: "Change settings: interval, deletion-threshold, deprovision, when-empty, groups, rate-limit, …",
		Args: cobra.MinimumNArgs(3),
		RunE: func(c *cobra.Command, args []string) error {
			return a.withApp(c.Context(), args[0], args[1], func(ctx context.Context, s *server.System, app application.Application) error {
				settings, err := app.Settings.With(args[2:]...)
				if err != nil {
					return err
				}
				app.SetSettings(settings)
				if err := s.Store.SaveApplication(ctx, app); err != nil {
					return err
				}
				if a.json {
					a.printJSON(appView(app))
					return nil
				}
				a.table(settingRows(app.Settings))
				return nil
			})
		},
	}
	return a.jsonFlag(c)
}

// settingRows are the settings as `app set` takes them.
func settingRows(s application.Settings) [][]string {
	var rows [][]string
	for _, p := range s.Pairs() {
		rows = append(rows, []string{p.Key, p.Value})
	}
	return rows
}

func (a *app) appSwitch(on bool) *cobra.Command {
	use, short := "stop", "Provisioning Status off; a running cycle ends after its current requests"
	if on {
		use, short = "start", "Provisioning Status on"
	}
	c := &cobra.Command{
		Use: use + " ORG NAME", Short: short, Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			return a.withApp(c.Context(), args[0], args[1], func(ctx context.Context, s *server.System, app application.Application) error {
				if on {
					if err := s.Engine.Start(ctx, app); err != nil {
						return err
					}
					return a.appDone(app, "provisioning is on; a running server begins within seconds, then every "+app.Settings.Interval.Round(time.Second).String())
				}
				if err := s.Engine.Stop(ctx, app); err != nil {
					return err
				}
				return a.appDone(app, "provisioning is off")
			})
		},
	}
	return a.jsonFlag(c)
}

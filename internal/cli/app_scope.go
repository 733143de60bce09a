package cli

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/provisioning"
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

func (a *app) appScope() *cobra.Command {
	var all, assigned, yes bool
	var filters string
	c := &cobra.Command{
		Use: "scope ORG NAME (--all|--assigned) [--filters FILE.json|none]", Short: "Set who is in scope; prints the impact before it is applied",
		Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			if all == assigned {
				return usagef("say which scope with exactly one of --all (all users and groups) and --assigned (only assigned ones)")
			}
			return a.withApp(c.Context(), args[0], args[1], func(ctx context.Context, s *server.System, app application.Application) error {
				mode := application.ScopeAssigned
				if all {
					mode = application.ScopeAll
				}
				changed, err := s.WithScope(app, mode, filters)
				if err != nil {
					return err
				}
				impact, err := s.Engine.Impact(ctx, app, changed)
				if err != nil {
					return err
				}
				a.showImpact(impact)
				if !yes && !a.confirm("Apply it?") {
					return usagef("nothing was changed: repeat with --yes to apply it")
				}
				if err := s.Store.SaveApplication(ctx, changed); err != nil {
					return err
				}
				if a.json {
					a.printJSON(impact)
					return nil
				}
				if changed.Revision == app.Revision {
					a.say("The scope of %s was %s before: nothing changed.", app.Name, mode)
					return nil
				}
				a.say("The scope of %s is now: %s. The next cycle is an initial one.", app.Name, mode)
				return nil
			})
		},
	}
	f := c.Flags()
	f.BoolVar(&all, "all", false, "sync all users and groups")
	f.BoolVar(&assigned, "assigned", false, "sync only assigned users and groups")
	f.StringVar(&filters, "filters", "", "scoping filters of the user mapping: a JSON file, or none to remove them; empty: keep them")
	f.BoolVar(&yes, "yes", false, "do not ask")
	return a.jsonFlag(c)
}

func (a *app) showImpact(i provisioning.Impact) {
	a.note("In scope now: %d people. After the change: %d. %d come in, %d go out; %d of those have an account that would be deprovisioned.",
		i.Before, i.After, i.In, i.Out, i.Deprovisioned)
	if len(i.Examples) > 0 {
		a.note("Going out, for example: %s", strings.Join(i.Examples, ", "))
	}
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

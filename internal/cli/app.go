package cli

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/organization"
	"github.com/rollcall-id/rollcall/internal/server"
)

func (a *app) appCommand() *cobra.Command {
	c := &cobra.Command{Use: "app", Short: "Enterprise applications: connect, assign, provision, watch", Args: cobra.NoArgs}
	c.AddCommand(
		a.appCreate(), a.appList(), a.appShow(), a.appDelete(), a.appConnect(), a.appTest(), a.appProfile(),
		a.appAssign(true), a.appAssign(false), a.appRole(), a.appScope(), a.appScopeTest(), a.appSet(), a.appMapping(), a.appAttribute(),
		a.appSwitch(true), a.appSwitch(false), a.appRestart(), a.appDecide(),
		a.appCycle(), a.appProvision(), a.appStatus(), a.appLog(), a.appLink(), a.appHeld(),
	)
	return c
}

// withApp opens the data and finds the organization and its application first.
func (a *app) withApp(ctx context.Context, slug, name string, fn func(context.Context, *server.System, application.Application) error) error {
	return a.withOrganization(ctx, slug, func(ctx context.Context, s *server.System, o organization.Organization) error {
		app, err := s.Application(ctx, o, name)
		if err != nil {
			return err
		}
		return fn(ctx, s, app)
	})
}

// appJSON is how an application is printed; the secret never is.
type appJSON struct {
	ID        string               `json:"id"`
	Name      string               `json:"name"`
	Template  string               `json:"template"`
	Created   time.Time            `json:"created"`
	TenantURL string               `json:"tenantUrl"`
	Connected bool                 `json:"connected"`
	On        bool                 `json:"on"`
	Scope     string               `json:"scope"`
	Settings  application.Settings `json:"settings"`
}

func appView(app application.Application) appJSON {
	return appJSON{
		ID: app.ID, Name: app.Name, Template: app.Template, Created: app.Created, TenantURL: app.TenantURL, Connected: app.TenantURL != "",
		On: app.On, Scope: app.Scope, Settings: app.Settings,
	}
}

func (a *app) appCreate() *cobra.Command {
	var template string
	c := &cobra.Command{
		Use: "create ORG NAME --template vault-platform|scim", Short: "Add an application from the gallery", Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			return a.withOrganization(c.Context(), args[0], func(ctx context.Context, s *server.System, o organization.Organization) error {
				app, err := s.CreateApplication(ctx, o, args[1], template)
				if err != nil {
					return err
				}
				if a.json {
					a.printJSON(appView(app))
					return nil
				}
				a.say("Application %q created from template %s. Next: app connect, app assign, app provision --plan.", app.Name, app.Template)
				return nil
			})
		},
	}
	c.Flags().StringVar(&template, "template", "", "gallery template: vault-platform, or scim for any SCIM 2.0 service")
	must(c.MarkFlagRequired("template"))
	return a.jsonFlag(c)
}

func (a *app) appList() *cobra.Command {
	c := &cobra.Command{
		Use: "list ORG", Short: "List the organization's applications", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return a.withOrganization(c.Context(), args[0], func(ctx context.Context, s *server.System, o organization.Organization) error {
				apps, err := s.Store.Applications(ctx, o.ID)
				if err != nil {
					return err
				}
				rows := [][]string{{"NAME", "TEMPLATE", "PROVISIONING", "SCOPE", "TENANT URL"}}
				for _, app := range apps {
					if a.json {
						a.printJSON(appView(app))
						continue
					}
					rows = append(rows, []string{app.Name, app.Template, onOff(app.On), app.Scope, app.TenantURL})
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

func (a *app) appShow() *cobra.Command {
	c := &cobra.Command{
		Use: "show ORG NAME", Short: "Show an application, its settings, assignments and mapping", Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			return a.withApp(c.Context(), args[0], args[1], a.showApp)
		},
	}
	return a.jsonFlag(c)
}

func (a *app) showApp(ctx context.Context, s *server.System, app application.Application) error {
	assigned, err := s.AssignmentNames(ctx, app)
	if err != nil {
		return err
	}
	if a.json {
		a.printJSON(struct {
			appJSON
			Assignments []server.AssignmentName `json:"assignments"`
			Mapping     any                     `json:"mapping"`
		}{appView(app), assigned, app.Mapping})
		return nil
	}
	a.table([][]string{
		{"Name", app.Name}, {"Template", app.Template}, {"Provisioning Status", onOff(app.On)}, {"Tenant URL", app.TenantURL}, {"Scope", app.Scope},
	})
	a.say("")
	a.table(append([][]string{{"SETTING", "VALUE"}}, settingRows(app.Settings)...))
	a.say("")
	rows := [][]string{{"ASSIGNED", "TYPE", "ROLE"}}
	for _, as := range assigned {
		rows = append(rows, []string{as.Name, as.Type, as.Role})
	}
	a.table(rows)
	for _, m := range app.Mapping.Effective().Objects {
		a.say("\n%s (%s)", m.Name, onOff(m.Enabled))
		rows := [][]string{{"TARGET", "SOURCE", "MATCH", "REQUIRED", "APPLY"}}
		for _, row := range m.Attributes {
			match := ""
			if row.Matching > 0 {
				match = decimal(row.Matching)
			}
			rows = append(rows, []string{row.Target, string(row.Kind) + " " + row.Value, match, yesNo(row.Required), string(row.Apply)})
		}
		a.table(rows)
	}
	return nil
}

func (a *app) appDelete() *cobra.Command {
	var yes bool
	c := &cobra.Command{
		Use: "delete ORG NAME", Short: "Delete an application; accounts at the target are left as they are", Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			return a.withApp(c.Context(), args[0], args[1], func(ctx context.Context, s *server.System, app application.Application) error {
				a.note("Deleting %q forgets its assignments, links and log. Accounts at the target stay as they are.", app.Name)
				if !yes && !a.confirm("Delete it?") {
					return usagef("nothing was deleted: repeat with --yes to delete application %q", app.Name)
				}
				if err := s.Store.DeleteApplication(ctx, app.ID); err != nil {
					return err
				}
				return a.appDone(app, "deleted")
			})
		},
	}
	c.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return a.jsonFlag(c)
}

func (a *app) appDone(app application.Application, what string) error {
	if a.json {
		a.printJSON(map[string]string{"id": app.ID, "name": app.Name, "result": what})
		return nil
	}
	a.say("%s: %s.", app.Name, what)
	return nil
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

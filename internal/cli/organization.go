package cli

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/rollcall-id/rollcall/internal/organization"
	"github.com/rollcall-id/rollcall/internal/server"
)

func (a *app) organizationCommand() *cobra.Command {
	c := &cobra.Command{Use: "organization", Short: "Organizations (tenants): a directory, a SCIM endpoint, enterprise applications", Args: cobra.NoArgs}
	c.AddCommand(a.organizationCreate(), a.organizationList(), a.organizationShow(), a.organizationDelete(), a.organizationAddAdministrator(), a.organizationSet())
	return c
}

// organizationJSON is how an organization is printed.
type organizationJSON struct {
	ID      string    `json:"id"`
	Slug    string    `json:"slug"`
	Name    string    `json:"name"`
	Created time.Time `json:"created"`
	SCIM    string    `json:"scimPath"`
	Domain  string    `json:"defaultDomain,omitempty"`
}

func organizationView(o organization.Organization) organizationJSON {
	return organizationJSON{ID: o.ID, Slug: o.Slug, Name: o.Name, Created: o.Created, SCIM: o.Path(), Domain: o.DefaultDomain}
}

func (a *app) organizationCreate() *cobra.Command {
	var name, admin string
	var password bool
	c := &cobra.Command{
		Use: "create SLUG --name NAME [--admin EMAIL --password-stdin]", Short: "Create an organization",
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if (admin != "") != password {
				return usagef("--admin EMAIL and --password-stdin go together: the password comes on standard input")
			}
			secret := ""
			if password {
				var err error
				if secret, err = a.secretFrom(); err != nil {
					return err
				}
			}
			return a.with(c.Context(), func(ctx context.Context, s *server.System) error {
				o, err := s.CreateOrganization(ctx, args[0], name, admin, secret)
				if err != nil {
					return err
				}
				if a.json {
					a.printJSON(organizationView(o))
					return nil
				}
				a.say("Organization %s (%s) created. Its SCIM endpoint is %s.", o.Slug, o.Name, o.Path())
				return nil
			})
		},
	}
	c.Flags().StringVar(&name, "name", "", "name as people see it")
	c.Flags().StringVar(&admin, "admin", "", "e-mail address of the first administrator, who becomes owner")
	c.Flags().BoolVar(&password, "password-stdin", false, "read the administrator's password from standard input")
	must(c.MarkFlagRequired("name"))
	return a.jsonFlag(c)
}

func (a *app) organizationList() *cobra.Command {
	c := &cobra.Command{
		Use: "list", Short: "List organizations", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return a.with(c.Context(), func(ctx context.Context, s *server.System) error {
				all, err := s.Store.Organizations(ctx)
				if err != nil {
					return err
				}
				rows := [][]string{{"SLUG", "NAME", "CREATED"}}
				for _, o := range all {
					if a.json {
						a.printJSON(organizationView(o))
						continue
					}
					rows = append(rows, []string{o.Slug, o.Name, o.Created.Format(time.DateOnly)})
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

func (a *app) organizationShow() *cobra.Command {
	c := &cobra.Command{
		Use: "show SLUG", Short: "Show an organization", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return a.withOrganization(c.Context(), args[0], func(ctx context.Context, s *server.System, o organization.Organization) error {
				summary, err := s.Summary(ctx, o)
				if err != nil {
					return err
				}
				administrators, err := s.Store.AdministratorsOf(ctx, o.ID)
				if err != nil {
					return err
				}
				emails := make([]string, len(administrators))
				for i, admin := range administrators {
					emails[i] = admin.Email
				}
				if a.json {
					a.printJSON(struct {
						organizationJSON
						server.Summary
						Administrators []string `json:"administrators"`
					}{organizationView(o), summary, emails})
					return nil
				}
				a.table([][]string{
					{"Slug", o.Slug},
					{"Name", o.Name},
					{"Created", o.Created.Format(time.RFC3339)},
					{"SCIM endpoint", o.Path()},
					{"Users", decimal(summary.Users)},
					{"Groups", decimal(summary.Groups)},
					{"Applications", decimal(summary.Applications)},
					{"Administrators", strings.Join(emails, ", ")},
				})
				return nil
			})
		},
	}
	return a.jsonFlag(c)
}

func (a *app) organizationAddAdministrator() *cobra.Command {
	var password bool
	c := &cobra.Command{
		Use: "add-administrator SLUG EMAIL --password-stdin", Short: "Make somebody an administrator of an organization", Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			if !password {
				return usagef("give --password-stdin: the password comes on standard input")
			}
			secret, err := a.secretFrom()
			if err != nil {
				return err
			}
			return a.withOrganization(c.Context(), args[0], func(ctx context.Context, s *server.System, o organization.Organization) error {
				email, err := s.AddAdministrator(ctx, o, args[1], secret)
				if err != nil {
					return err
				}
				if a.json {
					a.printJSON(map[string]string{"organization": o.Slug, "email": email})
					return nil
				}
				a.say("%s is an administrator of %s.", email, o.Slug)
				return nil
			})
		},
	}
	c.Flags().BoolVar(&password, "password-stdin", false, "read the administrator's password from standard input")
	return a.jsonFlag(c)
}

func (a *app) organizationDelete() *cobra.Command {
	var yes bool
	c := &cobra.Command{
		Use: "delete SLUG", Short: "Delete an organization with its directory and applications; accounts at targets are left as they are",
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return a.withOrganization(c.Context(), args[0], func(ctx context.Context, s *server.System, o organization.Organization) error {
				summary, err := s.Summary(ctx, o)
				if err != nil {
					return err
				}
				a.note("Deleting %s removes %d users, %d groups and %d applications for good. Accounts at targets stay as they are.",
					o.Slug, summary.Users, summary.Groups, summary.Applications)
				if !yes && !a.confirm("Delete it?") {
					return usagef("nothing was deleted: repeat with --yes to delete organization %s", o.Slug)
				}
				if err := s.Store.DeleteOrganization(ctx, o.ID); err != nil {
					return err
				}
				if a.json {
					a.printJSON(map[string]string{"id": o.ID, "slug": o.Slug, "result": "deleted"})
					return nil
				}
				a.say("Organization %s deleted.", o.Slug)
				return nil
			})
		},
	}
	c.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return a.jsonFlag(c)
}

// withOrganization opens the data and finds the organization first.
func (a *app) withOrganization(
	ctx context.Context, slug string, fn func(context.Context, *server.System, organization.Organization) error,
) error {
	return a.with(ctx, func(ctx context.Context, s *server.System) error {
		o, err := s.Organization(ctx, slug)
		if err != nil {
			return err
		}
		return fn(ctx, s, o)
	})
}

func (a *app) organizationSet() *cobra.Command {
	var domain string
	c := &cobra.Command{
		Use: "set SLUG --default-domain DOMAIN|none", Short: "Say which domain DefaultDomain() means in expressions", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return a.withOrganization(c.Context(), args[0], func(ctx context.Context, s *server.System, o organization.Organization) error {
				o, err := s.SetDefaultDomain(ctx, o, domain)
				if err != nil {
					return err
				}
				switch {
				case a.json:
					a.printJSON(organizationView(o))
				case o.DefaultDomain == "":
					a.say("%s has no default domain any more.", o.Slug)
				default:
					a.say("The default domain of %s is %s. The next cycle of each application is an initial one.", o.Slug, o.DefaultDomain)
				}
				return nil
			})
		},
	}
	c.Flags().StringVar(&domain, "default-domain", "", "a domain such as contoso.com, or none")
	must(c.MarkFlagRequired("default-domain"))
	return a.jsonFlag(c)
}

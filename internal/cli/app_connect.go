package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/server"
)

func (a *app) appConnect() *cobra.Command {
	var url string
	var stdin, allowHTTP bool
	c := &cobra.Command{
		Use:   "connect ORG NAME --tenant-url URL --secret-stdin",
		Short: "Store the Tenant URL and Secret Token after a successful test connection", Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			if !stdin {
				return usagef("give the Secret Token on standard input with --secret-stdin: secrets are never flags")
			}
			secret, err := a.secretFrom()
			if err != nil {
				return err
			}
			return a.withApp(c.Context(), args[0], args[1], func(ctx context.Context, s *server.System, app application.Application) error {
				before := app
				app.TenantURL, app.Secret, app.SecretError = url, []byte(secret), ""
				test, err := s.TestConnection(ctx, app, allowHTTP)
				if err != nil {
					return err
				}
				if !test.OK {
					a.showTest(test)
					return &exit{status: exitFailed, message: "the connection does not work, so nothing was stored: " + test.Failure()}
				}
				moved, err := s.Connect(ctx, before, app)
				if err != nil {
					return err
				}
				if moved {
					a.note("This is another service than before (%s): links to accounts there were dropped, and the next cycle matches everybody anew.", before.TenantURL)
				}
				if a.json {
					a.printJSON(test)
					return nil
				}
				a.showTest(test)
				a.say("Connected to %s.", app.TenantURL)
				a.note("Which attributes the service says it has: rollcall app attribute discover %s %q --plan", args[0], app.Name)
				return nil
			})
		},
	}
	f := c.Flags()
	f.StringVar(&url, "tenant-url", "", "base URL of the SCIM service, for example https://app.example.com/api/scim/acme")
	f.BoolVar(&stdin, "secret-stdin", false, "read the Secret Token from standard input")
	f.BoolVar(&allowHTTP, "allow-http", false, "allow http:// to addresses other than loopback; the Secret Token then travels in the clear")
	must(c.MarkFlagRequired("tenant-url"))
	return a.jsonFlag(c)
}

func (a *app) appTest() *cobra.Command {
	c := &cobra.Command{
		Use: "test ORG NAME", Short: "Test the connection, step by step", Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			return a.withApp(c.Context(), args[0], args[1], func(ctx context.Context, s *server.System, app application.Application) error {
				test, err := s.TestConnection(ctx, app, true)
				if err != nil {
					return err
				}
				if a.json {
					a.printJSON(test)
				} else {
					a.showTest(test)
				}
				if !test.OK {
					return &exit{status: exitFailed, message: "the connection does not work: " + test.Failure()}
				}
				return nil
			})
		},
	}
	return a.jsonFlag(c)
}

func (a *app) showTest(t server.ConnectionTest) {
	if a.json {
		return
	}
	rows := [][]string{}
	for _, step := range t.Steps {
		mark := "ok"
		if !step.OK {
			mark = "FAILED"
		}
		rows = append(rows, []string{mark, step.Name, step.Detail})
	}
	a.table(rows)
}

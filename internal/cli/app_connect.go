package cli

import (
	"context"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/server"
	target "github.com/rollcall-id/rollcall/internal/target/scim"
)

// connection is what `app connect` was given.
type connection struct {
	url       string
	secret    string
	ca        *string // nil: what is stored stays
	allowHTTP bool
}

func (a *app) appConnect() *cobra.Command {
	var in connection
	var caFile string
	var stdin bool
	c := &cobra.Command{
		Use:   "connect ORG NAME --tenant-url URL --secret-stdin",
		Short: "Store the Tenant URL and Secret Token after a successful test connection", Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) (err error) {
			if !stdin {
				return usagef("give the Secret Token on standard input with --secret-stdin: secrets are never flags")
			}
			if in.secret, err = a.secretFrom(); err != nil {
				return err
			}
			if in.ca, err = authorities(caFile); err != nil {
				return err
			}
			return a.withApp(c.Context(), args[0], args[1], func(ctx context.Context, s *server.System, app application.Application) error {
				if err := a.connect(ctx, s, app, in); err != nil || a.json {
					return err
				}
				a.note("Which attributes the service says it has: rollcall app attribute discover %s %q --plan", args[0], app.Name)
				return nil
			})
		},
	}
	f := c.Flags()
	f.StringVar(&in.url, "tenant-url", "", "base URL of the SCIM service, for example https://app.example.com/api/scim/acme")
	f.BoolVar(&stdin, "secret-stdin", false, "read the Secret Token from standard input")
	f.BoolVar(&in.allowHTTP, "allow-http", false, "allow http:// to addresses other than loopback; the Secret Token then travels in the clear")
	f.StringVar(&caFile, "ca-file", "", "PEM file with the certificates of an authority of your own, trusted for this application; none forgets them")
	must(c.MarkFlagRequired("tenant-url"))
	return a.jsonFlag(c)
}

// connect tries the connection and stores it when it works.
func (a *app) connect(ctx context.Context, s *server.System, app application.Application, in connection) error {
	before := app
	app.TenantURL, app.Secret, app.SecretError = in.url, []byte(in.secret), ""
	p, err := s.Store.Profile(ctx, app.ID)
	if err != nil {
		return err
	}
	if in.ca != nil {
		p.CA = *in.ca
	}
	test, found, err := s.TryConnection(ctx, app, p, in.allowHTTP)
	if err != nil {
		return err
	}
	if !test.OK {
		a.showTest(test)
		return &exit{status: exitFailed, message: "the connection does not work, so nothing was stored: " + test.Failure()}
	}
	if in.ca != nil {
		if err := s.Store.SaveCA(ctx, app.ID, *in.ca); err != nil {
			return err
		}
	}
	moved, err := s.Connect(ctx, before, app)
	if err != nil {
		return err
	}
	if err := s.Found(ctx, app, found); err != nil {
		return err
	}
	if moved {
		a.note("This is another service than before (%s): links to accounts there were dropped, and the next cycle matches everybody anew.", before.TenantURL)
		if len(p.Overrides) > 0 {
			a.note("What was set by hand about the former service still applies; look at it with app profile.")
		}
	}
	if a.json {
		a.printJSON(test)
		return nil
	}
	a.showTest(test)
	a.say("Connected to %s.", app.TenantURL)
	return nil
}

// authorities reads --ca-file; nil: what is stored stays.
func authorities(file string) (*string, error) {
	switch file {
	case "":
		return nil, nil //nolint:nilnil // nothing was asked for
	case "none":
		return new(string), nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read --ca-file: %w", err)
	}
	text := string(data)
	if _, err := target.ParseAuthorities(text); err != nil {
		return nil, fmt.Errorf("--ca-file %s: %w", file, err)
	}
	return &text, nil
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
		switch {
		case step.NotReached:
			mark = "-"
		case !step.OK:
			mark = "FAILED"
		}
		rows = append(rows, []string{mark, step.Name, step.Detail})
	}
	a.table(rows)
}

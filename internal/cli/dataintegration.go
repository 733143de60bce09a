package cli

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/rollcall-id/rollcall/internal/organization"
	"github.com/rollcall-id/rollcall/internal/server"
)

func (a *app) dataIntegrationCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "data-integration", Short: "Administration > Data Integration: who may provision the organization by SCIM", Args: cobra.NoArgs,
	}
	c.PersistentFlags().StringVar(&a.publicURL, "public-url", a.env("ROLLCALL_PUBLIC_URL", "http://127.0.0.1:8080"),
		"how clients reach the server, for the Tenant URL that is printed (environment ROLLCALL_PUBLIC_URL)")
	c.AddCommand(a.integrationSet(), a.integrationShow(), a.integrationRotate(), a.integrationRevoke(), a.integrationBodies())
	return c
}

// integrationJSON is the answer of set and rotate.
type integrationJSON struct {
	Organization string      `json:"organization"`
	Provider     string      `json:"provider"`
	Method       string      `json:"method"`
	Active       bool        `json:"active"`
	Link         string      `json:"link"`
	TenantURL    string      `json:"tenantUrl"`
	BodiesUntil  *time.Time  `json:"logBodiesUntil,omitempty"`
	TokenID      string      `json:"tokenId,omitempty"`
	Secret       string      `json:"secret,omitempty"`
	Expires      *time.Time  `json:"expires,omitempty"` // of the new token
	Tokens       []tokenJSON `json:"tokens,omitempty"`
}

type tokenJSON struct {
	ID       string     `json:"id"`
	Hint     string     `json:"hint,omitempty"`
	Created  time.Time  `json:"created"`
	Expires  *time.Time `json:"expires"`
	Revoked  *time.Time `json:"revoked"`
	LastUsed *time.Time `json:"lastUsed"`
	Warning  string     `json:"warning,omitempty"` // that it ends soon
}

func (a *app) integrationView(o organization.Organization, i organization.Integration) integrationJSON {
	return integrationJSON{
		Organization: o.Slug, Provider: i.Provider, Method: i.Method, Active: i.Active, Link: string(i.Link), TenantURL: o.TenantURL(a.publicURL),
		BodiesUntil: moment(i.BodiesUntil),
	}
}

func (a *app) integrationSet() *cobra.Command {
	var in organization.SetRequest
	var stdin, generate bool
	var expires string
	c := &cobra.Command{
		Use: "set ORG --provider azure|okta|onelogin|jumpcloud|ping|generic --method bearer (--secret-stdin|--generate) " +
			"[--expires-in 365d|never] [--link never|user-name|email] [--active]",
		Short: "Set the provider, the secret and whether it is the active SCIM provider",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if stdin && generate {
				return usagef("give the secret with only one of --secret-stdin (it comes on standard input) and --generate")
			}
			var err error
			if in.Lifetime, err = lifetime(expires); err != nil {
				return err
			}
			if expires != "" && !stdin && !generate {
				return usagef("--expires-in is for a new secret: give it with --secret-stdin or --generate")
			}
			if stdin {
				if in.Secret, err = a.secretFrom(); err != nil {
					return err
				}
			}
			return a.withOrganization(c.Context(), args[0], func(ctx context.Context, s *server.System, o organization.Organization) error {
				in.Organization, in.Generate = o.ID, generate
				tokens, err := s.Store.Tokens(ctx, o.ID)
				if err != nil {
					return err
				}
				others := len(tokens)
				if others == 0 && !stdin && !generate {
					return usagef("there is no secret yet: give one with exactly one of --secret-stdin (it comes on standard input) and --generate")
				}
				set, err := s.Integrations().Set(ctx, in)
				if err != nil {
					return err
				}
				if others > 0 && set.TokenID != "" {
					a.note("The new secret takes the place of all others at once. To let them overlap, use `rollcall data-integration rotate`.")
				}
				return a.showSecret(o, set)
			})
		},
	}
	f := c.Flags()
	f.StringVar(&in.Provider, "provider", "", "azure, okta, onelogin, jumpcloud, ping or generic")
	f.StringVar(&in.Method, "method", "bearer", "how the secret is presented: bearer")
	f.BoolVar(&in.Active, "active", false, "Set as active SCIM Provider; without it the endpoint answers 403")
	f.StringVar((*string)(&in.Link), "link", "",
		"which people and groups that SCIM did not make it may take over when it creates one: never (the default), those of the same user-name, also those of the "+
			"same email; without it, the rule stays")
	f.BoolVar(&stdin, "secret-stdin", false, "read the secret from standard input")
	f.StringVar(&expires, "expires-in", "", expiresUsage)
	f.BoolVar(&generate, "generate", false, "generate a secret and print it once; with neither, the secrets there are stay")
	must(c.MarkFlagRequired("provider"))
	return a.jsonFlag(c)
}

// showSecret prints the setting after a change, with the secret where we made it.
func (a *app) showSecret(o organization.Organization, set organization.Issued) error {
	v := a.integrationView(o, set.Integration)
	v.TokenID, v.Secret, v.Expires = set.TokenID, set.Secret, moment(set.Expires)
	if a.json {
		a.printJSON(v)
		return nil
	}
	rows := [][]string{
		{"Data Integration", v.Provider}, {"Method", v.Method}, {"Active", yesNo(v.Active)}, {"Linking", v.Link}, {"Tenant URL", v.TenantURL},
	}
	if v.TokenID != "" {
		rows = append(rows, []string{"Token id", v.TokenID}, []string{"Expires", when(set.Expires)})
	}
	if v.Secret != "" {
		rows = append(rows, []string{"Secret Token", v.Secret})
	}
	a.table(rows)
	if v.Secret != "" {
		a.note("The secret is shown only now: only its hash is kept.")
	}
	if !v.Active {
		a.note("The integration is not active: the endpoint answers 403 until it is set with --active.")
	}
	return nil
}

func (a *app) integrationShow() *cobra.Command {
	c := &cobra.Command{
		Use: "show ORG", Short: "Show the setting and its tokens", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return a.withOrganization(c.Context(), args[0], func(ctx context.Context, s *server.System, o organization.Organization) error {
				i, err := s.Store.IntegrationOf(ctx, o.ID)
				if err != nil {
					return err
				}
				tokens, err := s.Store.Tokens(ctx, o.ID)
				if err != nil {
					return err
				}
				a.showIntegration(o, i, tokens)
				return nil
			})
		},
	}
	return a.jsonFlag(c)
}

func (a *app) showIntegration(o organization.Organization, i organization.Integration, tokens []organization.Token) {
	v := a.integrationView(o, i)
	rows := [][]string{{"TOKEN", "HINT", "CREATED", "EXPIRES", "LAST USED", "REVOKED"}}
	now, warnings := time.Now(), map[string]string{}
	for _, t := range organization.EndingSoon(tokens, now) {
		warnings[t.ID] = t.Warning(o.Slug, now)
		a.note("Warning: %s.", warnings[t.ID])
	}
	for _, t := range tokens {
		v.Tokens = append(v.Tokens, tokenJSON{
			ID: t.ID, Hint: t.Hint, Created: t.Created, Expires: moment(t.Expires), Revoked: moment(t.Revoked), LastUsed: moment(t.LastUsed),
			Warning: warnings[t.ID],
		})
		rows = append(rows, []string{t.ID, t.Hint, when(t.Created), when(t.Expires), when(t.LastUsed), when(t.Revoked)})
	}
	if a.json {
		a.printJSON(v)
		return
	}
	a.table([][]string{{"Data Integration", v.Provider}, {"Method", v.Method}, {"Active", yesNo(v.Active)}, {"Linking", v.Link}, {"Tenant URL", v.TenantURL}})
	if i.LogsBodies(time.Now()) {
		a.say("Bodies of requests are logged until %s.", when(i.BodiesUntil))
	}
	a.say("")
	a.table(rows)
}

func (a *app) integrationRotate() *cobra.Command {
	var overlap time.Duration
	var expires string
	c := &cobra.Command{
		Use: "rotate ORG [--overlap 24h] [--expires-in 365d|never]", Short: "Generate a new secret; the others stay valid for the overlap", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			valid, err := lifetime(expires)
			if err != nil {
				return err
			}
			return a.withOrganization(c.Context(), args[0], func(ctx context.Context, s *server.System, o organization.Organization) error {
				set, err := s.Integrations().Rotate(ctx, o.ID, overlap, valid)
				if err != nil {
					return err
				}
				return a.showSecret(o, set)
			})
		},
	}
	c.Flags().DurationVar(&overlap, "overlap", 24*time.Hour, "how long the secrets before stay valid")
	c.Flags().StringVar(&expires, "expires-in", "", expiresUsage)
	return a.jsonFlag(c)
}

const expiresUsage = "how long the new secret is valid: 365d (which is the default), 12h, never"

// lifetime reads --expires-in; 0 when it was not given.
func lifetime(text string) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	d, err := organization.ParseLifetime(text)
	if err != nil {
		return 0, usagef("--expires-in: %v", err)
	}
	return d, nil
}

func (a *app) integrationRevoke() *cobra.Command {
	c := &cobra.Command{
		Use: "revoke ORG TOKEN_ID", Short: "Make a secret invalid at once", Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			return a.withOrganization(c.Context(), args[0], func(ctx context.Context, s *server.System, o organization.Organization) error {
				if err := s.Integrations().Revoke(ctx, o.ID, args[1]); err != nil {
					return err
				}
				if a.json {
					a.printJSON(map[string]string{"organization": o.Slug, "revoked": args[1]})
					return nil
				}
				a.say("Token %s is revoked.", args[1])
				return nil
			})
		},
	}
	return a.jsonFlag(c)
}

func (a *app) integrationBodies() *cobra.Command {
	var period string
	c := &cobra.Command{
		Use: "log-bodies ORG --for 2h|off", Args: cobra.ExactArgs(1),
		Short: "Let the request log keep bodies for a while, without people's data in them, to find out what an identity provider sends",
		RunE: func(c *cobra.Command, args []string) error {
			var d time.Duration
			if period != "off" {
				var err error
				if d, err = time.ParseDuration(period); err != nil || d <= 0 {
					return usagef("--for is %q; it takes a time such as 2h, or off", period)
				}
			}
			return a.withOrganization(c.Context(), args[0], func(ctx context.Context, s *server.System, o organization.Organization) error {
				until, err := s.Integrations().LogBodies(ctx, o.ID, d)
				if err != nil {
					return err
				}
				if a.json {
					a.printJSON(map[string]any{"organization": o.Slug, "logBodiesUntil": moment(until)})
					return nil
				}
				if until.IsZero() {
					a.say("Bodies are not logged. Those that were are kept for 7 days.")
					return nil
				}
				a.say("Bodies are logged until %s. See them with: rollcall log scim %s", when(until), o.Slug)
				return nil
			})
		},
	}
	c.Flags().StringVar(&period, "for", "", "how long, up to 168h; or off")
	must(c.MarkFlagRequired("for"))
	return a.jsonFlag(c)
}

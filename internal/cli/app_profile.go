package cli

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/server"
	target "github.com/rollcall-id/rollcall/internal/target/scim"
)

func (a *app) appProfile() *cobra.Command {
	c := &cobra.Command{
		Use: "profile ORG NAME", Short: "What is known of the service behind an application: found by a test, published, or set by hand", Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			return a.withApp(c.Context(), args[0], args[1], func(ctx context.Context, s *server.System, app application.Application) error {
				p, err := s.Store.Profile(ctx, app.ID)
				if err != nil {
					return err
				}
				return a.showProfile(p)
			})
		},
	}
	c.AddCommand(a.appProfileSet())
	return a.jsonFlag(c)
}

func (a *app) appProfileSet() *cobra.Command {
	c := &cobra.Command{
		Use: "set ORG NAME KEY=VALUE…", Short: "Set what the service is like; KEY=auto takes it back", Args: cobra.MinimumNArgs(3),
		RunE: func(c *cobra.Command, args []string) error {
			return a.withApp(c.Context(), args[0], args[1], func(ctx context.Context, s *server.System, app application.Application) error {
				p, err := s.SetProfile(ctx, app, args[2:])
				if err != nil {
					return err
				}
				return a.showProfile(p)
			})
		},
	}
	return a.jsonFlag(c)
}

func (a *app) showProfile(p application.Profile) error {
	authorities := []target.Authority{}
	if p.CA != "" {
		var err error
		if authorities, err = target.ParseAuthorities(p.CA); err != nil {
			return err
		}
	}
	if a.json {
		view := struct {
			Profile     []application.Fact `json:"profile"`
			FoundAt     *time.Time         `json:"foundAt"`
			Authorities []target.Authority `json:"authorities"`
		}{Profile: p.Facts(), Authorities: authorities}
		if !p.FoundAt.IsZero() {
			view.FoundAt = &p.FoundAt
		}
		a.printJSON(view)
		return nil
	}
	rows := [][]string{{"KEY", "VALUE", "FROM", "MEANING"}}
	for _, f := range p.Facts() {
		rows = append(rows, []string{f.Key, f.Value, f.From, f.Says})
	}
	a.table(rows)
	for _, ca := range authorities {
		a.say("trusted besides the machine's authorities: %s, until %s, SHA-256 %s", ca.Subject, ca.NotAfter.Format(time.DateOnly), ca.Fingerprint)
	}
	if p.FoundAt.IsZero() {
		a.say("Nothing was found yet; `rollcall app test` finds out.")
	}
	return nil
}

package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/server"
)

func (a *app) appHeld() *cobra.Command {
	c := &cobra.Command{
		Use: "held ORG NAME", Short: "Who would be disabled or deleted, and waits for a decision: one a line", Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			return a.withApp(c.Context(), args[0], args[1], func(ctx context.Context, s *server.System, app application.Application) error {
				list, err := s.Engine.HeldActions(ctx, app)
				if err != nil {
					return err
				}
				rows := [][]string{{"ACTION", "KIND", "WHO", "ACCOUNT", "SINCE", "WHY"}}
				for _, h := range list {
					if a.json {
						a.printJSON(h)
						continue
					}
					rows = append(rows, []string{string(h.Action), h.Kind, h.Source.Name, h.Target.Name, when(h.Since), h.Reason})
				}
				switch {
				case a.json:
				case len(list) == 0:
					a.say("Nothing is held.")
				default:
					a.table(rows)
					a.say("%d wait for a decision: rollcall app decide ORG NAME --allow-deletes or --reject-deletes", len(list))
				}
				return nil
			})
		},
	}
	return a.jsonFlag(c)
}

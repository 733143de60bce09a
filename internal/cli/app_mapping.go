package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/server"
)

func (a *app) appMapping() *cobra.Command {
	c := &cobra.Command{Use: "mapping", Short: "Attribute mappings and their expressions", Args: cobra.NoArgs}
	c.AddCommand(a.mappingTry())
	return c
}

func (a *app) mappingTry() *cobra.Command {
	var user string
	c := &cobra.Command{
		Use: "try ORG NAME EXPRESSION --user USERNAME", Short: "Evaluate an expression on a real person", Args: cobra.ExactArgs(3),
		RunE: func(c *cobra.Command, args []string) error {
			return a.withApp(c.Context(), args[0], args[1], func(ctx context.Context, s *server.System, app application.Application) error {
				got, err := s.TryExpression(ctx, app, args[2], user)
				if err != nil {
					return err
				}
				if a.json {
					a.printJSON(got)
				} else {
					for _, v := range got.Result {
						a.say("%s", v)
					}
				}
				if got.Error != nil {
					return &exit{status: exitFailed, message: got.Error.Message}
				}
				return nil
			})
		},
	}
	c.Flags().StringVar(&user, "user", "", "user name of the person to try it on")
	must(c.MarkFlagRequired("user"))
	return a.jsonFlag(c)
}

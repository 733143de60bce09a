package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/provisioning"
	"github.com/rollcall-id/rollcall/internal/record"
	"github.com/rollcall-id/rollcall/internal/server"
)

func (a *app) linkBreak() *cobra.Command {
	var choice server.LinkChoice
	var yes bool
	c := &cobra.Command{
		Use:   "break ORG NAME (--user USERNAME|--group DISPLAYNAME|--id ID|--target-id ID) [--yes]",
		Short: "Forget whose account it is; the account stays as it is. Provisioning must be stopped", Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			gone := func() error { return a.broken(nil, false) }
			return a.withLink(c.Context(), args, choice, gone, func(ctx context.Context, s *server.System, app application.Application, l provisioning.Link) error {
				a.note("%s is linked to the account %s (%s). The account is not touched; the next cycle looks for a matching account again, "+
					"and makes one where none matches.", l.SourceName, l.TargetName, l.Target)
				if !yes && !a.confirm("Break the link?") {
					return usagef("no link was broken: repeat with --yes to break the link of %s", l.SourceName)
				}
				removed, err := s.Engine.BreakLink(ctx, app, l, a.origin())
				if err != nil {
					return err
				}
				return a.broken(&l, removed)
			})
		},
	}
	linkChoice(c, &choice)
	c.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return a.jsonFlag(c)
}

func (a *app) broken(l *provisioning.Link, removed bool) error {
	switch {
	case a.json:
		out := struct {
			Broken bool      `json:"broken"`
			Link   *linkJSON `json:"link"`
		}{Broken: removed}
		if l != nil {
			view := linkView(*l)
			out.Link = &view
		}
		a.printJSON(out)
	case removed:
		a.say("The link of %s to the account %s is broken. When provisioning is started, the next cycle matches %s anew.", l.SourceName, l.Target, l.SourceName)
	case l != nil:
		a.say("The link of %s was broken before: nothing changed.", l.SourceName)
	}
	return nil
}

func (a *app) linkRematch() *cobra.Command {
	var choice server.LinkChoice
	var plan, yes bool
	c := &cobra.Command{
		Use:   "rematch ORG NAME (--user USERNAME|--group DISPLAYNAME|--id ID|--target-id ID) [--plan] [--yes]",
		Short: "Break a link and match anew at once, in five steps; the plan comes first. Provisioning must be stopped", Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			return a.withLink(c.Context(), args, choice, nil, func(ctx context.Context, s *server.System, app application.Application, l provisioning.Link) error {
				if err := a.planRematch(ctx, s, app, l, plan); err != nil || plan {
					return err
				}
				if !yes && !a.confirm("Break the link and do this?") {
					return usagef("no link was broken: repeat with --yes to match %s anew", l.SourceName)
				}
				return a.rematch(ctx, s, app, l)
			})
		},
	}
	linkChoice(c, &choice)
	c.Flags().BoolVar(&plan, "plan", false, "only say what would be done")
	c.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return a.jsonFlag(c)
}

// planRematch shows what would be done: as the answer where only that was asked for.
func (a *app) planRematch(ctx context.Context, s *server.System, app application.Application, l provisioning.Link, only bool) error {
	got, err := s.PlanRematch(ctx, app, l)
	if err != nil {
		return err
	}
	if a.json && only {
		a.printJSON(got)
	} else {
		a.say("%s is linked to the account %s (%s). Matched anew:", l.SourceName, l.TargetName, l.Target)
		a.showSteps(got)
	}
	if got.Action == record.Create {
		a.note("No account matches: a new one would be made, and the account %s would be nobody's.", l.Target)
	}
	return nil
}

func (a *app) rematch(ctx context.Context, s *server.System, app application.Application, l provisioning.Link) error {
	got, broken, err := s.Rematch(ctx, app, l, a.origin())
	if err != nil {
		return err
	}
	if a.json {
		a.printJSON(struct {
			provisioning.OnDemand
			Broken bool      `json:"broken"`
			Before *linkJSON `json:"before"`
		}{got, broken, new(linkView(l))})
	}
	if !broken {
		return &exit{status: exitSome, message: "the link of " + l.SourceName + " was not broken, because nothing would take its place: " + got.Reason}
	}
	a.say("Done:")
	if !a.json {
		a.showSteps(got)
	}
	if got.Failed() {
		return &exit{status: exitSome, message: "the link is broken, and matching anew failed: the step above says why; the next cycle tries again"}
	}
	return nil
}

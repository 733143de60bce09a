package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/mapping"
	"github.com/rollcall-id/rollcall/internal/mapping/graphschema"
	"github.com/rollcall-id/rollcall/internal/server"
)

// mappingChange is a command that replaces the mapping: it shows what that would do, asks, and saves.
type mappingChange struct {
	plan, yes bool
	remarks   []graphschema.Remark
}

func (m *mappingChange) flags(c *cobra.Command) {
	c.Flags().BoolVar(&m.plan, "plan", false, "change nothing; print who would change and how")
	c.Flags().BoolVar(&m.yes, "yes", false, "do not ask")
}

// mappingChangeJSON is the answer of import, rollback and restore-default.
type mappingChangeJSON struct {
	Application string `json:"application"`
	Plan        bool   `json:"plan"`
	Saved       bool   `json:"saved"`
	Version     *int64 `json:"version"` // of the mapping as saved; null: nothing was
	server.MappingPlan
}

// changeMapping takes the application from its mapping to another one.
func (a *app) changeMapping(ctx context.Context, s *server.System, app application.Application, set mapping.Set, reason string, m mappingChange) error {
	plan, err := s.PlanMapping(ctx, app, set, application.Change{Actor: a.origin().Actor, Reason: reason})
	if err != nil {
		return err
	}
	plan.Remarks = append(plan.Remarks, m.remarks...)
	out := mappingChangeJSON{Application: app.Name, Plan: m.plan, MappingPlan: plan}
	a.showPlan(plan, app.Settings)
	switch {
	case m.plan:
		a.say("Nothing was changed.")
	case plan.Same():
		a.say("The mapping of %s is this one already: nothing was changed.", app.Name)
	case !m.yes && !a.confirm("Apply it?"):
		return usagef("nothing was changed: repeat with --yes to apply it, or with --plan to look only")
	default:
		if n := leftOut(m.remarks); n > 0 {
			a.note("Of the document %d parts were left out: those marked as refused above. What they would write is not written.", n)
		}
		version, err := s.ApplyMapping(ctx, plan)
		if err != nil {
			return err
		}
		out.Saved, out.Version = true, &version
		next := "What is provisioned stays the same."
		if plan.Initial() {
			next = "The next cycle is an initial one."
		}
		a.say("The mapping of %s is now version %d. %s", app.Name, version, next)
	}
	if a.json {
		a.printJSON(out)
	}
	return nil
}

// leftOut counts what of a document is not in the mapping.
func leftOut(remarks []graphschema.Remark) int {
	n := 0
	for _, r := range remarks {
		if r.Severity == graphschema.Refused {
			n++
		}
	}
	return n
}

// showPlan prints what a change would do: on standard error where standard output is for JSON.
func (a *app) showPlan(p server.MappingPlan, settings application.Settings) {
	for _, w := range p.Warnings {
		a.note("Warning: %s", w)
	}
	a.say("What becomes different: %s.", p.Difference.Summary())
	a.showDifference(p.Difference)
	a.say("")
	a.showMappingImpact(p.Impact, settings)
}

func (a *app) mappingRollback() *cobra.Command {
	var m mappingChange
	c := &cobra.Command{
		Use: "rollback ORG NAME VERSION", Short: "Go back to a former version; prints the impact before it asks", Args: cobra.ExactArgs(3),
		RunE: func(c *cobra.Command, args []string) error {
			number, err := versionNumber(args[2])
			if err != nil {
				return err
			}
			return a.withApp(c.Context(), args[0], args[1], func(ctx context.Context, s *server.System, app application.Application) error {
				v, err := s.Store.MappingVersion(ctx, app.ID, number)
				if err != nil {
					return err
				}
				return a.changeMapping(ctx, s, app, v.Set, "rollback to version "+args[2], m)
			})
		},
	}
	m.flags(c)
	return a.jsonFlag(c)
}

func (a *app) mappingDefault() *cobra.Command {
	var m mappingChange
	var keep bool
	c := &cobra.Command{
		Use:   "restore-default ORG NAME [--keep-filters]",
		Short: "Go back to the mapping of the gallery template, its filters included; prints the impact before it asks", Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			return a.withApp(c.Context(), args[0], args[1], func(ctx context.Context, s *server.System, app application.Application) error {
				set, err := s.DefaultMapping(app, keep)
				if err != nil {
					return err
				}
				return a.changeMapping(ctx, s, app, set, "default of template "+app.Template, m)
			})
		},
	}
	m.flags(c)
	c.Flags().BoolVar(&keep, "keep-filters", false, "keep the scoping filters as they are")
	return a.jsonFlag(c)
}

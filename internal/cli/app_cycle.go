package cli

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/provisioning"
	"github.com/rollcall-id/rollcall/internal/record"
	"github.com/rollcall-id/rollcall/internal/server"
)

func (a *app) appRestart() *cobra.Command {
	var words string
	c := &cobra.Command{
		Use: "restart ORG NAME [--scope watermark,escrows,quarantine,links,full,force-deletes]", Short: "Forget state, so that the next cycle is an initial one",
		Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			what, err := provisioning.ParseRestartScope(words)
			if err != nil {
				return usagef("%v", err)
			}
			return a.withApp(c.Context(), args[0], args[1], func(ctx context.Context, s *server.System, app application.Application) error {
				if err := s.Engine.Restart(ctx, app, what); err != nil {
					return err
				}
				return a.appDone(app, "restarted; the next cycle is an initial one")
			})
		},
	}
	c.Flags().StringVar(&words, "scope", "watermark,escrows,quarantine", "what to forget, separated by commas")
	return a.jsonFlag(c)
}

func (a *app) appDecide() *cobra.Command {
	var allow, reject bool
	c := &cobra.Command{
		Use: "decide ORG NAME (--allow-deletes|--reject-deletes)", Short: "Answer a cycle that is held because it would disable or delete too many",
		Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			if allow == reject {
				return usagef("decide with exactly one of --allow-deletes and --reject-deletes")
			}
			return a.withApp(c.Context(), args[0], args[1], func(ctx context.Context, s *server.System, app application.Application) error {
				if err := s.Engine.Decide(ctx, app, allow); err != nil {
					return err
				}
				if allow {
					return a.appDone(app, "the next cycle carries out the held deletions")
				}
				return a.appDone(app, "the held objects are left alone until they change or escrows are reset")
			})
		},
	}
	c.Flags().BoolVar(&allow, "allow-deletes", false, "carry out the held disables and deletes in the next cycle")
	c.Flags().BoolVar(&reject, "reject-deletes", false, "keep those objects as they are at the target")
	return a.jsonFlag(c)
}

func (a *app) appCycle() *cobra.Command {
	var plan bool
	c := &cobra.Command{
		Use: "cycle ORG NAME [--plan]", Short: "Run one cycle now; --plan writes nothing and prints every action with its reason",
		Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			return a.withApp(c.Context(), args[0], args[1], func(ctx context.Context, s *server.System, app application.Application) error {
				if plan {
					return a.planCycle(ctx, s, app)
				}
				b := newBar(a.Err)
				result, err := s.Cycle(ctx, app, true, b.progress)
				b.end()
				if err != nil {
					return err
				}
				if a.json {
					a.printJSON(result)
				} else {
					a.showResult(result)
				}
				return a.outcome(app, result)
			})
		},
	}
	c.Flags().BoolVar(&plan, "plan", false, "write nothing; print what the next cycle would do, worst consequences first")
	return a.jsonFlag(c)
}

func (b *bar) progress(p provisioning.Progress) { b.draw(p.Phase, p.Done, p.Total, p.PerSecond) }

func (a *app) planCycle(ctx context.Context, s *server.System, app application.Application) error {
	b := newBar(a.Err)
	plan, err := s.Plan(ctx, app, b.progress)
	b.end()
	if err != nil {
		return err
	}
	if a.json {
		a.printJSON(plan)
		return a.outcome(app, plan.Result)
	}
	rows := [][]string{{"ACTION", "WHO", "STATUS", "REASON", "CHANGES"}}
	for _, r := range plan.Records {
		rows = append(rows, []string{string(r.Action), r.Source.Name, string(r.Status), r.Reason, changes(r.Modified)})
	}
	a.table(rows)
	a.say("")
	a.showResult(plan.Result)
	a.say("Nothing was written.")
	return a.outcome(app, plan.Result)
}

// changes renders changed values on one line.
func changes(props []record.Property) string {
	parts := make([]string, 0, len(props))
	for _, p := range props {
		parts = append(parts, fmt.Sprintf("%s: %s → %s", p.Name, value(p.Old), value(p.New)))
	}
	return strings.Join(parts, "; ")
}

func value(v any) string {
	switch v := v.(type) {
	case nil:
		return "(none)"
	case string:
		return fmt.Sprintf("%q", v)
	case []any:
		return valueList(v)
	default:
		return fmt.Sprint(v)
	}
}

// valueList writes the values of a multi-valued attribute: plain ones as they are, complex ones by their parts.
func valueList(values []any) string {
	parts := make([]string, 0, len(values))
	for _, v := range values {
		m, ok := v.(map[string]any)
		if !ok {
			parts = append(parts, value(v))
			continue
		}
		var fields []string
		for _, name := range slices.Sorted(maps.Keys(m)) {
			fields = append(fields, name+" "+value(m[name]))
		}
		parts = append(parts, "{"+strings.Join(fields, ", ")+"}")
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

// outcome is the exit status that a cycle's result stands for.
func (a *app) outcome(app application.Application, r provisioning.Result) error {
	switch {
	case r.Quarantine != nil:
		return &exit{status: exitHeld, message: fmt.Sprintf("%s is in quarantine: %s", app.Name, r.Quarantine.Message)}
	case r.Held != nil && r.Plan:
		return &exit{status: exitHeld, message: fmt.Sprintf(
			"the cycle would hold %d disables and deletes back, because the threshold is %d", r.Held.Count, r.Held.Threshold)}
	case r.Held != nil:
		return &exit{status: exitHeld, message: fmt.Sprintf(
			"%d disables and deletes are held because the threshold is %d: look at them with app log --status skipped or app cycle --plan, then app decide",
			r.Held.Count, r.Held.Threshold)}
	case r.Failed > 0:
		return &exit{status: exitSome, message: fmt.Sprintf("%d objects failed: see app log --status failure", r.Failed)}
	}
	return nil
}

func (a *app) showResult(r provisioning.Result) {
	a.say("%s cycle %s: %d looked at, %d requests, %d ms", r.Kind, r.CycleID, r.Evaluated, r.Requests, r.DurationMS)
	a.table([][]string{
		{"created", "linked", "updated", "disabled", "restored", "deleted", "unchanged", "skipped", "failed", "staged"},
		{
			decimal(r.Created), decimal(r.Linked), decimal(r.Updated), decimal(r.Disabled), decimal(r.Restored), decimal(r.Deleted),
			decimal(r.Unchanged), decimal(r.Skipped), decimal(r.Failed), decimal(r.Staged),
		},
	})
}

package cli

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/provisioning"
	"github.com/rollcall-id/rollcall/internal/record"
	"github.com/rollcall-id/rollcall/internal/scope"
	"github.com/rollcall-id/rollcall/internal/server"
)

func (a *app) appScope() *cobra.Command {
	var all, assigned, yes, plan bool
	var change server.ScopeChange
	c := &cobra.Command{
		Use:   "scope ORG NAME (--all|--assigned) [--filters FILE.json|none] [--group-filters FILE.json|none]",
		Short: "Set who is in scope; prints the impact before it is applied", Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			switch {
			case all && assigned:
				return usagef("say which scope with one of --all (all users and groups) and --assigned (only assigned ones), not both")
			case all:
				change.Mode = application.ScopeAll
			case assigned:
				change.Mode = application.ScopeAssigned
			case change.Filters == "" && change.GroupFilters == "":
				return usagef("say which scope with exactly one of --all (all users and groups) and --assigned (only assigned ones), or which --filters")
			}
			return a.withApp(c.Context(), args[0], args[1], func(ctx context.Context, s *server.System, app application.Application) error {
				return a.changeScope(ctx, s, app, change, plan, yes)
			})
		},
	}
	f := c.Flags()
	f.BoolVar(&all, "all", false, "sync all users and groups")
	f.BoolVar(&assigned, "assigned", false, "sync only assigned users and groups")
	f.BoolVar(&plan, "plan", false, "change nothing; print who would come in and go out")
	f.BoolVar(&yes, "yes", false, "do not ask")
	filterFlags(c, &change)
	return a.jsonFlag(c)
}

func filterFlags(c *cobra.Command, change *server.ScopeChange) {
	c.Flags().StringVar(&change.Filters, "filters", "", "scoping filters of the user mapping: a JSON file, or none to remove them; empty: keep them")
	c.Flags().StringVar(&change.GroupFilters, "group-filters", "", "scoping filters of the group mapping, likewise")
}

func (a *app) changeScope(ctx context.Context, s *server.System, app application.Application, change server.ScopeChange, plan, yes bool) error {
	changed, _, err := s.WithScope(ctx, app, change)
	if err != nil {
		return err
	}
	impact, err := s.Engine.Impact(ctx, app, changed)
	if err != nil {
		return err
	}
	a.showImpact(impact, changed.Settings)
	if plan {
		if a.json {
			a.printJSON(impact)
		}
		a.note("Nothing was changed.")
		return nil
	}
	if !yes && !a.confirm("Apply it?") {
		return usagef("nothing was changed: repeat with --yes to apply it, or with --plan to look only")
	}
	changed.Change = application.Change{Actor: a.origin().Actor, Reason: "app scope"}
	if err := s.Store.SaveApplication(ctx, changed); err != nil {
		return err
	}
	if a.json {
		a.printJSON(impact)
		return nil
	}
	if changed.Revision == app.Revision {
		a.say("The scope of %s was %s before: nothing changed.", app.Name, changed.Scope)
		return nil
	}
	a.say("The scope of %s is now: %s. The next cycle is an initial one.", app.Name, changed.Scope)
	return nil
}

func (a *app) showImpact(i provisioning.Impact, settings application.Settings) {
	for _, w := range i.Warnings {
		a.note("Warning: %s", w)
	}
	a.showCounts("people", i.ImpactCounts)
	if g := i.Groups; settings.Groups && g.Before+g.After+g.Ignored+g.Broken+g.Unassigned > 0 {
		a.showCounts("groups", g)
	}
	if n := i.Deprovisioned + i.Groups.Deprovisioned; settings.DeletionThreshold >= 0 && n > settings.DeletionThreshold {
		a.note("%d is more than the deletion threshold of %d: the cycle would hold them until app decide.", n, settings.DeletionThreshold)
	}
}

func (a *app) showCounts(what string, i provisioning.ImpactCounts) {
	a.note("In scope now: %d %s. After the change: %d. %d come in, %d go out; of their accounts %d would be disabled, %d deleted, and %d stay as they are.",
		i.Before, what, i.After, i.In, i.Out, i.Disabled, i.Deleted, i.Kept)
	for _, line := range []struct {
		text  string
		names []string
	}{
		{"Coming in, for example: ", i.InExamples}, {"Going out, for example: ", i.OutExamples},
	} {
		if len(line.names) > 0 {
			a.note("%s%s", line.text, strings.Join(line.names, ", "))
		}
	}
	if i.Unassigned > 0 {
		a.note("Not assigned, and so out of scope whatever the filters say: %d", i.Unassigned)
	}
	if i.Ignored > 0 {
		a.note("Left alone by the input filters: %d, for example: %s", i.Ignored, strings.Join(i.IgnoredExamples, ", "))
	}
	if i.Broken > 0 {
		a.note("The filters cannot judge %d, whose accounts stay as they are, for example: %s", i.Broken, strings.Join(i.BrokenExamples, "; "))
	}
}

func (a *app) appScopeTest() *cobra.Command {
	var user, group string
	var change server.ScopeChange
	c := &cobra.Command{
		Use:   "scope-test ORG NAME (--user USERNAME|--group DISPLAYNAME) [--filters FILE.json|none] [--group-filters FILE.json|none]",
		Short: "Say whether a person or group is in scope, clause by clause; with other filters before they are applied", Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			if (user == "") == (group == "") {
				return usagef("say who with exactly one of --user USERNAME and --group DISPLAYNAME")
			}
			return a.withApp(c.Context(), args[0], args[1], func(ctx context.Context, s *server.System, app application.Application) error {
				app, warnings, err := s.WithScope(ctx, app, change)
				if err != nil {
					return err
				}
				for _, w := range warnings {
					a.note("Warning: %s", w)
				}
				got, err := s.TestScope(ctx, app, server.Principal{User: user, Group: group})
				if err != nil {
					return err
				}
				a.showScopeTest(got)
				return nil
			})
		},
	}
	c.Flags().StringVar(&user, "user", "", "user name of a person")
	c.Flags().StringVar(&group, "group", "", "display name of a group")
	filterFlags(c, &change)
	return a.jsonFlag(c)
}

func (a *app) showScopeTest(t provisioning.ScopeTest) {
	if a.json {
		a.printJSON(t)
		return
	}
	verdict := "out of scope"
	switch {
	case t.InScope:
		verdict = "in scope"
	case t.Broken:
		verdict = "no verdict, left alone"
	case t.Ignored:
		verdict = "left alone"
	}
	a.say("%s: %s: %s", t.Source.Name, verdict, t.Reason)
	if !t.Assigned && len(t.Filter.Groups) > 0 {
		a.say("Were it assigned, the filters would say:")
	}
	if t.Error != "" && !t.Broken {
		a.say("%s", t.Error)
	}
	if len(t.Filter.Groups) > 0 {
		a.table(clauseRows(t.Filter))
	}
}

func clauseRows(r scope.Result) [][]string {
	rows := [][]string{{"FILTER", "CLAUSE", "HAS", "HOLDS"}}
	for _, g := range r.Groups {
		for _, c := range g.Clauses {
			name, has := g.Name, strings.Join(c.Have, ", ")
			if g.Input {
				name += " (input)"
			}
			if len(c.Have) == 0 {
				has = "(none)"
			}
			rows = append(rows, []string{name, c.Question(), has, yesNo(c.Passed)})
		}
	}
	return rows
}

// clausesOf renders the clauses that a scope step of a record holds, one a line; empty: there is no filter.
func clausesOf(step record.Step) []string {
	var r scope.Result
	if step.Name != "scope" || len(step.Data) == 0 || json.Unmarshal(step.Data, &r) != nil {
		return nil
	}
	return strings.Split(r.String(), "\n")
}

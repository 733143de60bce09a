package cli

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/provisioning"
	"github.com/rollcall-id/rollcall/internal/record"
	"github.com/rollcall-id/rollcall/internal/server"
)

func (a *app) appProvision() *cobra.Command {
	var user, group string
	var plan bool
	c := &cobra.Command{
		Use: "provision ORG NAME (--user USERNAME|--group DISPLAYNAME) [--plan]", Short: "Provision one person or group on demand, in five steps",
		Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			if (user == "") == (group == "") {
				return usagef("say who with exactly one of --user USERNAME and --group DISPLAYNAME")
			}
			return a.withApp(c.Context(), args[0], args[1], func(ctx context.Context, s *server.System, app application.Application) error {
				got, err := s.ProvisionOnDemand(ctx, app, server.Principal{User: user, Group: group}, plan)
				if err != nil {
					return err
				}
				if a.json {
					a.printJSON(got)
				} else {
					a.showSteps(got)
				}
				if got.Failed() {
					return &exit{status: exitSome, message: "provisioning failed: the step above says why"}
				}
				return nil
			})
		},
	}
	f := c.Flags()
	f.StringVar(&user, "user", "", "user name of a person")
	f.StringVar(&group, "group", "", "display name of a group")
	f.BoolVar(&plan, "plan", false, "write nothing")
	return a.jsonFlag(c)
}

// showSteps prints the five steps and what was, or would be, changed.
func (a *app) showSteps(got provisioning.OnDemand) {
	rows := [][]string{}
	for _, step := range got.Steps {
		rows = append(rows, []string{step.Name, string(step.Status), step.Detail})
		for _, clause := range clausesOf(step) {
			rows = append(rows, []string{"", "", "  " + clause})
		}
	}
	a.table(rows)
	a.say("action: %s", got.Action)
	for _, p := range got.Modified {
		a.say("  %s: %s → %s", p.Name, value(p.Old), value(p.New))
	}
}

func (a *app) appStatus() *cobra.Command {
	c := &cobra.Command{
		Use: "status ORG NAME", Short: "State of the provisioning job", Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			return a.withApp(c.Context(), args[0], args[1], func(ctx context.Context, s *server.System, app application.Application) error {
				st, err := s.Engine.Status(ctx, app)
				if err != nil {
					return err
				}
				if a.json {
					a.printJSON(st)
					return nil
				}
				rows := [][]string{
					{"State", st.State}, {"Users", decimal(st.Counts.Users)}, {"Groups", decimal(st.Counts.Groups)},
					{"Disabled", decimal(st.Counts.Disabled)}, {"Waiting for another try", decimal(st.Escrows)},
				}
				if st.NextCycle != nil {
					rows = append(rows, []string{"Next cycle", when(*st.NextCycle)})
				}
				a.table(rows)
				return nil
			})
		},
	}
	return a.jsonFlag(c)
}

const (
	logPage     = 500
	followEvery = time.Second
)

func (a *app) appLog() *cobra.Command {
	var q record.Query
	var status string
	var follow bool
	c := &cobra.Command{
		Use:   "log ORG NAME [--status success|failure|skipped|warning] [--user USERNAME] [--cycle ID] [--follow]",
		Short: "Provisioning log, one record a line, oldest first", Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			switch q.Status = record.Status(status); q.Status {
			case "", record.Success, record.Failure, record.Skipped, record.Warning, record.Held:
			default:
				return usagef("--status is %q; it takes success, failure, skipped, warning or held", status)
			}
			return a.withApp(c.Context(), args[0], args[1], func(ctx context.Context, s *server.System, app application.Application) error {
				q.Application, q.Limit = app.ID, logPage
				return a.printLog(ctx, s, q, follow)
			})
		},
	}
	f := c.Flags()
	f.StringVar(&status, "status", "", "only this status: success, failure, skipped, warning, held")
	f.StringVar(&q.User, "user", "", "only records of this person or group, by name on either side")
	f.StringVar(&q.CycleID, "cycle", "", "only records of this cycle")
	f.BoolVar(&follow, "follow", false, "go on printing records as they come, until Ctrl-C")
	return a.jsonFlag(c)
}

// printLog prints page after page; with follow it goes on looking.
func (a *app) printLog(ctx context.Context, s *server.System, q record.Query, follow bool) error {
	for {
		records, position, err := s.Store.Records(ctx, q)
		if err != nil {
			return err
		}
		for _, r := range records {
			if a.json {
				a.printJSON(r)
				continue
			}
			line := r.Reason
			if c := changes(r.Modified); c != "" {
				line += "  [" + c + "]"
			}
			if r.ErrorCode != "" {
				line = r.ErrorCode + ": " + line
			}
			a.say("%s  %-8s %-8s %s  %s", when(r.Time), r.Status, r.Action, r.Source.Name, line)
		}
		q.After = position
		if len(records) == q.Limit {
			continue
		}
		if !follow {
			return nil
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(followEvery):
		}
	}
}

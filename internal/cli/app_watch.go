package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/provisioning"
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
	if advice := adviceOn(got.ErrorCode, got.Status); advice != "" {
		a.say("%s: %s", got.ErrorCode, advice)
	}
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
				return a.sayMails(ctx, s, app)
			})
		},
	}
	return a.jsonFlag(c)
}

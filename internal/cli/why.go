package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/provisioning"
	"github.com/rollcall-id/rollcall/internal/record"
	"github.com/rollcall-id/rollcall/internal/scope"
	"github.com/rollcall-id/rollcall/internal/server"
)

func (a *app) whyCommand() *cobra.Command {
	var group string
	var verify bool
	c := &cobra.Command{
		Use: "why ORG APP (USERNAME|--group DISPLAYNAME) [--verify]", Short: "Why is this person not there? One sentence, and the evidence",
		Args: cobra.RangeArgs(2, 3),
		RunE: func(c *cobra.Command, args []string) error {
			p := server.Principal{Group: group}
			if len(args) == 3 {
				p.User = args[2]
			}
			if (p.User == "") == (p.Group == "") {
				return usagef("say who, with a user name or with --group DISPLAYNAME")
			}
			return a.withApp(c.Context(), args[0], args[1], func(ctx context.Context, s *server.System, app application.Application) error {
				why, err := s.Why(ctx, app, p, verify)
				if err != nil {
					return err
				}
				if a.json {
					a.printJSON(why)
					return nil
				}
				a.showWhy(why)
				return nil
			})
		},
	}
	c.Flags().StringVar(&group, "group", "", "display name of a group")
	c.Flags().BoolVar(&verify, "verify", false, "also ask the target for the account, and compare; nothing is written")
	return a.jsonFlag(c)
}

func (a *app) showWhy(w provisioning.Why) {
	a.say("%s.", w.Sentence)
	for _, also := range w.Also {
		a.say("Also: %s.", also)
	}
	a.say("What to do: %s.\n", w.Advice)
	rows := append([][]string{{"Answer", w.Answer.Answer}}, whySource(w)...)
	rows = append(rows, whyFailure(w)...)
	rows = append(rows, whyJob(w.Job)...)
	if p := w.Pending; p != nil {
		rows = append(rows, []string{"Change that waits", fmt.Sprintf("%d: %s %s, %s, by %s", p.Seq, p.Kind, strings.Join(p.Paths, ", "), when(p.Time), p.Actor)})
	}
	rows = append(rows, whyRecord("Last action", w.Done)...)
	if w.Last != nil && (w.Done == nil || w.Last.ID != w.Done.ID) {
		rows = append(rows, whyRecord("Last record", w.Last)...)
	}
	a.table(rows)
	if w.VerifyError != "" {
		a.note("The target could not be asked: %s", w.VerifyError)
	}
	if w.Verify != nil {
		a.say("\nAsked at the target now (nothing was written):")
		a.showSteps(*w.Verify)
	}
}

// whySource is what directory, scope and link say.
func whySource(w provisioning.Why) [][]string {
	in := "not there"
	switch {
	case w.Left != nil:
		in = "left " + when(*w.Left)
	case w.InDirectory:
		in = "there, id " + w.Source.ID
	}
	rows := [][]string{{"Directory", in}}
	if s := w.Scope; s != nil {
		word := "out: "
		if s.In {
			word = "in: "
		}
		rows = append(rows, []string{"Scope", word + s.Reason})
		var verdict scope.Result
		if len(s.Filter) > 0 && json.Unmarshal(s.Filter, &verdict) == nil {
			for line := range strings.SplitSeq(verdict.String(), "\n") {
				rows = append(rows, []string{"", "  " + line})
			}
		}
	}
	if acc := w.Account; acc != nil {
		rows = append(rows, []string{"Account", fmt.Sprintf("%s, id %s, %s since %s or before", acc.Name, acc.ID, acc.State, when(acc.Updated))})
	}
	return rows
}

func whyFailure(w provisioning.Why) [][]string {
	x := w.Escrow
	if x == nil {
		return nil
	}
	rows := [][]string{{"Waits", fmt.Sprintf("%s: %s", x.Code, x.Message)}, {"", fmt.Sprintf("since %s, %d attempts", when(x.Since), x.Attempts)}}
	if x.Rejected {
		return append(rows, []string{"", "rejected"})
	}
	return append(rows, []string{"", "next try not before " + when(x.Next)})
}

func whyJob(j provisioning.WhyJob) [][]string {
	rows := [][]string{{"Provisioning", fmt.Sprintf("%s, %s, change %d of %d handled", onOff(j.On), j.State, j.Watermark, j.Head)}}
	if j.LastEnd != nil {
		rows = append(rows, []string{"Last cycle ended", when(*j.LastEnd)})
	}
	if j.NextCycle != nil {
		rows = append(rows, []string{"Next cycle", when(*j.NextCycle)})
	}
	if q := j.Quarantine; q != nil {
		rows = append(rows, []string{"Quarantine", fmt.Sprintf("%s: %s, since %s, next attempt %s", q.Reason, q.Message, when(q.Began), when(q.NextAttempt))})
	}
	return rows
}

func whyRecord(title string, r *record.Record) [][]string {
	if r == nil {
		return nil
	}
	reason := r.Reason
	if r.ErrorCode != "" {
		reason = r.ErrorCode + ": " + reason
	}
	rows := [][]string{{title, fmt.Sprintf("%s %s, %s: %s", when(r.Time), r.Action, r.Status, reason)}}
	if c := changes(r.Modified); c != "" {
		rows = append(rows, []string{"", c})
	}
	if r.Traceparent != "" {
		rows = append(rows, []string{"", "traceparent " + r.Traceparent})
	}
	return rows
}

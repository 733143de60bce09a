package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/provisioning"
	"github.com/rollcall-id/rollcall/internal/server"
)

// tryFlags say what is tried and on whom.
type tryFlags struct {
	server.TrialInput
	file  string
	steps bool
}

func (a *app) mappingTry() *cobra.Command {
	var f tryFlags
	c := &cobra.Command{
		Use:   "try ORG NAME (EXPRESSION|--row TARGET) (--user USERNAME|--group DISPLAYNAME|--sample N|--object FILE.json)",
		Short: "Evaluate an expression, or a row of the mapping, on a real person, on random people, or on a JSON object",
		Long: "Evaluate an expression, or a row of the mapping, and show every intermediate value.\n\n" +
			"--object reads attributes by name, {\"givenName\":\"Ada\"}, or Microsoft Graph's testInputObject,\n" +
			"{\"properties\":[{\"key\":\"givenName\",\"value\":\"Ada\"}]}; - is standard input. --target checks that the value fits that target attribute.",
		Args: cobra.RangeArgs(2, 3),
		RunE: func(c *cobra.Command, args []string) error {
			if err := f.check(args, c.Flags().Changed("sample")); err != nil {
				return err
			}
			if f.file != "" {
				var err error
				if f.Object, err = a.readInput(f.file, maxTryObject); err != nil {
					return err
				}
			}
			return a.withApp(c.Context(), args[0], args[1], func(ctx context.Context, s *server.System, app application.Application) error {
				trials, err := s.TryExpression(ctx, app, f.TrialInput)
				if err != nil {
					return err
				}
				if f.Sample > 0 {
					return a.showSample(trials)
				}
				return a.showTrial(trials[0], f.steps)
			})
		},
	}
	g := c.Flags()
	g.StringVar(&f.User, "user", "", "user name of a person to try it on")
	g.StringVar(&f.Group, "group", "", "display name of a group to try it on")
	g.IntVar(&f.Sample, "sample", 0, "how many people, picked at random, to try it on")
	g.StringVar(&f.file, "object", "", "JSON file with the attributes of a person who need not exist; - is standard input")
	g.StringVar(&f.Row, "row", "", "try the mapping's row of this target attribute instead of an expression")
	g.StringVar(&f.Attribute, "target", "", "check that the value fits this target attribute")
	g.BoolVar(&f.steps, "steps", true, "show the value of each part of the expression below the result")
	return a.jsonFlag(c)
}

const maxTryObject = 1 << 20

// check takes the expression from the operands, and refuses what does not go together.
func (f *tryFlags) check(args []string, sampled bool) error {
	switch {
	case len(args) == 3 && f.Row != "":
		return usagef("an expression and --row %s were given; give one of them", f.Row)
	case len(args) == 2 && f.Row == "":
		return usagef("say what to try: an expression such as 'ToUpper([surname])', or --row TARGET for a row of the mapping")
	case len(args) == 3:
		f.Expression = args[2]
	}
	who := 0
	for _, given := range []bool{f.User != "", f.Group != "", sampled, f.file != ""} {
		if given {
			who++
		}
	}
	if who != 1 {
		return usagef("say whom to try it on with exactly one of --user USERNAME, --group DISPLAYNAME, --sample N and --object FILE")
	}
	if sampled && (f.Sample < 1 || f.Sample > provisioning.MaxSample) {
		return usagef("--sample %d; expected 1 to %d", f.Sample, provisioning.MaxSample)
	}
	return nil
}

// showTrial prints the outcome for one object.
func (a *app) showTrial(t provisioning.Trial, steps bool) error {
	if a.json {
		a.printJSON(t)
		return trialOutcome(t, false)
	}
	if t.Evaluated {
		a.say("%s", trialText(t.Result))
	}
	if steps && len(t.Steps) > 0 {
		a.say("\nSteps:")
		for _, step := range t.Steps {
			a.say("  %s = %s", step.Expression, quotedValues(step.Value))
		}
	}
	if t.Fit != nil && t.Fit.Fits {
		a.say("\nIt fits %s (%s): %s", t.Fit.Attribute, t.Fit.Type, value(t.Fit.Value))
	}
	for _, n := range t.Notes {
		a.note("Note: %s", n)
	}
	return trialOutcome(t, true)
}

// trialOutcome is the exit status of a trial. caret: the message shows the place.
func trialOutcome(t provisioning.Trial, caret bool) error {
	switch {
	case t.Error != nil && caret && t.Error.Caret != "":
		return &exit{status: exitFailed, message: "at character " + decimal(t.Error.Position) + ": " + t.Error.Message + "\n" + t.Error.Caret}
	case t.Error != nil:
		return &exit{status: exitFailed, message: t.Error.Message}
	case !t.OK():
		return &exit{status: exitFailed, message: "the value does not fit " + t.Fit.Attribute + ": " + t.Fit.Message}
	}
	return nil
}

// trialText is a result for a person: one value a line.
func trialText(values []string) string {
	if len(values) == 0 {
		return "(no value)"
	}
	return strings.Join(values, "\n")
}

// quotedValues is the value of a part of an expression.
func quotedValues(values []string) string {
	if len(values) == 0 {
		return "(no value)"
	}
	quoted := make([]string, len(values))
	for i, v := range values {
		quoted[i] = value(v)
	}
	return strings.Join(quoted, ", ")
}

// showSample prints a line for each person. What is wrong with the expression itself is wrong for all: it is said once.
func (a *app) showSample(trials []provisioning.Trial) error {
	if first := trials[0]; !first.Parsed {
		first.Source = nil
		return a.showTrial(first, false)
	}
	failed := 0
	rows := [][]string{{"PERSON", "RESULT", "ERROR"}}
	for _, t := range trials {
		wrong := ""
		if err := trialOutcome(t, false); err != nil {
			failed++
			wrong = err.Error()
		}
		if a.json {
			a.printJSON(t)
			continue
		}
		result := ""
		if t.Evaluated {
			result = quotedValues(t.Result)
		}
		rows = append(rows, []string{t.Source.Name, result, wrong})
	}
	if !a.json {
		a.table(rows)
		for _, n := range trials[0].Notes {
			a.note("Note: %s", n)
		}
	}
	if failed > 0 {
		return &exit{status: exitSome, message: "the expression failed for " + decimal(failed) + " of " + decimal(len(trials)) + " people"}
	}
	return nil
}

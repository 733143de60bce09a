package cli

import (
	"context"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/mapping"
	"github.com/rollcall-id/rollcall/internal/server"
)

// versionJSON is a version in `app mapping history --json`.
type versionJSON struct {
	Version int64     `json:"version"`
	Time    time.Time `json:"time"`
	Actor   string    `json:"actor"`
	Reason  string    `json:"reason"`
	Changes string    `json:"changes"`
	Current bool      `json:"current"`
}

func (a *app) mappingHistory() *cobra.Command {
	c := &cobra.Command{
		Use: "history ORG NAME", Short: "List the versions of the mapping, the newest first", Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			return a.withApp(c.Context(), args[0], args[1], func(ctx context.Context, s *server.System, app application.Application) error {
				versions, err := s.Store.MappingVersions(ctx, app.ID)
				if err != nil {
					return err
				}
				rows := [][]string{{"VERSION", "TIME", "BY", "REASON", "CHANGES"}}
				for i, v := range versions {
					if a.json {
						a.printJSON(versionJSON{v.Number, v.Time, v.Actor, v.Reason, v.Changes, i == 0})
						continue
					}
					number := strconv.FormatInt(v.Number, 10)
					if i == 0 {
						number += " (current)"
					}
					rows = append(rows, []string{number, when(v.Time), v.Actor, v.Reason, v.Changes})
				}
				if !a.json {
					a.table(rows)
				}
				return nil
			})
		},
	}
	return a.jsonFlag(c)
}

// versionNumber reads the operand of a command.
func versionNumber(text string) (int64, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 1 {
		return 0, usagef("%q is not a version; expected a number from `rollcall app mapping history`, such as 3", text)
	}
	return n, nil
}

func (a *app) mappingCompare() *cobra.Command {
	c := &cobra.Command{
		Use: "compare ORG NAME FROM [TO]", Short: "Compare two versions of the mapping; without TO, with the current one", Args: cobra.RangeArgs(3, 4),
		RunE: func(c *cobra.Command, args []string) error {
			var numbers []int64
			for _, text := range args[2:] {
				n, err := versionNumber(text)
				if err != nil {
					return err
				}
				numbers = append(numbers, n)
			}
			return a.withApp(c.Context(), args[0], args[1], func(ctx context.Context, s *server.System, app application.Application) error {
				return a.compareVersions(ctx, s, app, numbers)
			})
		},
	}
	return a.jsonFlag(c)
}

// compareVersions compares the first version with the second one, or with the mapping as it is.
func (a *app) compareVersions(ctx context.Context, s *server.System, app application.Application, numbers []int64) error {
	if len(numbers) == 1 {
		versions, err := s.Store.MappingVersions(ctx, app.ID)
		if err != nil {
			return err
		}
		if len(versions) > 0 {
			numbers = append(numbers, versions[0].Number)
		}
	}
	sets := make([]mapping.Set, 0, 2)
	for _, n := range numbers {
		v, err := s.Store.MappingVersion(ctx, app.ID, n)
		if err != nil {
			return err
		}
		sets = append(sets, v.Set)
	}
	d := mapping.Compare(sets[0], sets[1])
	if a.json {
		a.printJSON(struct {
			From int64 `json:"from"`
			To   int64 `json:"to"`
			mapping.Difference
		}{numbers[0], numbers[1], d})
		return nil
	}
	a.say("From version %d to version %d: %s.", numbers[0], numbers[1], d.Summary())
	a.showDifference(d)
	return nil
}

package cli

import (
	"context"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/rollcall-id/rollcall/internal/organization"
	"github.com/rollcall-id/rollcall/internal/server"
	"github.com/rollcall-id/rollcall/internal/source/csv"
)

func (a *app) directoryImport() *cobra.Command {
	var o csv.Options
	var groups, leavers string
	c := &cobra.Command{
		Use:   "import ORG FILE.csv [--groups FILE.csv] [--dry-run]",
		Short: "Load people from a CSV file as a full snapshot: who is no longer listed becomes a leaver",
		Args:  cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			limit, err := csv.ParseLimit(leavers)
			if err != nil {
				return usagef("--max-leavers: %v", err)
			}
			o.MaxLeavers = limit
			people, err := os.Open(args[1])
			if err != nil {
				return fmt.Errorf("open the file of people: %w", err)
			}
			defer people.Close()
			if groups != "" {
				f, err := os.Open(groups)
				if err != nil {
					return fmt.Errorf("open the file of groups: %w", err)
				}
				defer f.Close()
				o.Groups = &csv.File{Name: groups, Data: f}
			}
			return a.withOrganization(c.Context(), args[0], func(ctx context.Context, s *server.System, org organization.Organization) error {
				r, err := s.Import(ctx, org, csv.File{Name: args[1], Data: people}, o)
				if err != nil && r.Added+r.Changed+r.Unchanged+r.Left == 0 {
					return err
				}
				a.showImport(r, o.DryRun, err)
				return a.importOutcome(r, err)
			})
		},
	}
	f := c.Flags()
	f.StringVar(&groups, "groups", "", "CSV file of groups: displayName, member (a key, or group:NAME), optional externalId")
	f.BoolVar(&o.DryRun, "dry-run", false, "print what would change; write nothing")
	f.StringVar(&o.Encoding, "encoding", csv.UTF8, "utf-8 or windows-1252")
	f.StringVar(&o.Key, "key", csv.DefaultKey, "column that identifies a person")
	f.BoolVar(&o.IgnoreUnknown, "ignore-unknown", false, "skip unknown columns")
	f.StringVar(&leavers, "max-leavers", "", "refuse a file that would remove more people than this: a number, or a share with % (default 20%, at least 5 people)")
	f.BoolVar(&o.Yes, "yes", false, "import although more people than --max-leavers would leave")
	return a.jsonFlag(c)
}

// showImport prints what was counted, as far as an import that failed had come.
func (a *app) showImport(r csv.Result, dry bool, failed error) {
	if a.json {
		doc := struct {
			csv.Result
			Error string `json:"error,omitempty"`
		}{Result: r}
		if failed != nil {
			doc.Error = failed.Error()
		}
		a.printJSON(doc)
		return
	}
	if r.Delimiter != "" {
		a.note("The file is %s, separated by %s.", r.Encoding, r.Delimiter)
	}
	a.table([][]string{
		{"", "added", "changed", "unchanged", "left", "rejected"},
		{"people", decimal(r.Added), decimal(r.Changed), decimal(r.Unchanged), decimal(r.Left), decimal(len(r.Rejected))},
	})
	if g := r.Groups; g != nil {
		a.say("groups: %d added, %d changed, %d unchanged, %d removed; memberships: %d added, %d removed",
			g.Added, g.Changed, g.Unchanged, g.Left, g.MembersAdded, g.MembersRemoved)
		for _, n := range g.Rejected {
			a.note("groups file, line %d: %s", n.Line, n.Reason)
		}
	}
	for _, n := range r.Rejected {
		a.note("line %d: %s", n.Line, n.Reason)
	}
	for _, w := range r.Warnings {
		a.note("%s", w)
	}
	if dry {
		a.say("Nothing was written: this was a dry run.")
	}
}

// importOutcome is the exit status of an import.
func (a *app) importOutcome(r csv.Result, err error) error {
	if err != nil {
		return err
	}
	rejected := len(r.Rejected)
	if r.Groups != nil {
		rejected += len(r.Groups.Rejected)
	}
	if rejected > 0 {
		return &exit{status: exitSome, message: fmt.Sprintf("rejected rows: %d; the people and groups they name keep the state they had", rejected)}
	}
	return nil
}

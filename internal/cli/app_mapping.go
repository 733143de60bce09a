package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/mapping"
	"github.com/rollcall-id/rollcall/internal/server"
)

func (a *app) appMapping() *cobra.Command {
	c := &cobra.Command{Use: "mapping", Short: "Attribute mappings: show, edit, export, import, try, compare, roll back", Args: cobra.NoArgs}
	c.AddCommand(
		a.mappingShow(), a.mappingExport(), a.mappingImport(), a.mappingTry(),
		a.mappingHistory(), a.mappingCompare(), a.mappingRollback(), a.mappingDefault(),
	)
	c.AddCommand(a.mappingEdits()...)
	return c
}

func (a *app) mappingShow() *cobra.Command {
	c := &cobra.Command{
		Use: "show ORG NAME", Short: "Show the rows, object actions and scoping filters", Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			return a.withApp(c.Context(), args[0], args[1], a.showMapping)
		},
	}
	return a.jsonFlag(c)
}

func (a *app) showMapping(ctx context.Context, s *server.System, app application.Application) error {
	versions, err := s.Store.MappingVersions(ctx, app.ID)
	if err != nil {
		return err
	}
	var version int64
	if len(versions) > 0 {
		version = versions[0].Number
	}
	if a.json {
		a.printJSON(map[string]any{"application": app.Name, "version": version, "objects": app.Mapping.Objects})
		return nil
	}
	for i, m := range app.Mapping.Objects {
		if i > 0 {
			a.say("")
		}
		a.say("%s: %s to %s, %s, actions: %s", m.Name, m.Source, m.Target, onOff(m.Enabled), actions(m))
		a.table(mappingRows(m))
		if len(m.Scope) > 0 {
			a.say("Scoping filters: %s", m.Scope)
		}
	}
	a.say("\nVersion %d. What is empty follows the setting when-empty=%s.", version, app.Settings.WhenEmpty)
	return nil
}

// actions are the target object actions of a mapping.
func actions(m mapping.ObjectMapping) string {
	var on []string
	for _, action := range []struct {
		on   bool
		name string
	}{{m.Create, "create"}, {m.Update, "update"}, {m.Delete, "delete"}} {
		if action.on {
			on = append(on, action.name)
		}
	}
	if len(on) == 0 {
		return "none"
	}
	return strings.Join(on, ", ")
}

func mappingRows(m mapping.ObjectMapping) [][]string {
	rows := [][]string{{"TARGET", "SOURCE", "KIND", "MATCHING", "APPLY", "WHEN EMPTY", "TYPE"}}
	for _, r := range m.Attributes {
		matching := ""
		if r.Matching > 0 {
			matching = decimal(r.Matching)
		}
		apply := string(r.Apply)
		if r.FlowAlways {
			apply += ", every cycle"
		}
		rows = append(rows, []string{r.Target, r.Value, string(r.Kind), matching, apply, emptyRule(r), rowType(r)})
	}
	return rows
}

// emptyRule says what an empty source does, and the default.
func emptyRule(r mapping.AttributeMapping) string {
	rule := string(r.WhenEmpty)
	if r.Default != "" {
		rule = strings.TrimSpace(fmt.Sprintf("%s (default %q)", rule, r.Default))
	}
	return rule
}

func rowType(r mapping.AttributeMapping) string {
	t := string(r.Type)
	if r.MultiValued {
		t += " list"
	}
	if r.Reference != "" {
		t += " to " + r.Reference
	}
	if r.Required {
		t += ", required"
	}
	return t
}

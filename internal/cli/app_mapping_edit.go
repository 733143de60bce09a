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

// mappingEdits are the commands that change a mapping by hand.
func (a *app) mappingEdits() []*cobra.Command {
	return []*cobra.Command{a.mappingSet(), a.mappingRemove(), a.mappingObject()}
}

// rowEdit is a change of the row of one target attribute.
type rowEdit struct {
	object, target, reason string
	plan                   bool
	edit                   func(m mapping.ObjectMapping) (mapping.ObjectMapping, error)
}

func (e *rowEdit) flags(c *cobra.Command) {
	c.Flags().StringVar(&e.object, "object", "user", "user or group")
	c.Flags().BoolVar(&e.plan, "plan", false, "only show what would be changed")
}

func (a *app) mappingSet() *cobra.Command {
	var e rowEdit
	c := &cobra.Command{
		Use:   "set ORG NAME TARGET KEY=VALUE… [--object user|group] [--plan]",
		Short: "Change the row of a target attribute, or add one",
		Long: "Change the row of a target attribute, or add one.\n\nWhere the value comes from: source=ATTRIBUTE, constant=TEXT, expression=EXPRESSION or none.\n" +
			"Besides: default=TEXT, apply=always|create|add-values|add|when-absent, when-empty=leave|clear|default, matching=N, flow-always=on|off.",
		Args: cobra.MinimumNArgs(4),
		RunE: func(c *cobra.Command, args []string) error {
			e.target, e.reason = args[2], "row "+args[2]+" set"
			e.edit = func(m mapping.ObjectMapping) (mapping.ObjectMapping, error) { return m.SetRow(args[2], args[3:]...) }
			return a.editRow(c.Context(), args[0], args[1], e)
		},
	}
	e.flags(c)
	return a.jsonFlag(c)
}

func (a *app) mappingRemove() *cobra.Command {
	var e rowEdit
	c := &cobra.Command{
		Use: "remove ORG NAME TARGET [--object user|group] [--plan]", Short: "Remove the row of a target attribute; accounts keep what they have",
		Args: cobra.ExactArgs(3),
		RunE: func(c *cobra.Command, args []string) error {
			e.target, e.reason = args[2], "row "+args[2]+" removed"
			e.edit = func(m mapping.ObjectMapping) (mapping.ObjectMapping, error) { return m.RemoveRow(args[2]) }
			return a.editRow(c.Context(), args[0], args[1], e)
		},
	}
	e.flags(c)
	return a.jsonFlag(c)
}

// editRow changes a row, shows it before and after, and saves it.
func (a *app) editRow(ctx context.Context, slug, name string, r rowEdit) error {
	typ, err := objectFlag(r.object)
	if err != nil {
		return err
	}
	return a.withApp(ctx, slug, name, func(ctx context.Context, s *server.System, app application.Application) error {
		e, err := s.EditMapping(ctx, app, typ, r.edit)
		if err != nil {
			return err
		}
		if !r.plan {
			if err := s.SaveMapping(ctx, e, a.origin(), r.reason); err != nil {
				return err
			}
		}
		before, _ := e.Before.Row(r.target)
		after, _ := e.After.Row(r.target)
		if a.json {
			a.printJSON(map[string]any{
				"application": app.Name, "object": strings.ToLower(typ), "target": r.target, "before": before, "after": after, "plan": r.plan, "saved": !r.plan,
				"initial": e.Initial, "warnings": list(e.Warnings),
			})
			return nil
		}
		a.table([][]string{{"before:", rowWords(before)}, {"after:", rowWords(after)}})
		a.conclude(e, r.plan)
		return nil
	})
}

func rowWords(row *mapping.AttributeMapping) string {
	if row == nil {
		return "no row"
	}
	return fmt.Sprintf("%s ← %s", row.Target, row.Words())
}

// conclude says what became of a change of the mapping.
func (a *app) conclude(e server.MappingEdit, plan bool) {
	switch {
	case plan:
		a.note("Nothing was saved.")
		e.Initial = false
	case !e.Initial:
		a.note("That is what was provisioned before: no cycle starts over.")
	}
	a.warn(e)
}

func (a *app) mappingObject() *cobra.Command {
	var plan bool
	c := &cobra.Command{
		Use:   "object ORG NAME user|group KEY=on|off… [--plan]",
		Short: "Switch what the mapping of an object type may do: create=, update=, delete=; groups also enabled=", Args: cobra.MinimumNArgs(4),
		RunE: func(c *cobra.Command, args []string) error {
			typ, err := server.ObjectType(args[2])
			if err != nil {
				return usagef("%v", err)
			}
			return a.withApp(c.Context(), args[0], args[1], func(ctx context.Context, s *server.System, app application.Application) error {
				e, err := s.EditMapping(ctx, app, typ, func(m mapping.ObjectMapping) (mapping.ObjectMapping, error) { return m.WithActions(args[3:]...) })
				if err != nil {
					return err
				}
				if !plan {
					if err := s.SaveMapping(ctx, e, a.origin(), strings.Join(args[2:], " ")); err != nil {
						return err
					}
				}
				if a.json {
					a.printJSON(map[string]any{
						"application": app.Name, "object": strings.ToLower(typ), "before": objectActionsOf(e.Before), "after": objectActionsOf(e.After),
						"plan": plan, "saved": !plan, "initial": e.Initial, "warnings": list(e.Warnings),
					})
					return nil
				}
				a.table([][]string{{"before:", objectActionsOf(e.Before).String()}, {"after:", objectActionsOf(e.After).String()}})
				a.conclude(e, plan)
				return nil
			})
		},
	}
	c.Flags().BoolVar(&plan, "plan", false, "only show what would be changed")
	return a.jsonFlag(c)
}

// objectActions are what the mapping of an object type may do.
type objectActions struct {
	Enabled bool `json:"enabled"`
	Create  bool `json:"create"`
	Update  bool `json:"update"`
	Delete  bool `json:"delete"`
}

func objectActionsOf(m mapping.ObjectMapping) objectActions {
	return objectActions{Enabled: m.Enabled, Create: m.Create, Update: m.Update, Delete: m.Delete}
}

func (x objectActions) String() string {
	return fmt.Sprintf("enabled %s, create %s, update %s, delete %s", onOff(x.Enabled), onOff(x.Create), onOff(x.Update), onOff(x.Delete))
}

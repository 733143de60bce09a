package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/mapping"
	"github.com/rollcall-id/rollcall/internal/server"
)

func (a *app) attributeDiscover() *cobra.Command {
	var plan, yes bool
	c := &cobra.Command{
		Use: "discover ORG NAME [--plan|--yes]", Short: "Ask the target which attributes it has; shows what is new before it is saved", Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			return a.withApp(c.Context(), args[0], args[1], func(ctx context.Context, s *server.System, app application.Application) error {
				d, err := s.Discover(ctx, app)
				if err != nil {
					return err
				}
				added, changed := d.Changes()
				a.showDiscovery(d)
				switch {
				case plan || added+changed == 0:
					return a.discovered(app, d, plan, false)
				case !yes && !a.confirm("Save it?"):
					return usagef("nothing was saved: repeat with --yes to save it, or with --plan to only look")
				}
				if err := s.SaveMapping(ctx, d.MappingEdit, a.origin(), "attributes discovered"); err != nil {
					return err
				}
				a.warn(d.MappingEdit)
				return a.discovered(app, d, plan, true)
			})
		},
	}
	c.Flags().BoolVar(&plan, "plan", false, "only show what would be saved")
	c.Flags().BoolVar(&yes, "yes", false, "do not ask")
	c.MarkFlagsMutuallyExclusive("plan", "yes")
	return a.jsonFlag(c)
}

// showDiscovery says what is new. With --json it stays silent: the document says it.
func (a *app) showDiscovery(d server.Discovery) {
	if a.json {
		return
	}
	rows := [][]string{{"OBJECT", "ATTRIBUTE", "WHAT IS NEW"}}
	for _, o := range d.Objects {
		for _, c := range o.Changes {
			what := "new: " + typeWords(c.After)
			if c.Before != nil {
				what = strings.Join(c.Before.Differences(c.After), ", ")
			}
			rows = append(rows, []string{strings.ToLower(o.Type), c.After.Name, what})
		}
	}
	if len(rows) > 1 {
		a.table(rows)
	}
	for _, o := range d.Objects {
		for _, remark := range o.Remarks {
			a.note("%s: %s", strings.ToLower(o.Type), remark)
		}
	}
}

// typeWords says what an attribute is: "String, required, exact case".
func typeWords(d mapping.Definition) string {
	words := []string{string(d.Type)}
	if d.Reference != "" {
		words[0] += " to " + d.Reference
	}
	for _, flag := range []struct {
		on   bool
		word string
	}{{d.Required, "required"}, {d.MultiValued, "multi-value"}, {d.CaseExact, "exact case"}, {d.ReadOnly, "read-only"}} {
		if flag.on {
			words = append(words, flag.word)
		}
	}
	return strings.Join(words, ", ")
}

// discoveredChange is a change in the JSON of discover.
type discoveredChange struct {
	Name        string             `json:"name"`
	Before      mapping.Definition `json:"before"`
	After       mapping.Definition `json:"after"`
	Differences []string           `json:"differences"`
}

// discoveredObject is one object type in the JSON of discover.
type discoveredObject struct {
	Object     string               `json:"object"`
	Attributes int                  `json:"attributes"` // in the list afterwards
	Added      []mapping.Definition `json:"added"`
	Changed    []discoveredChange   `json:"changed"`
	Remarks    []string             `json:"remarks"`
}

// discovered prints how discovery ended.
func (a *app) discovered(app application.Application, d server.Discovery, plan, saved bool) error {
	if a.json {
		a.printJSON(map[string]any{"application": app.Name, "plan": plan, "saved": saved, "initial": saved && d.Initial, "objects": discoveredObjects(d)})
		return nil
	}
	added, changed := d.Changes()
	switch {
	case added+changed == 0:
		a.say("The list of %s has everything that the target says of itself: nothing to save.", app.Name)
	case saved:
		a.say("Saved: %d attributes are new, %d are described better. Rows that write them: `rollcall app mapping set`.", added, changed)
	default:
		a.say("%d attributes are new, %d would be described better. Nothing was saved.", added, changed)
	}
	return nil
}

func discoveredObjects(d server.Discovery) []discoveredObject {
	out := []discoveredObject{}
	for _, o := range d.Objects {
		object := discoveredObject{
			Object: strings.ToLower(o.Type), Attributes: o.Listed, Added: []mapping.Definition{}, Changed: []discoveredChange{}, Remarks: list(o.Remarks),
		}
		for _, c := range o.Changes {
			if c.Before == nil {
				object.Added = append(object.Added, c.After)
				continue
			}
			object.Changed = append(object.Changed, discoveredChange{c.After.Name, *c.Before, c.After, c.Before.Differences(c.After)})
		}
		out = append(out, object)
	}
	return out
}

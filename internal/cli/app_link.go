package cli

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/provisioning"
	"github.com/rollcall-id/rollcall/internal/record"
	"github.com/rollcall-id/rollcall/internal/server"
	"github.com/rollcall-id/rollcall/scim"
)

func (a *app) appLink() *cobra.Command {
	c := &cobra.Command{Use: "link", Short: "Which account is whose: list, look at, break and match anew", Args: cobra.NoArgs}
	c.AddCommand(a.linkList(), a.linkShow(), a.linkBreak(), a.linkRematch())
	return c
}

// linkJSON is how a link is printed.
type linkJSON struct {
	Kind    string                 `json:"kind"` // user or group
	Source  record.Identity        `json:"source"`
	Target  record.Identity        `json:"target"`
	State   provisioning.LinkState `json:"state"`
	Managed bool                   `json:"managed"` // false: unassigned and disabled, or left alone; a purge of the source does nothing
	Since   time.Time              `json:"since"`   // the last time that anything about the link changed
}

func linkView(l provisioning.Link) linkJSON {
	return linkJSON{
		Kind: strings.ToLower(l.Type), Source: record.Identity{ID: l.Source, Name: l.SourceName},
		Target: record.Identity{ID: l.Target, Name: l.TargetName}, State: l.State, Managed: l.Managed, Since: l.Updated.UTC(),
	}
}

// linkFilter selects links.
type linkFilter struct{ search, kind, state string }

func (f linkFilter) check() error {
	if k := f.kind; k != "" && k != "user" && k != "group" {
		return usagef("--kind is %q; it takes user or group", k)
	}
	if s := provisioning.LinkState(f.state); s != "" && s != provisioning.LinkActive && s != provisioning.LinkDisabled {
		return usagef("--state is %q; it takes active or disabled", f.state)
	}
	return nil
}

// takes reports whether the link is selected: the text is looked for in the names and ids of both sides.
func (f linkFilter) takes(l provisioning.Link) bool {
	if f.state != "" && string(l.State) != f.state {
		return false
	}
	text := scim.Fold(f.search)
	return text == "" || slices.ContainsFunc([]string{l.SourceName, l.TargetName, l.Source, l.Target}, func(s string) bool {
		return strings.Contains(scim.Fold(s), text)
	})
}

func (a *app) linkList() *cobra.Command {
	var f linkFilter
	c := &cobra.Command{
		Use: "list ORG NAME [--search TEXT] [--kind user|group] [--state active|disabled]", Short: "List the links, ordered by the id of the source",
		Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			if err := f.check(); err != nil {
				return err
			}
			return a.withApp(c.Context(), args[0], args[1], func(ctx context.Context, s *server.System, app application.Application) error {
				return a.printLinks(ctx, s, app, f)
			})
		},
	}
	fl := c.Flags()
	fl.StringVar(&f.search, "search", "", "only links with the text in a name or id of either side, whatever its letter case")
	fl.StringVar(&f.kind, "kind", "", "only links of this kind: user or group")
	fl.StringVar(&f.state, "state", "", "only links of accounts in this state: active or disabled")
	return a.jsonFlag(c)
}

const linkPage = 500 // rows that are aligned together

// printLinks prints links as they are read: a hundred thousand of them take no more memory than a page.
func (a *app) printLinks(ctx context.Context, s *server.System, app application.Application, f linkFilter) error {
	heading := []string{"KIND", "SOURCE", "SOURCE ID", "ACCOUNT", "ACCOUNT ID", "STATE", "SINCE"}
	rows := [][]string{heading}
	for _, typ := range []string{directory.User, directory.Group} {
		if f.kind != "" && !strings.EqualFold(f.kind, typ) {
			continue
		}
		for l, err := range s.Engine.EachLink(ctx, app, typ) {
			switch {
			case err != nil:
				return err
			case !f.takes(l):
				continue
			case a.json:
				a.printJSON(linkView(l))
				continue
			}
			rows = append(rows, linkRow(l))
			if len(rows) > linkPage {
				a.table(rows)
				rows = [][]string{heading}
			}
		}
	}
	if !a.json && len(rows) > 1 {
		a.table(rows)
	}
	return nil
}

func linkRow(l provisioning.Link) []string {
	return []string{strings.ToLower(l.Type), l.SourceName, l.Source, l.TargetName, l.Target, string(l.State), when(l.Updated)}
}

// linkChoice adds the flags that name one link.
func linkChoice(c *cobra.Command, choice *server.LinkChoice) {
	f := c.Flags()
	f.StringVar(&choice.User, "user", "", "user name of the person, who may be gone")
	f.StringVar(&choice.Group, "group", "", "display name of the group")
	f.StringVar(&choice.ID, "id", "", "id of the source object, or else of the account")
	f.StringVar(&choice.Target, "target-id", "", "id of the account")
}

type onLink = func(context.Context, *server.System, application.Application, provisioning.Link) error

// withLink opens the data and finds the one link that the flags name. gone is called where there is no such link any more; nil: that is an error.
func (a *app) withLink(ctx context.Context, args []string, choice server.LinkChoice, gone func() error, fn onLink) error {
	given := 0
	for _, name := range []string{choice.User, choice.Group, choice.ID, choice.Target} {
		if name != "" {
			given++
		}
	}
	if given != 1 {
		return usagef("say which link with exactly one of --user, --group, --id and --target-id")
	}
	return a.withApp(ctx, args[0], args[1], func(ctx context.Context, s *server.System, app application.Application) error {
		l, err := s.Link(ctx, app, choice)
		if errors.Is(err, fault.ErrNotFound) && gone != nil {
			known, lookErr := s.Unlinked(ctx, app, choice)
			if known {
				a.note("%v: nothing to break.", err)
				return gone()
			}
			return cmp.Or(lookErr, err)
		}
		if err != nil {
			return err
		}
		return fn(ctx, s, app, l)
	})
}

func (a *app) linkShow() *cobra.Command {
	var choice server.LinkChoice
	c := &cobra.Command{
		Use: "show ORG NAME (--user USERNAME|--group DISPLAYNAME|--id ID|--target-id ID)", Short: "Show one link; an id is tried as that of the source first",
		Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			return a.withLink(c.Context(), args, choice, nil, func(_ context.Context, _ *server.System, _ application.Application, l provisioning.Link) error {
				attributes := slices.AppendSeq([]string{}, maps.Keys(l.Written))
				slices.Sort(attributes)
				if a.json {
					a.printJSON(struct {
						linkJSON
						Attributes []string `json:"attributes"` // that were written or read; not their values, which may be secret
					}{linkView(l), attributes})
					return nil
				}
				a.table([][]string{
					{"Kind", strings.ToLower(l.Type)}, {"Source", l.SourceName}, {"Source id", l.Source}, {"Account", l.TargetName}, {"Account id", l.Target},
					{"State", string(l.State)}, {"Managed", yesNo(l.Managed)}, {"Since", when(l.Updated)}, {"Attributes", strings.Join(attributes, ", ")},
				})
				return nil
			})
		},
	}
	linkChoice(c, &choice)
	return a.jsonFlag(c)
}

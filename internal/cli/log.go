package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/rollcall-id/rollcall/internal/organization"
	"github.com/rollcall-id/rollcall/internal/record"
	"github.com/rollcall-id/rollcall/internal/server"
	"github.com/rollcall-id/rollcall/internal/store"
)

func (a *app) logCommand() *cobra.Command {
	c := &cobra.Command{Use: "log", Short: "What came in: requests to SCIM endpoints", Args: cobra.NoArgs}
	c.AddCommand(a.logSCIM())
	return c
}

const newestRequests = 1000 // shown when nobody says how many

func (a *app) logSCIM() *cobra.Command {
	var q record.RequestQuery
	var status string
	var since time.Duration
	var follow, rules bool
	c := &cobra.Command{
		Use: "scim ORG [--follow] [--status 4xx|409|error] [--method METHOD] [--since 1h] [--token ID] [--id RESOURCE] [--rule N3] [--limit N] [--rules]",
		Short: "Requests to the organization's SCIM endpoint, one a line, oldest first: the newest " + strconv.Itoa(newestRequests) +
			" unless --since or --limit says otherwise",
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if err := readStatus(status, &q); err != nil {
				return err
			}
			if q.Limit < 0 || q.Limit > newestRequests {
				return usagef("--limit is %d; it takes 1 to %d, or 0 for all", q.Limit, newestRequests)
			}
			if rules && follow {
				return usagef("--rules counts what there is; it does not go with --follow")
			}
			if q.Method != "" && !slices.Contains(loggedMethods(), strings.ToUpper(q.Method)) {
				return usagef("--method is %q; it takes one of %s", q.Method, strings.Join(loggedMethods(), ", "))
			}
			if since < 0 {
				return usagef("--since is %s; it takes a time such as 1h", since)
			}
			all := q.Limit == 0 && (c.Flags().Changed("limit") || since > 0)
			if !all && q.Limit == 0 {
				q.Limit = newestRequests
			}
			if since > 0 {
				q.Since = time.Now().Add(-since)
			}
			return a.withRequests(c.Context(), args[0], func(ctx context.Context, log *store.RequestLog, o organization.Organization) error {
				q.Organization = o.ID
				if rules {
					return a.printRules(ctx, log, q)
				}
				return a.printRequests(ctx, log, q, follow)
			})
		},
	}
	f := c.Flags()
	f.StringVar(&status, "status", "", "only this status: 409, 4xx, or error for 400 and above")
	f.StringVar(&q.Method, "method", "", "only this method: GET, POST, PUT, PATCH, DELETE")
	f.DurationVar(&since, "since", 0, "only requests of this time until now, such as 1h")
	f.StringVar(&q.Token, "token", "", "only requests with this token (its id, see data-integration show)")
	f.StringVar(&q.Resource, "id", "", "only requests about the resource with this id")
	f.StringVar(&q.Rule, "rule", "", "only requests that needed this tolerance rule, such as N3")
	f.IntVar(&q.Limit, "limit", 0, "at most so many, the newest; 0: all")
	f.BoolVar(&follow, "follow", false, "go on printing requests as they come, until Ctrl-C")
	f.BoolVar(&rules, "rules", false, "count for each tolerance rule how many requests needed it")
	return a.jsonFlag(c)
}

// loggedMethods are the methods as the log names them.
func loggedMethods() []string {
	return []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "OTHER"}
}

// readStatus reads 409, 4xx or error.
func readStatus(text string, q *record.RequestQuery) error {
	const class = 100
	switch n, err := strconv.Atoi(strings.TrimSuffix(strings.ToLower(text), "xx")); {
	case text == "":
		return nil
	case strings.EqualFold(text, "error"):
		q.MinStatus = 400
	case err == nil && len(text) == 3 && n >= 100 && n < 600:
		q.MinStatus, q.MaxStatus = n, n
	case err == nil && len(text) == 3 && n >= 1 && n <= 5:
		q.MinStatus, q.MaxStatus = n*class, n*class+class-1
	default:
		return usagef("--status is %q; it takes a status such as 409, a class such as 4xx, or error", text)
	}
	return nil
}

func (a *app) withRequests(
	ctx context.Context, slug string, do func(ctx context.Context, log *store.RequestLog, o organization.Organization) error,
) error {
	return a.withOrganization(ctx, slug, func(ctx context.Context, s *server.System, o organization.Organization) (err error) {
		log, err := s.RequestLog(ctx)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, log.Close()) }()
		return do(ctx, log, o)
	})
}

// printRequests prints page after page; with follow it goes on looking.
func (a *app) printRequests(ctx context.Context, log *store.RequestLog, q record.RequestQuery, follow bool) error {
	for q.Newest = q.Limit > 0; ; q.Newest = false { // the newest ones are found from the end, and all at once
		if !q.Newest {
			q.Limit = logPage
		}
		requests, position, err := log.Requests(ctx, q)
		if err != nil {
			return err
		}
		for _, r := range requests {
			a.printRequest(r)
		}
		q.After = position
		if !q.Newest && len(requests) == q.Limit {
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

func (a *app) printRequest(r record.Request) {
	if a.json {
		a.printJSON(r)
		return
	}
	if r.Status == 0 {
		a.say("%s  %s", when(r.Time), r.Detail)
		return
	}
	line := fmt.Sprintf("%s  %d %-6s %s", when(r.Time), r.Status, r.Method, r.Path)
	if r.Bulk > 0 {
		line += fmt.Sprintf(" (operation %d of a bulk)", r.Bulk)
	}
	for _, part := range []struct{ label, text string }{
		{"filter ", r.Filter}, {"", r.Query}, {"", effect(r)}, {"", problem(r)}, {"rules ", strings.Join(r.Rules, " ")},
	} {
		if part.text != "" {
			line += "  " + part.label + part.text
		}
	}
	const milli = 1000
	a.say("%s  %.1f ms  %s", line, float64(r.DurationUS)/milli, cmp.Or(r.Token, "no token"))
	if r.Bodies != nil {
		a.sayBody("request", r.Bodies.Request)
		a.sayBody("answer", r.Bodies.Response)
	}
}

func (a *app) sayBody(label, body string) {
	if body != "" {
		a.say("    %s: %s", label, body)
	}
}

// problem is the error of a request for a person.
func problem(r record.Request) string {
	if r.ScimType != "" && r.Detail != "" {
		return r.ScimType + ": " + r.Detail
	}
	return r.Detail
}

// effect is what a request changed, for a person.
func effect(r record.Request) string {
	parts := make([]string, 0, len(r.Changes)+1)
	for _, c := range r.Changes {
		text := c.Kind + " " + c.Type
		if c.ID != r.Resource {
			text += " " + c.ID
		}
		if c.Count > 1 {
			text += " ×" + strconv.Itoa(c.Count)
		}
		if len(c.Paths) > 0 {
			text += " (" + strings.Join(c.Paths, ", ") + ")"
		}
		parts = append(parts, text)
	}
	if r.More > 0 {
		parts = append(parts, fmt.Sprintf("and %d more", r.More))
	}
	if len(parts) == 0 {
		return ""
	}
	return "[" + strings.Join(parts, "; ") + "]"
}

// printRules prints how many requests needed each tolerance rule.
func (a *app) printRules(ctx context.Context, log *store.RequestLog, q record.RequestQuery) error {
	counts, err := log.RuleCounts(ctx, q)
	if err != nil {
		return err
	}
	rules := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) // N2 before N10
	})
	if a.json {
		for _, rule := range rules {
			a.printJSON(map[string]any{"rule": rule, "requests": counts[rule]})
		}
		return nil
	}
	rows := [][]string{{"RULE", "REQUESTS"}}
	for _, rule := range rules {
		rows = append(rows, []string{rule, decimal(counts[rule])})
	}
	a.table(rows)
	return nil
}

package cli

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/record"
	"github.com/rollcall-id/rollcall/internal/server"
)

const (
	logPage     = 500
	followEvery = time.Second
	newestLog   = 1000 // the most that --limit takes
)

// logFlags are the flags of `app log` as they are typed.
type logFlags struct {
	query                               record.Query
	status, group, action, since, until string
	export, output                      string
	follow                              bool
}

func (a *app) appLog() *cobra.Command {
	var f logFlags
	c := &cobra.Command{
		Use: "log ORG NAME [--status success|failure|skipped|warning] [--user USERNAME|--group DISPLAYNAME] [--cycle ID] [--action ACTION] [--code CODE] " +
			"[--since 7d] [--until 24h] [--limit N] [--follow] [--export jsonl|csv [--output FILE]]",
		Short: "Provisioning log, one record a line, oldest first", Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			if err := f.check(time.Now()); err != nil {
				return err
			}
			return a.withApp(c.Context(), args[0], args[1], func(ctx context.Context, s *server.System, app application.Application) error {
				f.query.Application = app.ID
				systems := systemsOf(app, args[0])
				if f.export != "" {
					return a.exportLog(ctx, s, f, systems)
				}
				return a.printLog(ctx, s, f, systems)
			})
		},
	}
	flags := c.Flags()
	flags.StringVar(&f.status, "status", "", "only this status: success, failure, skipped, warning, held")
	flags.StringVar(&f.query.User, "user", "", "only records of this person or group, by name on either side")
	flags.StringVar(&f.group, "group", "", "only records of this group, by name on either side")
	flags.StringVar(&f.query.CycleID, "cycle", "", "only records of this cycle")
	flags.StringVar(&f.action, "action", "", "only this action: create, link, update, disable, restore, delete, stage-disable, stage-delete, unlink, none")
	flags.StringVar(&f.query.Code, "code", "", "only records with this error code or reason to skip, such as Conflict")
	flags.StringVar(&f.since, "since", "", "only records from then on: 7d, 24h, 2026-03-01 or 2026-03-01T08:00:00Z")
	flags.StringVar(&f.until, "until", "", "only records before then, written as --since")
	flags.IntVar(&f.query.Limit, "limit", 0, "at most so many, the newest; 0: all")
	flags.BoolVar(&f.follow, "follow", false, "go on printing records as they come, until Ctrl-C")
	flags.StringVar(&f.export, "export", "", "write the records as jsonl or csv")
	flags.StringVar(&f.output, "output", "", "file of --export; empty: standard output")
	return a.jsonFlag(c)
}

// check reads the flags.
func (f *logFlags) check(now time.Time) (err error) {
	q := &f.query
	switch q.Status = record.Status(f.status); q.Status {
	case "", record.Success, record.Failure, record.Skipped, record.Warning, record.Held:
	default:
		return usagef("--status is %q; it takes success, failure, skipped, warning or held", f.status)
	}
	switch q.Action = record.Action(f.action); q.Action {
	case "", record.Create, record.Link, record.Update, record.Disable, record.Restore, record.Delete, record.StageDisable, record.StageDelete, record.Unlink,
		record.NoAction:
	default:
		return usagef("--action is %q; it takes create, link, update, disable, restore, delete, stage-disable, stage-delete, unlink or none", f.action)
	}
	if q.Code, err = codeNamed(q.Code); err != nil {
		return err
	}
	if q.Since, err = pointInTime("--since", f.since, now); err != nil {
		return err
	}
	if q.Until, err = pointInTime("--until", f.until, now); err != nil {
		return err
	}
	switch {
	case f.group != "" && q.User != "":
		return usagef("--user and --group name one object: give one of them")
	case f.group != "":
		q.User, q.Kind = f.group, "group"
	}
	switch {
	case !q.Until.IsZero() && !q.Since.Before(q.Until):
		return usagef("--since is %s and --until is %s: nothing lies in between", f.since, f.until)
	case q.Limit < 0 || q.Limit > newestLog:
		return usagef("--limit is %d; it takes 1 to %d, or 0 for all", q.Limit, newestLog)
	}
	return f.checkExport()
}

func (f *logFlags) checkExport() error {
	switch {
	case f.export != "" && f.export != "jsonl" && f.export != "csv":
		return usagef("--export is %q; it takes jsonl or csv", f.export)
	case f.export != "" && f.follow:
		return usagef("--export writes what there is; it does not go with --follow")
	case f.export == "" && f.output != "":
		return usagef("--output names the file of --export: say --export jsonl or --export csv too")
	}
	return nil
}

// codeNamed finds a code in any letter case.
func codeNamed(text string) (string, error) {
	if text == "" {
		return "", nil
	}
	for _, c := range record.Codes() {
		if strings.EqualFold(c.Name, text) {
			return c.Name, nil
		}
	}
	return "", usagef("--code is %q, which no record can have; the codes are in docs/guides/error-codes.md", text)
}

// systemsOf are the two ends of an application.
func systemsOf(app application.Application, slug string) record.Systems {
	return record.Systems{
		App:    record.Identity{ID: app.ID, Name: app.Name},
		Source: record.Identity{ID: app.Organization, Name: slug},
		Target: record.Identity{ID: app.ID, Name: app.TenantURL},
	}
}

// adviceOn is what to do about a code, where something is to be done.
func adviceOn(code string, status record.Status) string {
	return record.Systems{}.Detail(record.Record{ErrorCode: code, Status: status}).Recommended
}

// eachRecord reads the log page by page, and hands out every record. The newest ones are found from the end, and all at once.
func eachRecord(ctx context.Context, s *server.System, q *record.Query, each func(record.Record) error) error {
	for q.Newest = q.Limit > 0; ; q.Newest = false {
		if !q.Newest {
			q.Limit = logPage
		}
		records, position, err := s.Store.Records(ctx, *q)
		if err != nil {
			return err
		}
		for _, r := range records {
			if err := each(r); err != nil {
				return err
			}
		}
		q.After = position
		if q.Newest || len(records) < q.Limit {
			return nil
		}
	}
}

// printLog prints what there is; with --follow it goes on looking.
func (a *app) printLog(ctx context.Context, s *server.System, f logFlags, systems record.Systems) error {
	for {
		err := eachRecord(ctx, s, &f.query, func(r record.Record) error {
			a.printRecord(systems.Detail(r))
			return nil
		})
		if err != nil || !f.follow {
			return err
		}
		f.query.Limit = 0
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(followEvery):
		}
	}
}

func (a *app) printRecord(d record.Detail) {
	if a.json {
		a.printJSON(d)
		return
	}
	line := d.Reason
	if c := changes(d.Modified); c != "" {
		line += "  [" + c + "]"
	}
	if d.ErrorCode != "" {
		line = d.ErrorCode + ": " + line
	}
	a.say("%s  %-8s %-8s %s  %s", when(d.Time), d.Status, d.Action, d.Source.Name, line)
	if d.Recommended != "" && (d.Status == record.Failure || d.Status == record.Warning) {
		a.say("    → %s", d.Recommended)
	}
}

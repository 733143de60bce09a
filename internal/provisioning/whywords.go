package provisioning

import (
	"fmt"
	"strings"
	"time"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/record"
)

// retention is how long somebody who left can come back.
const retention = directory.Retention

func at(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }

func nearest(names []string) string {
	switch len(names) {
	case 0:
		return ""
	case 1:
		return "; the nearest name is " + names[0]
	}
	return "; the nearest names are " + strings.Join(names, ", ")
}

// account is what we know of the account.
func account(f WhyFacts) string {
	if f.Link == nil {
		return "no account is linked"
	}
	return named(*f.Link) + " is " + string(f.Link.State)
}

func named(l Link) string {
	if l.TargetName == "" {
		return "the account " + l.Target
	}
	return "the account " + l.TargetName + " (" + l.Target + ")"
}

// consequence is what becomes of the account of somebody who must not have an active one.
func consequence(f WhyFacts) string {
	d := f.Decision
	switch {
	case f.Link == nil:
		return account(f)
	case d.Action == record.Disable, d.Action == record.Delete:
		return fmt.Sprintf("%s is still %s, the %s waits, and %s", named(*f.Link), f.Link.State, d.Action, next(f))
	case d.Code == "EntrySynchronizationSkipped" && f.Link.State == LinkDisabled, d.Reason == "":
		return account(f)
	}
	return account(f) + ", and stays so (" + d.Reason + ")"
}

// next says when a cycle comes, or why none does.
func next(f WhyFacts) string {
	switch q := f.Job.Quarantine; {
	case !f.Connected:
		return "the application is not connected to a target"
	case !f.On:
		return "provisioning is off"
	case q != nil && q.Over(f.Now):
		return "the job was disabled after four weeks of quarantine since " + at(q.Began) + " (" + trimmed(q.Message) + ")"
	case q != nil:
		return "the job is in quarantine since " + at(q.Began) + " (" + trimmed(q.Message) + ") and tries again at " + at(q.NextAttempt)
	case f.Running:
		return "a cycle is running now"
	case !f.Next.After(f.Now):
		return "the next cycle is due now"
	}
	return "the next cycle is at " + at(f.Next)
}

// unhandled says what a cycle has not seen yet.
func unhandled(f WhyFacts) string {
	switch {
	case f.Escrow != nil && f.Escrow.Code == codeUnlinked:
		return ", because its link was broken on " + at(f.Escrow.Since) + "; the next cycle matches it anew"
	case f.Everybody != "":
		return "; " + f.Everybody
	case f.Pending != nil:
		return "; a change (" + f.Pending.words() + ") waits"
	case len(f.Decision.Changes) > 0:
		return "; it differs from what the mapping says in " + paths(f.Decision.Changes)
	}
	return ""
}

func (p PendingChange) words() string {
	text := p.Kind
	if len(p.Paths) > 0 {
		text += " of " + strings.Join(p.Paths, ", ")
	}
	text += " on " + at(p.Time)
	if p.Actor != "" {
		text += " by " + p.Actor
	}
	return text
}

// retry says when something that failed is tried again.
func retry(f WhyFacts) string {
	switch x := f.Escrow; {
	case !f.Connected || !f.On || f.Job.Quarantine != nil:
		return "when cycles run again: " + next(f)
	case x.Next.After(f.Now) && x.Next.After(f.Next):
		return "in the first cycle after " + at(x.Next)
	}
	return "in the next cycle: " + next(f)
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

// said is what a record says, with its code.
func said(r *record.Record) string {
	if r.ErrorCode == "" {
		return trimmed(r.Reason)
	}
	return r.ErrorCode + ": " + trimmed(r.Reason)
}

func lastWrite(f WhyFacts) string {
	if f.Done == nil {
		return ""
	}
	return fmt.Sprintf("; the last action was %s on %s (%s)", f.Done.Action, at(f.Done.Time), f.Done.Status)
}

func lastWords(f WhyFacts) string {
	r := f.Last
	if f.Done != nil {
		r = f.Done
	}
	return fmt.Sprintf("the last action in the log is %s on %s (%s)", r.Action, at(r.Time), said(r))
}

// trimmed lets a message stand inside a sentence.
func trimmed(text string) string { return strings.TrimRight(strings.TrimSpace(text), ".") }

package provisioning

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/rollcall-id/rollcall/internal/notify"
	"github.com/rollcall-id/rollcall/internal/record"
)

// Notifier says whom to tell what about a cycle that ended, from what was told before.
type Notifier interface {
	After(ctx context.Context, organization string, told notify.Told, c notify.Cycle) (notify.Told, []notify.Mail, error)
}

// mostExamples is how many of those held back are named.
const mostExamples = 10

// tell puts mails about the cycle into the job, which is about to be saved: either both are stored or neither is. broken says why the cycle could not come to
// its end. Trouble with mails never keeps the job from being saved.
func (c *cycle) tell(ctx context.Context, job *Job, broken string) {
	n := c.engine.Notifier
	to := c.app.Settings.NotificationEmail
	if n == nil || len(to) == 0 {
		job.Told = notify.Told{}
		return
	}
	told, mails, err := c.news(ctx, n, *job, broken)
	if err != nil {
		c.engine.logger().Error("nobody could be told about a cycle", "application", c.app.Name, "cycle", c.id, "error", err)
		return
	}
	job.Told, job.Mail = told, mails
}

func (c *cycle) news(ctx context.Context, n Notifier, job Job, broken string) (notify.Told, []notify.Mail, error) {
	news := notify.Cycle{
		Application: c.app.Name, To: c.app.Settings.NotificationEmail, OnFailure: c.app.Settings.NotifyOnFailure,
		ID: c.id, Now: job.LastEnd, Broken: broken,
	}
	if q := job.Quarantine; q != nil && broken == "" {
		news.Quarantine = &notify.Quarantine{Reason: q.Reason, Code: q.Code, Message: q.Message, Began: q.Began, Next: q.NextAttempt}
		if q.Over(q.NextAttempt) { // the schedule will not try any more
			news.Quarantine.Next = time.Time{}
		}
	}
	if c.held != nil && job.Held != nil {
		news.Held = &notify.HeldBack{Threshold: c.held.Threshold, Count: c.held.Count, Names: c.examples}
	}
	if news.OnFailure {
		list, err := c.store.Escrows(ctx, c.app.ID)
		if err != nil {
			return job.Told, nil, fmt.Errorf("read the escrows: %w", err)
		}
		for _, x := range list {
			if x.failing() {
				news.Failing = append(news.Failing, notify.Failing{Code: x.Code, Name: x.Name, Message: x.Message})
			}
		}
	}
	return n.After(ctx, c.app.Organization, job.Told, news)
}

// trouble is why a cycle did not get on, without what the target said: that may repeat values which are redacted.
func trouble(err error) string {
	var t *TargetError
	if !errors.As(err, &t) {
		return err.Error()
	}
	if t.Status != 0 {
		return fmt.Sprintf("the target does not work at the moment: %s (status %d)", t.Code, t.Status)
	}
	return "the target does not work at the moment: " + t.Code
}

// heldExamples names some of those who are held back, and what would be done.
func (c *cycle) heldExamples() []string {
	var names []string
	for _, it := range c.leaving {
		if c.allowed(it) {
			continue
		}
		if len(names) == mostExamples {
			break
		}
		what := "disable"
		if it.decided.Action == record.Delete {
			what = "delete"
		}
		names = append(names, fmt.Sprintf("%s %s (%s)", kindOf(it.key.Type), it.Source.Name, what))
	}
	return names
}

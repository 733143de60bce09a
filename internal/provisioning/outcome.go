package provisioning

import (
	"context"
	"errors"
	"maps"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/record"
)

// outcome is what one object leaves behind: it is committed as a whole, the link with the record.
type outcome struct {
	link     *Link
	unlink   []Key
	escrow   *Escrow
	unescrow *Key
	members  *GroupMembers
	record   *record.Record
}

// finish turns a decision that was carried out, or the error it met, into the object's outcome.
func (c *cycle) finish(ctx context.Context, it *item, d Decision, err error) error {
	var t *TargetError
	err = it.scrubbed(err)
	switch {
	case err == nil:
		return c.succeeded(ctx, it, d)
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case !errors.As(err, &t) || errors.Is(err, fault.ErrUnavailable):
		return err
	case t.Fatal:
		return &stopError{t}
	case t.Paused:
		return c.paused(t)
	case d.Action == record.Delete && isGone(err):
		return c.succeeded(ctx, it, d) // what was wanted
	case deprovisions(d) && isGone(err):
		return c.succeeded(ctx, it, Decision{Action: record.NoAction, Status: record.Skipped, Code: "InvalidAnchor", Forget: true,
			Reason: d.Reason + "; the account is gone at the target already"})
	}
	return c.refused(ctx, it, d, t)
}

func (c *cycle) succeeded(ctx context.Context, it *item, d Decision) error {
	c.answered()
	if d.Status == record.Failure {
		return c.refused(ctx, it, d, &TargetError{Code: d.Code, Detail: d.Reason})
	}
	if it.unsure && d.Action == record.Link {
		d.Action, d.Changes = record.Create, creation(it.Creating)
		d.Reason += "; the answer to its creation was lost on the way"
	}
	o := outcome{record: c.record(it, d, nil)}
	switch {
	case d.Action == record.Delete || d.Forget:
		o.unlink = append(o.unlink, it.key)
	default:
		o.link = it.newLink(d)
	}
	if it.Lost != "" && it.key.Type == directory.Group {
		o.members = &GroupMembers{Group: it.key.Source, Reset: true} // the members were lost with the group
	}
	if d.TakeOver != nil {
		o.unlink = append(o.unlink, Key{d.TakeOver.Type, d.TakeOver.Source})
	}
	if it.escrow != nil && d.Status != record.Held {
		o.unescrow = &it.key
	}
	if o.link != nil {
		o.link.Updated = o.record.Time
		if it.Link != nil && sameLink(it.asStored(), *o.link) {
			o.link = nil
		}
	}
	if d.Code == "RedundantExport" && c.kind == KindIncremental {
		c.quiet(it.key, *o.record) // the second pass may still find something: then this line would be noise
		o.record = nil
	}
	c.count.add(it.key, wordOf(d)|alsoUpdated(d))
	if d.Status != record.Skipped && d.Status != record.Held || d.Code == "RedundantExport" {
		c.count.ended(true, false)
	}
	return c.keep(ctx, o)
}

// refused is the outcome of an object that failed: it is tried again later.
func (c *cycle) refused(ctx context.Context, it *item, d Decision, t *TargetError) error {
	t = it.clean(t)
	o := outcome{record: c.record(it, d, t)}
	if it.Lost != "" && it.Link == nil {
		o.unlink = append(o.unlink, it.key) // its account is gone, whatever became of the new one
	}
	c.escrowFor(&o, it.key, it.Source.Name, t)
	c.count.add(it.key, failed)
	c.count.ended(false, false)
	if err := c.keep(ctx, o); err != nil {
		return err
	}
	return c.noAnswer(t)
}

// escrowFor puts the object on the list of failures, or takes it off after four weeks of them.
func (c *cycle) escrowFor(o *outcome, k Key, name string, t *TargetError) {
	before := c.escrows[k]
	before.Type, before.Source, before.Name = k.Type, k.Source, name
	next, givenUp := before.failed(c.engine.now(), t.Code, t.Detail)
	if givenUp {
		o.unescrow = &k
		o.record.Reason += "; it has failed for four weeks and is not tried again until it changes"
		return
	}
	o.escrow = &next
}

// newLink is the link after a decision was carried out; nil: there is none.
func (it *item) newLink(d Decision) *Link {
	var l Link
	switch {
	case it.Link != nil:
		l = *it.Link
	case d.Action == record.Create || d.Action == record.Link:
		l = Link{Type: it.key.Type, Source: it.key.Source, Target: it.Target.Entry.ID, State: LinkActive}
	default:
		return nil
	}
	before := l.Written
	if it.Target.Known == Present {
		before = it.Target.Values
	}
	l.Written = written(before, d.Changes)
	l.Managed = d.Managed
	if it.Source.Presence != Purged {
		l.SourceName = it.Source.Name
	}
	if it.Target.Entry.ID == l.Target && it.Target.Entry.Name != "" {
		l.TargetName = it.Target.Entry.Name
	}
	l.named(d.Changes)
	if active, changed := activeAfter(d.Changes); changed || it.Target.Known == Present {
		l.State = stateOf(l.Written, active || !changed)
	}
	l.Written = it.rules.conceal(l.Written)
	if it.rules.secretName() {
		l.TargetName = redacted
	}
	return &l
}

// asStored is the link as it was read.
func (it *item) asStored() Link {
	l := *it.Link
	if it.stored != nil {
		l.Written = it.stored
	}
	return l
}

// named keeps the account's name current when we change it.
func (l *Link) named(changes []Change) {
	for _, c := range changes {
		if name, ok := c.New.(string); ok && (c.Path == "userName" || c.Path == "displayName" && l.Type == "Group") {
			l.TargetName = name
		}
	}
}

// stateOf reads the link's state from active; otherwise says what an unknown value means.
func stateOf(written map[string]any, otherwise bool) LinkState {
	active := otherwise
	for path, v := range written {
		if isActive(path) {
			if b, ok := toBool(v); ok {
				active = b
			}
		}
	}
	if active {
		return LinkActive
	}
	return LinkDisabled
}

func sameLink(a, b Link) bool {
	return a.Target == b.Target && a.SourceName == b.SourceName && a.TargetName == b.TargetName && a.State == b.State && a.Managed == b.Managed &&
		maps.EqualFunc(a.Written, b.Written, func(x, y any) bool { return text(x) == text(y) })
}

// wordOf is the tally's word of a decision.
func wordOf(d Decision) word {
	switch d.Action {
	case record.Create:
		return created
	case record.Link:
		return linked
	case record.Update:
		return updated
	case record.Disable:
		return disabled
	case record.Restore:
		return restored
	case record.Delete:
		return deleted
	case record.StageDisable, record.StageDelete:
		return staged
	}
	if d.Code == "RedundantExport" || d.Code == "InvalidMapping" {
		return unchanged
	}
	return skipped
}

// alsoUpdated: an account that needed changes when it was linked counts as updated too, and so does one that was restored or disabled with other changes.
func alsoUpdated(d Decision) word {
	others := 0
	for _, c := range d.Changes {
		if !isActive(c.Path) {
			others++
		}
	}
	switch {
	case d.Action == record.Link && len(d.Changes) > 0, (d.Action == record.Disable || d.Action == record.Restore) && others > 0:
		return updated
	}
	return 0
}

// record is the object's line of the log.
func (c *cycle) record(it *item, d Decision, t *TargetError) *record.Record {
	now := c.engine.now()
	r := &record.Record{
		ID: c.engine.newID(), Time: now, Application: c.app.ID, CycleID: c.id, Kind: kindOf(it.key.Type), Action: d.Action, Status: d.Status,
		Source: record.Identity{ID: it.key.Source, Name: it.Source.Name}, Target: it.targetIdentity(), Reason: d.Reason, ErrorCode: d.Code,
		DurationMS: now.Sub(it.began).Milliseconds(), Traceparent: it.trace, Modified: []record.Property{},
		ChangeID: record.ChangeID(c.id, kindOf(it.key.Type), it.key.Source), InitiatedBy: c.by,
	}
	for _, w := range d.Warnings {
		r.Reason += "; " + w
	}
	failure := ""
	if t != nil {
		failure = t.Detail
		r.Status, r.ErrorCode, r.Reason = record.Failure, t.Code, t.Detail
	} else {
		for _, ch := range d.Changes {
			r.Modified = append(r.Modified, ch.property())
		}
	}
	if r.Status == record.Warning {
		c.count.warn()
	}
	r.Steps = it.steps(d, failure)
	if r.Action == "" {
		r.Action = record.NoAction
	}
	r.Reason = it.scrub(r.Reason)
	for i := range r.Steps {
		r.Steps[i].Detail = it.scrub(r.Steps[i].Detail)
	}
	return r
}

package provisioning

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/record"
)

// Subject is the one object that is provisioned on demand.
type Subject struct {
	Type string // User or Group
	ID   string
}

// OnDemand is the JSON of `app provision`. All five steps are there, whether they were reached or not.
type OnDemand struct {
	Steps     []record.Step     `json:"steps"`
	Action    record.Action     `json:"action"`
	Status    record.Status     `json:"status"`
	Reason    string            `json:"reason"`
	ErrorCode string            `json:"errorCode"`
	Source    record.Identity   `json:"source"`
	Target    record.Identity   `json:"target"`
	Modified  []record.Property `json:"modifiedProperties"`
	Plan      bool              `json:"plan"`
}

// Failed reports whether something was to be done and could not be.
func (o OnDemand) Failed() bool { return o.Status == record.Failure }

// ProvisionOnDemand takes one object through the pipeline of a cycle at once, whether provisioning is on or off, and reads back what was written. It
// compares with the target's entry, as an initial cycle does. Neither the deletion guard nor a retry schedule holds it back: somebody asked for exactly
// this. With plan, nothing is written.
//
// It takes no lease: a cycle that runs at the same time may take hours, and a new colleague should not wait for it. Should both meet at the same object,
// matching before creation, the target's uniqueness and the link's key keep it one account.
func (e *Engine) ProvisionOnDemand(ctx context.Context, app application.Application, target Target, s Subject, plan bool) (OnDemand, error) {
	c, err := e.openOne(ctx, app, target, plan)
	if err != nil {
		return OnDemand{}, err
	}
	return c.demand(ctx, s)
}

// demand takes one object through the pipeline.
func (c *cycle) demand(ctx context.Context, s Subject) (OnDemand, error) {
	if c.rules[s.Type] == nil {
		return OnDemand{}, fault.Errorf(fault.ErrInvalid, "application %s does not provision %s objects: the mapping is missing or switched off", c.app.Name, s.Type)
	}
	var records []record.Record
	c.seen = &records
	it, err := c.loadOne(ctx, s)
	if err != nil {
		return OnDemand{}, err
	}
	d, err := c.decideAndApply(ctx, it, false)
	if err := c.finishOne(ctx, it, d, err); err != nil {
		return OnDemand{}, err
	}
	if err := c.secondPassOne(ctx, it); err != nil {
		return OnDemand{}, err
	}
	if c.count.has(it.key, created|linked) && it.key.Type == directory.User {
		if err := c.introduce(ctx, it.key.Source); err != nil {
			return OnDemand{}, err
		}
	}
	if err := c.flush(ctx); err != nil {
		return OnDemand{}, err
	}
	out := answer(records)
	out.Plan = c.plan
	out.Steps[len(out.Steps)-1] = c.verify(ctx, it, out)
	return out, nil
}

func (e *Engine) openOne(ctx context.Context, app application.Application, target Target, plan bool) (*cycle, error) {
	engine := *e
	if plan {
		engine.Store = newPlanStore(e, app.Organization)
		target = newPlanTarget(target, app.Mapping)
	}
	c, err := engine.open(ctx, app, target, Options{Foreground: true})
	if err != nil {
		return nil, err
	}
	c.plan = plan
	c.kind = KindInitial // read the entry: somebody who asks for one person wants to know the truth
	return c, nil
}

func (c *cycle) loadOne(ctx context.Context, s Subject) (*item, error) {
	p, err := c.fetch(ctx, s.Type, []string{s.ID})
	if err != nil {
		return nil, err
	}
	items, err := c.load(ctx, s.Type, p)
	if err != nil {
		return nil, err
	}
	return items[0], nil
}

// finishOne is finish, save that a target that refuses everything is a failure of this object: quarantine is the business of cycles.
func (c *cycle) finishOne(ctx context.Context, it *item, d Decision, err error) error {
	var t *TargetError
	if errors.As(err, &t) && (t.Fatal || t.Paused) && ctx.Err() == nil {
		return c.keep(ctx, outcome{record: c.record(it, d, t)})
	}
	return c.finish(ctx, it, d, err)
}

// secondPassOne writes the object's references, or the members of a group, after it exists.
func (c *cycle) secondPassOne(ctx context.Context, it *item) error {
	if err := c.flush(ctx); err != nil {
		return err
	}
	p, err := c.fetch(ctx, it.key.Type, []string{it.key.Source})
	if err != nil || len(p.objects) == 0 || !it.Policy.Update {
		return err
	}
	if len(it.rules.references) > 0 {
		if err := c.soften(c.referPage(ctx, it.key.Type, p)); err != nil {
			return err
		}
	}
	if it.rules.members == nil {
		return nil
	}
	items, err := c.load(ctx, it.key.Type, p)
	if err != nil {
		return err
	}
	if !items[0].serves() {
		return nil
	}
	return c.soften(c.changeMembers(ctx, items[0]))
}

// introduce writes a new account where others refer to it: the groups the person belongs to, and the reports' manager. The next cycle would not come back
// to them, since to it the account is nothing new.
func (c *cycle) introduce(ctx context.Context, user string) error {
	links, err := c.store.Links(ctx, c.app.ID, directory.User, []string{user})
	if err != nil {
		return fmt.Errorf("read the link: %w", err)
	}
	link, ok := links[user]
	if !ok {
		return nil
	}
	if err := c.joinGroups(ctx, MemberLink{Type: directory.User, Source: user, Target: link.Target}); err != nil {
		return c.soften(err)
	}
	if r := c.rules[directory.User]; len(r.references) == 0 || !r.policy.Update {
		return nil
	}
	reports, err := c.engine.Directory.Reports(ctx, c.app.Organization, user)
	if err != nil {
		return fmt.Errorf("read the reports of %s: %w", user, err)
	}
	for chunk := range slices.Chunk(reports, pageSize) {
		p, err := c.fetch(ctx, directory.User, chunk)
		if err != nil {
			return err
		}
		if err := c.soften(c.referPage(ctx, directory.User, p)); err != nil {
			return err
		}
	}
	return nil
}

// soften forgets a quarantine: see finishOne.
func (c *cycle) soften(err error) error {
	var stop *stopError
	if errors.As(err, &stop) {
		return nil
	}
	return err
}

// answer makes one answer of the records of both passes.
func answer(records []record.Record) OnDemand {
	var out OnDemand
	for i, r := range records {
		if i > 0 && r.Source.ID != records[0].Source.ID {
			continue // of somebody who refers to the object
		}
		if i == 0 {
			out = OnDemand{Steps: r.Steps, Action: r.Action, Status: r.Status, Reason: r.Reason, ErrorCode: r.ErrorCode,
				Source: r.Source, Target: r.Target, Modified: r.Modified}
			continue
		}
		out.Modified = append(out.Modified, r.Modified...)
		if out.Action == record.NoAction && r.Action != record.NoAction {
			out.Action, out.Reason, out.ErrorCode = r.Action, r.Reason, r.ErrorCode
			out.Status = r.Status
		} else if r.Status == record.Failure || r.Status == record.Warning && out.Status == record.Success {
			out.Status, out.ErrorCode = r.Status, r.ErrorCode
			out.Reason += "; " + r.Reason
		}
		action := &out.Steps[3]
		action.Status, action.Detail = out.Status, out.Reason
	}
	return out
}

// verify reads the account back and compares it with what was written.
func (c *cycle) verify(ctx context.Context, it *item, out OnDemand) record.Step {
	step := record.Step{Name: "verify", Status: record.NotReached, Detail: "nothing was written"}
	switch {
	case out.Action == record.NoAction || out.Failed():
		return step
	case c.plan:
		step.Detail = "nothing is written by a plan"
		return step
	}
	entry, err := c.target.Read(ctx, it.rules.mapping.Target, out.Target.ID)
	gone := isGone(err)
	switch {
	case out.Action == record.Delete && gone:
		step.Status, step.Detail = record.Success, "the account is gone"
	case out.Action == record.Delete && err == nil:
		step.Status, step.Detail = record.Warning, "the account was deleted, but the target still answers with it"
	case err != nil:
		step.Status, step.Detail = record.Warning, "the account could not be read back: "+err.Error()
	default:
		step.Status, step.Detail = it.compare(entry, out.Modified)
	}
	return step
}

// compare says which of the written values the entry does not have.
func (it *item) compare(entry Entry, written []record.Property) (record.Status, string) {
	values := it.rules.reader.values(entry)
	var differ []string
	checked := 0
	for _, p := range written {
		m := it.rules.row(p.Name)
		if m == nil || p.New == redacted || strings.EqualFold(p.Name, "members") {
			continue
		}
		checked++
		if !same(p.New, values[p.Name], m) {
			differ = append(differ, fmt.Sprintf("%s is %q instead of %q", p.Name, text(values[p.Name]), text(p.New)))
		}
	}
	if len(differ) > 0 {
		return record.Warning, "read back, and the target changed what was written: " + strings.Join(differ, "; ")
	}
	if it.key.Type == directory.Group && checked == 0 {
		return record.Success, "the group was read back; its members are not compared"
	}
	return record.Success, fmt.Sprintf("read back: the account has every value that was written (%d)", checked)
}

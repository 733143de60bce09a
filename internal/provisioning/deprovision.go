package provisioning

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/rollcall-id/rollcall/internal/record"
)

// gather keeps an object whose account is to be disabled or deleted until all of them are known.
func (c *cycle) gather(it *item, d Decision) {
	c.answered()
	it.decided = d
	it.Creating, it.Updating, it.object = nil, nil, object{} // a hundred thousand of them may wait
	c.mu.Lock()
	defer c.mu.Unlock()
	c.leaving = append(c.leaving, it)
}

// deprovision carries out what was gathered, or nothing of it: more than the threshold is more likely a mistake than the truth (1.10). Disabling and
// deleting, users and groups count alike. What was held and allowed since is carried out in any case and does not count.
func (c *cycle) deprovision(ctx context.Context) error {
	if err := c.dropMoved(ctx); err != nil {
		return err
	}
	slices.SortFunc(c.leaving, func(a, b *item) int {
		return cmp.Or(-cmp.Compare(a.key.Type, b.key.Type), cmp.Compare(a.Source.Name, b.Source.Name), cmp.Compare(a.key.Source, b.key.Source))
	})
	c.progress.phase("deprovisioning", len(c.leaving))
	threshold := c.app.Settings.DeletionThreshold
	counted := 0
	for _, it := range c.leaving {
		if !c.allowed(it) {
			counted++
		}
	}
	if threshold >= 0 && counted > threshold {
		c.held = &Held{Threshold: threshold, Count: counted}
		c.examples = c.heldExamples()
	}
	return c.inParallel(ctx, c.leaving, func(ctx context.Context, it *item) error {
		if c.held != nil && !c.allowed(it) {
			return c.stage(ctx, it)
		}
		return c.finish(ctx, it, it.decided, c.write(ctx, it, it.decided))
	})
}

// allowed reports whether somebody saw this very deprovisioning held and allowed it. What came since then they have not seen.
func (c *cycle) allowed(it *item) bool {
	x := it.escrow
	return c.job.DeletesOK && x != nil && x.Code == codeStaged && !x.Excluded && x.Message == it.decided.Reason
}

// dropMoved leaves out whose account has a new owner since this cycle, and says so in the log.
func (c *cycle) dropMoved(ctx context.Context) error {
	var moved []*item
	c.leaving = slices.DeleteFunc(c.leaving, func(it *item) bool {
		if c.moved(it) {
			moved = append(moved, it)
			return true
		}
		return false
	})
	for _, it := range moved {
		d := skip("EntrySynchronizationSkipped", it.decided.Reason+"; but the account belongs to "+c.owners[it.Link.Target].name+" now")
		c.count.add(it.key, skipped)
		if err := c.keep(ctx, outcome{record: c.record(it, d, nil)}); err != nil {
			return err
		}
	}
	return nil
}

// moved reports whether the account went to somebody else in this very cycle: a person who came back under a new id has it now.
func (c *cycle) moved(it *item) bool {
	owner, ok := c.owners[it.Link.Target]
	return ok && owner.key != it.key && owner.key.Type == it.key.Type
}

// stage records what would have been done, and puts the object on the list so that the next cycle looks at it again: a cause that was undone is noticed,
// and a decision is carried out.
func (c *cycle) stage(ctx context.Context, it *item) error {
	d := it.decided
	d.Action = record.StageDisable
	if it.decided.Action == record.Delete {
		d.Action = record.StageDelete
	}
	d.Status, d.Code = record.Skipped, codeStaged
	d.Reason = fmt.Sprintf("%s; held, because this cycle would disable or delete %d accounts and the threshold is %d: allow or reject it",
		d.Reason, c.held.Count, c.held.Threshold)
	escrow := Escrow{Type: it.key.Type, Source: it.key.Source, Name: it.Source.Name, Since: c.engine.now(), Code: codeStaged, Message: it.decided.Reason,
		Action: it.decided.Action}
	if it.escrow != nil && it.escrow.Code == codeStaged {
		escrow.Since = it.escrow.Since
	}
	c.count.add(it.key, staged)
	return c.keep(ctx, outcome{record: c.record(it, d, nil), escrow: &escrow})
}

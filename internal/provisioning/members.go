package provisioning

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/mapping"
	"github.com/rollcall-id/rollcall/internal/record"
)

const (
	memberPage  = 5000 // members compared at once: a comparison walks the whole group, so there should be few
	memberBatch = 500  // members written between two commits; the target splits them further into requests
	namesShown  = 20   // members that a record lists
	// waitingShown is how many members without an account are named.
	waitingShown = 5
)

// members writes who belongs to the groups that have a group at the target. Only what changes is read and written: the members written are remembered, so
// that a group of fifty thousand costs what joins and leaves it.
func (c *cycle) members(ctx context.Context) error {
	r := c.rules[directory.Group]
	if r == nil || r.members == nil || !r.policy.Update {
		return nil
	}
	ids, err := c.memberGroups(ctx)
	if err != nil {
		return err
	}
	c.progress.phase("members", len(ids))
	for chunk := range slices.Chunk(ids, pageSize) {
		items, err := c.servingGroups(ctx, chunk)
		if err != nil {
			return err
		}
		if err := c.inParallel(ctx, items, c.changeMembers); err != nil {
			return err
		}
	}
	return nil
}

// memberGroups are the groups whose members may differ: whose members changed, which were touched themselves, and to which somebody belongs who got an
// account in this cycle.
func (c *cycle) memberGroups(ctx context.Context) ([]string, error) {
	var ids set
	if c.everything() {
		for p, err := range c.linked(ctx, directory.Group) {
			if err != nil {
				return nil, err
			}
			for _, o := range p.objects {
				ids.add(o.ID)
			}
		}
		return ids.ids, nil
	}
	ids.add(c.due.delta.ids...)
	ids.add(c.due.objects[directory.Group]...)
	for _, user := range c.due.objects[directory.User] {
		if !c.count.has(Key{directory.User, user}, created|linked) {
			continue
		}
		groups, err := c.engine.Directory.GroupsOf(ctx, c.app.Organization, user)
		if err != nil {
			return nil, fmt.Errorf("read the groups of %s: %w", user, err)
		}
		for _, m := range groups {
			ids.add(m.Group)
		}
	}
	if !c.app.Settings.NestedGroups {
		return ids.ids, nil
	}
	for _, id := range slices.Clone(ids.ids) {
		above, err := directory.EffectiveGroups(ctx, c.engine.Directory, c.app.Organization, id)
		if err != nil {
			return nil, err
		}
		ids.add(above...)
	}
	return ids.ids, nil
}

// memberChange is what became of the members of one group.
type memberChange struct {
	added, removed []MemberLink
	refused        map[MemberLink]bool // the target does not take them
	err            error               // why
}

// changeMembers makes the members of one group what the directory says.
func (c *cycle) changeMembers(ctx context.Context, it *item) error {
	change := memberChange{refused: map[MemberLink]bool{}}
	for more := true; more; {
		add, remove, err := c.store.MemberDelta(ctx, c.app.Organization, c.app.ID, it.key.Source, c.app.Settings.NestedGroups, memberPage)
		if err != nil {
			return fmt.Errorf("compare the members of group %s: %w", it.Source.Name, err)
		}
		more = len(add) >= memberPage || len(remove) >= memberPage
		if it.Policy.AppendOnly || it.rules.members.Apply == mapping.AddValues {
			remove = nil
		}
		add, remove = change.open(add), change.open(remove)
		more = more && len(add)+len(remove) > 0
		if err := c.sendAll(ctx, it, add, remove, &change); err != nil {
			return c.membersFailed(ctx, it, change, err)
		}
	}
	if change.err != nil {
		return c.membersFailed(ctx, it, change, change.err)
	}
	return c.membersWritten(ctx, it, change)
}

// open leaves out what the target refused already.
func (m *memberChange) open(list []MemberLink) []MemberLink {
	return slices.DeleteFunc(slices.Clone(list), func(l MemberLink) bool { return m.refused[l] })
}

// sendAll writes a page of members in batches, additions first: some targets refuse a group that is empty in between.
func (c *cycle) sendAll(ctx context.Context, it *item, add, remove []MemberLink, change *memberChange) error {
	for batch := range slices.Chunk(add, memberBatch) {
		if err := c.sendMembers(ctx, it, batch, nil, change); err != nil {
			return err
		}
	}
	for batch := range slices.Chunk(remove, memberBatch) {
		if err := c.sendMembers(ctx, it, nil, batch, change); err != nil {
			return err
		}
	}
	return nil
}

// sendMembers writes one batch. Members that the target refuses are left out from then on: one bad account must not keep its colleagues out of a group.
func (c *cycle) sendMembers(ctx context.Context, it *item, add, remove []MemberLink, change *memberChange) error {
	err := c.target.ChangeMembers(ctx, it.Link.Target, targets(add), targets(remove))
	var t *TargetError
	if errors.As(err, &t) && len(t.Refused) > 0 {
		change.err = err
		change.refuse(t.Refused, add, remove)
		add, remove = change.open(add), change.open(remove)
	} else if err != nil {
		return err
	}
	c.answered()
	change.added, change.removed = append(change.added, add...), append(change.removed, remove...)
	return c.commitMembers(ctx, it, add, remove)
}

// refuse notes which members of a batch the target does not take.
func (m *memberChange) refuse(ids []string, lists ...[]MemberLink) {
	for _, list := range lists {
		for _, l := range list {
			if slices.Contains(ids, l.Target) {
				m.refused[l] = true
			}
		}
	}
}

// commitMembers remembers what was written at once: the next comparison starts from it.
func (c *cycle) commitMembers(ctx context.Context, it *item, add, remove []MemberLink) error {
	if len(add)+len(remove) == 0 {
		return nil
	}
	b := Batch{Members: []GroupMembers{{Group: it.key.Source, Added: add, Removed: remove}}}
	if err := c.store.Commit(context.WithoutCancel(ctx), c.app.ID, b); err != nil {
		return fmt.Errorf("store the members of group %s: %w", it.Source.Name, err)
	}
	return nil
}

func targets(list []MemberLink) []string {
	ids := make([]string, 0, len(list))
	for _, l := range list {
		ids = append(ids, l.Target)
	}
	return ids
}

// membersWritten records the change, and who is still without an account.
func (c *cycle) membersWritten(ctx context.Context, it *item, change memberChange) error {
	waiting, err := c.waitingMembers(ctx, it.key.Source)
	if err != nil {
		return err
	}
	d := change.decision(it)
	if len(waiting) > 0 {
		d.Status, d.Code = record.Warning, codeUnresolved
		names, err := c.namesOf(ctx, directory.User, head(waiting, waitingShown))
		if err != nil {
			return err
		}
		d.Warnings = []string{fmt.Sprintf("without an account at the target yet: %d (%s)", len(waiting), strings.Join(names, ", "))}
	}
	if d.Status == record.Skipped {
		return nil // nothing differs, nobody waits
	}
	if d.Action == record.Update {
		c.count.add(it.key, updated)
	}
	return c.keep(ctx, outcome{record: c.memberRecord(it, d, change, nil)})
}

func (m *memberChange) decision(it *item) Decision {
	d := Decision{Action: record.NoAction, Status: record.Skipped, Reason: "members", Managed: it.Link.Managed}
	if len(m.added)+len(m.removed) > 0 {
		d.Action, d.Status = record.Update, record.Success
		d.Reason = "members: " + fmt.Sprintf("%d added, %d removed", len(m.added), len(m.removed))
	}
	return d
}

func (c *cycle) membersFailed(ctx context.Context, it *item, change memberChange, err error) error {
	var t *TargetError
	if !errors.As(err, &t) || t.Fatal || ctx.Err() != nil {
		return c.referenceFailed(ctx, it, Decision{}, err)
	}
	if len(change.added)+len(change.removed) > 0 {
		c.count.add(it.key, updated)
		if err := c.keep(ctx, outcome{record: c.memberRecord(it, change.decision(it), change, nil)}); err != nil {
			return err
		}
	}
	return c.referenceFailed(ctx, it, Decision{Action: record.Update}, err)
}

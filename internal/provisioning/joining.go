package provisioning

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/rollcall-id/rollcall/internal/directory"
)

// joinGroups adds one member to the groups it belongs to, as far as they are groups at the target. A group that cannot be written is put on the list of
// failures.
func (c *cycle) joinGroups(ctx context.Context, m MemberLink) error {
	r := c.rules[directory.Group]
	if r == nil || r.members == nil || !r.policy.Update {
		return nil
	}
	ids, err := groupsOf(ctx, c.engine.Directory, c.app.Organization, m.Source, c.app.Settings.NestedGroups)
	if err != nil {
		return err
	}
	for chunk := range slices.Chunk(ids, pageSize) {
		items, err := c.servingGroups(ctx, chunk)
		if err != nil {
			return err
		}
		for _, it := range items {
			if err := c.joinGroup(ctx, it, m); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *cycle) joinGroup(ctx context.Context, it *item, m MemberLink) error {
	change := memberChange{refused: map[MemberLink]bool{}}
	err := c.sendMembers(ctx, it, []MemberLink{m}, nil, &change)
	if err = cmp.Or(err, change.err); err != nil {
		return c.membersFailed(ctx, it, change, err)
	}
	return c.keep(ctx, outcome{record: c.memberRecord(it, change.decision(it), change, nil)})
}

// servingGroups loads those of the groups that have a group at the target and are in scope.
func (c *cycle) servingGroups(ctx context.Context, ids []string) ([]*item, error) {
	p, err := c.fetch(ctx, directory.Group, ids)
	if err != nil {
		return nil, err
	}
	p.gone = nil
	items, err := c.load(ctx, directory.Group, p)
	return slices.DeleteFunc(items, func(it *item) bool { return !it.serves() }), err
}

// groupsOf returns the groups that somebody is a member of: directly, or with expand at any depth.
func groupsOf(ctx context.Context, dir directory.Reader, org, member string, expand bool) ([]string, error) {
	if expand {
		return directory.EffectiveGroups(ctx, dir, org, member)
	}
	rows, err := dir.GroupsOf(ctx, org, member)
	if err != nil {
		return nil, fmt.Errorf("read the groups of %s: %w", member, err)
	}
	ids := make([]string, 0, len(rows))
	for _, g := range rows {
		ids = append(ids, g.Group)
	}
	return ids, nil
}

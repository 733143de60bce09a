package provisioning

import (
	"context"
	"fmt"
	"slices"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/record"
)

// memberRecord is a record whose changed property is the list of members.
func (c *cycle) memberRecord(it *item, d Decision, change memberChange, t *TargetError) *record.Record {
	r := c.record(it, d, t)
	if len(change.added)+len(change.removed) > 0 {
		r.Modified = []record.Property{{Name: "members", Old: shown(change.removed), New: shown(change.added)}}
	}
	return r
}

// shown lists some of the members by their target ids; nil: none.
func shown(list []MemberLink) any {
	if len(list) == 0 {
		return nil
	}
	ids := head(targets(list), namesShown)
	if more := len(list) - len(ids); more > 0 {
		ids = append(ids, fmt.Sprintf("and %d more", more))
	}
	return ids
}

func head(list []string, n int) []string { return slices.Clone(list[:min(n, len(list))]) }

// waitingMembers returns the ids of users in the group who have no account. An incremental cycle asks only about those who joined since the last one.
func (c *cycle) waitingMembers(ctx context.Context, group string) ([]string, error) {
	if !c.everything() {
		joined := make([]string, 0, len(c.due.joined[group]))
		for id := range c.due.joined[group] {
			joined = append(joined, id)
		}
		slices.Sort(joined)
		return c.withoutAccount(ctx, joined)
	}
	var waiting []string
	for after := ""; ; {
		rows, err := c.engine.Directory.Members(ctx, c.app.Organization, group, after, 2*pageSize)
		if err != nil {
			return nil, fmt.Errorf("read the members of group %s: %w", group, err)
		}
		if len(rows) == 0 {
			return waiting, nil
		}
		after = rows[len(rows)-1].Member
		ids := make([]string, 0, len(rows))
		for _, m := range rows {
			if m.MemberType == directory.User {
				ids = append(ids, m.Member)
			}
		}
		more, err := c.withoutAccount(ctx, ids)
		if err != nil {
			return nil, err
		}
		waiting = append(waiting, more...)
	}
}

func (c *cycle) withoutAccount(ctx context.Context, users []string) ([]string, error) {
	var waiting []string
	for chunk := range slices.Chunk(users, 2*pageSize) {
		links, err := c.store.Links(ctx, c.app.ID, directory.User, chunk)
		if err != nil {
			return nil, fmt.Errorf("read the links of members: %w", err)
		}
		for _, id := range chunk {
			if _, ok := links[id]; !ok {
				waiting = append(waiting, id)
			}
		}
	}
	return waiting, nil
}

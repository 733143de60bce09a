package directory

import (
	"context"
	"fmt"
	"iter"
	"slices"
)

// memberPages yields the group's membership rows page by page. It ends after an error.
func memberPages(ctx context.Context, r Memberships, org, group string) iter.Seq2[[]Membership, error] {
	return func(yield func([]Membership, error) bool) {
		after := ""
		for {
			rows, err := r.Members(ctx, org, group, after, page)
			if err != nil {
				yield(nil, fmt.Errorf("read the members of group %q: %w", group, err))
				return
			}
			if len(rows) == 0 || !yield(rows, nil) || len(rows) < page {
				return
			}
			after = rows[len(rows)-1].Member
		}
	}
}

// EffectiveMembers returns the ids of all users that belong to the group directly or through nested groups, each once, in no particular order.
// Soft-deleted users are included, as in Members; nothing is reached through a soft-deleted nested group. Groups may nest in loops.
func EffectiveMembers(ctx context.Context, r Reader, org, group string) ([]string, error) {
	users := map[string]bool{}
	var out []string
	err := walk(ctx, group, func(at string) ([]string, error) {
		var below []string
		for rows, err := range memberPages(ctx, r, org, at) {
			if err != nil {
				return nil, err
			}
			for _, m := range rows {
				switch {
				case m.MemberType == Group:
					below = append(below, m.Member)
				case !users[m.Member]:
					users[m.Member] = true
					out = append(out, m.Member)
				}
			}
		}
		return liveGroups(ctx, r, org, below)
	})
	return out, err
}

// EffectiveGroups returns the ids of all live groups that the user or group belongs to directly or through other live groups, each once; the object itself
// is among them only when groups nest in a loop.
func EffectiveGroups(ctx context.Context, r Reader, org, member string) ([]string, error) {
	var out []string
	err := walk(ctx, member, func(at string) ([]string, error) {
		rows, err := r.GroupsOf(ctx, org, at)
		if err != nil {
			return nil, fmt.Errorf("read the groups of %q: %w", at, err)
		}
		above := make([]string, 0, len(rows))
		for _, m := range rows {
			above = append(above, m.Group)
		}
		live, err := liveGroups(ctx, r, org, above)
		for _, id := range live {
			if !slices.Contains(out, id) {
				out = append(out, id)
			}
		}
		return live, err
	})
	return out, err
}

// walk visits start and everything reached from it, each once, so that a loop ends.
func walk(ctx context.Context, start string, next func(at string) ([]string, error)) error {
	seen := map[string]bool{start: true}
	queue := []string{start}
	for len(queue) > 0 {
		if err := ctx.Err(); err != nil {
			return err
		}
		at := queue[0]
		queue = queue[1:]
		more, err := next(at)
		if err != nil {
			return err
		}
		for _, id := range more {
			if !seen[id] {
				seen[id] = true
				queue = append(queue, id)
			}
		}
	}
	return nil
}

func liveGroups(ctx context.Context, r Objects, org string, ids []string) ([]string, error) {
	var out []string
	for chunk := range slices.Chunk(ids, page) {
		objects, err := r.ObjectsByID(ctx, org, Group, chunk)
		if err != nil {
			return nil, fmt.Errorf("look up %d groups: %w", len(chunk), err)
		}
		for _, o := range objects {
			if o.Live() {
				out = append(out, o.ID)
			}
		}
	}
	return out, nil
}

package provisioning

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/directory"
)

// due is what an incremental cycle looks at: objects that the feed or a retry makes due, in the order they became so.
type due struct {
	objects map[string][]string // by type
	seen    map[Key]bool
	joined  map[string]map[string]bool // group → users that were added to it, to report those without an account
	delta   set                        // groups whose members changed
	trace   map[Key]string             // W3C trace context of the change that made an object due
	sweep   bool                       // everybody with an account must be looked at: a group disappeared, and nobody knows any more who was in it
}

func newDue(escrows []Escrow, now time.Time, foreground bool) due {
	d := due{objects: map[string][]string{}, seen: map[Key]bool{}, joined: map[string]map[string]bool{}, trace: map[Key]string{}}
	for _, x := range escrows {
		if x.due(now, foreground) {
			d.add(x.Type, x.Source)
		}
	}
	return d
}

func (d *due) add(typ, id string) {
	k := Key{typ, id}
	if !d.seen[k] {
		d.seen[k] = true
		d.objects[typ] = append(d.objects[typ], id)
	}
}

// member notes who joined a group and did not leave again.
func (d *due) member(ch directory.Change) {
	if d.joined[ch.ID] == nil {
		d.joined[ch.ID] = map[string]bool{}
	}
	if ch.Kind == directory.MemberAdded {
		d.joined[ch.ID][ch.Member] = true
	} else {
		delete(d.joined[ch.ID], ch.Member)
	}
}

// set is a set of ids in the order they came. The zero set is empty.
type set struct {
	ids  []string
	seen map[string]bool
}

func (s *set) add(ids ...string) {
	if s.seen == nil {
		s.seen = map[string]bool{}
	}
	for _, id := range ids {
		if !s.seen[id] {
			s.seen[id] = true
			s.ids = append(s.ids, id)
		}
	}
}

// follow reads the feed from the watermark to the head and notes what each change makes due.
func (c *cycle) follow(ctx context.Context) error {
	f := follower{cycle: c, entitling: map[string]bool{}}
	f.ask(c.rules)
	if err := f.assignments(ctx); err != nil {
		return err
	}
	for after := c.job.Watermark; after < c.head; {
		changes, err := c.engine.Directory.Changes(ctx, c.app.Organization, after, 2*pageSize)
		if err != nil {
			return fmt.Errorf("read the change feed after %d: %w", after, err)
		}
		for _, ch := range changes {
			if ch.Seq > c.head {
				break
			}
			if err := f.change(ctx, ch); err != nil {
				return err
			}
		}
		if len(changes) == 0 {
			break
		}
		after = changes[len(changes)-1].Seq
	}
	if err := f.memberships(ctx); err != nil {
		return err
	}
	return c.turn(ctx)
}

// follower turns changes into due objects.
type follower struct {
	cycle *cycle
	// entitling are the groups that are assigned, or were at some time since the watermark: belonging to one of them puts somebody in scope, or did.
	entitling map[string]bool
	moves     []directory.Change // of memberships: judged last, when all entitling groups are known
	asked                        // what scoping filters read of others than the object itself
}

func (f *follower) assignments(ctx context.Context) error {
	list, err := f.cycle.engine.Assignments.Assignments(ctx, f.cycle.app.ID)
	if err != nil {
		return fmt.Errorf("read the assignments: %w", err)
	}
	for _, a := range list {
		if a.PrincipalType == directory.Group {
			f.entitling[a.Principal] = true
		}
	}
	return nil
}

func (f *follower) change(ctx context.Context, ch directory.Change) error {
	if !directory.Standard(ch.Type) {
		return nil // of a type that the organization registered for itself: applications have people and groups
	}
	if err := f.related(ctx, ch); err != nil {
		return err
	}
	d := &f.cycle.due
	group := ch.Type == directory.Group && f.byAssignment()
	switch ch.Kind {
	case directory.MemberAdded, directory.MemberRemoved:
		f.moves = append(f.moves, ch)
		return nil
	case directory.Assigned, directory.Unassigned:
		if ch.Application != f.cycle.app.ID {
			return nil
		}
		f.entitling[ch.ID] = true
	case directory.Purged:
		d.sweep = d.sweep || group
		group = false
	case directory.SoftDeleted, directory.Restored:
		group = group && f.entitles(ch.ID)
	default:
		group = false
	}
	f.due(ch.Type, ch.ID, ch)
	if group {
		return f.users(ctx, ch.ID, ch)
	}
	return nil
}

// due adds an object with the trace of the newest change that leads to it.
func (f *follower) due(typ, id string, because directory.Change) {
	f.cycle.due.add(typ, id)
	if because.Traceparent != "" {
		f.cycle.due.trace[Key{typ, id}] = because.Traceparent
	}
}

// byAssignment reports whether assignments matter: as who is in scope, or because a filter asks for roles.
func (f *follower) byAssignment() bool {
	return f.cycle.app.Scope == application.ScopeAssigned || f.roles
}

// entitles reports whether belonging to the group may put somebody in scope. Where nested groups count, any group may be below an assigned one.
func (f *follower) entitles(group string) bool {
	return f.memberOf || f.byAssignment() && (f.entitling[group] || f.cycle.app.Settings.NestedGroups)
}

// memberships judges the changes of members. The feed names a member only by its id.
func (f *follower) memberships(ctx context.Context) error {
	groups, err := f.groups(ctx)
	if err != nil {
		return err
	}
	d := &f.cycle.due
	for _, ch := range f.moves {
		d.delta.add(ch.ID)
		if f.groupsMemberOf && groups[ch.Member] {
			f.due(directory.Group, ch.Member, ch)
		}
		switch {
		case !groups[ch.Member]:
			d.member(ch)
			if f.entitles(ch.ID) {
				f.due(directory.User, ch.Member, ch)
			}
		case (f.memberOf || f.byAssignment()) && f.cycle.app.Settings.NestedGroups:
			if err := f.users(ctx, ch.Member, ch); err != nil {
				return err
			}
		}
	}
	return nil
}

// groups returns which of the members are groups. What no longer exists is taken for a user, whose link will tell.
func (f *follower) groups(ctx context.Context) (map[string]bool, error) {
	ids := map[string]bool{}
	for _, ch := range f.moves {
		ids[ch.Member] = true
	}
	groups := map[string]bool{}
	for chunk := range slices.Chunk(slices.Sorted(maps.Keys(ids)), 2*pageSize) {
		objects, err := f.cycle.engine.Directory.ObjectsByID(ctx, f.cycle.app.Organization, directory.Group, chunk)
		if err != nil {
			return nil, fmt.Errorf("look up members: %w", err)
		}
		for _, o := range objects {
			groups[o.ID] = true
		}
	}
	return groups, nil
}

// users makes everybody due whom the group brings, or brought, into scope.
func (f *follower) users(ctx context.Context, group string, because directory.Change) error {
	for after := ""; ; {
		ids, err := f.cycle.engine.Assignments.GroupUsers(ctx, f.cycle.app.Organization, group, f.cycle.app.Settings.NestedGroups, after, 2*pageSize)
		if err != nil {
			return fmt.Errorf("read the users of group %s: %w", group, err)
		}
		for _, id := range ids {
			f.due(directory.User, id, because)
		}
		if len(ids) < 2*pageSize {
			return nil
		}
		after = ids[len(ids)-1]
	}
}

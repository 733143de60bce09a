package provisioning

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/directory"
)

// asked is what scoping filters, and of roles also mappings, read of others than the object itself. A change of those makes the object due, although nobody
// changed it.
type asked struct {
	memberOf       bool // people's groups: their members, names and ends
	groupsMemberOf bool // the groups that hold a group
	manager        bool // the name of the manager
	roles          bool // roles, which come with assignments whatever the scope mode; mappings read them too
}

func (a *asked) ask(all map[string]*rules) {
	if r := all[directory.User]; r != nil {
		a.memberOf, a.manager, a.roles = r.filter.Reads(attributeMemberOf), r.filter.Reads(attributeManager), r.roles
	}
	if r := all[directory.Group]; r != nil {
		a.groupsMemberOf = r.filter.Reads(attributeMemberOf)
	}
}

// related makes those due whose verdict depends on the object that changed: the members of a group that was renamed, deleted or restored, and the reports of
// a manager whose name changed or who is gone for good. (A purge ends each membership with a change of its own.)
func (f *follower) related(ctx context.Context, ch directory.Change) error {
	renamed := ch.Kind == directory.Updated && slices.ContainsFunc(ch.Paths, func(path string) bool { return path == "displayName" || path == "userName" })
	switch {
	case ch.Type == directory.User && f.manager && (renamed || ch.Kind == directory.Purged):
		reports, err := f.cycle.engine.Directory.Reports(ctx, f.cycle.app.Organization, ch.ID)
		if err != nil {
			return fmt.Errorf("read the reports of %s: %w", ch.ID, err)
		}
		for _, id := range reports {
			f.due(directory.User, id, ch)
		}
	case ch.Type == directory.Group && (renamed || ch.Kind == directory.SoftDeleted || ch.Kind == directory.Restored):
		if f.memberOf {
			if err := f.users(ctx, ch.ID, ch); err != nil {
				return err
			}
		}
		if f.groupsMemberOf {
			return f.groupMembers(ctx, ch)
		}
	}
	return nil
}

// groupMembers makes the groups due that the changed group holds directly.
func (f *follower) groupMembers(ctx context.Context, ch directory.Change) error {
	for after := ""; ; {
		rows, err := f.cycle.engine.Directory.Members(ctx, f.cycle.app.Organization, ch.ID, after, 2*pageSize)
		if err != nil {
			return fmt.Errorf("read the members of group %s: %w", ch.ID, err)
		}
		for _, m := range rows {
			if m.MemberType == directory.Group {
				f.due(directory.Group, m.Member, ch)
			}
		}
		if len(rows) < 2*pageSize {
			return nil
		}
		after = rows[len(rows)-1].Member
	}
}

// judgedAt is the moment for which the last cycle that came to its end judged; zero: nobody knows, and everybody must be judged again.
func judgedAt(job Job) time.Time {
	var last struct {
		Judged time.Time `json:"judged"`
	}
	if len(job.LastCycle) == 0 || json.Unmarshal(job.LastCycle, &last) != nil {
		return time.Time{}
	}
	return last.Judged
}

// turn makes those due who come into scope, or leave it, only because time passes. Where a filter counts from today it reads everybody once a day, where it
// counts from now in every cycle: no index knows who passes a line in time. It asks the target nothing.
func (c *cycle) turn(ctx context.Context) error {
	for _, typ := range []string{directory.User, directory.Group} {
		r := c.rules[typ]
		if r == nil || !r.filter.Turned(c.judged, c.began) {
			continue
		}
		for p, err := range c.scan(ctx, typ) {
			if err != nil {
				return err
			}
			turned, err := c.turned(ctx, r, p.objects)
			if err != nil {
				return err
			}
			for _, o := range turned {
				c.due.add(typ, o.ID)
			}
		}
	}
	return nil
}

// turned returns those of the objects whose scope is another one now than it was when the last cycle judged them, were they as they are now.
func (c *cycle) turned(ctx context.Context, r *rules, objects []directory.Object) ([]directory.Object, error) {
	now, err := r.kinOf(ctx, c.engine.Directory, c.app, objects, c.began)
	if err != nil {
		return nil, err
	}
	then := now
	then.at = c.judged
	entitled := map[string]application.Entitlement{}
	if r.roles {
		if entitled, err = c.entitlements(ctx, r.mapping.Source, identifiers(objects)); err != nil {
			return nil, err
		}
	}
	links, err := c.store.Links(ctx, c.app.ID, r.mapping.Source, identifiers(objects))
	if err != nil {
		return nil, fmt.Errorf("read the links: %w", err)
	}
	all := objects
	// Whom the filter judges as before is not asked for assignments.
	objects = slices.DeleteFunc(slices.Clone(objects), func(o directory.Object) bool {
		assigned := application.Entitlement{Direct: true, Roles: entitled[o.ID].Roles}
		return c.sameScope(r, o, assigned, then, now)
	})
	outside, err := c.outside(ctx, r, all, links, now)
	if err != nil || len(objects) == 0 {
		return outside, err
	}
	if !r.roles {
		if entitled, err = c.entitlements(ctx, r.mapping.Source, identifiers(objects)); err != nil {
			return nil, err
		}
	}
	objects = slices.DeleteFunc(objects, func(o directory.Object) bool { return c.sameScope(r, o, entitled[o.ID], then, now) })
	return append(objects, outside...), nil
}

// outside returns those who have an active account and are out of scope: a cycle that did not come to its end, or somebody who was provisioned on demand, made
// it between two judgements, and both of them say no.
func (c *cycle) outside(ctx context.Context, r *rules, objects []directory.Object, links map[string]Link, now kin) ([]directory.Object, error) {
	if r.policy.AppendOnly || r.policy.SkipOutOfScope {
		return nil, nil // they keep it
	}
	active := slices.DeleteFunc(slices.Clone(objects), func(o directory.Object) bool {
		l, linked := links[o.ID]
		return !linked || l.State != LinkActive || !o.Live() || c.escrows[Key{o.Type, o.ID}].Excluded
	})
	if len(active) == 0 {
		return nil, nil
	}
	entitled, err := c.entitlements(ctx, r.mapping.Source, identifiers(active))
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(active, func(o directory.Object) bool {
		s := r.scopeOf(c.app, r.object(o, entitled[o.ID], now), entitled[o.ID])
		return s.In || s.Ignored || s.Broken
	}), nil
}

func (c *cycle) sameScope(r *rules, o directory.Object, e application.Entitlement, then, now kin) bool {
	if then.at.IsZero() {
		return false
	}
	verdict := func(k kin) Scope {
		if !o.Live() {
			return r.spared(r.object(o, e, k))
		}
		return r.scopeOf(c.app, r.object(o, e, k), e)
	}
	a, b := verdict(then), verdict(now)
	return a.In == b.In && a.Ignored == b.Ignored && a.Broken == b.Broken
}

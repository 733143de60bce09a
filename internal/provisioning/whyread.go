package provisioning

import (
	"context"
	"fmt"
	"slices"

	"github.com/rollcall-id/rollcall/expression"
	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/record"
	"github.com/rollcall-id/rollcall/scim"
)

// How much one answer reads at most.
const (
	whyNearest = 3       // names that are like the one asked for
	whyChanges = 200_000 // changes that no cycle has handled
)

// leaverOrNearest reads the directory for a leaver of the name, newest first, and for live objects whose names are like it.
func (e *Engine) leaverOrNearest(ctx context.Context, org, typ, name string) (found directory.Object, like []string, err error) {
	var candidates []string
	for after := int64(0); ; {
		objects, err := e.Directory.Scan(ctx, org, typ, after, pageSize)
		if err != nil {
			return found, nil, err
		}
		var names []string
		for _, o := range objects {
			after = o.Seq
			switch {
			case o.Live():
				names = append(names, o.Name())
				if display, _ := o.Attributes["displayName"].(string); scim.Fold(display) == scim.Fold(name) && len(candidates) < pageSize {
					like = append(like, o.Name())
				}
			case scim.Fold(o.Name()) == scim.Fold(name) && o.Deleted.After(found.Deleted):
				found = o
			}
		}
		candidates = append(candidates, nearestOf(name, names)...)
		if len(objects) < pageSize {
			break
		}
	}
	if found.ID != "" {
		return found, nil, nil
	}
	for _, n := range nearestOf(name, candidates) {
		if !slices.Contains(like, n) {
			like = append(like, n)
		}
	}
	return found, like[:min(len(like), whyNearest)], nil
}

// nearestOf returns the few names that are like the one asked for, nearest first.
func nearestOf(name string, names []string) (near []string) {
	names = slices.Clone(names)
	for len(near) < whyNearest {
		n := expression.Nearest(name, names)
		if n == "" {
			return near
		}
		near = append(near, n)
		names = slices.DeleteFunc(names, func(x string) bool { return x == n })
	}
	return near
}

// pending finds the newest change of the object that no cycle has handled: its own, of its memberships, or of the assignments of its groups.
func (w *whyReader) pending(ctx context.Context) error {
	if w.id == "" || w.facts.Everybody != "" {
		return nil
	}
	above, err := w.engine.Directory.GroupsAbove(ctx, w.app.Organization, directory.OwnerLocal, w.id)
	if err != nil {
		return fmt.Errorf("read the groups of %s: %w", w.facts.Name, err)
	}
	groups := map[string]bool{}
	for _, g := range above {
		groups[g.Group] = true
	}
	after := w.facts.Job.Watermark
	for read := 0; read < whyChanges && after < w.head; {
		changes, err := w.engine.Directory.Changes(ctx, w.app.Organization, after, 2*pageSize)
		if err != nil {
			return fmt.Errorf("read the change feed after %d: %w", after, err)
		}
		if len(changes) == 0 {
			return nil
		}
		for _, ch := range changes {
			if w.concerns(ch, groups) {
				w.facts.Pending = &PendingChange{Seq: ch.Seq, Time: ch.Time, Kind: string(ch.Kind), Actor: ch.Actor, Paths: ch.Paths}
			}
		}
		read, after = read+len(changes), changes[len(changes)-1].Seq
	}
	return nil
}

func (w *whyReader) concerns(ch directory.Change, groups map[string]bool) bool {
	switch ch.Kind {
	case directory.MemberAdded, directory.MemberRemoved:
		return ch.Member == w.id || w.typ == directory.Group && ch.ID == w.id
	case directory.Assigned, directory.Unassigned:
		return ch.Application == w.app.ID && (ch.ID == w.id || groups[ch.ID])
	}
	return ch.Type == w.typ && ch.ID == w.id
}

// records finds the newest records of the object in the log, under the names that it has or had.
func (w *whyReader) records(ctx context.Context) error {
	names := []string{w.facts.Name}
	if l := w.facts.Link; l != nil && l.SourceName != "" && scim.Fold(l.SourceName) != scim.Fold(w.facts.Name) {
		names = append(names, l.SourceName)
	}
	for _, name := range names {
		q := record.Query{Application: w.app.ID, User: name, Limit: pageSize}
		for {
			records, position, err := w.log.Records(ctx, q)
			if err != nil {
				return fmt.Errorf("read the provisioning log: %w", err)
			}
			for i := range records {
				w.heed(&records[i], name)
			}
			if len(records) < q.Limit {
				break
			}
			q.After = position
		}
	}
	return nil
}

// heed keeps a record if it is of the object, and newer than the one kept.
func (w *whyReader) heed(r *record.Record, name string) {
	if r.Kind != kindOf(w.typ) || r.Source.ID != w.id && (w.id != "" || scim.Fold(r.Source.Name) != scim.Fold(name)) {
		return
	}
	newer := func(than *record.Record) bool { return than == nil || !r.Time.Before(than.Time) }
	if newer(w.facts.Last) {
		w.facts.Last = r
	}
	if (r.Action != record.NoAction || r.Status == record.Failure) && newer(w.facts.Done) {
		w.facts.Done = r
	}
}

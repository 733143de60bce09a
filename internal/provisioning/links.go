package provisioning

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/record"
	"github.com/rollcall-id/rollcall/scim"
)

// EachLink yields the application's links of a type, ordered by source id, a page at a time: however many there are, one page is in memory.
func (e *Engine) EachLink(ctx context.Context, app application.Application, typ string) iter.Seq2[Link, error] {
	return func(yield func(Link, error) bool) {
		for after := ""; ; {
			links, err := e.Store.ScanLinks(ctx, app.ID, typ, after, pageSize)
			if err != nil {
				yield(Link{}, fmt.Errorf("read the links of application %s: %w", app.Name, err))
				return
			}
			for _, l := range links {
				if !yield(l, nil) {
					return
				}
			}
			if len(links) < pageSize {
				return
			}
			after = links[len(links)-1].Source
		}
	}
}

// LinkByID finds a link by an id, which is tried as that of the source object first and then as that of the account (spec/entra-provisioning.md 1.12).
// fault.ErrNotFound when there is none.
func (e *Engine) LinkByID(ctx context.Context, app application.Application, id string) (Link, error) {
	types := []string{directory.User, directory.Group}
	for _, typ := range types {
		links, err := e.Store.Links(ctx, app.ID, typ, []string{id})
		if err != nil {
			return Link{}, fmt.Errorf("read the link of %s: %w", id, err)
		}
		if l, ok := links[id]; ok {
			return l, nil
		}
	}
	for _, typ := range types {
		l, err := e.LinkByTarget(ctx, app, typ, id)
		if !errors.Is(err, fault.ErrNotFound) {
			return l, err
		}
	}
	return Link{}, fault.Errorf(fault.ErrNotFound, "application %s has no link with the id %q, neither of a source object nor of an account", app.Name, id)
}

// LinkByTarget finds the link of an account; fault.ErrNotFound when there is none.
func (e *Engine) LinkByTarget(ctx context.Context, app application.Application, typ, id string) (Link, error) {
	l, err := e.Store.LinkByTarget(ctx, app.ID, typ, id)
	if errors.Is(err, fault.ErrNotFound) {
		return l, fault.Errorf(fault.ErrNotFound, "application %s links nobody to an account with the id %q", app.Name, id)
	}
	return l, err
}

// LinkByName finds the link of a source object by its name, of one that is no longer in the directory too; fault.ErrNotFound when there is none.
func (e *Engine) LinkByName(ctx context.Context, app application.Application, typ, name string) (Link, error) {
	o, err := e.Directory.ObjectByName(ctx, app.Organization, typ, name)
	if err == nil {
		links, err := e.Store.Links(ctx, app.ID, typ, []string{o.ID})
		if l, ok := links[o.ID]; ok || err != nil {
			return l, err
		}
	} else if !errors.Is(err, fault.ErrNotFound) {
		return Link{}, fmt.Errorf("look for %s: %w", name, err)
	}
	l, err := e.linkBySourceName(ctx, app, typ, name)
	if l == nil && err == nil {
		return Link{}, fault.Errorf(fault.ErrNotFound, "application %s has no link of a %s called %q; `rollcall app link list --search` looks for a part of a name",
			app.Name, kindOf(typ), name)
	}
	if err != nil {
		return Link{}, err
	}
	return *l, nil
}

// linkBySourceName finds the link of somebody who is no longer in the directory; nil: there is none.
func (e *Engine) linkBySourceName(ctx context.Context, app application.Application, typ, name string) (*Link, error) {
	for l, err := range e.EachLink(ctx, app, typ) {
		if err != nil {
			return nil, err
		}
		if scim.Fold(l.SourceName) == scim.Fold(name) {
			return &l, nil
		}
	}
	return nil, nil
}

// BreakLink removes a link and nothing else: the account stays as it is, and the next cycle matches the object anew. Provisioning has to be off, and no
// cycle may run, or the link would come back at once (fault.ErrConflict). A link that is gone already is no error: removed is false then. Who did it is in
// the record of the provisioning log that is written with it.
func (e *Engine) BreakLink(ctx context.Context, app application.Application, l Link, by directory.Origin) (removed bool, err error) {
	if err := e.stoppedFor(ctx, app); err != nil {
		return false, err
	}
	ctx, release, err := e.hold(ctx, app, e.generation(app.ID))
	if err != nil {
		return false, err
	}
	defer release()
	if err := e.stoppedFor(ctx, app); err != nil { // who waited for the lease may have waited while it was started
		return false, err
	}
	now, err := e.Store.Links(ctx, app.ID, l.Type, []string{l.Source})
	if err != nil {
		return false, fmt.Errorf("read the link: %w", err)
	}
	switch current, ok := now[l.Source]; {
	case !ok:
		return false, nil
	case current.Target != l.Target:
		return false, fault.Errorf(fault.ErrConflict, "%s was linked to the account %s, and is linked to %s now: look at it again before you break it",
			l.SourceName, l.Target, current.Target)
	}
	r := e.unlinking(app, l, by)
	err = e.Store.Commit(ctx, app.ID, Batch{
		Unlink: []Key{{l.Type, l.Source}}, Records: []record.Record{r},
		Escrows: []Escrow{{Type: l.Type, Source: l.Source, Name: l.SourceName, Since: r.Time, Next: r.Time, Code: codeUnlinked, Message: r.Reason}},
	})
	if err != nil {
		return false, fmt.Errorf("break the link of %s: %w", l.SourceName, err)
	}
	return true, nil
}

// stoppedFor is an error unless the application's provisioning is switched off.
func (e *Engine) stoppedFor(ctx context.Context, app application.Application) error {
	current, err := e.Applications.ApplicationByID(ctx, app.ID)
	if err != nil {
		return fmt.Errorf("read the application: %w", err)
	}
	if current.On {
		return fault.Errorf(fault.ErrConflict, "provisioning of application %s is on, and a cycle could make the link again at once: "+
			"stop it first (`rollcall app stop`), and start it when you are done", app.Name)
	}
	return nil
}

// unlinking is the log's line of a link that somebody broke.
func (e *Engine) unlinking(app application.Application, l Link, by directory.Origin) record.Record {
	return record.Record{
		ID: e.newID(), Time: e.now(), Application: app.ID, Kind: kindOf(l.Type), Action: record.Unlink, Status: record.Success, Actor: by.Actor,
		Source: record.Identity{ID: l.Source, Name: l.SourceName}, Target: record.Identity{ID: l.Target, Name: l.TargetName},
		Reason: "the link was broken by " + by.Actor + " (" + by.Cause + "); the account was not touched", Traceparent: by.Traceparent,
		Steps: []record.Step{}, Modified: []record.Property{}, ChangeID: record.ChangeID("", kindOf(l.Type), l.Source),
		InitiatedBy: record.Initiator{Type: "user", Name: by.Actor},
	}
}

// PlanRematch says what matching an object anew would do if its link were broken; nothing is written.
func (e *Engine) PlanRematch(ctx context.Context, app application.Application, target Target, l Link) (OnDemand, error) {
	c, err := e.openOne(ctx, app, target, true)
	if err != nil {
		return OnDemand{}, err
	}
	if err := c.store.Commit(ctx, app.ID, Batch{Unlink: []Key{{l.Type, l.Source}}}); err != nil { // in the plan only
		return OnDemand{}, err
	}
	return c.demand(ctx, Subject{Type: l.Type, ID: l.Source})
}

// Rematch breaks a link and matches the object anew at once. Where a plan says that no account would be linked or made, the link is left as it is, and
// broken is false: the plan is the answer then. After a crash in between, the next cycle does the matching.
func (e *Engine) Rematch(ctx context.Context, app application.Application, target Target, l Link, by directory.Origin) (out OnDemand, broken bool, err error) {
	if err := e.stoppedFor(ctx, app); err != nil {
		return OnDemand{}, false, err
	}
	plan, err := e.PlanRematch(ctx, app, target, l)
	if err != nil || plan.Failed() || plan.Action == record.NoAction {
		return plan, false, err
	}
	if _, err := e.BreakLink(ctx, app, l, by); err != nil {
		return plan, false, err
	}
	out, err = e.ProvisionOnDemand(ctx, app, target, Subject{Type: l.Type, ID: l.Source}, false)
	return out, true, err
}

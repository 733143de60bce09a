package provisioning

import (
	"context"
	"errors"
	"fmt"

	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/fault"
)

// Impact is what a change of scope or filters does to who is in scope, before anything is changed. Its own counts are of people.
type Impact struct {
	ImpactCounts
	Groups   ImpactCounts `json:"groups"`
	Warnings []string     `json:"warnings"` // what is odd about the new filters
}

// ImpactCounts are those of one type. Who left or is disabled counts nowhere: they have no active account either way.
type ImpactCounts struct {
	Before        int `json:"before"` // in scope now
	After         int `json:"after"`  // in scope after the change
	In            int `json:"in"`
	Out           int `json:"out"`
	Deprovisioned int `json:"deprovisioned"` // of those going out: whose account would be disabled or deleted
	Disabled      int `json:"disabled"`
	Deleted       int `json:"deleted"`
	Kept          int `json:"kept"` // of those going out: whose account stays, because settings or mapping say so

	Unassigned int `json:"unassigned"` // after the change: not assigned, so no filter is asked
	Ignored    int `json:"ignored"`    // after the change: left alone by the input filters, whatever account they have
	Broken     int `json:"broken"`     // after the change: the filter cannot judge them, and their accounts are left as they are

	Examples        []string `json:"examples"` // names of some who go out; the same as outExamples
	InExamples      []string `json:"inExamples"`
	OutExamples     []string `json:"outExamples"`
	IgnoredExamples []string `json:"ignoredExamples"`
	BrokenExamples  []string `json:"brokenExamples"` // with the reason
}

const impactExamples = 10

// Impact compares who is in scope of the application as it is and as it would be. It reads the whole directory and writes nothing.
func (e *Engine) Impact(ctx context.Context, is, would application.Application) (Impact, error) {
	out := Impact{Warnings: []string{}}
	for _, m := range would.Mapping.Objects {
		warnings, err := e.CheckFilter(ctx, would.Organization, m.Source, m.Scope)
		if errors.Is(err, fault.ErrInvalid) { // of a filter that was fine when it was stored: it must not keep anybody from storing another one
			warnings, err = append(warnings, err.Error()), nil
		}
		if err != nil {
			return out, err
		}
		out.Warnings = append(out.Warnings, warnings...)
	}
	old, err := e.compileRules(ctx, is)
	if err != nil {
		return out, err
	}
	next, err := e.compileRules(ctx, would)
	if err != nil {
		return out, err
	}
	for typ, counts := range map[string]*ImpactCounts{directory.User: &out.ImpactCounts, directory.Group: &out.Groups} {
		counts.Examples, counts.InExamples, counts.IgnoredExamples, counts.BrokenExamples = []string{}, []string{}, []string{}, []string{}
		if next[typ] != nil {
			w := weighing{engine: e, old: judge{is, old[typ]}, next: judge{would, next[typ]}, counts: counts}
			if err := w.run(ctx, typ); err != nil {
				return out, err
			}
		}
		counts.OutExamples, counts.Deprovisioned = counts.Examples, counts.Disabled+counts.Deleted
	}
	return out, nil
}

// judge is an application with its rules for one type; without rules it provisions none of them.
type judge struct {
	app   application.Application
	rules *rules
}

// sight is one object with the verdict on it.
type sight struct {
	object object
	scope  Scope
}

// see judges a page of objects.
func (j judge) see(ctx context.Context, e *Engine, objects []directory.Object) (map[string]sight, error) {
	out := make(map[string]sight, len(objects))
	if j.rules == nil {
		return out, nil
	}
	entitled, err := e.Assignments.Entitlements(ctx, j.app.Organization, j.app.ID, j.rules.mapping.Source, identifiers(objects), j.app.Settings.NestedGroups)
	if err != nil {
		return nil, fmt.Errorf("read the assignments: %w", err)
	}
	around, err := j.rules.kinOf(ctx, e.Directory, j.app, objects, e.now())
	if err != nil {
		return nil, err
	}
	for _, o := range objects {
		seen := j.rules.object(o, entitled[o.ID], around)
		out[o.ID] = sight{seen, j.rules.scopeOf(j.app, seen, entitled[o.ID])}
	}
	return out, nil
}

func identifiers(objects []directory.Object) []string {
	ids := make([]string, 0, len(objects))
	for _, o := range objects {
		ids = append(ids, o.ID)
	}
	return ids
}

// weighing compares two judges of one type.
type weighing struct {
	engine    *Engine
	old, next judge
	counts    *ImpactCounts
}

func (w weighing) run(ctx context.Context, typ string) error {
	org := w.next.app.Organization
	for after := int64(0); ; {
		objects, err := w.engine.Directory.Scan(ctx, org, typ, after, pageSize)
		if err != nil {
			return fmt.Errorf("scan the directory: %w", err)
		}
		if len(objects) == 0 {
			return nil
		}
		after = objects[len(objects)-1].Seq
		if err := w.page(ctx, typ, objects); err != nil {
			return err
		}
	}
}

func (w weighing) page(ctx context.Context, typ string, objects []directory.Object) error {
	was, err := w.old.see(ctx, w.engine, objects)
	if err != nil {
		return err
	}
	will, err := w.next.see(ctx, w.engine, objects)
	if err != nil {
		return err
	}
	links, err := w.engine.Store.Links(ctx, w.next.app.ID, typ, identifiers(objects))
	if err != nil {
		return fmt.Errorf("read the links: %w", err)
	}
	for _, o := range objects {
		if !o.Live() || typ == directory.User && !o.Active() {
			continue
		}
		link, linked := links[o.ID]
		account := linked && link.State == LinkActive
		if w.counts.count(was[o.ID].scope, will[o.ID], account) && account {
			d, err := w.next.rules.leave(ctx, w.engine, will[o.ID], link)
			if err != nil {
				return err
			}
			w.counts.consequence(d)
		}
	}
	return nil
}

// count adds an object and reports whether it goes out. Who is left alone or cannot be judged does not: the account stays as it is.
func (i *ImpactCounts) count(was Scope, will sight, account bool) (out bool) {
	name := will.object.Name()
	if was.In {
		i.Before++
	}
	switch s := will.scope; {
	case s.In:
		i.After++
		if !was.In {
			i.In++
			i.InExamples = example(i.InExamples, name)
		}
		return false
	case s.Broken:
		i.Broken++
		i.BrokenExamples = example(i.BrokenExamples, name+": "+s.Reason)
		return false
	case s.Ignored:
		i.Ignored++
		i.IgnoredExamples = example(i.IgnoredExamples, name)
		return false
	case s.Unassigned:
		i.Unassigned++
	}
	if out = was.In || account && (was.Ignored || was.Broken); out {
		i.Out++
		i.Examples = example(i.Examples, name)
	}
	return out
}

func example(list []string, name string) []string {
	if len(list) < impactExamples {
		list = append(list, name)
	}
	return list
}

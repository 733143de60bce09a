package provisioning

import (
	"context"
	"errors"
	"fmt"

	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/record"
)

// Why answers why somebody is not at the target, from what we keep ourselves: the target is asked nothing and nothing is written. The name is a user name,
// or the display name of a group. A name that nobody has is an answer, not an error.
func (e *Engine) Why(ctx context.Context, app application.Application, log record.Log, typ, name string) (Why, error) {
	w := whyReader{engine: e, app: app, log: log, typ: typ}
	if err := w.read(ctx, name); err != nil {
		return Why{}, err
	}
	return w.why(), nil
}

// whyReader gathers the facts of one answer.
type whyReader struct {
	engine *Engine
	app    application.Application
	log    record.Log
	typ    string

	facts WhyFacts
	id    string // of the object; empty: unknown
	head  int64
	state string
}

func (w *whyReader) read(ctx context.Context, name string) error {
	w.facts.Now, w.facts.Name = w.engine.now(), name
	o, err := w.find(ctx, name)
	if err != nil {
		return err
	}
	for _, read := range []func(context.Context) error{w.job, w.link, w.escrow} {
		if err := read(ctx); err != nil {
			return err
		}
	}
	if err := w.verdict(ctx, o); err != nil {
		return err
	}
	if err := w.pending(ctx); err != nil {
		return err
	}
	return w.records(ctx)
}

// find looks for the object, live or left; the zero Object when nobody has the name.
func (w *whyReader) find(ctx context.Context, name string) (directory.Object, error) {
	o, err := w.engine.Directory.ObjectByName(ctx, w.app.Organization, w.typ, name)
	if errors.Is(err, fault.ErrNotFound) {
		o, w.facts.Nearest, err = w.engine.leaverOrNearest(ctx, w.app.Organization, w.typ, name)
	}
	if err != nil {
		return o, fmt.Errorf("look for %s: %w", name, err)
	}
	if o.ID == "" {
		return o, nil
	}
	w.facts.Found, w.facts.Name, w.id = true, o.Name(), o.ID
	if !o.Live() {
		w.facts.Left = o.Deleted
	}
	return o, nil
}

func (w *whyReader) job(ctx context.Context) error {
	job, err := w.engine.Store.Job(ctx, w.app.ID)
	if err != nil {
		return fmt.Errorf("read the job: %w", err)
	}
	running, err := w.engine.running(ctx, w.app, job)
	if err != nil {
		return err
	}
	if w.head, err = w.engine.Directory.Head(ctx, w.app.Organization); err != nil {
		return fmt.Errorf("read the head of the change feed: %w", err)
	}
	f := &w.facts
	f.Job, f.Running, f.Connected, f.On = job, running, w.app.TenantURL != "", w.app.On
	f.Next, w.state = NextCycle(f.Now, w.app, job), stateNow(w.app, job, running)
	switch {
	case len(job.LastCycle) == 0, string(job.LastCycle) == "null":
		f.Everybody = "no cycle has run yet"
	case job.Initial || job.Watermark == 0:
		f.Everybody = "the next cycle is an initial one and looks at everybody"
	case job.Revision != w.app.Revision:
		f.Everybody = "mapping, scope or settings were changed since the last cycle, and the next one looks at everybody"
	}
	return nil
}

func (w *whyReader) link(ctx context.Context) error {
	if w.id == "" {
		l, err := w.engine.linkBySourceName(ctx, w.app, w.typ, w.facts.Name)
		if l != nil {
			w.facts.Link, w.id = l, l.Source
		}
		return err
	}
	links, err := w.engine.Store.Links(ctx, w.app.ID, w.typ, []string{w.id})
	if err != nil {
		return fmt.Errorf("read the link: %w", err)
	}
	if l, ok := links[w.id]; ok {
		w.facts.Link = &l
	}
	return nil
}

func (w *whyReader) escrow(ctx context.Context) error {
	list, err := w.engine.Store.Escrows(ctx, w.app.ID)
	if err != nil {
		return fmt.Errorf("read the escrows: %w", err)
	}
	for i := range list {
		if x := &list[i]; x.Type == w.typ && x.Source == w.id {
			w.facts.Escrow = x
		}
	}
	return nil
}

// verdict judges scope and mapping as a cycle does, and decides as one would before it looks at the target.
func (w *whyReader) verdict(ctx context.Context, o directory.Object) error {
	all, err := w.engine.compileRules(ctx, w.app)
	if err != nil && !errors.Is(err, fault.ErrInvalid) {
		return err
	}
	m := w.app.Mapping.For(w.typ)
	j := judge{w.app, all[w.typ]}
	if w.facts.Provisioned = j.rules != nil; err != nil && m != nil && m.Enabled {
		w.facts.Provisioned, w.facts.Broken = true, err.Error()
	}
	s := &w.facts.Situation
	s.Source = Source{Type: w.typ, ID: w.id, Name: w.facts.Name, Presence: Purged, Enabled: true}
	s.Link = w.facts.Link
	if j.rules == nil {
		return nil
	}
	s.Policy = j.rules.policy
	if o.ID == "" {
		w.facts.Decision = Decide(*s)
		return nil
	}
	seen, err := j.see(ctx, w.engine, []directory.Object{o})
	if err != nil {
		return err
	}
	if err := w.roles(ctx, o); err != nil {
		return err
	}
	s.Source.Presence, s.Source.Enabled, s.Scope = Live, o.Type != directory.User || o.Active(), seen[o.ID].scope
	if !o.Live() {
		s.Source.Presence, s.Scope = SoftDeleted, j.rules.spared(seen[o.ID].object)
	}
	return w.values(ctx, j.rules, seen[o.ID].object)
}

// roles notes by which disabled roles somebody is assigned.
func (w *whyReader) roles(ctx context.Context, o directory.Object) error {
	entitled, err := w.engine.Assignments.Entitlements(ctx, w.app.Organization, w.app.ID, w.typ, []string{o.ID}, w.app.Settings.NestedGroups)
	if err != nil {
		return fmt.Errorf("read the assignments: %w", err)
	}
	w.facts.DisabledRoles = entitled[o.ID].Disabled
	return nil
}

// values maps the object and decides. SelectUniqueValue finds every value free: the target is not asked.
func (w *whyReader) values(ctx context.Context, r *rules, o object) error {
	s := &w.facts.Situation
	cause, _ := s.leaving()
	o.softDeleted = cause != ""
	env := w.engine.preview(o, r.domain)
	for _, creating := range []bool{false, true} {
		if creating && s.Link != nil {
			break
		}
		values, problems := r.compiled.Evaluate(ctx, env, creating)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if creating {
			s.Creating = values
		} else {
			s.Updating = values
		}
		s.Problems = nil
		for _, p := range problems {
			s.Problems = append(s.Problems, Problem{Path: p.Path, Detail: p.Err.Error()})
		}
	}
	w.facts.Decision = Decide(*s)
	return nil
}

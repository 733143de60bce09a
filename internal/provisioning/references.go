package provisioning

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/mapping"
	"github.com/rollcall-id/rollcall/internal/record"
)

const codeUnresolved = "UnableToResolveReferenceAttributeValue"

// references is the second pass: now that everybody who will exist exists, references to others (a person's manager) are written as the ids of their
// accounts. It looks at everybody whose reference, or whose referenced colleague, was touched; so a manager whose account appears later is written to
// the reports' accounts by itself.
func (c *cycle) references(ctx context.Context) error {
	for _, typ := range []string{directory.User, directory.Group} {
		r := c.rules[typ]
		if r == nil || len(r.references) == 0 || !r.policy.Update {
			continue
		}
		c.progress.phase("references", len(c.due.objects[typ]))
		for p, err := range c.referring(ctx, typ) {
			if err != nil {
				return err
			}
			if err := c.referPage(ctx, typ, p); err != nil {
				return err
			}
		}
	}
	return nil
}

// everything reports whether the second pass looks at all links: in an initial cycle, after a cycle that did not come to its end (its links may be without
// their references), and after a group disappeared.
func (c *cycle) everything() bool {
	return c.kind == KindInitial || !c.job.Open.IsZero() || c.due.sweep
}

// referring yields the objects whose references are looked at.
func (c *cycle) referring(ctx context.Context, typ string) iter.Seq2[page, error] {
	if c.everything() {
		return c.linked(ctx, typ)
	}
	return func(yield func(page, error) bool) {
		var ids set
		ids.add(c.due.objects[typ]...)
		if typ == directory.User {
			for _, manager := range c.due.objects[directory.User] {
				reports, err := c.engine.Directory.Reports(ctx, c.app.Organization, manager)
				if err != nil {
					yield(page{}, fmt.Errorf("read the reports of %s: %w", manager, err))
					return
				}
				ids.add(reports...)
			}
		}
		for chunk := range slices.Chunk(ids.ids, pageSize) {
			p, err := c.fetch(ctx, typ, chunk)
			if !yield(p, err) || err != nil {
				return
			}
		}
	}
}

// linked yields the objects of all links.
func (c *cycle) linked(ctx context.Context, typ string) iter.Seq2[page, error] {
	return func(yield func(page, error) bool) {
		for after := ""; ; {
			links, err := c.store.ScanLinks(ctx, c.app.ID, typ, after, pageSize)
			if err != nil {
				yield(page{}, fmt.Errorf("scan the links: %w", err))
				return
			}
			if len(links) == 0 {
				return
			}
			after = links[len(links)-1].Source
			ids := make([]string, 0, len(links))
			for _, l := range links {
				ids = append(ids, l.Source)
			}
			p, err := c.fetch(ctx, typ, ids)
			if !yield(p, err) || err != nil {
				return
			}
		}
	}
}

func (c *cycle) referPage(ctx context.Context, typ string, p page) error {
	p.gone = nil
	items, err := c.load(ctx, typ, p)
	if err != nil {
		return err
	}
	items = slices.DeleteFunc(items, func(it *item) bool { return !it.serves() })
	resolved, err := c.resolve(ctx, c.rules[typ], items)
	if err != nil {
		return err
	}
	names, err := c.nameWaiting(ctx, c.rules[typ], items, resolved)
	if err != nil {
		return err
	}
	due := items[:0]
	for _, it := range items {
		if it.decided = decideReferences(it, resolved, names); it.decided.Action != "" {
			due = append(due, it)
		}
	}
	c.progress.add(len(items) - len(due))
	return c.inParallel(ctx, due, c.refer)
}

// resolve finds the accounts of all referenced objects of a page.
func (c *cycle) resolve(ctx context.Context, r *rules, items []*item) (map[Key]Link, error) {
	wanted := map[string]*set{}
	for _, it := range items {
		for _, m := range r.references {
			if id := it.reference(m); id != "" {
				typ := referenced(m)
				if wanted[typ] == nil {
					wanted[typ] = &set{}
				}
				wanted[typ].add(id)
			}
		}
	}
	resolved := map[Key]Link{}
	for typ, ids := range wanted {
		for chunk := range slices.Chunk(ids.ids, 2*pageSize) {
			links, err := c.store.Links(ctx, c.app.ID, typ, chunk)
			if err != nil {
				return nil, fmt.Errorf("resolve references: %w", err)
			}
			for id, l := range links {
				resolved[Key{typ, id}] = l
			}
		}
	}
	return resolved, nil
}

// nameWaiting finds the names of referenced objects that have no account.
func (c *cycle) nameWaiting(ctx context.Context, r *rules, items []*item, resolved map[Key]Link) (map[Key]string, error) {
	waiting := map[string]*set{}
	for _, it := range items {
		for _, m := range r.references {
			k := Key{referenced(m), it.reference(m)}
			if _, ok := resolved[k]; ok || k.Source == "" {
				continue
			}
			if waiting[k.Type] == nil {
				waiting[k.Type] = &set{}
			}
			waiting[k.Type].add(k.Source)
		}
	}
	names := map[Key]string{}
	for typ, ids := range waiting {
		list, err := c.namesOf(ctx, typ, ids.ids)
		if err != nil {
			return nil, err
		}
		for i, id := range ids.ids {
			names[Key{typ, id}] = list[i]
		}
	}
	return names, nil
}

// namesOf returns the names of objects; an object that no longer exists is called by its id.
func (c *cycle) namesOf(ctx context.Context, typ string, ids []string) ([]string, error) {
	names := slices.Clone(ids)
	for chunk := range slices.Chunk(ids, 2*pageSize) {
		objects, err := c.engine.Directory.ObjectsByID(ctx, c.app.Organization, typ, chunk)
		if err != nil {
			return nil, fmt.Errorf("read %d objects: %w", len(chunk), err)
		}
		for _, o := range objects {
			if i := slices.Index(names, o.ID); i >= 0 && o.Name() != "" {
				names[i] = o.Name()
			}
		}
	}
	return names, nil
}

// known are the references of an object without an account to accounts that this cycle made or met: written with the new account, they save a request
// each. What is not known yet is the second pass's business.
func (c *cycle) known(it *item) []Change {
	if it.Link != nil || it.bare || len(it.rules.references) == 0 {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []Change
	for _, m := range it.rules.references {
		if target := c.accounts[Key{referenced(m), it.reference(m)}]; target != "" {
			out = append(out, Change{Path: m.Target, New: target})
		}
	}
	return out
}

func referenced(m *mapping.AttributeMapping) string {
	if m.Reference == "" {
		return directory.User
	}
	return m.Reference
}

// lastName is the attribute's own name without the URN before it.
func lastName(path string) string { return path[strings.LastIndexByte(path, ':')+1:] }

// refer writes the references of one object.
func (c *cycle) refer(ctx context.Context, it *item) error {
	d := it.decided
	if err := c.leaveFilled(ctx, it, &d); err != nil {
		return c.referenceFailed(ctx, it, d, err)
	}
	switch d.Action {
	case "":
		return c.remember(ctx, it, d)
	case record.NoAction:
		return c.keep(ctx, outcome{record: c.record(it, d, nil)})
	}
	err := c.target.Update(ctx, it.rules.mapping.Target, it.Link.Target, assignments(d.Changes))
	if err == nil {
		c.answered()
		o := outcome{record: c.record(it, d, nil), link: it.newLink(d)}
		o.link.Updated = o.record.Time
		c.count.add(it.key, updated)
		return c.keep(ctx, o)
	}
	return c.referenceFailed(ctx, it, d, err)
}

// referenceFailed is the outcome of a second-pass write that failed. It counts apart: a manager that cannot be written is no reason for quarantine (1.8).
func (c *cycle) referenceFailed(ctx context.Context, it *item, d Decision, err error) error {
	var t *TargetError
	err = it.scrubbed(err)
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case !errors.As(err, &t):
		return err
	case t.Fatal:
		return &stopError{t}
	case t.Paused:
		return c.paused(t)
	}
	o := outcome{record: c.record(it, d, t)}
	if isGone(err) && len(t.Refused) == 0 { // a member that is gone does not take its group with it
		o.unlink = append(o.unlink, it.key) // the next cycle looks for the account again
	}
	c.escrowFor(&o, it.key, it.Source.Name, t)
	c.count.add(it.key, failed)
	c.count.ended(false, true)
	if err := c.keep(ctx, o); err != nil {
		return err
	}
	return c.noAnswer(t)
}

package provisioning

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/rollcall-id/rollcall/expression"
	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/mapping"
	"github.com/rollcall-id/rollcall/internal/record"
	"github.com/rollcall-id/rollcall/scim"
)

// item is one object on its way through a cycle: its situation, which grows as more becomes known, and what is noted for the record.
type item struct {
	Situation
	key     Key
	rules   *rules
	object  object // zero when the object is gone
	escrow  *Escrow
	began   time.Time
	matched string         // how it was matched, in words
	decided Decision       // of a gathered object: what waits to be done
	unsure  bool           // a request to create it was sent, and its answer was lost
	bare    bool           // the target refused to create it with its references: it is made without, and they follow in the second pass
	stored  map[string]any // what the link keeps of the values written: those marked with Redact() as hashes
	secrets []string       // values of this object that no text may show
	trace   string         // W3C traceparent of its requests: of the trace of the change that made it due, with a span of its own
}

// claim is a matching value that an object without an account asks for.
type claim struct{ typ, path, value string }

// load prepares a page: links, entitlements, scope and mapped values. It asks the target nothing.
func (c *cycle) load(ctx context.Context, typ string, p page) ([]*item, error) {
	ids := make([]string, 0, len(p.objects)+len(p.gone))
	for _, o := range p.objects {
		ids = append(ids, o.ID)
	}
	for _, k := range p.gone {
		ids = append(ids, k.Source)
	}
	if len(ids) == 0 {
		return nil, nil
	}
	links, err := c.store.Links(ctx, c.app.ID, typ, ids)
	if err != nil {
		return nil, fmt.Errorf("read the links: %w", err)
	}
	entitled, err := c.entitlements(ctx, typ, ids)
	if err != nil {
		return nil, err
	}
	around, err := c.rules[typ].kinOf(ctx, c.engine.Directory, c.app, p.objects, c.began)
	if err != nil {
		return nil, err
	}
	items := make([]*item, 0, len(ids))
	for _, o := range p.objects {
		it := c.newItem(Key{typ, o.ID}, links)
		c.describe(it, o, entitled[o.ID], around)
		if err := c.evaluate(ctx, it); err != nil {
			return nil, err
		}
		c.claim(it)
		items = append(items, it)
	}
	for _, k := range p.gone {
		it := c.newItem(k, links)
		it.Source = Source{Type: typ, ID: k.Source, Name: c.lastName(it), Presence: Purged, Enabled: true}
		items = append(items, it)
	}
	return items, nil
}

// entitlements reads who is assigned, where it matters.
func (c *cycle) entitlements(ctx context.Context, typ string, ids []string) (map[string]application.Entitlement, error) {
	if c.app.Scope == application.ScopeAll && !c.rules[typ].roles {
		return nil, nil
	}
	entitled, err := c.engine.Assignments.Entitlements(ctx, c.app.Organization, c.app.ID, typ, ids, c.app.Settings.NestedGroups)
	if err != nil {
		return nil, fmt.Errorf("read the entitlements: %w", err)
	}
	return entitled, nil
}

func (c *cycle) newItem(k Key, links map[string]Link) *item {
	it := &item{key: k, rules: c.rules[k.Type], began: c.engine.now(), trace: directory.ChildTrace(c.due.trace[k])}
	it.Policy, it.Initial = it.rules.policy, c.kind == KindInitial
	if l, ok := links[k.Source]; ok {
		it.Link = &l
	}
	if x, ok := c.escrows[k]; ok {
		it.escrow = &x
	}
	it.Doubt = !c.job.Open.IsZero() || it.escrow != nil && it.escrow.unsure()
	return it
}

// lastName is how an object that no longer exists was called.
func (c *cycle) lastName(it *item) string {
	switch {
	case it.Link != nil:
		return it.Link.SourceName
	case it.escrow != nil:
		return it.escrow.Name
	}
	return it.key.Source
}

// describe fills in the source and its scope.
func (c *cycle) describe(it *item, o directory.Object, e application.Entitlement, around kin) {
	it.object = it.rules.object(o, e, around)
	it.Source = Source{Type: o.Type, ID: o.ID, Name: o.Name(), Enabled: o.Type != directory.User || o.Active()}
	if !o.Live() {
		it.Source.Presence = SoftDeleted
		it.Scope = it.rules.spared(it.object)
		return
	}
	it.Scope = it.rules.scopeOf(c.app, it.object, e)
}

// evaluate computes the mapped values: for a new account only where there is none.
func (c *cycle) evaluate(ctx context.Context, it *item) error {
	cause, _ := it.leaving()
	if it.Scope.Ignored || it.Scope.Broken || (cause != "" && it.Link == nil) {
		return nil // whatever the values are, nothing will be written
	}
	it.object.softDeleted = cause != ""
	env := &expression.Env{Source: it.object, Now: c.engine.now, NewGUID: c.engine.newID, Random: rand.Reader, Unique: c.unique(it.rules),
		DefaultDomain: it.rules.domain}
	var problems []mapping.RowError
	it.Updating, problems = it.rules.compiled.Evaluate(ctx, env, false)
	if it.Link == nil {
		it.Creating, problems = it.rules.compiled.Evaluate(ctx, env, true)
	}
	it.reveal()
	it.Problems = it.Problems[:0]
	for _, p := range problems {
		var t *TargetError
		if errors.As(p.Err, &t) && t.Paused { // SelectUniqueValue asked the target
			return c.paused(t)
		}
		detail := p.Err.Error()
		if t != nil && it.rules.secret[p.Path] != nil {
			detail = "the target could not be asked whether the value is free (" + t.Code + ")" // its words may repeat the candidate
		}
		it.Problems = append(it.Problems, Problem{Path: p.Path, Detail: detail})
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return nil
}

// unique answers SelectUniqueValue: a candidate is free when no account of the target has it in the row's attribute.
func (c *cycle) unique(r *rules) func(context.Context, string) (bool, error) {
	return func(ctx context.Context, candidate string) (bool, error) {
		if r.unique == "" {
			return true, nil
		}
		found, err := c.target.Find(ctx, r.mapping.Target, r.unique, candidate)
		return len(found) == 0, err
	}
}

// claim notes the matching values of an object that asks for an account: two objects with one value must not both get one.
func (c *cycle) claim(it *item) {
	if cause, _ := it.leaving(); cause != "" || it.Scope.Ignored || it.Scope.Broken || it.Link != nil {
		return
	}
	for _, v := range MatchingValues(it.Creating) {
		k := claim{it.key.Type, v.Path, scim.Fold(text(v.Value))}
		other, taken := c.claims[k]
		switch {
		case !taken:
			c.claims[k] = claimant{it.key, it.Source.Name}
		case other.key != it.key:
			it.Rival = other.name
		}
	}
}

// claimant is who asked first.
type claimant struct {
	key  Key
	name string
}

// serves reports whether the object has an account that is kept as the directory says: only then references and members are written to it.
func (it *item) serves() bool {
	cause, _ := it.leaving()
	return it.Link != nil && cause == "" && !it.Scope.Ignored && !it.Scope.Broken
}

// reference returns the mapped source id of a reference; empty: none.
func (it *item) reference(m *mapping.AttributeMapping) string {
	for i := range it.Updating {
		if v := &it.Updating[i]; v.Path == m.Target {
			return text(v.Value)
		}
	}
	return ""
}

// steps describes the object's way through the pipeline (design/cli.md: import, scope, match, action, verify).
func (it *item) steps(d Decision, failure string) []record.Step {
	imported := record.Step{Name: "import", Status: record.Success, Detail: "read from the directory"}
	if it.Source.Presence == Purged {
		imported = record.Step{Name: "import", Status: record.Skipped, Detail: "no longer in the directory"}
	}
	scope := record.Step{Name: "scope", Status: record.Success, Detail: it.Scope.Reason, Data: it.Scope.Data}
	switch cause, _ := it.leaving(); {
	case it.Scope.Broken:
		scope.Status = record.Failure
	case it.Scope.Ignored:
		scope.Status = record.Skipped
	case cause != "":
		scope.Status, scope.Detail = record.Skipped, cause
	}
	match := record.Step{Name: "match", Status: record.NotReached}
	if it.Link != nil {
		match.Status, match.Detail = record.Success, "linked to account "+it.Link.Target
	}
	if it.matched != "" {
		match.Status, match.Detail = record.Success, it.matched
	}
	action := record.Step{Name: "action", Status: d.Status, Detail: strings.Join(append([]string{d.Reason}, d.Warnings...), "; ")}
	switch {
	case failure != "" && d.Action == "": // it failed before anything was decided
		match.Status, match.Detail = record.Failure, failure
		action.Status = record.NotReached
	case failure != "":
		action.Status, action.Detail = record.Failure, failure
	}
	return []record.Step{imported, scope, match, action, {Name: "verify", Status: record.NotReached}}
}

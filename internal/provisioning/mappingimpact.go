package provisioning

import (
	"context"
	"errors"
	"fmt"

	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/mapping"
	"github.com/rollcall-id/rollcall/internal/record"
)

// MappingImpact is what a change of an application's mapping does to people and groups, before anything is changed. Rows that stay as they are are not
// looked at. What an account has is not asked: the target may differ from both mappings, which `app cycle --plan` tells.
type MappingImpact struct {
	Users  ObjectImpact `json:"users"`
	Groups ObjectImpact `json:"groups"`
	Scope  *Impact      `json:"scope"` // null: who is in scope stays the same
	// Unusable says why the mapping as it is cannot be evaluated. Then every value counts as new.
	Unusable string `json:"unusable,omitempty"`
}

// ObjectImpact counts objects of one type: those that are in scope before and after the change, disabled people with an account among them.
type ObjectImpact struct {
	Evaluated  int               `json:"evaluated"`
	Changed    int               `json:"changed"`    // at least one attribute would get another value
	Failed     int               `json:"failed"`     // at least one changed row cannot be evaluated
	Attributes []AttributeImpact `json:"attributes"` // of the changed rows, in their order
	Examples   []ImpactExample   `json:"examples"`   // at most ten, chosen so that every attribute is seen
}

// AttributeImpact counts what would become of one target attribute.
type AttributeImpact struct {
	Name    string `json:"name"`
	Changed int    `json:"changed"` // another value than now, the two below included
	Set     int    `json:"set"`     // a value where there is none now
	Cleared int    `json:"cleared"` // no value where there is one now
	// Spelling counts other values that are not written, because they differ in letter case only and the attribute does not tell.
	Spelling int    `json:"spelling"`
	Failed   int    `json:"failed"`  // the row cannot be evaluated
	Failure  string `json:"failure"` // the first of those, in words; empty: none
	// Dropped: the row is removed. Nothing is written any more, and accounts keep what they have.
	Dropped bool `json:"dropped"`
}

// ImpactExample is one object as it is and as it would be. Redacted values are masked.
type ImpactExample struct {
	ID      string            `json:"id"`
	Name    string            `json:"name"`
	Changes []record.Property `json:"changes"`
}

// MappingImpact compares what the application's mapping says and what another one would say for everybody in scope. It reads the whole directory page by
// page and writes nothing.
func (e *Engine) MappingImpact(ctx context.Context, is, would application.Application) (MappingImpact, error) {
	var out MappingImpact
	after, err := e.compileRules(ctx, would)
	if err != nil {
		return out, err
	}
	before, err := e.compileRules(ctx, is)
	switch {
	case errors.Is(err, fault.ErrInvalid):
		out.Unusable = err.Error()
	case err != nil:
		return out, err
	}
	difference := mapping.Compare(is.Mapping, would.Mapping)
	for typ, part := range map[string]*ObjectImpact{directory.User: &out.Users, directory.Group: &out.Groups} {
		part.Attributes, part.Examples = []AttributeImpact{}, []ImpactExample{}
		if after[typ] == nil {
			continue
		}
		s := newImpactScan(e, is, would, before[typ], after[typ], difference)
		if err := s.run(ctx, part); err != nil {
			return out, err
		}
	}
	if out.Unusable == "" && scopeDiffers(is, would, difference) {
		scope, err := e.Impact(ctx, is, would)
		if err != nil {
			return out, err
		}
		out.Scope = &scope
	}
	return out, nil
}

// scopeDiffers reports whether other people may be in scope.
func scopeDiffers(is, would application.Application, d mapping.Difference) bool {
	if is.Scope != would.Scope {
		return true
	}
	for _, o := range d.Objects {
		if o.Filters != nil || o.Change != mapping.Changed {
			return true
		}
	}
	return false
}

// impactScan is the work on one object type.
type impactScan struct {
	engine   *Engine
	is       application.Application
	would    application.Application
	typ      string
	old, new *impactSide // old is nil where the type is not provisioned now
	count    *impactCount
}

func newImpactScan(e *Engine, is, would application.Application, before, after *rules, d mapping.Difference) *impactScan {
	s := &impactScan{engine: e, is: is, would: would, typ: after.mapping.Source}
	var targets []string
	for _, o := range d.Objects {
		if o.Source != s.typ {
			continue
		}
		for _, r := range o.Rows {
			targets = append(targets, r.Target)
		}
		for _, r := range o.Definitions {
			targets = append(targets, r.Target)
		}
	}
	if before == nil {
		targets = targetsOf(after)
	} else {
		s.old = newImpactSide(before, targets)
	}
	s.new = newImpactSide(after, targets)
	s.count = newImpactCount(s.old, s.new)
	return s
}

func targetsOf(r *rules) []string {
	var all []string
	for i := range r.mapping.Attributes {
		all = append(all, r.mapping.Attributes[i].Target)
	}
	return all
}

// run looks at every live object of the type.
func (s *impactScan) run(ctx context.Context, out *ObjectImpact) error {
	for after := int64(0); ; {
		objects, err := s.engine.Directory.Scan(ctx, s.is.Organization, s.typ, after, pageSize)
		if err != nil {
			return fmt.Errorf("scan the directory: %w", err)
		}
		if len(objects) == 0 {
			break
		}
		after = objects[len(objects)-1].Seq
		if err := s.page(ctx, objects); err != nil {
			return err
		}
	}
	s.count.result(out)
	return s.nameReferences(ctx, out)
}

// page compares some objects.
func (s *impactScan) page(ctx context.Context, objects []directory.Object) error {
	ids := identifiers(objects)
	entitled, err := s.engine.Assignments.Entitlements(ctx, s.is.Organization, s.is.ID, s.typ, ids, s.would.Settings.NestedGroups)
	if err != nil {
		return fmt.Errorf("read the assignments: %w", err)
	}
	links, err := s.engine.Store.Links(ctx, s.is.ID, s.typ, ids)
	if err != nil {
		return fmt.Errorf("read the links: %w", err)
	}
	scopes, err := s.scopes(ctx, objects)
	if err != nil {
		return err
	}
	for _, o := range objects {
		if err := ctx.Err(); err != nil {
			return context.Cause(ctx)
		}
		link, linked := links[o.ID]
		source, in := object{}, o.Live() && (enabled(o) || linked && s.new.rules.policy.SoftDelete)
		for i := 0; in && i < len(scopes); i++ {
			source, in = scopes[i](o, entitled[o.ID])
		}
		if !in {
			continue
		}
		source.softDeleted = !enabled(o)
		if linked {
			s.compare(ctx, source, &link)
		} else {
			s.compare(ctx, source, nil)
		}
	}
	return nil
}

// enabled reports whether the object may have an active account as far as the directory is concerned. Of the others, those with an account have it kept as
// the mapping says while they are in scope.
func enabled(o directory.Object) bool { return o.Type != directory.User || o.Active() }

// scopes tell of a page's objects, before and after the change, whether they are in scope, and how the rules see them.
func (s *impactScan) scopes(ctx context.Context, page []directory.Object) ([]func(directory.Object, application.Entitlement) (object, bool), error) {
	var out []func(directory.Object, application.Entitlement) (object, bool)
	for _, of := range []struct {
		app  application.Application
		side *impactSide
	}{{s.is, s.old}, {s.would, s.new}} {
		if of.side == nil {
			continue
		}
		r := of.side.rules
		around, err := r.kinOf(ctx, s.engine.Directory, of.app, page, s.engine.now())
		if err != nil {
			return nil, err
		}
		out = append(out, func(o directory.Object, e application.Entitlement) (object, bool) {
			source := r.object(o, e, around)
			return source, r.scopeOf(of.app, source, e).In
		})
	}
	return out, nil
}

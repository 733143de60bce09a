package scimtest

import (
	"context"

	"github.com/rollcall-id/rollcall/scim"
	"github.com/rollcall-id/rollcall/scim/scimserver"
)

// Create implements scimserver.Writer.
func (m *Memory) Create(ctx context.Context, rt *scim.ResourceType, r scim.Resource) (scim.Resource, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.shelfOf(rt)
	attributes := own(r)
	if other, err := s.taken("", attributes); err != nil {
		if e := m.returning(s, other, attributes); e != nil {
			scimserver.Used(ctx, scimserver.RuleReturning)
			return m.change(s, e, e.reactivated(attributes))
		}
		return nil, err
	}
	if err := m.completeMembers(rt, attributes); err != nil {
		return nil, err
	}
	if _, given := attributes["active"]; !given && rt.Name == "User" {
		attributes["active"] = true
	}
	now := m.now()
	m.made++
	e := &entry{id: m.newID(), seq: m.made, attributes: attributes, version: 1, created: now, modified: now}
	e.seal(rt)
	s.byID[e.id] = e
	s.order = append(s.order, e)
	s.index(e)
	m.enrol(e, nil)
	return m.show(rt, e, scim.Projection{}), nil
}

// own copies what a client sent, without what the service decides.
func own(r scim.Resource) scim.Resource {
	out := r.Clone()
	for _, name := range []string{"id", "meta", "schemas", "groups", "password"} {
		delete(out, name)
	}
	return out
}

// returning finds the inactive user that a POST brings back (rule N16), nil when there is none.
func (m *Memory) returning(s *shelf, id string, in scim.Resource) *entry {
	e := s.byID[id]
	if !m.Reactivate || s.rt.Name != "User" || e == nil || e.attributes["active"] != false && !e.off {
		return nil
	}
	if was, is := e.attributes.ExternalID(), in.ExternalID(); was != "" && is != "" && was != is {
		return nil
	}
	return e
}

func (e *entry) reactivated(in scim.Resource) scim.Resource {
	out := in.Clone()
	if _, given := out["active"]; !given {
		out["active"] = true
	}
	return out
}

// Replace implements scimserver.Writer.
func (m *Memory) Replace(_ context.Context, rt *scim.ResourceType, id string, r scim.Resource, w scimserver.Write) (scim.Resource, error) {
	return m.modify(rt, id, w, func(old scim.Resource) (scim.Resource, error) {
		next, _, err := rt.Replace(old, r)
		return next, err
	})
}

// Patch implements scimserver.Writer.
func (m *Memory) Patch(_ context.Context, rt *scim.ResourceType, id string, p *scim.Patch, w scimserver.Write) (scimserver.Patched, error) {
	r, err := m.modify(rt, id, w, func(old scim.Resource) (scim.Resource, error) {
		next, _, err := p.Apply(rt, old)
		if err != nil {
			return nil, err
		}
		return m.withUnknown(p, next), nil
	})
	return scimserver.Patched{Resource: r}, err
}

func (m *Memory) modify(
	rt *scim.ResourceType, id string, w scimserver.Write, change func(scim.Resource) (scim.Resource, error),
) (scim.Resource, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e, err := m.entry(rt, id)
	if err != nil {
		return nil, err
	}
	if err := w.If.Check(e.tag()); err != nil {
		return nil, err
	}
	next, err := change(e.attributes)
	if err != nil {
		return nil, err
	}
	return m.change(m.shelfOf(rt), e, next)
}

// change gives an entry new attributes, unless they are the ones it has.
func (m *Memory) change(s *shelf, e *entry, next scim.Resource) (scim.Resource, error) {
	next = own(next)
	if _, err := s.taken(e.id, next); err != nil {
		return nil, err
	}
	if err := m.completeMembers(s.rt, next); err != nil {
		return nil, err
	}
	if !scim.EqualUnordered(map[string]any(e.attributes), map[string]any(next)) {
		before := e.attributes["members"]
		s.unindex(e)
		_, said := next["active"]
		e.off = !said && (e.off || e.attributes["active"] == false)
		e.attributes = next
		m.bump(s.rt, e)
		s.index(e)
		m.enrol(e, before)
	}
	return m.show(s.rt, e, scim.Projection{}), nil
}

func (m *Memory) bump(rt *scim.ResourceType, e *entry) {
	e.version++
	e.modified = m.now()
	e.seal(rt)
}

// Delete implements scimserver.Writer. Whoever is deleted leaves its groups.
func (m *Memory) Delete(_ context.Context, rt *scim.ResourceType, id string, w scimserver.Write) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	e, err := m.entry(rt, id)
	if err != nil {
		return err
	}
	if err := w.If.Check(e.tag()); err != nil {
		return err
	}
	s := m.shelfOf(rt)
	before := e.attributes["members"]
	s.unindex(e)
	delete(s.byID, id)
	e.dead, e.attributes = true, nil
	s.dead++
	s.compact()
	m.enrol(e, before)
	m.leave(id)
	return nil
}

// compact drops deleted entries when they are the greater part.
func (s *shelf) compact() {
	if s.dead*2 <= len(s.order) {
		return
	}
	var live []*entry
	for _, e := range s.order {
		if !e.dead {
			live = append(live, e)
		}
	}
	s.order, s.dead = live, 0
}

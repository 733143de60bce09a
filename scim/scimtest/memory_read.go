package scimtest

import (
	"context"
	"slices"
	"sort"

	"github.com/rollcall-id/rollcall/scim"
	"github.com/rollcall-id/rollcall/scim/scimserver"
)

// Get implements scimserver.Reader.
func (m *Memory) Get(_ context.Context, rt *scim.ResourceType, id string, p scim.Projection) (scim.Resource, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	e, err := m.entry(rt, id)
	if err != nil {
		return nil, err
	}
	return m.show(rt, e, p), nil
}

// List implements scimserver.Reader.
func (m *Memory) List(_ context.Context, rt *scim.ResourceType, q scimserver.Query) (scimserver.Page, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	s := m.shelf[rt.Name]
	if s == nil {
		return scimserver.Page{}, nil
	}
	found := m.matches(s, q.Filter)
	if q.SortBy != nil {
		slices.SortStableFunc(found, func(a, b *entry) int { return q.SortBy.CompareSort(a.full, b.full, q.Descending) })
	}
	page := scimserver.Page{Total: len(found)}
	for _, e := range found[min(q.Start, len(found)):min(q.Start+q.Count, len(found))] {
		page.Resources = append(page.Resources, m.show(rt, e, q.Projection))
	}
	return page, nil
}

func (m *Memory) matches(s *shelf, f *scim.Filter) []*entry {
	var found []*entry
	withGroups := f != nil && f.Uses("groups")
	for _, e := range s.candidates(f) {
		if e.dead {
			continue
		}
		r := e.full
		if withGroups {
			r = m.withGroups(s.rt, e, shallow(e.full))
		}
		if f == nil || f.Match(r) {
			found = append(found, e)
		}
	}
	return found
}

// show returns what a client may see of an entry, as a copy.
func (m *Memory) show(rt *scim.ResourceType, e *entry, p scim.Projection) scim.Resource {
	r := shallow(e.full)
	if !p.Wants("members") {
		delete(r, "members")
	}
	r = r.Clone()
	if p.Wants("groups") {
		r = m.withGroups(rt, e, r)
	}
	return r
}

func shallow(r scim.Resource) scim.Resource {
	out := make(scim.Resource, len(r)+1)
	for k, v := range r {
		out[k] = v
	}
	return out
}

// withGroups adds the groups that hold a user directly.
func (m *Memory) withGroups(rt *scim.ResourceType, e *entry, r scim.Resource) scim.Resource {
	if rt.Name != "User" || len(m.groups[e.id]) == 0 {
		return r
	}
	ids := make([]string, 0, len(m.groups[e.id]))
	for id := range m.groups[e.id] {
		ids = append(ids, id)
	}
	sort.Strings(ids)
	list := make([]any, 0, len(ids))
	for _, id := range ids {
		group := map[string]any{"value": id, "$ref": "../Groups/" + id, "type": "direct"}
		if name, ok := m.shelf["Group"].byID[id].attributes["displayName"]; ok {
			group["display"] = name
		}
		list = append(list, group)
	}
	r["groups"] = list
	return r
}

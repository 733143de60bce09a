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
	page := scimserver.Page{Total: len(found)}
	slices.SortStableFunc(found, func(a, b *entry) int { return compareEntries(q, a, b) })
	if q.Keyset {
		found = beyond(q, found)
		page.More = len(found) > q.Count
		if q.Backward {
			found = found[max(0, len(found)-q.Count):]
		}
	} else {
		found = found[min(q.Start, len(found)):]
	}
	found = found[:min(q.Count, len(found))]
	for _, e := range found {
		page.Resources = append(page.Resources, m.show(rt, e, q.Projection))
	}
	if n := len(found); n > 0 {
		first, last := place(q, found[0]), place(q, found[n-1])
		page.First, page.Last = &first, &last
	}
	return page, nil
}

func compareEntries(q scimserver.Query, a, b *entry) int {
	return scim.ComparePositions(place(q, a), place(q, b), q.Descending && q.SortBy != nil)
}

// place is where an entry stands in the order of the query.
func place(q scimserver.Query, e *entry) scim.Position {
	if q.SortBy == nil {
		return scim.Position{Key: e.seq, ID: e.id}
	}
	return scim.Position{Key: q.SortBy.SortKey(e.full), ID: e.id}
}

// beyond returns those of the sorted entries that lie behind From in the direction of reading.
func beyond(q scimserver.Query, sorted []*entry) []*entry {
	if q.From == nil {
		return sorted
	}
	return slices.DeleteFunc(sorted, func(e *entry) bool {
		order := scim.ComparePositions(place(q, e), *q.From, q.Descending && q.SortBy != nil)
		if q.Backward {
			return order >= 0
		}
		return order <= 0
	})
}

func (m *Memory) matches(s *shelf, f *scim.Filter) []*entry {
	var found []*entry
	withGroups, withMembers := f != nil && f.Uses("groups"), f != nil && f.Uses("members") && s.rt.Name == "Group"
	for _, e := range s.candidates(f) {
		if e.dead {
			continue
		}
		r := e.full
		if withGroups {
			r = m.withGroups(s.rt, e, shallow(e.full))
		}
		if withMembers {
			r = r.Clone()
			m.nameMembers(r)
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
	if rt.Name == "Group" {
		m.nameMembers(r)
	}
	if p.Wants("groups") {
		r = m.withGroups(rt, e, r)
	}
	return r
}

// nameMembers adds the display of each member: the displayName, else the userName.
func (m *Memory) nameMembers(group scim.Resource) {
	list, _ := group["members"].([]any)
	for _, v := range list {
		member, _ := v.(map[string]any)
		typ, _ := member["type"].(string)
		of := m.shelf[typ].byID[memberID(v)].attributes
		for _, name := range []string{"userName", "displayName"} {
			if text, ok := of[name].(string); ok && text != "" {
				member["display"] = text
			}
		}
	}
}

func shallow(r scim.Resource) scim.Resource {
	out := make(scim.Resource, len(r)+1)
	for k, v := range r {
		out[k] = v
	}
	return out
}

// withGroups adds the groups that hold a user, directly or through other groups.
func (m *Memory) withGroups(rt *scim.ResourceType, e *entry, r scim.Resource) scim.Resource {
	if rt.Name != "User" || len(m.groups[e.id]) == 0 {
		return r
	}
	above := m.above(e.id)
	ids := make([]string, 0, len(above))
	for id := range above {
		ids = append(ids, id)
	}
	sort.Strings(ids)
	list := make([]any, 0, len(ids))
	for _, id := range ids {
		group := map[string]any{"value": id, "$ref": "../Groups/" + id, "type": above[id]}
		if name, ok := m.shelf["Group"].byID[id].attributes["displayName"]; ok {
			group["display"] = name
		}
		list = append(list, group)
	}
	r["groups"] = list
	return r
}

// above maps the groups that hold a resource to direct or indirect (RFC 7643, 4.1.2). Groups may hold one another in a loop.
func (m *Memory) above(id string) map[string]string {
	found := make(map[string]string, len(m.groups[id]))
	var queue []string
	for group := range m.groups[id] {
		found[group] = "direct"
		queue = append(queue, group)
	}
	for ; len(queue) > 0; queue = queue[1:] {
		for group := range m.groups[queue[0]] {
			if found[group] == "" {
				found[group] = "indirect"
				queue = append(queue, group)
			}
		}
	}
	return found
}

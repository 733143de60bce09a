package scimtest

import (
	"net/http"
	"slices"

	"github.com/rollcall-id/rollcall/scim"
)

// completeMembers checks that the members of a group exist (rule N20) and fills in what the service knows about them.
func (m *Memory) completeMembers(rt *scim.ResourceType, r scim.Resource) error {
	list, ok := r["members"].([]any)
	if rt.Name != "Group" || !ok {
		return nil
	}
	seen := make(map[string]bool, len(list))
	out := make([]any, 0, len(list))
	for _, v := range list {
		id := memberID(v)
		if seen[id] {
			continue
		}
		seen[id] = true
		typ, endpoint := m.typeOf(id)
		if typ == "" {
			return scim.Errorf(http.StatusBadRequest, scim.InvalidValue,
				"members names %q, and there is no such user or group here; create it first, then add it", id)
		}
		out = append(out, map[string]any{"value": id, "$ref": ".." + endpoint + "/" + id, "type": typ})
	}
	if len(out) == 0 {
		delete(r, "members")
		return nil
	}
	r["members"] = out
	return nil
}

// withUnknown adds to the outcome of a patch the first member that it adds and that does not exist, so that it is refused also where a later operation of the
// same patch takes it out again: what cannot be done is never passed over.
func (m *Memory) withUnknown(p *scim.Patch, next scim.Resource) scim.Resource {
	_, operations, _ := p.SplitMembers()
	for _, o := range operations {
		for _, id := range o.Values {
			if typ, _ := m.typeOf(id); typ != "" || o.Kind != scim.MemberAdd && o.Kind != scim.MemberReplaceAll {
				continue
			}
			next = shallow(next)
			list, _ := next["members"].([]any)
			next["members"] = append(slices.Clone(list), map[string]any{"value": id})
			return next
		}
	}
	return next
}

func memberID(v any) string {
	element, _ := v.(map[string]any)
	id, _ := element["value"].(string)
	return id
}

func (m *Memory) typeOf(id string) (name, endpoint string) {
	for _, typ := range []string{"User", "Group"} {
		if s := m.shelf[typ]; s != nil && s.byID[id] != nil {
			return typ, s.rt.Endpoint
		}
	}
	return "", ""
}

// enrol keeps the way back from members to groups after the members of a group changed from before to what the entry has now.
func (m *Memory) enrol(e *entry, before any) {
	old, _ := before.([]any)
	for _, v := range old {
		id := memberID(v)
		delete(m.groups[id], e.id)
		if len(m.groups[id]) == 0 {
			delete(m.groups, id)
		}
	}
	now, _ := e.attributes["members"].([]any)
	for _, v := range now {
		id := memberID(v)
		if m.groups[id] == nil {
			m.groups[id] = make(map[string]bool)
		}
		m.groups[id][e.id] = true
	}
}

// leave takes a deleted resource out of the groups that hold it. Their versions change with their members.
func (m *Memory) leave(id string) {
	for group := range m.groups[id] {
		s := m.shelf["Group"]
		e := s.byID[group]
		var rest []any
		old, _ := e.attributes["members"].([]any)
		for _, v := range old {
			if memberID(v) != id {
				rest = append(rest, v)
			}
		}
		next := shallow(e.attributes)
		next["members"] = rest
		if rest == nil {
			delete(next, "members")
		}
		e.attributes = next
		m.bump(s.rt, e)
	}
	delete(m.groups, id)
}

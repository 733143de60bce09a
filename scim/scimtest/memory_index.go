package scimtest

import (
	"fmt"

	"github.com/rollcall-id/rollcall/scim"
	"github.com/rollcall-id/rollcall/scim/scimserver"
)

// indexed is a value that can be looked up.
type indexed struct {
	key    indexKey
	shown  string // name and value as a person reads them
	text   string
	unique bool
}

// indexOf lists the values of a resource that the index holds: externalId, and what the schema says is unique.
func indexOf(rt *scim.ResourceType, r scim.Resource) []indexed {
	var out []indexed
	if s, ok := r["externalId"].(string); ok {
		out = append(out, indexed{key: indexKey{"externalId", s}, shown: "externalId", text: s})
	}
	for _, u := range rt.UniqueValues(r) {
		out = append(out, indexed{key: indexKey{u.Path, u.Key}, shown: u.Path, text: fmt.Sprint(u.Value), unique: true})
	}
	return out
}

// taken reports the first unique value that another resource has.
func (s *shelf) taken(id string, r scim.Resource) (other string, err error) {
	for _, v := range indexOf(s.rt, r) {
		if !v.unique {
			continue
		}
		for holder := range s.byName[v.key] {
			if holder != id {
				return holder, scimserver.Conflict(s.rt, v.shown, v.text)
			}
		}
	}
	return "", nil
}

func (s *shelf) index(e *entry) {
	for _, v := range indexOf(s.rt, e.attributes) {
		ids := s.byName[v.key]
		if ids == nil {
			ids = make(map[string]bool, 1)
			s.byName[v.key] = ids
		}
		ids[e.id] = true
	}
}

func (s *shelf) unindex(e *entry) {
	for _, v := range indexOf(s.rt, e.attributes) {
		delete(s.byName[v.key], e.id)
		if len(s.byName[v.key]) == 0 {
			delete(s.byName, v.key)
		}
	}
}

// candidates returns the entries that can match a filter: those of the index when the filter compares an indexed attribute with eq, else all.
func (s *shelf) candidates(f *scim.Filter) []*entry {
	if f == nil {
		return s.order
	}
	c, ok := f.Root().(*scim.Compare)
	if !ok || c.Op != scim.Eq || c.Attr.Sub != "" || c.Attr.URN != "" || c.Value.Kind != scim.LiteralString {
		return s.order
	}
	if c.Attr.Name == "id" {
		return s.pick(map[string]bool{c.Value.Text: true})
	}
	if a := c.Attr.Attribute; c.Attr.Name == "externalId" || a != nil && a.Uniqueness == scim.UniquenessServer {
		return s.pick(s.byName[indexKey{c.Attr.Name, c.Value.Text}])
	}
	return s.order
}

func (s *shelf) pick(ids map[string]bool) []*entry {
	if len(ids) > 1 { // keep the order of creation
		var out []*entry
		for _, e := range s.order {
			if ids[e.id] {
				out = append(out, e)
			}
		}
		return out
	}
	for id := range ids {
		if e := s.byID[id]; e != nil {
			return []*entry{e}
		}
	}
	return nil
}

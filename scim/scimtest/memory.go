package scimtest

import (
	"crypto/rand"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/rollcall-id/rollcall/scim"
	"github.com/rollcall-id/rollcall/scim/scimserver"
)

// Memory keeps resources of any type in memory. The zero value is ready; it must not be copied. It implements scimserver.Backend.
type Memory struct {
	// Now and NewID may be set before the first use; nil: the clock, and random UUIDs.
	Now   func() time.Time
	NewID func() string
	// Reactivate makes a POST that names an inactive user bring it back, as Okta expects (rule N16).
	Reactivate bool

	mu     sync.RWMutex
	shelf  map[string]*shelf          // by name of the resource type
	made   int64                      // resources made so far
	groups map[string]map[string]bool // member id → ids of the groups that hold it
}

var _ scimserver.Backend = (*Memory)(nil)

// shelf holds the resources of one type.
type shelf struct {
	rt     *scim.ResourceType
	byID   map[string]*entry
	order  []*entry                     // as created; deleted ones stay until there are too many
	dead   int                          // deleted entries in order
	byName map[indexKey]map[string]bool // ids by value, for unique attributes and externalId
}

// entry is one resource. Attributes and full are replaced and never changed, so that readers may use them after they let go of the lock.
type entry struct {
	id         string
	seq        int64         // place in the order of creation
	attributes scim.Resource // without id, meta and groups
	full       scim.Resource // with id and meta
	version    int64
	created    time.Time
	modified   time.Time
	dead       bool
	off        bool // active was false when it lost its value
}

type indexKey struct{ attribute, value string }

// Len returns how many resources of the type there are.
func (m *Memory) Len(typ string) int {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if s := m.shelf[typ]; s != nil {
		return len(s.byID)
	}
	return 0
}

// All returns copies of all resources of the type in the order of creation. Users carry no groups.
func (m *Memory) All(typ string) []scim.Resource {
	m.mu.RLock()
	defer m.mu.RUnlock()
	s := m.shelf[typ]
	if s == nil {
		return nil
	}
	out := make([]scim.Resource, 0, len(s.byID))
	for _, e := range s.order {
		if !e.dead {
			out = append(out, e.full.Clone())
		}
	}
	return out
}

func (m *Memory) now() time.Time {
	if m.Now != nil {
		return m.Now().UTC()
	}
	return time.Now().UTC()
}

func (m *Memory) newID() string {
	if m.NewID != nil {
		return m.NewID()
	}
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails: crypto/rand ends the program instead
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// shelfOf returns the shelf of a type, making it. The caller holds the write lock.
func (m *Memory) shelfOf(rt *scim.ResourceType) *shelf {
	if m.shelf == nil {
		m.shelf = make(map[string]*shelf)
		m.groups = make(map[string]map[string]bool)
	}
	s := m.shelf[rt.Name]
	if s == nil {
		s = &shelf{rt: rt, byID: make(map[string]*entry), byName: make(map[indexKey]map[string]bool)}
		m.shelf[rt.Name] = s
	}
	return s
}

// entry finds a resource. The caller holds a lock.
func (m *Memory) entry(rt *scim.ResourceType, id string) (*entry, error) {
	if s := m.shelf[rt.Name]; s != nil {
		if e := s.byID[id]; e != nil {
			return e, nil
		}
	}
	return nil, scimserver.NotFound(rt, id)
}

// seal computes what is shown of an entry from its attributes.
func (e *entry) seal(rt *scim.ResourceType) {
	full := make(scim.Resource, len(e.attributes)+2)
	for k, v := range e.attributes {
		full[k] = v
	}
	full["id"] = e.id
	full["meta"] = map[string]any{
		"resourceType": rt.Name,
		"created":      scim.FormatTime(e.created),
		"lastModified": scim.FormatTime(e.modified),
		"version":      e.tag(),
	}
	e.full = full
}

func (e *entry) tag() string { return `W/"` + strconv.FormatInt(e.version, 10) + `"` }

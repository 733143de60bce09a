package scim

import (
	"context"
	"fmt"
	"sync"

	"github.com/rollcall-id/rollcall/internal/provisioning"
	"github.com/rollcall-id/rollcall/scim"
	"github.com/rollcall-id/rollcall/scim/scimclient"
)

// Planned is a target that reads from the real one and writes nowhere. A preview of a cycle is the same cycle with this target: there is no other
// code that could say something else. It remembers what would have been created, so that the second of two people who would get the same name
// finds the first, as in a real cycle.
type Planned struct {
	target provisioning.Target

	mu      sync.Mutex
	created map[string]provisioning.Entry // by synthetic id
	counts  Counts
}

// Counts is how many writes a plan swallowed.
type Counts struct {
	Creates       int
	Updates       int
	Deletes       int
	MemberChanges int // members added and removed
}

var _ provisioning.Target = (*Planned)(nil)

// Plan returns a target for previews over t.
func Plan(t provisioning.Target) *Planned {
	return &Planned{target: t, created: map[string]provisioning.Entry{}}
}

// Counts returns what would have been written so far.
func (p *Planned) Counts() Counts {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.counts
}

// Probe asks the real target.
func (p *Planned) Probe(ctx context.Context, typ, attribute string) error {
	return p.target.Probe(ctx, typ, attribute)
}

// Find asks the real target and adds what would have been created before.
func (p *Planned) Find(ctx context.Context, typ, attribute, value string) ([]provisioning.Entry, error) {
	found, err := p.target.Find(ctx, typ, attribute, value)
	if err != nil {
		return nil, err
	}
	path, err := known(typ).ParsePath(attribute)
	if err != nil {
		return nil, mappingError(err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, e := range p.created {
		if e.Type == typ && path.Has(e.Resource, value) {
			e.Resource = e.Resource.Clone()
			found = append(found, e)
		}
	}
	return found, nil
}

// Read asks the real target, unless the entry exists only in the plan.
func (p *Planned) Read(ctx context.Context, typ, id string) (provisioning.Entry, error) {
	p.mu.Lock()
	e, ok := p.created[id]
	p.mu.Unlock()
	if ok {
		e.Resource = e.Resource.Clone()
		return e, nil
	}
	return p.target.Read(ctx, typ, id)
}

// Create returns the entry as the target would make it, with an id that says that it is none yet.
func (p *Planned) Create(_ context.Context, typ string, attributes []provisioning.Assignment) (provisioning.Entry, error) {
	changes, err := changesOf(known(typ), attributes)
	if err != nil {
		return provisioning.Entry{}, mappingError(err)
	}
	r := scim.Resource{}
	apply(changes)(r)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.counts.Creates++
	r["id"] = fmt.Sprintf("planned-%d", p.counts.Creates)
	e := entry(typ, r)
	p.created[e.ID] = e
	e.Resource = r.Clone()
	return e, nil
}

// Update counts; an entry that exists only in the plan is changed there.
func (p *Planned) Update(_ context.Context, typ, id string, assignments []provisioning.Assignment) error {
	changes, err := changesOf(known(typ), assignments)
	if err != nil {
		return mappingError(err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.counts.Updates++
	if e, ok := p.created[id]; ok {
		apply(changes)(e.Resource)
		e.Name = name(e.Type, e.Resource)
		p.created[id] = e
	}
	return nil
}

// Delete counts.
func (p *Planned) Delete(_ context.Context, _, id string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.counts.Deletes++
	delete(p.created, id)
	return nil
}

// ChangeMembers counts.
func (p *Planned) ChangeMembers(_ context.Context, _ string, add, remove []string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.counts.MemberChanges += len(add) + len(remove)
	return nil
}

// Requests is how many HTTP requests the reads took.
func (p *Planned) Requests() int64 { return p.target.Requests() }

// known is what is known of a type without a service: a plan's own entries need no more.
func known(typ string) scimclient.Schemas {
	return scimclient.Known(scim.Core(), typ)
}

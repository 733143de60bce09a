package provisioning

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/rollcall-id/rollcall/internal/mapping"
	"github.com/rollcall-id/rollcall/scim"
)

// planTarget reads and never writes. It remembers what would have been written, as far as later lookups depend on it: accounts that would exist, and
// matching values that would have changed hands. So the plan of a person who takes over a colleague's old name is what the cycle does.
type planTarget struct {
	Target
	matching map[string][]string // target paths that accounts are looked up by, by target type

	mu      sync.Mutex
	made    int
	entries map[string]Entry             // accounts that would be new or changed, by id
	values  map[string]map[string]string // their matching values, by id and path
	byValue map[planKey][]string         // their ids
	gone    map[string]bool
}

type planKey struct{ typ, path, value string }

func newPlanTarget(t Target, set mapping.Set) *planTarget {
	p := &planTarget{Target: t, matching: map[string][]string{}, entries: map[string]Entry{}, values: map[string]map[string]string{},
		byValue: map[planKey][]string{}, gone: map[string]bool{}}
	for i := range set.Objects {
		o := &set.Objects[i]
		for j := range o.Attributes {
			if o.Attributes[j].Matching > 0 {
				p.matching[o.Target] = append(p.matching[o.Target], o.Attributes[j].Target)
			}
		}
	}
	return p
}

// planPrefix begins the ids of accounts that a plan would make: no real account has such an id.
const planPrefix = "(new "

// Survey lists the real target.
func (p *planTarget) Survey(ctx context.Context, typ string, paths []string, most int, each func(values [][]string)) (complete bool, err error) {
	s, ok := p.Target.(Surveyor)
	if !ok {
		return false, nil
	}
	return s.Survey(ctx, typ, paths, most, each)
}

// Create refuses a matching value that somebody would have by then, as the target does.
func (p *planTarget) Create(ctx context.Context, typ string, attributes []Assignment) (Entry, error) {
	if err := p.Check(ctx, typ, attributes); err != nil {
		return Entry{}, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, a := range attributes {
		if slices.Contains(p.matching[typ], a.Path) && len(p.holders(typ, a.Path, text(a.Value))) > 0 {
			return Entry{}, &TargetError{Code: "Conflict", Status: 409, Detail: fmt.Sprintf("the plan has an account with the same %s already", a.Path)}
		}
	}
	p.made++
	e := Entry{Type: typ, ID: fmt.Sprintf("%s%d)", planPrefix, p.made)}
	for _, a := range attributes {
		if name, ok := a.Value.(string); ok && (strings.EqualFold(a.Path, "userName") || typ == "Group" && strings.EqualFold(a.Path, "displayName")) {
			e.Name = name
		}
	}
	p.remember(e, attributes)
	return e, nil
}

// Update reads the account, because one that is gone makes the cycle do something else.
func (p *planTarget) Update(ctx context.Context, typ, id string, changes []Assignment) error {
	if err := p.Check(ctx, typ, changes); err != nil {
		return err
	}
	if strings.HasPrefix(id, planPrefix) {
		return nil
	}
	e, err := p.Target.Read(ctx, typ, id)
	if isGone(err) {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.remember(e, changes)
	return nil
}

// Check asks the target what it would not send.
func (p *planTarget) Check(ctx context.Context, typ string, changes []Assignment) error {
	c, ok := p.Target.(Checker)
	if !ok {
		return nil
	}
	return c.Check(ctx, typ, changes)
}

func (p *planTarget) Delete(_ context.Context, _, id string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.gone[id] = true
	return nil
}

func (*planTarget) ChangeMembers(context.Context, string, []string, []string) error { return nil }

// Find is the target's answer with the changes of the plan laid over it.
func (p *planTarget) Find(ctx context.Context, typ, attribute, value string) ([]Entry, error) {
	found, err := p.Target.Find(ctx, typ, attribute, value)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	found = slices.DeleteFunc(found, func(e Entry) bool {
		_, changed := p.values[e.ID][attribute]
		return changed || p.gone[e.ID]
	})
	return append(found, p.holders(typ, attribute, value)...), nil
}

// holders are the accounts that the plan gave the value.
func (p *planTarget) holders(typ, attribute, value string) []Entry {
	var out []Entry
	value = scim.Fold(value)
	for _, id := range p.byValue[planKey{typ, attribute, value}] {
		if p.values[id][attribute] == value && !p.gone[id] {
			out = append(out, p.entries[id])
		}
	}
	return out
}

func (p *planTarget) remember(e Entry, changes []Assignment) {
	for _, a := range changes {
		if !slices.Contains(p.matching[e.Type], a.Path) {
			continue
		}
		if p.values[e.ID] == nil {
			p.values[e.ID] = map[string]string{}
		}
		value := scim.Fold(text(a.Value))
		p.entries[e.ID] = e
		p.values[e.ID][a.Path] = value
		k := planKey{e.Type, a.Path, value}
		p.byValue[k] = append(p.byValue[k], e.ID)
	}
}

package csv

import (
	"context"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/scim"
)

func fold(s string) string { return scim.Fold(s) }

func nameKey(name string) string    { return "n:" + fold(name) }
func externalKey(key string) string { return "e:" + key }

// readGroups enters the groups of the directory. A group is found by its external id where the file has one, and by name otherwise.
func (r *run) readGroups(ctx context.Context) error {
	return r.scan(ctx, directory.Group, func(o directory.Object) error {
		g := group{id: o.ID, state: left, externalID: o.Attributes.ExternalID()}
		if o.Live() {
			g.state, g.current = live, fold(o.Name())
		}
		if o.Owner == directory.OwnerSCIM {
			g.state |= foreign
		}
		if len(r.groups.groups) >= maxPeople {
			return fault.Errorf(fault.ErrInvalid, "the directory has more than %d groups: one import cannot hold them", maxPeople)
		}
		r.groups.enter(g, o.Name())
		return nil
	})
}

// enter adds a group of the directory. Of several under one key a live one comes first, then the one made last.
func (p *groupPlan) enter(g group, name string) {
	at := int32(len(p.groups))
	p.groups = append(p.groups, g)
	keys := []string{nameKey(name)}
	if g.externalID != "" {
		keys = append(keys, externalKey(g.externalID))
	}
	for _, k := range keys {
		if old, known := p.byKey[k]; !known || !p.groups[old].is(live) {
			p.byKey[k] = at
		}
	}
}

// list notes that a row describes the group and returns its index.
func (p *groupPlan) list(name, external string, line int) int32 {
	at, known := p.match(name, external)
	if !known {
		at = int32(len(p.groups))
		p.groups = append(p.groups, group{})
	}
	if external != "" {
		p.byKey[externalKey(external)] = at
	}
	g := &p.groups[at]
	if g.line == 0 {
		g.line, g.name = line, name
		if external != "" {
			g.externalID = external
		}
		if _, taken := p.listed[fold(name)]; !taken {
			p.listed[fold(name)] = at
		}
	}
	return at
}

// match finds the group that a row means. A group without an external id is found by name even where the file has one, and then gets it.
func (p *groupPlan) match(name, external string) (int32, bool) {
	if external == "" {
		if at, known := p.listed[fold(name)]; known {
			return at, true
		}
		at, known := p.byKey[nameKey(name)]
		return at, known && p.groups[at].line == 0
	}
	if at, known := p.byKey[externalKey(external)]; known {
		return at, true
	}
	at, known := p.byKey[nameKey(name)]
	return at, known && p.groups[at].externalID == "" && p.groups[at].line == 0
}

// settleGroups makes sure that every name has one holder after the import, as settleNames does for people.
func (r *run) settleGroups() error {
	p := r.groups
	if p.partial {
		for i := range p.groups {
			if g := &p.groups[i]; g.is(live) && g.line == 0 {
				g.state |= protected
			}
		}
		r.warn("no group and no member was removed, because rows of %s that cannot be read may name them", p.file.Name)
	}
	wanted, holders := map[string]int32{}, map[string]int32{}
	for i := range p.groups {
		g := &p.groups[i]
		if g.is(live) {
			holders[g.current] = int32(i)
		}
		if g.line == 0 {
			continue
		}
		if g.is(foreign) {
			g.state |= rejected
			r.warn("%s, line %d: the group %q stays as it is, because a SCIM client looks after it", p.file.Name, g.line, brief(g.name))
			continue
		}
		if other, taken := wanted[fold(g.name)]; taken {
			g.state |= rejected
			err := r.rejectGroup(g.line, "the group %q of line %d has the same name and another externalId: a name belongs to one group",
				brief(g.name), p.groups[other].line)
			if err != nil {
				return err
			}
			continue
		}
		wanted[fold(g.name)] = int32(i)
	}
	for again := true; again; {
		var err error
		if again, err = r.settleGroupHolders(holders); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) settleGroupHolders(holders map[string]int32) (again bool, err error) {
	p, takers := r.groups, 0
	for i := range p.groups {
		g := &p.groups[i]
		at, held := holders[fold(g.name)]
		if g.line == 0 || g.is(rejected) || !held || at == int32(i) {
			continue
		}
		holder := &p.groups[at]
		switch {
		case holder.line == 0 && holder.leaves():
		case holder.line == 0 || holder.is(rejected):
			again = true
			g.state |= rejected
			if err := r.rejectGroup(g.line, "the name %q belongs to another group in the directory, which keeps it", brief(g.name)); err != nil {
				return false, err
			}
		default:
			g.state |= taker
			takers++
		}
	}
	if takers > maxTakers {
		return false, fault.Errorf(fault.ErrInvalid, "%d groups would get the name of another group, and at most %d may: it looks as if a column of %s has moved "+
			"against the others. Nothing was imported", takers, maxTakers, p.file.Name)
	}
	return again, nil
}

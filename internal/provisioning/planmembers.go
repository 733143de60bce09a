package provisioning

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/rollcall-id/rollcall/internal/directory"
)

// MemberDelta tells all differences of a group at once and then none: nothing is written that would make the next comparison shorter.
func (s *planStore) MemberDelta(ctx context.Context, org, app, group string, expand bool, _ int) (add, remove []MemberLink, err error) {
	s.mu.Lock()
	done, reset := s.compared[group], s.reset[group]
	s.compared[group] = true
	s.mu.Unlock()
	if done {
		return nil, nil, nil
	}
	if reset {
		add, err = s.everybody(ctx, app, group, expand)
		return add, nil, err
	}
	if add, remove, err = s.Store.MemberDelta(ctx, org, app, group, expand, math.MaxInt32); err != nil {
		return nil, nil, err
	}
	joining, err := s.joiners(ctx, app, expand)
	if err != nil {
		return nil, nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	add = slices.DeleteFunc(add, func(m MemberLink) bool {
		k := Key{m.Type, m.Source}
		l, changed := s.links[k]
		return s.gone[k] || changed && l.Target != m.Target
	})
	return append(add, joining[group]...), remove, nil
}

// everybody lists the members of a group that have an account.
func (s *planStore) everybody(ctx context.Context, app, group string, expand bool) ([]MemberLink, error) {
	ids := map[string][]string{}
	if expand {
		users, err := directory.EffectiveMembers(ctx, s.directory, s.org, group)
		if err != nil {
			return nil, err
		}
		ids[directory.User] = users
	} else {
		for after := ""; ; {
			rows, err := s.directory.Members(ctx, s.org, group, after, 2*pageSize)
			if err != nil {
				return nil, fmt.Errorf("read the members of group %s: %w", group, err)
			}
			if len(rows) == 0 {
				break
			}
			after = rows[len(rows)-1].Member
			for _, m := range rows {
				ids[m.MemberType] = append(ids[m.MemberType], m.Member)
			}
		}
	}
	var all []MemberLink
	for _, typ := range []string{directory.User, directory.Group} {
		for chunk := range slices.Chunk(ids[typ], 2*pageSize) {
			links, err := s.Links(ctx, app, typ, chunk)
			if err != nil {
				return nil, err
			}
			for _, id := range chunk {
				if l, ok := links[id]; ok {
					all = append(all, MemberLink{Type: typ, Source: id, Target: l.Target})
				}
			}
		}
	}
	return all, nil
}

// joiners finds the groups of everybody who got an account in this plan, once: the stored links know nothing of them.
func (s *planStore) joiners(ctx context.Context, app string, expand bool) (map[string][]MemberLink, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.joining != nil {
		return s.joining, nil
	}
	joining := map[string][]MemberLink{}
	for _, typ := range []string{directory.User, directory.Group} {
		if expand && typ == directory.Group {
			continue // where groups are expanded, only people are members
		}
		for ids := range slices.Chunk(s.sources(typ), 2*pageSize) {
			stored, err := s.Store.Links(ctx, app, typ, ids)
			if err != nil {
				return nil, err
			}
			for _, id := range ids {
				m := MemberLink{Type: typ, Source: id, Target: s.links[Key{typ, id}].Target}
				if before, ok := stored[id]; ok && before.Target == m.Target {
					continue
				}
				groups, err := groupsOf(ctx, s.directory, s.org, id, expand)
				if err != nil {
					return nil, err
				}
				for _, g := range groups {
					joining[g] = append(joining[g], m)
				}
			}
		}
	}
	s.joining = joining
	return joining, nil
}

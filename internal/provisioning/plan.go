package provisioning

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"

	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/record"
)

// Plan is what the next cycle would do: the same code over a target that is only read and a store that keeps everything in memory. So a plan cannot say
// anything else than what the cycle does, as long as nothing changes in between.
type Plan struct {
	Result
	// Records are the actions, failures, warnings and held objects, worst consequence first; what would be left alone is only counted.
	Records []record.Record `json:"records"`
}

// Plan returns what the next cycle would do. It writes nothing, takes no lease, and changes neither watermark nor quarantine.
func (e *Engine) Plan(ctx context.Context, app application.Application, target Target, o Options) (Plan, error) {
	store := newPlanStore(e, app.Organization)
	planner := *e
	planner.Store = store
	c, err := planner.open(ctx, app, newPlanTarget(target, app.Mapping), o)
	if err != nil {
		return Plan{}, err
	}
	c.plan = true
	err = c.run(ctx)
	var stop *stopError
	switch {
	case errors.As(err, &stop):
		c.job.Quarantine = quarantined(c.job.Quarantine, e.now(), reasonException, stop.target.Code, stop.target.Detail)
	case err != nil:
		return Plan{Result: c.result(), Records: store.sorted()}, err
	default:
		c.complete(&c.job)
	}
	return Plan{Result: c.result(), Records: store.sorted()}, nil
}

// planStore lays what a plan would store over what is stored, so that the second pass sees the links of the first.
type planStore struct {
	Store
	directory directory.Reader
	org       string

	mu       sync.Mutex
	links    map[Key]Link // with only the references in Written: nothing else is read again
	gone     map[Key]bool
	records  []record.Record
	reset    map[string]bool         // groups that would be made again: nobody is in them
	compared map[string]bool         // groups whose members were compared
	joining  map[string][]MemberLink // members that got a link in this plan, by group; nil: not yet known
}

func newPlanStore(e *Engine, org string) *planStore {
	return &planStore{Store: e.Store, directory: e.Directory, org: org, links: map[Key]Link{}, gone: map[Key]bool{}, compared: map[string]bool{}, reset: map[string]bool{}}
}

func (s *planStore) Commit(_ context.Context, _ string, b Batch) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range b.Unlink {
		delete(s.links, k)
		s.gone[k] = true
	}
	for _, l := range b.Links {
		k := Key{l.Type, l.Source}
		s.links[k] = l
		delete(s.gone, k)
	}
	for _, g := range b.Members {
		s.reset[g.Group] = s.reset[g.Group] || g.Reset
	}
	for _, r := range b.Records {
		if r.Action != record.NoAction || r.Status != record.Skipped {
			s.records = append(s.records, r)
		}
	}
	return nil
}

func (s *planStore) SaveJob(context.Context, Job) error { return nil }

func (s *planStore) Links(ctx context.Context, app, typ string, sources []string) (map[string]Link, error) {
	links, err := s.Store.Links(ctx, app, typ, sources)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range sources {
		k := Key{typ, id}
		if l, ok := s.links[k]; ok {
			links[id] = l
		} else if s.gone[k] {
			delete(links, id)
		}
	}
	return links, nil
}

// ScanLinks returns the stored links; those of the plan come after the last of them, on a page of their own.
func (s *planStore) ScanLinks(ctx context.Context, app, typ, after string, limit int) ([]Link, error) {
	stored, err := s.Store.ScanLinks(ctx, app, typ, after, limit)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	last := "" // beyond the end of this page, the next one begins
	if len(stored) == limit {
		last = stored[limit-1].Source
	}
	merged := slices.DeleteFunc(stored, func(l Link) bool {
		k := Key{l.Type, l.Source}
		_, replaced := s.links[k]
		return replaced || s.gone[k]
	})
	for k, l := range s.links {
		if k.Type == typ && k.Source > after && (last == "" || k.Source <= last) {
			merged = append(merged, l)
		}
	}
	slices.SortFunc(merged, func(a, b Link) int { return cmp.Compare(a.Source, b.Source) })
	return merged, nil
}

func (s *planStore) LinkByTarget(ctx context.Context, app, typ, target string) (Link, error) {
	s.mu.Lock()
	for k, l := range s.links {
		if k.Type == typ && l.Target == target {
			s.mu.Unlock()
			return l, nil
		}
	}
	s.mu.Unlock()
	l, err := s.Store.LinkByTarget(ctx, app, typ, target)
	if err != nil {
		return l, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.gone[Key{typ, l.Source}] {
		return Link{}, fault.Errorf(fault.ErrNotFound, "account %s has no link", target)
	}
	return l, nil
}

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
	joining, err := s.joiners(ctx, expand)
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

// joiners finds the groups of everybody who got a link in this plan, once.
func (s *planStore) joiners(ctx context.Context, expand bool) (map[string][]MemberLink, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.joining != nil {
		return s.joining, nil
	}
	joining := map[string][]MemberLink{}
	keys := make([]Key, 0, len(s.links))
	for k := range s.links {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b Key) int { return cmp.Compare(a.Source, b.Source) })
	for _, k := range keys {
		l := s.links[k]
		if !strings.HasPrefix(l.Target, planPrefix) || (expand && k.Type == directory.Group) {
			continue
		}
		groups, err := s.groupsOf(ctx, k.Source, expand)
		if err != nil {
			return nil, err
		}
		for _, g := range groups {
			joining[g] = append(joining[g], MemberLink{Type: k.Type, Source: k.Source, Target: l.Target})
		}
	}
	s.joining = joining
	return joining, nil
}

func (s *planStore) groupsOf(ctx context.Context, id string, expand bool) ([]string, error) {
	if expand {
		return directory.EffectiveGroups(ctx, s.directory, s.org, id)
	}
	rows, err := s.directory.GroupsOf(ctx, s.org, id)
	if err != nil {
		return nil, fmt.Errorf("read the groups of %s: %w", id, err)
	}
	groups := make([]string, 0, len(rows))
	for _, m := range rows {
		groups = append(groups, m.Group)
	}
	return groups, nil
}

// sorted orders the records by consequence, then by name.
func (s *planStore) sorted() []record.Record {
	s.mu.Lock()
	defer s.mu.Unlock()
	records := slices.Clone(s.records)
	slices.SortStableFunc(records, func(a, b record.Record) int {
		return cmp.Or(
			cmp.Compare(record.Severity(a), record.Severity(b)),
			-cmp.Compare(a.Kind, b.Kind),
			cmp.Compare(a.Source.Name, b.Source.Name),
			cmp.Compare(a.Source.ID, b.Source.ID),
		)
	})
	return records
}

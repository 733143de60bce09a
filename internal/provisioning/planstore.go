package provisioning

import (
	"context"
	"slices"
	"sync"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/record"
)

// planStore lays what a plan would store over what is stored, so that the second pass sees the links of the first.
type planStore struct {
	Store
	directory directory.Reader
	org       string

	mu       sync.Mutex
	links    map[Key]Link
	byTarget map[planAccount]Key
	gone     map[Key]bool
	sorted   map[string][]string // the sources of links by type, ordered; nil: to be sorted again
	records  []record.Record
	reset    map[string]bool         // groups that would be made again: nobody is in them
	compared map[string]bool         // groups whose members were compared
	joining  map[string][]MemberLink // members that got a link in this plan, by group; nil: not yet known
}

// planAccount is an account at the target.
type planAccount struct{ typ, target string }

func newPlanStore(e *Engine, org string) *planStore {
	return &planStore{Store: e.Store, directory: e.Directory, org: org, links: map[Key]Link{}, byTarget: map[planAccount]Key{}, gone: map[Key]bool{},
		sorted: map[string][]string{}, compared: map[string]bool{}, reset: map[string]bool{}}
}

func (s *planStore) Commit(_ context.Context, _ string, b Batch) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range b.Unlink {
		delete(s.links, k)
		s.gone[k] = true
		s.sorted[k.Type] = nil
	}
	for _, l := range b.Links {
		k := Key{l.Type, l.Source}
		if _, known := s.links[k]; !known {
			s.sorted[k.Type] = nil
		}
		s.links[k] = l
		s.byTarget[planAccount{l.Type, l.Target}] = k
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

func (*planStore) SaveJob(context.Context, Job) error { return nil }

func (*planStore) ChangeJob(context.Context, string, func(*Job)) error { return nil }

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

// ScanLinks merges the stored links and those of the plan.
func (s *planStore) ScanLinks(ctx context.Context, app, typ, after string, limit int) ([]Link, error) {
	for {
		stored, err := s.Store.ScanLinks(ctx, app, typ, after, limit)
		if err != nil {
			return nil, err
		}
		if merged := s.merge(typ, after, stored, limit); len(merged) > 0 || len(stored) < limit {
			return merged, nil
		}
		after = stored[len(stored)-1].Source // the whole page is gone in this plan
	}
}

// merge lays the plan's links over a page of stored ones. What lies beyond a full page belongs to the next one.
func (s *planStore) merge(typ, after string, stored []Link, limit int) []Link {
	s.mu.Lock()
	defer s.mu.Unlock()
	ours := s.sources(typ)
	from, exact := slices.BinarySearch(ours, after)
	if exact {
		from++
	}
	to := len(ours)
	if len(stored) == limit {
		if to, exact = slices.BinarySearch(ours, stored[limit-1].Source); exact {
			to++
		}
	}
	ours = ours[from:min(to, from+limit)]
	var out []Link
	for len(out) < limit && len(stored)+len(ours) > 0 {
		if len(ours) == 0 || len(stored) > 0 && stored[0].Source < ours[0] {
			if !s.gone[Key{typ, stored[0].Source}] {
				out = append(out, stored[0])
			}
			stored = stored[1:]
			continue
		}
		if len(stored) > 0 && stored[0].Source == ours[0] {
			stored = stored[1:]
		}
		out = append(out, s.links[Key{typ, ours[0]}])
		ours = ours[1:]
	}
	return out
}

func (s *planStore) sources(typ string) []string {
	if s.sorted[typ] == nil {
		ids := make([]string, 0, len(s.links))
		for k := range s.links {
			if k.Type == typ {
				ids = append(ids, k.Source)
			}
		}
		slices.Sort(ids)
		s.sorted[typ] = ids
	}
	return s.sorted[typ]
}

func (s *planStore) LinkByTarget(ctx context.Context, app, typ, target string) (Link, error) {
	if l, ok := s.planned(typ, target); ok {
		return l, nil
	}
	l, err := s.Store.LinkByTarget(ctx, app, typ, target)
	if err != nil {
		return l, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	k := Key{typ, l.Source}
	if now, changed := s.links[k]; s.gone[k] || changed && now.Target != target {
		return Link{}, fault.Errorf(fault.ErrNotFound, "account %s has no link", target)
	}
	return l, nil
}

// planned finds a link that the plan made or changed.
func (s *planStore) planned(typ, target string) (Link, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k, ok := s.byTarget[planAccount{typ, target}]
	l := s.links[k]
	return l, ok && l.Target == target
}

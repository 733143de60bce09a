package provisioning_test

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/record"
)

// check is what must hold after every cycle, however it ended.
func (s *sim) check(rough, allowed bool) {
	writes := s.net.writes[s.checked:]
	s.learn(writes)
	s.checkTakeaways(writes, allowed)
	s.checkLog(writes)
	if !rough && s.err != nil {
		s.soft.Errorf("a cycle without mishaps failed: %v", s.err)
	}
}

// learn notes whose the accounts are.
func (s *sim) learn(writes []effect) {
	for _, typ := range []string{directory.User, directory.Group} {
		links, err := s.store.ScanLinks(s.t.Context(), s.app.ID, typ, "", 500)
		s.must(err)
		for _, l := range links {
			s.sources[l.Target] = l.Source
		}
	}
	for _, e := range writes {
		if !strings.HasPrefix(e.line, "POST") || s.born[e.account] != "" {
			continue
		}
		for _, name := range slices.Concat(s.users, s.groups) {
			if strings.Contains(e.line, `"`+name+`"`) {
				s.born[e.account] = s.find(name).ID
			}
		}
	}
}

// sourceOf is the object that an account belongs to, or belonged to.
func (s *sim) sourceOf(account string) string {
	if id := s.sources[account]; id != "" {
		return id
	}
	return s.born[account]
}

// checkTakeaways: nobody in scope is disabled or deleted, and not more than the threshold at once unless somebody allowed it.
func (s *sim) checkTakeaways(writes []effect, allowed bool) {
	taken := 0
	for _, e := range writes {
		if !e.takeaway {
			continue
		}
		taken++
		if s.wanted(s.sourceOf(e.account)) {
			s.soft.Errorf("%s was taken away from somebody who is in scope", e.line)
		}
	}
	if most := s.app.Settings.DeletionThreshold; most >= 0 && taken > most && !allowed {
		s.soft.Errorf("%d accounts were taken away, the threshold is %d, and nobody allowed it", taken, most)
	}
}

// wanted reports whether the object is to have an active account.
func (s *sim) wanted(source string) bool {
	for _, name := range s.users {
		if o := s.find(name); o.ID == source {
			return o.Live() && o.Active() && s.entitled(o)
		}
	}
	for _, name := range s.groups {
		if s.find(name).ID == source {
			return s.assigned[name]
		}
	}
	return false
}

// checkLog: whatever was changed at the service is in the log. What a node did in the moment of its death is recorded by a later cycle.
func (s *sim) checkLog(writes []effect) {
	s.debts = append(s.debts, writes...)
	if s.err != nil || s.result.Quarantine != nil {
		return // not everybody was looked at
	}
	for _, e := range s.debts {
		source := s.sourceOf(e.account)
		if !slices.ContainsFunc(s.records(e.since), func(r record.Record) bool { return r.Target.ID == e.account || r.Source.ID == source }) {
			s.soft.Errorf("no record of %s (account %s)", e.line, e.account)
		}
	}
	s.debts = nil
}

// records are those after a position.
func (s *sim) records(after int64) (out []record.Record) {
	for {
		page, position, err := s.store.Records(s.t.Context(), record.Query{Application: s.app.ID, After: after, Limit: 500})
		s.must(err)
		if len(page) == 0 {
			return out
		}
		out, after = append(out, page...), position
	}
}

// orphaned reports whether somebody has an account that no node ever knew of: it was made, nobody heard the answer, and before the next cycle the person had
// left (docs/known-limits.md).
func (s *sim) orphaned(source string) bool {
	for account, of := range s.born {
		if of == source && s.sources[account] == "" {
			return true
		}
	}
	return false
}

// end is what must hold when everything has come to rest.
func (s *sim) end() {
	for _, wrong := range s.chaos.check() {
		name, _, _ := strings.Cut(strings.TrimPrefix(wrong, "group "), ":")
		if strings.Contains(wrong, ": in scope false") || strings.Contains(wrong, ": assigned false") {
			if id := s.find(name).ID; s.forgotten[id] || s.orphaned(id) {
				continue
			}
		}
		s.soft.Errorf("in the end: %s", wrong)
	}
	count := map[string]int{}
	for _, typ := range []string{directory.User, directory.Group} {
		there := map[string]bool{}
		for _, a := range s.service.All(typ) {
			there[a.ID()] = true
			if source := s.sourceOf(a.ID()); source != "" {
				if count[source]++; count[source] > 1 {
					s.soft.Errorf("in the end: %s has several accounts, one is %s", source, a.ID())
				}
			}
		}
		links, err := s.store.ScanLinks(s.t.Context(), s.app.ID, typ, "", 500)
		s.must(err)
		for _, l := range links {
			if !there[l.Target] {
				s.soft.Errorf("in the end: the link of %s points to account %s, which does not exist", l.SourceName, l.Target)
			}
		}
	}
	s.checkStill()
}

// checkStill: a cycle has nothing more to do.
func (s *sim) checkStill() {
	before := len(s.net.writes)
	s.turn(false)
	if w := s.result.Tally; len(s.net.writes) > before || w.Failed+w.Staged > 0 {
		s.soft.Errorf("in the end: a cycle still has something to do: %s", fmt.Sprint(words(w)))
	}
}

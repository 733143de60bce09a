package provisioning_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/provisioning"
	"github.com/rollcall-id/rollcall/internal/record"
	"github.com/rollcall-id/rollcall/internal/store"
	"github.com/rollcall-id/rollcall/internal/store/storetest"
)

var auditor = directory.Origin{Actor: "carol", Cause: "ticket 7"}

// linked is a world in which the people have accounts and provisioning is off.
func linked(t *testing.T, s *store.Store, names ...string) *world {
	w := newWorld(t, s, "vault-platform")
	for _, name := range names {
		w.user(name, nil)
		w.assign(name, "", true)
	}
	w.once(t)
	w.must(w.engine.Stop(t.Context(), w.app))
	return w
}

func (w *world) once(t *testing.T) provisioning.Result {
	t.Helper()
	w.wait(time.Hour)
	r, err := w.engine.RunOnce(t.Context(), w.app, w.target(), provisioning.Options{})
	w.must(err)
	return r
}

func (w *world) linkOf(name string) provisioning.Link {
	w.t.Helper()
	l, err := w.engine.LinkByName(w.t.Context(), w.app, "User", name)
	w.must(err)
	return l
}

// TestBrokenLinkIsMatchedAnew: the link goes, and nothing else; who did it is in the log; the next cycle, an incremental one, finds the account.
func TestBrokenLinkIsMatchedAnew(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		w := linked(t, s, "anna@x.example", "bert@x.example")
		before := w.linkOf("anna@x.example")
		removed, err := w.engine.BreakLink(t.Context(), w.app, before, auditor)
		if !removed || err != nil {
			t.Fatalf("break: %v, %v", removed, err)
		}
		if again, err := w.engine.BreakLink(t.Context(), w.app, before, auditor); again || err != nil {
			t.Errorf("break again: %v, %v; want nothing done and no error", again, err)
		}
		records, _, err := s.Records(t.Context(), record.Query{Application: w.app.ID, User: "anna@x.example", Limit: 10})
		w.must(err)
		last := records[len(records)-1]
		if len(records) != 2 || last.Action != record.Unlink || last.Actor != "carol" || last.Target.ID != before.Target || !last.Time.Equal(w.clock()) {
			t.Errorf("%d records, the last of them %+v; want one unlink by carol", len(records), last)
		}
		if st, err := w.engine.Status(t.Context(), w.app); err != nil || st.Escrows != 0 || st.Counts.Users != 1 {
			t.Errorf("status %+v, %v; want one link and no failure", st, err)
		}
		if r := w.once(t); r.Kind != provisioning.KindIncremental || r.Linked != 1 || r.Created != 0 || r.Failed != 0 {
			t.Errorf("cycle after it: %+v; want one account linked", r.Tally)
		}
		if after := w.linkOf("anna@x.example"); after.Target != before.Target {
			t.Errorf("linked to %s, want %s again", after.Target, before.Target)
		}
		if r := w.once(t); r.Evaluated != 0 {
			t.Errorf("the cycle after that looked at %d objects, want none", r.Evaluated)
		}
	})
}

// TestBreakLinkNeedsStop: with provisioning on, or with another account under the name by now, the link stays.
func TestBreakLinkNeedsStop(t *testing.T) {
	w := linked(t, storetest.Open(t, storetest.SQLite(t)), "anna@x.example")
	link := w.linkOf("anna@x.example")
	stale := link
	stale.Target = "another"
	if _, err := w.engine.BreakLink(t.Context(), w.app, stale, auditor); !errors.Is(err, fault.ErrConflict) {
		t.Errorf("a stale link: %v, want a conflict", err)
	}
	w.must(w.engine.Start(t.Context(), w.app))
	if _, err := w.engine.BreakLink(t.Context(), w.app, link, auditor); !errors.Is(err, fault.ErrConflict) {
		t.Errorf("provisioning is on: %v, want a conflict", err)
	}
	if _, _, err := w.engine.Rematch(t.Context(), w.app, w.target(), link, auditor); !errors.Is(err, fault.ErrConflict) {
		t.Errorf("rematch while provisioning is on: %v, want a conflict", err)
	}
	if got := w.linkOf("anna@x.example"); got.Target != link.Target {
		t.Errorf("the link is %+v", got)
	}
}

// TestRematch: the plan writes nothing; the real one links the account that matches now; where nothing would be linked, the link stays.
func TestRematch(t *testing.T) {
	w := linked(t, storetest.Open(t, storetest.SQLite(t)), "anna@x.example")
	link := w.linkOf("anna@x.example")
	plan, err := w.engine.PlanRematch(t.Context(), w.app, w.target(), link)
	if err != nil || plan.Action != record.Link || plan.Target.ID != link.Target || !plan.Plan || len(plan.Steps) != 5 {
		t.Errorf("plan %+v, %v; want the same account linked", plan, err)
	}
	if got := w.linkOf("anna@x.example"); got.Target != link.Target {
		t.Fatal("the plan broke the link")
	}
	got, broken, err := w.engine.Rematch(t.Context(), w.app, w.target(), link, auditor)
	if err != nil || !broken || got.Action != record.Link || got.Steps[2].Status != record.Success {
		t.Errorf("rematch %+v, %v, %v", got, broken, err)
	}
	if list, err := w.store.Escrows(t.Context(), w.app.ID); err != nil || len(list) != 0 {
		t.Errorf("escrows %+v, %v; want none left", list, err)
	}
	w.assign("anna@x.example", "", false)
	got, broken, err = w.engine.Rematch(t.Context(), w.app, w.target(), link, auditor)
	if err != nil || broken || got.Action != record.NoAction {
		t.Errorf("out of scope: %+v, %v, %v; want the link left", got, broken, err)
	}
	w.linkOf("anna@x.example")
}

// TestLinksAreFoundByEitherID: the source's id first, then the account's (spec 1.12), and by the name of somebody who is gone.
func TestLinksAreFoundByEitherID(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		w := linked(t, s, "anna@x.example")
		link := w.linkOf("ANNA@x.example")
		for _, id := range []string{link.Source, link.Target} {
			if got, err := w.engine.LinkByID(t.Context(), w.app, id); err != nil || got.Source != link.Source {
				t.Errorf("by id %s: %+v, %v", id, got, err)
			}
		}
		if _, err := w.engine.LinkByID(t.Context(), w.app, "nobody"); !errors.Is(err, fault.ErrNotFound) {
			t.Errorf("by an id that nobody has: %v", err)
		}
		w.must(w.dir.Write(t.Context(), org, directory.Origin{}, func(ctx context.Context, tx *directory.Writer) error { return tx.Purge(ctx, "User", link.Source) }))
		if got := w.linkOf("anna@x.example"); got.Target != link.Target {
			t.Errorf("of somebody purged: %+v", got)
		}
		why, err := w.engine.Why(t.Context(), w.app, s, "User", "anna@x.example")
		if err != nil || why.Answer.Answer != provisioning.WhyPurged || why.Account == nil {
			t.Errorf("why: %+v, %v; want purged, with the account", why.Answer, err)
		}
	})
}

// TestEachLink: every link once, however many pages they are.
func TestEachLink(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s, "vault-platform")
		const n = 1203
		var b provisioning.Batch
		for i := range n {
			b.Links = append(b.Links, provisioning.Link{Type: "User", Source: fmt.Sprintf("u%05d", i), Target: fmt.Sprintf("a%05d", i), State: provisioning.LinkActive})
		}
		w.must(s.Commit(t.Context(), w.app.ID, b))
		last, seen := "", 0
		for l, err := range w.engine.EachLink(t.Context(), w.app, "User") {
			if w.must(err); l.Source <= last {
				t.Fatalf("%s after %s", l.Source, last)
			}
			last, seen = l.Source, seen+1
		}
		if seen != n {
			t.Errorf("%d links, want %d", seen, n)
		}
	})
}

package store_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/provisioning"
	"github.com/rollcall-id/rollcall/internal/record"
	"github.com/rollcall-id/rollcall/internal/store"
	"github.com/rollcall-id/rollcall/internal/store/storetest"
)

// withApplication gives the test an organization with the application app1.
func withApplication(t *testing.T, fn func(t *testing.T, s *store.Store, org string)) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		org := storetest.Organization(t, s, "acme")
		if err := s.CreateApplication(t.Context(), sampleApplication(org)); err != nil {
			t.Fatal(err)
		}
		fn(t, s, org)
	})
}

func commit(t *testing.T, s *store.Store, b provisioning.Batch) {
	t.Helper()
	if err := s.Commit(t.Context(), "app1", b); err != nil {
		t.Fatalf("commit: %v", err)
	}
}

func TestJob(t *testing.T) {
	withApplication(t, func(t *testing.T, s *store.Store, _ string) {
		got, err := s.Job(t.Context(), "app1")
		if d := cmp.Diff(provisioning.Job{Application: "app1"}, got); d != "" || err != nil {
			t.Errorf("missing job: %v (-want +got):\n%s", err, d)
		}
		want := provisioning.Job{
			Application: "app1", Watermark: 42, Initial: true, Revision: 3, LastCycle: json.RawMessage(`{"a":1}`), LastEnd: noon, FirstSteady: noon,
			Quarantine: &provisioning.Quarantine{Reason: "r", Began: noon, SeriesCount: 2}, Held: &provisioning.Held{Threshold: 5, Count: 6}, DeletesOK: true,
		}
		for range 2 {
			if err := s.SaveJob(t.Context(), want); err != nil {
				t.Fatal(err)
			}
			want.Watermark++
		}
		want.Watermark--
		got, err = s.Job(t.Context(), "app1")
		if d := cmp.Diff(want, got); d != "" || err != nil {
			t.Errorf("job: %v (-want +got):\n%s", err, d)
		}
		wantError(t, s.SaveJob(t.Context(), provisioning.Job{Application: "nobody"}), fault.ErrNotFound)
	})
}

func TestLinks(t *testing.T) {
	withApplication(t, func(t *testing.T, s *store.Store, _ string) {
		ada := provisioning.Link{
			Type: directory.User, Source: "u1", SourceName: "ada", Target: "t1", TargetName: "ada@t", State: provisioning.LinkActive, Managed: true,
			Written: map[string]any{"userName": "ada", "active": true, "n": int64(1 << 60), "f": 1.5, "members": []any{"a", "b"}}, Updated: noon,
		}
		bob := provisioning.Link{Type: directory.User, Source: "u2", Target: "t2", State: provisioning.LinkDisabled}
		all := provisioning.Link{Type: directory.Group, Source: "g1", Target: "t1", State: provisioning.LinkActive}
		commit(t, s, provisioning.Batch{Links: []provisioning.Link{ada, bob, all}, Escrows: []provisioning.Escrow{
			{Type: "User", Source: "u2", Name: "bob", Since: noon, Attempts: 2, Next: noon.Add(time.Hour), Code: "Conflict", Message: "m"},
			{Type: "User", Source: "u3", Excluded: true},
		}})
		got, err := s.Links(t.Context(), "app1", directory.User, []string{"u1", "u9", "g1"})
		if d := cmp.Diff(map[string]provisioning.Link{"u1": ada}, got); d != "" || err != nil {
			t.Errorf("links: %v (-want +got):\n%s", err, d)
		}
		page, err := s.ScanLinks(t.Context(), "app1", directory.User, "u1", 10)
		if err != nil || len(page) != 1 || page[0].Source != "u2" || page[0].State != provisioning.LinkDisabled || page[0].Written != nil {
			t.Errorf("scan: %+v, %v", page, err)
		}
		if l, err := s.LinkByTarget(t.Context(), "app1", directory.Group, "t1"); err != nil || l.Source != "g1" {
			t.Errorf("by target: %+v, %v", l, err)
		}
		_, err = s.LinkByTarget(t.Context(), "app1", directory.User, "t9")
		wantError(t, err, fault.ErrNotFound)
		counts, err := s.Counts(t.Context(), "app1")
		if d := cmp.Diff(provisioning.Counts{Users: 2, Groups: 1, Linked: 3, Disabled: 1, Failed: 1}, counts); d != "" || err != nil {
			t.Errorf("counts: %v (-want +got):\n%s", err, d)
		}
		if c, err := s.Counts(t.Context(), "app9"); err != nil || c != (provisioning.Counts{}) {
			t.Errorf("counts of nothing: %+v, %v", c, err)
		}
		// An account passes to another source in one batch.
		taken := provisioning.Link{Type: directory.User, Source: "u4", Target: "t1"}
		err = s.Commit(t.Context(), "app1", provisioning.Batch{Links: []provisioning.Link{taken}})
		wantError(t, err, fault.ErrConflict)
		commit(t, s, provisioning.Batch{Unlink: []provisioning.Key{{Type: directory.User, Source: "u1"}}, Links: []provisioning.Link{taken}})
		if l, err := s.LinkByTarget(t.Context(), "app1", directory.User, "t1"); err != nil || l.Source != "u4" {
			t.Errorf("after passing: %+v, %v", l, err)
		}
	})
}

func TestEscrows(t *testing.T) {
	withApplication(t, func(t *testing.T, s *store.Store, _ string) {
		one := provisioning.Escrow{Type: "User", Source: "u1", Name: "ada", Since: noon, Attempts: 1, Next: noon, Code: "c", Message: "m"}
		two := provisioning.Escrow{Type: "Group", Source: "g1", Excluded: true}
		list := func(want ...provisioning.Escrow) {
			t.Helper()
			got, err := s.Escrows(t.Context(), "app1")
			if d := cmp.Diff(want, got); d != "" || err != nil {
				t.Errorf("%v (-want +got):\n%s", err, d)
			}
		}
		commit(t, s, provisioning.Batch{Escrows: []provisioning.Escrow{one, two}})
		one.Attempts = 2
		commit(t, s, provisioning.Batch{Escrows: []provisioning.Escrow{one}})
		list(two, one)
		commit(t, s, provisioning.Batch{ClearEscrows: true})
		list(two)
		commit(t, s, provisioning.Batch{ClearExcluded: true, Escrows: []provisioning.Escrow{one}})
		list(one)
		commit(t, s, provisioning.Batch{Unescrow: []provisioning.Key{{Type: "User", Source: "u1"}}})
		list()
	})
}

func TestMemberDelta(t *testing.T) {
	withApplication(t, func(t *testing.T, s *store.Store, org string) {
		gone := user(org, "u3", "cy")
		gone.Deleted = noon
		insert(t, s, user(org, "u1", "ada"), user(org, "u2", "bob"), gone, user(org, "u4", "dan"), group(org, "g1", "one"), group(org, "g2", "two"))
		join(t, s, org, "g1", member("u1"), member("u2"), member("u3"), nested("g2"))
		join(t, s, org, "g2", member("u4"), nested("g1"))
		link := func(typ, source, target string) provisioning.Link {
			return provisioning.Link{Type: typ, Source: source, Target: target, State: provisioning.LinkActive}
		}
		m := func(typ, source, target string) provisioning.MemberLink {
			return provisioning.MemberLink{Type: typ, Source: source, Target: target}
		}
		delta := func(name string, expand bool, limit int, wantAdd, wantRemove []provisioning.MemberLink) {
			t.Helper()
			add, remove, err := s.MemberDelta(t.Context(), org, "app1", "g1", expand, limit)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if d := cmp.Diff([][]provisioning.MemberLink{wantAdd, wantRemove}, [][]provisioning.MemberLink{add, remove}); d != "" {
				t.Errorf("%s (-want +got):\n%s", name, d)
			}
		}
		delta("nobody is linked", false, 10, nil, nil)
		// u2 has no account; g2 has one.
		commit(t, s, provisioning.Batch{Links: []provisioning.Link{
			link("User", "u1", "t1"), link("User", "u3", "t3"), link("User", "u4", "t4"), link("Group", "g2", "tg2"), link("User", "u2", ""),
		}})
		delta("first time", false, 10, []provisioning.MemberLink{m("Group", "g2", "tg2"), m("User", "u1", "t1"), m("User", "u3", "t3")}, nil)
		delta("limited", false, 2, []provisioning.MemberLink{m("Group", "g2", "tg2"), m("User", "u1", "t1")}, nil)
		delta("expanded", true, 10, []provisioning.MemberLink{m("User", "u1", "t1"), m("User", "u3", "t3"), m("User", "u4", "t4")}, nil)

		commit(t, s, provisioning.Batch{Members: []provisioning.GroupMembers{
			{Group: "g1", Added: []provisioning.MemberLink{m("Group", "g2", "tg2"), m("User", "u1", "t1"), m("User", "u1", "t1"), m("User", "u9", "t9")}},
		}})
		delta("someone left", false, 10, []provisioning.MemberLink{m("User", "u3", "t3")}, []provisioning.MemberLink{m("User", "u9", "t9")})
		if n, err := s.WrittenMembers(t.Context(), "app1", "g1"); n != 3 || err != nil {
			t.Errorf("written members: %d, %v; want 3", n, err)
		}
		// u1 has another account now: the old one leaves, the new one enters.
		commit(t, s, provisioning.Batch{
			Links: []provisioning.Link{link("User", "u1", "t1b")},
			Members: []provisioning.GroupMembers{
				{Group: "g1", Removed: []provisioning.MemberLink{m("User", "u9", "t9")}, Added: []provisioning.MemberLink{m("User", "u3", "t3")}},
			},
		})
		delta("another account", false, 10, []provisioning.MemberLink{m("User", "u1", "t1b")}, []provisioning.MemberLink{m("User", "u1", "t1")})
		commit(t, s, provisioning.Batch{Members: []provisioning.GroupMembers{{Group: "g1", Reset: true}}})
		if n, err := s.WrittenMembers(t.Context(), "app1", "g1"); n != 0 || err != nil {
			t.Errorf("after a reset: %d, %v", n, err)
		}
		commit(t, s, provisioning.Batch{ClearLinks: true})
		delta("no links", false, 10, nil, nil)
	})
}

func TestCommitIsOne(t *testing.T) {
	withApplication(t, func(t *testing.T, s *store.Store, _ string) {
		err := s.Commit(t.Context(), "app1", provisioning.Batch{
			Links:   []provisioning.Link{{Type: "User", Source: "u1", Target: "t1"}, {Type: "User", Source: "u2", Target: "t1"}},
			Records: []record.Record{{ID: "r1"}},
		})
		wantError(t, err, fault.ErrConflict)
		if l, err := s.Links(t.Context(), "app1", "User", []string{"u1"}); len(l) != 0 || err != nil {
			t.Errorf("a part of the batch was kept: %v, %v", l, err)
		}
		wantError(t, s.Commit(t.Context(), "app9", provisioning.Batch{}), fault.ErrNotFound)
	})
}

func TestLease(t *testing.T) {
	withApplication(t, func(t *testing.T, s *store.Store, _ string) {
		alive := func(provisioning.Lease) bool { return false }
		lease := func(holder string, expires time.Duration) provisioning.Lease {
			return provisioning.Lease{Holder: holder, Host: "h", PID: 7, Started: "s", Expires: noon.Add(expires)}
		}
		_, err := s.LeaseOf(t.Context(), "app1")
		wantError(t, err, fault.ErrNotFound)
		a := lease("a", 15*time.Second)
		for _, c := range []struct {
			name string
			l    provisioning.Lease
			now  time.Duration
			dead func(provisioning.Lease) bool
			want string // the holder that is returned
			err  error
		}{
			{"first", a, 0, alive, "a", nil},
			{"again by the same", lease("a", 20*time.Second), time.Second, alive, "a", nil},
			{"while it is held", lease("b", 30*time.Second), 2 * time.Second, alive, "a", fault.ErrConflict},
			{"of a dead holder", lease("b", 30*time.Second), 2 * time.Second, func(l provisioning.Lease) bool { return l.Holder == "a" && l.PID == 7 }, "b", nil},
			{"expired", lease("c", 60*time.Second), 30 * time.Second, alive, "c", nil},
		} {
			got, err := s.AcquireLease(t.Context(), "app1", c.l, noon.Add(c.now), c.dead)
			if got.Holder != c.want || !errors.Is(err, c.err) {
				t.Errorf("%s: got %+v, %v; want holder %s, %v", c.name, got, err, c.want, c.err)
			}
		}
		wantError(t, s.RenewLease(t.Context(), "app1", a), fault.ErrConflict)
		if err := s.ReleaseLease(t.Context(), "app1", a); err != nil {
			t.Error(err)
		}
		c := lease("c", 90*time.Second)
		if err := s.RenewLease(t.Context(), "app1", c); err != nil {
			t.Error(err)
		}
		if got, err := s.LeaseOf(t.Context(), "app1"); err != nil || !cmp.Equal(c, got) {
			t.Errorf("lease of: %+v, %v", got, err)
		}
		if err := s.ReleaseLease(t.Context(), "app1", c); err != nil {
			t.Error(err)
		}
		wantError(t, s.RenewLease(t.Context(), "app1", c), fault.ErrConflict)
	})
}

// Of many that want the lease at once, one gets it.
func TestLeaseHasOneHolder(t *testing.T) {
	withApplication(t, func(t *testing.T, s *store.Store, _ string) {
		var mu sync.Mutex
		var all sync.WaitGroup
		got := 0
		for i := range 12 {
			all.Go(func() {
				l := provisioning.Lease{Holder: fmt.Sprint(i), Expires: noon.Add(time.Minute)}
				_, err := s.AcquireLease(t.Context(), "app1", l, noon, nil)
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					got++
				} else if !errors.Is(err, fault.ErrConflict) {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if got != 1 {
			t.Errorf("%d hold the lease, want 1", got)
		}
	})
}

func TestRecords(t *testing.T) {
	withApplication(t, func(t *testing.T, s *store.Store, _ string) {
		full := record.Record{
			ID: "r1", Time: noon, CycleID: "c1", Kind: "user", Action: record.Update, Status: record.Success,
			Source: record.Identity{ID: "u1", Name: "Ada"}, Target: record.Identity{ID: "t1", Name: "ADA@t"}, Reason: "because", ErrorCode: "",
			Steps:      []record.Step{{Name: "import", Status: record.Success, Detail: "d", Data: json.RawMessage(`{"x":1}`)}},
			Modified:   []record.Property{{Name: "title", Old: nil, New: "Countess"}},
			DurationMS: 5, Traceparent: "00-1-2-01",
		}
		r := func(id, cycle string, status record.Status, source, target string) record.Record {
			code, action := "", record.NoAction
			if status == record.Failure {
				code, action = "Conflict", record.Create
			}
			return record.Record{
				ErrorCode: code, Action: action, ID: id, CycleID: cycle, Status: status, Source: record.Identity{Name: source}, Target: record.Identity{Name: target}, Time: noon.Add(time.Hour),
			}
		}
		commit(t, s, provisioning.Batch{Records: []record.Record{full, r("r2", "c1", record.Failure, "bob", "bob")}})
		commit(t, s, provisioning.Batch{Records: []record.Record{r("r3", "c2", record.Failure, "cy", "ada"), r("r4", "c2", record.Skipped, "bob", "")}})
		first, _, err := s.Records(t.Context(), record.Query{Application: "app1", Limit: 1})
		full.Application = "app1"
		if d := cmp.Diff([]record.Record{full}, first); d != "" || err != nil {
			t.Errorf("record: %v (-want +got):\n%s", err, d)
		}
		for _, c := range []struct {
			name string
			q    record.Query
			want []string
		}{
			{"all", record.Query{}, []string{"r1", "r2", "r3", "r4"}},
			{"status", record.Query{Status: record.Failure}, []string{"r2", "r3"}},
			{"cycle", record.Query{CycleID: "c2"}, []string{"r3", "r4"}},
			{"user on either side", record.Query{User: "aDA"}, []string{"r1", "r3"}},
			{"user, source", record.Query{User: "ada@T"}, []string{"r1"}},
			{"user on both sides, once", record.Query{User: "bob"}, []string{"r2", "r4"}},
			{"user and status and cycle", record.Query{User: "bob", Status: record.Skipped, CycleID: "c2"}, []string{"r4"}},
			{"kind", record.Query{Kind: "user"}, []string{"r1"}},
			{"kind and name", record.Query{Kind: "group", User: "ada"}, nil},
			{"action", record.Query{Action: record.Update}, []string{"r1"}},
			{"no action", record.Query{Action: record.NoAction}, []string{"r4"}},
			{"code", record.Query{Code: "Conflict"}, []string{"r2", "r3"}},
			{"code and name", record.Query{Code: "Conflict", User: "ada"}, []string{"r3"}},
			{"since", record.Query{Since: noon.Add(time.Hour)}, []string{"r2", "r3", "r4"}},
			{"since later", record.Query{Since: noon.Add(2 * time.Hour)}, nil},
			{"until", record.Query{Until: noon.Add(time.Hour)}, []string{"r1"}},
			{"since and until", record.Query{Since: noon, Until: noon.Add(time.Minute)}, []string{"r1"}},
			{"other application", record.Query{Application: "app2"}, nil},
		} {
			if c.q.Application == "" {
				c.q.Application = "app1"
			}
			// Page by page, as somebody who follows the log does.
			c.q.Limit = 1
			var got []string
			for {
				page, position, err := s.Records(t.Context(), c.q)
				if err != nil {
					t.Fatalf("%s: %v", c.name, err)
				}
				if len(page) == 0 {
					if position != c.q.After {
						t.Errorf("%s: an empty page moved the position from %d to %d", c.name, c.q.After, position)
					}
					break
				}
				got, c.q.After = append(got, page[0].ID), position
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("%s (-want +got):\n%s", c.name, d)
			}
		}
		_, _, err = s.Records(t.Context(), record.Query{Application: "app1", Limit: 1001})
		wantError(t, err, fault.ErrInvalid)
		newest, _, err := s.Records(t.Context(), record.Query{Application: "app1", Limit: 2, Newest: true})
		if err != nil || len(newest) != 2 || newest[0].ID != "r3" || newest[1].ID != "r4" {
			t.Errorf("the newest two are %+v, %v", newest, err)
		}
	})
}

// What is purged is old, of one application, and not more than was asked for at once.
func TestPurgeRecords(t *testing.T) {
	withApplication(t, func(t *testing.T, s *store.Store, _ string) {
		var records []record.Record
		for i := range 5 {
			records = append(records, record.Record{ID: fmt.Sprint("r", i), Time: noon.Add(time.Duration(i) * time.Hour)})
		}
		commit(t, s, provisioning.Batch{Records: records})
		for _, want := range []int64{2, 1, 0} {
			if n, err := s.PurgeRecords(t.Context(), "app1", noon.Add(3*time.Hour), 2); n != want || err != nil {
				t.Errorf("purged %d, %v; want %d", n, err, want)
			}
		}
		if n, err := s.PurgeRecords(t.Context(), "app2", noon.Add(30*time.Hour), 2); n != 0 || err != nil {
			t.Errorf("purged %d of another application, %v", n, err)
		}
		left, _, err := s.Records(t.Context(), record.Query{Application: "app1", Limit: 10})
		if err != nil || len(left) != 2 || left[0].ID != "r3" {
			t.Errorf("left are %+v, %v", left, err)
		}
	})
}

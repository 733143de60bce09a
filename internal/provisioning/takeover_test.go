package provisioning_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/provisioning"
	"github.com/rollcall-id/rollcall/internal/store/storetest"
	"github.com/rollcall-id/rollcall/internal/target/scim/scimfake"
)

// upsertingTarget answers the creation of certain accounts with an account that is there already.
type upsertingTarget struct {
	provisioning.Target
	instead map[string]string // userName → userName of the account that is answered
	ids     map[string]string
}

func (u *upsertingTarget) Create(ctx context.Context, typ string, a []provisioning.Assignment) (provisioning.Entry, error) {
	name := ""
	for _, x := range a {
		if x.Path == "userName" {
			name, _ = x.Value.(string)
		}
	}
	if other, ok := u.instead[name]; ok {
		return provisioning.Entry{Type: typ, ID: u.ids[other], Name: other}, nil
	}
	e, err := u.Target.Create(ctx, typ, a)
	u.ids[name] = e.ID
	return e, err
}

// TestUpsertingTarget: an id that is somebody's already fails one person, in the cycle that made the account and in a later one, and nobody else.
func TestUpsertingTarget(t *testing.T) {
	w := newWorld(t, storetest.Open(t, storetest.SQLite(t)), "scim")
	join := func(name string) { w.user(name, nil); w.assign(name, "", true) }
	target := &upsertingTarget{Target: w.target(), ids: map[string]string{}, instead: map[string]string{"b@x.example": "a@x.example", "d@x.example": "c@x.example"}}
	join("a@x.example")
	join("b@x.example")
	join("c@x.example")
	run := func(wantUsers, wantFailed int) {
		t.Helper()
		w.wait(time.Hour)
		r, err := w.engine.RunOnce(t.Context(), w.app, target, provisioning.Options{Foreground: true})
		if err != nil || r.Failed != wantFailed {
			t.Errorf("cycle = %+v, %v; want %d failed", r.Tally, err, wantFailed)
		}
		links, err := w.store.ScanLinks(t.Context(), w.app.ID, "User", "", 10)
		if w.must(err); len(links) != wantUsers {
			t.Errorf("%d links, want %d", len(links), wantUsers)
		}
	}
	run(2, 1)
	join("d@x.example")
	join("e@x.example")
	run(3, 2)
	escrows, err := w.store.Escrows(t.Context(), w.app.ID)
	w.must(err)
	for _, x := range escrows {
		if x.Code != "DuplicateSourceEntries" {
			t.Errorf("%s failed with %s: %s", x.Name, x.Code, x.Message)
		}
	}
}

// uncommittingStore fails every commit with an error that no retry cures.
type uncommittingStore struct{ provisioning.Store }

func (uncommittingStore) Commit(context.Context, string, provisioning.Batch) error {
	return fault.Errorf(fault.ErrConflict, "a unique value")
}

// TestFailedCycleIsNotBegunAgainAtOnce: whatever ended it, the next one waits for its turn.
func TestFailedCycleIsNotBegunAgainAtOnce(t *testing.T) {
	w := newWorld(t, storetest.Open(t, storetest.SQLite(t)), "scim")
	w.user("a@x.example", nil)
	w.assign("a@x.example", "", true)
	w.engine.Store = uncommittingStore{w.store}
	if _, err := w.cycle(provisioning.Options{}); !errors.Is(err, fault.ErrConflict) {
		t.Fatalf("cycle = %v, want the error of the commit", err)
	}
	job, err := w.store.Job(t.Context(), w.app.ID)
	w.must(err)
	if provisioning.Due(w.clock(), w.app, job) || job.Open.IsZero() {
		t.Errorf("job %+v: the next cycle is due at once, or does not know of this one", job)
	}
}

// TestLongPause: a target that wants to be left alone for an hour ends the cycle, wherever it says so, and nobody has failed.
func TestLongPause(t *testing.T) {
	for name, moment := range moments() {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, storetest.Open(t, storetest.SQLite(t)), "scim")
			company(w)
			late(w, name)
			seen, begun := 0, false
			w.proxy.Rules(scimfake.Rule{Fault: scimfake.Throttle, RetryAfter: time.Hour, Match: func(q scimfake.Request) bool {
				seen++
				begun = begun || moment(seen, q)
				return begun
			}})
			r, err := w.cycle(provisioning.Options{})
			if !errors.Is(err, fault.ErrUnavailable) || r.Failed != 0 || r.Quarantine != nil {
				t.Errorf("cycle = %+v, %v; want it to end as unavailable, with nobody failed", r.Tally, err)
			}
			escrows, err := w.store.Escrows(t.Context(), w.app.ID)
			if w.must(err); len(escrows) != 0 {
				t.Errorf("%d are escrowed: %+v", len(escrows), escrows[0])
			}
			job, err := w.store.Job(t.Context(), w.app.ID)
			if w.must(err); provisioning.Due(w.clock(), w.app, job) {
				t.Error("the next cycle is due at once")
			}
			w.proxy.Rules()
			w.mustCycle()
			if missing := w.complete(); missing != "" {
				t.Error(missing)
			}
		})
	}
}

// busyStore has somebody start the job over just before a cycle saves it.
type busyStore struct {
	provisioning.Store
	meanwhile func()
}

func (b *busyStore) SaveJob(ctx context.Context, j provisioning.Job) error {
	if do := b.meanwhile; do != nil {
		b.meanwhile = nil
		do()
	}
	return b.Store.SaveJob(ctx, j)
}

// TestRestartAtTheVeryMoment: between reading and saving the job there is no gap in which a restart is lost.
func TestRestartAtTheVeryMoment(t *testing.T) {
	w := newWorld(t, storetest.Open(t, storetest.SQLite(t)), "scim")
	w.user("a@x.example", nil)
	w.assign("a@x.example", "", true)
	w.mustCycle()
	other := *w.engine
	busy := &busyStore{Store: w.store, meanwhile: func() { w.must(other.Restart(t.Context(), w.app, provisioning.RestartScope{})) }}
	w.engine.Store = busy
	if _, err := w.cycle(provisioning.Options{}); !errors.Is(err, fault.ErrConflict) {
		t.Errorf("cycle = %v, want that the job was started over", err)
	}
	job, err := w.store.Job(t.Context(), w.app.ID)
	if w.must(err); !job.Initial || job.Watermark != 0 {
		t.Errorf("the restart is lost: %+v", job)
	}
}

// TestCycleUsesTheApplicationAsItIs: what was changed while the cycle waited for the lease counts.
func TestCycleUsesTheApplicationAsItIs(t *testing.T) {
	w := newWorld(t, storetest.Open(t, storetest.SQLite(t)), "scim")
	w.user("a@x.example", nil)
	stale := w.app
	w.must(w.app.SetScope("all"))
	w.save()
	if r, err := w.engine.RunOnce(t.Context(), stale, w.target(), provisioning.Options{}); err != nil || r.Created != 1 {
		t.Errorf("cycle = %+v, %v; want everybody in scope", r.Tally, err)
	}
}

// silentTarget lists its accounts without the attributes that are matched by.
type silentTarget struct{ provisioning.Target }

func (s silentTarget) Survey(_ context.Context, _ string, paths []string, _ int, each func([][]string)) (bool, error) {
	each(make([][]string, len(paths)))
	return true, nil
}

func TestSilentListingExcludesNobody(t *testing.T) {
	w := newWorld(t, storetest.Open(t, storetest.SQLite(t)), "scim")
	const people = 120
	for i := range people {
		name := fmt.Sprintf("p%03d@x.example", i)
		w.user(name, nil)
		w.assign(name, "", true)
		w.account("User", fmt.Sprintf(`{"userName":%q,"active":true}`, name))
	}
	r, err := w.engine.RunOnce(t.Context(), w.app, silentTarget{w.target()}, provisioning.Options{})
	if w.must(err); r.Linked != people || r.Failed != 0 {
		t.Errorf("cycle %+v; want everybody linked", r.Tally)
	}
	for _, q := range w.proxy.Requests() {
		if q.Method == http.MethodPost {
			t.Fatal("somebody was made without a look")
		}
	}
}

// TestCrashThenUndone: a node dies after it changed an account and before it noted so, and then the change is taken back in the directory. What was noted
// says that nothing differs; the account says otherwise.
func TestCrashThenUndone(t *testing.T) {
	w := newWorld(t, storetest.Open(t, storetest.SQLite(t)), "scim")
	w.user("a@x.example", map[string]string{"jobTitle": "Engineer"})
	w.assign("a@x.example", "", true)
	w.mustCycle()
	w.change("a@x.example", map[string]string{"jobTitle": "Director"})
	broken := &failingStore{Store: w.store}
	broken.left.Store(1) // that the cycle is open is noted, what it did is not
	w.engine.Store = broken
	if _, err := w.cycle(provisioning.Options{}); !errors.Is(err, errCrash) {
		t.Fatalf("cycle = %v, want the crash", err)
	}
	if _, a := w.accountOf("a@x.example"); a["title"] != "Director" {
		t.Fatalf("title %v: the crash came before the write", a["title"])
	}
	w.engine.Store = w.store
	w.change("a@x.example", map[string]string{"jobTitle": "Engineer"})
	w.mustCycle()
	if _, a := w.accountOf("a@x.example"); a["title"] != "Engineer" {
		t.Errorf("title %v, want what the directory says", a["title"])
	}
}

package provisioning_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/provisioning"
	"github.com/rollcall-id/rollcall/internal/store"
	"github.com/rollcall-id/rollcall/internal/store/storetest"
	"github.com/rollcall-id/rollcall/internal/target/scim/scimfake"
	"github.com/rollcall-id/rollcall/scim"
)

const staff = 24

// company fills the directory: a chain of managers, a group of everybody, and the group assigned.
func company(w *world) {
	var names []string
	for i := range staff {
		name := fmt.Sprintf("p%02d@x.example", i)
		attributes := map[string]string{"displayName": "Person", "jobTitle": "Engineer"}
		if i > 0 {
			attributes["manager"] = names[i-1]
		}
		w.user(name, attributes)
		names = append(names, name)
	}
	w.group("Everybody", names...)
	w.assign("Everybody", "", true)
	w.app.Settings.Concurrency = 4
	w.save()
}

// complete reports what is missing at the service; empty: everybody is there once, with manager and membership.
func (w *world) complete() string {
	users, groups := w.service.All("User"), w.service.All("Group")
	if len(users) != staff || len(groups) != 1 {
		return fmt.Sprintf("%d users and %d groups, want %d and 1", len(users), len(groups), staff)
	}
	managers := 0
	for _, u := range users {
		if e, ok := u[scim.URNEnterpriseUser].(map[string]any); ok && e["manager"] != nil {
			managers++
		}
	}
	members, _ := groups[0]["members"].([]any)
	if managers != staff-1 || len(members) != staff {
		return fmt.Sprintf("%d managers and %d members, want %d and %d", managers, len(members), staff-1, staff)
	}
	return ""
}

func (w *world) posts() int {
	n := 0
	for _, q := range w.proxy.Requests() {
		if q.Method == http.MethodPost && q.Status == 201 {
			n++
		}
	}
	return n
}

// failingStore fails the nth write of a cycle and everything after it, as a crash does.
type failingStore struct {
	provisioning.Store
	left atomic.Int64
}

var errCrash = errors.New("crash")

func (f *failingStore) Commit(ctx context.Context, app string, b provisioning.Batch) error {
	if f.left.Add(-1) < 0 {
		return errCrash
	}
	return f.Store.Commit(ctx, app, b)
}

func (f *failingStore) SaveJob(ctx context.Context, j provisioning.Job) error {
	if f.left.Add(-1) < 0 {
		return errCrash
	}
	return f.Store.SaveJob(ctx, j)
}

// TestCrash crashes a cycle at every single write to the store. The next cycle completes the work: nobody is lost, nobody is made twice.
func TestCrash(t *testing.T) {
	crashes := 0
	for n := int64(0); ; n++ {
		w := newWorld(t, storetest.Open(t, storetest.SQLite(t)), "scim")
		company(w)
		broken := &failingStore{Store: w.store}
		broken.left.Store(n)
		w.engine.Store = broken
		_, err := w.cycle(provisioning.Options{})
		w.engine.Store = w.store
		if err == nil {
			break
		}
		if !errors.Is(err, errCrash) {
			t.Fatalf("crash at write %d: %v", n, err)
		}
		crashes++
		for range 2 { // the second one is incremental and has nothing left to do
			w.wait(time.Minute)
			if r, err := w.cycle(provisioning.Options{}); err != nil || r.Failed > 0 {
				t.Fatalf("after a crash at write %d: %+v, %v", n, r, err)
			}
		}
		if missing := w.complete(); missing != "" {
			t.Errorf("after a crash at write %d: %s", n, missing)
		}
		if got := w.posts(); got != staff+1 {
			t.Errorf("after a crash at write %d: %d accounts were made, want %d", n, got, staff+1)
		}
	}
	if crashes < 4 {
		t.Errorf("only %d crashes: the test does not reach into the cycle", crashes)
	}
}

// TestCrashIncremental does the same for a cycle that makes a manager's account: the reports' references must not be lost.
func TestCrashIncremental(t *testing.T) {
	for n := int64(0); ; n++ {
		w := newWorld(t, storetest.Open(t, storetest.SQLite(t)), "scim")
		company(w)
		w.change("p00@x.example", map[string]string{"accountEnabled": "false"})
		w.mustCycle()
		w.change("p00@x.example", map[string]string{"accountEnabled": "true"})
		broken := &failingStore{Store: w.store}
		broken.left.Store(n)
		w.engine.Store = broken
		_, err := w.cycle(provisioning.Options{})
		w.engine.Store = w.store
		w.mustCycle()
		if missing := w.complete(); missing != "" {
			t.Errorf("after a crash at write %d: %s", n, missing)
		}
		if err == nil {
			break
		}
	}
}

func (w *world) mustCycle() provisioning.Result {
	w.t.Helper()
	w.wait(time.Minute)
	r, err := w.cycle(provisioning.Options{Foreground: true})
	w.must(err)
	return r
}

// moments are requests of a cycle of company. How many there are depends on how fast the machine is: a manager who is known in time is written with the
// account, and only the others need a request of their own. So the late ones are named by what they are, in a cycle that is the same each time (late).
func moments() map[string]func(n int, q scimfake.Request) bool {
	out := map[string]func(int, scimfake.Request) bool{
		"reference": func(_ int, q scimfake.Request) bool {
			return q.Method == http.MethodPatch && strings.Contains(q.Path, "/Users/")
		},
		"members": func(_ int, q scimfake.Request) bool {
			return q.Method == http.MethodPatch && strings.Contains(q.Path, "/Groups/")
		},
	}
	for _, nth := range []int{1, 2, 4, 5, 17, 31, 40} {
		out[fmt.Sprint(nth)] = func(n int, _ scimfake.Request) bool { return n == nth }
	}
	return out
}

// late makes a cycle do one thing after the other, and leaves it a manager that is made after a report.
func late(w *world, moment string) {
	if moment != "reference" && moment != "members" {
		return
	}
	w.app.Settings.Concurrency = 1
	w.save()
	w.change("p00@x.example", map[string]string{"manager": "p23@x.example"})
	w.change("p01@x.example", map[string]string{"manager": ""})
}

// TestCancel stops a cycle at a request. The requests under way come to their end and are recorded; the next cycle does the rest.
func TestCancel(t *testing.T) {
	for name, moment := range moments() {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, storetest.Open(t, storetest.SQLite(t)), "scim")
			company(w)
			late(w, name)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			seen, at := 0, 0
			w.proxy.Rules(scimfake.Rule{Fault: scimfake.ServerError, Match: func(q scimfake.Request) bool {
				if seen++; at == 0 && moment(seen, q) {
					at = seen
					cancel()
				}
				return false
			}})
			_, err := w.engine.RunOnce(ctx, w.app, w.target(), provisioning.Options{})
			if !errors.Is(err, context.Canceled) || at == 0 {
				t.Fatalf("stopped at request %d: error %v", at, err)
			}
			if got := len(w.proxy.Requests()); got > at+2*w.app.Settings.Concurrency {
				t.Errorf("stopped at request %d, but %d requests were made", at, got)
			}
			made, known := w.posts(), 0
			for _, typ := range []string{"User", "Group"} {
				links, err := w.store.ScanLinks(t.Context(), w.app.ID, typ, "", 500)
				w.must(err)
				known += len(links)
			}
			if made != known {
				t.Errorf("stopped at request %d: %d accounts were made and %d are known", at, made, known)
			}
			w.proxy.Rules()
			w.mustCycle()
			if missing := w.complete(); missing != "" {
				t.Errorf("stopped at request %d, then a cycle: %s", at, missing)
			}
		})
	}
}

// TestHostile runs cycles against a service that breaks connections, throttles and fails at random. When it recovers, one more cycle makes all right.
func TestHostile(t *testing.T) {
	for seed := range uint64(6) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			w := newWorld(t, storetest.Open(t, storetest.SQLite(t)), "scim")
			company(w)
			p := 0.1 + 0.05*float64(seed)
			w.proxy.Rules(
				scimfake.Rule{Fault: scimfake.ResetAfterWrite, Probability: p},
				scimfake.Rule{Fault: scimfake.ErrorAfterWrite, Probability: p},
				scimfake.Rule{Fault: scimfake.ServerError, Probability: p / 2},
				scimfake.Rule{Fault: scimfake.Throttle, Probability: p / 2},
				scimfake.Rule{Fault: scimfake.ResetBefore, Probability: p / 4},
			)
			for range 3 {
				w.wait(time.Hour)
				if _, err := w.cycle(provisioning.Options{Foreground: true}); err != nil && !errors.Is(err, fault.ErrUnavailable) {
					t.Fatalf("cycle against a hostile service: %v", err)
				}
			}
			w.proxy.Rules()
			r := w.mustCycle()
			if r.Failed > 0 {
				t.Errorf("%d still fail after the service recovered", r.Failed)
			}
			if missing := w.complete(); missing != "" {
				t.Error(missing)
			}
		})
	}
}

// TestTargetDies: the service stops answering in the middle. The cycle ends instead of failing everybody, and the next one goes on.
func TestTargetDies(t *testing.T) {
	w := newWorld(t, storetest.Open(t, storetest.SQLite(t)), "vault-platform")
	for i := range 60 {
		name := fmt.Sprintf("p%02d@x.example", i)
		w.user(name, nil)
		w.assign(name, "", true)
	}
	w.proxy.Rules(scimfake.Rule{Fault: scimfake.ResetBefore, Skip: 30})
	r, err := w.cycle(provisioning.Options{})
	if !errors.Is(err, fault.ErrUnavailable) || r.Failed > 30 || r.Quarantine != nil {
		t.Errorf("cycle = %+v, %v; want it to end early as unavailable", r.Tally, err)
	}
	w.proxy.Rules()
	if r := w.mustCycle(); r.Failed != 0 || r.Kind != provisioning.KindInitial || len(w.service.All("User")) != 60 {
		t.Errorf("next cycle = %s %+v, %d accounts", r.Kind, r.Tally, len(w.service.All("User")))
	}
}

// racingTarget has somebody else make the account between our look and our creation.
type racingTarget struct {
	provisioning.Target
	make func()
}

func (r *racingTarget) Create(ctx context.Context, typ string, a []provisioning.Assignment) (provisioning.Entry, error) {
	if r.make != nil {
		r.make()
		r.make = nil
	}
	return r.Target.Create(ctx, typ, a)
}

func TestCreateRaceAdoptsTheAccount(t *testing.T) {
	w := newWorld(t, storetest.Open(t, storetest.SQLite(t)), "vault-platform")
	w.user("mary@x.example", map[string]string{"displayName": "Mary"})
	w.assign("mary@x.example", "", true)
	target := &racingTarget{Target: w.target(), make: func() { w.account("User", `{"userName":"mary@x.example","active":true}`) }}
	r, err := w.engine.RunOnce(t.Context(), w.app, target, provisioning.Options{})
	if err != nil || r.Linked != 1 || r.Updated != 1 || r.Created != 0 || r.Failed != 0 {
		t.Errorf("cycle = %+v, %v; want one linked and updated", r.Tally, err)
	}
	if users := w.service.All("User"); len(users) != 1 || users[0]["displayName"] != "Mary" {
		t.Errorf("accounts: %v", users)
	}
}

func TestLease(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s, "vault-platform")
		w.engine.Patience = time.Nanosecond
		ctx := t.Context()
		hold := func(l provisioning.Lease) {
			t.Helper()
			if _, err := s.AcquireLease(ctx, w.app.ID, l, w.clock(), func(provisioning.Lease) bool { return true }); err != nil {
				t.Fatal(err)
			}
		}
		hold(provisioning.Lease{Holder: "other", Host: "elsewhere", PID: 4711, Started: "1", Expires: w.clock().Add(15 * time.Second)})
		_, err := w.cycle(provisioning.Options{})
		if !errors.Is(err, fault.ErrConflict) || !strings.Contains(err.Error(), "process 4711 on elsewhere") {
			t.Errorf("a lease of a living holder: %v", err)
		}
		w.wait(16 * time.Second)
		if _, err := w.cycle(provisioning.Options{}); err != nil {
			t.Errorf("an expired lease is taken over: %v", err)
		}
		if _, err := s.LeaseOf(ctx, w.app.ID); !errors.Is(err, fault.ErrNotFound) {
			t.Errorf("the lease was not given back: %v", err)
		}
	})
}

// TestRestartWhileRunning: a restart during a cycle is not overwritten by the cycle's end.
func TestRestartWhileRunning(t *testing.T) {
	w := newWorld(t, storetest.Open(t, storetest.SQLite(t)), "vault-platform")
	w.user("mary@x.example", nil)
	w.assign("mary@x.example", "", true)
	restarted := false
	w.proxy.Rules(scimfake.Rule{Fault: scimfake.ServerError, Match: func(q scimfake.Request) bool {
		if q.Method == http.MethodPost && !restarted {
			restarted = true
			w.must(w.engine.Restart(t.Context(), w.app, provisioning.RestartScope{Links: true}))
		}
		return false
	}})
	if _, err := w.cycle(provisioning.Options{}); !errors.Is(err, fault.ErrConflict) || !strings.Contains(err.Error(), "begins anew") {
		t.Errorf("cycle = %v, want that the job was started over", err)
	}
	if r := w.mustCycle(); r.Kind != provisioning.KindInitial || r.Failed != 0 {
		t.Errorf("next cycle = %s %+v, want an initial one", r.Kind, r.Tally)
	}
	if n := len(w.service.All("User")); n != 1 {
		t.Errorf("%d accounts, want 1", n)
	}
}

func TestStartAndStop(t *testing.T) {
	w := newWorld(t, storetest.Open(t, storetest.SQLite(t)), "vault-platform")
	ctx := t.Context()
	w.proxy.Rules(scimfake.Rule{Fault: scimfake.Unauthorized})
	if r := w.mustCycle(); r.Quarantine == nil {
		t.Fatal("no quarantine")
	}
	w.must(w.engine.Stop(ctx, w.app))
	app, err := w.store.ApplicationByID(ctx, w.app.ID)
	w.must(err)
	if s, err := w.engine.Status(ctx, app); err != nil || app.On || s.NextCycle != nil || s.Quarantine == nil {
		t.Errorf("stopped: on %t, %+v, %v; a quarantine is kept", app.On, s, err)
	}
	w.must(w.engine.Start(ctx, app))
	app, err = w.store.ApplicationByID(ctx, w.app.ID)
	w.must(err)
	if s, err := w.engine.Status(ctx, app); err != nil || !app.On || s.Quarantine != nil || s.NextCycle == nil || s.NextCycle.After(w.clock()) {
		t.Errorf("started: on %t, %+v, %v; the quarantine is lifted and a cycle is due", app.On, s, err)
	}
	if err := w.engine.Decide(ctx, app, true); !errors.Is(err, fault.ErrInvalid) {
		t.Errorf("nothing is held, but deciding says %v", err)
	}
	app.TenantURL = ""
	if err := w.engine.Start(ctx, app); !errors.Is(err, fault.ErrInvalid) {
		t.Errorf("starting without a connection: %v", err)
	}
}

// TestJSONContract holds the keys of design/cli.md.
func TestJSONContract(t *testing.T) {
	w := newWorld(t, storetest.Open(t, storetest.SQLite(t)), "vault-platform")
	w.user("mary@x.example", nil)
	w.assign("mary@x.example", "", true)
	tally := []string{"evaluated", "created", "linked", "updated", "disabled", "restored", "deleted", "unchanged", "skipped", "failed", "staged"}
	has := func(what string, v any, keys ...string) map[string]any {
		t.Helper()
		raw, err := json.Marshal(v)
		w.must(err)
		var m map[string]any
		w.must(json.Unmarshal(raw, &m))
		for _, k := range keys {
			if _, ok := m[k]; !ok {
				t.Errorf("%s has no key %q: %s", what, k, raw)
			}
		}
		return m
	}
	o := w.find("mary@x.example")
	demand, err := w.engine.ProvisionOnDemand(t.Context(), w.app, w.target(), provisioning.Subject{Type: o.Type, ID: o.ID}, true)
	w.must(err)
	has("app provision", demand, "steps", "action", "modifiedProperties")
	var names []string
	for _, s := range demand.Steps {
		names = append(names, s.Name)
	}
	if !slices.Equal(names, []string{"import", "scope", "match", "action", "verify"}) {
		t.Errorf("steps %v", names)
	}
	r := w.mustCycle()
	m := has("app cycle", r, append(tally, "cycleId", "kind", "plan", "requests", "durationMs", "quarantine", "held", "users", "groups")...)
	if m["quarantine"] != nil || m["held"] != nil || m["kind"] != "initial" || m["created"] != float64(1) {
		t.Errorf("app cycle: %v", m)
	}
	s, err := w.engine.Status(t.Context(), w.app)
	w.must(err)
	m = has("app status", s, "state", "watermark", "counts", "lastCycle", "nextCycle", "escrows")
	has("lastCycle", m["lastCycle"], append(tally, "cycleId")...)
	has("counts", m["counts"], "users", "groups", "linked", "disabled", "failed")
	p, err := w.engine.Plan(t.Context(), w.app, w.target(), provisioning.Options{})
	w.must(err)
	has("app cycle --plan", p, append(tally, "plan", "records")...)
}

func TestProgress(t *testing.T) {
	w := newWorld(t, storetest.Open(t, storetest.SQLite(t)), "scim")
	company(w)
	done := map[string]provisioning.Progress{}
	_, err := w.cycle(provisioning.Options{Progress: func(p provisioning.Progress) { done[p.Phase] = p }})
	w.must(err)
	if p := done["users"]; p.Done != staff || p.Total != staff || p.PerSecond <= 0 {
		t.Errorf("progress of the users: %+v", p)
	}
	for _, phase := range []string{"groups", "references", "members"} {
		if _, ok := done[phase]; !ok {
			t.Errorf("no progress of %s", phase)
		}
	}
}

// TestTraceparent follows a change into the target's requests.
func TestTraceparent(t *testing.T) {
	const trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	w := newWorld(t, storetest.Open(t, storetest.SQLite(t)), "vault-platform")
	o := w.user("mary@x.example", map[string]string{"jobTitle": "Engineer"})
	w.assign("mary@x.example", "", true)
	w.mustCycle()
	w.traced(o.ID, trace, "Chief")
	w.proxy.Forget()
	w.mustCycle()
	id, spans := strings.Split(trace, "-")[1], map[string]bool{}
	for _, q := range w.proxy.Requests() {
		if got := q.Header.Get("Traceparent"); q.Method == http.MethodPatch && strings.Contains(got, id) && got != trace {
			spans[got] = true
		}
	}
	if len(spans) != 1 {
		t.Errorf("the PATCH should carry the change's trace id with a span of its own; got %v", spans)
	}
}

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("net/http.(*persistConn).readLoop"), goleak.IgnoreTopFunction("net/http.(*persistConn).writeLoop"),
		goleak.IgnoreTopFunction("internal/poll.runtime_pollWait"),
		goleak.IgnoreAnyFunction("github.com/dlclark/regexp2.runClock")) // ends by itself soon after the last expression
}

// TestManyPages crosses the borders of pages: a plan, the initial cycle, and a restart that finds everybody again by matching.
func TestManyPages(t *testing.T) {
	const people = 1100
	w := benchWorld(t, people)
	p, err := w.engine.Plan(t.Context(), w.app, w.target(), provisioning.Options{})
	w.must(err)
	r := w.mustCycle()
	if r.Created != people+1 || p.Users != r.Users || p.Groups != r.Groups || r.Failed != 0 {
		t.Errorf("plan %+v %+v, cycle %+v %+v", p.Users, p.Groups, r.Users, r.Groups)
	}
	members, _ := w.service.All("Group")[0]["members"].([]any)
	if len(members) != people {
		t.Errorf("%d members, want %d", len(members), people)
	}
	scope, err := provisioning.ParseRestartScope("full")
	w.must(err)
	w.must(w.engine.Restart(t.Context(), w.app, scope))
	if r := w.mustCycle(); r.Linked != people+1 || r.Created != 0 || r.Failed != 0 || r.Users.Updated != 0 {
		t.Errorf("after a restart: users %+v groups %+v", r.Users, r.Groups)
	}
}

package scim_test

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/organization"
	source "github.com/rollcall-id/rollcall/internal/source/scim"
	"github.com/rollcall-id/rollcall/internal/store"
	"github.com/rollcall-id/rollcall/internal/store/storetest"
	"github.com/rollcall-id/rollcall/scim"
)

func administrators(t *testing.T, st *store.Store, b source.Backend, emails ...string) {
	t.Helper()
	for _, e := range emails {
		if err := st.AddAdministrator(t.Context(), organization.Administrator{Organization: b.Organization, Email: e, Role: "owner"}); err != nil {
			t.Fatal(err)
		}
	}
}

const off = `{"Operations":[{"op":"replace","path":"active","value":false}]}`

// TestTheLastAdministratorStays: no request of any kind takes the last administrator's account away, and each changes nothing when it is refused.
func TestTheLastAdministratorStays(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, st *store.Store) {
		b := newBackend(t, st)
		s := serviceOf(t, b)
		administrators(t, st, b, "root@acme.example")
		byName := s.create("/Users", `{"userName":"Root@acme.example","emails":[{"value":"other@acme.example"}]}`)
		plain := s.create("/Users", `{"userName":"plain"}`)
		switchedOff := s.create("/Users", `{"userName":"off","active":false}`)
		refused := func(method, path, body string) {
			t.Helper()
			status, answer := s.do(method, path, body)
			if status != 403 || !strings.Contains(answer, "root@acme.example") || !strings.Contains(answer, "last administrator") {
				t.Errorf("%s %s %s: status %d: %s; want 403", method, path, body, status, answer)
			}
		}
		refused("PATCH", "/Users/"+byName, off)
		refused("PUT", "/Users/"+byName, `{"userName":"root@acme.example","active":false}`)
		refused("DELETE", "/Users/"+byName, "")
		refused("PATCH", "/Users/"+byName, `{"Operations":[{"op":"replace","path":"userName","value":"nobody"}]}`)
		if o := stored(t, b, directory.User, byName); o.Version != 1 || !o.Active() {
			t.Errorf("refused writes left %+v", o)
		}
		for _, test := range []struct {
			method, path, body string
			want               int
		}{
			{"PATCH", "/Users/" + byName, `{"Operations":[{"op":"replace","path":"title","value":"CEO"}]}`, 200},
			{"PATCH", "/Users/" + byName, `{"Operations":[{"op":"replace","path":"userName","value":"ROOT@acme.example"}]}`, 200},
			{"PATCH", "/Users/" + plain, off, 200},
			{"DELETE", "/Users/" + plain, "", 204},
			// Under another name, but with the address: it is still known whose account it is.
			{"PUT", "/Users/" + byName, `{"userName":"boss","emails":[{"value":"Root@acme.example"}]}`, 200},
		} {
			if status, body := s.do(test.method, test.path, test.body); status != test.want {
				t.Errorf("%s %s: status %d: %s; want %d", test.method, test.path, status, body, test.want)
			}
		}
		refused("PATCH", "/Users/"+byName, `{"Operations":[{"op":"remove","path":"emails"}]}`)
		refused("PATCH", "/Users/"+byName, off)
		refused("DELETE", "/Users/"+byName, "")
		// Somebody who is switched off takes the address only while an active one has it too.
		if status, body := s.do("PATCH", "/Users/"+switchedOff, `{"Operations":[{"op":"add","path":"emails","value":[{"value":"root@acme.example"}]}]}`); status != 200 {
			t.Errorf("an address that an active one has: status %d: %s", status, body)
		}
		refused("DELETE", "/Users/"+byName, "")
	})
}

// TestTheAddressCannotBeOccupied: an administrator without a person in the directory does not lose the ability to act by one that is switched off from the start.
func TestTheAddressCannotBeOccupied(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, st *store.Store) {
		b := newBackend(t, st)
		administrators(t, st, b, "root@acme.example")
		s := serviceOf(t, b)
		if status, body := s.do("POST", "/Users", `{"userName":"root@acme.example","active":false}`); status != 403 {
			t.Errorf("status %d: %s; want 403", status, body)
		}
		if status, body := s.do("POST", "/Users", `{"userName":"x","active":false,"emails":[{"value":"root@acme.example"}]}`); status != 403 {
			t.Errorf("status %d: %s; want 403", status, body)
		}
		// Nor by somebody whom Okta brings back.
		s.create("/Users", `{"userName":"back","active":false}`)
		okta := b
		okta.Profile = scim.ProfileOkta
		status, body := serviceOf(t, okta).do("POST", "/Users", `{"userName":"back","active":false,"emails":[{"value":"root@acme.example"}]}`)
		if status != 403 {
			t.Errorf("somebody who came back: status %d: %s; want 403", status, body)
		}
		s.create("/Users", `{"userName":"root@acme.example"}`)
	})
}

// TestAnotherAdministratorIsEnough: one can go while another one can act: who has no account in the directory can, who is switched off or left cannot.
func TestAnotherAdministratorIsEnough(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, st *store.Store) {
		b := newBackend(t, st)
		s := serviceOf(t, b)
		administrators(t, st, b, "a@acme.example", "b@acme.example")
		first := s.create("/Users", `{"userName":"a@acme.example"}`)
		if status, body := s.do("PATCH", "/Users/"+first, off); status != 200 {
			t.Fatalf("the other one has no account in the directory: status %d: %s", status, body)
		}
		second := s.create("/Users", `{"userName":"b","emails":[{"value":"b@acme.example"}]}`)
		if status, body := s.do("PATCH", "/Users/"+second, off); status != 403 {
			t.Errorf("the other one is switched off: status %d: %s; want 403", status, body)
		}
		if status, body := s.do("PATCH", "/Users/"+first, strings.ReplaceAll(off, "false", "true")); status != 200 {
			t.Fatalf("switch the first one on: status %d: %s", status, body)
		}
		if status, body := s.do("DELETE", "/Users/"+second, ""); status != 204 {
			t.Errorf("the other one is active: status %d: %s", status, body)
		}
	})
}

// TestTwoAdministratorsDoNotGoAtOnce: two requests at the same time, each of which would leave the other one, do not both succeed.
func TestTwoAdministratorsDoNotGoAtOnce(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, st *store.Store) {
		for range 10 {
			b := newBackend(t, st)
			s := serviceOf(t, b)
			administrators(t, st, b, "a@acme.example", "b@acme.example")
			ids := []string{s.create("/Users", `{"userName":"a@acme.example"}`), s.create("/Users", `{"userName":"b@acme.example"}`)}
			statuses := make([]int, len(ids))
			var both sync.WaitGroup
			for i, id := range ids {
				both.Go(func() { statuses[i], _ = s.do("PATCH", "/Users/"+id, off) })
			}
			both.Wait()
			if statuses[0]+statuses[1] != 200+403 {
				t.Fatalf("the statuses are %v; want one 200 and one 403", statuses)
			}
		}
	})
}

// meeting is a store on which two transactions each make their write, see nothing of the other's, and decide before the other one has committed, if nothing
// keeps them from it.
type meeting struct {
	directory.Store

	wrote, decided *arrival
}

// arrival is where two meet.
type arrival struct {
	count atomic.Int32
	both  chan struct{}
}

func newArrival() *arrival { return &arrival{both: make(chan struct{})} }

func (a *arrival) wait(most time.Duration) {
	if a.count.Add(1) == 2 {
		close(a.both)
	}
	select {
	case <-a.both:
	case <-time.After(most): // the other one is kept waiting, as it should be
	}
}

type meetingTx struct {
	directory.Tx

	m meeting
}

func (m meeting) Write(ctx context.Context, fn func(ctx context.Context, tx directory.Tx) error) error {
	return m.Store.Write(ctx, func(ctx context.Context, tx directory.Tx) error {
		err := fn(ctx, meetingTx{tx, m})
		m.decided.wait(200 * time.Millisecond)
		return err
	})
}

func (tx meetingTx) AdministratorEmails(ctx context.Context, org string, lock bool) ([]string, error) {
	if !lock {
		tx.m.wrote.wait(time.Minute)
	}
	return tx.Tx.AdministratorEmails(ctx, org, lock)
}

// TestTwoAdministratorsMeet is TestTwoAdministratorsDoNotGoAtOnce at its worst, on PostgreSQL: SQLite has one writer.
func TestTwoAdministratorsMeet(t *testing.T) {
	st := storetest.Open(t, storetest.Postgres(t))
	b := newBackend(t, st)
	administrators(t, st, b, "a@acme.example", "b@acme.example")
	s := serviceOf(t, b)
	ids := []string{s.create("/Users", `{"userName":"a@acme.example"}`), s.create("/Users", `{"userName":"b@acme.example"}`)}
	b.Directory = &directory.Directory{Store: meeting{st, newArrival(), newArrival()}}
	s = serviceOf(t, b)
	statuses := make([]int, len(ids))
	var both sync.WaitGroup
	for i, id := range ids {
		both.Go(func() { statuses[i], _ = s.do("PATCH", "/Users/"+id, off) })
	}
	both.Wait()
	if statuses[0]+statuses[1] != 200+403 {
		t.Errorf("the statuses are %v; want one 200 and one 403", statuses)
	}
}

// TestBulkDoesNotTakeTheLastAdministrator: each operation of a bulk request is asked like a request of its own, and sees what those before it did.
func TestBulkDoesNotTakeTheLastAdministrator(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, st *store.Store) {
		b := newBackend(t, st)
		s := serviceOf(t, b)
		administrators(t, st, b, "a@acme.example", "b@acme.example")
		first, second := s.create("/Users", `{"userName":"a@acme.example"}`), s.create("/Users", `{"userName":"b@acme.example"}`)
		status, body := s.do("POST", "/Bulk", `{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"Operations":[
			{"method":"PATCH","path":"/Users/`+first+`","data":`+off+`},{"method":"DELETE","path":"/Users/`+second+`"}]}`)
		if status != 200 || strings.Count(body, `"status":"403"`) != 2 || strings.Count(body, `"status":"200"`) != 1 {
			t.Errorf("status %d: %s; want the first operation done and the second refused", status, body)
		}
		if o := stored(t, b, directory.User, second); !o.Active() {
			t.Error("the last administrator is gone")
		}
	})
}

package scim_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/store"
	"github.com/rollcall-id/rollcall/internal/store/storetest"
	"github.com/rollcall-id/rollcall/scim"
	"github.com/rollcall-id/rollcall/scim/scimserver"
)

// reads counts the rows that come out of a store, by what they are.
type reads struct {
	mu                   sync.Mutex
	calls, members, rows int
	changes              int
}

func (c *reads) count(members, rows int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls++
	c.members += members
	c.rows += rows
}

// countingReader counts what comes out of a store, or of a transaction.
type countingReader struct {
	directory.Reader
	c *reads
}

func (r countingReader) Members(ctx context.Context, org, group, after string, limit int) ([]directory.Membership, error) {
	out, err := r.Reader.Members(ctx, org, group, after, limit)
	r.c.count(len(out), 0)
	return out, err
}

func (r countingReader) ObjectsByID(ctx context.Context, org, typ string, ids []string) ([]directory.Object, error) {
	out, err := r.Reader.ObjectsByID(ctx, org, typ, ids)
	r.c.count(0, len(out))
	return out, err
}

func (r countingReader) Seen(ctx context.Context, org string, owner directory.Owner, ids []string) (map[string]string, error) {
	out, err := r.Reader.Seen(ctx, org, owner, ids)
	r.c.count(0, len(out))
	return out, err
}

// countingStore is a store that counts what is read from it, in transactions too.
type countingStore struct {
	directory.Store
	r countingReader
}

func (s countingStore) Members(ctx context.Context, org, group, after string, limit int) ([]directory.Membership, error) {
	return s.r.Members(ctx, org, group, after, limit)
}

func (s countingStore) ObjectsByID(ctx context.Context, org, typ string, ids []string) ([]directory.Object, error) {
	return s.r.ObjectsByID(ctx, org, typ, ids)
}

func (s countingStore) Seen(ctx context.Context, org string, owner directory.Owner, ids []string) (map[string]string, error) {
	return s.r.Seen(ctx, org, owner, ids)
}

func (s countingStore) Write(ctx context.Context, fn func(ctx context.Context, tx directory.Tx) error) error {
	return s.Store.Write(ctx, func(ctx context.Context, tx directory.Tx) error {
		return fn(ctx, countingTx{tx, countingReader{tx, s.r.c}})
	})
}

// countingTx is a transaction of it.
type countingTx struct {
	directory.Tx
	r countingReader
}

func (t countingTx) Members(ctx context.Context, org, group, after string, limit int) ([]directory.Membership, error) {
	return t.r.Members(ctx, org, group, after, limit)
}

func (t countingTx) ObjectsByID(ctx context.Context, org, typ string, ids []string) ([]directory.Object, error) {
	return t.r.ObjectsByID(ctx, org, typ, ids)
}

func (t countingTx) Seen(ctx context.Context, org string, owner directory.Owner, ids []string) (map[string]string, error) {
	return t.r.Seen(ctx, org, owner, ids)
}

func (t countingTx) Append(ctx context.Context, changes ...directory.Change) error {
	t.r.c.changes += len(changes)
	return t.Tx.Append(ctx, changes...)
}

// bigGroup makes a group of so many people, and returns a service whose reads are counted.
func bigGroup(t *testing.T, s *store.Store, size int) (h http.Handler, c *reads, people []string, group string) {
	t.Helper()
	b := newBackend(t, s)
	err := b.Directory.Write(t.Context(), b.Organization, b.Origin, func(ctx context.Context, w *directory.Writer) error {
		people = people[:0]
		for i := range size {
			o, err := w.Create(ctx, directory.User, scim.Resource{"userName": fmt.Sprintf("u%05d", i)}, nil)
			if err != nil {
				return err
			}
			people = append(people, o.ID)
		}
		g, err := w.Create(ctx, directory.Group, scim.Resource{"displayName": "All"}, people)
		group = g.ID
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	c = &reads{}
	b.Directory = &directory.Directory{Store: countingStore{s, countingReader{s, c}}}
	return scimserver.New(scimserver.Config{Registry: registry(), Backend: b}), c, people, group
}

func ask(t *testing.T, h http.Handler, method, target, body string, want int) string {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(method, target, strings.NewReader(body)))
	if w.Code != want {
		t.Fatalf("%s %s answers %d %s; want %d", method, target, w.Code, w.Body, want)
	}
	return w.Body.String()
}

func removeMember(id string) string {
	return `{"Operations":[{"op":"remove","path":"members[value eq \"` + id + `\"]"}]}`
}

// TestOneMemberCostsTheSameInAGroupOfAnySize counts what is read and logged instead of measuring time.
func TestOneMemberCostsTheSameInAGroupOfAnySize(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		var costs []reads
		for _, size := range []int{300, 3000} {
			h, c, people, group := bigGroup(t, s, size)
			ask(t, h, "PATCH", "/Groups/"+group, removeMember(people[7]), http.StatusNoContent)
			ask(t, h, "PATCH", "/Groups/"+group, addMember(people[7]), http.StatusNoContent)
			ask(t, h, "PATCH", "/Groups/"+group+"?excludedAttributes=members", removeMember(people[8]), http.StatusOK)
			if c.members != 0 {
				t.Errorf("of %d members %d were read to change three", size, c.members)
			}
			costs = append(costs, reads{calls: c.calls, rows: c.rows, changes: c.changes})
			if c.changes != 3 {
				t.Errorf("three members were changed, and %d changes logged", c.changes)
			}
		}
		if costs[0] != costs[1] {
			t.Errorf("the cost is %+v in the small group and %+v in the big one", &costs[0], &costs[1])
		}
	})
}

func TestExcludedMembersAreNotRead(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		h, c, people, group := bigGroup(t, s, 300)
		for _, target := range []string{
			"/Groups/" + group + "?excludedAttributes=members", "/Groups/" + group + "?attributes=displayName", "/Groups?excludedAttributes=members",
			"/Groups?filter=displayName+eq+%22all%22&excludedAttributes=members", "/Groups?attributes=displayName",
			"/Groups?filter=id+eq+%22" + group + "%22+and+members+eq+%22" + people[5] + "%22&attributes=id",
		} {
			if body := ask(t, h, "GET", target, "", http.StatusOK); strings.Contains(body, "members") {
				t.Errorf("%s answers members", target)
			}
		}
		ask(t, h, "PATCH", "/Groups/"+group+"?excludedAttributes=members", `{"Operations":[{"op":"replace","path":"displayName","value":"Everybody"}]}`, http.StatusOK)
		if c.members != 0 || c.rows != 0 {
			t.Errorf("%d memberships and %d members were read", c.members, c.rows)
		}
	})
}

// TestPutOfAllMembersWritesOnlyWhatChanged: a client without PATCH sends everybody each time.
func TestPutOfAllMembersWritesOnlyWhatChanged(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		h, c, people, group := bigGroup(t, s, 1500)
		list := make([]string, len(people)-1)
		for i, id := range people[1:] {
			list[i] = `{"value":"` + id + `"}`
		}
		ask(t, h, "PUT", "/Groups/"+group+"?excludedAttributes=members", `{"displayName":"All","members":[`+strings.Join(list, ",")+`]}`, http.StatusOK)
		if c.changes != 1 {
			t.Errorf("one member is gone, and %d changes are logged", c.changes)
		}
	})
}

// TestMembersOfAnotherOrganizationAreRefused, and the refusal tells nothing that one about an unknown id would not.
func TestMembersOfAnotherOrganizationAreRefused(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		h, _, _, group := bigGroup(t, s, 1)
		other, _, strangers, strangeGroup := bigGroup(t, s, 1)
		refusal := func(id string) string {
			body := ask(t, h, "PATCH", "/Groups/"+group, addMember(id), http.StatusBadRequest)
			return strings.ReplaceAll(body, id, "")
		}
		unknown := refusal("01990000-0000-7000-8000-000000000000")
		for _, id := range []string{strangers[0], strangeGroup} {
			if got := refusal(id); got != unknown {
				t.Errorf("a stranger is refused with %s, an unknown id with %s", got, unknown)
			}
		}
		ask(t, h, "PUT", "/Groups/"+group, `{"displayName":"All","members":[{"value":"`+strangers[0]+`"}]}`, http.StatusBadRequest)
		ask(t, h, "POST", "/Groups", `{"displayName":"New","members":[{"value":"`+strangers[0]+`"}]}`, http.StatusBadRequest)
		ask(t, h, "GET", "/Groups/"+strangeGroup, "", http.StatusNotFound)
		if body := ask(t, other, "GET", "/Users/"+strangers[0], "", http.StatusOK); strings.Contains(body, group) {
			t.Error("the stranger is in the group all the same")
		}
	})
}

// TestConcurrentMemberChangesAreAllKept: many clients change one member each of the same group, as Entra does.
func TestConcurrentMemberChangesAreAllKept(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		h, _, people, group := bigGroup(t, s, 40)
		var wg sync.WaitGroup
		for i, id := range people {
			wg.Go(func() {
				body := removeMember(id)
				if i%2 == 1 {
					body = addMember(id)
				}
				w := httptest.NewRecorder()
				h.ServeHTTP(w, httptest.NewRequest("PATCH", "/Groups/"+group, strings.NewReader(body)))
				if w.Code != http.StatusOK {
					t.Errorf("PATCH answers %d %s", w.Code, w.Body)
				}
			})
		}
		wg.Wait()
		body := ask(t, h, "GET", "/Groups/"+group, "", http.StatusOK)
		for i, id := range people {
			if in := strings.Contains(body, id); in != (i%2 == 1) {
				t.Errorf("person %d is a member: %v", i, in)
			}
		}
	})
}

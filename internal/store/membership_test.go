package store_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/store"
	"github.com/rollcall-id/rollcall/internal/store/storetest"
)

func TestMembership(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		org := storetest.Organization(t, s, "acme")
		insert(t, s, user(org, "u1", "ada"), user(org, "u2", "bob"), user(org, "u3", "cy"), group(org, "g1", "one"), group(org, "g2", "two"))
		join(t, s, org, "g1", member("u1"))
		err := s.Write(t.Context(), func(ctx context.Context, tx directory.Tx) error {
			added, err := tx.AddMembers(ctx, org, "g1", []directory.Membership{nested("g2"), member("u3"), member("u1"), member("u2"), member("u3")})
			want := []directory.Membership{
				{Group: "g1", Member: "g2", MemberType: "Group"}, {Group: "g1", Member: "u3", MemberType: "User"}, {Group: "g1", Member: "u2", MemberType: "User"},
			}
			if d := cmp.Diff(want, added); d != "" {
				t.Errorf("added (-want +got):\n%s", d)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		page, err := s.Members(t.Context(), org, "g1", "", 2)
		if err != nil || len(page) != 2 || page[0].Member != "g2" || page[0].MemberType != "Group" || page[1].Member != "u1" {
			t.Fatalf("first page: %v, %v", page, err)
		}
		page, err = s.Members(t.Context(), org, "g1", "u1", 10)
		if err != nil || len(page) != 2 || page[0].Member != "u2" || page[1].Member != "u3" {
			t.Errorf("second page: %v, %v", page, err)
		}
		join(t, s, org, "g2", member("u1"))
		groups, err := s.GroupsOf(t.Context(), org, "u1")
		if err != nil || len(groups) != 2 || groups[0].Group != "g1" || groups[1].Group != "g2" {
			t.Errorf("groups of u1: %v, %v", groups, err)
		}
		err = s.Write(t.Context(), func(ctx context.Context, tx directory.Tx) error {
			removed, err := tx.RemoveMembers(ctx, org, "g1", []string{"u2", "nobody", "u1", "u2"})
			if d := cmp.Diff([]string{"u2", "u1"}, removed); d != "" {
				t.Errorf("removed (-want +got):\n%s", d)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		other := storetest.Organization(t, s, "other")
		if m, err := s.Members(t.Context(), other, "g1", "", 10); len(m) != 0 || err != nil {
			t.Errorf("another organization sees the members: %v, %v", m, err)
		}
		if m, err := s.GroupsOf(t.Context(), other, "u1"); len(m) != 0 || err != nil {
			t.Errorf("another organization sees the groups: %v, %v", m, err)
		}
	})
}

func TestMemberMustExist(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		org := storetest.Organization(t, s, "acme")
		insert(t, s, group(org, "g1", "one"))
		err := s.Write(t.Context(), func(ctx context.Context, tx directory.Tx) error {
			_, err := tx.AddMembers(ctx, org, "g1", []directory.Membership{member("nobody")})
			return err
		})
		wantError(t, err, fault.ErrNotFound)
	})
}

// Many members go in by one statement.
func TestManyMembers(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		const n = 3000
		org := storetest.Organization(t, s, "acme")
		objects := []directory.Object{group(org, "g1", "all")}
		var members []directory.Membership
		for i := range n {
			id := fmt.Sprintf("u%05d", i)
			objects = append(objects, user(org, id, id))
			members = append(members, member(id))
		}
		insert(t, s, objects...)
		err := s.Write(t.Context(), func(ctx context.Context, tx directory.Tx) error {
			added, err := tx.AddMembers(ctx, org, "g1", members)
			if len(added) != n {
				t.Errorf("added %d, want %d", len(added), n)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

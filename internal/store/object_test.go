package store_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/store"
	"github.com/rollcall-id/rollcall/internal/store/storetest"
)

func TestObjectRoundTrip(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		org := storetest.Organization(t, s, "acme")
		urn, enterprise := managed("boss")
		want := user(org, "u1", "Ada@Acme.example", "displayName", "Ada <&> Ł", "active", false, "externalId", "2026-01-02T03:04:05Z",
			"emails", []any{map[string]any{"value": "a@x.example", "primary": true}}, urn, enterprise)
		want.Version, want.Modified = 7, noon.Add(time.Second)
		insert(t, s, want)
		got, err := s.Object(t.Context(), org, directory.User, "u1")
		if err != nil {
			t.Fatal(err)
		}
		if got.Seq <= 0 {
			t.Errorf("Seq is %d, want it set", got.Seq)
		}
		got.Seq = 0
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("object changed on its way (-want +got):\n%s", d)
		}
		byName, err := s.ObjectByName(t.Context(), org, directory.User, "ADA@acme.EXAMPLE")
		if err != nil || byName.ID != "u1" {
			t.Errorf("by name: got %q, %v", byName.ID, err)
		}
	})
}

func TestObjectIsNotFound(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		org, other := storetest.Organization(t, s, "acme"), storetest.Organization(t, s, "other")
		insert(t, s, user(org, "u1", "ada"))
		for _, c := range []struct{ name, org, typ, id string }{
			{"unknown id", org, directory.User, "u2"},
			{"other organization", other, directory.User, "u1"},
			{"other type", org, directory.Group, "u1"},
		} {
			_, err := s.Object(t.Context(), c.org, c.typ, c.id)
			if !errors.Is(err, fault.ErrNotFound) {
				t.Errorf("%s: got %v, want ErrNotFound", c.name, err)
			}
			err = s.Write(t.Context(), func(ctx context.Context, tx directory.Tx) error { return tx.Remove(ctx, c.org, c.typ, c.id) })
			if !errors.Is(err, fault.ErrNotFound) {
				t.Errorf("remove, %s: got %v, want ErrNotFound", c.name, err)
			}
		}
		_, err := s.ObjectByName(t.Context(), other, directory.User, "ada")
		wantError(t, err, fault.ErrNotFound)
	})
}

func TestUniqueName(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		org, other := storetest.Organization(t, s, "acme"), storetest.Organization(t, s, "other")
		gone := user(org, "u9", "Grace")
		gone.Deleted = noon
		insert(t, s, user(org, "u1", "Straße"), user(org, "u2", "bob"), user(other, "u3", "bob"), group(org, "g1", "bob"), gone, user(org, "u4", "grace"))

		write := func(fn func(ctx context.Context, tx directory.Tx) error) error { return s.Write(t.Context(), fn) }
		insertOne := func(o directory.Object) func(context.Context, directory.Tx) error {
			return func(ctx context.Context, tx directory.Tx) error { return tx.Insert(ctx, o) }
		}
		update := func(o directory.Object) func(context.Context, directory.Tx) error {
			return func(ctx context.Context, tx directory.Tx) error { return tx.Update(ctx, o) }
		}
		back := gone
		back.Deleted = time.Time{}
		for _, c := range []struct {
			name string
			do   func(context.Context, directory.Tx) error
			want error
		}{
			{"same name folded", insertOne(user(org, "u5", "STRASSE")), fault.ErrConflict},
			{"same id", insertOne(user(org, "u1", "other")), fault.ErrConflict},
			{"rename onto another", update(user(org, "u2", "straße")), fault.ErrConflict},
			{"rename to its own name", update(user(org, "u2", "BOB")), nil},
			{"update of nobody", update(user(org, "u8", "x")), fault.ErrNotFound},
			{"restore onto a taken name", update(back), fault.ErrConflict},
			{"name too long", insertOne(user(org, "u6", strings.Repeat("x", store.MaxName+1))), fault.ErrInvalid},
			{"unknown type", insertOne(directory.Object{ID: "d", Organization: org, Type: "Device"}), fault.ErrInvalid},
			{"unknown organization", insertOne(user("nowhere", "u7", "x")), fault.ErrNotFound},
			{"long but allowed", insertOne(user(org, "u7", strings.Repeat("y", store.MaxName))), nil},
		} {
			if err := write(c.do); !errors.Is(err, c.want) {
				t.Errorf("%s: got %v, want %v", c.name, err, c.want)
			}
		}
	})
}

// A conflict that the caller handles must leave the transaction usable on both databases.
func TestConflictLeavesTransactionUsable(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		org := storetest.Organization(t, s, "acme")
		insert(t, s, user(org, "u1", "ada"), user(org, "u2", "bob"))
		err := s.Write(t.Context(), func(ctx context.Context, tx directory.Tx) error {
			if err := tx.Insert(ctx, user(org, "u3", "ada")); !errors.Is(err, fault.ErrConflict) {
				t.Errorf("insert: got %v, want ErrConflict", err)
			}
			if err := tx.Update(ctx, user(org, "u2", "ada")); !errors.Is(err, fault.ErrConflict) {
				t.Errorf("update: got %v, want ErrConflict", err)
			}
			return tx.Insert(ctx, user(org, "u3", "ada2"))
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Object(t.Context(), org, directory.User, "u3"); err != nil {
			t.Error(err)
		}
	})
}

func TestObjectLists(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		org := storetest.Organization(t, s, "acme")
		urn, boss := managed("u1")
		gone := user(org, "u4", "dan", urn, boss)
		gone.Deleted = noon
		insert(t, s, user(org, "u1", "ada"), user(org, "u3", "cy", urn, boss), user(org, "u2", "bob", urn, boss), gone, group(org, "g1", "all"))

		got, err := s.ObjectsByID(t.Context(), org, directory.User, []string{"u4", "nobody", "u1", "u4", "g1", "u2"})
		if d := cmp.Diff([]string{"u4", "u1", "u2"}, ids(got)); d != "" || err != nil {
			t.Errorf("ObjectsByID: %v (-want +got):\n%s", err, d)
		}
		if got, err := s.ObjectsByID(t.Context(), org, directory.User, nil); len(got) != 0 || err != nil {
			t.Errorf("ObjectsByID of nothing: %v, %v", got, err)
		}
		_, err = s.ObjectsByID(t.Context(), org, directory.User, make([]string, 1001))
		wantError(t, err, fault.ErrInvalid)

		page, err := s.Scan(t.Context(), org, directory.User, 0, 2)
		if d := cmp.Diff([]string{"u1", "u3"}, ids(page)); d != "" || err != nil {
			t.Fatalf("Scan: %v (-want +got):\n%s", err, d)
		}
		page, err = s.Scan(t.Context(), org, directory.User, page[1].Seq, 10)
		if d := cmp.Diff([]string{"u2", "u4"}, ids(page)); d != "" || err != nil {
			t.Errorf("Scan on: %v (-want +got):\n%s", err, d)
		}
		if n, err := s.CountObjects(t.Context(), org, directory.User); n != 3 || err != nil {
			t.Errorf("CountObjects: got %d, %v, want 3", n, err)
		}
		reports, err := s.Reports(t.Context(), org, "u1")
		if d := cmp.Diff([]string{"u2", "u3"}, reports); d != "" || err != nil {
			t.Errorf("Reports: %v (-want +got):\n%s", err, d)
		}
	})
}

func TestUpdateAndRemove(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		org := storetest.Organization(t, s, "acme")
		insert(t, s, user(org, "u1", "ada"), group(org, "g1", "all"))
		join(t, s, org, "g1", member("u1"))
		changed := user(org, "u1", "Ada.Lovelace", "title", "Countess")
		changed.Version, changed.Modified = 2, noon.Add(time.Hour)
		err := s.Write(t.Context(), func(ctx context.Context, tx directory.Tx) error {
			before, err := tx.Touch(ctx, org, directory.User, "u1")
			if err != nil || before.Version != 1 {
				t.Errorf("Touch: version %d, %v", before.Version, err)
			}
			if err := tx.Update(ctx, changed); err != nil {
				return err
			}
			inside, err := tx.ObjectByName(ctx, org, directory.User, "ada.lovelace")
			if err != nil || inside.Version != 2 {
				t.Errorf("inside the transaction: version %d, %v", inside.Version, err)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.Object(t.Context(), org, directory.User, "u1")
		if err != nil || got.Version != 2 || got.Attributes["title"] != "Countess" || !got.Modified.Equal(changed.Modified) || !got.Created.Equal(noon) {
			t.Errorf("after the update: %+v, %v", got, err)
		}
		_, err = s.ObjectByName(t.Context(), org, directory.User, "ada")
		wantError(t, err, fault.ErrNotFound)
		err = s.Write(t.Context(), func(ctx context.Context, tx directory.Tx) error { return tx.Remove(ctx, org, directory.User, "u1") })
		if err != nil {
			t.Fatal(err)
		}
		if m, err := s.Members(t.Context(), org, "g1", "", 10); len(m) != 0 || err != nil {
			t.Errorf("the membership of a removed user is still there: %v, %v", m, err)
		}
	})
}

// A NUL character cannot be stored by PostgreSQL; scim refuses it on its way in. If one comes through, it must be an error with a meaning.
func TestNulCharacter(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		org := storetest.Organization(t, s, "acme")
		err := s.Write(t.Context(), func(ctx context.Context, tx directory.Tx) error {
			return tx.Insert(ctx, user(org, "u1", "ada\x00b"))
		})
		if s.Postgres() {
			wantError(t, err, fault.ErrInvalid)
		}
		if err != nil && !errors.Is(err, fault.ErrInvalid) {
			t.Errorf("got %v, want nil or ErrInvalid", err)
		}
	})
}

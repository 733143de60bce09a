package store_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/store"
	"github.com/rollcall-id/rollcall/internal/store/storetest"
)

var indexedColumns = []string{"unique_key", "display_key", "external_id", "manager_id", "email_key", "owner", "deleted"}

// TestUpdateLeavesIndexesAlone: SQLite writes an index anew for each of its columns that an UPDATE names, so only those that change are named.
func TestUpdateLeavesIndexesAlone(t *testing.T) {
	name, value := managed("m1")
	old := user("acme", "u1", "ada", "displayName", "Ada", "externalId", "e1", name, value)
	tests := map[string]struct {
		change func(o *directory.Object)
		want   []string
	}{
		"nothing indexed": {func(o *directory.Object) { o.Attributes["title"], o.Attributes["active"] = "Engineer", false }, nil},
		"letter case":     {func(o *directory.Object) { o.Attributes["displayName"] = "ADA" }, nil},
		"displayName":     {func(o *directory.Object) { o.Attributes["displayName"] = "Lady Ada" }, []string{"display_key"}},
		"externalId":      {func(o *directory.Object) { delete(o.Attributes, "externalId") }, []string{"external_id"}},
		"manager":         {func(o *directory.Object) { delete(o.Attributes, name) }, []string{"manager_id"}},
		"userName":        {func(o *directory.Object) { o.Attributes["userName"] = "lovelace" }, []string{"unique_key"}},
		"address": {func(o *directory.Object) {
			o.Attributes["emails"] = []any{map[string]any{"value": "ada@acme.example", "primary": true}}
		}, []string{"email_key"}},
		"owner":         {func(o *directory.Object) { o.Owner = directory.OwnerSCIM }, []string{"owner"}},
		"deletion":      {func(o *directory.Object) { o.Deleted = noon }, []string{"unique_key", "deleted"}},
		"not the other": {func(o *directory.Object) { o.ID = "u2" }, indexedColumns},
	}
	for what, test := range tests {
		o := old
		o.Attributes = old.Attributes.Clone()
		test.change(&o)
		text, err := store.UpdateText(directory.Registry().Type(directory.User), old, o)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range indexedColumns {
			if set, want := strings.Contains(text, c+" = $"), slices.Contains(test.want, c); set != want {
				t.Errorf("%s: the statement sets %s: %t, want %t: %s", what, c, set, want, text)
			}
		}
	}
}

// TestUpdateAfterTouch: what a transaction knows of the row that it changes may be of another row, or of what it wrote itself before.
func TestUpdateAfterTouch(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		org := storetest.Organization(t, s, "acme")
		insert(t, s, user(org, "u1", "ada", "displayName", "Ada"), user(org, "u2", "bob", "displayName", "Bob"))
		err := s.Write(t.Context(), func(ctx context.Context, tx directory.Tx) error {
			ada, err := tx.Touch(ctx, org, directory.User, "u1")
			if err != nil {
				return err
			}
			bob, err := tx.Touch(ctx, org, directory.User, "u2")
			if err != nil {
				return err
			}
			steps := []directory.Object{
				user(org, "u1", "carl", "displayName", "Carl"), user(org, "u2", "ada", "displayName", "Ada", "externalId", "e2"),
				user(org, "u2", "dora", "displayName", "Dora"), ada, bob, user(org, "u2", "eve", "externalId", "e3"),
			}
			for _, o := range steps {
				if err := tx.Update(ctx, o); err != nil {
					return err
				}
			}
			taken := user(org, "u2", "ADA")
			if err := tx.Update(ctx, taken); !errors.Is(err, fault.ErrConflict) {
				t.Errorf("a taken name: %v, want a conflict", err)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for filter, want := range map[string]string{
			`userName eq "ada"`: "u1", `displayName eq "ada"`: "u1", `userName eq "eve"`: "u2", `externalId eq "e3"`: "u2", `userName eq "bob"`: "",
			`displayName eq "bob"`: "", `displayName eq "dora"`: "", `externalId eq "e2"`: "",
		} {
			f, err := directory.Registry().Type(directory.User).ParseFilter(filter)
			if err != nil {
				t.Fatal(err)
			}
			page, err := s.Search(t.Context(), org, directory.User, directory.Query{Filter: f, Count: 10})
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			for _, o := range page.Objects {
				got += o.ID
			}
			if got != want {
				t.Errorf("%s finds %q, want %q", filter, got, want)
			}
		}
	})
}

// TestTouchKnowsGroups: who is in no group is spared a look-up of groups.
func TestTouchKnowsGroups(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		org := storetest.Organization(t, s, "acme")
		insert(t, s, user(org, "u1", "ada"), user(org, "u2", "bob"), group(org, "g1", "Staff"))
		join(t, s, org, "g1", directory.Membership{Group: "g1", Member: "u1", MemberType: directory.User})
		err := s.Write(t.Context(), func(ctx context.Context, tx directory.Tx) error {
			for id, want := range map[string]bool{"u1": false, "u2": true} {
				o, err := tx.Touch(ctx, org, directory.User, id)
				if err != nil {
					return err
				}
				if o.NoGroups != want {
					t.Errorf("%s: NoGroups is %t, want %t", id, o.NoGroups, want)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

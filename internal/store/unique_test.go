package store_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/store"
	"github.com/rollcall-id/rollcall/internal/store/storetest"
	"github.com/rollcall-id/rollcall/scim"
)

const keyType = `[{"name":"Key","endpoint":"/Keys","schema":"urn:example:Key"},
 {"id":"urn:example:Key","name":"Key","attributes":[{"name":"code","uniqueness":"server","mutability":"writeOnly"}]}]`

func register(t testing.TB, s *store.Store, org, doc string) {
	t.Helper()
	d, err := scim.ParseDefinitions([]byte(doc))
	if err != nil {
		t.Fatal(err)
	}
	err = s.Write(t.Context(), func(ctx context.Context, tx directory.Tx) error {
		if _, err := tx.LockDefinitions(ctx, org); err != nil {
			return err
		}
		return tx.SaveDefinitions(ctx, org, d)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestUniqueValuesOfTheDeleted: a soft-deleted object gives its values up, takes them back when it is restored, and they are stored hashed when secret.
func TestUniqueValuesOfTheDeleted(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		org := storetest.Organization(t, s, "acme")
		register(t, s, org, keyType)
		key := func(id, code string) directory.Object {
			o := user(org, id, "")
			o.Type, o.Attributes = "Key", scim.Resource{"code": code}
			return o
		}
		update := func(o directory.Object) error {
			return s.Write(t.Context(), func(ctx context.Context, tx directory.Tx) error { return tx.Update(ctx, o) })
		}
		first, second := key("k1", "4711"), key("k2", "4712")
		insert(t, s, first, second)
		second.Attributes = scim.Resource{"code": "4711"}
		var taken *directory.TakenError
		if err := update(second); !errors.As(err, &taken) || taken.Value.Path != "code" || !errors.Is(err, fault.ErrConflict) {
			t.Errorf("a taken value: %v", err)
		}
		first.Deleted = noon
		if err := errors.Join(update(first), update(second)); err != nil {
			t.Errorf("a value that was given up: %v", err)
		}
		first.Deleted = second.Deleted
		if err := update(first); !errors.As(err, &taken) {
			t.Errorf("restored with a value that was taken meanwhile: %v", err)
		}
		if got, err := s.QueryText(t.Context(), "select count(*) from unique_value where value like '%47%' and length(value) < 60"); err != nil || got != "0" {
			t.Errorf("%s values are readable (%v)", got, err)
		}
	})
}

// TestFilterOnUniqueValue: what is looked for by a unique value is found by the index, also as the only part of a filter that an index answers.
func TestFilterOnUniqueValue(t *testing.T) {
	s := storetest.Open(t, storetest.SQLite(t))
	org := storetest.Organization(t, s, "acme")
	register(t, s, org, strings.Replace(keyType, `,"mutability":"writeOnly"`, "", 1))
	types, err := s.Registry(t.Context(), org)
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]bool{`code eq "A"`: true, `id pr and code eq "A"`: true, `code sw "A"`: false} {
		filter, err := types.Type("Key").ParseFilter(text)
		if err != nil {
			t.Fatal(err)
		}
		plan, err := s.Explain(t.Context(), org, "Key", filter)
		got := strings.Contains(strings.Join(plan, "\n"), "SEARCH r USING INDEX sqlite_autoindex_resource_1 (id=?)")
		if err != nil || got != want {
			t.Errorf("%s: %s (%v); want it by id: %v", text, plan, err, want)
		}
	}
}

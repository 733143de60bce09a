package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/store"
	"github.com/rollcall-id/rollcall/scim"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 123456000, time.UTC)

// user is a user with the attributes, given as name, value, name, value….
func user(org, id, userName string, attributes ...any) directory.Object {
	a := scim.Resource{"userName": userName}
	for i := 0; i < len(attributes); i += 2 {
		a[attributes[i].(string)] = attributes[i+1]
	}
	return directory.Object{ID: id, Organization: org, Type: directory.User, Attributes: a, Version: 1, Created: noon, Modified: noon}
}

func group(org, id, displayName string) directory.Object {
	return directory.Object{
		ID: id, Organization: org, Type: directory.Group, Attributes: scim.Resource{"displayName": displayName},
		Version: 1, Created: noon, Modified: noon,
	}
}

func managed(by string) (string, any) {
	return scim.URNEnterpriseUser, map[string]any{"manager": map[string]any{"value": by}}
}

// insert stores objects in one transaction.
func insert(t testing.TB, s *store.Store, objects ...directory.Object) {
	t.Helper()
	err := s.Write(t.Context(), func(ctx context.Context, tx directory.Tx) error {
		for _, o := range objects {
			if err := tx.Insert(ctx, o); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatalf("insert: %v", err)
	}
}

// join puts members into a group.
func join(t testing.TB, s *store.Store, org, group string, members ...directory.Membership) {
	t.Helper()
	err := s.Write(t.Context(), func(ctx context.Context, tx directory.Tx) error {
		_, err := tx.AddMembers(ctx, org, group, members)
		return err
	})
	if err != nil {
		t.Fatalf("add members: %v", err)
	}
}

func member(id string) directory.Membership {
	return directory.Membership{Member: id, MemberType: directory.User}
}

func nested(id string) directory.Membership {
	return directory.Membership{Member: id, MemberType: directory.Group}
}

func wantError(t testing.TB, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Fatalf("got error %v, want %v", got, want)
	}
}

func ids(objects []directory.Object) []string {
	out := make([]string, len(objects))
	for i, o := range objects {
		out[i] = o.ID
	}
	return out
}

// update replaces an object.
func update(t testing.TB, s *store.Store, o directory.Object) {
	t.Helper()
	if err := s.Write(t.Context(), func(ctx context.Context, tx directory.Tx) error { return tx.Update(ctx, o) }); err != nil {
		t.Fatalf("update: %v", err)
	}
}

// formerOrganization makes an organization in a database of any version: with the columns that the first one had.
func formerOrganization(t *testing.T, s *store.Store) (id string) {
	t.Helper()
	err := s.ExecWriter(t.Context(), "insert into organization (id, slug, name, created) values ('org-acme', 'acme', 'Acme', 1000000)")
	if err != nil {
		t.Fatal(err)
	}
	return "org-acme"
}

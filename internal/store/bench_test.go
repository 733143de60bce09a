package store_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/organization"
	"github.com/rollcall-id/rollcall/internal/store"
	"github.com/rollcall-id/rollcall/internal/store/storetest"
	"github.com/rollcall-id/rollcall/scim"
)

// person is a user as identity providers write them, about 1 kB of JSON.
func person(org string, n int64) directory.Object {
	id := fmt.Sprintf("0198c0de-0000-7000-8000-%012d", n)
	name := fmt.Sprintf("first%d.last%d@acme.example", n, n)
	return user(org, id, name, "displayName", fmt.Sprintf("First%d Last%d", n, n), "externalId", fmt.Sprintf("ext-%d", n), "active", true,
		"title", "Engineer", "name", map[string]any{"givenName": "First", "familyName": "Last"},
		"emails", []any{map[string]any{"value": name, "type": "work", "primary": true}},
		"addresses", []any{map[string]any{
			"type": "work", "streetAddress": "1 Long Street", "locality": "Oslo", "region": "Oslo", "postalCode": "0150", "country": "NO",
		}},
		"phoneNumbers", []any{map[string]any{"value": "+47 123 45 678", "type": "work"}},
		scim.URNEnterpriseUser, map[string]any{
			"employeeNumber": fmt.Sprint(n), "department": "Research", "manager": map[string]any{"value": "0198c0de-0000-7000-8000-000000000000"},
		})
}

// BenchmarkWrite: 32 callers, one object and one feed entry a Write, each answered when it is durable.
func BenchmarkWrite(b *testing.B) {
	for _, c := range []struct {
		name   string
		config func(testing.TB) store.Config
	}{{"sqlite", storetest.SQLite}, {"postgres", storetest.Postgres}} {
		b.Run(c.name, func(b *testing.B) {
			s := storetest.Open(b, c.config(b))
			org := storetest.Organization(b, s, "acme")
			var n atomic.Int64
			b.SetParallelism(16) // times GOMAXPROCS
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					o := person(org, n.Add(1))
					err := s.Write(b.Context(), func(ctx context.Context, tx directory.Tx) error {
						if err := tx.Insert(ctx, o); err != nil {
							return err
						}
						return tx.Append(ctx, change(org, o.ID))
					})
					if err != nil {
						b.Error(err)
						return
					}
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "writes/s")
		})
	}
}

// BenchmarkRead: the reads of a SCIM request, one caller, 10,000 users.
func BenchmarkRead(b *testing.B) {
	s := storetest.Open(b, storetest.SQLite(b))
	org := storetest.Organization(b, s, "acme")
	const people = 10_000
	objects := make([]directory.Object, people)
	for i := range objects {
		objects[i] = person(org, int64(i))
	}
	insert(b, s, objects...)
	token := organization.Token{ID: "t1", Organization: org, Hash: organization.HashSecret("x"), Created: noon}
	err := s.SaveIntegration(b.Context(), organization.Integration{Organization: org, Provider: "azure", Method: "bearer"}, &token, noon)
	if err != nil {
		b.Fatal(err)
	}
	filter, err := directory.Registry().Type(directory.User).ParseFilter(`userName eq "first77.last77@acme.example"`)
	if err != nil {
		b.Fatal(err)
	}
	scan, err := directory.Registry().Type(directory.User).ParseFilter(`emails[type eq "work" and value eq "first77.last77@acme.example"]`)
	if err != nil {
		b.Fatal(err)
	}
	ctx := b.Context()
	for _, c := range []struct {
		name string
		read func(i int) error
	}{
		{"Object", func(i int) error { _, err := s.Object(ctx, org, directory.User, objects[i*7919%people].ID); return err }},
		{"ObjectByName", func(i int) error {
			_, err := s.ObjectByName(ctx, org, directory.User, objects[i*7919%people].Name())
			return err
		}},
		{"Bearer", func(int) error { _, err := s.Bearer(ctx, token.Hash); return err }},
		{"SearchUserName", func(int) error {
			_, err := s.Search(ctx, org, directory.User, directory.Query{Filter: filter, Count: 100})
			return err
		}},
		{"SearchScan", func(int) error {
			_, err := s.Search(ctx, org, directory.User, directory.Query{Filter: scan, Count: 100})
			return err
		}},
		{"SearchPage100", func(int) error {
			_, err := s.Search(ctx, org, directory.User, directory.Query{Start: 5000, Count: 100})
			return err
		}},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for i := range b.N {
				if err := c.read(i); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

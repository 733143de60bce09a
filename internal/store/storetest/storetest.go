// Package storetest gives tests a real store: every test that needs one runs on a fresh SQLite file and on a fresh PostgreSQL database. There are no
// mocks of stores in Rollcall; SQLite is the fake. It is imported by tests only.
package storetest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/rollcall-id/rollcall/internal/organization"
	"github.com/rollcall-id/rollcall/internal/store"
)

// The environment: the URL of a PostgreSQL server on which databases may be made, and the list of what must not be skipped.
const (
	envPostgres = "ROLLCALL_TEST_POSTGRES"
	envRequire  = "ROLLCALL_REQUIRE"
)

// Key is a sealing key for tests, in the form of ROLLCALL_KEY.
const Key = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="

// ForEachDB runs fn as a subtest on SQLite and on PostgreSQL, each time with an empty store of its own that is closed at the end of the subtest. Without
// a PostgreSQL server the second one is skipped, or fails where ROLLCALL_REQUIRE names postgres.
func ForEachDB(t *testing.T, fn func(t *testing.T, s *store.Store)) {
	t.Helper()
	ForEachConfig(t, func(t *testing.T, c store.Config) { fn(t, Open(t, c)) })
}

// ForEachConfig is ForEachDB for tests that open the store themselves, or several times.
func ForEachConfig(t *testing.T, fn func(t *testing.T, c store.Config)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { fn(t, SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { fn(t, Postgres(t)) })
}

// SQLite is the configuration of a new SQLite file.
func SQLite(t testing.TB) store.Config {
	t.Helper()
	return store.Config{Dir: t.TempDir(), Keys: Key}
}

// Postgres is the configuration of a new PostgreSQL database, which is dropped at the end of the test.
func Postgres(t testing.TB) store.Config {
	t.Helper()
	admin := os.Getenv(envPostgres)
	if admin == "" {
		if strings.Contains(os.Getenv(envRequire), "postgres") {
			t.Fatalf("%s names postgres, but %s holds no URL of a PostgreSQL server", envRequire, envPostgres)
		}
		t.Skipf("no PostgreSQL server: set %s to the URL of one on which databases may be made", envPostgres)
	}
	u, err := url.Parse(admin)
	if err != nil {
		t.Fatalf("%s does not hold a URL", envPostgres)
	}
	db, _, err := store.Queue(store.Config{URL: admin})
	if err != nil {
		t.Fatalf("%s: %v", envPostgres, err)
	}
	name := "rollcall_test_" + strings.ToLower(rand.Text()[:16])
	run(t, db, "create database "+name+" encoding 'UTF8' template template0")
	t.Cleanup(func() {
		run(t, db, "drop database "+name+" with (force)")
		if err := db.Close(); err != nil {
			t.Errorf("close the connection to the PostgreSQL server: %v", err)
		}
	})
	u.Path = "/" + name
	return store.Config{URL: u.String(), Dir: t.TempDir(), Keys: Key}
}

func run(t testing.TB, db *sql.DB, text string) {
	t.Helper()
	// Not the test's context: it has ended when the database is dropped.
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if _, err := db.ExecContext(ctx, text); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
}

// Open opens a store that is closed at the end of the test.
func Open(t testing.TB, c store.Config) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), c)
	if err != nil {
		t.Fatalf("open the store: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close the store: %v", err)
		}
	})
	return s
}

// Organization makes an organization, which everything else in a store belongs to, and returns its id.
func Organization(t testing.TB, s *store.Store, slug string) string {
	t.Helper()
	o := organization.Organization{ID: "org-" + slug, Slug: slug, Name: slug, Created: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	if err := s.CreateOrganization(t.Context(), o); err != nil {
		t.Fatalf("make an organization: %v", err)
	}
	return o.ID
}

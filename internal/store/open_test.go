package store_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/store"
	"github.com/rollcall-id/rollcall/internal/store/storetest"
)

func TestVersions(t *testing.T) {
	storetest.ForEachConfig(t, func(t *testing.T, c store.Config) {
		fresh := c
		fresh.NoMigrate = true
		s := storetest.Open(t, fresh)
		before, after, err := s.Migrate(t.Context())
		if err != nil || before != 0 || after < 1 {
			t.Fatalf("migrate a fresh database: from %d to %d, %v", before, after, err)
		}
		storetest.Open(t, c)
		current, needed, err := s.Version(t.Context())
		if err != nil || current != after || needed != after {
			t.Fatalf("version %d of %d, %v; want %d", current, needed, err, after)
		}
		if err := s.ExecWriter(t.Context(), "insert into goose_db_version (version_id, is_applied) values (99999, true)"); err != nil {
			t.Fatal(err)
		}
		_, err = store.Open(t.Context(), c)
		if !errors.Is(err, fault.ErrPrecondition) || !strings.Contains(err.Error(), "newer") {
			t.Errorf("a newer database: got %v", err)
		}
		if _, _, err := s.Migrate(t.Context()); !errors.Is(err, fault.ErrPrecondition) {
			t.Errorf("migrate a newer database: got %v", err)
		}
	})
}

func TestCheckVersion(t *testing.T) {
	for _, c := range []struct {
		current, needed int64
		want            string
	}{
		{3, 3, ""}, {2, 3, "rollcall migrate"}, {4, 3, "newer Rollcall"},
	} {
		err := store.CheckVersion("the database", c.current, c.needed)
		switch {
		case c.want == "" && err == nil:
		case c.want == "" || !errors.Is(err, fault.ErrPrecondition) || !strings.Contains(err.Error(), c.want):
			t.Errorf("version %d of %d: got %v, want %q", c.current, c.needed, err, c.want)
		}
	}
}

// Several processes may start on one fresh database.
func TestConcurrentFirstOpen(t *testing.T) {
	storetest.ForEachConfig(t, func(t *testing.T, c store.Config) {
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				s, err := store.Open(t.Context(), c)
				if err != nil {
					t.Error(err)
					return
				}
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
	})
}

func TestOpenRefuses(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		config store.Config
		want   string
	}{
		{"no folder", store.Config{Keys: storetest.Key}, "--data"},
		{"a file as folder", store.Config{Dir: file}, "--data"},
		{"unknown URL", store.Config{Dir: t.TempDir(), URL: "mysql://x"}, "postgres://"},
		{"unreadable URL", store.Config{Dir: t.TempDir(), URL: "postgres://u:secret@h:port/x"}, "expected postgres://"},
		{"nobody there", store.Config{Dir: t.TempDir(), URL: "postgres://u:secret@127.0.0.1:1/x"}, "does not answer"},
		{"bad key", store.Config{Dir: t.TempDir(), Keys: "short"}, "openssl rand"},
	} {
		_, err := store.Open(t.Context(), c.config)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want an error with %q", c.name, err, c.want)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: the error tells the password: %v", c.name, err)
		}
	}
}

func TestNotADatabase(t *testing.T) {
	c := storetest.SQLite(t)
	if err := os.WriteFile(filepath.Join(c.Dir, "rollcall.db"), []byte(strings.Repeat("not a database ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Open(t.Context(), c); err == nil || !strings.Contains(err.Error(), "not a database") {
		t.Errorf("got %v, want an error that says so", err)
	}
}

func TestQueue(t *testing.T) {
	storetest.ForEachConfig(t, func(t *testing.T, c store.Config) {
		db, postgres, err := store.Queue(c)
		if err != nil {
			t.Fatal(err)
		}
		if postgres != (c.URL != "") {
			t.Errorf("postgres is %v for %q", postgres, c.URL)
		}
		if err := errors.Join(db.PingContext(t.Context()), db.Close()); err != nil {
			t.Error(err)
		}
	})
}

func TestFilesAreOursAlone(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("file modes mean nothing here")
	}
	c := store.Config{Dir: filepath.Join(t.TempDir(), "data")}
	s := storetest.Open(t, c)
	storetest.Organization(t, s, "acme")
	info, err := os.Stat(c.Dir)
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the data folder has mode %v, %v; want 0700", info.Mode(), err)
	}
	if !strings.Contains(s.Where(), c.Dir) {
		t.Errorf("Where is %s", s.Where())
	}
}

func TestOlderVersion(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"3.51.2", "3.51.3", true}, {"3.51.3", "3.51.3", false}, {"3.54.1", "3.51.3", false}, {"3.9.9", "3.51.3", true}, {"3.51", "3.51.3", true},
		{"4", "3.51.3", false},
	} {
		if got := store.OlderVersion(c.a, c.b); got != c.want {
			t.Errorf("%s older than %s: got %v", c.a, c.b, got)
		}
	}
}

func TestSQLStates(t *testing.T) {
	for code, want := range map[string]error{
		"23505": fault.ErrConflict, "23503": fault.ErrNotFound, "53100": fault.ErrFull, "57P03": fault.ErrUnavailable, "08006": fault.ErrUnavailable,
		"22021": fault.ErrInvalid, "42601": nil, "40001": nil,
	} {
		if got := store.ClassifySQLState(code); !errors.Is(got, want) {
			t.Errorf("%s: got %v, want %v", code, got, want)
		}
	}
}

func TestRewrite(t *testing.T) {
	for text, want := range map[string]string{
		"select $1, $12":                    "select ?1, ?12",
		"json_extract(x, '$.\"a$1\"') = $2": "json_extract(x, '$.\"a$1\"') = ?2",
		"'it''s $1' $1":                     "'it''s $1' ?1",
		"$":                                 "$",
	} {
		if got := store.Rewrite(text); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}

// TestMigrationsUndoOnDisk: a statement that changes every row of 100,000 people needs more memory than the engine has to undo it.
func TestMigrationsUndoOnDisk(t *testing.T) {
	s := storetest.Open(t, storetest.SQLite(t))
	if n, err := s.MigrationTempStore(t.Context()); n != 1 || err != nil {
		t.Errorf("temp_store of migrations is %d, %v; want 1, a file", n, err)
	}
}

// TestDatabaseFilesArePrivate: people and password hashes are nobody else's business, whatever the folder allows.
func TestDatabaseFilesArePrivate(t *testing.T) {
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	storetest.Open(t, store.Config{Dir: dir, Keys: storetest.Key})
	files, err := filepath.Glob(filepath.Join(dir, "*.db*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no database files: %v", err)
	}
	for _, f := range files {
		info, err := os.Stat(f)
		if err != nil {
			t.Fatal(err)
		}
		if mode := info.Mode().Perm(); mode != 0o600 {
			t.Errorf("%s can be read by others: %v", filepath.Base(f), mode)
		}
	}
}

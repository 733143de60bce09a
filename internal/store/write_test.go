package store_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/store"
	"github.com/rollcall-id/rollcall/internal/store/storetest"
)

var errOfTest = errors.New("error of the test")

func TestWriteRollsBack(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		org := storetest.Organization(t, s, "acme")
		err := s.Write(t.Context(), func(ctx context.Context, tx directory.Tx) error {
			if err := tx.Insert(ctx, user(org, "u1", "ada")); err != nil {
				return err
			}
			if err := tx.Append(ctx, change(org, "u1")); err != nil {
				return err
			}
			return errOfTest
		})
		if err != errOfTest { // as it is, not wrapped
			t.Errorf("got %v, want the function's own error", err)
		}
		assertEmpty(t, s, org)
	})
}

func assertEmpty(t *testing.T, s *store.Store, org string) {
	t.Helper()
	if n, err := s.CountObjects(t.Context(), org, directory.User); n != 0 || err != nil {
		t.Errorf("%d objects are there, %v; want none", n, err)
	}
	if head, err := s.Head(t.Context(), org); head != 0 || err != nil {
		t.Errorf("the feed has a head %d, %v; want none", head, err)
	}
}

func TestWritePanics(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		org := storetest.Organization(t, s, "acme")
		func() {
			defer func() {
				if p := recover(); p != "boom" {
					t.Errorf("recovered %v, want the function's own panic", p)
				}
			}()
			_ = s.Write(t.Context(), func(ctx context.Context, tx directory.Tx) error {
				if err := tx.Insert(ctx, user(org, "u1", "ada")); err != nil {
					t.Error(err)
				}
				panic("boom")
			})
		}()
		exited := make(chan struct{})
		go func() {
			defer close(exited)
			_ = s.Write(t.Context(), func(ctx context.Context, tx directory.Tx) error {
				if err := tx.Insert(ctx, user(org, "u1", "ada")); err != nil {
					t.Error(err)
				}
				runtime.Goexit()
				return nil
			})
		}()
		<-exited
		assertEmpty(t, s, org)
		insert(t, s, user(org, "u1", "ada")) // the writer still works
	})
}

func TestWriteOfEndedContext(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		org := storetest.Organization(t, s, "acme")
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		err := s.Write(ctx, func(context.Context, directory.Tx) error {
			t.Error("the function ran")
			return nil
		})
		wantError(t, err, context.Canceled)

		// A context that ends inside the function ends the write, and nobody else's.
		ctx, cancel = context.WithCancel(t.Context())
		err = s.Write(ctx, func(ctx context.Context, tx directory.Tx) error {
			if err := tx.Insert(ctx, user(org, "u1", "ada")); err != nil {
				return err
			}
			cancel()
			return tx.Insert(ctx, user(org, "u2", "bob"))
		})
		wantError(t, err, context.Canceled)
		assertEmpty(t, s, org)
	})
}

func TestWriteInsideWrite(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		err := s.Write(t.Context(), func(ctx context.Context, _ directory.Tx) error {
			return s.Write(ctx, func(context.Context, directory.Tx) error { return nil })
		})
		wantError(t, err, fault.ErrInvalid)
	})
}

// Writes that share a commit do not share their failures.
func TestWritesAreIndependent(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		const n = 60
		org := storetest.Organization(t, s, "acme")
		var all sync.WaitGroup
		for i := range n {
			all.Go(func() {
				err := s.Write(t.Context(), func(ctx context.Context, tx directory.Tx) error {
					if err := tx.Insert(ctx, user(org, fmt.Sprintf("u%d", i), fmt.Sprintf("name%d", i))); err != nil {
						return err
					}
					if i%3 == 0 {
						return errOfTest
					}
					return nil
				})
				if (i%3 == 0) != errors.Is(err, errOfTest) || i%3 != 0 && err != nil {
					t.Errorf("write %d: %v", i, err)
				}
			})
		}
		all.Wait()
		if got, err := s.CountObjects(t.Context(), org, directory.User); got != n*2/3 || err != nil {
			t.Errorf("%d objects, %v; want %d", got, err, n*2/3)
		}
	})
}

// Of many concurrent creations of one name, one wins.
func TestOneNameOneWinner(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		org := storetest.Organization(t, s, "acme")
		results := make(chan error, 16)
		for i := range cap(results) {
			go func() {
				results <- s.Write(t.Context(), func(ctx context.Context, tx directory.Tx) error {
					return tx.Insert(ctx, user(org, fmt.Sprintf("u%d", i), "ada"))
				})
			}()
		}
		won := 0
		for range cap(results) {
			err := <-results
			if err == nil {
				won++
			} else if !errors.Is(err, fault.ErrConflict) {
				t.Errorf("got %v, want ErrConflict", err)
			}
		}
		if won != 1 {
			t.Errorf("%d creations won, want 1", won)
		}
	})
}

// Concurrent changes of one object follow each other.
func TestTouchSerialises(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		const n = 24
		org := storetest.Organization(t, s, "acme")
		insert(t, s, user(org, "u1", "ada"))
		var all sync.WaitGroup
		for range n {
			all.Go(func() {
				err := s.Write(t.Context(), func(ctx context.Context, tx directory.Tx) error {
					o, err := tx.Touch(ctx, org, directory.User, "u1")
					if err != nil {
						return err
					}
					o.Version++
					return tx.Update(ctx, o)
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		o, err := s.Object(t.Context(), org, directory.User, "u1")
		if err != nil || o.Version != n+1 {
			t.Errorf("version %d, %v; want %d", o.Version, err, n+1)
		}
	})
}

// Two transactions that lock two objects in opposite order deadlock on PostgreSQL; the one that loses runs again.
func TestDeadlockIsRetried(t *testing.T) {
	s := storetest.Open(t, storetest.Postgres(t))
	org := storetest.Organization(t, s, "acme")
	insert(t, s, user(org, "u1", "ada"), user(org, "u2", "bob"))
	var meet, all sync.WaitGroup
	meet.Add(2)
	for _, order := range [][]string{{"u1", "u2"}, {"u2", "u1"}} {
		all.Go(func() {
			first := true
			err := s.Write(t.Context(), func(ctx context.Context, tx directory.Tx) error {
				for i, id := range order {
					o, err := tx.Touch(ctx, org, directory.User, id)
					if err != nil {
						return fmt.Errorf("wrapped by the caller: %w", err)
					}
					if i == 0 && first {
						first = false
						meet.Done()
						meet.Wait()
					}
					o.Version++
					if err := tx.Update(ctx, o); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for _, id := range []string{"u1", "u2"} {
		if o, err := s.Object(t.Context(), org, directory.User, id); err != nil || o.Version != 3 {
			t.Errorf("%s has version %d, %v; want 3", id, o.Version, err)
		}
	}
}

// The command line works on the database beside a running server: two stores on one database.
func TestTwoStoresOnOneDatabase(t *testing.T) {
	storetest.ForEachConfig(t, func(t *testing.T, c store.Config) {
		a, b := storetest.Open(t, c), storetest.Open(t, c)
		org := storetest.Organization(t, a, "acme")
		var all sync.WaitGroup
		for i := range 40 {
			s := a
			if i%2 == 1 {
				s = b
			}
			all.Go(func() {
				err := s.Write(t.Context(), func(ctx context.Context, tx directory.Tx) error {
					id := fmt.Sprintf("u%d", i)
					return errors.Join(tx.Insert(ctx, user(org, id, id)), tx.Append(ctx, change(org, id)))
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		for _, s := range []*store.Store{a, b} {
			if n, err := s.CountObjects(t.Context(), org, directory.User); n != 40 || err != nil {
				t.Errorf("%d objects, %v; want 40", n, err)
			}
		}
	})
}

// A database that another process holds for longer than the busy timeout is an error with a meaning.
func TestHeldByAnotherProcess(t *testing.T) {
	c := storetest.SQLite(t)
	a, b := storetest.Open(t, c), storetest.Open(t, c)
	org := storetest.Organization(t, a, "acme")
	if err := b.ExecWriter(t.Context(), "pragma busy_timeout = 20"); err != nil {
		t.Fatal(err)
	}
	err := a.Write(t.Context(), func(ctx context.Context, tx directory.Tx) error {
		err := b.Write(t.Context(), func(context.Context, directory.Tx) error {
			t.Error("the function ran")
			return nil
		})
		if !errors.Is(err, fault.ErrUnavailable) || !strings.Contains(err.Error(), "another process") {
			t.Errorf("got %v, want ErrUnavailable that says why", err)
		}
		return tx.Insert(ctx, user(org, "u1", "ada"))
	})
	if err != nil {
		t.Fatal(err)
	}
	insert(t, b, user(org, "u2", "bob"))
}

// In a quiet moment the write-ahead log is emptied, and the writer waits for others as long as before.
func TestCheckpoint(t *testing.T) {
	c := storetest.SQLite(t)
	s := storetest.Open(t, c)
	org := storetest.Organization(t, s, "acme")
	insert(t, s, user(org, "u1", "ada"))
	wal := filepath.Join(c.Dir, "rollcall.db-wal")
	before, err := os.Stat(wal)
	if err != nil || before.Size() == 0 {
		t.Fatalf("the log before: %v, %v", before, err)
	}
	s.Checkpoint()
	after, err := os.Stat(wal)
	if err != nil || after.Size() != 0 {
		t.Errorf("the log after: %d bytes, %v; want none", after.Size(), err)
	}
	if n, err := s.WriterNumber(t.Context(), "pragma busy_timeout"); n != 10_000 || err != nil {
		t.Errorf("busy timeout %d, %v; want 10000", n, err)
	}
}

// The settings that durability and correctness depend on hold on the writer's connection.
func TestPragmas(t *testing.T) {
	s := storetest.Open(t, storetest.SQLite(t))
	for pragma, want := range map[string]int{"synchronous": 2, "foreign_keys": 1, "busy_timeout": 10_000, "cache_size": -8192, "temp_store": 2} {
		if got, err := s.WriterNumber(t.Context(), "pragma "+pragma); got != want || err != nil {
			t.Errorf("%s is %d, %v; want %d", pragma, got, err, want)
		}
	}
	if mode, err := s.QueryText(t.Context(), "pragma journal_mode"); mode != "wal" || err != nil {
		t.Errorf("journal mode %s, %v; want wal", mode, err)
	}
	if _, err := s.QueryText(t.Context(), "insert into organization (id, slug, name, created) values ('x', 'x', 'x', 1) returning id"); err == nil {
		t.Error("a reader's connection can write")
	}
}

func TestWriteAfterClose(t *testing.T) {
	s, err := store.Open(t.Context(), storetest.SQLite(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	err = s.Write(t.Context(), func(context.Context, directory.Tx) error { return nil })
	wantError(t, err, fault.ErrUnavailable)
}

// A full disk is an error with a meaning, nothing of the write that met it is kept, others are not harmed, and writing goes on when there is space.
func TestFullDisk(t *testing.T) {
	c := storetest.SQLite(t)
	s := storetest.Open(t, c)
	org := storetest.Organization(t, s, "acme")
	pages, err := s.QueryText(t.Context(), "select cast(page_count as text) from pragma_page_count")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.ExecWriter(t.Context(), "pragma max_page_count = "+pages+"0"); err != nil {
		t.Fatal(err)
	}
	if err := s.ExecWriter(t.Context(), "pragma max_page_count = "+pages); err != nil {
		t.Fatal(err)
	}
	big := strings.Repeat("x", 60_000)
	var all sync.WaitGroup
	small := make([]error, 8)
	for i := range small {
		all.Go(func() {
			small[i] = s.Write(t.Context(), func(ctx context.Context, tx directory.Tx) error {
				return tx.Append(ctx, change(org, fmt.Sprintf("small%d", i)))
			})
		})
	}
	err = s.Write(t.Context(), func(ctx context.Context, tx directory.Tx) error {
		if err := tx.Append(ctx, change(org, "big")); err != nil {
			return err
		}
		return tx.Insert(ctx, user(org, "u1", "ada", "title", big))
	})
	all.Wait()
	wantError(t, err, fault.ErrFull)
	if !strings.Contains(err.Error(), "Free space") {
		t.Errorf("the error does not say what to do: %v", err)
	}
	kept := 0
	for i, err := range small {
		switch {
		case err == nil:
			kept++
		case !errors.Is(err, fault.ErrFull):
			t.Errorf("small write %d: %v", i, err)
		}
	}
	if n, err := s.CountObjects(t.Context(), org, directory.User); n != 0 || err != nil {
		t.Errorf("%d objects, %v; want none", n, err)
	}
	changes, err := s.Changes(t.Context(), org, 0, 100)
	if err != nil || len(changes) != kept {
		t.Errorf("%d changes are there, %v; %d writes were answered with success", len(changes), err, kept)
	}
	if err := s.ExecWriter(t.Context(), "pragma max_page_count = 100000"); err != nil {
		t.Fatal(err)
	}
	insert(t, s, user(org, "u1", "ada", "title", big))
	if check, err := s.QueryText(t.Context(), "pragma integrity_check"); check != "ok" || err != nil {
		t.Errorf("integrity check: %s, %v", check, err)
	}
}

// What was answered is there after the process died without closing anything: a second store reads the same files.
func TestAnsweredIsDurable(t *testing.T) {
	storetest.ForEachConfig(t, func(t *testing.T, c store.Config) {
		s := storetest.Open(t, c)
		org := storetest.Organization(t, s, "acme")
		insert(t, s, user(org, "u1", "ada"))
		again := storetest.Open(t, c)
		if _, err := again.Object(t.Context(), org, directory.User, "u1"); err != nil {
			t.Error(err)
		}
	})
}

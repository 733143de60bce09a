package store_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/store"
	"github.com/rollcall-id/rollcall/internal/store/storetest"
)

func change(org, id string) directory.Change {
	return directory.Change{Organization: org, Time: noon, Actor: "a", Cause: "c", Kind: directory.Updated, Type: directory.User, ID: id}
}

func TestFeedRoundTrip(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		org, other := storetest.Organization(t, s, "acme"), storetest.Organization(t, s, "other")
		full := directory.Change{
			Organization: org, Time: noon, Actor: "token t1", Cause: "request r1", Traceparent: "00-a-b-01", Kind: directory.MemberAdded,
			Type: directory.Group, ID: "g1", Member: "u1", Application: "app1", Paths: []string{"displayName", "urn:x:department"},
		}
		if head, err := s.Head(t.Context(), org); head != 0 || err != nil {
			t.Errorf("head of an empty feed: %d, %v", head, err)
		}
		err := s.Write(t.Context(), func(ctx context.Context, tx directory.Tx) error {
			return tx.Append(ctx, full, change(other, "u9"), change(org, "u2"))
		})
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.Changes(t.Context(), org, 0, 10)
		if err != nil || len(got) != 2 {
			t.Fatalf("got %v, %v, want 2 changes", got, err)
		}
		full.Seq = got[0].Seq
		if d := cmp.Diff(full, got[0]); d != "" {
			t.Errorf("change altered on its way (-want +got):\n%s", d)
		}
		if got[1].ID != "u2" || got[1].Seq <= got[0].Seq || got[1].Paths != nil {
			t.Errorf("second change: %+v", got[1])
		}
		if head, err := s.Head(t.Context(), org); head != got[1].Seq || err != nil {
			t.Errorf("head: got %d, %v, want %d", head, err, got[1].Seq)
		}
		rest, err := s.Changes(t.Context(), org, got[0].Seq, 10)
		if err != nil || len(rest) != 1 || rest[0].ID != "u2" {
			t.Errorf("after the first: %v, %v", rest, err)
		}
	})
}

// Two transactions overlap and commit in the reverse order of their inserts. A reader in between must not pass the one that commits later.
func TestFeedOfOverlappingTransactions(t *testing.T) {
	s := storetest.Open(t, storetest.Postgres(t))
	org := storetest.Organization(t, s, "acme")
	inserted, release, done := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		done <- s.Write(t.Context(), func(ctx context.Context, tx directory.Tx) error {
			err := tx.Append(ctx, change(org, "early"))
			close(inserted)
			<-release
			return err
		})
	}()
	<-inserted
	err := s.Write(t.Context(), func(ctx context.Context, tx directory.Tx) error { return tx.Append(ctx, change(org, "late")) })
	if err != nil {
		t.Fatal(err)
	}
	first, err := s.Changes(t.Context(), org, 0, 10)
	if err != nil || len(first) != 1 || first[0].ID != "late" {
		t.Fatalf("while the first transaction is open: %v, %v", first, err)
	}
	close(release)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	second, err := s.Changes(t.Context(), org, first[0].Seq, 10)
	if err != nil || len(second) != 1 || second[0].ID != "early" {
		t.Fatalf("the change of the transaction that committed last was passed: %v, %v", second, err)
	}
	if head, err := s.Head(t.Context(), org); head != second[0].Seq || err != nil {
		t.Errorf("head: got %d, %v, want %d", head, err, second[0].Seq)
	}
}

// Writers and a reader at once: the reader sees every change once, in the order of seq.
func TestFeedUnderConcurrency(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		const writers, each = 8, 30
		org := storetest.Organization(t, s, "acme")
		var group sync.WaitGroup
		for w := range writers {
			group.Go(func() {
				for i := range each {
					err := s.Write(t.Context(), func(ctx context.Context, tx directory.Tx) error {
						return tx.Append(ctx, change(org, fmt.Sprintf("%d-%d", w, i)), change(org, fmt.Sprintf("%d-%d'", w, i)))
					})
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		finished := make(chan struct{})
		go func() { group.Wait(); close(finished) }()
		seen, last := map[string]bool{}, int64(0)
		for ended := false; ; {
			page, err := s.Changes(t.Context(), org, last, 17)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range page {
				if c.Seq <= last || seen[c.ID] {
					t.Fatalf("change %s with seq %d after seq %d, seen before: %v", c.ID, c.Seq, last, seen[c.ID])
				}
				seen[c.ID], last = true, c.Seq
			}
			if len(page) == 0 && ended {
				break
			}
			select {
			case <-finished:
				ended = true
			default:
			}
		}
		if len(seen) != writers*each*2 {
			t.Errorf("saw %d changes, want %d", len(seen), writers*each*2)
		}
	})
}

// A seq is not given twice, even when the newest changes are gone.
func TestSeqIsNotReused(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		org, doomed := storetest.Organization(t, s, "acme"), storetest.Organization(t, s, "doomed")
		appendTo := func(org string) int64 {
			err := s.Write(t.Context(), func(ctx context.Context, tx directory.Tx) error { return tx.Append(ctx, change(org, "u1")) })
			if err != nil {
				t.Fatal(err)
			}
			head, err := s.Head(t.Context(), org)
			if err != nil {
				t.Fatal(err)
			}
			return head
		}
		newest := appendTo(doomed)
		if err := s.DeleteOrganization(t.Context(), doomed); err != nil {
			t.Fatal(err)
		}
		if next := appendTo(org); next <= newest {
			t.Errorf("seq %d was given after %d", next, newest)
		}
	})
}

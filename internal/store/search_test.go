package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/store"
	"github.com/rollcall-id/rollcall/internal/store/storetest"
	"github.com/rollcall-id/rollcall/scim"
)

// TestPageIsCutByBytes: a thousand big objects do not fit into memory at once; the page ends early, and the total still counts all.
func TestPageIsCutByBytes(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		org := storetest.Organization(t, s, "acme")
		const count = 20
		for i := range count {
			insert(t, s, user(org, fmt.Sprintf("u%02d", i), fmt.Sprintf("name%02d", i), "title", strings.Repeat("x", 1<<20)))
		}
		byName, err := directory.Registry().Type(directory.User).ParseSortPath("userName")
		if err != nil {
			t.Fatal(err)
		}
		for name, q := range map[string]directory.Query{"plain": {Count: 100}, "sorted": {Count: 100, SortBy: byName}} {
			seen := 0
			for q.Start < count {
				page, err := s.Search(t.Context(), org, directory.User, q)
				if err != nil || page.Total != count || len(page.Objects) == 0 || len(page.Objects) > 17 {
					t.Fatalf("%s from %d: %d of %d objects, %v", name, q.Start, len(page.Objects), page.Total, err)
				}
				q.Start += len(page.Objects)
				seen += len(page.Objects)
			}
			if seen != count {
				t.Errorf("%s: saw %d objects, want %d", name, seen, count)
			}
		}
	})
}

// TestLookUpsPassScans: searches that read everything wait for one another, and look-ups do not wait for them.
func TestLookUpsPassScans(t *testing.T) {
	s := storetest.Open(t, storetest.SQLite(t))
	org := storetest.Organization(t, s, "acme")
	insert(t, s, user(org, "u1", "ada"))
	release := s.HoldScans()
	rt := directory.Registry().Type(directory.User)
	filter := func(text string) *scim.Filter {
		f, err := rt.ParseFilter(text)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	if _, err := s.Object(t.Context(), org, directory.User, "u1"); err != nil {
		t.Errorf("a look-up: %v", err)
	}
	if _, err := s.Search(t.Context(), org, directory.User, directory.Query{Filter: filter(`userName eq "ada"`), Count: 1}); err != nil {
		t.Errorf("a search by name: %v", err)
	}
	scan := directory.Query{Filter: filter(`title co "x"`), Count: 1}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := s.Search(ctx, org, directory.User, scan); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a scan while there is no room: got %v, want that it waits", err)
	}
	release()
	if _, err := s.Search(t.Context(), org, directory.User, scan); err != nil {
		t.Errorf("a scan when there is room: %v", err)
	}
}

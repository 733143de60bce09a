package store_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/store"
	"github.com/rollcall-id/rollcall/internal/store/storetest"
	"github.com/rollcall-id/rollcall/scim"
)

// TestPagesByIndexAreTrue: pages that start from a place that was seen before are those that counting off would give, whoever comes and goes on whichever
// node.
func TestPagesByIndexAreTrue(t *testing.T) {
	storetest.ForEachConfig(t, func(t *testing.T, c store.Config) {
		nodes := []*store.Store{storetest.Open(t, c), storetest.Open(t, c)}
		org := storetest.Organization(t, nodes[0], "acme")
		random := rand.New(rand.NewPCG(1, 2)) // the same on each run
		made := 0
		write := func(fn func(ctx context.Context, w *directory.Writer) error) {
			t.Helper()
			d := directory.Directory{Store: nodes[random.IntN(2)]}
			if err := d.Write(t.Context(), org, directory.Origin{Actor: "test"}, fn); err != nil {
				t.Fatal(err)
			}
		}
		create := func(n int) {
			t.Helper()
			write(func(ctx context.Context, w *directory.Writer) error {
				for range n {
					made++
					if _, err := w.Create(ctx, directory.User, scim.Resource{"userName": fmt.Sprint("u", made)}, nil); err != nil {
						return err
					}
				}
				return nil
			})
		}
		create(600)
		for _, s := range nodes {
			s.AnchorAll()
		}
		for round := range 12 {
			people := inOrder(t, nodes[0], org)
			for range 12 {
				start, count := random.IntN(len(people)+5), 1+random.IntN(90)
				q := directory.Query{Start: start, Count: count}
				page, err := nodes[random.IntN(2)].Search(t.Context(), org, directory.User, q)
				if err != nil {
					t.Fatal(err)
				}
				want := people[min(start, len(people)):min(start+count, len(people))]
				if d := cmp.Diff(append([]string{}, want...), ids(page.Objects)); d != "" || page.Total != len(people) {
					t.Fatalf("round %d, from %d, %d: total %d of %d (-want +got):\n%s", round, start, count, page.Total, len(people), d)
				}
			}
			gone := people[random.IntN(100)]
			switch round % 4 {
			case 0:
				write(func(ctx context.Context, w *directory.Writer) error { return w.SoftDelete(ctx, directory.User, gone) })
			case 1:
				create(3)
			case 2:
				write(func(ctx context.Context, w *directory.Writer) error { return w.Purge(ctx, directory.User, gone) })
			}
		}
	})
}

// inOrder lists the ids of all people in the order of creation.
func inOrder(t *testing.T, s *store.Store, org string) []string {
	t.Helper()
	objects, err := s.Scan(t.Context(), org, directory.User, 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	objects = slices.DeleteFunc(objects, func(o directory.Object) bool { return !o.Live() })
	slices.SortFunc(objects, func(a, b directory.Object) int {
		if order := a.Created.Compare(b.Created); order != 0 {
			return order
		}
		return strings.Compare(a.ID, b.ID)
	})
	return ids(objects)
}

package store_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/store"
	"github.com/rollcall-id/rollcall/internal/store/storetest"
	"github.com/rollcall-id/rollcall/scim"
)

// TestTotalsAreTrue: whatever is written, by this node or another one, each node says how many there are, for each owner and type.
func TestTotalsAreTrue(t *testing.T) {
	storetest.ForEachConfig(t, func(t *testing.T, c store.Config) {
		nodes := []*store.Store{storetest.Open(t, c), storetest.Open(t, c)}
		worlds := 0
		rapid.Check(t, func(rt *rapid.T) {
			worlds++
			w := totalWorld{t: t, rt: rt, nodes: nodes, org: storetest.Organization(t, nodes[0], fmt.Sprintf("w%d", worlds))}
			for range 25 {
				w.step()
				w.check(nodes[rapid.IntRange(0, 1).Draw(rt, "reader")])
			}
		})
	})
}

type totalWorld struct {
	t     *testing.T
	rt    *rapid.T
	nodes []*store.Store
	org   string
	ids   []string
	types map[string]string
}

// step writes something on one of the nodes.
func (w *totalWorld) step() {
	w.t.Helper()
	d := directory.Directory{Store: w.nodes[rapid.IntRange(0, 1).Draw(w.rt, "writer")]}
	origin := directory.Origin{Actor: "test", Owner: rapid.SampledFrom([]directory.Owner{directory.OwnerLocal, directory.OwnerSCIM}).Draw(w.rt, "owner")}
	what := rapid.SampledFrom([]string{"create", "create", "delete", "restore", "purge", "modify", "adopt", "many"}).Draw(w.rt, "what")
	typ := rapid.SampledFrom([]string{directory.User, directory.Group}).Draw(w.rt, "type")
	n := 1
	if what == "many" {
		what, n = "create", 12
	}
	err := d.Write(w.t.Context(), w.org, origin, func(ctx context.Context, tx *directory.Writer) error {
		for range n {
			if err := w.change(ctx, tx, what, typ); err != nil {
				return err
			}
		}
		return nil
	})
	_ = err // refused, for example because it is deleted already: then nothing has changed
}

func (w *totalWorld) change(ctx context.Context, tx *directory.Writer, what, typ string) error {
	if w.types == nil {
		w.types = map[string]string{}
	}
	if what == "create" || len(w.ids) == 0 {
		name := fmt.Sprintf("n%d", len(w.ids))
		o, err := tx.Create(ctx, typ, scim.Resource{"userName": name, "displayName": name}, nil)
		if err == nil {
			w.ids, w.types[o.ID] = append(w.ids, o.ID), typ
		}
		return err
	}
	id := rapid.SampledFrom(w.ids).Draw(w.rt, "id")
	o, err := tx.Touch(ctx, w.org, w.types[id], id)
	if err != nil {
		return err
	}
	switch what {
	case "delete":
		return tx.SoftDelete(ctx, o.Type, id)
	case "restore":
		return second(tx.Restore(ctx, o.Type, id))
	case "purge":
		return tx.Purge(ctx, o.Type, id)
	case "adopt":
		return second(tx.Adopt(ctx, o, o.Attributes))
	}
	changed := o.Attributes.Clone()
	changed["externalId"] = time.Now().String()
	_, _, err = tx.Modify(ctx, o, changed)
	return err
}

func second[T any](_ T, err error) error { return err }

// check compares what the node says with what is there.
func (w *totalWorld) check(s *store.Store) {
	w.t.Helper()
	for _, typ := range []string{directory.User, directory.Group} {
		objects, err := s.Scan(w.t.Context(), w.org, typ, 0, 1000)
		if err != nil {
			w.rt.Fatal(err)
		}
		for _, owner := range []directory.Owner{directory.OwnerLocal, directory.OwnerSCIM} {
			want := 0
			for _, o := range objects {
				if o.Visible(owner) {
					want++
				}
			}
			page, err := s.Search(w.t.Context(), w.org, typ, directory.Query{Owner: owner})
			if err != nil || page.Total != want {
				w.rt.Fatalf("%ss of %q: %d, %v; want %d", typ, owner, page.Total, err, want)
			}
		}
	}
}

package provisioning_test

import (
	"context"
	"testing"
	"time"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/provisioning"
	"github.com/rollcall-id/rollcall/internal/store"
	"github.com/rollcall-id/rollcall/internal/store/storetest"
	"github.com/rollcall-id/rollcall/scim"
)

// TestRegisteredTypesStayHere: what an organization keeps in types of its own is no account anywhere, in whatever cycle, even where it is called as people are.
func TestRegisteredTypesStayHere(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s, "scim")
		d, err := scim.ParseDefinitions([]byte(`[{"name":"Lamp","endpoint":"/Lamps","schema":"urn:example:Lamp"},
			{"id":"urn:example:Lamp","name":"Lamp","attributes":[{"name":"userName"},{"name":"active","type":"boolean"}]}]`))
		w.must(err)
		var lamp directory.Object
		w.write(func(ctx context.Context, dw *directory.Writer) error {
			if _, err := dw.Register(ctx, d); err != nil {
				return err
			}
			lamp, err = dw.Create(ctx, "Lamp", scim.Resource{"userName": "lamp@x.example", "active": true}, nil)
			return err
		})
		w.user("a@x.example", nil)
		w.assign("a@x.example", true)
		run := func(evaluated int) {
			t.Helper()
			w.wait(time.Hour)
			r, err := w.cycle(provisioning.Options{})
			if err != nil || r.Evaluated != evaluated || r.Failed+r.Deleted+r.Skipped > 0 {
				t.Errorf("cycle: %+v, %v; want %d evaluated", r.Tally, err, evaluated)
			}
			if n := w.posts(); n != 1 {
				t.Errorf("%d accounts were made, want that of the person", n)
			}
		}
		run(1)
		w.write(func(ctx context.Context, dw *directory.Writer) error {
			_, _, err := dw.Modify(ctx, lamp, scim.Resource{"userName": "other@x.example"})
			return err
		})
		run(0)
		w.write(func(ctx context.Context, dw *directory.Writer) error { return dw.SoftDelete(ctx, "Lamp", lamp.ID) })
		run(0)
		if n, err := w.dir.PurgeExpired(t.Context(), org, w.clock().Add(time.Hour)); n != 1 || err != nil {
			t.Errorf("%d were purged (%v), want the lamp", n, err)
		}
		run(0)
	})
}

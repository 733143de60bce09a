package store_test

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"testing"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/store/storetest"
	"github.com/rollcall-id/rollcall/scim"
)

// TestTypesWithinOneCommit: writes that share a commit share what types there are, but never a registration that was undone, nor miss one that was not.
func TestTypesWithinOneCommit(t *testing.T) {
	s := storetest.Open(t, storetest.SQLite(t))
	org := storetest.Organization(t, s, "acme")
	d, err := scim.ParseDefinitions([]byte(keyType))
	if err != nil {
		t.Fatal(err)
	}
	registering := func(then error) func(context.Context, directory.Tx) error {
		return func(ctx context.Context, tx directory.Tx) error {
			if _, err := tx.LockDefinitions(ctx, org); err != nil {
				return err
			}
			if err := tx.SaveDefinitions(ctx, org, d); err != nil {
				return err
			}
			o := user(org, "k0", "")
			o.Type, o.Attributes = "Key", scim.Resource{"code": "0"}
			return errors.Join(tx.Insert(ctx, o), then)
		}
	}
	storing := func(id string) func(context.Context, directory.Tx) error {
		return func(ctx context.Context, tx directory.Tx) error {
			o := user(org, id, "")
			o.Type, o.Attributes = "Key", scim.Resource{"code": id}
			return tx.Insert(ctx, o)
		}
	}
	steps := []struct {
		fn   func(context.Context, directory.Tx) error
		want error
	}{
		{storing("k1"), fault.ErrInvalid}, {registering(errOfTest), errOfTest}, {storing("k2"), fault.ErrInvalid}, {registering(nil), nil}, {storing("k3"), nil},
	}
	hold, held := make(chan struct{}), make(chan struct{})
	var all sync.WaitGroup
	all.Go(func() {
		if err := s.Write(t.Context(), func(context.Context, directory.Tx) error { close(held); <-hold; return nil }); err != nil {
			t.Error(err)
		}
	})
	<-held
	for i, step := range steps {
		all.Go(func() {
			if err := s.Write(t.Context(), step.fn); !errors.Is(err, step.want) {
				t.Errorf("step %d: got %v, want %v", i+1, err, step.want)
			}
		})
		for s.Queued() <= i {
			runtime.Gosched() // until the write stands in the queue, behind those before it
		}
	}
	close(hold)
	all.Wait()
	for id, want := range map[string]error{"k0": nil, "k1": fault.ErrNotFound, "k2": fault.ErrNotFound, "k3": nil} {
		if _, err := s.Object(t.Context(), org, "Key", id); !errors.Is(err, want) {
			t.Errorf("%s: got %v, want %v", id, err, want)
		}
	}
}

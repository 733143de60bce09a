package directory_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/store"
	"github.com/rollcall-id/rollcall/internal/store/storetest"
	"github.com/rollcall-id/rollcall/scim"
)

func TestSoftDeleteAndRestore(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		f := newFixture(t, s)
		ctx := context.Background()
		boss := f.user("boss")
		var anna directory.Object
		f.write(func(ctx context.Context, w *directory.Writer) (err error) {
			anna, err = w.Create(ctx, directory.User, scim.Resource{
				"userName": "anna", scim.URNEnterpriseUser: map[string]any{"manager": map[string]any{"value": boss.ID}},
			}, nil)
			return err
		})
		g := f.group("group", boss.ID)
		mark := f.head()
		f.clock = f.clock.Add(time.Hour)

		f.softDelete(directory.User, boss.ID)
		f.softDelete(directory.User, boss.ID) // again: no trace
		equal(t, "feed", f.since(mark), []string{"delete " + boss.ID})
		if o := f.object(directory.User, boss.ID); o.Live() || !o.Deleted.Equal(f.clock) || o.Version != 2 {
			t.Errorf("got deleted %s, version %d; want %s, 2", o.Deleted, o.Version, f.clock)
		}
		if _, err := s.ObjectByName(ctx, org, directory.User, "boss"); !errors.Is(err, fault.ErrNotFound) {
			t.Errorf("by name: got %v, want not found", err)
		}
		equal(t, "memberships stay", f.members(g.ID), []string{boss.ID})
		if reports, err := s.Reports(ctx, org, boss.ID); err != nil || len(reports) != 1 || reports[0] != anna.ID {
			t.Errorf("manager references stay: got %v, %v; want %s", reports, err, anna.ID)
		}
		f.refused(fault.ErrNotFound, func(ctx context.Context, w *directory.Writer) error {
			_, _, err := w.Modify(ctx, f.object(directory.User, boss.ID), scim.Resource{"userName": "boss2"})
			return err
		})

		mark = f.head()
		f.write(func(ctx context.Context, w *directory.Writer) error {
			o, err := w.Restore(ctx, directory.User, boss.ID)
			if !o.Live() || o.Version != 3 {
				t.Errorf("got live %t, version %d; want true, 3", o.Live(), o.Version)
			}
			if err == nil {
				_, err = w.Restore(ctx, directory.User, boss.ID) // again: no trace
			}
			return err
		})
		equal(t, "feed", f.since(mark), []string{"restore " + boss.ID})
	})
}

func TestRestoreWhenNameIsTaken(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		f := newFixture(t, s)
		old := f.user("anna")
		f.softDelete(directory.User, old.ID)
		f.user("Anna") // the name is free again
		restore := func(ctx context.Context, w *directory.Writer) error {
			_, err := w.Restore(ctx, directory.User, old.ID)
			return err
		}
		err := f.refused(fault.ErrConflict, restore)
		if got := err.Error(); len(got) < 60 {
			t.Errorf("the error explains nothing: %q", got)
		}
		mark := f.head()
		f.write(func(ctx context.Context, w *directory.Writer) error { // back under another name
			o, err := w.Touch(ctx, org, directory.User, old.ID)
			if err != nil {
				return err
			}
			_, err = w.RestoreAs(ctx, o, scim.Resource{"userName": "anna2"})
			return err
		})
		equal(t, "feed", f.since(mark), []string{"restore " + old.ID, "update " + old.ID + " [userName]"})
	})
}

func TestPurge(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		f := newFixture(t, s)
		a, b := f.user("a"), f.user("b")
		low := f.group("low", a.ID, b.ID)
		f.write(func(ctx context.Context, w *directory.Writer) error { // its own member: the worst loop
			o, err := w.Touch(ctx, org, directory.Group, low.ID)
			if err == nil {
				_, _, err = w.ChangeMembers(ctx, o, []scim.MemberOp{{Kind: scim.MemberAdd, Values: []string{low.ID}}})
			}
			return err
		})
		top := f.group("top", low.ID)

		mark := f.head()
		f.write(func(ctx context.Context, w *directory.Writer) error { return w.Purge(ctx, directory.User, a.ID) })
		equal(t, "feed of a person", f.since(mark), []string{"member-remove " + low.ID + " " + a.ID, "purge " + a.ID})
		if v := f.object(directory.Group, low.ID).Version; v != 3 {
			t.Errorf("the group lost a member: got version %d, want 3", v)
		}

		mark = f.head()
		f.write(func(ctx context.Context, w *directory.Writer) error { return w.Purge(ctx, directory.Group, low.ID) })
		equal(t, "feed of a group", f.since(mark), []string{
			"member-remove " + low.ID + " " + low.ID, "member-remove " + top.ID + " " + low.ID, "member-remove " + low.ID + " " + b.ID, "purge " + low.ID,
		})
		f.refused(fault.ErrNotFound, func(ctx context.Context, w *directory.Writer) error { return w.Purge(ctx, directory.Group, low.ID) })
		f.refused(fault.ErrNotFound, func(ctx context.Context, w *directory.Writer) error { return w.SoftDelete(ctx, directory.User, a.ID) })
		if _, err := s.Object(context.Background(), org, directory.Group, low.ID); !errors.Is(err, fault.ErrNotFound) {
			t.Errorf("got %v, want not found", err)
		}
	})
}

func TestPurgeExpired(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		f := newFixture(t, s)
		early, late, live := f.user("early"), f.user("late"), f.user("live")
		g := f.group("group")
		f.softDelete(directory.User, early.ID)
		f.softDelete(directory.Group, g.ID)
		f.clock = f.clock.Add(10 * 24 * time.Hour)
		f.softDelete(directory.User, late.ID)

		f.clock = f.clock.Add(directory.Retention - 5*24*time.Hour)
		mark := f.head()
		n, err := f.PurgeExpired(context.Background(), org, f.clock.Add(-directory.Retention))
		if n != 2 || err != nil {
			t.Fatalf("got %d, %v; want 2", n, err)
		}
		equal(t, "feed", f.since(mark), []string{"purge " + g.ID, "purge " + early.ID})
		f.object(directory.User, late.ID)
		f.object(directory.User, live.ID)
		if n, err := f.PurgeExpired(context.Background(), org, f.clock.Add(-directory.Retention)); n != 0 || err != nil {
			t.Errorf("again: got %d, %v; want 0", n, err)
		}
	})
}

package directory_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/store"
	"github.com/rollcall-id/rollcall/internal/store/storetest"
	"github.com/rollcall-id/rollcall/scim"
)

func TestCreateAndModify(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		f := newFixture(t, s)
		anna := f.user("Anna@contoso.example")
		f.clock = f.clock.Add(time.Hour)
		mark := f.head()

		same := anna.Attributes.Clone()
		f.write(func(ctx context.Context, w *directory.Writer) error {
			o, changed, err := w.Modify(ctx, anna, same)
			if changed || o.Version != 1 {
				t.Errorf("equal attributes: got changed %t, version %d; want false, 1", changed, o.Version)
			}
			return err
		})
		equal(t, "feed after a write that changes nothing", f.since(mark), []string{})

		f.write(func(ctx context.Context, w *directory.Writer) error {
			old, err := w.Touch(ctx, org, directory.User, anna.ID)
			if err != nil {
				return err
			}
			next := old.Attributes.Clone()
			next["title"] = "Engineer"
			next["meta"] = map[string]any{"version": "9"} // not part of the attributes
			next["name"] = map[string]any{"givenName": "Anna"}
			o, changed, err := w.Modify(ctx, old, next)
			if !changed || o.Version != 2 {
				t.Errorf("got changed %t, version %d; want true, 2", changed, o.Version)
			}
			next["title"] = "changed by the caller afterwards"
			return err
		})
		got := f.object(directory.User, anna.ID)
		if got.Version != 2 || !got.Modified.Equal(f.clock) || !got.Created.Equal(anna.Created) {
			t.Errorf("got version %d, modified %s, created %s", got.Version, got.Modified, got.Created)
		}
		if got.Attributes["title"] != "Engineer" || got.Attributes["meta"] != nil {
			t.Errorf("got attributes %v", got.Attributes)
		}
		equal(t, "feed", f.since(mark), []string{"update " + anna.ID + " [name title]"})
	})
}

func TestFeedCarriesOrigin(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		f := newFixture(t, s)
		anna := f.user("anna")
		changes, err := s.Changes(context.Background(), org, 0, 10)
		if err != nil || len(changes) != 1 {
			t.Fatalf("got %v, %v; want one change", changes, err)
		}
		c := changes[0]
		want := directory.Change{
			Seq: c.Seq, Organization: org, Time: f.clock, Actor: origin.Actor, Cause: origin.Cause, Traceparent: origin.Traceparent,
			Kind: directory.Created, Type: directory.User, ID: anna.ID,
		}
		if c.Actor != want.Actor || c.Cause != want.Cause || c.Traceparent != want.Traceparent || c.Organization != want.Organization ||
			!c.Time.Equal(want.Time) || c.Kind != want.Kind || c.Type != want.Type || c.ID != want.ID || c.Seq <= 0 {
			t.Errorf("got %+v, want %+v", c, want)
		}
	})
}

func TestNames(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		f := newFixture(t, s)
		f.user("Zoë@contoso.example")
		f.group("Sales")
		bert := f.user("bert@contoso.example")
		mark := f.head()
		for _, c := range []struct {
			title, typ, name string
			want             error
		}{
			{"the same name in another letter case", directory.User, "ZOË@contoso.example", fault.ErrConflict},
			{"the name of a group", directory.Group, "SALES", fault.ErrConflict},
			{"no name", directory.User, "", fault.ErrInvalid},
			{"a name that is too long", directory.User, strings.Repeat("x", 1025), fault.ErrInvalid},
			{"a line break in a name", directory.Group, "Sales\nEMEA", fault.ErrInvalid},
			{"an unknown type", "Device", "printer", fault.ErrInvalid},
		} {
			t.Run(c.title, func(t *testing.T) {
				attribute := "userName"
				if c.typ == directory.Group {
					attribute = "displayName"
				}
				f.refused(c.want, func(ctx context.Context, w *directory.Writer) error {
					_, err := w.Create(ctx, c.typ, scim.Resource{attribute: c.name}, nil)
					return err
				})
			})
		}
		f.refused(fault.ErrConflict, func(ctx context.Context, w *directory.Writer) error {
			_, _, err := w.Modify(ctx, bert, scim.Resource{"userName": "zoë@contoso.example"})
			return err
		})
		equal(t, "feed after refused writes", f.since(mark), []string{})

		// The other organization is another world.
		err := f.Write(context.Background(), "org-2", origin, func(ctx context.Context, w *directory.Writer) error {
			_, err := w.Create(ctx, directory.User, scim.Resource{"userName": "bert@contoso.example"}, nil)
			return err
		})
		if err != nil {
			t.Errorf("the same name in another organization: %v", err)
		}
		equal(t, "feed after a write to another organization", f.since(mark), []string{})
	})
}

func TestStaleWriteIsRefused(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		f := newFixture(t, s)
		anna := f.user("anna")
		change := func(title string) func(ctx context.Context, w *directory.Writer) error {
			return func(ctx context.Context, w *directory.Writer) error {
				_, _, err := w.Modify(ctx, anna, scim.Resource{"userName": "anna", "title": title})
				return err
			}
		}
		f.write(change("first"))
		f.refused(fault.ErrPrecondition, change("second"))
		if got := f.object(directory.User, anna.ID).Attributes["title"]; got != "first" {
			t.Errorf("got title %v, want first", got)
		}
	})
}

func TestWriteIsAtomic(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		f := newFixture(t, s)
		stop := errors.New("stop")
		f.refused(stop, func(ctx context.Context, w *directory.Writer) error {
			if _, err := w.Create(ctx, directory.User, scim.Resource{"userName": "anna"}, nil); err != nil {
				return err
			}
			return stop
		})
		if n, err := s.CountObjects(context.Background(), org, directory.User); n != 0 || err != nil {
			t.Errorf("got %d people, %v; want none", n, err)
		}
		equal(t, "feed", f.since(0), []string{})
	})
}

func TestObjectsAreBounded(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		f := newFixture(t, s)
		anna := f.user("anna")
		values := make([]any, 2001)
		for i := range values {
			values[i] = "x"
		}
		for _, a := range []scim.Resource{
			{"userName": "anna", "title": strings.Repeat("x", 256<<10)},
			{"userName": "anna", directory.URNDirectoryUser: map[string]any{"otherMails": values}},
		} {
			f.refused(fault.ErrInvalid, func(ctx context.Context, w *directory.Writer) error {
				_, _, err := w.Modify(ctx, anna, a)
				return err
			})
		}
		f.write(func(ctx context.Context, w *directory.Writer) error {
			_, _, err := w.Modify(ctx, anna, scim.Resource{"userName": "anna", "title": strings.Repeat("x", 240<<10),
				directory.URNDirectoryUser: map[string]any{"otherMails": values[:2000]}})
			return err
		})
	})
}

// What a client sends as its trace and its name reaches the feed only in a form that is fit for it.
func TestFeedKeepsCleanOrigins(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		f := newFixture(t, s)
		mark := f.head()
		dirty := directory.Origin{Actor: "a\nb", Cause: strings.Repeat("c", 1000), Traceparent: "anything"}
		err := f.Write(t.Context(), org, dirty, func(ctx context.Context, w *directory.Writer) error {
			_, err := w.Create(ctx, directory.User, scim.Resource{"userName": "u"}, nil)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		changes, err := s.Changes(t.Context(), org, mark, 10)
		if err != nil || len(changes) != 1 {
			t.Fatalf("feed: %v, %v", changes, err)
		}
		if c := changes[0]; c.Actor != "a\uFFFDb" || len(c.Cause) != 256 || !strings.HasPrefix(c.Traceparent, "00-") {
			t.Errorf("the feed has %q, %q, %q", c.Actor, c.Cause, c.Traceparent)
		}
	})
}

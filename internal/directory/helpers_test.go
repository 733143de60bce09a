package directory_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/organization"
	"github.com/rollcall-id/rollcall/internal/store"
	"github.com/rollcall-id/rollcall/scim"
)

const org = "org-1"

// fixture is a directory on a fresh database with a clock that the test moves.
type fixture struct {
	*directory.Directory
	t     *testing.T
	clock time.Time
	ids   int
}

func newFixture(t *testing.T, s *store.Store) *fixture {
	t.Helper()
	f := &fixture{t: t, clock: time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)}
	f.Directory = &directory.Directory{Store: s, Now: func() time.Time { return f.clock }, NewID: func() string {
		f.ids++
		return fmt.Sprintf("id-%04d", f.ids)
	}}
	for _, id := range []string{org, "org-2"} {
		err := s.CreateOrganization(context.Background(), organization.Organization{ID: id, Slug: id, Name: id, Created: f.clock})
		if err != nil {
			t.Fatal(err)
		}
	}
	return f
}

var origin = directory.Origin{Actor: "test", Cause: "request-1", Traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}

// write runs fn in a transaction and fails the test on an error.
func (f *fixture) write(fn func(ctx context.Context, w *directory.Writer) error) {
	f.t.Helper()
	if err := f.Write(context.Background(), org, origin, fn); err != nil {
		f.t.Fatal(err)
	}
}

// refused runs fn in a transaction and checks the meaning of its error.
func (f *fixture) refused(meaning error, fn func(ctx context.Context, w *directory.Writer) error) error {
	f.t.Helper()
	err := f.Write(context.Background(), org, origin, fn)
	if !errors.Is(err, meaning) {
		f.t.Fatalf("got error %v, want one that means %v", err, meaning)
	}
	return err
}

func (f *fixture) user(name string) (o directory.Object) {
	f.t.Helper()
	f.write(func(ctx context.Context, w *directory.Writer) (err error) {
		o, err = w.Create(ctx, directory.User, scim.Resource{"userName": name}, nil)
		return err
	})
	return o
}

func (f *fixture) group(name string, members ...string) (o directory.Object) {
	f.t.Helper()
	f.write(func(ctx context.Context, w *directory.Writer) (err error) {
		o, err = w.Create(ctx, directory.Group, scim.Resource{"displayName": name}, members)
		return err
	})
	return o
}

func (f *fixture) softDelete(typ, id string) {
	f.t.Helper()
	f.write(func(ctx context.Context, w *directory.Writer) error { return w.SoftDelete(ctx, typ, id) })
}

func (f *fixture) object(typ, id string) directory.Object {
	f.t.Helper()
	o, err := f.Store.Object(context.Background(), org, typ, id)
	if err != nil {
		f.t.Fatal(err)
	}
	return o
}

// head is the newest entry of the feed.
func (f *fixture) head() int64 {
	f.t.Helper()
	seq, err := f.Store.Head(context.Background(), org)
	if err != nil {
		f.t.Fatal(err)
	}
	return seq
}

// since lists the feed after a watermark in short form: "kind id member paths".
func (f *fixture) since(watermark int64) []string {
	f.t.Helper()
	changes, err := f.Store.Changes(context.Background(), org, watermark, 1000)
	if err != nil {
		f.t.Fatal(err)
	}
	out := []string{}
	for _, c := range changes {
		s := string(c.Kind) + " " + c.ID
		if c.Member != "" {
			s += " " + c.Member
		}
		if len(c.Paths) > 0 {
			s += fmt.Sprint(" ", c.Paths)
		}
		out = append(out, s)
	}
	return out
}

func (f *fixture) members(group string) []string {
	f.t.Helper()
	rows, err := f.Store.Members(context.Background(), org, group, "", 1000)
	if err != nil {
		f.t.Fatal(err)
	}
	out := []string{}
	for _, m := range rows {
		out = append(out, m.Member)
	}
	return out
}

func equal(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: got %q, want %q", what, got, want)
	}
}

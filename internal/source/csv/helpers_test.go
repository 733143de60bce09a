package csv

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/organization"
	"github.com/rollcall-id/rollcall/internal/store"
)

const org = "org-1"

// company is an importer on a fresh database.
type company struct {
	Importer
	t     *testing.T
	clock time.Time
}

func newCompany(t *testing.T, s *store.Store) *company {
	t.Helper()
	c := &company{t: t, clock: time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)}
	ids := 0
	c.Importer = Importer{Organization: org, Directory: &directory.Directory{
		Store: s, Now: func() time.Time { return c.clock }, NewID: func() string {
			ids++
			return fmt.Sprintf("id-%05d", ids)
		},
	}}
	if err := newOrganization(s, org); err != nil {
		t.Fatal(err)
	}
	return c
}

func newOrganization(s *store.Store, id string) error {
	return s.CreateOrganization(context.Background(), organization.Organization{ID: id, Slug: id, Name: id, Created: time.Unix(0, 0)})
}

func file(lines ...string) File {
	return File{Name: "people.csv", Data: strings.NewReader(strings.Join(lines, "\n") + "\n")}
}

func groupsFile(lines ...string) *File {
	f := file(lines...)
	f.Name = "groups.csv"
	return &f
}

// load imports and fails the test on an error.
func (c *company) load(o Options, f File) Result {
	c.t.Helper()
	r, err := c.Import(context.Background(), f, o)
	if err != nil {
		c.t.Fatal(err)
	}
	return r
}

// counts is the result in short form.
func counts(r Result) string {
	return fmt.Sprintf("added %d, changed %d, unchanged %d, left %d, rejected %d", r.Added, r.Changed, r.Unchanged, r.Left, len(r.Rejected))
}

func groupCounts(g *Groups) string {
	return fmt.Sprintf("added %d, changed %d, unchanged %d, left %d, members +%d -%d, rejected %d",
		g.Added, g.Changed, g.Unchanged, g.Left, g.MembersAdded, g.MembersRemoved, len(g.Rejected))
}

func check(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s:\n got %s\nwant %s", what, got, want)
	}
}

// people lists everybody, in the order of user names, by the given vocabulary names; a minus marks who has left. A manager is shown by user name.
func (c *company) people(attributes ...string) string {
	c.t.Helper()
	var objects []directory.Object
	if err := c.scan(context.Background(), directory.User, func(o directory.Object) error {
		objects = append(objects, o)
		return nil
	}); err != nil {
		c.t.Fatal(err)
	}
	names := map[any]string{}
	for _, o := range objects {
		names[o.ID] = o.Name()
	}
	out := []string{}
	for _, o := range objects {
		s := o.Name()
		if !o.Live() {
			s = "-" + s
		}
		for _, name := range attributes {
			v, known := directory.Attribute(o, name)
			if !known {
				c.t.Fatalf("unknown attribute %q", name)
			}
			if name == "manager" && v != nil {
				v = names[v]
			}
			if v == nil {
				v = "·"
			}
			s += fmt.Sprint(" ", v)
		}
		out = append(out, s)
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

// memberships lists the groups with their members.
func (c *company) memberships() string {
	c.t.Helper()
	ctx := context.Background()
	names := map[string]string{}
	for _, typ := range []string{directory.User, directory.Group} {
		if err := c.scan(ctx, typ, func(o directory.Object) error { names[o.ID] = o.Name(); return nil }); err != nil {
			c.t.Fatal(err)
		}
	}
	out := []string{}
	if err := c.scan(ctx, directory.Group, func(o directory.Object) error {
		rows, err := c.Directory.Store.Members(ctx, c.Organization, o.ID, "", 1000)
		if err != nil {
			return err
		}
		members := []string{}
		for _, m := range rows {
			members = append(members, names[m.Member])
		}
		slices.Sort(members)
		s := o.Name()
		if !o.Live() {
			s = "-" + s
		}
		out = append(out, s+": "+strings.Join(members, " "))
		return nil
	}); err != nil {
		c.t.Fatal(err)
	}
	slices.Sort(out)
	return strings.Join(out, "; ")
}

func (c *company) head() int64 {
	c.t.Helper()
	seq, err := c.Directory.Store.Head(context.Background(), c.Organization)
	if err != nil {
		c.t.Fatal(err)
	}
	return seq
}

// feed lists the changes after a watermark: "kind name".
func (c *company) feed(after int64) string {
	c.t.Helper()
	changes, err := c.Directory.Store.Changes(context.Background(), c.Organization, after, 1000)
	if err != nil {
		c.t.Fatal(err)
	}
	out := []string{}
	for _, ch := range changes {
		o, err := c.Directory.Store.Object(context.Background(), c.Organization, ch.Type, ch.ID)
		if err != nil {
			c.t.Fatal(err)
		}
		if ch.Actor != Actor || ch.Cause == "" {
			c.t.Errorf("a change has actor %q and cause %q", ch.Actor, ch.Cause)
		}
		out = append(out, string(ch.Kind)+" "+o.Name())
	}
	return strings.Join(out, ", ")
}

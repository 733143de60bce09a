package csv

import (
	"context"
	"errors"
	"testing"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/store"
	"github.com/rollcall-id/rollcall/internal/store/storetest"
)

func TestGroups(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		c := newCompany(t, s)
		everybody := []string{"userPrincipalName", "a@x", "b@x", "c@x"}
		for _, step := range []struct {
			title  string
			people []string
			groups []string
			want   string
			state  string
		}{
			{
				"first", everybody,
				[]string{"displayName,member", "Sales,a@x", "All,GROUP:sales", "Sales,B@X", "Empty,", "Sales,a@x", "All,group:All", "Sales,group:All"},
				"added 3, changed 0, unchanged 0, left 0, members +5 -0, rejected 0", "All: All Sales; Empty: ; Sales: All a@x b@x",
			},
			{
				"again", everybody,
				[]string{"member,displayName", "a@x,Sales", "b@x,Sales", "group:All,Sales", "group:Sales,All", "group:All,All", ",Empty"},
				"added 0, changed 0, unchanged 3, left 0, members +0 -0, rejected 0", "All: All Sales; Empty: ; Sales: All a@x b@x",
			},
			{
				"changes, a removed group, a joiner as member", append(everybody, "new@x"),
				[]string{"displayName,member", "Sales,new@x", "Sales,b@x", "All,group:Sales"},
				"added 0, changed 2, unchanged 0, left 1, members +1 -3, rejected 0", "-Empty: ; All: Sales; Sales: b@x new@x",
			},
			{
				"a leaver's membership stays, and is not counted", everybody,
				[]string{"displayName,member", "Sales,b@x", "All,group:Sales"},
				"added 0, changed 0, unchanged 2, left 0, members +0 -0, rejected 0", "-Empty: ; All: Sales; Sales: b@x new@x",
			},
			{
				"who returns without the membership loses it; a group returns", append(everybody, "new@x"),
				[]string{"displayName,member", "Sales,b@x", "All,group:Sales", "Empty,c@x"},
				"added 1, changed 1, unchanged 1, left 0, members +1 -1, rejected 0", "All: Sales; Empty: c@x; Sales: b@x",
			},
			{
				"bad members: nobody loses a membership of a group with one", everybody,
				[]string{"displayName,member", "Sales,nobody@x", "Sales,new@x", "All,group:Nothing", "Empty,c@x", "Sales,a@x"},
				"added 0, changed 1, unchanged 2, left 0, members +1 -0, rejected 3", "All: Sales; Empty: c@x; Sales: a@x b@x",
			},
			{
				"a row that cannot be read removes nothing", everybody,
				[]string{"displayName,member", "Sales,c@x", "Empty", ",a@x"},
				"added 0, changed 1, unchanged 0, left 0, members +1 -0, rejected 2", "All: Sales; Empty: c@x; Sales: a@x b@x c@x",
			},
		} {
			t.Run(step.title, func(t *testing.T) {
				dry := c.load(Options{DryRun: true, Groups: groupsFile(step.groups...)}, file(step.people...))
				r := c.load(Options{Groups: groupsFile(step.groups...)}, file(step.people...))
				check(t, "groups", groupCounts(r.Groups), step.want)
				check(t, "groups of the dry run", groupCounts(dry.Groups), step.want)
				check(t, "memberships", c.memberships(), step.state)
				mark := c.head()
				c.load(Options{Groups: groupsFile(step.groups...)}, file(step.people...))
				check(t, "feed of the same files", c.feed(mark), "")
			})
		}
		r := c.load(Options{}, file(everybody...))
		if r.Groups != nil {
			t.Errorf("without a groups file: got %+v", r.Groups)
		}
		check(t, "memberships without a groups file", c.memberships(), "All: Sales; Empty: c@x; Sales: a@x b@x c@x")
	})
}

func TestGroupsByExternalID(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		c := newCompany(t, s)
		people := []string{"userPrincipalName", "a@x"}
		c.load(Options{Groups: groupsFile("displayName,member", "Old name,a@x")}, file(people...))
		for _, step := range []struct {
			title, want, state string
			groups             []string
		}{
			{
				"an existing group gets its key", "added 1, changed 1, unchanged 0, left 0, members +0 -0, rejected 0", "Old name: a@x; Two: ",
				[]string{"displayName,externalId,member", "Old name,g1,a@x", "Two,g2,"},
			},
			{
				"renamed, with the name of the other", "added 0, changed 2, unchanged 0, left 0, members +0 -0, rejected 0", "Old name: ; Two: a@x",
				[]string{"displayName,externalId,member", "Two,g1,a@x", "Old name,g2,"},
			},
			{
				"another key under the same name, the old one gone", "added 1, changed 0, unchanged 1, left 1, members +0 -0, rejected 0", "-Old name: ; Old name: ; Two: a@x",
				[]string{"displayName,externalId,member", "Two,g1,a@x", "Old name,g3,"},
			},
			{
				"one key with two names, two keys with one name", "added 0, changed 0, unchanged 2, left 0, members +0 -0, rejected 2", "-Old name: ; Old name: ; Two: a@x",
				[]string{"displayName,externalId,member", "Two,g1,a@x", "Three,g1,", "Old name,g3,", "Old name,g4,"},
			},
		} {
			t.Run(step.title, func(t *testing.T) {
				dry := c.load(Options{DryRun: true, Groups: groupsFile(step.groups...)}, file(people...))
				check(t, "dry run", groupCounts(dry.Groups), step.want)
				check(t, "groups", groupCounts(c.load(Options{Groups: groupsFile(step.groups...)}, file(people...)).Groups), step.want)
				check(t, "memberships", c.memberships(), step.state)
			})
		}
	})
}

func TestEmptyGroupsFile(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		c := newCompany(t, s)
		people := file("userPrincipalName", "a@x")
		c.load(Options{Groups: groupsFile("displayName,member", "Sales,a@x")}, people)
		mark := c.head()
		_, err := c.Import(context.Background(), people, Options{Groups: groupsFile("displayName,member")})
		if !errors.Is(err, fault.ErrHeld) {
			t.Errorf("got %v, want a refusal", err)
		}
		check(t, "feed", c.feed(mark), "")
		r := c.load(Options{Yes: true, Groups: groupsFile("displayName,member")}, people)
		check(t, "with yes", groupCounts(r.Groups), "added 0, changed 0, unchanged 0, left 1, members +0 -0, rejected 0")
		if n, err := c.Directory.Store.CountObjects(context.Background(), org, directory.Group); n != 0 || err != nil {
			t.Errorf("got %d groups, %v", n, err)
		}
	})
}

package directory_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/store"
	"github.com/rollcall-id/rollcall/internal/store/storetest"
	"github.com/rollcall-id/rollcall/scim"
)

func TestChangeMembers(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		f := newFixture(t, s)
		a, b, c := f.user("a").ID, f.user("b").ID, f.user("c").ID
		gone := f.user("gone").ID
		nested := f.group("nested").ID
		g := f.group("group", a, gone).ID
		f.softDelete(directory.User, gone)

		for _, step := range []struct {
			title   string
			op      scim.MemberOp
			changed bool
			feed    []string
			members []string
		}{
			{
				"add", scim.MemberOp{Kind: scim.MemberAdd, Values: []string{b, nested, b}}, true,
				[]string{"member-add " + g + " " + b, "member-add " + g + " " + nested},
				[]string{a, b, gone, nested},
			},
			{"add again", scim.MemberOp{Kind: scim.MemberAdd, Values: []string{a, b}}, false, []string{}, []string{a, b, gone, nested}},
			{"remove nobody's id", scim.MemberOp{Kind: scim.MemberRemove, Values: []string{"nobody", c}}, false, []string{}, []string{a, b, gone, nested}},
			{
				"replace keeps those who are there, and those who cannot be seen", scim.MemberOp{Kind: scim.MemberReplaceAll, Values: []string{b, c}}, true,
				[]string{"member-remove " + g + " " + a, "member-remove " + g + " " + nested, "member-add " + g + " " + c},
				[]string{b, c, gone},
			},
			{"replace with the same", scim.MemberOp{Kind: scim.MemberReplaceAll, Values: []string{c, b}}, false, []string{}, []string{b, c, gone}},
			{
				"remove", scim.MemberOp{Kind: scim.MemberRemove, Values: []string{b, "nobody"}}, true,
				[]string{"member-remove " + g + " " + b}, []string{c, gone},
			},
			{"remove all", scim.MemberOp{Kind: scim.MemberRemoveAll}, true, []string{"member-remove " + g + " " + c}, []string{gone}},
		} {
			t.Run(step.title, func(t *testing.T) {
				mark, before := f.head(), f.object(directory.Group, g).Version
				f.write(func(ctx context.Context, w *directory.Writer) error {
					old, err := w.Touch(ctx, org, directory.Group, g)
					if err != nil {
						return err
					}
					_, changed, err := w.ChangeMembers(ctx, old, []scim.MemberOp{step.op})
					if changed != step.changed {
						t.Errorf("got changed %t, want %t", changed, step.changed)
					}
					return err
				})
				feed := f.since(mark)
				slices.Sort(feed)
				slices.Sort(step.feed)
				equal(t, "feed", feed, step.feed)
				slices.Sort(step.members)
				equal(t, "members", f.members(g), step.members)
				want := before
				if step.changed {
					want++
				}
				if got := f.object(directory.Group, g).Version; got != want {
					t.Errorf("got version %d, want %d", got, want)
				}
			})
		}
	})
}

// TestMemberOperationsThatCancel: what one operation does and another takes back is no change, for the version as for the feed.
func TestMemberOperationsThatCancel(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		f := newFixture(t, s)
		a, b := f.user("a").ID, f.user("b").ID
		g := f.group("group", a).ID
		add := func(ids ...string) scim.MemberOp { return scim.MemberOp{Kind: scim.MemberAdd, Values: ids} }
		remove := func(ids ...string) scim.MemberOp { return scim.MemberOp{Kind: scim.MemberRemove, Values: ids} }
		for _, step := range []struct {
			title string
			ops   []scim.MemberOp
			feed  []string
		}{
			{"added and removed", []scim.MemberOp{add(b), remove(b)}, []string{}},
			{"removed and added", []scim.MemberOp{remove(a), add(a)}, []string{}},
			{"all removed, then those who were there", []scim.MemberOp{{Kind: scim.MemberRemoveAll}, {Kind: scim.MemberReplaceAll, Values: []string{a}}}, []string{}},
			{"there and back and there", []scim.MemberOp{add(b), remove(b), add(b)}, []string{"member-add " + g + " " + b}},
			{"only one of two is back", []scim.MemberOp{remove(a, b), add(a)}, []string{"member-remove " + g + " " + b}},
		} {
			t.Run(step.title, func(t *testing.T) {
				mark, before := f.head(), f.object(directory.Group, g).Version
				f.write(func(ctx context.Context, w *directory.Writer) error {
					old, err := w.Touch(ctx, org, directory.Group, g)
					if err != nil {
						return err
					}
					_, changed, err := w.ChangeMembers(ctx, old, step.ops)
					if want := len(step.feed) > 0; changed != want {
						t.Errorf("got changed %t, want %t", changed, want)
					}
					return err
				})
				if got, want := f.object(directory.Group, g).Version, before+int64(min(1, len(step.feed))); got != want {
					t.Errorf("got version %d, want %d", got, want)
				}
				equal(t, "feed", f.since(mark), step.feed)
			})
		}
	})
}

func TestMembersMustBeLiveHere(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		f := newFixture(t, s)
		gone := f.user("gone")
		f.softDelete(directory.User, gone.ID)
		var elsewhere directory.Object
		err := f.Write(context.Background(), "org-2", origin, func(ctx context.Context, w *directory.Writer) (err error) {
			elsewhere, err = w.Create(ctx, directory.User, scim.Resource{"userName": "elsewhere"}, nil)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		g := f.group("group")
		mark := f.head()
		for title, id := range map[string]string{"unknown": "nobody", "soft-deleted": gone.ID, "of another organization": elsewhere.ID, "empty": ""} {
			t.Run(title, func(t *testing.T) {
				f.refused(fault.ErrInvalid, func(ctx context.Context, w *directory.Writer) error {
					_, _, err := w.ChangeMembers(ctx, g, []scim.MemberOp{{Kind: scim.MemberAdd, Values: []string{id}}})
					return err
				})
				f.refused(fault.ErrInvalid, func(ctx context.Context, w *directory.Writer) error {
					_, err := w.Create(ctx, directory.Group, scim.Resource{"displayName": "new"}, []string{id})
					return err
				})
			})
		}
		f.refused(fault.ErrInvalid, func(ctx context.Context, w *directory.Writer) error {
			_, err := w.Create(ctx, directory.User, scim.Resource{"userName": "u"}, []string{g.ID})
			return err
		})
		equal(t, "feed", f.since(mark), []string{})
	})
}

func TestNestedGroups(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		f := newFixture(t, s)
		ctx := context.Background()
		a, b, c, d := f.user("a").ID, f.user("b").ID, f.user("c").ID, f.user("d").ID
		dead := f.group("dead", d)
		low := f.group("low", a, b)
		middle := f.group("middle", b, c, low.ID, dead.ID)
		top := f.group("top", middle.ID)
		f.softDelete(directory.Group, dead.ID)
		f.write(func(ctx context.Context, w *directory.Writer) error { // low holds top: a loop
			_, _, err := w.ChangeMembers(ctx, low, []scim.MemberOp{{Kind: scim.MemberAdd, Values: []string{top.ID, low.ID}}})
			return err
		})

		users, err := directory.EffectiveMembers(ctx, s, org, top.ID)
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(users)
		equal(t, "members of top", users, []string{a, b, c})

		groups, err := directory.EffectiveGroups(ctx, s, org, a)
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(groups)
		equal(t, "groups of a", groups, []string{low.ID, middle.ID, top.ID})

		groups, err = directory.EffectiveGroups(ctx, s, org, d)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "groups of d, through a deleted group", groups, nil)
	})
}

func TestBigGroup(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		f := newFixture(t, s)
		var ids []string
		f.write(func(ctx context.Context, w *directory.Writer) error {
			ids = nil
			for i := range 1200 {
				o, err := w.Create(ctx, directory.User, scim.Resource{"userName": fmt.Sprintf("user-%04d", i)}, nil)
				if err != nil {
					return err
				}
				ids = append(ids, o.ID)
			}
			return nil
		})
		g := f.group("everybody", ids...)
		mark := f.head()
		f.write(func(ctx context.Context, w *directory.Writer) error {
			_, _, err := w.ChangeMembers(ctx, g, []scim.MemberOp{{Kind: scim.MemberReplaceAll, Values: ids[:1199]}})
			return err
		})
		equal(t, "feed: only what differs", f.since(mark), []string{"member-remove " + g.ID + " " + ids[1199]})
		users, err := directory.EffectiveMembers(context.Background(), s, org, g.ID)
		if err != nil || len(users) != 1199 {
			t.Errorf("got %d members, %v; want 1199", len(users), err)
		}
	})
}

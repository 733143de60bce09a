package directory_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/store"
	"github.com/rollcall-id/rollcall/internal/store/storetest"
	"github.com/rollcall-id/rollcall/scim"
)

// TestFeedReplay: whatever is written, a consumer that starts from any watermark learns of exactly the objects that were touched after it.
func TestFeedReplay(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		f := newFixture(t, s)
		m := &replayModel{fixture: f, objects: map[string]snapshot{}}
		rapid.Check(t, m.check)
	})
}

// snapshot is what one can see of an object: if it differs, the object was touched.
type snapshot struct {
	version int64
	live    bool
	members string
}

// replayModel drives one directory with random operations. It goes on with the same directory in every run of the property.
type replayModel struct {
	*fixture
	objects map[string]snapshot // what the consumer saw last
	serial  int
}

func (m *replayModel) check(rt *rapid.T) {
	mark := m.head()
	m.objects = m.look(rt)
	for range rapid.IntRange(1, 8).Draw(rt, "operations") {
		m.operate(rt)
	}
	after := m.look(rt)
	want := map[string]bool{}
	for id, s := range after {
		if m.objects[id] != s {
			want[id] = true
		}
	}
	for id := range m.objects {
		if _, there := after[id]; !there {
			want[id] = true
		}
	}
	changes, err := m.Store.Changes(context.Background(), org, mark, 1000)
	if err != nil {
		rt.Fatal(err)
	}
	got := map[string]bool{}
	for _, c := range changes {
		got[c.ID] = true
	}
	for id := range got { // made and purged again between two looks: nothing is left to see
		if _, before := m.objects[id]; !before && after[id] == (snapshot{}) {
			delete(got, id)
		}
	}
	g, w := slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want))
	// A soft deletion that was taken back, or a change and its reverse, is in the feed without a difference in the end: but never without a new version.
	if !slices.Equal(g, w) {
		rt.Fatalf("after watermark %d the feed names %v, and %v differ", mark, g, w)
	}
}

// look reads everything there is.
func (m *replayModel) look(rt *rapid.T) map[string]snapshot {
	out := map[string]snapshot{}
	for _, typ := range []string{directory.User, directory.Group} {
		objects, err := m.Store.Scan(context.Background(), org, typ, 0, 1000)
		if err != nil {
			rt.Fatal(err)
		}
		for _, o := range objects {
			out[o.ID] = snapshot{version: o.Version, live: o.Live(), members: fmt.Sprint(m.members(o.ID))}
		}
	}
	return out
}

// operate does one random write, allowed or not.
func (m *replayModel) operate(rt *rapid.T) {
	ids := slices.Sorted(maps.Keys(m.look(rt)))
	ids = append(ids, "nobody")
	pick := func(label string) string { return rapid.SampledFrom(ids).Draw(rt, label) }
	typ := rapid.SampledFrom([]string{directory.User, directory.Group}).Draw(rt, "type")
	name := map[string]string{directory.User: "userName", directory.Group: "displayName"}[typ]
	m.serial++
	kind := rapid.IntRange(0, 7).Draw(rt, "operation")
	value := fmt.Sprintf("name-%d", rapid.IntRange(0, 12).Draw(rt, "name"))
	id, members := pick("id"), []string{pick("member"), pick("member")}
	// The error does not matter: a refused write must leave no trace, which the property checks too.
	_ = m.Write(context.Background(), org, origin, func(ctx context.Context, w *directory.Writer) error {
		if kind == 0 {
			if typ == directory.User {
				members = nil
			}
			_, err := w.Create(ctx, typ, scim.Resource{name: value}, members)
			return err
		}
		o, err := w.Touch(ctx, org, typ, id)
		if err != nil {
			return err
		}
		switch kind {
		case 1:
			_, _, err = w.Modify(ctx, o, scim.Resource{name: value, "externalId": value})
		case 2:
			err = w.SoftDelete(ctx, typ, id)
		case 3:
			_, err = w.Restore(ctx, typ, id)
		case 4:
			err = w.Purge(ctx, typ, id)
		default:
			op := scim.MemberOp{Kind: scim.MemberOpKind(kind - 5), Values: members}
			_, _, err = w.ChangeMembers(ctx, o, []scim.MemberOp{op})
		}
		return err
	})
}

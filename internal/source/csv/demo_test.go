package csv

import (
	"strings"
	"testing"

	"github.com/rollcall-id/rollcall/internal/demo"
	"github.com/rollcall-id/rollcall/internal/store"
	"github.com/rollcall-id/rollcall/internal/store/storetest"
)

// TestSampleCompany: the sample company goes through the importer without a rejected row, and its second day is what the story says.
func TestSampleCompany(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		c := newCompany(t, s)
		load := func(day *demo.Company) Result {
			groups := &File{Name: "groups.csv", Data: strings.NewReader(day.GroupsCSV())}
			r := c.load(Options{Key: demo.Key, Groups: groups}, File{Name: "people.csv", Data: strings.NewReader(day.PeopleCSV())})
			if len(r.Warnings)+len(r.Groups.Rejected) > 0 {
				t.Errorf("got warnings %q, rejected groups %v", r.Warnings, r.Groups.Rejected)
			}
			return r
		}
		one := demo.New(0)
		two, story := one.DayTwo()
		check(t, "before", counts(load(one.Before())), "added 1001, changed 0, unchanged 0, left 0, rejected 0")
		first := load(one)
		check(t, "day one", counts(first), "added 0, changed 0, unchanged 1000, left 1, rejected 0")
		check(t, "day one, groups", groupCounts(first.Groups), "added 0, changed 0, unchanged 13, left 0, members +0 -0, rejected 0")
		second := load(two)
		// Joiners and the returner; movers and the renamed; leavers.
		if second.Added != story.Joiners+1 || second.Changed != story.Movers+1 || second.Left != story.Leavers {
			t.Errorf("day two: got %s; want the story %+v", counts(second), story)
		}
		if people := " " + c.people() + ","; !strings.Contains(people, " "+story.Returner+",") || !strings.Contains(people, " -"+story.Leaver+",") {
			t.Error("the returner is not back, or the leaver is")
		}
		if got := counts(load(two)); got != "added 0, changed 0, unchanged 1006, left 0, rejected 0" {
			t.Errorf("day two again: got %s", got)
		}
	})
}

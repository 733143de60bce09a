package csv

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/store"
	"github.com/rollcall-id/rollcall/internal/store/storetest"
)

// TestAnyFile: whatever a file says, a dry run counts what the import does, importing it again changes nothing, and rows and people add up.
func TestAnyFile(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		c := newCompany(t, s)
		rapid.Check(t, func(rt *rapid.T) {
			people, groups := drawPeople(rt), drawGroups(rt)
			key := rapid.SampledFrom([]string{"employeeId", "userPrincipalName"}).Draw(rt, "key")
			run := func(dry bool) Result {
				r, err := c.Import(context.Background(), file(people...), Options{Key: key, DryRun: dry, Yes: true, Groups: groupsFile(groups...)})
				if err != nil && !errors.Is(err, fault.ErrInvalid) {
					rt.Fatalf("dry run %t: %v", dry, err)
				}
				return r
			}
			before := c.live(rt)
			dry := run(true)
			if got := c.live(rt); got != before {
				rt.Fatalf("a dry run made %d people of %d", got, before)
			}
			real := run(false)
			if counts(dry) != counts(real) || groupCounts(dry.Groups) != groupCounts(real.Groups) {
				rt.Fatalf("dry run: %s; %s\nimport:  %s; %s", counts(dry), groupCounts(dry.Groups), counts(real), groupCounts(real.Groups))
			}
			if got, want := c.live(rt), before+real.Added-real.Left; got != want {
				rt.Fatalf("got %d people, want %d + %d - %d", got, before, real.Added, real.Left)
			}
			if got := real.Added + real.Changed + real.Unchanged + len(real.Rejected); got != len(people)-1 {
				rt.Fatalf("the file has %d rows, and %d were counted", len(people)-1, got)
			}
			mark := c.head()
			again := run(false)
			if c.head() != mark || again.Added+again.Changed+again.Left+again.Groups.Added+again.Groups.Changed+again.Groups.Left != 0 {
				rt.Fatalf("again: %s; %s; feed %s", counts(again), groupCounts(again.Groups), c.feed(mark))
			}
		})
	})
}

func (c *company) live(rt *rapid.T) int {
	n, err := c.Directory.Store.CountObjects(context.Background(), c.Organization, "User")
	if err != nil {
		rt.Fatal(err)
	}
	return n
}

// drawPeople makes a people file about a handful of people, so that everything collides.
func drawPeople(rt *rapid.T) []string {
	cell := func(label, format string, n int) string {
		i := rapid.IntRange(-1, n).Draw(rt, label)
		if i < 0 {
			return ""
		}
		return fmt.Sprintf(format, i)
	}
	rows := []string{"employeeId,userPrincipalName,displayName,manager"}
	for range rapid.IntRange(0, 9).Draw(rt, "rows") {
		row := []string{cell("id", "E%d", 6), cell("name", "p%d@x", 6), cell("display", "Name %d", 2), cell("manager", "E%d", 6)}
		if rapid.IntRange(0, 15).Draw(rt, "ragged") == 0 {
			row = row[1:]
		}
		if strings.Join(row, "") == "" {
			continue
		}
		rows = append(rows, strings.Join(row, ","))
	}
	return rows
}

func drawGroups(rt *rapid.T) []string {
	external := rapid.Bool().Draw(rt, "external")
	rows := []string{"displayName,member"}
	if external {
		rows[0] += ",externalId"
	}
	for range rapid.IntRange(0, 8).Draw(rt, "group rows") {
		row := fmt.Sprintf("G%d,", rapid.IntRange(0, 3).Draw(rt, "group"))
		row += rapid.SampledFrom([]string{"", "E1", "E2", "E3", "p1@x", "p2@x", "group:g0", "group:G1", "group:G2"}).Draw(rt, "member")
		if external {
			row += rapid.SampledFrom([]string{",", ",x1", ",x2", ",x3"}).Draw(rt, "key")
		}
		rows = append(rows, row)
	}
	return rows
}

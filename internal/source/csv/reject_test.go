package csv

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/store"
	"github.com/rollcall-id/rollcall/internal/store/storetest"
)

// notes lists rejected rows: "line reason".
func notes(list []Note) string {
	out := []string{}
	for _, n := range list {
		out = append(out, fmt.Sprintf("%d %s", n.Line, n.Reason))
	}
	return strings.Join(out, "\n")
}

func TestRejectedRowsKeepTheirPeople(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		c := newCompany(t, s)
		header := "userPrincipalName,displayName,mail,accountEnabled"
		c.load(Options{}, file(header, "a@x,Anna,a@mail,", "b@x,Bert,b@mail,", "c@x,Carl Carlsen,c@mail,", "d@x,Dora,d@mail,", "e@x,Emil,e@mail,", "f@x,Fred,f@mail,"))
		r := c.load(Options{}, file(
			header,
			"a@x,Anna 1,,", // twice
			"b@x,Bert,b@mail,maybe",
			",Carl Carlsen,,", // no key, but Carl is meant
			"A@x,Anna 2,,",
			"d@x,Dora",           // ragged, and Dora is meant
			"new@x,N\x00,,",      // NUL
			"e@x,\xe9mile,,true", // encoding
			",,,",                // nobody at all
			"z@x,Zoe,,true",
		))
		check(t, "counts", counts(r), "added 1, changed 0, unchanged 0, left 1, rejected 8")
		check(t, "rejected", notes(r.Rejected), strings.Join([]string{
			`2 userPrincipalName "A@x" is also in line 5: which row is right cannot be known, so none was used`,
			`3 accountEnabled is "maybe"; expected is true or false`,
			`4 the row has no userPrincipalName, which identifies a person`,
			`5 userPrincipalName "A@x" is also in line 2: which row is right cannot be known, so none was used`,
			`6 the row has 2 values, and the header has 4 columns: put a value that holds the delimiter (comma) in quotes`,
			`7 value 2 holds the control character U+0000: remove it`,
			`8 value 2 is not UTF-8 (byte 0xE9): save the file as UTF-8, or import it with --encoding windows-1252`,
			`9 the row has no userPrincipalName, which identifies a person`,
		}, "\n"))
		check(t, "people", c.people("displayName"), "-f@x Fred, a@x Anna, b@x Bert, c@x Carl Carlsen, d@x Dora, e@x Emil, z@x Zoe")
	})
}

func TestRefusedHeaders(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		c := newCompany(t, s)
		c.load(Options{}, file("userPrincipalName", "a@x"))
		for _, f := range []struct {
			title, header string
			o             Options
			want          string
		}{
			{"unknown column with a near name", "userPrincipalName,jobTitel", Options{}, `"jobTitel": did you mean jobTitle?`},
			{"unknown column", "userPrincipalName,shoe size in the Roman system", Options{}, "--ignore-unknown"},
			{"column without a name", "userPrincipalName,", Options{}, "column 2 has no name"},
			{"no key", "displayName,mail", Options{}, "no column userPrincipalName"},
			{"no other key", "userPrincipalName,mail", Options{Key: "employeeId"}, "no column employeeId"},
			{"unknown key", "userPrincipalName", Options{Key: "emploieeId"}, "did you mean employeeId?"},
			{"key that is no text", "userPrincipalName,accountEnabled", Options{Key: "accountEnabled"}, "cannot identify"},
			{"no name", "employeeId", Options{Key: "employeeId"}, "unique name"},
			{"the same attribute twice", "userPrincipalName,mail,emails[type eq \"work\"].value", Options{}, "same attribute"},
			{"the same manager twice", "userPrincipalName,manager,urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value", Options{}, "same attribute"},
			{"read-only", "userPrincipalName,objectId", Options{}, "sets it by itself"},
			{"secret", "userPrincipalName,password", Options{}, "secrets"},
			{"complex", "userPrincipalName,name", Options{}, "name.formatted"},
			{"list", "userPrincipalName,emails.value", Options{}, "list"},
		} {
			t.Run(f.title, func(t *testing.T) {
				_, err := c.Import(context.Background(), file(`"`+strings.ReplaceAll(strings.ReplaceAll(f.header, `"`, `""`), ",", `","`)+`"`, "a@x"), f.o)
				if !errors.Is(err, fault.ErrInvalid) || !strings.Contains(err.Error(), f.want) {
					t.Errorf("got %v, want an error with %q", err, f.want)
				}
			})
		}
		r := c.load(Options{IgnoreUnknown: true}, file("shoe size,userPrincipalName,jobTitle,", "44,a@x,Boss,"))
		check(t, "counts", counts(r), "added 0, changed 1, unchanged 0, left 0, rejected 0")
		check(t, "warnings", strings.Join(r.Warnings, "; "), `the column "shoe size" was skipped: it has no place in the directory; the column "" was skipped: it has no place in the directory`)
	})
}

func TestMaxLeavers(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		c := newCompany(t, s)
		rows := []string{"userPrincipalName,displayName"}
		for i := range 40 {
			rows = append(rows, fmt.Sprintf("p%02d@x,Person", i))
		}
		c.load(Options{}, file(rows...))
		mark := c.head()
		short := append(rows[:32:32], "new@x,Person") // 9 of 40 leave, 8 may
		for _, dry := range []bool{false, true} {
			r, err := c.Import(context.Background(), file(short...), Options{DryRun: dry})
			var refusal *TooManyLeavers
			if !errors.As(err, &refusal) || !errors.Is(err, fault.ErrHeld) {
				t.Fatalf("dry run %t: got %v, want a refusal", dry, err)
			}
			if *refusal != (TooManyLeavers{Leavers: 9, People: 40, Limit: 8}) || r.Left != 9 {
				t.Errorf("dry run %t: got %+v, left %d", dry, *refusal, r.Left)
			}
		}
		check(t, "feed after a refusal", c.feed(mark), "")

		ten, err := ParseLimit("9")
		if err != nil {
			t.Fatal(err)
		}
		check(t, "with a limit", counts(c.load(Options{MaxLeavers: ten, DryRun: true}, file(short...))), "added 1, changed 0, unchanged 31, left 9, rejected 0")
		check(t, "with yes", counts(c.load(Options{Yes: true}, file(short...))), "added 1, changed 0, unchanged 31, left 9, rejected 0")
	})
}

// TestUnreadableFileChangesNothing: whatever refuses a file does so before the first write.
func TestUnreadableFileChangesNothing(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		c := newCompany(t, s)
		c.load(Options{}, file("userPrincipalName", "a@x", "b@x"))
		mark := c.head()
		for title, f := range map[string]File{
			"open quote":        file("userPrincipalName,displayName", "new@x,New", `a@x,"Anna`),
			"empty":             {Name: "empty.csv", Data: strings.NewReader("")},
			"too many bad rows": file("userPrincipalName,displayName\nnew@x,New" + strings.Repeat("\n,Nobody", maxRejected+1)),
		} {
			if _, err := c.Import(context.Background(), f, Options{}); !errors.Is(err, fault.ErrInvalid) {
				t.Errorf("%s: got %v, want an error", title, err)
			}
		}
		groups := &File{Name: "groups.csv", Data: strings.NewReader("displayName,members\n")}
		if _, err := c.Import(context.Background(), file("userPrincipalName", "new@x"), Options{Groups: groups}); !errors.Is(err, fault.ErrInvalid) {
			t.Errorf("bad groups file: got %v, want an error", err)
		}
		check(t, "feed", c.feed(mark), "")
	})
}

// TestShiftedColumn: hardly anybody takes over somebody else's name, so a file in which everybody does is a mistake.
func TestShiftedColumn(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		c := newCompany(t, s)
		n := maxTakers + 1
		right, shifted := []string{"employeeId,userPrincipalName"}, []string{"employeeId,userPrincipalName"}
		for i := range n {
			right = append(right, fmt.Sprintf("%d,p%d@x", i, i))
			shifted = append(shifted, fmt.Sprintf("%d,p%d@x", i, (i+1)%n))
		}
		c.load(Options{Key: "employeeId"}, file(right...))
		mark := c.head()
		_, err := c.Import(context.Background(), file(shifted...), Options{Key: "employeeId"})
		if !errors.Is(err, fault.ErrInvalid) || !strings.Contains(err.Error(), "501 people") {
			t.Errorf("got %v, want a refusal", err)
		}
		check(t, "feed", c.feed(mark), "")
	})
}

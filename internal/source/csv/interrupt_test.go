package csv

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/store"
	"github.com/rollcall-id/rollcall/internal/store/storetest"
)

var errPower = errors.New("power failure")

// frail is a store that fails after a number of transactions.
type frail struct {
	directory.Store
	left int
}

func (f *frail) Write(ctx context.Context, fn func(ctx context.Context, tx directory.Tx) error) error {
	if f.left == 0 {
		return errPower
	}
	f.left--
	return f.Store.Write(ctx, fn)
}

// TestInterruptedImport: an import that stops between any two of its transactions has lost nobody, and importing the same file again does the rest.
func TestInterruptedImport(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		c := newCompany(t, s)
		c.Organization = "" // one organization for each attempt
		before, after, groupsBefore, groupsAfter := interruptedFiles()
		import1 := func(org string, left int) (*company, error) {
			one := *c
			one.Organization = org
			if err := newOrganization(s, org); err != nil {
				t.Fatal(err)
			}
			one.load(Options{Key: "employeeId", Groups: groupsFile(groupsBefore...)}, file(before...))
			one.Directory = &directory.Directory{Store: &frail{Store: s, left: left}}
			_, err := one.Import(t.Context(), file(after...), Options{Key: "employeeId", Groups: groupsFile(groupsAfter...)})
			one.Directory = c.Directory
			return &one, err
		}
		whole, err := import1("whole", -1)
		if err != nil {
			t.Fatal(err)
		}
		people, memberships := whole.people("employeeId", "manager", "jobTitle"), whole.memberships()
		for n := 0; ; n++ {
			one, err := import1(fmt.Sprintf("org-a-%d", n), n)
			if err == nil {
				if n < 8 {
					t.Errorf("the import has only %d transactions: the test tests little", n)
				}
				return
			}
			if !errors.Is(err, errPower) {
				t.Fatalf("after %d transactions: %v", n, err)
			}
			for _, stayer := range []string{"p0", "p1", "p2", "p300"} {
				if !strings.Contains(" "+one.people(), " "+stayer+"@x") {
					t.Errorf("after %d transactions %s is gone", n, stayer)
				}
			}
			one.load(Options{Key: "employeeId", Groups: groupsFile(groupsAfter...)}, file(after...))
			check(t, fmt.Sprintf("people after %d transactions and another import", n), one.people("employeeId", "manager", "jobTitle"), people)
			check(t, "memberships", one.memberships(), memberships)
		}
	})
}

// interruptedFiles is a company of which much changes: joiners with later managers, leavers, names that change hands, groups.
func interruptedFiles() (before, after, groupsBefore, groupsAfter []string) {
	before, after = []string{"employeeId,userPrincipalName,manager,jobTitle"}, []string{"employeeId,userPrincipalName,manager,jobTitle"}
	groupsBefore, groupsAfter = []string{"displayName,member", "Gone,0"}, []string{"displayName,member", "Born,group:Big"}
	for i := range 301 {
		before = append(before, fmt.Sprintf("%d,p%d@x,,Clerk", i, i))
		groupsBefore = append(groupsBefore, fmt.Sprintf("Big,%d", i))
		switch {
		case i == 7:
			after = append(after, "7,p8@x,900,Clerk") // 7 and 8 exchange their names
		case i == 8:
			after = append(after, "8,p7@x,900,Clerk")
		case i%100 == 50: // leaves
		default:
			after = append(after, fmt.Sprintf("%d,p%d@x,900,Head", i, i))
			groupsAfter = append(groupsAfter, fmt.Sprintf("Big,%d", i))
		}
	}
	return before, append(after, "900,boss@x,,Boss"), groupsBefore, append(groupsAfter, "Big,900")
}

func TestFileThatChanges(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		c := newCompany(t, s)
		for title, next := range map[string]string{
			"a new row":      "userPrincipalName,displayName\na@x,Anna\nb@x,Bert\n",
			"another key":    "userPrincipalName,displayName\nb@x,Anna\n",
			"another header": "userPrincipalName,jobTitle\na@x,Anna\n",
			"another line":   "userPrincipalName,displayName\n\na@x,Anna\n",
		} {
			data := &readOnce{first: "userPrincipalName,displayName\na@x,Anna\n", then: next}
			_, err := c.Import(t.Context(), File{Name: "people.csv", Data: data}, Options{})
			if !errors.Is(err, fault.ErrInvalid) || !strings.Contains(err.Error(), "changed while it was read") {
				t.Errorf("%s: got %v, want an error", title, err)
			}
		}
		check(t, "people", c.people(), "")
	})
}

// readOnce gives another content from the second reading on.
type readOnce struct {
	strings.Reader
	first, then string
	readings    int
}

func (r *readOnce) Seek(int64, int) (int64, error) {
	r.readings++
	if r.readings == 1 {
		r.Reset(r.first)
	} else {
		r.Reset(r.then)
	}
	return 0, nil
}

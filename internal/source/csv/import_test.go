package csv

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/store"
	"github.com/rollcall-id/rollcall/internal/store/storetest"
)

func TestImport(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		c := newCompany(t, s)
		header := "userPrincipalName,displayName,MAIL,jobTitle,accountEnabled,manager,urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department"
		first := []string{
			header,
			`Anna@x.example,Anna,anna@x.example,Boss,true,,"Sales, EMEA"`,
			"bert@x.example,Bert,,Clerk,,carl@x.example,Sales",
			"carl@x.example,Čarl,carl@x.example,Clerk,FALSE,ANNA@x.example,",
			"dora@x.example,Dora,dora@x.example,,1,bert@x.example,IT",
		}
		attributes := []string{"displayName", "mail", "jobTitle", "accountEnabled", "manager", "department"}

		dry := c.load(Options{DryRun: true}, file(first...))
		check(t, "dry run", counts(dry), "added 4, changed 0, unchanged 0, left 0, rejected 0")
		check(t, "people after a dry run", c.people(), "")

		r := c.load(Options{Cause: "import-1"}, file(first...))
		check(t, "first", counts(r), counts(dry))
		check(t, "delimiter, encoding, id", r.Delimiter+" "+r.Encoding+" "+r.ID, "comma utf-8 import-1")
		want := strings.Join([]string{
			"Anna@x.example Anna anna@x.example Boss true · Sales, EMEA", "bert@x.example Bert · Clerk true carl@x.example Sales",
			"carl@x.example Čarl carl@x.example Clerk false Anna@x.example ·", "dora@x.example Dora dora@x.example · true bert@x.example IT",
		}, ", ")
		check(t, "people", c.people(attributes...), want)
		// Bert came before his manager Carl, so the manager was set afterwards; Carl and Dora came after theirs.
		check(t, "feed", c.feed(0), "create Anna@x.example, create bert@x.example, create carl@x.example, create dora@x.example, update bert@x.example")

		mark := c.head()
		check(t, "again", counts(c.load(Options{}, file(first...))), "added 0, changed 0, unchanged 4, left 0, rejected 0")
		check(t, "feed of the same file", c.feed(mark), "")

		second := []string{ // other columns, another order: Anna is unchanged, Bert has a title and no manager, Carl left, Emil is new
			"manager;title;userName", ";Chief;bert@x.example", "anna@x.example;Engineer;emil@x.example", ";Boss;Anna@x.example", "bert@x.example;;dora@x.example",
		}
		dry = c.load(Options{DryRun: true}, file(second...))
		r = c.load(Options{}, file(second...))
		check(t, "second", counts(r), "added 1, changed 1, unchanged 2, left 1, rejected 0")
		check(t, "dry run of the second", counts(dry), counts(r))
		check(t, "feed", c.feed(mark), "delete carl@x.example, update bert@x.example, create emil@x.example")
		check(t, "people", c.people(attributes...), strings.Join([]string{
			"-carl@x.example Čarl carl@x.example Clerk false Anna@x.example ·",
			"Anna@x.example Anna anna@x.example Boss true · Sales, EMEA", "bert@x.example Bert · Chief true · Sales",
			"dora@x.example Dora dora@x.example · true bert@x.example IT", "emil@x.example · · Engineer true Anna@x.example ·",
		}, ", "))

		mark = c.head()
		third := append(second, ";Clerk;CARL@x.example") // back, in other letter case
		r = c.load(Options{}, file(third...))
		check(t, "third", counts(r), "added 1, changed 0, unchanged 4, left 0, rejected 0")
		check(t, "feed", c.feed(mark), "restore CARL@x.example, update CARL@x.example")
	})
}

func TestResultJSON(t *testing.T) {
	r := Result{Added: 1, Changed: 2, Unchanged: 3, Left: 4, Rejected: []Note{{Line: 7, Reason: "why"}}, Warnings: []string{}, Delimiter: "comma", ID: "x"}
	got, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	check(t, "JSON", string(got), `{"added":1,"changed":2,"unchanged":3,"left":4,"rejected":[{"line":7,"reason":"why"}],"warnings":[]}`)
	r.Groups = &Groups{Added: 1, Rejected: []Note{}}
	if got, err = json.Marshal(r); err != nil {
		t.Fatal(err)
	}
	check(t, "JSON with groups", string(got), `{"added":1,"changed":2,"unchanged":3,"left":4,"rejected":[{"line":7,"reason":"why"}],`+
		`"groups":{"added":1,"changed":0,"unchanged":0,"left":0,"membersAdded":0,"membersRemoved":0,"rejected":[]},"warnings":[]}`)
}

func TestManagers(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		c := newCompany(t, s)
		r := c.load(Options{}, file("userPrincipalName,manager", "a@x,b@x", "b@x,a@x", "self@x,self@x", "lost@x,nobody@x", "c@x,gone@x"))
		check(t, "first", counts(r), "added 5, changed 0, unchanged 0, left 0, rejected 0")
		check(t, "people", c.people("manager"), "a@x b@x, b@x a@x, c@x ·, lost@x ·, self@x self@x")
		check(t, "warnings", strings.Join(r.Warnings, "; "), `line 5: the manager "nobody@x" is not among the people, so the manager stays as it was; `+
			`line 6: the manager "gone@x" is not among the people, so the manager stays as it was`)

		// The manager leaves in the same file, or is a column without a value: both mean that there is none.
		r = c.load(Options{}, file("userPrincipalName,manager", "a@x,b@x", "self@x,", "lost@x,a@x", "c@x,a@x"))
		check(t, "second", counts(r), "added 0, changed 4, unchanged 0, left 1, rejected 0")
		check(t, "people", c.people("manager"), "-b@x a@x, a@x ·, c@x a@x, lost@x a@x, self@x ·")

		// A manager who comes back in a later row.
		r = c.load(Options{}, file("userPrincipalName,manager", "a@x,b@x", "self@x,", "lost@x,a@x", "c@x,a@x", "b@x,"))
		check(t, "third", counts(r), "added 1, changed 1, unchanged 3, left 0, rejected 0")
		check(t, "people", c.people("manager"), "a@x b@x, b@x ·, c@x a@x, lost@x a@x, self@x ·")
	})
}

// A misspelled manager is no reason to take the person's manager away.
func TestUnknownManagerKeepsTheOldOne(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		c := newCompany(t, s)
		c.load(Options{}, file("userPrincipalName,manager,displayName", "a@x,,A", "b@x,a@x,B", "c@x,a@x,C"))
		r := c.load(Options{}, file("userPrincipalName,manager,displayName", "a@x,,A", "b@x,aa@x,B", "c@x,aa@x,Carl"))
		check(t, "counts", counts(r), "added 0, changed 1, unchanged 2, left 0, rejected 0")
		check(t, "people", c.people("manager"), "a@x ·, b@x a@x, c@x a@x")
		check(t, "warnings", strings.Join(r.Warnings, "; "), `line 3: the manager "aa@x" is not among the people, so the manager stays as it was; `+
			`line 4: the manager "aa@x" is not among the people, so the manager stays as it was`)
	})
}

// TestManagerByOtherKey: with another key the manager's column holds that key.
func TestManagerByOtherKey(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		c := newCompany(t, s)
		o := Options{Key: "EmployeeID"}
		c.load(o, file("employeeId,userPrincipalName,manager", "0001,a@x,0002", "0002,b@x,"))
		check(t, "people", c.people("employeeId", "manager"), "a@x 0001 b@x, b@x 0002 ·")

		// Renamed by marriage: the same person.
		mark := c.head()
		r := c.load(o, file("employeeId,userPrincipalName,manager", "0001,a@x,0002", "0002,b.new@x,"))
		check(t, "renamed", counts(r), "added 0, changed 1, unchanged 1, left 0, rejected 0")
		check(t, "feed", c.feed(mark), "update b.new@x")

		// Left, and came back under another name.
		c.load(o, file("employeeId,userPrincipalName,manager", "0002,b.new@x,"))
		r = c.load(o, file("employeeId,userPrincipalName,manager", "0001,a2@x,0002", "0002,b.new@x,"))
		check(t, "back", counts(r), "added 1, changed 0, unchanged 1, left 0, rejected 0")
		check(t, "people", c.people("employeeId", "manager"), "a2@x 0001 b.new@x, b.new@x 0002 ·")
	})
}

// TestNamesChangeHands: user names go from one person to another within one file.
func TestNamesChangeHands(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		c := newCompany(t, s)
		o := Options{Key: "employeeId"}
		header := "employeeId,userPrincipalName"
		c.load(o, file(header, "1,a@x", "2,b@x", "3,c@x", "4,d@x"))
		for _, step := range []struct {
			title string
			rows  []string
			want  string
			state string
		}{
			{
				"exchanged, and a joiner gets the name of a renamed person", []string{"1,b@x", "2,a@x", "3,cc@x", "5,c@x", "4,d@x"},
				"added 1, changed 3, unchanged 1, left 0, rejected 0", "a@x 2, b@x 1, c@x 5, cc@x 3, d@x 4",
			},
			{
				"a joiner gets the name of a leaver", []string{"1,b@x", "2,a@x", "3,cc@x", "5,c@x", "6,D@x"},
				"added 1, changed 0, unchanged 4, left 1, rejected 0", "-d@x 4, D@x 6, a@x 2, b@x 1, c@x 5, cc@x 3",
			},
			{
				"who returns gets a name that the holder gives up", []string{"1,b@x", "2,a@x", "3,cc@x", "5,c@x", "6,other@x", "4,d@x"},
				"added 1, changed 1, unchanged 4, left 0, rejected 0", "a@x 2, b@x 1, c@x 5, cc@x 3, d@x 4, other@x 6",
			},
			{
				"two rows want one name", []string{"1,b@x", "2,a@x", "3,cc@x", "5,c@x", "6,same@x", "4,Same@x"},
				"added 0, changed 0, unchanged 4, left 0, rejected 2", "a@x 2, b@x 1, c@x 5, cc@x 3, d@x 4, other@x 6",
			},
			{
				"a rejected row keeps its name from others", []string{"1,b@x", "2,a@x", "3,c@x", "5,", "6,other@x", "4,cc@x"},
				"added 0, changed 0, unchanged 3, left 0, rejected 3", "a@x 2, b@x 1, c@x 5, cc@x 3, d@x 4, other@x 6",
			},
		} {
			t.Run(step.title, func(t *testing.T) {
				dry := o
				dry.DryRun = true
				check(t, "dry run", counts(c.load(dry, file(append([]string{header}, step.rows...)...))), step.want)
				check(t, "counts", counts(c.load(o, file(append([]string{header}, step.rows...)...))), step.want)
				check(t, "people", c.people("employeeId"), step.state)
			})
		}
	})
}

// TestPeopleWithoutKey: somebody who was made without the key is found by name and gets the key.
func TestPeopleWithoutKey(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		c := newCompany(t, s)
		c.load(Options{}, file("userPrincipalName", "a@x", "b@x"))
		r := c.load(Options{Key: "employeeId"}, file("employeeId,userPrincipalName", "1,A@x"))
		check(t, "counts", counts(r), "added 0, changed 1, unchanged 0, left 1, rejected 0")
		check(t, "people", c.people("employeeId"), "-b@x ·, A@x 1")

		// Two people have one key: the row cannot say whom it means, and both stay.
		c.load(Options{}, file("userPrincipalName,employeeId", "p@x,7", "q@x,7", "r@x,8"))
		r = c.load(Options{Key: "employeeId"}, file("userPrincipalName,employeeId", "p2@x,7", "r@x,8"))
		check(t, "counts", counts(r), "added 0, changed 0, unchanged 1, left 0, rejected 1")
		check(t, "people", c.people(), "-A@x, -b@x, p@x, q@x, r@x")
	})
}

func TestWindows1252(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		c := newCompany(t, s)
		r := c.load(Options{Encoding: Windows1252}, file("userPrincipalName;displayName", "j@x;J\xfcrgen \x96 Gro\xdf"))
		check(t, "result", r.Encoding+" "+r.Delimiter, "windows-1252 semicolon")
		check(t, "people", c.people("displayName"), "j@x Jürgen – Groß")
	})
}

// TestVocabulary: every name of design/cli.md is a column, in any letter case, and its value comes back.
func TestVocabulary(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		c := newCompany(t, s)
		names := strings.Fields(`displayName givenName surname mail mailNickname jobTitle department employeeId companyName city state country postalCode
			streetAddress physicalDeliveryOfficeName telephoneNumber mobile preferredLanguage userType extensionAttribute1 extensionAttribute15`)
		header, row := []string{"USERPRINCIPALNAME"}, []string{"a@x"}
		want := "a@x"
		for _, n := range names {
			header, row, want = append(header, strings.ToUpper(n)), append(row, "value of "+n), want+" value of "+n
		}
		c.load(Options{}, file(strings.Join(header, ","), strings.Join(row, ",")))
		check(t, "people", c.people(names...), want)
		if o, err := c.Directory.Store.ObjectByName(t.Context(), org, directory.User, "a@x"); err != nil || o.Attributes.ExternalID() != "" {
			t.Errorf("got %v, %v", o.Attributes, err)
		}
		// Empty values take everything away again.
		r := c.load(Options{}, file(strings.Join(header, ","), "a@x"+strings.Repeat(",", len(names))))
		check(t, "counts", counts(r), "added 0, changed 1, unchanged 0, left 0, rejected 0")
		o, err := c.Directory.Store.ObjectByName(t.Context(), org, directory.User, "a@x")
		if err != nil || len(o.Attributes) != 2 || o.Attributes["active"] != true {
			t.Errorf("got %v, %v; want userName and active only", o.Attributes, err)
		}
	})
}

package demo

import (
	"slices"
	"strings"
	"testing"
	"unicode"
)

func TestSameEveryTime(t *testing.T) {
	for _, n := range []int{0, 24, 300} {
		a, b := New(n), New(n)
		if a.PeopleCSV() != b.PeopleCSV() || a.GroupsCSV() != b.GroupsCSV() {
			t.Errorf("two companies of %d differ", n)
		}
		x, s := a.DayTwo()
		y, r := b.DayTwo()
		if x.PeopleCSV() != y.PeopleCSV() || x.GroupsCSV() != y.GroupsCSV() || s != r {
			t.Errorf("two second days of %d differ", n)
		}
		if a.PeopleCSV() != b.PeopleCSV() || a.GroupsCSV() != b.GroupsCSV() {
			t.Errorf("making the second day changed the first")
		}
	}
}

// unique checks that the rows of a people file can be imported: keys and names exist once, are ASCII where they must be, and managers exist.
func unique(t *testing.T, c *Company) {
	t.Helper()
	ids, upns := map[string]bool{}, map[string]bool{}
	for _, p := range c.People {
		if ids[p.EmployeeID] || upns[strings.ToLower(p.UPN)] {
			t.Errorf("%s (%s) is there twice", p.UPN, p.EmployeeID)
		}
		ids[p.EmployeeID], upns[strings.ToLower(p.UPN)] = true, true
		if strings.ContainsFunc(p.UPN, func(r rune) bool { return r > unicode.MaxASCII || unicode.IsSpace(r) }) || !strings.HasSuffix(p.UPN, "@"+Domain) {
			t.Errorf("%q is no plain user principal name", p.UPN)
		}
	}
	for _, p := range c.People {
		if p.Manager != "" && !ids[p.Manager] {
			t.Errorf("the manager %s of %s is nobody", p.Manager, p.UPN)
		}
	}
	names := map[string]bool{}
	for _, g := range c.Groups {
		names[g.Name] = true
	}
	for _, g := range c.Groups {
		for _, m := range g.Members {
			if !ids[m] {
				t.Errorf("the member %s of %s is nobody", m, g.Name)
			}
		}
		for _, m := range g.Nested {
			if !names[m] {
				t.Errorf("the group %s in %s does not exist", m, g.Name)
			}
		}
	}
}

func TestKeysAreUnique(t *testing.T) {
	for _, n := range []int{24, 25, 60, 1000, 3000} {
		c := New(n)
		two, _ := c.DayTwo()
		for _, day := range []*Company{c.Before(), c, two} {
			unique(t, day)
		}
	}
}

func TestMess(t *testing.T) {
	c := New(0)
	if got := len(c.People); got != DefaultPeople {
		t.Fatalf("got %d people, want %d", got, DefaultPeople)
	}
	text := c.PeopleCSV()
	for name, table := range map[string]*unicode.RangeTable{
		"Cyrillic": unicode.Cyrillic, "Greek": unicode.Greek, "Arabic": unicode.Arabic, "Han": unicode.Han, "Hiragana": unicode.Hiragana,
		"Katakana": unicode.Katakana, "Devanagari": unicode.Devanagari, "Hangul": unicode.Hangul, "combining marks": unicode.Mn,
	} {
		if !strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(table, r) }) {
			t.Errorf("nobody has a name with %s", name)
		}
	}
	for _, s := range []string{"O'Brien", "O’Connell", "Ærø", "Đặng", "Friis-Møller", `"Lead, ""Special"" Projects"`} {
		if !strings.Contains(text+c.GroupsCSV(), s) {
			t.Errorf("%q is missing", s)
		}
	}
	var noMail, disabled, roots int
	names := map[string]int{}
	for _, p := range c.People {
		names[strings.TrimSpace(p.DisplayName)]++
		for _, miss := range []struct {
			is    bool
			count *int
		}{{p.Mail == "", &noMail}, {!p.Enabled, &disabled}, {p.Manager == "", &roots}} {
			if miss.is {
				*miss.count++
			}
		}
	}
	if noMail < 5 || disabled < 5 || disabled > 30 || roots != 1 {
		t.Errorf("got %d without mail, %d disabled, %d without manager", noMail, disabled, roots)
	}
	if names[c.People[7].DisplayName] < 2 {
		t.Error("no two people have one display name")
	}
	if c.People[1].Manager != c.People[2].EmployeeID || c.People[2].Manager != c.People[1].EmployeeID {
		t.Error("no managers report to each other")
	}
	half := c.Groups[slices.IndexFunc(c.Groups, func(g Group) bool { return g.Name == HalfGroup })]
	if got := len(half.Members); got != 500 {
		t.Errorf("got %d in %s, want 500", got, HalfGroup)
	}
	if !strings.Contains(c.GroupsCSV(), "Project Ærø (planned),\n") {
		t.Error("no group is empty")
	}
}

func TestDayTwo(t *testing.T) {
	for _, n := range []int{24, 31, 100, 1000} {
		c := New(n)
		two, s := c.DayTwo()
		find := func(d *Company, upn string) *Person {
			i := slices.IndexFunc(d.People, func(p Person) bool { return p.UPN == upn })
			if i < 0 {
				return nil
			}
			return &d.People[i]
		}
		inHalf := func(d *Company, p *Person) bool {
			i := slices.IndexFunc(d.Groups, func(g Group) bool { return g.Name == HalfGroup })
			return p != nil && slices.Contains(d.Groups[i].Members, p.EmployeeID)
		}
		if find(c, s.Joiner) != nil || !inHalf(two, find(two, s.Joiner)) {
			t.Errorf("%d: the joiner %s did not join", n, s.Joiner)
		}
		if !inHalf(c, find(c, s.Leaver)) || find(two, s.Leaver) != nil {
			t.Errorf("%d: the leaver %s did not leave", n, s.Leaver)
		}
		before, after := find(c, s.Mover), find(two, s.Mover)
		if !inHalf(c, before) || after == nil || before.Department == after.Department || before.Manager == after.Manager || after.Manager == after.EmployeeID {
			t.Errorf("%d: the mover did not move from %+v to %+v", n, before, after)
		}
		before, after = find(c, s.RenamedFrom), find(two, s.Renamed)
		if !inHalf(c, before) || after == nil || before.EmployeeID != after.EmployeeID || before.Surname == after.Surname || find(two, s.RenamedFrom) != nil {
			t.Errorf("%d: the renamed person went from %+v to %+v", n, before, after)
		}
		if after != nil && !strings.Contains(after.DisplayName, after.Surname) {
			t.Errorf("%d: display name %q without surname %q", n, after.DisplayName, after.Surname)
		}
		if !inHalf(c.Before(), find(c.Before(), s.Returner)) || find(c, s.Returner) != nil || !inHalf(two, find(two, s.Returner)) {
			t.Errorf("%d: the returner %s did not return", n, s.Returner)
		}
		if got, want := len(two.People), n+s.Joiners+1-s.Leavers; got != want {
			t.Errorf("%d: got %d people on day two, want %d", n, got, want)
		}
		moved := 0
		for _, p := range c.People {
			if q := find(two, p.UPN); q != nil && q.Department != p.Department {
				moved++
			}
		}
		if moved != s.Movers {
			t.Errorf("%d: got %d movers, want %d", n, moved, s.Movers)
		}
	}
}

func TestPersonAt(t *testing.T) {
	c := &Company{}
	for i := range 5000 {
		p := PersonAt(i)
		if p != PersonAt(i) {
			t.Fatalf("person %d differs from time to time", i)
		}
		c.People = append(c.People, p)
	}
	unique(t, c)
}

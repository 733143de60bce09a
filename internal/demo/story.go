package demo

import (
	"slices"
	"strings"
)

// Story names people whose second day is worth following. All are user principal names, and all are in HalfGroup while they are in the company.
type Story struct {
	Joiner      string // new
	Returner    string // in Before, away on the first day, back on the second
	Renamed     string // married: surname, user principal name and mail are new
	RenamedFrom string // the user principal name before
	Mover       string // new department, title and manager
	Leaver      string // no longer listed

	Joiners, Movers, Leavers int // how many there are, those named included; the returner and the renamed are not among them
}

// Before is the company some weeks earlier, with somebody who has left by the first day. Importing it first gives the directory a past, so that the second
// day can bring that person back.
func (c *Company) Before() *Company {
	out := c.clone()
	p := c.returner()
	out.People = append(out.People, p)
	out.enrol(p)
	return out
}

// DayTwo is the company one day after c, and whom to watch.
func (c *Company) DayTwo() (*Company, Story) {
	out := c.clone()
	n := len(c.People)
	s := Story{Joiners: min(max(n/100, 2), 20), Movers: min(max(n/125, 2), 16), Leavers: min(max(n/200, 1), 5)}

	// The lowest layer of the org chart manages nobody, so its people can leave without orphans. Steps of two keep to HalfGroup.
	first := (n-2)/span + 1
	first += first % 2
	leavers, movers, renamed := first, first+2*s.Leavers, first+2*(s.Leavers+s.Movers)
	if renamed >= n-1 {
		movers, renamed, s.Movers = first+2*s.Leavers, first+2*(s.Leavers+1), 1
	}
	for k := range s.Movers {
		out.move(movers + 2*k)
	}
	s.Mover = out.People[movers].UPN
	s.RenamedFrom = out.People[renamed].UPN
	s.Renamed = out.marry(renamed)

	places := regions()
	for k := range s.Joiners {
		p, local := draw(places, n+1+k) // n is the returner
		p.address(local + "." + strings.TrimLeft(p.EmployeeID, "0"))
		p.Manager = c.People[k%span].EmployeeID
		out.People = append(out.People, p)
		out.enrol(p)
		if k == 0 {
			s.Joiner = p.UPN
		}
	}
	back := c.returner()
	back.Title = "Senior Advisor"
	out.People = append(out.People, back)
	out.enrol(back)
	s.Returner = back.UPN

	s.Leaver = out.People[leavers].UPN
	gone := map[string]bool{}
	for k := range s.Leavers {
		gone[c.People[leavers+2*k].EmployeeID] = true
	}
	out.dismiss(gone)
	return out, s
}

// returner is the person who is away on the first day.
func (c *Company) returner() Person {
	p, local := draw(regions(), len(c.People))
	p.address(local + ".r")
	p.Manager = c.People[0].EmployeeID
	return p
}

// move gives person i another department, title and manager, and the membership that goes with it.
func (c *Company) move(i int) {
	p := &c.People[i]
	list := departments()
	to := list[(slices.Index(list, p.Department)+1)%len(list)]
	c.leave(p.Department, p.EmployeeID)
	c.join(to, p.EmployeeID)
	p.Department, p.Title = to, "Deputy "+p.Title
	manager := (i-1)/span + 1
	if c.People[manager].EmployeeID == p.EmployeeID || c.People[manager].EmployeeID == p.Manager {
		manager = 0
	}
	p.Manager = c.People[manager].EmployeeID
}

// marry gives person i another surname and the addresses that go with it, and returns the new user principal name.
func (c *Company) marry(i int) string {
	p := &c.People[i]
	old := p.Surname
	p.Surname = "Ångström-" + p.Surname
	p.DisplayName = strings.Replace(strings.TrimSpace(p.DisplayName), old, p.Surname, 1)
	given, rest, _ := strings.Cut(p.Nickname, ".")
	p.address(given + ".angstrom-" + rest)
	return p.UPN
}

// enrol makes a new person a member of the department's group and of HalfGroup.
func (c *Company) enrol(p Person) {
	c.join(p.Department, p.EmployeeID)
	c.join(HalfGroup, p.EmployeeID)
}

func (c *Company) join(group, id string) {
	i := slices.IndexFunc(c.Groups, func(g Group) bool { return g.Name == group })
	c.Groups[i].Members = append(c.Groups[i].Members, id)
}

func (c *Company) leave(group, id string) {
	i := slices.IndexFunc(c.Groups, func(g Group) bool { return g.Name == group })
	c.Groups[i].Members = slices.DeleteFunc(c.Groups[i].Members, func(m string) bool { return m == id })
}

func (c *Company) dismiss(gone map[string]bool) {
	c.People = slices.DeleteFunc(c.People, func(p Person) bool { return gone[p.EmployeeID] })
	for i := range c.Groups {
		c.Groups[i].Members = slices.DeleteFunc(c.Groups[i].Members, func(m string) bool { return gone[m] })
	}
}

func (c *Company) clone() *Company {
	out := &Company{People: slices.Clone(c.People), Groups: slices.Clone(c.Groups)}
	for i := range out.Groups {
		out.Groups[i].Members = slices.Clone(out.Groups[i].Members)
	}
	return out
}

// Package demo is the sample company of `rollcall demo` and the people of `rollcall bench`: as messy as real data about people, and the same on every
// run and machine. It makes CSV text only, so that what it shows went through the importer that users have; it touches no directory and no network.
package demo

import (
	"fmt"
	"strings"
)

const (
	// Domain is the sample company's domain. The top-level domain is reserved for examples (RFC 2606).
	Domain = "northwind.example"
	// CompanyName is everybody's companyName.
	CompanyName = "Northwind Smørrebrød, Ltd."
	// Key is the column that identifies a person: import the files with it, because user principal names change.
	Key = "employeeId"
	// DefaultPeople is the size of the company unless somebody asks for another.
	DefaultPeople = 1000
	// HalfGroup is the name of the group that holds every second person, and everybody whom a Story names.
	HalfGroup = "Vault Users"

	leastPeople = 24 // below that there are not enough people for a Story
	span        = 8  // people who report to one manager
	leaders     = 12 // members of the group "Leadership"
)

// Person is one row of the people file.
type Person struct {
	EmployeeID  string // unique, never changes
	UPN         string // unique, ASCII, in Domain
	DisplayName string
	GivenName   string
	Surname     string
	Mail        string // some have none
	Nickname    string
	Title       string
	Department  string
	City        string
	Country     string // ISO 3166-1 alpha-2
	Office      string
	Phone       string
	Language    string // BCP 47
	UserType    string
	Enabled     bool
	Manager     string // EmployeeID of the manager; empty: none
}

// Group is one group of the groups file.
type Group struct {
	Name    string
	Members []string // EmployeeIDs
	Nested  []string // names of groups below
}

// Company is the sample company on one day.
type Company struct {
	People []Person
	Groups []Group
}

// New returns the company of n people on the first day. 0 is DefaultPeople; fewer than 24 are made 24.
func New(n int) *Company {
	if n == 0 {
		n = DefaultPeople
	}
	n = max(n, leastPeople)
	c := &Company{People: make([]Person, 0, n)}
	places, taken := regions(), map[string]int{}
	for i := range n {
		c.People = append(c.People, hire(places, i, taken))
	}
	c.arrange()
	c.group()
	return c
}

// hire makes person i with a user principal name that nobody in taken has: namesakes get numbers, as administrators do it.
func hire(places []region, i int, taken map[string]int) Person {
	p, local := draw(places, i)
	taken[local]++
	if n := taken[local]; n > 1 {
		local = fmt.Sprintf("%s%d", local, n)
	}
	p.address(local)
	return p
}

// PersonAt returns person i of an endless company, made from i alone: no two share a user principal name or an employee id. The first 24 have no manager.
func PersonAt(i int) Person {
	p, local := draw(regions(), i)
	p.address(fmt.Sprintf("%s.%d", local, i))
	if i >= leastPeople {
		p.Manager = employeeID(i / span)
	}
	return p
}

// arrange gives everybody a manager and adds what real directories have: a loop of managers, namesakes, people without mail, disabled accounts.
func (c *Company) arrange() {
	for i := 1; i < len(c.People); i++ {
		c.People[i].Manager = c.People[(i-1)/span].EmployeeID
	}
	c.People[1].Manager, c.People[2].Manager = c.People[2].EmployeeID, c.People[1].EmployeeID
	twin, other := &c.People[len(c.People)-1], c.People[7]
	twin.GivenName, twin.Surname, twin.DisplayName = other.GivenName, other.Surname, other.DisplayName
	for i := range c.People {
		if i%41 == 13 {
			c.People[i].Mail = ""
		}
		c.People[i].Enabled = i%97 != 15
	}
}

// group makes a group of each department, of half the company and of the leaders, groups in groups, groups that hold each other, and an empty one.
func (c *Company) group() {
	all := Group{Name: "All Staff"}
	half := Group{Name: HalfGroup}
	lead := Group{Name: "Leadership", Nested: []string{"Steering Committee"}}
	members := map[string][]string{}
	for i, p := range c.People {
		members[p.Department] = append(members[p.Department], p.EmployeeID)
		if i%2 == 0 {
			half.Members = append(half.Members, p.EmployeeID)
		}
		if i < leaders {
			lead.Members = append(lead.Members, p.EmployeeID)
		}
	}
	for _, name := range departments() {
		all.Nested = append(all.Nested, name)
		c.Groups = append(c.Groups, Group{Name: name, Members: members[name]})
	}
	all.Nested = append(all.Nested, lead.Name)
	steering := Group{Name: "Steering Committee", Members: lead.Members[:3:3], Nested: []string{lead.Name}}
	c.Groups = append(c.Groups, all, half, lead, steering, Group{Name: "Project Ærø (planned)"})
}

// PeopleCSV is the people file: UTF-8, commas, one row a person.
func (c *Company) PeopleCSV() string {
	var b strings.Builder
	line(&b, "employeeId", "userPrincipalName", "displayName", "givenName", "surname", "mail", "mailNickname", "jobTitle", "department", "companyName",
		"city", "country", "physicalDeliveryOfficeName", "telephoneNumber", "preferredLanguage", "userType", "accountEnabled", "manager")
	for _, p := range c.People {
		line(&b, p.EmployeeID, p.UPN, p.DisplayName, p.GivenName, p.Surname, p.Mail, p.Nickname, p.Title, p.Department, CompanyName,
			p.City, p.Country, p.Office, p.Phone, p.Language, p.UserType, fmt.Sprint(p.Enabled), p.Manager)
	}
	return b.String()
}

// GroupsCSV is the groups file: one row a membership.
func (c *Company) GroupsCSV() string {
	var b strings.Builder
	line(&b, "displayName", "member")
	for _, g := range c.Groups {
		if len(g.Members)+len(g.Nested) == 0 {
			line(&b, g.Name, "")
		}
		for _, id := range g.Members {
			line(&b, g.Name, id)
		}
		for _, name := range g.Nested {
			line(&b, g.Name, "group:"+name)
		}
	}
	return b.String()
}

// line writes one row by RFC 4180.
func line(b *strings.Builder, values ...string) {
	for i, v := range values {
		if i > 0 {
			b.WriteByte(',')
		}
		if strings.ContainsAny(v, ",\"\r\n") {
			v = `"` + strings.ReplaceAll(v, `"`, `""`) + `"`
		}
		b.WriteString(v)
	}
	b.WriteByte('\n')
}

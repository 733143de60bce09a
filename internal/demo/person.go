package demo

import (
	"fmt"
	"strings"
)

// mix is splitmix64, a permutation of the 64-bit numbers: the same number for the same input on every run, machine and Go version.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9
	x = (x ^ (x >> 27)) * 0x94d049bb133111eb
	return x ^ (x >> 31)
}

func pick[T any](list []T, n uint64) T { return list[n%uint64(len(list))] }

func employeeID(i int) string { return fmt.Sprintf("%06d", i+417) } // leading zeros, as spreadsheets love to lose them

// draw makes person i, and the part of the address before the at sign that the name suggests. Everything follows from i.
func draw(places []region, i int) (p Person, local string) {
	h := mix(uint64(i) + 1)
	at := places[i%len(places)] // in turn, so that a small company has all of them
	given, surname := pick(at.given, h>>8), pick(at.surnames, h>>24)
	p = Person{
		EmployeeID: employeeID(i),
		GivenName:  given.native, Surname: surname.native, DisplayName: given.native + " " + surname.native,
		Title: pick(titles(), h>>40), Department: pick(departments(), h>>48),
		City: at.city, Country: at.country, Language: at.language, Office: fmt.Sprintf("%s %d.%02d", at.office, h%7+1, h>>3%60),
		Phone: fmt.Sprintf("%s %07d", at.dial, h>>16%10_000_000), UserType: "Member", Enabled: true,
	}
	if at.surnameFirst {
		p.DisplayName = surname.native + at.joint + given.native
	}
	if i%50 == 31 {
		p.UserType = "Contractor"
	}
	if i%29 == 5 {
		p.DisplayName += "  " // somebody's copy and paste; the importer trims it
	}
	return p, given.latin + "." + surname.latin
}

// address sets what follows from the local part of the address. Entra keeps the letter case that somebody once typed.
func (p *Person) address(local string) {
	p.UPN = local + "@" + Domain
	p.Mail = strings.ToUpper(local[:1]) + local[1:] + "@" + Domain
	p.Nickname = local
}

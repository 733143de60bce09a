package scimtest

import (
	"strings"

	"github.com/rollcall-id/rollcall/scim"
)

func filterTests() []suiteTest {
	return []suiteTest{
		{"users", filterUsers},
		{"refused", filterRefused},
		{"by membership", filterMembership},
		{"by what the server keeps", filterMeta},
		{"by text that nothing can hold", func(t reporter, c *client) {
			for _, literal := range []string{`\u0000`, `a\u0000b`, `\uffff`, `%`, `_`, `\\`, `'`, `";--`} {
				for _, attribute := range []string{"id", "displayName", "externalId", "members", "meta.version"} {
					if r := c.find("/Groups", attribute+` eq "`+literal+`"`); r.status >= 500 || r.status == 200 && r.at("totalResults") != 0.0 {
						t.Errorf("%s with %s: status %d\n%s", attribute, literal, r.status, r.raw)
					}
				}
			}
		}},
	}
}

// filterUsers asks for four people by their userNames a, b, c, d.
func filterUsers(t reporter, c *client) {
	const ext = scim.URNEnterpriseUser
	c.newUser("a", `"title":"Tester"`, `"externalId":"X1"`, `"name":{"familyName":"O'Neil","givenName":"Ann"}`,
		`"emails":[{"value":"ann@work.example","type":"work","primary":true},{"value":"ann@home.example","type":"home"}]`,
		`"`+ext+`":{"department":"R&D","employeeNumber":"0012","manager":{"value":"m-1"}}`)
	c.newUser("b", `"title":"tester II"`, `"active":false`, `"externalId":"x1"`, `"emails":[{"value":"bob@work.example","type":"work"}]`)
	c.newUser("c", `"title":"100% \"sure\""`, `"roles":[{"value":"admin","primary":true}]`, `"name":{"familyName":"Ångström"}`)
	c.newUser("d", `"`+ext+`":{"department":"r&d"}`)
	for _, test := range []struct{ filter, want string }{
		{`userName eq "A"`, "a"},
		{`USERNAME Eq "a"`, "a"},
		{scim.URNUser + `:userName eq "a"`, "a"},
		{`externalId eq "X1"`, "a"},
		{`externalId eq "x1"`, "b"},
		{`title eq "TESTER"`, "a"},
		{`title sw "test"`, "a b"},
		{`title co "STER"`, "a b"},
		{`title ew "ii"`, "b"},
		{`title co "100%"`, "c"},
		{`title co "1_0"`, ""},
		{`title eq "100% \"sure\""`, "c"},
		{`title pr`, "a b c"},
		{`not (title pr)`, "d"},
		{`title ne "tester"`, "b c d"},
		{`title eq null`, "d"},
		{`active eq true`, "a c d"},
		{`active eq "False"`, "b"},
		{`name.familyName eq "o'neil"`, "a"},
		{`name.familyName eq "ångström"`, "c"},
		{`name.familyName eq "A\u030angstro\u0308m"`, "c"},
		{`emails eq "bob@work.example"`, "b"},
		{`emails.value co "work"`, "a b"},
		{`emails.type eq "home" and emails.value co "work"`, "a"},
		{`emails[type eq "home" and value co "work"]`, ""},
		{`emails[type eq "work"]`, "a b"},
		{`emails[type eq "work" and primary eq true]`, "a"},
		{`emails[type eq "work"].value eq "ann@work.example"`, "a"},
		{`emails pr`, "a b"},
		{`emails.value ne "bob@work.example"`, "a"},
		{`not (emails.value eq "bob@work.example")`, "a c d"},
		{`roles[primary eq "True"].value eq "admin"`, "c"},
		{ext + `:department eq "R&D"`, "a d"},
		{ext + `:employeeNumber eq "0012"`, "a"},
		{ext + `:manager eq "m-1"`, "a"},
		{ext + `:manager.value eq "m-1"`, "a"},
		{`userName eq "a" or userName eq "b" and active eq true`, "a"},
		{`(userName eq "a" or userName eq "b") AND active eq false`, "b"},
		{`userName gt "b"`, "c d"},
		{`userName le "b"`, "a b"},
		{`schemas eq "` + ext + `"`, "a d"},
		{`userName eq "a" and (title eq "x" or (title co "t" and not (active eq false)))`, "a"},
	} {
		t.Run(test.filter, func(t reporter) {
			r := (&client{t: t, base: c.base}).find("/Users", test.filter).want(200)
			if got := strings.Join(r.names("userName"), " "); got != test.want {
				t.Errorf("found %q, want %q", got, test.want)
			}
		})
	}
}

func filterRefused(t reporter, c *client) {
	c.newUser("u1")
	for _, filter := range []string{
		`noSuchThing eq "x"`, `userName`, `userName eq`, `userName eq x`, `userName eq 'x'`, `userName is "x"`, `active gt true`, `active co "r"`,
		`active eq 5`, `name eq "x"`, `meta.created gt "yesterday"`, `password eq "x"`, `emails[type eq "work"`, `(userName pr`, `userName pr)`,
		`userName eq "a" and`, `urn:example:2.0:X:a eq "b"`, strings.Repeat("(", 100) + `userName pr` + strings.Repeat(")", 100),
		strings.TrimSuffix(strings.Repeat(`userName pr or `, 100), " or "), `userName eq "` + strings.Repeat("x", 5000) + `"`,
	} {
		t.Run(filter[:min(len(filter), 40)], func(t reporter) {
			(&client{t: t, base: c.base}).find("/Users", filter).want(400, scim.InvalidFilter)
		})
	}
}

func filterMembership(t reporter, c *client) {
	ids := c.people(3)
	g1 := c.newGroup("One", ids[0], ids[1]).id()
	g2 := c.newGroup("Two", ids[1], g1).id()
	for _, test := range []struct{ endpoint, filter, want string }{
		{"/Groups", `members eq "` + ids[1] + `"`, "One Two"},
		{"/Groups", `members.value eq "` + ids[0] + `"`, "One"},
		{"/Groups", `members[value eq "` + ids[0] + `"]`, "One"},
		{"/Groups", `id eq "` + g1 + `" and members eq "` + ids[0] + `"`, "One"},
		{"/Groups", `id eq "` + g2 + `" and members eq "` + ids[0] + `"`, ""},
		{"/Groups", `members.type eq "Group"`, "Two"},
		{"/Groups", `not (members eq "` + ids[0] + `")`, "Two"},
		{"/Users", `groups eq "` + g1 + `"`, "p001 p002"},
		{"/Users", `groups.value eq "` + g2 + `"`, "p001 p002"},
		{"/Users", `groups.value eq "` + g1 + `" and not (groups.value eq "` + g2 + `")`, ""},
		{"/Users", `groups.type eq "indirect"`, "p001"},
		{"/Users", `groups[value eq "` + g2 + `" and type eq "direct"]`, "p002"},
		{"/Users", `groups[display eq "two" and type eq "indirect"]`, "p001"},
		{"/Users", `not (groups pr)`, "p003"},
		{"/Users", `groups pr`, "p001 p002"},
		{"/Users", `groups.display eq "one"`, "p001 p002"},
	} {
		t.Run(test.filter, func(t reporter) {
			r := (&client{t: t, base: c.base}).find(test.endpoint, test.filter).want(200)
			member := "userName"
			if test.endpoint == "/Groups" {
				member = "displayName"
			}
			if got := strings.Join(r.names(member), " "); got != test.want {
				t.Errorf("%s: found %q, want %q", test.endpoint, got, test.want)
			}
		})
	}
}

func filterMeta(t reporter, c *client) {
	r := c.newUser("u1")
	created, _ := r.at("meta", "created").(string)
	for _, test := range []struct {
		filter string
		total  string
	}{
		{`id eq "` + r.id() + `"`, `1`},
		{`id eq "` + strings.ToUpper(r.id()) + `x"`, `0`},
		{`meta.resourceType eq "User"`, `1`},
		{`meta.lastModified gt "2011-05-13T04:42:34Z"`, `1`},
		{`meta.lastModified lt "2011-05-13T04:42:34+05:00"`, `0`},
		{`meta.created ge "` + created + `"`, `1`},
		{`meta.version eq "` + strings.ReplaceAll(r.header.Get("ETag"), `"`, `\"`) + `"`, `1`},
	} {
		t.Run(test.filter, func(t reporter) {
			(&client{t: t, base: c.base}).find("/Users", test.filter).want(200).is(test.total, "totalResults")
		})
	}
}

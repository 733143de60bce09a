package scimtest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rollcall-id/rollcall/scim"
)

func listTests() []suiteTest {
	return []suiteTest{
		{"pages", listPages},
		{"pages follow one another", listWalk},
		{"sorting", listSort},
		{"a search request is a query", listSearch},
		{"the root lists all types", listRoot},
		{"refused parameters", listRefused},
	}
}

func listPages(t reporter, c *client) {
	c.people(5)
	for _, test := range []struct {
		query              string
		start, page, total int
		first              string
	}{
		{"", 1, 5, 5, "p001"},
		{"?startIndex=1&count=2", 1, 2, 5, "p001"},
		{"?startIndex=3&count=2", 3, 2, 5, "p003"},
		{"?startIndex=5&count=2", 5, 1, 5, "p005"},
		{"?startIndex=101&count=100", 101, 0, 5, ""},
		{"?count=0", 1, 0, 5, ""},
		{"?count=-7", 1, 0, 5, ""},
		{"?startIndex=0&count=1", 1, 1, 5, "p001"},
		{"?startIndex=-3&count=1", 1, 1, 5, "p001"},
		{"?startindex=2&COUNT=1", 2, 1, 5, "p002"},
		{"?count=100000", 1, 5, 5, "p001"},
		{"?count=99999999999999999999", 1, 5, 5, "p001"},
		{"?filter=userName%20sw%20%22p00%22&count=2", 1, 2, 5, "p001"},
		{"?filter=userName%20eq%20%22nobody%22", 1, 0, 0, ""},
	} {
		t.Run(test.query, func(t reporter) {
			r := (&client{t: t, base: c.base}).get("/Users" + test.query).want(200)
			r.is(`["`+scim.URNListResponse+`"]`, "schemas")
			for member, want := range map[string]int{"startIndex": test.start, "itemsPerPage": test.page, "totalResults": test.total} {
				r.is(fmt.Sprint(want), member)
			}
			list, ok := r.body["Resources"].([]any)
			if !ok || len(list) != test.page {
				t.Fatalf("Resources is %v, want a list of %d", r.body["Resources"], test.page)
			}
			if got := append(r.names("userName"), "")[0]; got != test.first {
				t.Errorf("first of the page is %q, want %q", got, test.first)
			}
		})
	}
}

func listWalk(t reporter, c *client) {
	c.people(11)
	var seen []string
	for start := 1; start <= 11; start += 5 {
		r := c.get(fmt.Sprintf("/Users?startIndex=%d&count=5", start)).want(200).is(fmt.Sprint(start), "startIndex").is("11", "totalResults")
		seen = append(seen, r.names("userName")...)
	}
	if len(seen) != 11 || !slices.IsSorted(seen) || len(slices.Compact(slices.Clone(seen))) != 11 {
		t.Errorf("pages showed %v; want each of 11 people once, in the order of creation", seen)
	}
}

func listSort(t reporter, c *client) {
	c.newUser("c", `"title":"beta"`, `"name":{"familyName":"Young"}`, `"emails":[{"value":"z@x.example"},{"value":"a@x.example","primary":true}]`)
	c.newUser("a", `"title":"Alpha"`, `"name":{"familyName":"adams"}`, `"emails":[{"value":"m@x.example"}]`)
	c.newUser("d")
	c.newUser("b", `"title":"GAMMA"`, `"name":{"familyName":"Miller"}`, `"emails":[{"value":"b@x.example"}]`,
		`"`+scim.URNEnterpriseUser+`":{"employeeNumber":"7"}`)
	for _, test := range []struct{ query, want string }{
		{"sortBy=userName", "a b c d"},
		{"sortBy=USERNAME&sortOrder=DESCENDING", "d c b a"},
		{"sortBy=userName&sortOrder=ascending", "a b c d"},
		{"sortBy=title", "a c b d"},
		{"sortBy=title&sortOrder=descending", "d b c a"},
		{"sortBy=name.familyName", "a b c d"},
		{"sortBy=emails", "c b a d"},
		{"sortBy=" + scim.URNUser + ":userName", "a b c d"},
		{"sortBy=" + scim.URNEnterpriseUser + ":employeeNumber&count=1", "b"},
		{"sortBy=userName&startIndex=2&count=2", "b c"},
		{"sortBy=userName&filter=title%20pr", "a b c"},
	} {
		t.Run(test.query, func(t reporter) {
			r := (&client{t: t, base: c.base}).get("/Users?" + test.query).want(200)
			if got := strings.Join(r.names("userName"), " "); got != test.want {
				t.Errorf("order %q, want %q", got, test.want)
			}
		})
	}
}

func listSearch(_ reporter, c *client) {
	c.people(3)
	c.newGroup("p002")
	search := func(path, members string) *reply {
		return c.do("POST", path, object(scim.URNSearchRequest, members))
	}
	search("/Users/.search", `"filter":"userName eq \"P002\"","startIndex":1,"count":10`).want(200).
		is(`1`, "totalResults").is(`"p002"`, "Resources", 0, "userName")
	search("/Groups/.search", `"filter":"displayName co \"02\""`).want(200).is(`1`, "totalResults")
	search("/Users/.search", `"sortBy":"userName","sortOrder":"descending","count":1`).want(200).is(`"p003"`, "Resources", 0, "userName").is(`3`, "totalResults")
	search("/Users/.search", `"excludedAttributes":["userName"],"count":"1"`).want(200).is(absent, "Resources", 0, "userName").is(`1`, "itemsPerPage")
	search("/.search", `"count":10`).want(200).is(`4`, "totalResults")
	search("/.search", `"filter":"meta.resourceType eq \"Group\""`).want(200).is(`1`, "totalResults").is(`"p002"`, "Resources", 0, "displayName")
	search("/Users/.search", `"filter":"userName like \"x\""`).want(400, scim.InvalidFilter)
	search("/Users/.search", `"filter":5.5`).want(400, scim.InvalidFilter)
	search("/Users/.search", `"attributes":[5]`).want(400, scim.InvalidValue)
	c.do("POST", "/Users/.search", `{"filter":"userName pr"}`).want(400, scim.InvalidSyntax)
	c.do("POST", "/Users/.search", `[]`).want(400, scim.InvalidSyntax)
	c.get("/Users/.search").want(405)
}

func listRoot(t reporter, c *client) {
	c.newUser("ann", `"displayName":"Blue"`)
	c.newUser("bob")
	c.newGroup("Blue")
	c.newGroup("Red")
	c.get("/").want(200).is(`4`, "totalResults").is(`4`, "itemsPerPage")
	c.get("").want(200).is(`4`, "totalResults")
	for _, test := range []struct {
		filter string
		total  int
	}{
		{`meta.resourceType eq "User"`, 2},
		{`meta.resourceType eq "Group"`, 2},
		{`displayName eq "blue"`, 2},
		{`userName eq "ann"`, 1},
		{`userName eq "ann" or displayName eq "red"`, 2},
		{`id pr`, 4},
	} {
		r := c.find("/", test.filter).want(200)
		if got := r.at("totalResults"); got != float64(test.total) {
			t.Errorf("%s: totalResults %v, want %d", test.filter, got, test.total)
		}
	}
	c.find("/", `noSuchThing eq "x"`).want(400, scim.InvalidFilter)
	var seen []any
	for start := 1; start <= 4; start += 2 {
		r := c.get(fmt.Sprintf("/?startIndex=%d&count=2", start)).want(200).is(`2`, "itemsPerPage").is(`4`, "totalResults")
		seen = append(seen, r.at("Resources", 0, "id"), r.at("Resources", 1, "id"))
	}
	if seen[0] == seen[2] || seen[1] == seen[3] || slices.Contains(seen, nil) {
		t.Errorf("two pages over all types showed %v; want four different ids", seen)
	}
}

func listRefused(t reporter, c *client) {
	c.newUser("u1")
	for _, test := range []struct{ query, scimType string }{
		{"startIndex=one", scim.InvalidValue},
		{"count=1.5", scim.InvalidValue},
		{"sortOrder=sideways&sortBy=userName", scim.InvalidValue},
		{"sortBy=noSuchThing", scim.InvalidValue},
		{"filter=", scim.InvalidFilter},
		{"filter=userName+eq+%22a%22&filter=userName+pr", scim.InvalidValue},
		{"filter=%zz", scim.InvalidValue},
	} {
		t.Run(test.query, func(t reporter) {
			(&client{t: t, base: c.base}).get("/Users?"+test.query).want(400, test.scimType)
		})
	}
}

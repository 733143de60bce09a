package scimtest

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/rollcall-id/rollcall/scim"
)

// cursorTests are those of RFC 9865.
func cursorTests() []suiteTest {
	return []suiteTest{
		{"pages follow one another", cursorWalk},
		{"pages lead back", cursorBack},
		{"every kind of sort key", cursorSort},
		{"people come and go between pages", cursorMoving},
		{"everybody before a page is gone", cursorGone},
		{"all types", cursorRoot},
		{"a search request", cursorSearch},
		{"a long sort key", cursorLong},
		{"count", cursorCount},
		{"refused", cursorRefused},
		{"every byte counts", cursorTampered},
	}
}

// walk follows a member (nextCursor, previousCursor) from the page of users that cursor leads to and returns the user names of each page.
func (c *client) walk(query, cursor, member string) (pages [][]string) {
	c.t.Helper()
	for range 100 {
		r := c.page("/Users", query, cursor)
		pages = append(pages, r.names("userName"))
		if cursor, _ = r.at(member).(string); cursor == "" {
			return pages
		}
	}
	c.t.Fatalf("/Users?%s: the list does not end", query)
	return nil
}

func (c *client) page(path, query, cursor string) *reply {
	c.t.Helper()
	r := c.get(path+"?"+query+"&cursor="+cursor).want(200).is(absent, "startIndex").is(`["`+scim.URNListResponse+`"]`, "schemas")
	list, _ := r.at("Resources").([]any)
	r.is(fmt.Sprint(len(list)), "itemsPerPage")
	for _, member := range []string{"nextCursor", "previousCursor"} {
		if text, _ := r.at(member).(string); strings.ContainsFunc(text, func(c rune) bool { return !unreserved(c) }) {
			c.t.Errorf("%s: %s %q has characters that a URI has to escape", r.request, member, text)
		}
	}
	return r
}

func unreserved(c rune) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("-._~", c)
}

func cursorWalk(t reporter, c *client) {
	c.people(7)
	for _, test := range []struct{ query, want string }{
		{"count=3", "[[p001 p002 p003] [p004 p005 p006] [p007]]"},
		{"count=7", "[[p001 p002 p003 p004 p005 p006 p007]]"},
		{"", "[[p001 p002 p003 p004 p005 p006 p007]]"},
		{"count=1&filter=" + url.QueryEscape(`userName gt "p005"`), "[[p006] [p007]]"},
		{"filter=" + url.QueryEscape(`userName eq "nobody"`), "[[]]"},
		{"count=4&sortBy=userName&sortOrder=descending", "[[p007 p006 p005 p004] [p003 p002 p001]]"},
		{"count=1&filter=" + url.QueryEscape(`userName eq "P003"`) + "&attributes=userName", "[[p003]]"},
	} {
		if got := fmt.Sprint(c.walk(test.query, "", "nextCursor")); got != test.want {
			t.Errorf("%s: pages %s, want %s", test.query, got, test.want)
		}
	}
	c.get("/Users?cursor&count=2").want(200).is(absent, "startIndex").is(`2`, "itemsPerPage").is(`7`, "totalResults").is(absent, "previousCursor")
	c.get("/Users?count=2").want(200).is(`1`, "startIndex").is(absent, "nextCursor") // index paging stays the default
}

func cursorBack(t reporter, c *client) {
	c.people(7)
	for _, query := range []string{"count=3", "count=3&sortBy=userName", "count=2&sortBy=userName&sortOrder=descending", "count=3&sortBy=title", "count=1"} {
		forth := c.walk(query, "", "nextCursor")
		r := c.page("/Users", query, "").is(absent, "previousCursor")
		for range len(forth) - 1 {
			next, _ := r.at("nextCursor").(string)
			r = c.page("/Users", query, next).is(`7`, "totalResults")
		}
		r.is(absent, "nextCursor")
		previous, _ := r.at("previousCursor").(string)
		back := c.walk(query, previous, "previousCursor")
		slices.Reverse(back)
		if got, want := fmt.Sprint(back), fmt.Sprint(forth[:len(forth)-1]); got != want {
			t.Errorf("%s: back again pages are %s, want %s", query, got, want)
		}
		page := c.page("/Users", query, previous) // and on from a page that was reached backwards
		next, _ := page.at("nextCursor").(string)
		if got, want := fmt.Sprint(c.walk(query, next, "nextCursor")), fmt.Sprint(forth[len(forth)-1:]); got != want {
			t.Errorf("%s: on from the page before the last come %s, want %s", query, got, want)
		}
	}
}

func cursorSort(t reporter, c *client) {
	for i, members := range []string{
		`"title":"beta","active":true,"emails":[{"value":"z@x.example"},{"value":"a@x.example","primary":true}],"externalId":"B"`,
		`"title":"Beta","active":false,"emails":[{"value":"m@x.example"}],"externalId":"b"`,
		`"title":"Ångström","externalId":"a"`,
		`"active":true`,
		`"title":"ångström","name":{"familyName":"O'Neil \\ \"x\""},"x509Certificates":[{"value":"AQID"}],"profileUrl":"https://p.example/b"`,
		`"title":"alpha","active":true,"profileUrl":"https://p.example/a","x509Certificates":[{"value":"AAAA"}]`,
	} {
		c.newUser(fmt.Sprintf("u%d", i), members)
	}
	for _, by := range []string{
		"userName", "title", "active", "emails", "emails.primary", "externalId", "name.familyName", "profileUrl", "x509Certificates", "id", "meta.created",
		"meta.lastModified", "meta.version", "meta.resourceType", "displayName", scim.URNEnterpriseUser + ":manager",
	} {
		for _, order := range []string{"ascending", "descending"} {
			query := "sortBy=" + by + "&sortOrder=" + order
			want := fmt.Sprint(c.get("/Users?" + query).want(200).names("userName"))
			for count := 1; count <= 4; count++ {
				forth := c.walk(fmt.Sprintf("%s&count=%d", query, count), "", "nextCursor")
				if got := fmt.Sprint(slices.Concat(forth...)); got != want {
					t.Errorf("%s by %d: %s, want %s as by index", query, count, got, want)
				}
			}
		}
	}
}

func cursorMoving(t reporter, c *client) {
	ids := c.people(6)
	for _, query := range []string{"count=2", "count=2&sortBy=userName"} {
		r := c.page("/Users", query, "")
		seen := r.names("userName")
		c.do("DELETE", "/Users/"+ids[0], "").want(204) // seen; by index, everybody would move up and one be skipped
		c.do("DELETE", "/Users/"+ids[1], "").want(204) // seen, and where the next page begins
		late := c.newUser("p999").id()
		next, _ := r.at("nextCursor").(string)
		for _, page := range c.walk(query, next, "nextCursor") {
			seen = append(seen, page...)
		}
		if got := fmt.Sprint(seen); got != "[p001 p002 p003 p004 p005 p006 p999]" {
			t.Errorf("%s: saw %s", query, got)
		}
		c.do("DELETE", "/Users/"+late, "").want(204)
		for i, name := range []string{"p001", "p002"} {
			ids[i] = c.newUser(name).id()
		}
		if strings.Contains(query, "sortBy") {
			continue
		}
		for i, id := range ids { // everybody again in the order of their names
			c.do("DELETE", "/Users/"+id, "").want(204)
			ids[i] = c.newUser(fmt.Sprintf("p%03d", i+1)).id()
		}
	}
}

func cursorGone(t reporter, c *client) {
	ids := c.people(4)
	r := c.page("/Users", "count=2", "")
	next, _ := r.at("nextCursor").(string)
	last := c.page("/Users", "count=2", next)
	back, _ := last.at("previousCursor").(string)
	for _, id := range ids[:2] {
		c.do("DELETE", "/Users/"+id, "").want(204)
	}
	empty := c.page("/Users", "count=2", back).is(`[]`, "Resources").is(absent, "previousCursor")
	on, _ := empty.at("nextCursor").(string)
	if got := fmt.Sprint(c.walk("count=2", on, "nextCursor")); got != "[[p003 p004]]" {
		t.Errorf("on from an empty page: %s", got)
	}
	c.newUser("p005")
	for _, id := range ids[2:] {
		c.do("DELETE", "/Users/"+id, "").want(204)
	}
	if got := fmt.Sprint(c.walk("count=2", next, "nextCursor")); got != "[[p005]]" {
		t.Errorf("behind people who are gone: %s", got)
	}
}

func cursorRoot(t reporter, c *client) {
	c.people(3)
	for _, name := range []string{"g1", "g2", "g3", "g4"} {
		c.newGroup(name)
	}
	for count := 1; count <= 8; count++ {
		query := fmt.Sprintf("count=%d", count)
		forth := c.rootWalk(query, "", "nextCursor")
		if got := strings.Join(slices.Concat(forth...), " "); got != "p001 p002 p003 g1 g2 g3 g4" || len(forth) != (7+count-1)/count {
			t.Errorf("%s: %v", query, forth)
			continue
		}
		r := c.page("/", query, "").is(absent, "previousCursor")
		for range len(forth) - 1 {
			next, _ := r.at("nextCursor").(string)
			r = c.page("/", query, next).is(`7`, "totalResults")
		}
		previous, _ := r.is(absent, "nextCursor").at("previousCursor").(string)
		if len(forth) == 1 {
			continue
		}
		back := c.rootWalk(query, previous, "previousCursor")
		slices.Reverse(back)
		if got, want := fmt.Sprint(back), fmt.Sprint(forth[:len(forth)-1]); got != want {
			t.Errorf("%s: back %s, want %s", query, got, want)
		}
	}
	c.get("/?cursor&sortBy=id").want(400, scim.InvalidValue)
}

// rootWalk is walk over all types: users by userName, groups by displayName.
func (c *client) rootWalk(query, cursor, member string) (pages [][]string) {
	c.t.Helper()
	for range 100 {
		r := c.page("/", query, cursor)
		names := r.names("userName")
		for i, name := range r.names("displayName") {
			if names[i] == "" {
				names[i] = name
			}
		}
		pages = append(pages, names)
		if cursor, _ = r.at(member).(string); cursor == "" {
			return pages
		}
	}
	c.t.Fatalf("?%s: the list does not end", query)
	return nil
}

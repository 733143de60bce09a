package scimtest

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/rollcall-id/rollcall/scim"
)

func cursorSearch(_ reporter, c *client) {
	c.people(3)
	ask := func(path, cursor string) *reply {
		return c.do("POST", path, object(scim.URNSearchRequest, `"count":2,"filter":"userName pr","cursor":`+quote(cursor)))
	}
	for _, path := range []string{"/Users/.search", "/.search"} {
		r := ask(path, "").want(200).is(`3`, "totalResults").is(`2`, "itemsPerPage").is(absent, "startIndex").is(absent, "previousCursor")
		next, _ := r.at("nextCursor").(string)
		ask(path, next).want(200).is(`"p003"`, "Resources", 0, "userName").is(absent, "nextCursor")
		ask(path, next[1:]).want(400, scim.InvalidCursor)
	}
	r := ask("/Users/.search", "")
	next, _ := r.at("nextCursor").(string)
	c.page("/Users", "count=2&filter=userName+pr", next).is(`"p003"`, "Resources", 0, "userName") // the same query, asked in another way
}

// cursorLong: what people write into their attributes must not make cursors that no URL can hold.
func cursorLong(t reporter, c *client) {
	long := strings.Repeat("Ǆ€", 10_000)
	for i := range 4 {
		c.newUser(fmt.Sprintf("u%d", i), `"title":`+quote(long+fmt.Sprint(i)))
	}
	for _, order := range []string{"ascending", "descending"} {
		query := "attributes=userName&sortBy=title&count=1&sortOrder=" + order
		next, _ := c.page("/Users", query, "").at("nextCursor").(string)
		if len(next) > 2000 {
			t.Errorf("a cursor of %d characters", len(next))
		}
		seen := map[string]bool{}
		for _, page := range c.walk(query, "", "nextCursor") {
			for _, name := range page {
				seen[name] = true
			}
		}
		if len(seen) != 4 {
			t.Errorf("%s: saw %v, want all four", query, seen)
		}
	}
}

func cursorCount(t reporter, c *client) {
	c.people(3)
	next, _ := c.page("/Users", "count=1", "").at("nextCursor").(string)
	c.get("/Users?count=2&cursor="+next).want(400, scim.InvalidCount)
	c.get("/Users?count=x&cursor="+next).want(400, scim.InvalidValue)
	c.page("/Users", "", next).is(`1`, "itemsPerPage") // the cursor knows it
	c.page("/Users", "count=0", "").is(`3`, "totalResults").is(`[]`, "Resources").is(absent, "nextCursor")
	c.page("/Users", "count=-1", "").is(`3`, "totalResults").is(absent, "nextCursor")
	c.page("/Users", "count=100000", "").is(`3`, "itemsPerPage")
	c.get("/Users?cursor&startIndex=1").want(400, scim.InvalidValue)
	c.get("/Users?count=1&startIndex=1&cursor="+next).want(400, scim.InvalidValue)
	c.get("/Users?cursor=&cursor=").want(400, scim.InvalidValue)
	if r := c.get("/Users?cursor=" + next + "&count=1&unknown=1").want(200); len(r.names("userName")) != 1 {
		t.Errorf("an unknown parameter changed the page: %s", r.raw)
	}
}

func cursorRefused(t reporter, c *client) {
	c.people(3)
	c.newGroup("g1")
	c.newGroup("g2")
	filter := "&filter=" + url.QueryEscape(`userName pr`)
	first := c.page("/Users", "count=1&sortBy=userName&attributes=userName"+filter, "")
	next, _ := first.at("nextCursor").(string)
	plain, _ := c.page("/Users", "count=1", "").at("nextCursor").(string)
	detail := ""
	for _, request := range []string{
		"/Users?count=1&cursor=" + next,
		"/Users?count=1&sortBy=userName&attributes=userName&cursor=" + next,
		"/Users?count=1&sortBy=userName" + filter + "&cursor=" + next,
		"/Users?count=1&sortBy=userName&excludedAttributes=userName" + filter + "&cursor=" + next,
		"/Users?count=1&sortBy=userName&attributes=userName,title" + filter + "&cursor=" + next,
		"/Users?count=1&sortBy=id&attributes=userName" + filter + "&cursor=" + next,
		"/Users?count=1&sortBy=userName&sortOrder=descending&attributes=userName" + filter + "&cursor=" + next,
		"/Users?count=1&sortBy=userName&attributes=userName&filter=" + url.QueryEscape(`userName  pr`) + "&cursor=" + next,
		"/Groups?count=1&cursor=" + plain,
		"/?count=1&cursor=" + plain,
		"/Users?count=1&cursor=x",
		"/Users?count=1&cursor=" + plain + "A",
		"/Users?count=1&cursor=" + plain[1:],
		"/Users?count=1&cursor=" + plain + "%0A",
		"/Users?count=1&cursor=%00%ff",
		"/Users?count=1&cursor=" + strings.Repeat("A", 6000),
	} {
		r := c.get(request).want(400, scim.InvalidCursor)
		if got, _ := r.at("detail").(string); detail == "" {
			detail = got
		} else if got != detail {
			t.Errorf("%s: detail %q differs from %q: it tells one reason from another", request, got, detail)
		}
	}
	c.page("/Users", "count=1&sortBy=userName&attributes=userName"+filter, next)
}

func cursorTampered(t reporter, c *client) {
	c.people(2)
	next, _ := c.page("/Users", "count=1", "").at("nextCursor").(string)
	for i := range next {
		for _, other := range []byte{'A', 'Q', next[i] ^ 1, '~', '-'} {
			forged := []byte(next)
			forged[i] = other
			if string(forged) == next || !unreserved(rune(other)) {
				continue
			}
			if r := c.get("/Users?count=1&cursor=" + string(forged)); r.status != 400 || r.at("scimType") != scim.InvalidCursor {
				t.Fatalf("byte %d changed to %q: status %d, %v", i, other, r.status, r.at("scimType"))
			}
		}
	}
	c.page("/Users", "count=1", next).is(`"p002"`, "Resources", 0, "userName")
}

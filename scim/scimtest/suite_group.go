package scimtest

import (
	"fmt"
	"sort"
	"strings"
	"sync"

	"github.com/rollcall-id/rollcall/scim"
)

func groupTests() []suiteTest {
	return []suiteTest{
		{"members and groups show each other", groupBothWays},
		{"groups in groups", groupNested},
		{"member operations", groupOperations},
		{"refused member operations change nothing", groupRefused},
		{"excludedAttributes=members", groupExcluded},
		{"concurrent changes of members are all kept", groupConcurrent},
		{"a big group", groupBig},
	}
}

func groupBothWays(_ reporter, c *client) {
	user := c.newUser("u1").id()
	inner := c.newGroup("Inner", user)
	inner.is(`[{"value":`+quote(user)+`,"$ref":`+quote(c.base+"/Users/"+user)+`,"type":"User"}]`, "members")
	outer := c.newGroup("Outer", inner.id(), inner.id())
	outer.is(`"Group"`, "members", 0, "type").is(quote(c.base+"/Groups/"+inner.id()), "members", 0, "$ref").is(absent, "members", 1)
	reached := func(g *reply, name, how string) string {
		return `{"value":` + quote(g.id()) + `,"$ref":` + quote(c.base+"/Groups/"+g.id()) + `,"display":` + quote(name) + `,"type":` + quote(how) + `}`
	}
	first, second := reached(inner, "Inner", "direct"), reached(outer, "Outer", "indirect")
	if outer.id() < inner.id() {
		first, second = second, first
	}
	c.get("/Users/"+user).want(200).is("["+first+","+second+"]", "groups")
	c.get("/Groups/"+inner.id()+"?attributes=members.display").want(200).is(`[{"display":"u1"}]`, "members") // shown on request only
	c.get("/Users?attributes=userName").want(200).is(absent, "Resources", 0, "groups")
	c.get("/Users").want(200).is("["+first+","+second+"]", "Resources", 0, "groups")
}

// groupNested follows a user through groups in groups, in loops, and by several ways.
func groupNested(t reporter, c *client) {
	user := c.newUser("u1").id()
	a := c.newGroup("A", user).id()
	b := c.newGroup("B", a).id()
	d := c.newGroup("C", b, user).id()
	shown := func(t reporter, want string) {
		t.Helper()
		var got []string
		groups, _ := c.get("/Users/" + user).want(200).at("groups").([]any)
		for _, g := range groups {
			g, _ := g.(map[string]any)
			got = append(got, fmt.Sprint(g["display"], " ", g["type"]))
		}
		sort.Strings(got)
		if s := strings.Join(got, ", "); s != want {
			t.Errorf("the user's groups are %s; want %s", s, want)
		}
	}
	shown(t, "A direct, B indirect, C direct")
	c.patch("/Groups/"+a, `{"op":"add","path":"members","value":[{"value":"`+d+`"},{"value":"`+a+`"}]}`).want(200) // a loop, and a group in itself
	shown(t, "A direct, B indirect, C direct")
	c.patch("/Groups/"+d, `{"op":"remove","path":"members[value eq \"`+user+`\"]"}`).want(200)
	shown(t, "A direct, B indirect, C indirect")
	c.do("DELETE", "/Groups/"+b, "").want(204)
	shown(t, "A direct")
	c.find("/Users", `groups.value eq "`+d+`"`).want(200).is("0", "totalResults")
	c.patch("/Groups/"+a, `{"op":"remove","path":"members[value eq \"`+user+`\"]"}`).want(200)
	shown(t, "")
}

func groupOperations(t reporter, c *client) {
	ids := c.people(4)
	a, b, d := ids[0], ids[1], ids[2]
	for i, test := range []struct {
		name   string
		before []string
		op     string
		want   []string
	}{
		{"add", []string{a}, `{"op":"Add","path":"members","value":[{"$ref":null,"value":"` + b + `"}]}`, []string{a, b}},
		{"add several", nil, `{"op":"add","path":"members","value":[{"value":"` + a + `"},{"value":"` + b + `"}]}`, []string{a, b}},
		{"add without a path", []string{a}, `{"op":"add","value":{"members":[{"value":"` + b + `"}]}}`, []string{a, b}},
		{"add who is there", []string{a, b}, `{"op":"add","path":"members","value":[{"value":"` + b + `"}]}`, []string{a, b}},
		{"add one object", []string{a}, `{"op":"add","path":"members","value":{"value":"` + b + `"}}`, []string{a, b}},
		{"remove by list", []string{a, b}, `{"op":"Remove","path":"members","value":[{"$ref":null,"value":"` + a + `"}]}`, []string{b}},
		{"remove by filter", []string{a, b}, `{"op":"remove","path":"members[value eq \"` + a + `\"]"}`, []string{b}},
		{"remove who is not there", []string{a}, `{"op":"remove","path":"members[value eq \"` + b + `\"]"}`, []string{a}},
		{"remove who does not exist", []string{a}, `{"op":"Remove","path":"members","value":[{"value":"nobody"}]}`, []string{a}},
		{"remove by an empty list", []string{a}, `{"op":"remove","path":"members","value":[]}`, []string{a}},
		{"remove all", []string{a, b}, `{"op":"remove","path":"members"}`, nil},
		{"replace", []string{a, b}, `{"op":"replace","path":"members","value":[{"value":"` + b + `"},{"value":"` + d + `"}]}`, []string{b, d}},
		{"replace without a path", []string{a, b}, `{"op":"replace","value":{"members":[{"value":"` + d + `"}],"externalId":"x"}}`, []string{d}},
		{"replace by nothing", []string{a}, `{"op":"replace","path":"members","value":[]}`, nil},
		{"remove and add", []string{a},
			`{"op":"remove","path":"members","value":[{"value":"` + a + `"}]},{"op":"add","path":"members","value":[{"value":"` + d + `"}]}`,
			[]string{d}},
		{"by type", []string{a, b}, `{"op":"remove","path":"members[type eq \"User\"]"}`, nil},
	} {
		t.Run(test.name, func(t reporter) {
			c := &client{t: t, base: c.base}
			path := "/Groups/" + c.newGroup(fmt.Sprintf("G%d", i), test.before...).id()
			c.patch(path, test.op).want(200)
			got, _ := c.get(path).want(200).at("members").([]any)
			members := make(map[string]bool)
			for _, m := range got {
				members[memberID(m)] = true
			}
			if len(got) != len(test.want) {
				t.Errorf("%d members, want %d", len(got), len(test.want))
			}
			for _, id := range test.want {
				if !members[id] {
					t.Errorf("%s is not a member; members are %v", id, members)
				}
			}
		})
	}
}

func groupRefused(t reporter, c *client) {
	id := c.newUser("u1").id()
	path := "/Groups/" + c.newGroup("G", id).id()
	before := c.get(path).want(200)
	for _, test := range []struct{ name, op, scimType string }{
		{"unknown member", `{"op":"replace","path":"displayName","value":"H"},{"op":"add","path":"members","value":[{"value":"nobody"}]}`, scim.InvalidValue},
		{"value of a member changed", `{"op":"replace","path":"members[value eq \"` + id + `\"].value","value":"x"}`, scim.Mutability},
		{"displayName removed", `{"op":"remove","path":"displayName"}`, scim.Mutability},
		{"replaced by an unknown member", `{"op":"replace","path":"members","value":[{"value":"nobody"}]}`, scim.InvalidValue},
	} {
		t.Run(test.name, func(t reporter) {
			c := &client{t: t, base: c.base}
			c.patch(path, test.op).want(400, test.scimType)
			if got := c.get(path).want(200).raw; got != before.raw {
				t.Errorf("the group became %s", got)
			}
		})
	}
}

func groupExcluded(_ reporter, c *client) {
	id := c.newUser("u1").id()
	group := c.newGroup("My Group", id)
	path := "/Groups/" + group.id() + "?excludedAttributes=members"
	c.get(path).want(200).is(absent, "members").is(`"My Group"`, "displayName")
	c.get("/Groups?excludedAttributes=members&filter=displayName+eq+%22my+group%22").want(200).
		is(`1`, "totalResults").is(absent, "Resources", 0, "members").is(quote(group.id()), "Resources", 0, "id")
	c.patch(path, `{"op":"replace","path":"externalId","value":"E"}`).want(200).is(absent, "members").is(`"E"`, "externalId")
	c.get("/Groups/"+group.id()).is(quote(id), "members", 0, "value")
}

func groupConcurrent(t reporter, c *client) {
	ids := c.people(16)
	path := "/Groups/" + c.newGroup("G", ids[:8]...).id()
	var wait sync.WaitGroup
	for i, id := range ids {
		wait.Go(func() {
			op := `{"op":"Add","path":"members","value":[{"value":"` + id + `"}]}`
			if i < 8 {
				op = `{"op":"Remove","path":"members","value":[{"value":"` + id + `"}]}`
			}
			if r := c.patch(path, op); r.status != 200 {
				t.Errorf("PATCH %d: status %d: %s", i, r.status, r.raw)
			}
		})
	}
	wait.Wait()
	members, _ := c.get(path).want(200).at("members").([]any)
	if len(members) != 8 {
		t.Fatalf("%d members after 8 removals and 8 additions at once, want 8", len(members))
	}
	for _, m := range members {
		for _, gone := range ids[:8] {
			if memberID(m) == gone {
				t.Errorf("%s was removed and is a member", gone)
			}
		}
	}
}

// groupBig checks that a group with more members than a page of anything keeps them all when one changes.
func groupBig(t reporter, c *client) {
	ids := c.people(301)
	path := "/Groups/" + c.newGroup("G", ids[:300]...).id()
	r := c.patch(path, `{"op":"add","path":"members","value":[{"value":"`+ids[300]+`"}]}`)
	if r.status != 200 && r.status != 204 {
		t.Fatalf("PATCH of a big group: status %d\n%s", r.status, r.raw)
	}
	if r.status == 204 && (r.header.Get("ETag") == "" || r.header.Get("Content-Location") == "") {
		t.Errorf("204 without ETag or Content-Location: %v", r.header)
	}
	full := c.get(path).want(200)
	if members, _ := full.at("members").([]any); len(members) != 301 {
		t.Errorf("%d members, want 301", len(members))
	}
	if r.header.Get("ETag") != full.header.Get("ETag") {
		t.Errorf("PATCH answered with ETag %s and GET with %s", r.header.Get("ETag"), full.header.Get("ETag"))
	}
	removal := object(scim.URNPatchOp, `"Operations":[{"op":"remove","path":"members[value eq \"`+ids[0]+`\"]"}]`)
	asked := c.do("PATCH", path+"?attributes=members", removal).want(200)
	if members, _ := asked.at("members").([]any); len(members) != 300 {
		t.Errorf("a PATCH that asks for members showed %d, want 300", len(members))
	}
}

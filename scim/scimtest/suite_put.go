package scimtest

import (
	"github.com/rollcall-id/rollcall/scim"
)

func putTests() []suiteTest {
	return []suiteTest{
		{"what is omitted is cleared, but for active", putOmitted},
		{"refused", putRefused},
		{"it never creates", func(_ reporter, c *client) {
			c.do("PUT", "/Users/nobody", `{"userName":"u1"}`).want(404)
			c.get("/Users").is(`0`, "totalResults")
		}},
		{"the id in the body is ignored", func(t reporter, c *client) {
			id := c.newUser("u1").id()
			if got := c.do("PUT", "/Users/"+id, `{"id":"another","userName":"u2"}`).want(200).is(`"u2"`, "userName").id(); got != id {
				t.Errorf("the id became %q", got)
			}
		}},
		{"members of a group", putMembers},
	}
}

func putOmitted(_ reporter, c *client) {
	const ext = scim.URNEnterpriseUser
	path := "/Users/" + c.newUser("u1", `"title":"T"`, `"active":false`, `"emails":[{"value":"a@x.example"}]`, `"`+ext+`":{"department":"D"}`).id()
	c.do("PUT", path, `{"userName":"u1","displayName":"New","misspelt":"x"}`).want(200)
	c.get(path).want(200).is(`"New"`, "displayName").is(absent, "title").is(absent, "emails").is(absent, ext).is(`false`, "active").is(absent, "misspelt")
	c.do("PUT", path, `{"userName":"u1","active":true}`).want(200).is(`true`, "active").is(absent, "displayName")
}

func putRefused(t reporter, c *client) {
	path := "/Users/" + c.newUser("u1", `"title":"T"`).id()
	for _, test := range []struct{ name, body, scimType string }{
		{"no userName", `{"title":"X"}`, scim.InvalidValue},
		{"two primaries", `{"userName":"u1","emails":[{"value":"1","primary":true},{"value":"2","primary":true}]}`, scim.InvalidValue},
		{"garbage", `{"userName":"u1"`, scim.InvalidSyntax},
		{"nothing", ``, scim.InvalidSyntax},
	} {
		t.Run(test.name, func(t reporter) {
			(&client{t: t, base: c.base}).do("PUT", path, test.body).want(400, test.scimType)
		})
	}
	c.get(path).is(`"T"`, "title")
}

func putMembers(_ reporter, c *client) {
	ids := c.people(3)
	path := "/Groups/" + c.newGroup("G", ids[0], ids[1]).id()
	c.do("PUT", path, `{"displayName":"G2","members":[{"value":"`+ids[1]+`","display":null},{"value":"`+ids[2]+`"}]}`).want(200).
		is(`"G2"`, "displayName").is(absent, "members", 2)
	c.find("/Groups", `members eq "`+ids[0]+`"`).is(`0`, "totalResults")
	c.find("/Groups", `members eq "`+ids[2]+`"`).is(`1`, "totalResults")
	c.do("PUT", path, `{"displayName":"G3","members":[{"value":"nobody"}]}`).want(400, scim.InvalidValue)
	c.get(path).is(`"G2"`, "displayName").is(absent, "members", 2)
	c.do("PUT", path, `{"displayName":"G2"}`).want(200).is(absent, "members", 0)
	c.find("/Groups", `members pr`).is(`0`, "totalResults")
}

func deleteTests() []suiteTest {
	return []suiteTest{
		{"a user is gone everywhere", deleteUser},
		{"a group is gone, its members stay", func(_ reporter, c *client) {
			id := c.newUser("u1").id()
			group := c.newGroup("G", id).id()
			c.do("DELETE", "/Groups/"+group, "").want(204)
			c.do("DELETE", "/Groups/"+group, "").want(404)
			c.get("/Users/"+id).want(200).is(absent, "groups")
			c.newGroup("G")
		}},
	}
}

func deleteUser(t reporter, c *client) {
	ids := c.people(2)
	group := c.newGroup("G", ids...)
	path := "/Users/" + ids[0]
	if r := c.do("DELETE", path, "").want(204); r.raw != "" {
		t.Errorf("DELETE answered with the body %q", r.raw)
	}
	c.get(path).want(404)
	c.do("PUT", path, `{"userName":"p001"}`).want(404)
	c.patch(path, `{"op":"replace","path":"active","value":true}`).want(404)
	c.do("DELETE", path, "").want(404)
	c.get("/Users").is(`1`, "totalResults")
	c.find("/Users", `userName eq "p001"`).is(`0`, "totalResults")
	r := c.get("/Groups/"+group.id()).want(200).is(quote(ids[1]), "members", 0, "value").is(absent, "members", 1)
	if r.header.Get("ETag") == group.header.Get("ETag") {
		t.Error("the version of the group did not change with its members")
	}
	if again := c.newUser("p001").id(); again == ids[0] {
		t.Error("an id was used again")
	}
}

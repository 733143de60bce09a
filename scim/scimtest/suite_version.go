package scimtest

import (
	"strings"

	"github.com/rollcall-id/rollcall/scim"
)

func versionTests() []suiteTest {
	return []suiteTest{
		{"If-None-Match", versionNoneMatch},
		{"If-Match", versionMatch},
		{"what changes nothing keeps version and lastModified", versionUnchanged},
		{"what changes something makes a new version", versionChanged},
	}
}

func versionNoneMatch(_ reporter, c *client) {
	r := c.newUser("u1")
	path, tag := "/Users/"+r.id(), r.header.Get("ETag")
	for _, given := range []string{tag, `"x", ` + tag, "*", strings.TrimPrefix(tag, "W/")} {
		if got := c.do("GET", path, "", "If-None-Match", given).want(304); got.raw != "" || got.header.Get("ETag") != tag {
			c.t.Errorf("304 for %s with body %q and ETag %q", given, got.raw, got.header.Get("ETag"))
		}
	}
	c.do("GET", path, "", "If-None-Match", `W/"other"`).want(200)
	c.do("GET", path+"?attributes=userName", "", "If-None-Match", tag).want(304)
	c.patch(path, `{"op":"add","path":"title","value":"T"}`).want(200)
	c.do("GET", path, "", "If-None-Match", tag).want(200)
}

func versionMatch(_ reporter, c *client) {
	r := c.newUser("u1")
	path, old := "/Users/"+r.id(), r.header.Get("ETag")
	patch := object(scim.URNPatchOp, `"Operations":[{"op":"replace","path":"title","value":"T"}]`)
	now := c.do("PATCH", path, patch, "If-Match", old).want(200).header.Get("ETag")
	c.do("PATCH", path, patch, "If-Match", old).want(412)
	c.do("PUT", path, `{"userName":"u2"}`, "If-Match", old).want(412)
	c.do("DELETE", path, "", "If-Match", old).want(412)
	c.get(path).want(200).is(`"T"`, "title").is(`"u1"`, "userName")
	now = c.do("PUT", path, `{"userName":"u2"}`, "If-Match", `"zz", `+now).want(200).header.Get("ETag")
	c.do("PUT", path, `{"userName":"u3"}`, "If-Match", "*").want(200)
	c.do("DELETE", path, "", "If-Match", now).want(412)
	c.do("DELETE", path, "", "If-Match", c.get(path).header.Get("ETag")).want(204)
	c.do("PUT", path, `{"userName":"u3"}`, "If-Match", "*").want(404)
	c.do("POST", "/Users", `{"userName":"u9"}`, "If-None-Match", "*").want(201)
}

func versionUnchanged(t reporter, c *client) {
	user := c.newUser("u1", `"title":"T"`, `"emails":[{"value":"a@x.example","type":"work"}]`)
	group := c.newGroup("G", user.id())
	for _, test := range []struct {
		name  string
		of    *reply
		write func(c *client, path string) *reply
	}{
		{"equal PATCH", user, func(c *client, path string) *reply {
			return c.patch(path, `{"op":"replace","path":"title","value":"T"}`)
		}},
		{"equal element", user, func(c *client, path string) *reply {
			return c.patch(path, `{"op":"add","path":"emails","value":[{"value":"a@x.example","type":"work"}]}`)
		}},
		{"nothing to remove", user, func(c *client, path string) *reply { return c.patch(path, `{"op":"remove","path":"nickName"}`) }},
		{"equal PUT", user, func(c *client, path string) *reply {
			return c.do("PUT", path, `{"userName":"u1","title":"T","active":true,"emails":[{"type":"work","value":"a@x.example"}]}`)
		}},
		{"member again", group, func(c *client, path string) *reply {
			return c.patch(path, `{"op":"add","path":"members","value":[{"value":"`+user.id()+`"}]}`)
		}},
		{"equal PUT of a group", group, func(c *client, path string) *reply {
			return c.do("PUT", path, `{"displayName":"G","members":[{"value":"`+user.id()+`"}]}`)
		}},
	} {
		t.Run(test.name, func(t reporter) {
			location, _ := test.of.at("meta", "location").(string)
			c := &client{t: t, base: c.base}
			r := test.write(c, strings.TrimPrefix(location, c.base)).want(200)
			for _, name := range []string{"version", "lastModified", "created"} {
				if got, want := r.at("meta", name), test.of.at("meta", name); got != want {
					t.Errorf("meta.%s became %v, was %v", name, got, want)
				}
			}
		})
	}
}

func versionChanged(t reporter, c *client) {
	r := c.newUser("u1")
	id, tags := r.id(), map[string]bool{r.header.Get("ETag"): true}
	for _, value := range []string{"A", "B", "A"} {
		tag := c.patch("/Users/"+id, `{"op":"replace","path":"title","value":"`+value+`"}`).want(200).header.Get("ETag")
		if tags[tag] {
			t.Errorf("version %s was used twice", tag)
		}
		tags[tag] = true
	}
	group := c.newGroup("G")
	after := c.patch("/Groups/"+group.id(), `{"op":"add","path":"members","value":[{"value":"`+id+`"}]}`).want(200)
	if group.header.Get("ETag") == after.header.Get("ETag") {
		t.Error("a new member did not change the version of its group")
	}
}

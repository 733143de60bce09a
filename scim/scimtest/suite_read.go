package scimtest

import (
	"slices"
	"strings"

	"github.com/rollcall-id/rollcall/scim"
)

func readTests() []suiteTest {
	return []suiteTest{
		{"an unknown id is 404", func(_ reporter, c *client) {
			id := c.newUser("u1").id()
			for _, path := range []string{"/Users/nothing", "/Groups/" + id, "/Users/" + strings.ToUpper(id), "/Users/" + id + "x", "/Users/%00", "/Users/%FF"} {
				c.get(path).want(404)
				c.do("DELETE", path, "").want(404)
			}
		}},
		{"HEAD is GET without the body", func(t reporter, c *client) {
			id := c.newUser("u1").id()
			full := c.get("/Users/" + id).want(200)
			r := c.do("HEAD", "/Users/"+id, "").want(200)
			if r.raw != "" || r.header.Get("ETag") != full.header.Get("ETag") || r.header.Get("Content-Length") != full.header.Get("Content-Length") {
				t.Errorf("HEAD: body %q, headers %v; GET had %v", r.raw, r.header, full.header)
			}
		}},
	}
}

func projectionTests() []suiteTest {
	return []suiteTest{
		{"attributes and excludedAttributes on a user", projectUser},
		{"on every verb", projectVerbs},
		{"both at once are refused", func(_ reporter, c *client) {
			c.newUser("u1")
			c.get("/Users?attributes=userName&excludedAttributes=name").want(400, scim.InvalidValue)
		}},
	}
}

func projectUser(t reporter, c *client) {
	id := c.newUser("u1", `"displayName":"One"`, `"name":{"givenName":"G","familyName":"F"}`,
		`"emails":[{"value":"a@example.com","type":"work"}]`, `"`+scim.URNEnterpriseUser+`":{"department":"D","costCenter":"C"}`).id()
	const ext = scim.URNEnterpriseUser
	for _, test := range []struct{ query, want string }{
		{"attributes=userName", "userName"},
		{"attributes=USERNAME", "userName"},
		{"attributes=%20userName%20,%20displayName", "displayName userName"},
		{"attributes=userName&attributes=displayName", "displayName userName"},
		{"attributes=name.givenName", "name/givenName"},
		{"attributes=name", "name/familyName name/givenName"},
		{"attributes=emails.value", "emails"},
		{"attributes=" + scim.URNUser + ":userName", "userName"},
		{"attributes=" + ext + ":department", ext + "/department"},
		{"attributes=" + ext, ext + "/costCenter " + ext + "/department"},
		{"attributes=meta.lastModified", "meta/lastModified"},
		{"attributes=noSuchThing", ""},
		{"attributes=password", ""},
		{"excludedAttributes=id,schemas,meta,emails,name,active," + ext, "displayName userName"},
		{"excludedAttributes=name.familyName,meta,emails,active,displayName," + ext + ":costCenter", "name/givenName " + ext + "/department userName"},
		{"attributes=", "active displayName emails meta/created meta/lastModified meta/location meta/resourceType meta/version " +
			"name/familyName name/givenName " + ext + "/costCenter " + ext + "/department userName"},
	} {
		t.Run(test.query, func(t reporter) {
			r := (&client{t: t, base: c.base}).get("/Users/" + id + "?" + test.query).want(200)
			if r.at("id") == nil || r.at("schemas") == nil {
				t.Errorf("id and schemas are always returned; got %s", r.raw)
			}
			if got := shown(r.body); got != test.want {
				t.Errorf("shown are %s\nwant      %s", got, test.want)
			}
		})
	}
}

// shown lists what a resource holds besides id and schemas, sorted: names of attributes, with those of sub-attributes after a slash.
func shown(resource map[string]any) string {
	var out []string
	for name, v := range resource {
		object, ok := v.(map[string]any)
		switch {
		case name == "id", name == "schemas":
		case ok:
			for sub := range object {
				out = append(out, name+"/"+sub)
			}
		default:
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

func projectVerbs(_ reporter, c *client) {
	r := c.do("POST", "/Users?excludedAttributes=name", `{"userName":"u1","name":{"givenName":"G"}}`).want(201).is(absent, "name")
	path := "/Users/" + r.id()
	c.get(path).is(`"G"`, "name", "givenName")
	c.do("PUT", path+"?attributes=userName", `{"userName":"u1","name":{"givenName":"H"}}`).want(200).is(absent, "name").is(`"u1"`, "userName")
	c.do("PATCH", path+"?attributes=title", `{"Operations":[{"op":"add","path":"title","value":"T"}]}`).want(200).
		is(`"T"`, "title").is(absent, "userName").is(absent, "meta")
	c.get("/Users?excludedAttributes=name").is(absent, "Resources", 0, "name").is(`"T"`, "Resources", 0, "title")
	c.do("POST", "/Users/.search", `{"schemas":["`+scim.URNSearchRequest+`"],"attributes":["title"]}`).want(200).
		is(absent, "Resources", 0, "userName").is(`"T"`, "Resources", 0, "title")
}

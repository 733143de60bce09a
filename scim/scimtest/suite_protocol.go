package scimtest

import (
	"strings"

	"github.com/rollcall-id/rollcall/scim"
)

func protocolTests() []suiteTest {
	return []suiteTest{
		{"paths are tolerated without a redirect", protocolPaths},
		{"methods", protocolMethods},
		{"media types", protocolMedia},
		{"limits", protocolLimits},
		{"addresses that are none", func(_ reporter, c *client) {
			for _, path := range []string{"/Nothing", "/Users/a/b", "/Groups/a/members", "/.search/x", "/ServiceProviderConfig/x", "/v2/Nothing", "/Users.json"} {
				c.get(path).want(404)
			}
			c.get("/v3/Users").want(400, scim.InvalidVers)
			c.get("/v1/Users").want(400, scim.InvalidVers)
		}},
		{"Me is not offered", func(_ reporter, c *client) {
			c.get("/Me").want(501)
			c.patch("/Me", `{"op":"replace","path":"title","value":"x"}`).want(501)
			c.do("DELETE", "/Me/x", "").want(501)
		}},
	}
}

func protocolPaths(_ reporter, c *client) {
	id := c.newUser("u1").id()
	for _, path := range []string{
		"/Users/", "//Users", "/users", "/USERS//", "/v2/Users", "/Users?", "/Users?&", "/Users?aadOptscim062020", "/Users?aadOptscim062020&unknown=1&",
		"/Users?filter=userName+eq+%22U1%22&", "/Users?aadOptscim062020&filter=userName%20eq%20%22u1%22",
	} {
		c.get(path).want(200).is(`1`, "totalResults")
	}
	for _, path := range []string{"/Users/" + id + "/", "//users//" + id, "/V2/Users/" + id, "/Users/" + id + "?x=y"} {
		c.get(path).want(200).is(quote(id), "id")
	}
	c.do("POST", "//Users/", `{"userName":"u2"}`).want(201)
	c.patch("/users/"+id+"/?aadOptscim062020", `{"op":"Add","path":"title","value":"T"}`).want(200).is(`"T"`, "title")
	// A plus sign and a percent sign in a literal survive: the query is decoded once.
	c.newUser("a+b%40c@x.example")
	c.find("/Users", `userName eq "a+b%40c@x.example"`).want(200).is(`1`, "totalResults")
}

func protocolMethods(t reporter, c *client) {
	id := c.newUser("u1").id()
	for _, test := range []struct{ method, path, allow string }{
		{"PUT", "/Users", "GET, HEAD, POST"},
		{"PATCH", "/Users", "GET, HEAD, POST"},
		{"DELETE", "/Groups", "GET, HEAD, POST"},
		{"POST", "/Users/" + id, "GET, HEAD, PUT, PATCH, DELETE"},
		{"OPTIONS", "/Users/" + id, "GET, HEAD, PUT, PATCH, DELETE"},
		{"PUT", "/Users/.search", "POST"},
		{"GET", "/.search", "POST"},
		{"GET", "/Bulk", "POST"},
		{"PATCH", "/Bulk", "POST"},
		{"POST", "/", "GET, HEAD"},
		{"POST", "/ServiceProviderConfig", "GET, HEAD"},
		{"PUT", "/ResourceTypes", "GET, HEAD"},
		{"PATCH", "/Schemas", "GET, HEAD"},
		{"DELETE", "/Schemas/" + scim.URNUser, "GET, HEAD"},
	} {
		t.Run(test.method+" "+test.path, func(t reporter) {
			r := (&client{t: t, base: c.base}).do(test.method, test.path, `{"userName":"x"}`).want(405)
			if got := r.header.Get("Allow"); got != test.allow {
				t.Errorf("Allow %q, want %q", got, test.allow)
			}
		})
	}
	c.get("/Users").is(`1`, "totalResults")
}

func protocolMedia(t reporter, c *client) {
	const body = `{"userName":"media"}`
	for _, test := range []struct {
		name, value string
		status      int
	}{
		{"Content-Type", "application/xml", 415},
		{"Content-Type", "application/x-www-form-urlencoded", 415},
		{"Content-Type", "text/plain", 415},
		{"Content-Type", "application/scim+json; charset=iso-8859-1", 415},
		{"Content-Type", ";", 415},
		{"Content-Encoding", "gzip", 415},
		{"Content-Type", "application/scim+json; charset=UTF-8", 201},
		{"Content-Type", "APPLICATION/JSON", 409},
		{"Content-Encoding", "identity", 409},
		{"Accept", "text/html", 409},
	} {
		t.Run(test.value, func(t reporter) {
			(&client{t: t, base: c.base}).do("POST", "/Users", body, test.name, test.value).want(test.status)
		})
	}
}

func protocolLimits(t reporter, c *client) {
	id := c.newUser("u1").id()
	for _, test := range []struct {
		name, body string
		status     int
	}{
		{"over 1 MiB", `{"userName":"big","title":"` + strings.Repeat("x", 1<<20) + `"}`, 413},
		{"long text", `{"userName":"long","title":"` + strings.Repeat("x", 70_000) + `"}`, 400},
		{"deep", `{"userName":"deep","x":` + strings.Repeat("[", 60) + strings.Repeat("]", 60) + `}`, 400},
		{"NUL", `{"userName":"nul","title":"a\u0000b"}`, 400},
		{"not UTF-8", "{\"userName\":\"a\xffb\"}", 400},
		{"a name twice", `{"userName":"a","userName":"b"}`, 400},
		{"half a surrogate", `{"userName":"a\ud800"}`, 400},
		{"two values", `{"userName":"a"}{"userName":"b"}`, 400},
	} {
		t.Run(test.name, func(t reporter) {
			c := &client{t: t, base: c.base}
			c.do("POST", "/Users", test.body).want(test.status)
			c.do("PUT", "/Users/"+id, test.body).want(test.status)
		})
	}
	c.get("/Users").is(`1`, "totalResults")
	c.get("/Users/"+id).is(`"u1"`, "userName")
}

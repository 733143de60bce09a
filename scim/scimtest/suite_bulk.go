package scimtest

import (
	"fmt"
	"strings"

	"github.com/rollcall-id/rollcall/scim"
)

func bulkTests() []suiteTest {
	return []suiteTest{
		{"every method, in the order of the request", bulkMethods},
		{"what succeeds has no response, what fails has no version", bulkAnswers},
		{"messages that are none do nothing", bulkMessages},
		{"operations that are none fail alone", bulkMistakes},
		{"paths and methods are tolerated", bulkTolerance},
		{"failOnErrors", bulkFailOnErrors},
		{"version is If-Match", bulkVersions},
		{"operations on one resource stay in order", bulkOneResource},
		{"each operation is atomic, the whole is not", bulkAtomic},
		{"limits", bulkLimits},
		{"a thousand users at once", bulkThousand},
	}
}

// operation is one operation of a bulk request as JSON; members are of its own object.
func operation(method, path string, members ...string) string {
	return `{"method":` + quote(method) + `,"path":` + quote(path) + strings.Join(append([]string{""}, members...), ",") + `}`
}

// post is an operation that creates.
func post(bulkID, path, data string) string {
	return operation("POST", path, `"bulkId":`+quote(bulkID), `"data":`+data)
}

func change(method, path, data string) string { return operation(method, path, `"data":`+data) }

func patchData(operations ...string) string {
	return object(scim.URNPatchOp, `"Operations":[`+strings.Join(operations, ",")+`]`)
}

// bulk sends operations as one request and checks what holds for the answer to each.
func (c *client) bulk(operations ...string) *reply {
	c.t.Helper()
	return c.bulkWith("", operations...)
}

// bulkWith is bulk with more members of the message, each followed by a comma.
func (c *client) bulkWith(members string, operations ...string) *reply {
	c.t.Helper()
	r := c.do("POST", "/Bulk", object(scim.URNBulkRequest, members+`"Operations":[`+strings.Join(operations, ",")+`]`)).want(200)
	r.is(`["`+scim.URNBulkResponse+`"]`, "schemas")
	list, _ := r.at("Operations").([]any)
	for i := range list {
		r.checkOperation(i)
	}
	return r
}

func (r *reply) checkOperation(i int) {
	r.t.Helper()
	status, _ := r.at("Operations", i, "status").(string)
	good := strings.HasPrefix(status, "2")
	if len(status) != 3 || r.at("Operations", i, "method") == nil {
		r.t.Errorf("operation %d: status %#v, method %v", i, r.at("Operations", i, "status"), r.at("Operations", i, "method"))
	}
	if has := r.at("Operations", i, "response") != nil; has == good {
		r.t.Errorf("operation %d has status %s and a response: %t", i, status, has)
	}
	if !good {
		r.is(quote(status), "Operations", i, "response", "status").is(`["`+scim.URNError+`"]`, "Operations", i, "response", "schemas").
			is(absent, "Operations", i, "version")
	}
}

// statuses checks how many operations the answer has, and their statuses.
func (r *reply) statuses(want ...string) *reply {
	r.t.Helper()
	list, _ := r.at("Operations").([]any)
	got := make([]string, len(list))
	for i := range list {
		got[i], _ = at(list[i], "status").(string)
		if kind, _ := at(list[i], "response", "scimType").(string); kind != "" {
			got[i] += " " + kind
		}
	}
	if strings.Join(got, ", ") != strings.Join(want, ", ") {
		r.t.Fatalf("statuses %s; want %s\n%s", strings.Join(got, ", "), strings.Join(want, ", "), r.raw)
	}
	return r
}

// created is the id of what an operation created, from its location.
func (r *reply) created(i int) string {
	r.t.Helper()
	location, _ := r.at("Operations", i, "location").(string)
	id := location[strings.LastIndexByte(location, '/')+1:]
	if id == "" {
		r.t.Fatalf("operation %d has no location\n%s", i, r.raw)
	}
	return id
}

func bulkMethods(t reporter, c *client) {
	a, b, d := c.newUser("a").id(), c.newUser("b").id(), c.newUser("d").id()
	r := c.bulk(
		post("new", "/Users", `{"userName":"new"}`),
		change("PUT", "/Users/"+a, `{"userName":"a2"}`),
		operation("PATCH", "/Users/"+b, `"bulkId":"mine"`, `"data":`+patchData(`{"op":"add","path":"title","value":"T"}`)),
		operation("DELETE", "/Users/"+d),
	).statuses("201", "200", "200", "204")
	for i, want := range []struct{ method, bulkID, id string }{
		{"POST", `"new"`, r.created(0)}, {"PUT", absent, a}, {"PATCH", `"mine"`, b}, {"DELETE", absent, d},
	} {
		r.is(quote(want.method), "Operations", i, "method").is(want.bulkID, "Operations", i, "bulkId").
			is(quote(c.base+"/Users/"+want.id), "Operations", i, "location")
		single := c.get("/Users/" + want.id)
		if want.method == "DELETE" {
			single.want(404)
			r.is(absent, "Operations", i, "version")
			continue
		}
		r.is(quote(single.want(200).header.Get("ETag")), "Operations", i, "version")
	}
	c.get("/Users/"+r.created(0)).is(`"new"`, "userName")
	c.get("/Users/"+a).is(`"a2"`, "userName")
	c.get("/Users/"+b).is(`"T"`, "title")
	if t.Failed() {
		t.Log(r.raw)
	}
}

func bulkAnswers(_ reporter, c *client) {
	a := c.newUser("a").id()
	r := c.bulk(
		post("1", "/Users", `{"userName":"A"}`),
		post("2", "/Users", `{"title":"nobody"}`),
		change("PUT", "/Users/"+a, `{"userName":""}`),
		change("PATCH", "/Users/nobody", patchData(`{"op":"add","path":"title","value":"T"}`)),
		change("PATCH", "/Users/"+a, patchData(`{"op":"add","path":"zz","value":"T"}`)),
		operation("DELETE", "/Groups/"+a),
		post("3", "/Users", `{"userName":"c","userName":"d"}`),
		post("4", "/Users", `[]`),
	).statuses("409 uniqueness", "400 invalidValue", "400 invalidValue", "404", "400 invalidPath", "404", "400 invalidSyntax", "400 invalidSyntax")
	r.is(absent, "Operations", 0, "location").is(`"1"`, "Operations", 0, "bulkId").is(absent, "Operations", 1, "location")
	r.is(quote(c.base+"/Users/"+a), "Operations", 2, "location").is(quote(c.base+"/Users/nobody"), "Operations", 3, "location")
	r.is(quote(c.base+"/Groups/"+a), "Operations", 5, "location")
	c.get("/Users").is(`1`, "totalResults")
}

func bulkTolerance(t reporter, c *client) {
	for i, path := range []string{
		"/Users", "Users", "/users/", "//Users", "/v2/Users", "v2/Users", c.base + "/Users", c.base + "/v2/users/", "/Users?attributes=id", "/%55sers",
	} {
		r := c.bulk(post("1", path, fmt.Sprintf(`{"userName":"u%d"}`, i))).statuses("201")
		id := r.created(0)
		c.bulk(operation([]string{"delete", "Delete"}[i%2], strings.TrimSuffix(strings.TrimSuffix(path, "?attributes=id"), "/")+"/"+id)).statuses("204").
			is(`"DELETE"`, "Operations", 0, "method").is(quote(c.base+"/Users/"+id), "Operations", 0, "location")
	}
	text := strings.NewReplacer(`"Operations"`, `"operations"`, `"method"`, `"Method"`, `"bulkId"`, `"BULKID"`, `"data"`, `"Data"`).
		Replace(object(scim.URNBulkRequest, `"Operations":`+post("1", "/Users", `{"userName":"z"}`)))
	c.do("POST", "/Bulk/", strings.ToUpper(text[:60])+text[60:], "Content-Type", "application/json").want(200).statuses("201")
	if n := c.get("/Users").at("totalResults"); n != 1.0 {
		t.Errorf("%v users are left, want 1", n)
	}
}

func bulkFailOnErrors(_ reporter, c *client) {
	bad := operation("DELETE", "/Users/nobody")
	good := func(name string) string { return post(name, "/Users", `{"userName":`+quote(name)+`}`) }
	c.bulkWith(`"failOnErrors":1,`, good("a"), bad, good("b"), bad).statuses("201", "404")
	c.bulkWith(`"failOnErrors":2,`, bad, good("c"), bad, good("d")).statuses("404", "201", "404")
	c.bulkWith(`"failOnErrors":"1",`, operation("GET", "/Users"), good("e")).statuses("400 invalidSyntax")
	c.bulkWith(`"failOnErrors":9,`, bad, good("f")).statuses("404", "201")
	c.bulkWith(`"failOnErrors":null,`, bad, bad, good("g")).statuses("404", "404", "201")
	c.get("/Users").is(`4`, "totalResults")
}

func bulkVersions(_ reporter, c *client) {
	user := c.newUser("u")
	path, version := "/Users/"+user.id(), user.header.Get("ETag")
	title := func(v string) string { return patchData(`{"op":"add","path":"title","value":` + quote(v) + `}`) }
	with := func(v string) string { return `"version":` + quote(v) }
	r := c.bulk(
		operation("PATCH", path, with(version), `"data":`+title("first")),
		operation("PATCH", path, with(version), `"data":`+title("second")),
		operation("PUT", path, with(`W/"nothing"`), `"data":{"userName":"v"}`),
		operation("DELETE", path, with(version)),
		operation("PATCH", path, with("*"), `"data":`+title("third")),
	).statuses("200", "412", "412", "412", "200")
	now := c.get(path).is(`"third"`, "title").is(`"u"`, "userName").header.Get("ETag")
	r.is(quote(now), "Operations", 4, "version").is(quote(c.base+path), "Operations", 3, "location")
	c.bulk(operation("DELETE", path, with(now))).statuses("204")
}

func bulkOneResource(_ reporter, c *client) {
	path := "/Users/" + c.newUser("u").id()
	replace := func(v string) string {
		return change("PATCH", path, patchData(`{"op":"replace","path":"title","value":`+quote(v)+`}`))
	}
	c.bulk(replace("1"), replace("2"), change("PUT", path, `{"userName":"u","nickName":"n"}`), replace("3")).statuses("200", "200", "200", "200")
	c.get(path).is(`"3"`, "title").is(`"n"`, "nickName")
	// The first waits for the user that the last creates, and what follows on the same group waits for the first.
	group := "/Groups/" + c.newGroup("g").id()
	c.bulk(
		change("PATCH", group, patchData(`{"op":"add","path":"members","value":[{"value":"bulkId:m"}]}`)),
		change("PATCH", group, patchData(`{"op":"remove","path":"members"}`)),
		post("m", "/Users", `{"userName":"m"}`),
	).statuses("200", "200", "201")
	c.get(group).is(absent, "members")
	// A name that is given up can be taken.
	c.bulk(operation("DELETE", path), post("again", "/Users", `{"userName":"u"}`)).statuses("204", "201")
}

func bulkAtomic(_ reporter, c *client) {
	id := c.newUser("u").id()
	c.bulk(
		change("PATCH", "/Users/"+id, patchData(`{"op":"add","path":"title","value":"T"}`, `{"op":"add","path":"nickName","value":"N"}`)),
		change("PATCH", "/Users/"+id, patchData(`{"op":"add","path":"title","value":"X"}`, `{"op":"remove","path":"userName"}`)),
		post("g", "/Groups", `{"displayName":"G","members":[{"value":`+quote(id)+`},{"value":"nobody"}]}`),
	).statuses("200", "400 mutability", "400 invalidValue")
	c.get("/Users/"+id).is(`"T"`, "title").is(`"N"`, "nickName").is(absent, "groups")
	c.get("/Groups").is(`0`, "totalResults")
}

func bulkThousand(t reporter, c *client) {
	operations := make([]string, 1000)
	for i := range operations {
		operations[i] = post(fmt.Sprint(i), "/Users", fmt.Sprintf(`{"userName":"user%d","externalId":"e%d"}`, i, i))
	}
	r := c.bulk(operations...)
	list, _ := r.at("Operations").([]any)
	for i := range list {
		if at(list[i], "status") != "201" || at(list[i], "bulkId") != fmt.Sprint(i) {
			t.Fatalf("operation %d: %v", i, list[i])
		}
	}
	c.get("/Users?count=0").is(`1000`, "totalResults")
	c.get("/Users/"+r.created(999)).is(`"user999"`, "userName")
}

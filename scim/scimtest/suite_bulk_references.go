package scimtest

import (
	"strings"

	"github.com/rollcall-id/rollcall/scim"
)

func bulkReferenceTests() []suiteTest {
	return []suiteTest{
		{"in members and manager, backward and forward", bulkReferences},
		{"in the values and the filters of a PATCH", bulkPatchReferences},
		{"in paths", bulkPathReferences},
		{"chains of them, sent backwards", bulkChain},
		{"that lead nowhere", bulkDangling},
		{"to operations that fail", bulkFailing},
		{"groups that hold each other", bulkCircle},
		{"to oneself", bulkSelf},
		{"managers in a circle", bulkManagers},
		{"a circle that fails leaves nothing", bulkBrokenCircle},
		{"texts that are no references stay", bulkTexts},
	}
}

const inEnterprise = `"` + scim.URNEnterpriseUser + `":`

// manager is the value of a user's manager.
func (c *client) manager(id string) any {
	c.t.Helper()
	return c.get("/Users/"+id).want(200).at(scim.URNEnterpriseUser, "manager", "value")
}

// members are the ids of a group's members.
func (c *client) members(id string) string {
	c.t.Helper()
	list, _ := c.get("/Groups/" + id).want(200).at("members").([]any)
	ids := make([]string, len(list))
	for i, m := range list {
		ids[i] = memberID(m)
	}
	return strings.Join(ids, " ")
}

func (c *client) wantMembers(group string, ids ...string) {
	c.t.Helper()
	got := c.members(group)
	for _, id := range ids {
		if !strings.Contains(got, id) {
			c.t.Errorf("group %s has the members %s, want %s", group, got, ids)
		}
	}
	if n := len(strings.Fields(got)); n != len(ids) {
		c.t.Errorf("group %s has %d members, want %d", group, n, len(ids))
	}
}

func bulkReferences(t reporter, c *client) {
	old := c.newUser("old").id()
	r := c.bulk(
		post("g1", "/Groups", `{"displayName":"Forward","members":[{"value":"bulkId:a"},{"value":"`+old+`"},{"value":"bulkId:a","type":"User"}]}`),
		post("a", "/Users", `{"userName":"a",`+inEnterprise+`{"manager":"bulkId:b"}}`),
		post("b", "/Users", `{"userName":"b"}`),
		post("d", "/Users", `{"userName":"d",`+inEnterprise+`{"manager":{"value":"bulkid:b","$ref":"../Users/bulkId:b"}}}`),
		post("g2", "/Groups", `{"displayName":"Backward","members":["bulkId:g1",{"value":"\u0062ulkId:d"}]}`),
		change("PUT", "/Users/"+old, `{"userName":"old",`+inEnterprise+`{"manager":{"value":"bulkId:d"}}}`),
	).statuses("201", "201", "201", "201", "201", "200")
	c.wantMembers(r.created(0), r.created(1), old)
	c.wantMembers(r.created(4), r.created(0), r.created(3))
	for user, boss := range map[string]string{r.created(1): r.created(2), r.created(3): r.created(2), old: r.created(3)} {
		if got := c.manager(user); got != boss {
			t.Errorf("the manager of %s is %v, want %s", user, got, boss)
		}
	}
	if strings.Contains(strings.ToLower(c.get("/Users").raw), "bulkid") {
		t.Errorf("a bulkId was stored: %s", c.get("/Users").raw)
	}
	for i := range 6 { // also for those that had to wait, the version is the last one
		path := r.at("Operations", i, "location").(string)[len(c.base):]
		r.is(quote(c.get(path).header.Get("ETag")), "Operations", i, "version")
	}
}

func bulkPatchReferences(t reporter, c *client) {
	a, b := c.newUser("a").id(), c.newUser("b").id()
	group := c.newGroup("g", a, b).id()
	path := "/Groups/" + group
	r := c.bulk(
		change("PATCH", path, patchData(`{"op":"Add","value":{"members":[{"value":"bulkId:n1"}]}}`, `{"op":"add","path":"members","value":["bulkId:n2"]}`)),
		change("PATCH", path, patchData(`{"op":"remove","path":"members[value eq \"bulkId:n1\"]"}`,
			`{"op":"remove","path":"members[value eq \"`+a+`\" or value eq \"bulkId:n1\"]"}`)),
		change("PATCH", path, patchData(`{"op":"remove","path":"members","value":[{"value":"bulkId:n2"}]}`,
			`{"op":"add","path":"members","value":{"value":"bulkId:n3"}}`)),
		change("PATCH", "/Users/"+b, patchData(`{"op":"replace","path":"`+scim.URNEnterpriseUser+`:manager.value","value":"bulkId:n1"}`)),
		change("PATCH", "/Users/"+a, patchData(`{"op":"add","path":"`+scim.URNEnterpriseUser+`","value":{"manager":{"value":"bulkId:n2"}}}`)),
		post("n1", "/Users", `{"userName":"n1"}`), post("n2", "/Users", `{"userName":"n2"}`), post("n3", "/Users", `{"userName":"n3"}`),
	).statuses("200", "200", "200", "200", "200", "201", "201", "201")
	c.wantMembers(group, b, r.created(7))
	if got := c.manager(b); got != r.created(5) {
		t.Errorf("the manager of b is %v, want %s", got, r.created(5))
	}
	if got := c.manager(a); got != r.created(6) {
		t.Errorf("the manager of a is %v, want %s", got, r.created(6))
	}
}

func bulkPathReferences(_ reporter, c *client) {
	r := c.bulk(
		change("PATCH", "/Groups/bulkId:g", patchData(`{"op":"add","path":"members","value":[{"value":"bulkId:u"}]}`)),
		change("PATCH", "Groups/bulkId:g", patchData(`{"op":"replace","path":"displayName","value":"Renamed"}`)),
		post("g", "/Groups", `{"displayName":"Group"}`),
		post("u", "/Users", `{"userName":"u"}`),
		post("gone", "/Users", `{"userName":"gone"}`),
		operation("DELETE", c.base+"/Users/bulkId:gone"),
	).statuses("200", "200", "201", "201", "201", "204")
	group := r.created(2)
	r.is(quote(c.base+"/Groups/"+group), "Operations", 0, "location").is(quote(c.base+"/Users/"+r.created(4)), "Operations", 5, "location")
	c.wantMembers(group, r.created(3))
	c.get("/Groups/"+group).is(`"Renamed"`, "displayName")
	c.get("/Users/" + r.created(4)).want(404)
}

func bulkChain(_ reporter, c *client) {
	const length = 60
	var operations, want []string
	for i := range length {
		data := `{"displayName":"g` + strings.Repeat("x", i) + `"}`
		if i < length-1 {
			data = strings.TrimSuffix(data, "}") + `,"members":[{"value":"bulkId:` + strings.Repeat("i", i+2) + `"}]}`
		}
		operations, want = append(operations, post(strings.Repeat("i", i+1), "/Groups", data)), append(want, "201")
	}
	r := c.bulk(operations...).statuses(want...)
	for i := range length - 1 {
		c.wantMembers(r.created(i), r.created(i+1))
	}
}

func bulkDangling(_ reporter, c *client) {
	group := c.newGroup("g").id()
	r := c.bulk(
		post("a", "/Groups", `{"displayName":"a","members":[{"value":"bulkId:nobody"}]}`),
		post("b", "/Users", `{"userName":"b",`+inEnterprise+`{"manager":{"value":"bulkId:nobody"}}}`),
		change("PATCH", "/Groups/bulkId:nobody", patchData(`{"op":"add","path":"externalId","value":"x"}`)),
		change("PATCH", "/Groups/"+group, patchData(`{"op":"remove","path":"members[value eq \"bulkId:nobody\"]"}`)),
		operation("DELETE", "/Users/bulkId:"),
		operation("DELETE", "/Users/nobody", `"bulkId":"delete"`),
		operation("DELETE", "/Users/bulkId:delete"),
		post("z", "/Users", `{"userName":"z"}`),
	).statuses("400 invalidValue", "400 invalidValue", "400 invalidValue", "400 invalidValue", "400 invalidValue", "404", "400 invalidValue", "201")
	r.is(absent, "Operations", 2, "location").is(quote(c.base+"/Groups/"+group), "Operations", 3, "location")
	c.get("/Users").is(`1`, "totalResults")
	c.get("/Groups").is(`1`, "totalResults")
}

func bulkFailing(_ reporter, c *client) {
	c.newUser("taken")
	c.bulk(
		post("g", "/Groups", `{"displayName":"g","members":[{"value":"bulkId:u"}]}`),
		post("h", "/Groups", `{"displayName":"h","members":[{"value":"bulkId:g"}]}`),
		change("PATCH", "/Groups/bulkId:h", patchData(`{"op":"add","path":"externalId","value":"x"}`)),
		post("u", "/Users", `{"userName":"TAKEN"}`),
		post("f", "/Groups", `{"displayName":"f"}`),
		post("w", "/Groups", `{"displayName":"w","members":[{"value":"bulkId:wrong"}]}`),
		post("wrong", "/Nothing", `{}`),
	).statuses("400 invalidValue", "400 invalidValue", "400 invalidValue", "409 uniqueness", "201", "400 invalidValue", "404")
	c.get("/Groups").is(`1`, "totalResults")
}

func bulkCircle(_ reporter, c *client) {
	r := c.bulk(
		post("a", "/Groups", `{"displayName":"A","members":[{"value":"bulkId:b"},{"value":"bulkId:u"}]}`),
		post("b", "/Groups", `{"displayName":"B","members":[{"value":"bulkId:c"}]}`),
		post("u", "/Users", `{"userName":"u"}`),
		post("c", "/Groups", `{"displayName":"C","members":[{"value":"bulkId:a"},{"value":"bulkId:b"}]}`),
		post("d", "/Groups", `{"displayName":"D","members":[{"value":"bulkId:a"}]}`),
	).statuses("201", "201", "201", "201", "201")
	a, b, u, d := r.created(0), r.created(1), r.created(2), r.created(3)
	c.wantMembers(a, b, u)
	c.wantMembers(b, d)
	c.wantMembers(d, a, b)
	c.wantMembers(r.created(4), a)
	for i, id := range []string{a, b, u, d} {
		endpoint := "/Groups/"
		if id == u {
			endpoint = "/Users/"
		}
		r.is(quote(c.get(endpoint+id).header.Get("ETag")), "Operations", i, "version")
	}
}

func bulkSelf(t reporter, c *client) {
	r := c.bulk(
		post("g", "/Groups", `{"displayName":"G","members":[{"value":"bulkId:g"}]}`),
		post("u", "/Users", `{"userName":"u",`+inEnterprise+`{"employeeNumber":"1","manager":{"value":"bulkId:u"}}}`),
	).statuses("201", "201")
	c.wantMembers(r.created(0), r.created(0))
	if got := c.manager(r.created(1)); got != r.created(1) {
		t.Errorf("the manager is %v, want %s", got, r.created(1))
	}
}

func bulkManagers(t reporter, c *client) {
	r := c.bulk(
		post("a", "/Users", `{"userName":"a",`+inEnterprise+`{"manager":{"value":"bulkId:b"}}}`),
		post("b", "/Users", `{"userName":"b",`+inEnterprise+`{"department":"D","manager":{"value":"bulkId:a"}}}`),
	).statuses("201", "201")
	if a, b := r.created(0), r.created(1); c.manager(a) != b || c.manager(b) != a {
		t.Errorf("managers are %v and %v, want %s and %s", c.manager(a), c.manager(b), b, a)
	}
}

func bulkBrokenCircle(t reporter, c *client) {
	c.newUser("taken")
	r := c.bulk(
		post("a", "/Users", `{"userName":"a",`+inEnterprise+`{"manager":{"value":"bulkId:b"}}}`),
		post("b", "/Users", `{"userName":"taken",`+inEnterprise+`{"manager":{"value":"bulkId:a"}}}`),
		post("g", "/Groups", `{"displayName":"g","members":[{"value":"bulkId:a"}]}`),
		post("free", "/Users", `{"userName":"free"}`),
	).statuses("400 invalidValue", "409 uniqueness", "400 invalidValue", "201")
	r.is(absent, "Operations", 0, "location")
	if detail, _ := r.at("Operations", 0, "response", "detail").(string); !strings.Contains(detail, "bulkId b") {
		t.Errorf("the operation that failed is not named: %s", detail)
	}
	c.get("/Users").is(`2`, "totalResults")
	c.get("/Groups").is(`0`, "totalResults")
	// Mended, the same goes through: what was undone is not in the way.
	c.bulk(
		post("a", "/Users", `{"userName":"a",`+inEnterprise+`{"manager":{"value":"bulkId:b"}}}`),
		post("b", "/Users", `{"userName":"b",`+inEnterprise+`{"manager":{"value":"bulkId:a"}}}`),
	).statuses("201", "201")
	// An operation that was never right keeps the circle from being begun.
	c.bulkWith(`"failOnErrors":1,`,
		post("x", "/Groups", `{"displayName":"x","members":[{"value":"bulkId:y"}]}`),
		post("y", "/Groups", `{"displayName":"y","members":[{"value":"bulkId:x"},{"value":"nobody"}]}`),
		post("late", "/Users", `{"userName":"late"}`),
	).statuses("400 invalidValue", "400 invalidValue")
	c.get("/Groups").is(`0`, "totalResults")
}

func bulkTexts(_ reporter, c *client) {
	r := c.bulk(
		post("a", "/Users", `{"userName":"bulkId:b","title":"bulkId:a","emails":[{"value":"bulkId:b"}]}`),
		post("b", "/Groups", `{"displayName":"bulkId:a"}`),
	).statuses("201", "201")
	c.get("/Users/"+r.created(0)).is(`"bulkId:b"`, "userName").is(`"bulkId:a"`, "title").is(`"bulkId:b"`, "emails", 0, "value")
	c.get("/Groups/"+r.created(1)).is(`"bulkId:a"`, "displayName")
}

package scimtest

import (
	"strings"

	"github.com/rollcall-id/rollcall/scim"
)

func createTests() []suiteTest {
	return []suiteTest{
		{"a full user comes back as it was sent", createFull},
		{"what the server decides is ignored in the body", createReadOnly},
		{"refused bodies", createRefused},
		{"tolerated bodies", createTolerated},
		{"a taken userName in any letter case is 409", createDuplicate},
		{"schemas lists only extensions that are carried", createSchemas},
	}
}

func createFull(_ reporter, c *client) {
	r := c.do("POST", "/Users", `{
		"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
		"externalId": "E-1", "userName": "Åsa.Öberg@example.com", "active": true, "title": "Ärztin", "locale": "sv-SE",
		"name": {"givenName": "Åsa", "familyName": "Öberg"},
		"emails": [{"value": "asa@example.com", "type": "work", "primary": true}, {"value": "asa@home.example", "type": "home"}],
		"addresses": [{"type": "work", "country": "Sierra Leone", "locality": "Freetown"}],
		"password": "never-returned-1",
		"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": "Care", "manager": {"value": "nobody-yet"}}
	}`).want(201)
	again := c.get("/Users/" + r.id()).want(200)
	for _, r := range []*reply{r, again} {
		r.is(`"E-1"`, "externalId").is(`"Åsa.Öberg@example.com"`, "userName").is(`true`, "active").is(`"Ärztin"`, "title")
		r.is(`{"givenName":"Åsa","familyName":"Öberg"}`, "name")
		r.is(`[{"value":"asa@example.com","type":"work","primary":true},{"value":"asa@home.example","type":"home"}]`, "emails")
		r.is(`[{"type":"work","country":"Sierra Leone","locality":"Freetown"}]`, "addresses")
		r.is(`{"department":"Care","manager":{"value":"nobody-yet"}}`, scim.URNEnterpriseUser)
		r.is(`"User"`, "meta", "resourceType").is(absent, "password")
		if created := r.at("meta", "created"); created == nil || created != r.at("meta", "lastModified") {
			r.t.Errorf("a new resource was created %v and modified %v; want the same time", created, r.at("meta", "lastModified"))
		}
	}
	if strings.Contains(again.raw, "never-returned") {
		c.t.Error("the password came back")
	}
}

func createReadOnly(t reporter, c *client) {
	r := c.newUser("u1", `"id":"mine"`, `"groups":[{"value":"g1"}]`, `"meta":{"resourceType":"User","version":"W/\"99\"","location":"http://elsewhere.example/"}`)
	if r.id() == "mine" {
		t.Error("the id of the client was taken")
	}
	r.is(absent, "groups")
	if r.header.Get("ETag") == `W/"99"` {
		t.Error("the version of the client was taken")
	}
	r.is(`true`, "active") // the default when the client says nothing
}

func createRefused(t reporter, c *client) {
	for _, test := range []struct{ name, path, body, scimType string }{
		{"no userName", "/Users", `{"displayName":"x"}`, scim.InvalidValue},
		{"empty userName", "/Users", `{"userName":""}`, scim.InvalidValue},
		{"no displayName", "/Groups", `{"externalId":"x"}`, scim.InvalidValue},
		{"two primaries", "/Users", `{"userName":"a","emails":[{"value":"1","primary":true},{"value":"2","primary":true}]}`, scim.InvalidValue},
		{"number for a string", "/Users", `{"userName":5}`, scim.InvalidValue},
		{"word for a boolean", "/Users", `{"userName":"a","active":"perhaps"}`, scim.InvalidValue},
		{"object for a string", "/Users", `{"userName":{"x":1}}`, scim.InvalidValue},
		{"schemas of another type", "/Users", `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"userName":"a"}`, scim.InvalidSyntax},
		{"not JSON", "/Users", `{"userName":`, scim.InvalidSyntax},
		{"an array", "/Users", `[]`, scim.InvalidSyntax},
		{"nothing", "/Users", ` `, scim.InvalidSyntax},
		{"unknown member", "/Groups", `{"displayName":"g","members":[{"value":"00000000-0000-4000-8000-000000000000"}]}`, scim.InvalidValue},
	} {
		t.Run(test.name, func(t reporter) {
			(&client{t: t, base: c.base}).do("POST", test.path, test.body).want(400, test.scimType)
		})
	}
	for _, path := range []string{"/Users", "/Groups"} {
		c.get(path).want(200).is(`0`, "totalResults")
	}
}

func createTolerated(t reporter, c *client) {
	for _, test := range []struct {
		name, body, want string
		path             []any
	}{
		{"boolean as text", `"active":"False"`, `false`, []any{"active"}},
		{"names in other letter case", `"DISPLAYNAME":"X"`, `"X"`, []any{"displayName"}},
		{"manager as text", `"` + scim.URNEnterpriseUser + `":{"manager":"m1"}`, `{"value":"m1"}`, []any{scim.URNEnterpriseUser, "manager"}},
		{"null is unassigned", `"title":null,"addresses":null`, absent, []any{"title"}},
		{"empty list is unassigned", `"roles":[]`, absent, []any{"roles"}},
		{"identical elements once", `"emails":[{"value":"a","type":"work"},{"value":"a","type":"work"}]`, `[{"value":"a","type":"work"}]`, []any{"emails"}},
		{"unknown attribute", `"favouriteColour":"red"`, absent, []any{"favouriteColour"}},
		{"unknown extension", `"urn:example:2.0:X":{"a":1}`, absent, []any{"urn:example:2.0:X"}},
		{"boolean text in an element", `"roles":[{"value":"r","primary":"True"}]`, `true`, []any{"roles", 0, "primary"}},
		{"canonical values are suggestions", `"emails":[{"value":"a","type":"boat"}]`, `"boat"`, []any{"emails", 0, "type"}},
	} {
		t.Run(test.name, func(t reporter) {
			c := &client{t: t, base: c.base}
			c.newUser(test.name, test.body).is(test.want, test.path...)
		})
	}
	c.do("POST", "/Users", `{"userName":"no-schemas"}`, "Content-Type", "application/json").want(201)
	c.do("POST", "/Users", `{"schemas":["urn:scim:schemas:core:2.0"],"userName":"legacy"}`, "Content-Type", "application/json; charset=utf-8").want(201)
}

func createDuplicate(_ reporter, c *client) {
	id := c.newUser("Mia@Example.com", `"title":"first"`).id()
	c.do("POST", "/Users", `{"userName":"mIA@example.COM","title":"second"}`).want(409, scim.Uniqueness)
	c.get("/Users/"+id).want(200).is(`"first"`, "title")
	c.find("/Users", `userName eq "MIA@EXAMPLE.COM"`).want(200).is(`1`, "totalResults")

	c.newGroup("Sales")
	c.do("POST", "/Groups", `{"displayName":"SALES"}`).want(409, scim.Uniqueness)

	// An inactive user still holds the name; a deleted one does not.
	c.patch("/Users/"+id, `{"op":"replace","path":"active","value":false}`).want(200)
	c.do("POST", "/Users", `{"userName":"mia@example.com"}`).want(409, scim.Uniqueness)
	c.do("DELETE", "/Users/"+id, "").want(204)
	c.do("POST", "/Users", `{"userName":"mia@example.com"}`).want(201)
}

func createSchemas(_ reporter, c *client) {
	body := `{"schemas":["` + scim.URNUser + `","` + scim.URNEnterpriseUser + `"],"userName":"u1"}`
	r := c.do("POST", "/Users", body).want(201).is(`["`+scim.URNUser+`"]`, "schemas")
	both := `["` + scim.URNUser + `","` + scim.URNEnterpriseUser + `"]`
	c.patch("/Users/"+r.id(), `{"op":"add","path":"`+scim.URNEnterpriseUser+`:department","value":"D"}`).want(200).is(both, "schemas")
	c.patch("/Users/"+r.id(), `{"op":"remove","path":"`+scim.URNEnterpriseUser+`"}`).want(200).
		is(`["`+scim.URNUser+`"]`, "schemas").is(absent, scim.URNEnterpriseUser)
}

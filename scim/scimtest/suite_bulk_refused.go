package scimtest

import (
	"strings"

	"github.com/rollcall-id/rollcall/scim"
)

func bulkMessages(t reporter, c *client) {
	one := post("1", "/Users", `{"userName":"a"}`)
	for _, test := range []struct {
		name, body, scimType string
	}{
		{"no schemas", `{"Operations":[` + one + `]}`, scim.InvalidSyntax},
		{"another message", object(scim.URNPatchOp, `"Operations":[`+one+`]`), scim.InvalidSyntax},
		{"schemas null", `{"schemas":null,"Operations":[` + one + `]}`, scim.InvalidSyntax},
		{"no operations", `{"schemas":["` + scim.URNBulkRequest + `"]}`, scim.InvalidSyntax},
		{"empty operations", object(scim.URNBulkRequest, `"Operations":[]`), scim.InvalidSyntax},
		{"operations of text", object(scim.URNBulkRequest, `"Operations":"x"`), scim.InvalidSyntax},
		{"twice", object(scim.URNBulkRequest, `"Operations":[`+one+`],"operations":[`+one+`]`), scim.InvalidSyntax},
		{"no object", `[` + one + `]`, scim.InvalidSyntax},
		{"cut off", object(scim.URNBulkRequest, `"Operations":[`+one), scim.InvalidSyntax},
		{"text behind", object(scim.URNBulkRequest, `"Operations":[`+one+`]`) + `{}`, scim.InvalidSyntax},
		{"not UTF-8", object(scim.URNBulkRequest, `"Operations":[`+one+`,{"path":"`+"\xff"+`"}]`), scim.InvalidSyntax},
		{"failOnErrors of text", object(scim.URNBulkRequest, `"failOnErrors":"many","Operations":[`+one+`]`), scim.InvalidValue},
		{"failOnErrors of none", object(scim.URNBulkRequest, `"failOnErrors":0,"Operations":[`+one+`]`), scim.InvalidValue},
	} {
		t.Run(test.name, func(t reporter) {
			(&client{t: t, base: c.base}).do("POST", "/Bulk", test.body).want(400, test.scimType)
		})
	}
	c.get("/Users").is(`0`, "totalResults")
}

func bulkMistakes(t reporter, c *client) {
	id := c.newUser("u").id()
	body := `{"userName":"x"}`
	for _, test := range []struct{ name, operation, want string }{
		{"no bulkId", change("POST", "/Users", body), "400 invalidSyntax"},
		{"bulkId of another", post("first", "/Users", body), "400 invalidSyntax"},
		{"bulkId of another, not POST", operation("DELETE", "/Users/"+id, `"bulkId":"first"`), "400 invalidSyntax"},
		{"GET", operation("GET", "/Users/"+id), "400 invalidSyntax"},
		{"HEAD", operation("HEAD", "/Users/"+id), "400 invalidSyntax"},
		{"no path", `{"method":"DELETE"}`, "400 invalidSyntax"},
		{"number for a path", `{"method":"DELETE","path":1}`, "400 invalidSyntax"},
		{"path twice", `{"method":"DELETE","path":"/Users/` + id + `","Path":"/Users/1"}`, "400 invalidSyntax"},
		{"bulk in bulk", post("b", "/Bulk", object(scim.URNBulkRequest, `"Operations":[`+post("c", "/Users", body)+`]`)), "400 invalidSyntax"},
		{"search in bulk", post("s", "/Users/.search", object(scim.URNSearchRequest, `"filter":"id pr"`)), "400 invalidSyntax"},
		{"search at the root", post("s", "/.search", object(scim.URNSearchRequest, `"filter":"id pr"`)), "400 invalidSyntax"},
		{"discovery", operation("DELETE", "/Schemas/"+scim.URNUser), "400 invalidSyntax"},
		{"configuration", change("PUT", "/ServiceProviderConfig", `{}`), "400 invalidSyntax"},
		{"me", operation("DELETE", "/Me"), "400 invalidSyntax"},
		{"root", post("r", "/", body), "400 invalidSyntax"},
		{"POST on a resource", post("p", "/Users/"+id, body), "400 invalidSyntax"},
		{"DELETE on all", operation("DELETE", "/Users"), "400 invalidSyntax"},
		{"no data", operation("PUT", "/Users/"+id), "400 invalidSyntax"},
		{"data null", change("PATCH", "/Users/"+id, `null`), "400 invalidSyntax"},
		{"nowhere", operation("DELETE", "/Nothing/1"), "404"},
		{"another version", operation("DELETE", "/v3/Users/"+id), "400 invalidVers"},
		{"another service", operation("DELETE", "https://elsewhere.example/Users/"+id), "400 invalidSyntax"},
		{"percent", operation("DELETE", "/Users/%zz"), "400 invalidSyntax"},
		{"deep", post("d", "/Users", `{"userName":"deep","x":`+strings.Repeat("[", 60)+strings.Repeat("]", 60)+`}`), "400 invalidSyntax"},
		{"NUL", post("n", "/Users", `{"userName":"a\u0000b"}`), "400 invalidValue"},
		{"long path", operation("DELETE", "/Users/"+strings.Repeat("x", 5000)), "400 invalidValue"},
	} {
		t.Run(test.name, func(t reporter) {
			c := &client{t: t, base: c.base}
			c.bulk(operation("DELETE", "/Users/nobody", `"bulkId":"first"`), test.operation, operation("DELETE", "/Users/nobody")).
				statuses("404", test.want, "404")
		})
	}
	r := c.do("POST", "/Bulk", object(scim.URNBulkRequest, `"Operations":[1,null,{},"x",[]]`)).want(200)
	r.statuses("400 invalidSyntax", "400 invalidSyntax", "400 invalidSyntax", "400 invalidSyntax", "400 invalidSyntax")
	c.get("/Users").is(`1`, "totalResults")
}

func bulkLimits(t reporter, c *client) {
	create := post("1", "/Users", `{"userName":"u"}`)
	many := create + strings.Repeat(`,{}`, 1000)
	r := c.do("POST", "/Bulk", object(scim.URNBulkRequest, `"Operations":[`+many+`]`)).want(413)
	if detail, _ := r.at("detail").(string); !strings.Contains(detail, "1000") {
		t.Errorf("the limit is not named: %s", detail)
	}
	big := object(scim.URNBulkRequest, `"Operations":[`+create+`],"x":"`+strings.Repeat("x", 1<<20)+`"`)
	r = c.do("POST", "/Bulk", big).want(413)
	if detail, _ := r.at("detail").(string); !strings.Contains(detail, "1048576") {
		t.Errorf("the limit is not named: %s", detail)
	}
	c.get("/Users").is(`0`, "totalResults")
	c.do("POST", "/Bulk", object(scim.URNBulkRequest, `"Operations":[`+create+`]`)+strings.Repeat(" ", 900_000)).want(200).statuses("201")
}

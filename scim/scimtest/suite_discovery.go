package scimtest

import (
	"net/url"
	"strings"

	"github.com/rollcall-id/rollcall/scim"
)

func discoveryTests() []suiteTest {
	return []suiteTest{
		{"ServiceProviderConfig says what is true", discoveryConfig},
		{"ResourceTypes", discoveryTypes},
		{"Schemas", discoverySchemas},
		{"filters", func(_ reporter, c *client) {
			c.find("/ServiceProviderConfig", `id pr`).want(200)
			c.find("/Schemas", `id pr`).want(403)
			c.find("/ResourceTypes", `id pr`).want(403)
			c.get("/Schemas?count=1&startIndex=2").want(200).is(`1`, "startIndex")
		}},
	}
}

func discoveryConfig(_ reporter, c *client) {
	r := c.get("/ServiceProviderConfig").want(200)
	r.is(`["`+scim.URNServiceProviderConfig+`"]`, "schemas").is(`true`, "patch", "supported").is(`{"supported":true,"maxResults":1000}`, "filter")
	r.is(`{"supported":true,"maxOperations":1000,"maxPayloadSize":1048576}`, "bulk").is(`false`, "changePassword", "supported")
	r.is(`true`, "sort", "supported").is(`true`, "etag", "supported").is(`"oauthbearertoken"`, "authenticationSchemes", 0, "type")
	r.is(quote(c.base+"/ServiceProviderConfig"), "meta", "location").is(absent, "id")
	r.is(`{"cursor":true,"index":true,"defaultPaginationMethod":"index","defaultPageSize":100,"maxPageSize":1000,"cursorTimeout":3600}`, "pagination")
}

func discoveryTypes(_ reporter, c *client) {
	list := c.get("/ResourceTypes").want(200).is(`["`+scim.URNListResponse+`"]`, "schemas").is(`2`, "totalResults").is(`2`, "itemsPerPage")
	for i, want := range []struct{ name, endpoint, schema string }{{"User", "/Users", scim.URNUser}, {"Group", "/Groups", scim.URNGroup}} {
		list.is(quote(want.name), "Resources", i, "name")
		r := c.get("/ResourceTypes/"+want.name).want(200).is(quote(want.endpoint), "endpoint").is(quote(want.schema), "schema")
		r.is(`"ResourceType"`, "meta", "resourceType").is(quote(c.base+"/ResourceTypes/"+want.name), "meta", "location")
	}
	c.get("/ResourceTypes/User").is(quote(scim.URNEnterpriseUser), "schemaExtensions", 0, "schema").is(`false`, "schemaExtensions", 0, "required")
	c.get("/ResourceTypes/Nothing").want(404)
}

func discoverySchemas(t reporter, c *client) {
	list := c.get("/Schemas").want(200)
	if strings.Contains(list.raw, "null") {
		t.Error("a schema holds null; Entra refuses it")
	}
	names := strings.Join(list.names("name"), " ")
	for _, want := range []string{"User", "Group", "EnterpriseUser", "ServiceProviderConfig", "ResourceType", "Schema"} {
		if !strings.Contains(" "+strings.ReplaceAll(names, "Enterprise User", "EnterpriseUser")+" ", " "+want+" ") {
			t.Errorf("schema %s is not published; published are %s", want, names)
		}
	}
	for _, id := range list.names("id") {
		for _, path := range []string{"/Schemas/" + id, "/Schemas/" + url.QueryEscape(id), "/schemas/" + strings.ToLower(id)} {
			r := c.get(path).want(200).is(quote(id), "id").is(`"Schema"`, "meta", "resourceType")
			checkAttributes(r, r.at("attributes"))
		}
	}
	c.get("/Schemas/urn:example:none").want(404)
}

// checkAttributes checks that every attribute is described in full: Entra does not read a schema in which something is missing.
func checkAttributes(r *reply, list any) {
	r.t.Helper()
	attributes, _ := list.([]any)
	if len(attributes) == 0 {
		r.t.Errorf("%s: no attributes", r.request)
	}
	for _, a := range attributes {
		typ, _ := at(a, "type").(string)
		want := []string{"name", "type", "multiValued", "description", "required", "mutability", "returned"}
		if typ == "complex" {
			checkAttributes(r, at(a, "subAttributes"))
		} else {
			want = append(want, "uniqueness")
		}
		for _, name := range want {
			if at(a, name) == nil || at(a, name) == "" {
				r.t.Errorf("%s: attribute %v has no %s", r.request, at(a, "name"), name)
			}
		}
	}
}

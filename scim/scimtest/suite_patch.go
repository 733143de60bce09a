package scimtest

import (
	"github.com/rollcall-id/rollcall/scim"
)

func patchTests() []suiteTest {
	return []suiteTest{
		{"operations", patchOperations},
		{"refused operations change nothing", patchRefused},
		{"renaming into a taken name is 409", patchConflict},
		{"an unknown id is 404", func(_ reporter, c *client) {
			c.patch("/Users/nobody", `{"op":"replace","path":"active","value":false}`).want(404)
		}},
		{"a disabled user is still found, disabled", patchDisable},
	}
}

// patched is a user before, operations, and facts about it after; facts are pairs of JSON and path.
type patched struct {
	name   string
	before string // members besides userName
	ops    string // comma separated
	facts  []fact
}

type fact struct {
	want string
	path []any
}

func that(want string, path ...any) fact { return fact{want, path} }

func patchOperations(t reporter, c *client) {
	for _, list := range [][]patched{patchSingle(), patchMulti(), patchPathless(), patchExtension()} {
		for _, test := range list {
			t.Run(test.name, func(t reporter) {
				c := &client{t: t, base: c.base}
				before := []string{}
				if test.before != "" {
					before = append(before, test.before)
				}
				path := "/Users/" + c.newUser(test.name, before...).id()
				for _, r := range []*reply{c.patch(path, test.ops).want(200), c.get(path).want(200)} {
					for _, f := range test.facts {
						r.is(f.want, f.path...)
					}
				}
			})
		}
	}
}

func patchSingle() []patched {
	return []patched{
		{"add sets", ``, `{"op":"add","path":"title","value":"T"}`, []fact{that(`"T"`, "title")}},
		{"add replaces a single value", `"title":"A"`, `{"op":"Add","path":"title","value":"T"}`, []fact{that(`"T"`, "title")}},
		{"replace", `"title":"A"`, `{"op":"REPLACE","path":"TITLE","value":"T"}`, []fact{that(`"T"`, "title")}},
		{"list of one where one value belongs", `"emails":[{"value":"w@x.example","type":"work"}]`,
			`{"op":"replace","path":"title","value":["T"]},{"op":"replace","path":"active","value":["False"]},
			{"op":"add","path":"name.givenName","value":["G"]},{"op":"replace","path":"emails[type eq \"work\"].value","value":["n@x.example"]}`,
			[]fact{that(`"T"`, "title"), that(`false`, "active"), that(`"G"`, "name", "givenName"), that(`"n@x.example"`, "emails", 0, "value")}},
		{"replace of nothing sets", ``, `{"op":"replace","path":"title","value":"T"}`, []fact{that(`"T"`, "title")}},
		{"remove", `"title":"A"`, `{"op":"Remove","path":"title"}`, []fact{that(absent, "title")}},
		{"boolean as text", ``, `{"op":"Replace","path":"active","value":"False"}`, []fact{that(`false`, "active")}},
		{"remove of active", `"active":false`, `{"op":"remove","path":"active"}`, []fact{that(absent, "active")}},
		{"complex merges", `"name":{"givenName":"G","familyName":"F"}`, `{"op":"replace","path":"name","value":{"familyName":"X"}}`,
			[]fact{that(`{"givenName":"G","familyName":"X"}`, "name")}},
		{"sub-attribute creates its parent", ``, `{"op":"add","path":"name.givenName","value":"G"}`, []fact{that(`{"givenName":"G"}`, "name")}},
		{"last sub-attribute takes its parent", `"name":{"givenName":"G"}`, `{"op":"remove","path":"name.givenName"}`, []fact{that(absent, "name")}},
		{"empty text unassigns", `"title":"A"`, `{"op":"replace","path":"title","value":""}`, []fact{that(absent, "title")}},
		{"null unassigns", `"title":"A"`, `{"op":"replace","path":"title","value":null}`, []fact{that(absent, "title")}},
		{"rename in another letter case", ``, `{"op":"replace","path":"userName","value":"RENAME in another LETTER case"}`,
			[]fact{that(`"RENAME in another LETTER case"`, "userName")}},
		{"in order: remove, add, replace", `"externalId":"1"`,
			`{"op":"remove","path":"externalId"},{"op":"add","path":"externalId","value":"2"},{"op":"replace","path":"externalId","value":"3"}`,
			[]fact{that(`"3"`, "externalId")}},
	}
}

func patchMulti() []patched {
	const work = `"emails":[{"value":"w@x.example","type":"work","primary":true}]`
	const two = `"emails":[{"value":"w@x.example","type":"work","primary":true},{"value":"h@x.example","type":"home"}]`
	return []patched{
		{"add appends", work, `{"op":"add","path":"emails","value":[{"value":"h@x.example","type":"home"}]}`,
			[]fact{that(`"w@x.example"`, "emails", 0, "value"), that(`"h@x.example"`, "emails", 1, "value"), that(absent, "emails", 2)}},
		{"add of an object appends", work, `{"op":"add","path":"emails","value":{"value":"h@x.example","type":"home"}}`,
			[]fact{that(`"h@x.example"`, "emails", 1, "value")}},
		{"add of an equal element", work, `{"op":"add","path":"emails","value":[{"value":"w@x.example","type":"work","primary":true}]}`,
			[]fact{that(absent, "emails", 1)}},
		{"a new primary takes over", work, `{"op":"add","path":"emails","value":[{"value":"h@x.example","type":"home","primary":true}]}`,
			[]fact{that(`true`, "emails", 1, "primary")}},
		{"replace takes the whole list", two, `{"op":"replace","path":"emails","value":[{"value":"n@x.example"}]}`,
			[]fact{that(`[{"value":"n@x.example"}]`, "emails")}},
		{"replace by filter touches only matches", two, `{"op":"Replace","path":"emails[type eq \"work\"].value","value":"n@x.example"}`,
			[]fact{that(`"n@x.example"`, "emails", 0, "value"), that(`"h@x.example"`, "emails", 1, "value"), that(`true`, "emails", 0, "primary")}},
		{"filter with a boolean as text", two, `{"op":"Replace","path":"emails[primary eq \"True\"].value","value":"n@x.example"}`,
			[]fact{that(`"n@x.example"`, "emails", 0, "value")}},
		{"primary by filter flips", two, `{"op":"replace","path":"emails[type eq \"home\"].primary","value":true}`,
			[]fact{that(`true`, "emails", 1, "primary")}},
		{"add by filter without a match creates", ``, `{"op":"Add","path":"emails[type eq \"work\"].value","value":"n@x.example"}`,
			[]fact{that(`[{"type":"work","value":"n@x.example"}]`, "emails")}},
		{"remove by filter", two, `{"op":"remove","path":"emails[type eq \"work\"]"}`, []fact{that(`[{"value":"h@x.example","type":"home"}]`, "emails")}},
		{"remove by value list", `"roles":[{"value":"a"},{"value":"b"}]`, `{"op":"Remove","path":"roles","value":[{"value":"a"}]}`,
			[]fact{that(`[{"value":"b"}]`, "roles")}},
		{"remove without a match", two, `{"op":"remove","path":"emails[type eq \"other\"]"}`, []fact{that(`"home"`, "emails", 1, "type")}},
		{"remove all", two, `{"op":"remove","path":"emails"}`, []fact{that(absent, "emails")}},
	}
}

func patchPathless() []patched {
	const ext = scim.URNEnterpriseUser
	return []patched{
		{"replace leaves the rest alone", `"title":"T","displayName":"D"`, `{"op":"replace","value":{"displayName":"X"}}`,
			[]fact{that(`"X"`, "displayName"), that(`"T"`, "title"), that(`"replace leaves the rest alone"`, "userName")}},
		{"keys are paths", ``, `{"op":"add","value":{"name.givenName":"G","` + ext + `:department":"D","emails[type eq \"work\"].value":"w@x.example"}}`,
			[]fact{that(`{"givenName":"G"}`, "name"), that(`{"department":"D"}`, ext), that(`[{"type":"work","value":"w@x.example"}]`, "emails")}},
		{"add with nested objects", `"name":{"givenName":"G"}`, `{"op":"add","value":{"name":{"familyName":"F"},"` + ext + `":{"department":"D"}}}`,
			[]fact{that(`{"givenName":"G","familyName":"F"}`, "name"), that(`"D"`, ext, "department")}},
		{"what the server decides is ignored", ``, `{"op":"replace","value":{"id":"x","schemas":["y"],"displayName":"X"}}`,
			[]fact{that(`"X"`, "displayName"), that(`["`+scim.URNUser+`"]`, "schemas")}},
		{"unknown keys are ignored", ``, `{"op":"add","value":{"favouriteColour":"red","title":"T"}}`, []fact{that(`"T"`, "title"), that(absent, "favouriteColour")}},
	}
}

func patchExtension() []patched {
	const ext = scim.URNEnterpriseUser
	before := `"` + ext + `":{"department":"D","costCenter":"C"}`
	return []patched{
		{"extension attribute", before, `{"op":"Add","path":"` + ext + `:division","value":"V"}`,
			[]fact{that(`{"department":"D","costCenter":"C","division":"V"}`, ext)}},
		{"extension as a whole merges", before, `{"op":"add","path":"` + ext + `","value":{"department":"E"}}`,
			[]fact{that(`{"department":"E","costCenter":"C"}`, ext)}},
		{"extension as a whole removed", before, `{"op":"remove","path":"` + ext + `"}`, []fact{that(absent, ext)}},
		{"manager as text", ``, `{"op":"Add","path":"` + ext + `:manager","value":"m1"}`, []fact{that(`{"value":"m1"}`, ext, "manager")}},
		{"manager as an object", ``, `{"op":"replace","path":"` + ext + `:manager","value":{"value":"m1"}}`, []fact{that(`"m1"`, ext, "manager", "value")}},
		{"manager removed by empty text", `"` + ext + `":{"manager":{"value":"m1"}}`, `{"op":"Replace","path":"` + ext + `:manager","value":""}`,
			[]fact{that(absent, ext)}},
		{"manager removed", `"` + ext + `":{"manager":{"value":"m1"},"division":"V"}`, `{"op":"Remove","path":"` + ext + `:manager"}`,
			[]fact{that(`{"division":"V"}`, ext)}},
	}
}

func patchRefused(t reporter, c *client) {
	path := "/Users/" + c.newUser("u1", `"title":"T"`, `"emails":[{"value":"w@x.example","type":"work"}]`).id()
	before := c.get(path).want(200)
	for _, test := range []struct{ name, body, scimType string }{
		{"no operations", `{"Operations":[]}`, scim.InvalidSyntax},
		{"operations missing", `{"schemas":["` + scim.URNPatchOp + `"]}`, scim.InvalidSyntax},
		{"unknown op", `{"Operations":[{"op":"move","path":"title","value":"x"}]}`, scim.InvalidSyntax},
		{"op missing", `{"Operations":[{"path":"title","value":"x"}]}`, scim.InvalidSyntax},
		{"no value", `{"Operations":[{"op":"add","path":"title"}]}`, scim.InvalidValue},
		{"remove without a path", `{"Operations":[{"op":"remove"}]}`, scim.NoTarget},
		{"unknown path", `{"Operations":[{"op":"add","path":"noSuchThing","value":"x"}]}`, scim.InvalidPath},
		{"broken path", `{"Operations":[{"op":"add","path":"name..givenName","value":"x"}]}`, scim.InvalidPath},
		{"broken filter in a path", `{"Operations":[{"op":"add","path":"emails[type eq].value","value":"x"}]}`, scim.InvalidFilter},
		{"read-only path", `{"Operations":[{"op":"replace","path":"id","value":"x"}]}`, scim.Mutability},
		{"groups of a user", `{"Operations":[{"op":"add","path":"groups","value":[{"value":"x"}]}]}`, scim.Mutability},
		{"required removed", `{"Operations":[{"op":"remove","path":"userName"}]}`, scim.Mutability},
		{"required emptied", `{"Operations":[{"op":"replace","path":"userName","value":""}]}`, scim.InvalidValue},
		{"replace without a match", `{"Operations":[{"op":"replace","path":"emails[type eq \"home\"].value","value":"x"}]}`, scim.NoTarget},
		{"wrong type", `{"Operations":[{"op":"replace","path":"active","value":"perhaps"}]}`, scim.InvalidValue},
		{"two primaries", `{"Operations":[{"op":"add","path":"emails","value":[{"value":"1","primary":true},{"value":"2","primary":true}]}]}`, scim.InvalidValue},
		{"the second fails", `{"Operations":[{"op":"replace","path":"title","value":"X"},{"op":"replace","path":"noSuchThing","value":1}]}`, scim.InvalidPath},
		{"schemas of another message", `{"schemas":["` + scim.URNSearchRequest + `"],"Operations":[{"op":"add","path":"title","value":"x"}]}`, scim.InvalidSyntax},
	} {
		t.Run(test.name, func(t reporter) {
			c := &client{t: t, base: c.base}
			c.do("PATCH", path, test.body).want(400, test.scimType)
			if got := c.get(path).want(200).raw; got != before.raw {
				t.Errorf("after a refused PATCH the user is\n%s\nwant\n%s", got, before.raw)
			}
		})
	}
}

func patchConflict(_ reporter, c *client) {
	c.newUser("taken")
	id := c.newUser("u1").id()
	c.patch("/Users/"+id, `{"op":"replace","path":"userName","value":"TAKEN"}`).want(409, scim.Uniqueness)
	c.do("PUT", "/Users/"+id, `{"userName":"Taken"}`).want(409, scim.Uniqueness)
	c.get("/Users/"+id).is(`"u1"`, "userName")
	c.newGroup("Taken")
	group := c.newGroup("Free").id()
	c.patch("/Groups/"+group, `{"op":"replace","value":{"displayName":"taken"}}`).want(409, scim.Uniqueness)
}

func patchDisable(_ reporter, c *client) {
	id := c.newUser("u1").id()
	c.patch("/Users/"+id, `{"op":"replace","value":{"active":false}}`).want(200).is(`false`, "active")
	c.get("/Users/"+id).want(200).is(`false`, "active")
	c.find("/Users", `userName eq "U1"`).want(200).is(`false`, "Resources", 0, "active")
	c.find("/Users", `active eq true`).want(200).is(`0`, "totalResults")
}

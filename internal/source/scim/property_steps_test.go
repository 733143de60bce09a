package scim_test

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"strings"

	"github.com/rollcall-id/rollcall/scim"
)

// generator makes random requests about a few people and groups, so that they get in each other's way.
type generator struct {
	*rand.Rand
	serial        int
	users, groups []string // references
	listed        string   // the last list with a cursor
}

func (g *generator) sequence(n int) []step {
	var steps []step
	for len(steps) < n {
		g.serial = len(steps)
		st := g.step()
		st.serial = g.serial
		steps = append(steps, st)
	}
	return steps
}

func pick[T any](g *generator, from ...T) T { return from[g.IntN(len(from))] }

func (g *generator) step() step {
	switch n := g.IntN(100); {
	case n < 14 || len(g.users) < 2:
		g.users = append(g.users, fmt.Sprint(g.serial))
		return step{method: "POST", path: "/Users" + g.projection(), body: g.user()}
	case n < 20 || len(g.groups) < 2:
		g.groups = append(g.groups, fmt.Sprint(g.serial))
		return step{method: "POST", path: "/Groups" + g.projection(), body: g.group()}
	case n < 36:
		return step{method: "PATCH", path: g.path("/Users/", g.users), body: g.patch(g.userOperation), headers: g.condition(g.users)}
	case n < 50:
		return step{method: "PATCH", path: g.path("/Groups/", g.groups), body: g.patch(g.groupOperation), headers: g.condition(g.groups)}
	case n < 56:
		return step{method: "PUT", path: g.path("/Users/", g.users), body: g.user(), headers: g.condition(g.users)}
	case n < 60:
		return step{method: "PUT", path: g.path("/Groups/", g.groups), body: g.group(), headers: g.condition(g.groups)}
	case n < 64:
		return step{method: "DELETE", path: g.path("/Users/", g.users), headers: g.condition(g.users)}
	case n < 66:
		return step{method: "DELETE", path: g.path("/Groups/", g.groups), headers: g.condition(g.groups)}
	case n < 74:
		ref := pick(g, g.users...)
		return step{method: "GET", path: "/Users/{{" + ref + "}}" + g.projection(), headers: []string{"If-None-Match", "{{" + pick(g, "tag ", "old ") + ref + "}}"}}
	case n < 91:
		return g.list()
	case n < 97:
		return g.bulk()
	}
	return g.nonsense()
}

// path is that of somebody, sometimes of the wrong type.
func (g *generator) path(endpoint string, of []string) string {
	if g.IntN(15) == 0 {
		of = g.users
	}
	return endpoint + "{{" + pick(g, of...) + "}}" + g.projection()
}

func (g *generator) projection() string {
	return pick(g, "", "", "", "", "?attributes=userName,displayName", "?excludedAttributes=members,groups", "?attributes=groups,members.value",
		"?attributes=meta.version,emails.type", "?attributes=members.display", "?excludedAttributes="+scim.URNEnterpriseUser)
}

// condition is, sometimes, one on the version of somebody who may be the right one.
func (g *generator) condition(of []string) []string {
	if g.IntN(6) > 0 {
		return nil
	}
	return []string{"If-Match", pick(g, "*", "{{tag "+pick(g, of...)+"}}", "{{old "+pick(g, of...)+"}}")}
}

func (g *generator) name() string {
	return pick(g, "ann", "Ann", "bob", "Bob.", "İnci", "strasse", "straße", "a b", "x@y.example", "ÅSA", "a\u030asa", "%", "_", "c'd", "")
}

func (g *generator) text() string {
	return pick(g, "A", "a", "Zoë", "100%", "a_b", `say \"x\"`, "O'Neil", " ", "", "0", "true", "Ångström", "ß", "ſ", "K", "\U0001F600", "B", "b")
}

func (g *generator) user() string {
	members := []string{fmt.Sprintf(`"userName":"%s"`, g.name())}
	for _, m := range []string{
		fmt.Sprintf(`"displayName":"%s"`, g.text()), fmt.Sprintf(`"title":"%s"`, g.text()), fmt.Sprintf(`"active":%s`, g.boolean()),
		fmt.Sprintf(`"externalId":"%s"`, g.text()), fmt.Sprintf(`"name":{"givenName":"%s","familyName":"%s"}`, g.text(), g.text()),
		fmt.Sprintf(`"emails":[%s,%s]`, g.element(), g.element()), fmt.Sprintf(`"roles":%s`, g.element()),
		fmt.Sprintf(`"%s":{"department":"%s","manager":{"value":"{{%s}}"}}`, scim.URNEnterpriseUser, g.text(), pick(g, append(g.users, "0")...)),
		`"unknown":{"x":1}`, `"id":"mine"`, `"password":"secret"`, `"groups":[{"value":"x"}]`,
	} {
		if g.IntN(3) == 0 {
			members = append(members, m)
		}
	}
	return `{` + strings.Join(members, ",") + `}`
}

func (g *generator) boolean() string {
	return pick(g, `true`, `false`, `"True"`, `"false"`, `null`, `"x"`)
}

func (g *generator) element() string {
	return pick(g, `{"value":"a@x.example","type":"work"}`, `{"value":"b@x.example","type":"home","primary":true}`, `{"value":"A@x.example","primary":"True"}`,
		`{"value":"c@x.example","type":"Work","display":"C"}`, `"plain"`, `{"type":"other"}`)
}

func (g *generator) group() string {
	members := []string{fmt.Sprintf(`"displayName":"%s"`, g.name())}
	if g.IntN(4) > 0 {
		members = append(members, `"members":`+g.memberList())
	}
	if g.IntN(3) == 0 {
		members = append(members, fmt.Sprintf(`"externalId":"%s"`, g.text()))
	}
	return `{` + strings.Join(members, ",") + `}`
}

func (g *generator) memberList() string {
	var list []string
	for range g.IntN(4) {
		list = append(list, pick(g, `{"value":"{{%s}}"}`, `{"value":"{{%s}}","display":"x","$ref":null}`, `"{{%s}}"`))
		list[len(list)-1] = fmt.Sprintf(list[len(list)-1], g.member())
	}
	return `[` + strings.Join(list, ",") + `]`
}

// member is mostly a person.
func (g *generator) member() string {
	if len(g.groups) > 0 && g.IntN(5) == 0 {
		return pick(g, g.groups...)
	}
	return pick(g, g.users...)
}

func (g *generator) patch(operation func() string) string {
	operations := make([]string, 1+g.IntN(3))
	for i := range operations {
		operations[i] = operation()
	}
	return `{"Operations":[` + strings.Join(operations, ",") + `]}`
}

func (g *generator) userOperation() string {
	op := pick(g, "add", "Replace", "replace", "remove")
	path := pick(g, "title", "displayName", "externalId", "userName", "name.givenName", "name", "emails",
		`emails[type eq \"work\"]`, `emails[type eq \"work\"].value`, `emails[primary eq true].type`,
		`emails[value sw \"a\" or type eq \"home\"].primary`, "emails.value", scim.URNEnterpriseUser,
		scim.URNEnterpriseUser+":department", scim.URNEnterpriseUser+":manager", "roles", "active", "id", "groups", "nothing", "emails[", "")
	value := pick(g, fmt.Sprintf(`"%s"`, g.text()), fmt.Sprintf(`"%s"`, g.name()), g.boolean(), g.element(), `[`+g.element()+`,`+g.element()+`]`,
		`{"givenName":"G"}`, `{"department":"D"}`, `[]`, `null`, `{"value":"{{`+pick(g, g.users...)+`}}"}`, `{"name.givenName":"N","title":"T"}`)
	if op == "remove" && g.IntN(3) > 0 {
		return fmt.Sprintf(`{"op":"remove","path":"%s"}`, path)
	}
	if path == "" {
		return fmt.Sprintf(`{"op":"%s","value":%s}`, op, pick(g, g.user(), value))
	}
	return fmt.Sprintf(`{"op":"%s","path":"%s","value":%s}`, op, path, value)
}

func (g *generator) groupOperation() string {
	return pick(g,
		`{"op":"Add","path":"members","value":`+g.memberList()+`}`,
		`{"op":"Remove","path":"members","value":`+g.memberList()+`}`,
		fmt.Sprintf(`{"op":"remove","path":"members[value eq \"{{%s}}\"]"}`, g.member()),
		fmt.Sprintf(`{"op":"remove","path":"members[value eq \"{{%s}}\" or type eq \"Group\"]"}`, g.member()),
		`{"op":"replace","path":"members","value":`+g.memberList()+`}`,
		`{"op":"remove","path":"members"}`,
		fmt.Sprintf(`{"op":"replace","value":{"displayName":"%s","members":%s}}`, g.name(), g.memberList()),
		fmt.Sprintf(`{"op":"replace","path":"displayName","value":"%s"}`, g.name()),
		fmt.Sprintf(`{"op":"add","path":"externalId","value":"%s"}`, g.text()),
		fmt.Sprintf(`{"op":"add","path":"members[value eq \"{{%s}}\"].display","value":"x"}`, g.member()),
		`{"op":"remove","path":"displayName"}`,
	)
}

func (g *generator) list() step {
	if g.listed != "" && g.IntN(4) == 0 {
		return step{method: "GET", path: g.listed + "{{cursor}}"}
	}
	users := g.IntN(3) > 0
	endpoint, q := "/Groups", url.Values{}
	if users {
		endpoint = "/Users"
	}
	if g.IntN(3) > 0 {
		q.Set("filter", g.filter(users, 2))
	}
	if g.IntN(2) == 0 {
		q.Set("sortBy", pick(g, "displayName", "externalId", "id", "userName", "title", "active", "emails", "name.familyName", "meta.resourceType",
			"emails.type", "roles", scim.URNEnterpriseUser+":department", "nothing"))
		q.Set("sortOrder", pick(g, "ascending", "descending"))
	}
	if g.IntN(2) == 0 {
		q.Set("count", pick(g, "0", "1", "2", "3", "-1", "x"))
	}
	if g.IntN(3) == 0 {
		g.listed = endpoint + "?" + strings.ReplaceAll(q.Encode(), "%7B", "{") + "&cursor="
		g.listed = strings.ReplaceAll(g.listed, "%7D", "}")
		return step{method: "GET", path: g.listed}
	}
	if g.IntN(3) == 0 {
		q.Set("startIndex", pick(g, "0", "1", "2", "5", "99"))
	}
	path := endpoint + "?" + q.Encode()
	return step{method: "GET", path: strings.NewReplacer("%7B", "{", "%7D", "}").Replace(path)}
}

func (g *generator) filter(users bool, depth int) string {
	if depth > 0 {
		switch g.IntN(5) {
		case 0:
			return g.filter(users, depth-1) + pick(g, " and ", " or ", " AND ") + g.filter(users, depth-1)
		case 1:
			return "not (" + g.filter(users, depth-1) + ")"
		}
	}
	attribute := pick(g, "displayName", "externalId", "members", "members.value", "members.type", "members.display", "id", "meta.resourceType", "nothing",
		`members[type eq "User" and value sw "0"]`, "members[value pr].type")
	if users {
		attribute = pick(g, "userName", "displayName", "title", "externalId", "active", "name.givenName", "name", "emails", "emails.value",
			"emails.type", "emails.primary", "roles", "groups", "groups.display", "groups.type", "id", scim.URNEnterpriseUser+":department",
			scim.URNEnterpriseUser+":manager", "schemas", "nothing", `emails[type eq "work" and value sw "a"]`, `emails[not (type eq "work")]`,
			`roles[primary eq true].value`)
	}
	if g.IntN(6) == 0 {
		return attribute + " pr"
	}
	value := pick(g, `"`+g.text()+`"`, `"`+g.name()+`"`, "true", "false", "null", "5", `"work"`, `"User"`, `"{{`+pick(g, append(g.users, g.groups...)...)+`}}"`)
	switch attribute {
	case "id", "groups", "members", "members.value", scim.URNEnterpriseUser + ":manager": // ids are other texts in every service
		return attribute + pick(g, " eq ", " ne ") + value
	}
	return attribute + " " + pick(g, "eq", "eq", "Eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le") + " " + value
}

func (g *generator) bulk() step {
	var operations []string
	for i := range 1 + g.IntN(4) {
		ref := fmt.Sprintf("%d.%d", g.serial, i)
		switch g.IntN(5) {
		case 0, 1:
			operations = append(operations, fmt.Sprintf(`{"method":"POST","bulkId":"b%d","path":"/Users","data":%s}`, i, g.user()))
			g.users = append(g.users, ref)
		case 2:
			operations = append(operations, fmt.Sprintf(
				`{"method":"POST","bulkId":"b%d","path":"/Groups","data":{"displayName":"%s","members":[{"value":"bulkId:b%d"}]}}`, i, g.name(), g.IntN(4)))
			g.groups = append(g.groups, ref)
		case 3:
			operations = append(operations, fmt.Sprintf(`{"method":"DELETE","path":"/Users/{{%s}}"}`, pick(g, g.users...)))
		case 4:
			operations = append(operations, fmt.Sprintf(`{"method":"PATCH","path":"/Groups/{{%s}}","data":%s}`, pick(g, g.groups...), g.patch(g.groupOperation)))
		}
	}
	return step{method: "POST", path: "/Bulk", body: `{"schemas":["` + scim.URNBulkRequest + `"],"Operations":[` + strings.Join(operations, ",") + `]}`}
}

func (g *generator) nonsense() step {
	return pick(g,
		step{method: "POST", path: "/Users", body: `{"userName":`},
		step{method: "POST", path: "/Users", body: `{"userName":5}`},
		step{method: "PUT", path: "/Users/nobody", body: g.user()},
		step{method: "PATCH", path: "/Users", body: `{}`},
		step{method: "GET", path: "/Users/%00"},
		step{method: "GET", path: "/Users/%ff"},
		step{method: "GET", path: "/Nothing"},
		step{method: "DELETE", path: "/Groups"},
		step{method: "GET", path: "/?count=3&filter=" + url.QueryEscape(`meta.resourceType eq "User" or displayName pr`)},
		step{method: "POST", path: "/.search", body: `{"schemas":["` + scim.URNSearchRequest + `"],"count":2,"filter":"id pr"}`},
		step{method: "GET", path: "/Users?filter=" + url.QueryEscape(`userName eq "a\u0000b"`)},
		step{method: "GET", path: "/Users?cursor=forged"},
	)
}

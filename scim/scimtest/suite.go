package scimtest

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/rollcall-id/rollcall/scim"
	"github.com/rollcall-id/rollcall/scim/scimserver"
)

// RunBackend runs the conformance suite for users and groups against backends that fresh makes: an empty one for each test. It goes over real HTTP, so
// that it checks backend, handler and protocol engine together. The backend must follow the profile "rfc".
func RunBackend(t *testing.T, fresh func(t *testing.T) scimserver.Backend) {
	t.Helper()
	for _, area := range suite() {
		t.Run(area.name, func(t *testing.T) {
			for _, test := range area.tests {
				t.Run(test.name, func(t *testing.T) {
					test.run(testRun{t}, serve(testRun{t}, scimserver.Config{Registry: scim.Core(), Backend: fresh(t)}))
				})
			}
		})
	}
}

// suiteArea is a group of tests.
type suiteArea struct {
	name  string
	tests []suiteTest
}

func suite() []suiteArea {
	return []suiteArea{
		{"Create", createTests()},
		{"Read", readTests()},
		{"Filter", filterTests()},
		{"List", listTests()},
		{"Cursor", cursorTests()},
		{"Projection", projectionTests()},
		{"Patch", patchTests()},
		{"Put", putTests()},
		{"Delete", deleteTests()},
		{"Group", groupTests()},
		{"Version", versionTests()},
		{"Bulk", bulkTests()},
		{"BulkReferences", bulkReferenceTests()},
		{"Protocol", protocolTests()},
		{"Discovery", discoveryTests()},
	}
}

// suiteTest is one test over an empty service.
type suiteTest struct {
	name string
	run  func(t reporter, c *client)
}

// newUser creates a user with the members of a JSON object in addition to its name.
func (c *client) newUser(name string, members ...string) *reply {
	c.t.Helper()
	all := append([]string{`"userName":` + quote(name)}, members...)
	return c.do("POST", "/Users", object(scim.URNUser, all...)).want(201)
}

// newGroup creates a group with these members.
func (c *client) newGroup(name string, ids ...string) *reply {
	c.t.Helper()
	values := make([]string, len(ids))
	for i, id := range ids {
		values[i] = `{"value":` + quote(id) + `}`
	}
	return c.do("POST", "/Groups",
		object(scim.URNGroup, `"displayName":`+quote(name), `"members":[`+strings.Join(values, ",")+`]`)).want(201)
}

func object(schema string, members ...string) string {
	return `{"schemas":[` + quote(schema) + `],` + strings.Join(members, ",") + `}`
}

// patch sends operations, each a JSON object.
func (c *client) patch(path string, operations ...string) *reply {
	c.t.Helper()
	return c.do("PATCH", path, object(scim.URNPatchOp, `"Operations":[`+strings.Join(operations, ",")+`]`))
}

func (c *client) get(path string) *reply {
	c.t.Helper()
	return c.do("GET", path, "")
}

// find asks a collection with a filter.
func (c *client) find(endpoint, filter string) *reply {
	c.t.Helper()
	return c.get(endpoint + "?filter=" + url.QueryEscape(filter))
}

// people creates n users p001, p002, … in order.
func (c *client) people(n int) []string {
	c.t.Helper()
	ids := make([]string, n)
	for i := range ids {
		ids[i] = c.newUser(fmt.Sprintf("p%03d", i+1)).id()
	}
	return ids
}

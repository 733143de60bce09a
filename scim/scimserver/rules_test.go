package scimserver_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/rollcall-id/rollcall/scim"
	"github.com/rollcall-id/rollcall/scim/scimserver"
	"github.com/rollcall-id/rollcall/scim/scimtest"
)

// TestReturningIsCounted is rule N16: a POST that brings somebody back is counted, alone and inside a bulk request, and one that does not is not.
func TestReturningIsCounted(t *testing.T) {
	const user = `{"schemas":["` + scim.URNUser + `"],"userName":"anna"}`
	const off = `{"schemas":["` + scim.URNUser + `"],"userName":"anna","active":false}`
	var events []scimserver.Event
	h := scimserver.New(scimserver.Config{
		Registry: scim.Core(), Backend: &scimtest.Memory{Reactivate: true, NewID: func() string { return "1" }},
		Observe: func(_ *http.Request, e scimserver.Event) { events = append(events, e) },
	})
	for _, test := range []struct {
		method, path, body string
		status             int
		counted            bool
	}{
		{"POST", "/Users", user, 201, false},
		{"POST", "/Users", user, 409, false},
		{"PUT", "/Users/1", off, 200, false},
		{"POST", "/Users", user, 201, true},
		{"PUT", "/Users/1", off, 200, false},
		{"POST", "/Bulk", `{"schemas":["` + scim.URNBulkRequest + `"],"Operations":[{"method":"POST","path":"/Users","bulkId":"b","data":` + user + `}]}`, 200, true},
	} {
		events = nil
		if w := ask(h, test.method, test.path, test.body); w.Code != test.status {
			t.Fatalf("%s %s: status %d, want %d: %s", test.method, test.path, w.Code, test.status, w.Body)
		}
		if counted := slices.Contains(events[0].Rules, scimserver.RuleReturning); counted != test.counted {
			t.Errorf("%s %s: counted the rules %v; N16 among them: want %v", test.method, test.path, events[0].Rules, test.counted)
		}
	}
}

// TestExternalIDMayBeUsedTwice: uniqueness of externalId is the client's business.
func TestExternalIDMayBeUsedTwice(t *testing.T) {
	h := scimserver.New(scimserver.Config{Registry: scim.Core(), Backend: new(scimtest.Memory)})
	for _, name := range []string{"a", "b"} {
		if w := ask(h, "POST", "/Users", `{"userName":"`+name+`","externalId":"1"}`); w.Code != 201 {
			t.Fatalf("%s: status %d: %s", name, w.Code, w.Body)
		}
	}
	if total := decode(t, ask(h, "GET", `/Users?filter=externalId+eq+%221%22`, ""))["totalResults"]; total != 2.0 {
		t.Errorf("%v people have the externalId, want 2", total)
	}
}

package scimtest

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"testing"

	"github.com/rollcall-id/rollcall/scim"
	"github.com/rollcall-id/rollcall/scim/scimserver"
)

// fault is one way to be a broken SCIM service. Most have been shipped by somebody. The negative control of the suite: a service with a fault must fail the
// test that is there to notice it.
type fault struct {
	name    string
	noticed string // Area/test that fails
	wrap    func(next http.Handler) http.Handler
}

// TestFaults runs against every broken service the test that should notice, and asks that it fails.
func TestFaults(t *testing.T) {
	faults := slices.Concat(requestFaults(), answerFaults(), listFaults(), bulkFaults(), writeFaults())
	if len(faults) < 50 {
		t.Errorf("%d faults, want at least 50", len(faults))
	}
	for _, f := range faults {
		t.Run(f.name, func(t *testing.T) {
			if problem := f.run(t.Context(), f.noticed); problem != "" {
				t.Logf("%s: %s", f.noticed, problem)
				return
			}
			var others []string
			for _, name := range testNames() {
				if f.run(t.Context(), name) != "" {
					others = append(others, name)
				}
			}
			t.Errorf("%q does not notice; the tests that do are %q. If there are none, the suite has to be extended", f.noticed, others)
		})
	}
}

// TestNoFault: what carries the faults is not what the suite notices.
func TestNoFault(t *testing.T) {
	none := fault{wrap: func(next http.Handler) http.Handler {
		return requests(func(*http.Request, map[string]any) bool { return true })(answers(func(*http.Request, *answer) {})(next))
	}}
	for _, name := range testNames() {
		switch name {
		case "Create/refused bodies", "Put/refused", "Protocol/limits", "Bulk/messages that are none do nothing", "Bulk/operations that are none fail alone",
			"Bulk/what succeeds has no response, what fails has no version":
			continue // they send names twice, which do not survive being decoded and encoded again
		}
		if problem := none.run(t.Context(), name); problem != "" {
			t.Errorf("%s: %s", name, problem)
		}
	}
}

func testNames() (names []string) {
	for _, area := range suite() {
		for _, test := range area.tests {
			names = append(names, area.name+"/"+test.name)
		}
	}
	return names
}

// run runs one test of the suite against the broken service and returns the first thing it complained about.
func (f fault) run(ctx context.Context, name string) string {
	for _, area := range suite() {
		for _, test := range area.tests {
			if area.name+"/"+test.name != name {
				continue
			}
			record := &recorder{ctx: ctx}
			record.Run("", func(t reporter) {
				h := scimserver.New(scimserver.Config{
					Registry: scim.Core(), Backend: new(Memory), BaseURL: func(r *http.Request) string { return "http://" + r.Host },
				})
				test.run(t, serveHandler(t, f.wrap(h)))
			})
			return record.problem
		}
	}
	panic(fmt.Sprintf("scimtest: the suite has no test %q", name))
}

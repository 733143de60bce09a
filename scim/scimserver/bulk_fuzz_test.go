package scimserver_test

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/rollcall-id/rollcall/scim"
	"github.com/rollcall-id/rollcall/scim/scimserver"
	"github.com/rollcall-id/rollcall/scim/scimtest"
)

// FuzzBulk sends anything as a bulk request. No operation may lead to a fault, every answer is a BulkResponse or an error, what is stored is what the answer
// says was stored, and no bulkId is left in a reference.
func FuzzBulk(f *testing.F) {
	group := func(id, member string) string {
		return `{"method":"POST","path":"/Groups","bulkId":"` + id + `","data":{"displayName":"` + id + `","members":[{"value":"bulkId:` + member + `"}]}}`
	}
	for _, seed := range []string{
		bulkBody("", createUser("a", "u"), group("g", "a")),
		bulkBody("", group("g", "h"), group("h", "g"), group("i", "i"), group("j", "k")),
		bulkBody(`"failOnErrors":1,`, managed("a", "x", "b"), managed("b", "1", "a"), createUser("c", "c")),
		bulkBody("", `{"method":"patch","path":"Groups/3","data":{"Operations":[{"op":"remove","path":"members[value eq \"bulkId:a\"]"}]}}`, createUser("a", "u")),
		bulkBody("", `{"method":"PUT","path":"/v2/Users/bulkId:a","version":"W/\"1\"","data":{"userName":"z"}}`, createUser("a", "u"), `{"method":"DELETE","path":"/Users/1"}`),
		bulkBody("", `{}`, `1`, `{"method":"GET"}`, `{"method":"POST","path":"/Bulk","bulkId":"","data":null}`),
		`{"schemas":"` + scim.URNBulkRequest + `","operations":{"method":"DELETE","path":"/Users/%31"}}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		next := 0
		memory := &scimtest.Memory{NewID: func() string { next++; return string(rune('0' + next)) }}
		var events []scimserver.Event
		h := scimserver.New(scimserver.Config{
			Registry: scim.Core(), Backend: memory, Logger: slog.New(slog.DiscardHandler), MaxBulkOperations: 20,
			Observe: func(_ *http.Request, e scimserver.Event) { events = append(events, e) },
		})
		for _, name := range []string{"1", "2"} {
			ask(h, "POST", "/Users", `{"userName":"`+name+`"}`)
		}
		ask(h, "POST", "/Groups", `{"displayName":"g","members":[{"value":"1"}]}`)
		before := memory.Len("User") + memory.Len("Group")
		events = nil
		w := ask(h, "POST", "/Bulk", body)
		var answer struct {
			Schemas    []string
			Operations []struct {
				Status, Method, Location, Version string
				Response                          *struct{ Status string }
			}
		}
		if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || w.Code >= 500 {
			t.Fatalf("status %d with %s (%v)", w.Code, w.Body, err)
		}
		if w.Code != 200 {
			if memory.Len("User")+memory.Len("Group") != before {
				t.Fatalf("status %d, and something was created", w.Code)
			}
			return
		}
		if len(answer.Schemas) != 1 || answer.Schemas[0] != scim.URNBulkResponse || len(events) != len(answer.Operations)+1 {
			t.Fatalf("%d events for %s", len(events), w.Body)
		}
		created := 0
		for i, o := range answer.Operations {
			good := strings.HasPrefix(o.Status, "2")
			if len(o.Status) != 3 || o.Status[0] == '5' || good == (o.Response != nil) || !good && (o.Version != "" || o.Response.Status != o.Status) {
				t.Errorf("operation %d: %+v", i, o)
			}
			switch o.Status {
			case "201":
				created++
			case "204":
				created--
			}
		}
		if got := memory.Len("User") + memory.Len("Group") - before; got != created {
			t.Errorf("there are %d resources more, and the answer says %d: %s", got, created, w.Body)
		}
		checkStored(t, memory)
	})
}

// checkStored checks that required attributes are there, and references lead somewhere.
func checkStored(t *testing.T, memory *scimtest.Memory) {
	t.Helper()
	ids := map[string]bool{}
	for _, typ := range []string{"User", "Group"} {
		for _, r := range memory.All(typ) {
			ids[r.ID()] = true
		}
	}
	for _, u := range memory.All("User") {
		enterprise, _ := u[scim.URNEnterpriseUser].(map[string]any)
		manager, _ := enterprise["manager"].(map[string]any)
		value, _ := manager["value"].(string)
		ref, _ := manager["$ref"].(string)
		if name, _ := u["userName"].(string); name == "" || isBulkID(value) || isBulkID(ref) {
			t.Errorf("a user is %v", u)
		}
	}
	for _, g := range memory.All("Group") {
		members, _ := g["members"].([]any)
		for _, m := range members {
			element, _ := m.(map[string]any)
			if id, _ := element["value"].(string); !ids[id] {
				t.Errorf("a group has the member %v", m)
			}
		}
	}
}

func isBulkID(s string) bool {
	return strings.HasPrefix(strings.ToLower(s[strings.LastIndexByte(s, '/')+1:]), "bulkid:")
}

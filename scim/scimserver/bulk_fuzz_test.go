package scimserver_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/rollcall-id/rollcall/scim"
	"github.com/rollcall-id/rollcall/scim/scimserver"
	"github.com/rollcall-id/rollcall/scim/scimtest"
)

// FuzzBulk sends operations that a program of bytes puts together, and one of any text, as a bulk request. No operation may lead to a fault, every answer is
// a BulkResponse or an error, what is stored is what the answer says was stored, an operation that failed changed nothing, and no bulkId is left in a
// reference.
func FuzzBulk(f *testing.F) {
	for _, seed := range []struct{ program, text string }{
		{"\x00\x00\x00\x00\x01", createUser("a", "u")},
		{"\x00\x01\x00\x02\x01\x00\x01\x01\x02\x00\x00\x01\x02\x02\x02", ""},
		{"\x00\x00\x00\x01\x01\x00\x00\x01\x01\x00\x03\x04\x05\x03\x00\x04\x05\x05\x00\x01", `{"method":"patch","path":"Groups/3","data":{"Operations":[]}}`},
		{"\x00\x01\x03\x02\x03\x02\x02\x05\x00\x01\x03\x03\x05\x04\x01", managed("z", "1", "b1")},
		{"", `{"method":"GET"},1,{},{"method":"POST","path":"/Bulk","bulkId":"","data":null}`},
	} {
		f.Add([]byte(seed.program), seed.text)
	}
	f.Fuzz(bulkInvariants)
}

func bulkInvariants(t *testing.T, program []byte, text string) {
	next := 0
	memory := &scimtest.Memory{NewID: func() string { next++; return fmt.Sprint(next) }}
	observed, before := 0, ""
	h := scimserver.New(scimserver.Config{
		Registry: scim.Core(), Backend: memory, Logger: slog.New(slog.DiscardHandler), MaxBulkOperations: 20,
		Observe: func(_ *http.Request, e scimserver.Event) {
			after := snapshot(memory)
			if e.Bulk > 0 && e.Status >= 400 && before != after {
				t.Errorf("operation %d, %s %s, failed (%s) and changed\n%s to\n%s", e.Bulk, e.Method, e.Endpoint, e.Detail, before, after)
			}
			before = after
			observed++
		},
	})
	for _, name := range []string{"1", "2"} {
		ask(h, "POST", "/Users", `{"userName":"`+name+`"}`)
	}
	ask(h, "POST", "/Groups", `{"displayName":"g","members":[{"value":"1"}]}`)
	operations := assemble(program)
	if text != "" {
		operations = append(operations, text)
	}
	observed = 0
	w := ask(h, "POST", "/Bulk", bulkBody("", operations...))
	if w.Code == 200 {
		checkBulkAnswer(t, w.Body.Bytes(), observed-1, memory.Len("User")+memory.Len("Group")-3)
	} else if memory.Len("User") != 2 || w.Code != 400 && w.Code != 413 {
		t.Fatalf("status %d with %d users: %s", w.Code, memory.Len("User"), w.Body)
	}
	checkStored(t, memory)
}

// assemble makes operations, five bytes each.
func assemble(program []byte) []string {
	pick := func(list []string, b byte) string { return list[int(b)%len(list)] }
	var out []string
	for len(program) >= 5 && len(out) < 15 {
		method := pick([]string{"POST", "post", "PUT", "PATCH", "DELETE"}, program[0])
		path := pick([]string{"/Users", "/Groups", "/Users/1", "/Groups/3", "/Users/bulkId:b0", "/Groups/bulkId:b1"}, program[1])
		names := []string{"b0", "b1", "b2", "b3", "b4", "b5", "1"}
		id, one, two := pick(names, program[2]), pick(names, program[3]), pick(names, program[4])
		data := pick([]string{
			`{"userName":"` + id + `","displayName":"bulkId:` + one + `"}`,
			`{"userName":"` + two + `",` + `"` + scim.URNEnterpriseUser + `":{"manager":{"value":"bulkId:` + one + `"}}}`,
			`{"displayName":"g","members":[{"value":"bulkId:` + one + `"},{"value":"bulkId:` + two + `"},"2"]}`,
			`{"Operations":[{"op":"add","path":"members","value":["bulkId:` + one + `"]},{"op":"remove","path":"members[value eq \"bulkId:` + two + `\"]"}]}`,
			`{"Operations":[{"op":"replace","path":"title","value":"` + one + `"},{"op":"replace","value":{"userName":"` + two + `"}}]}`,
		}, program[3]/8+program[4])
		out = append(out, fmt.Sprintf(`{"method":%q,"path":%q,"bulkId":%q,"data":%s}`, method, path, id, data))
		program = program[5:]
	}
	return out
}

func snapshot(memory *scimtest.Memory) string {
	var b []byte
	for _, typ := range []string{"User", "Group"} {
		for _, r := range memory.All(typ) {
			b = append(scim.AppendJSON(b, map[string]any(r)), '\n')
		}
	}
	return string(b)
}

func checkBulkAnswer(t *testing.T, body []byte, observed, more int) {
	t.Helper()
	var answer struct {
		Schemas    []string
		Operations []struct {
			Status, Method, Location, Version string
			Response                          *struct{ Status string }
		}
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		t.Fatalf("answer %s: %v", body, err)
	}
	if len(answer.Schemas) != 1 || answer.Schemas[0] != scim.URNBulkResponse || observed != len(answer.Operations) {
		t.Fatalf("%d events for %s", observed, body)
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
	if more != created {
		t.Errorf("there are %d resources more, and the answer says %d: %s", more, created, body)
	}
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

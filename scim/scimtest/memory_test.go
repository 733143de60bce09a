package scimtest

import (
	"testing"
	"time"

	"github.com/rollcall-id/rollcall/scim"
	"github.com/rollcall-id/rollcall/scim/scimserver"
)

func TestMemoryReactivates(t *testing.T) {
	for _, test := range []struct {
		name       string
		reactivate bool
		body       string
		status     int
	}{
		{"as Okta expects", true, `{"userName":"U","externalId":"1","title":"back"}`, 201},
		{"without an externalId", true, `{"userName":"u"}`, 201},
		{"another externalId is another person", true, `{"userName":"u","externalId":"2"}`, 409},
		{"otherwise it is a conflict", false, `{"userName":"u","externalId":"1"}`, 409},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := serve(testRun{t}, scimserver.Config{Registry: scim.Core(), Backend: &Memory{Reactivate: test.reactivate}})
			id := c.newUser("u", `"externalId":"1"`).id()
			c.do("POST", "/Users", `{"userName":"u","externalId":"1"}`).want(409, scim.Uniqueness) // active
			c.patch("/Users/"+id, `{"op":"replace","path":"active","value":false}`).want(200)
			r := c.do("POST", "/Users", test.body).want(test.status)
			if test.status == 201 {
				r.is(quote(id), "id").is(`true`, "active")
			}
		})
	}
}

func TestMemoryGivesCopies(t *testing.T) {
	now := time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC)
	m := &Memory{Now: func() time.Time { return now }, NewID: func() string { return "id-1" }}
	rt := scim.Core().Type("User")
	in := scim.Resource{"userName": "u", "name": map[string]any{"givenName": "G"}}
	out, err := m.Create(t.Context(), rt, in)
	if err != nil {
		t.Fatal(err)
	}
	if got := at(map[string]any(out), "meta", "created"); out.ID() != "id-1" || got != "2026-02-03T04:05:06.000Z" {
		t.Errorf("id %q created %v", out.ID(), got)
	}
	for _, r := range []scim.Resource{in, out, m.All("User")[0]} {
		name, _ := r["name"].(map[string]any)
		name["givenName"] = "changed"
	}
	kept, err := m.Get(t.Context(), rt, "id-1", scim.Projection{})
	if err != nil {
		t.Fatal(err)
	}
	if got := at(map[string]any(kept), "name", "givenName"); got != "G" {
		t.Errorf("a change of a returned resource reached the stored one: %v", got)
	}
	if m.Len("User") != 1 || m.Len("Group") != 0 {
		t.Errorf("%d users and %d groups, want 1 and 0", m.Len("User"), m.Len("Group"))
	}
}

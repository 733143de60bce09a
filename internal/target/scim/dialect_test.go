package scim

import (
	"fmt"
	"net/url"
	"testing"

	"github.com/rollcall-id/rollcall/internal/provisioning"
	"github.com/rollcall-id/rollcall/internal/target/scim/scimfake"
	"github.com/rollcall-id/rollcall/scim/scimclient"
)

// TestDialectsOnTheWire compares what is sent with the samples of spec/entra-provisioning.md sections 2.4 to 2.6.
func TestDialectsOnTheWire(t *testing.T) {
	several := []provisioning.Assignment{
		set(mail, "updatedEmail@x"), set("name.familyName", "Björn"), set("active", false), set(enterprise+":department", "R&D"), set("title", nil),
	}
	manager := []provisioning.Assignment{set(enterprise+":manager", "boss")}
	disable := []provisioning.Assignment{set("active", false)}
	const atMail = `"path":"emails[type eq \"work\"].value","value":"updatedEmail@x"}`
	for _, tt := range []struct {
		dialect Dialect
		change  []provisioning.Assignment
		want    string
	}{
		{Entra, several, `[{"op":"Replace",` + atMail + `,{"op":"Replace","path":"name.familyName","value":"Björn"},{"op":"Replace","path":"active","value":"False"},` +
			`{"op":"Replace","path":"` + enterprise + `:department","value":"R&D"},{"op":"Remove","path":"title"}]`},
		{Entra, manager, `[{"op":"Replace","path":"` + enterprise + `:manager","value":"boss"}]`},
		{Entra, disable, `[{"op":"Replace","path":"active","value":"False"}]`},
		{Entra2020, several, `[{"op":"replace",` + atMail + `,{"op":"replace","value":{"name.familyName":"Björn","active":false,"` + enterprise +
			`:department":"R&D"}},{"op":"remove","path":"title"}]`},
		{Entra2020, manager, `[{"op":"replace","path":"` + enterprise + `:manager","value":{"value":"boss"}}]`},
		{Entra2020, disable, `[{"op":"replace","path":"active","value":false}]`},
		{RFC, disable, `[{"op":"replace","path":"active","value":false}]`},
	} {
		s := newService(t)
		target := s.target(func(c *Config) { c.Dialect = tt.dialect })
		e := s.user(target, "ann@x", set("title", "Dr"), set(mail, "old@x"))
		if err := target.Update(t.Context(), "User", e.ID, tt.change); err != nil {
			t.Errorf("%s: %v", tt.dialect, err)
			continue
		}
		writes := s.writes(e.ID)
		const prefix = "PATCH /Users/ID "
		if len(writes) != 1 || !equalJSON(t, writes[0][len(prefix):], tt.want) {
			t.Errorf("%s sent\n%q\nwant\n%s", tt.dialect, writes, tt.want)
		}
	}
}

func TestDialectsOfMembers(t *testing.T) {
	for dialect, want := range map[Dialect][2]string{
		RFC:   {`[{"op":"add","path":"members","value":[{"value":"%s"}]}]`, `[{"op":"remove","path":"members[value eq \"%s\"]"}]`},
		Entra: {`[{"op":"Add","path":"members","value":[{"$ref":null,"value":"%s"}]}]`, `[{"op":"Remove","path":"members","value":[{"$ref":null,"value":"%s"}]}]`},
		Entra2020: {`[{"op":"add","path":"members","value":[{"value":"%s"}]}]`,
			`[{"op":"remove","path":"members[value eq \"%s\"]"}]`},
	} {
		s := newService(t)
		target := s.target(func(c *Config) { c.Dialect = dialect })
		group, people := s.team(target, 3)
		s.Forget()
		for _, change := range [][2][]string{{people[:1], nil}, {nil, people[:1]}} {
			if err := target.ChangeMembers(t.Context(), group, change[0], change[1]); err != nil {
				t.Fatalf("%s: %v", dialect, err)
			}
		}
		writes := s.writes(group)
		if len(writes) != 2 {
			t.Fatalf("%s sent %q; want two requests", dialect, writes)
		}
		for i, w := range writes {
			if got := w[len("PATCH /Groups/ID "):]; !equalJSON(t, got, fmt.Sprintf(want[i], people[0])) {
				t.Errorf("%s sent %s; want %s", dialect, got, fmt.Sprintf(want[i], people[0]))
			}
		}
		if left := s.members(group); len(left) != 0 {
			t.Errorf("%s: members are %q; want none", dialect, left)
		}
	}
}

func TestTheFlagInTheTenantURLChoosesTheDialect(t *testing.T) {
	for text, want := range map[string]Dialect{
		"https://x.example/scim":                       RFC,
		"https://x.example/scim?x=1":                   RFC,
		"https://x.example/scim?aadOptscim062020":      Entra2020,
		"https://x.example/scim/?a=b&aadoptscim062020": Entra2020,
	} {
		u, err := url.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := Auto.resolve(u); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
		if got := Entra.resolve(u); got != Entra {
			t.Errorf("%s: a dialect that was chosen became %s", text, got)
		}
	}
}

func TestIfMatchWhereTagsAreSaidToBeTrue(t *testing.T) {
	for _, tt := range []struct {
		name string
		etag scimclient.Support // by the profile
		want bool
	}{
		{"as the service says, which is yes", scimclient.Unknown, true},
		{"switched on", scimclient.Yes, true},
		{"switched off", scimclient.No, false},
	} {
		s := newService(t, scimfake.Rule{Fault: scimfake.StrictElements})
		target := s.target(func(c *Config) { c.ETag = tt.etag })
		e := s.user(target, "ann@x")
		// Somebody else writes between the read and the first conditional PATCH.
		s.Rules(scimfake.Rule{Fault: scimfake.Refuse, Status: 412, Method: "PATCH", Times: 1, Body: `"add"`}, scimfake.Rule{Fault: scimfake.StrictElements})
		if err := target.Update(t.Context(), "User", e.ID, []provisioning.Assignment{set(mail, "m@x")}); err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
		requests := s.Requests()
		if got := requests[len(requests)-1].Header.Get("If-Match") != ""; got != tt.want || s.reads() != 2 {
			t.Errorf("%s: If-Match %v after %d reads; want %v after 2", tt.name, got, s.reads(), tt.want)
		}
	}
}

func TestPutSwitchedOff(t *testing.T) {
	s := newService(t, scimfake.Rule{Fault: scimfake.PutOnly})
	target := s.target(func(c *Config) { c.Put = scimclient.No })
	e := s.user(target, "ann@x")
	err := target.Update(t.Context(), "User", e.ID, []provisioning.Assignment{set("title", "a")})
	if got := asTargetError(t, err); got.Code != notImplemented || len(s.writes(e.ID)) != 1 {
		t.Errorf("got %+v after %q; want the refusal of PATCH and no PUT", got, s.writes(e.ID))
	}
}

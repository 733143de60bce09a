package scim

import (
	"slices"
	"strings"
	"testing"

	"github.com/rollcall-id/rollcall/internal/provisioning"
	"github.com/rollcall-id/rollcall/internal/target/scim/scimfake"
)

const badges = "urn:acme:2.0:User:badges"

func add(path string, values ...any) provisioning.Assignment {
	return provisioning.Assignment{Path: path, Value: values, Add: true}
}

// TestLists writes multi-valued attributes in each way that a service may need.
func TestLists(t *testing.T) {
	type m = map[string]any
	list := func(path string, values ...any) provisioning.Assignment { return set(path, values) }
	start := []provisioning.Assignment{list("emails", "a@x", "b@x"), list("roles", m{"value": "Admin", "display": "Administrator"}), list(badges, "red")}
	for _, tt := range []struct {
		name  string
		fault scimfake.Fault
		do    provisioning.Assignment
		want  string // the last write
		after string
	}{
		{"replaced as a whole", "", list("emails", "c@x"), `PATCH /Users/ID [{"op":"replace","path":"emails","value":[{"value":"c@x"}]}]`,
			`"emails":[{"value":"c@x"}],"roles":[{"display":"Administrator","value":"Admin"}],"urn:acme:2.0:User":{"badges":["red"]}`},
		{"removed", "", set("emails", nil), `PATCH /Users/ID [{"op":"remove","path":"emails"}]`,
			`"roles":[{"display":"Administrator","value":"Admin"}],"urn:acme:2.0:User":{"badges":["red"]}`},
		{"added to", "", add("emails", "c@x"), `PATCH /Users/ID [{"op":"add","path":"emails","value":[{"value":"c@x"}]}]`,
			`"emails":[{"value":"a@x"},{"value":"b@x"},{"value":"c@x"}],"roles":[{"display":"Administrator","value":"Admin"}],"urn:acme:2.0:User":{"badges":["red"]}`},
		{"objects", "", add("roles", m{"value": "User", "primary": false}), `PATCH /Users/ID [{"op":"add","path":"roles","value":[{"primary":false,"value":"User"}]}]`,
			`"emails":[{"value":"a@x"},{"value":"b@x"}],"roles":[{"display":"Administrator","value":"Admin"},{"primary":false,"value":"User"}],` +
				`"urn:acme:2.0:User":{"badges":["red"]}`},
		{"of a service's own extension, a list of one", "", list(badges, "blue"), `PATCH /Users/ID [{"op":"replace","path":"` + badges + `","value":["blue"]}]`,
			`"emails":[{"value":"a@x"},{"value":"b@x"}],"roles":[{"display":"Administrator","value":"Admin"}],"urn:acme:2.0:User":{"badges":["blue"]}`},
		{"replaced by PUT", scimfake.PutOnly, list("emails", "c@x"), `PUT /Users/ID`,
			`"emails":[{"value":"c@x"}],"roles":[{"display":"Administrator","value":"Admin"}],"urn:acme:2.0:User":{"badges":["red"]}`},
		{"added to by PUT, nothing twice", scimfake.PutOnly, add("roles", m{"value": "admin"}, m{"value": "User"}), `PUT /Users/ID`,
			`"emails":[{"value":"a@x"},{"value":"b@x"}],"roles":[{"display":"Administrator","value":"Admin"},{"value":"User"}],"urn:acme:2.0:User":{"badges":["red"]}`},
		{"an extension's list by PUT", scimfake.PutOnly, add(badges, "RED", "blue"), `PUT /Users/ID`,
			`"emails":[{"value":"a@x"},{"value":"b@x"}],"roles":[{"display":"Administrator","value":"Admin"}],"urn:acme:2.0:User":{"badges":["red","blue"]}`},
	} {
		s := newCustomService(t)
		target := s.target(nil)
		e := s.user(target, "ann@x", start...)
		if tt.fault != "" {
			s.Rules(scimfake.Rule{Fault: tt.fault})
		}
		if err := target.Update(t.Context(), "User", e.ID, []provisioning.Assignment{tt.do}); err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		writes := s.writes(e.ID)
		if writes[len(writes)-1] != tt.want {
			t.Errorf("%s: sent %q, want %q", tt.name, writes, tt.want)
		}
		if got := s.resource("User", e.ID); !sameAccount(t, got, `{"userName":"ann@x",`+tt.after+`}`) {
			t.Errorf("%s: the account is %s, want %s", tt.name, got, tt.after)
		}
	}
}

// A value that the attribute cannot take is not sent at all, and the error names the row.
func TestMisfits(t *testing.T) {
	type m = map[string]any
	s := newService(t)
	target := s.target(nil)
	e := s.user(target, "ann@x")
	for _, tt := range []struct {
		a    provisioning.Assignment
		code string
		want string
	}{
		{set("title", []any{"a", "b"}), "SchemaPropertyCanOnlyAcceptValue", "title: the mapping gives a list of 2, and the attribute takes one value"},
		{set(mail, []any{"a@x"}), "SchemaPropertyCanOnlyAcceptValue", mail + ": the mapping gives a list of 1"},
		{set("active", "maybe"), "UnprocessableEntity", "active: the value is not what the attribute takes: expected true or false"},
		{set("name", "Ann"), "UnprocessableEntity", "name: the value is not what the attribute takes: expected its parts"},
		{set("title", m{"value": "x"}), "UnprocessableEntity", "title: the value is not what the attribute takes: expected a single value without parts"},
		{set("x509Certificates[type eq \"a\"].value", "no bytes"), "UnprocessableEntity", "expected base64"},
		{set("emails[", "x"), "SchemaAttributeNotFound", "cannot be read"},
	} {
		s.Forget()
		err := asTargetError(t, target.Update(t.Context(), "User", e.ID, []provisioning.Assignment{set("displayName", "Ann"), tt.a}))
		if err.Code != tt.code || !strings.Contains(err.Detail, tt.want) || !strings.Contains(err.Detail, "correct the attribute mapping") {
			t.Errorf("%s: got %v; want %s with %q", tt.a.Path, err, tt.code, tt.want)
		}
		if _, err := target.Create(t.Context(), "User", []provisioning.Assignment{set("userName", "bob@x"), tt.a}); asTargetError(t, err).Code != tt.code {
			t.Errorf("%s: Create gave %v", tt.a.Path, err)
		}
		if w := s.writes(e.ID); !slices.Equal(w, nil) {
			t.Errorf("%s: sent %q", tt.a.Path, w)
		}
	}
}

// A service that must be read first gets what is missing of a list, and nothing twice.
func TestAdditionsAtAStrictService(t *testing.T) {
	s := newCustomService(t)
	target := s.target(nil)
	e := s.user(target, "ann@x", set("roles", []any{"Admin"}), set(badges, []any{"red"}))
	s.Rules(scimfake.Rule{Fault: scimfake.StrictElements})
	err := target.Update(t.Context(), "User", e.ID, []provisioning.Assignment{set(mail, "a@x"), add("roles", "admin", "User"), add(badges, "red")})
	if err != nil {
		t.Fatal(err)
	}
	writes := s.writes(e.ID)
	want := `PATCH /Users/ID [{"op":"add","path":"emails","value":[{"type":"work","value":"a@x"}]},{"op":"add","path":"roles","value":[{"value":"User"}]}]`
	if got := writes[len(writes)-1]; got != want {
		t.Errorf("sent %s, want %s", got, want)
	}
}

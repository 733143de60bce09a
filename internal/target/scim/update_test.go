package scim

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/rollcall-id/rollcall/internal/provisioning"
	"github.com/rollcall-id/rollcall/internal/target/scim/scimfake"
	"github.com/rollcall-id/rollcall/scim/scimclient"
)

const mail = `emails[type eq "work"].value`

func TestUpdate(t *testing.T) {
	start := []provisioning.Assignment{set("displayName", "Ann"), set("title", "Dr"), set(enterprise+":manager", "boss")}
	address := []provisioning.Assignment{set(`addresses[type eq "work"].locality`, "Bern"), set(`addresses[type eq "work"].country`, "CH")}
	for _, tt := range []struct {
		name    string
		fault   scimfake.Fault
		changes []provisioning.Assignment
		writes  []string // with "strict": only the last
		reads   int
		after   string // attributes beside userName
	}{
		{"a value", "", []provisioning.Assignment{set("displayName", "Änn")},
			[]string{`PATCH /Users/ID [{"op":"replace","path":"displayName","value":"Änn"}]`}, 0,
			`"displayName":"Änn","title":"Dr","` + enterprise + `":{"manager":{"value":"boss"}}`},
		{"disable: a real boolean", "", []provisioning.Assignment{set("active", "False")},
			[]string{`PATCH /Users/ID [{"op":"replace","path":"active","value":false}]`}, 0,
			`"active":false,"displayName":"Ann","title":"Dr","` + enterprise + `":{"manager":{"value":"boss"}}`},
		{"removals and the manager as an object", "", []provisioning.Assignment{set("title", nil), set(enterprise+":manager", "chief")},
			[]string{`PATCH /Users/ID [{"op":"remove","path":"title"},{"op":"replace","path":"` + enterprise + `:manager","value":{"value":"chief"}}]`}, 0,
			`"displayName":"Ann","` + enterprise + `":{"manager":{"value":"chief"}}`},
		{"a missing element at a strict service", scimfake.StrictElements, slices.Concat([]provisioning.Assignment{set(mail, "a@x"), set("title", "Prof")}, address),
			[]string{`PATCH /Users/ID [{"op":"add","path":"emails","value":[{"type":"work","value":"a@x"}]},{"op":"replace","path":"title","value":"Prof"},` +
				`{"op":"add","path":"addresses","value":[{"country":"CH","locality":"Bern","type":"work"}]}]`}, 1,
			`"displayName":"Ann","title":"Prof","` + enterprise + `":{"manager":{"value":"boss"}},"emails":[{"type":"work","value":"a@x"}],` +
				`"addresses":[{"type":"work","locality":"Bern","country":"CH"}]`},
		{"by PUT where there is no PATCH", scimfake.PutOnly, []provisioning.Assignment{set("title", nil), set(mail, "a@x"), set("active", false)},
			[]string{`PUT /Users/ID`}, 1,
			`"active":false,"displayName":"Ann","` + enterprise + `":{"manager":{"value":"boss"}},"emails":[{"type":"work","value":"a@x"}]`},
	} {
		s := newService(t)
		target := s.target(nil)
		e := s.user(target, "ann@x", start...)
		if tt.fault != "" {
			s.Rules(scimfake.Rule{Fault: tt.fault})
		}
		if err := target.Update(t.Context(), "User", e.ID, tt.changes); err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		writes := s.writes(e.ID)
		if tt.fault != "" {
			writes = writes[len(writes)-1:]
		}
		if !slices.Equal(writes, tt.writes) || s.reads() != tt.reads {
			t.Errorf("%s: sent\n%s\nand read %d times; want\n%s\nand %d", tt.name, strings.Join(writes, "\n"), s.reads(), strings.Join(tt.writes, "\n"), tt.reads)
		}
		got := s.resource("User", e.ID)
		if want := `{"userName":"ann@x",` + tt.after + `}`; !sameAccount(t, got, want) {
			t.Errorf("%s: the account is\n%s\nwant\n%s", tt.name, got, want)
		}
	}
}

// sameAccount compares without active, which services fill in, unless it is false.
func sameAccount(t *testing.T, got, want string) bool {
	t.Helper()
	return equalJSON(t, strings.ReplaceAll(got, `"active":true,`, ""), want)
}

func TestAStrictServiceIsReadFirstFromThenOn(t *testing.T) {
	s := newService(t, scimfake.Rule{Fault: scimfake.StrictElements})
	target := s.target(nil)
	ann, bob := s.user(target, "ann@x"), s.user(target, "bob@x")
	for i, e := range []provisioning.Entry{ann, bob} {
		s.Forget()
		if err := target.Update(t.Context(), "User", e.ID, []provisioning.Assignment{set(mail, "m@x")}); err != nil {
			t.Fatal(err)
		}
		if got, want := len(s.writes(e.ID)), 2-i; got != want || s.reads() != 1 {
			t.Errorf("update %d took %d writes and %d reads; want %d and 1", i+1, got, s.reads(), want)
		}
	}
	// A removal of what is not there needs no write at all, and what needs no brackets no read.
	s.Forget()
	if err := target.Update(t.Context(), "User", bob.ID, []provisioning.Assignment{set(`emails[type eq "home"].value`, nil)}); err != nil || len(s.writes("")) != 0 {
		t.Errorf("got %v and %q; want nothing to be sent", err, s.writes(bob.ID))
	}
	s.Forget()
	if err := target.Update(t.Context(), "User", bob.ID, []provisioning.Assignment{set("title", "x")}); err != nil || s.reads() != 0 {
		t.Errorf("got %v and %d reads; want none", err, s.reads())
	}
}

func TestPutIsRememberedAndRepeatedAfterAConflict(t *testing.T) {
	s := newService(t, scimfake.Rule{Fault: scimfake.PutOnly})
	target := s.target(nil)
	e := s.user(target, "ann@x")
	for _, title := range []string{"a", "b"} {
		if err := target.Update(t.Context(), "User", e.ID, []provisioning.Assignment{set("title", title)}); err != nil {
			t.Fatal(err)
		}
	}
	if got := s.Struck(scimfake.PutOnly); got != 1 {
		t.Errorf("PATCH was tried %d times; want once", got)
	}
	// Somebody else writes between our GET and our PUT.
	s.Forget()
	s.Rules(scimfake.Rule{Fault: scimfake.Refuse, Status: 412, Method: "PUT", Times: 2})
	if err := target.Update(t.Context(), "User", e.ID, []provisioning.Assignment{set("title", "c")}); err != nil {
		t.Fatal(err)
	}
	if got := s.resource("User", e.ID); !strings.Contains(got, `"title":"c"`) || s.reads() != 3 {
		t.Errorf("the account is %s after %d reads; want the title c, read again before each try", got, s.reads())
	}
	for _, r := range s.Requests() {
		if r.Method == http.MethodPut && r.Header.Get("If-Match") == "" {
			t.Error("PUT without If-Match")
		}
	}
	s.Rules(scimfake.Rule{Fault: scimfake.Refuse, Status: 412, Method: "PUT"})
	err := target.Update(t.Context(), "User", e.ID, []provisioning.Assignment{set("title", "d")})
	if got := asTargetError(t, err); got.Code != entryConflict {
		t.Errorf("got %+v; want EntryConflict after a few tries", got)
	}
}

func TestPatchAndPutBothRefused(t *testing.T) {
	s := newService(t)
	target := s.target(nil)
	e := s.user(target, "ann@x")
	for status, want := range map[int]string{405: notImplemented, 501: notImplemented, 403: insufficientRights} {
		s.Rules(scimfake.Rule{Fault: scimfake.PutOnly}, scimfake.Rule{Fault: scimfake.Refuse, Status: status, Detail: "no PUT", Method: "PUT"})
		err := target.Update(t.Context(), "User", e.ID, []provisioning.Assignment{set("title", "a")})
		if got := asTargetError(t, err); got.Code != want {
			t.Errorf("PUT answers %d: got %+v; want %s", status, got, want)
		}
	}
	// Neither worked, so neither is remembered.
	s.Rules()
	s.Forget()
	if err := target.Update(t.Context(), "User", e.ID, []provisioning.Assignment{set("title", "a")}); err != nil || !strings.HasPrefix(s.writes(e.ID)[0], "PATCH") {
		t.Errorf("got %v with %q; want PATCH to be tried again", err, s.writes(e.ID))
	}
}

func TestConfiguredPutOnly(t *testing.T) {
	s := newService(t)
	target := s.target(func(c *Config) { c.Patch = scimclient.No })
	e := s.user(target, "ann@x", set("title", "Dr"))
	if err := target.Update(t.Context(), "User", e.ID, []provisioning.Assignment{set("title", "Prof")}); err != nil {
		t.Fatal(err)
	}
	if got, want := s.writes(e.ID), []string{"PUT /Users/ID"}; !slices.Equal(got, want) {
		t.Errorf("sent %q; want %q", got, want)
	}
	put := s.Requests()[len(s.Requests())-1]
	if strings.Contains(put.Body, `"id"`) || strings.Contains(put.Body, `"meta"`) || !strings.Contains(put.Body, `"active":true`) {
		t.Errorf("PUT sent %s; want active, and neither id nor meta", put.Body)
	}
}

func TestUpdateErrors(t *testing.T) {
	s := newService(t)
	target := s.target(nil)
	e := s.user(target, "ann@x")
	s.user(target, "bob@x")
	for _, tt := range []struct {
		change provisioning.Assignment
		code   string
	}{
		{set("userName", "bob@x"), conflict},
		{set("noSuchThing", "x"), attributeNotFound},
		{set("emails[", "x"), attributeNotFound},
	} {
		err := target.Update(t.Context(), "User", e.ID, []provisioning.Assignment{tt.change})
		if got := asTargetError(t, err); got.Code != tt.code || got.Fatal {
			t.Errorf("%s: got %+v; want %s", tt.change.Path, got, tt.code)
		}
	}
	s.Forget()
	if err := target.Update(t.Context(), "User", e.ID, nil); err != nil || len(s.Requests()) != 0 {
		t.Errorf("no changes: got %v and %d requests; want none", err, len(s.Requests()))
	}
}

func TestPatchRefused(t *testing.T) {
	noTarget := scimfake.Rule{Fault: scimfake.Refuse, Status: 400, ScimType: "noTarget", Detail: "nothing there", Method: "PATCH", Times: 1}
	noPath := scimfake.Rule{Fault: scimfake.Refuse, Status: 400, ScimType: "invalidPath", Detail: "no such path", Method: "PATCH"}
	broken := scimfake.Rule{Fault: scimfake.Refuse, Status: 400, ScimType: "invalidSyntax", Detail: "what?", Method: "PATCH"}
	for _, tt := range []struct {
		name   string
		rule   scimfake.Rule
		change provisioning.Assignment
		code   string // "": success
		last   string // the last write
	}{
		{"removal of what is not there", noTarget, set("title", nil), "", `PATCH /Users/ID [{"op":"remove","path":"title"}]`},
		{"replace of what is not there", noTarget, set("title", "x"), "", `PATCH /Users/ID [{"op":"add","path":"title","value":"x"}]`},
		{"replace of what is there: nothing else can be tried", noTarget, set("displayName", "x"), attributeNotFound,
			`PATCH /Users/ID [{"op":"replace","path":"displayName","value":"x"}]`},
		{"a bad path stays one", noPath, set(mail, "x"), attributeNotFound, `PATCH /Users/ID [{"op":"add","path":"emails","value":[{"type":"work","value":"x"}]}]`},
		{"another reason is final", broken, set(mail, "x"), unprocessable, `PATCH /Users/ID [{"op":"replace","path":"emails[type eq \"work\"].value","value":"x"}]`},
	} {
		s := newService(t)
		target := s.target(nil)
		e := s.user(target, "ann@x", set("displayName", "Ann"))
		s.Rules(tt.rule)
		err := target.Update(t.Context(), "User", e.ID, []provisioning.Assignment{tt.change})
		if tt.code == "" && err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
		if tt.code != "" && asTargetError(t, err).Code != tt.code {
			t.Errorf("%s: got %v; want %s", tt.name, err, tt.code)
		}
		if got := s.writes(e.ID); got[len(got)-1] != tt.last {
			t.Errorf("%s: sent %q; want the last to be %s", tt.name, got, tt.last)
		}
	}
}

package scim

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/rollcall-id/rollcall/internal/provisioning"
	"github.com/rollcall-id/rollcall/internal/target/scim/scimfake"
)

func TestCreateBuildsTheBody(t *testing.T) {
	s := newService(t)
	target := s.target(nil)
	e, err := target.Create(t.Context(), "User", []provisioning.Assignment{
		set("userName", "ann@x"), set("externalId", "42"), set("active", "True"), set("displayName", "Ann <&> Änn"), set("title", nil),
		set(`emails[type eq "work"].value`, "ann@x"), set(`emails[type eq "work"].primary`, "true"), set("name.givenName", "Ann"), set("name.familyName", "Li"),
		set(`addresses[type eq "work"].locality`, "Bern"), set(`addresses[type eq "work"].country`, "CH"),
		set(enterprise+":employeeNumber", int64(17)), set(enterprise+":manager", "boss"),
	})
	if err != nil {
		t.Fatal(err)
	}
	want := `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","` + enterprise + `"],"userName":"ann@x","externalId":"42","active":true,
		"displayName":"Ann <&> Änn","emails":[{"type":"work","value":"ann@x","primary":true}],"name":{"givenName":"Ann","familyName":"Li"},
		"addresses":[{"type":"work","locality":"Bern","country":"CH"}],"` + enterprise + `":{"employeeNumber":"17","manager":{"value":"boss"}}}`
	posts := slices.DeleteFunc(s.Requests(), func(r scimfake.Request) bool { return r.Method != http.MethodPost })
	if len(posts) != 1 || !equalJSON(t, posts[0].Body, want) || posts[0].Line() != "POST /scim/Users?flag" {
		t.Errorf("sent %+v; want one POST of %s", posts, want)
	}
	if e.ID == "" || e.Name != "ann@x" || e.Type != "User" || e.Resource["userName"] != "ann@x" {
		t.Errorf("got the entry %+v", e)
	}

	found, err := target.Find(t.Context(), "User", "externalId", "42")
	if err != nil || len(found) != 1 || found[0].ID != e.ID || found[0].Name != "ann@x" {
		t.Errorf("Find gave %+v, %v; want the new account", found, err)
	}
	read, err := target.Read(t.Context(), "User", e.ID)
	if err != nil || read.Name != "ann@x" {
		t.Errorf("Read gave %+v, %v", read, err)
	}
	if target.Requests() != int64(len(s.Requests())) {
		t.Errorf("counted %d requests; %d came", target.Requests(), len(s.Requests()))
	}
}

func TestGroupsAreReadWithoutMembers(t *testing.T) {
	s := newService(t)
	target := s.target(nil)
	e, err := target.Create(t.Context(), "Group", []provisioning.Assignment{set("displayName", "Sales")})
	if err != nil {
		t.Fatal(err)
	}
	s.Forget()
	if _, err := target.Read(t.Context(), "Group", e.ID); err != nil {
		t.Fatal(err)
	}
	if found, err := target.Find(t.Context(), "Group", "displayName", "sales"); err != nil || len(found) != 1 || found[0].Name != "Sales" {
		t.Errorf("Find gave %+v, %v; want the group, whatever the letter case", found, err)
	}
	for _, line := range s.Lines() {
		if !strings.Contains(line, "excludedAttributes=members") {
			t.Errorf("%s reads the members", line)
		}
	}
}

func TestErrorsOfCreate(t *testing.T) {
	for _, tt := range []struct {
		name      string
		fault     scimfake.Fault
		code      string
		ambiguous bool
		made      int // accounts afterwards
	}{
		{"the connection breaks after the write", scimfake.ResetAfterWrite, protocolError, true, 1},
		{"the connection breaks before", scimfake.ResetBefore, protocolError, true, 0},
		{"a gateway fails after the write", scimfake.ErrorAfterWrite, internalServerError, true, 1},
		{"an internal error", scimfake.ServerError, internalServerError, true, 0},
		{"a login page", scimfake.LoginPage, incompatible, true, 0},
		{"bad token", scimfake.Unauthorized, unauthorized, false, 0},
	} {
		s := newService(t, scimfake.Rule{Fault: tt.fault, Method: "POST"})
		_, err := s.target(nil).Create(t.Context(), "User", []provisioning.Assignment{set("userName", "ann@x")})
		e := asTargetError(t, err)
		if e.Code != tt.code || e.Ambiguous != tt.ambiguous || e.Fatal != (tt.code == unauthorized) || e.Detail == "" {
			t.Errorf("%s: got %+v; want %s, ambiguous %v", tt.name, e, tt.code, tt.ambiguous)
		}
		if got := s.memory.Len("User"); got != tt.made || s.Struck(tt.fault) != 1 {
			t.Errorf("%s: %d accounts after %d tries; want %d after one: a POST is not repeated", tt.name, got, s.Struck(tt.fault), tt.made)
		}
	}
}

func TestCreateOfATakenName(t *testing.T) {
	s := newService(t)
	target := s.target(nil)
	s.user(target, "ann@x")
	_, err := target.Create(t.Context(), "User", []provisioning.Assignment{set("userName", "ANN@x")})
	if e := asTargetError(t, err); e.Code != conflict || e.Status != 409 || e.Ambiguous || e.Fatal {
		t.Errorf("got %+v; want Conflict", e)
	}
	_, err = target.Create(t.Context(), "User", []provisioning.Assignment{set("displayName", "nobody")})
	if e := asTargetError(t, err); e.Code != mandatoryMissing || e.Status != 400 {
		t.Errorf("got %+v; want MandatoryFieldsMissing", e)
	}
	_, err = target.Create(t.Context(), "User", []provisioning.Assignment{set("emails[", "x")})
	if e := asTargetError(t, err); e.Code != attributeNotFound || e.Status != 0 {
		t.Errorf("got %+v; want SchemaAttributeNotFound without a request", e)
	}
}

func TestThrottlingPasses(t *testing.T) {
	s := newService(t, scimfake.Rule{Fault: scimfake.Throttle, Times: 5}, scimfake.Rule{Fault: scimfake.Unavailable, Method: "GET", Times: 2})
	target := s.target(nil)
	if err := target.Probe(t.Context(), "User", "userName"); err != nil {
		t.Fatalf("got %v; want the throttling to be outlived", err)
	}
	if s.Struck(scimfake.Throttle) != 5 || s.Struck(scimfake.Unavailable) != 2 {
		t.Errorf("struck %d and %d times; want 5 and 2", s.Struck(scimfake.Throttle), s.Struck(scimfake.Unavailable))
	}
}

func TestDelete(t *testing.T) {
	s := newService(t)
	target := s.target(nil)
	e := s.user(target, "ann@x")
	if err := target.Delete(t.Context(), "User", e.ID); err != nil {
		t.Errorf("got %v; want success", err)
	}
	if err := target.Delete(t.Context(), "User", e.ID); asTargetError(t, err).Code != invalidAnchor {
		t.Errorf("got %v; want to be told that the account is not there", err)
	}
	e = s.user(target, "bob@x")
	s.Rules(scimfake.Rule{Fault: scimfake.ResetAfterWrite, Times: 1})
	if err := target.Delete(t.Context(), "User", e.ID); asTargetError(t, err).Code != invalidAnchor || s.memory.Len("User") != 0 {
		t.Errorf("got %v, %d accounts; want the second try to say that it is gone", err, s.memory.Len("User"))
	}
	s.Rules(scimfake.Rule{Fault: scimfake.ServerError})
	if err := target.Delete(t.Context(), "User", e.ID); asTargetError(t, err).Code != internalServerError {
		t.Errorf("got %v; want InternalServerError", err)
	}
}

func TestReadOfAVanishedAccount(t *testing.T) {
	target := newService(t).target(nil)
	_, err := target.Read(t.Context(), "User", "nobody")
	if e := asTargetError(t, err); e.Code != invalidAnchor || e.Fatal {
		t.Errorf("Read: got %+v; want InvalidAnchor", e)
	}
	err = target.Update(t.Context(), "User", "nobody", []provisioning.Assignment{set("title", "x")})
	if e := asTargetError(t, err); e.Code != invalidAnchor || e.Status != 404 {
		t.Errorf("Update: got %+v; want InvalidAnchor", e)
	}
	err = target.ChangeMembers(t.Context(), "nobody", []string{"a", "b"}, nil)
	if e := asTargetError(t, err); e.Code != invalidAnchor {
		t.Errorf("ChangeMembers: got %+v; want InvalidAnchor", e)
	}
}

func TestErrorsUnwrap(t *testing.T) {
	s := newService(t, scimfake.Rule{Fault: scimfake.ServerError})
	_, err := s.target(nil).Read(t.Context(), "User", "x")
	if e := asTargetError(t, err); errors.Unwrap(e) == nil || !strings.Contains(e.Error(), "GET /Users/x") {
		t.Errorf("got %v; want the request in the text and the cause underneath", e)
	}
}

package scim_test

import (
	"context"
	"strings"
	"testing"

	"github.com/rollcall-id/rollcall/internal/directory"
	source "github.com/rollcall-id/rollcall/internal/source/scim"
	"github.com/rollcall-id/rollcall/internal/store"
	"github.com/rollcall-id/rollcall/internal/store/storetest"
	"github.com/rollcall-id/rollcall/scim"
	"github.com/rollcall-id/rollcall/scim/scimserver"
)

const (
	urnBadge = "urn:example:badge:1.0:User"
	urnLamp  = "urn:example:lamp:1.0:Lamp"
)

// lamps are a resource type and an extension of User as an organization registers them. The type has attributes that are called as those of users and
// groups are which the directory keeps elsewhere.
const lamps = `[
 {"schemas":["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],"name":"Lamp","endpoint":"/Lamps","schema":"` + urnLamp + `"},
 {"schemas":["urn:ietf:params:scim:schemas:core:2.0:Schema"],"id":"` + urnLamp + `","name":"Lamp","attributes":[
  {"name":"serial","uniqueness":"server","caseExact":true},
  {"name":"label","uniqueness":"global"},
  {"name":"pin","mutability":"writeOnly","returned":"never","uniqueness":"server"},
  {"name":"watts","type":"decimal","uniqueness":"server"},
  {"name":"active","type":"boolean"},
  {"name":"userName"},
  {"name":"displayName","type":"complex","subAttributes":[{"name":"value"}]},
  {"name":"password"},
  {"name":"groups","multiValued":true},
  {"name":"members","type":"complex","multiValued":true,"subAttributes":[{"name":"value","uniqueness":"server"},{"name":"type"}]}]},
 {"schemas":["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],"name":"User","endpoint":"/Users",
  "schema":"urn:ietf:params:scim:schemas:core:2.0:User","schemaExtensions":[{"schema":"` + urnBadge + `"}]},
 {"schemas":["urn:ietf:params:scim:schemas:core:2.0:Schema"],"id":"` + urnBadge + `","name":"Badge","attributes":[
  {"name":"number","uniqueness":"server"}]}]`

// registered is a service of an organization that registered the types of a document.
func registered(t *testing.T, st *store.Store, doc string) (source.Backend, service) {
	t.Helper()
	b := newBackend(t, st)
	d, err := scim.ParseDefinitions([]byte(doc))
	if err != nil {
		t.Fatal(err)
	}
	err = st.Write(t.Context(), func(ctx context.Context, tx directory.Tx) error {
		if _, err := tx.LockDefinitions(ctx, b.Organization); err != nil {
			return err
		}
		return tx.SaveDefinitions(ctx, b.Organization, d)
	})
	if err != nil {
		t.Fatal(err)
	}
	types, err := st.Registry(t.Context(), b.Organization)
	if err != nil {
		t.Fatal(err)
	}
	return b, service{t, scimserver.New(scimserver.Config{Registry: types, Backend: b})}
}

// request is one step of a test and what it must lead to.
type request struct {
	method, path, body string
	status             int
	holds              string
}

func (s service) all(requests ...request) {
	s.t.Helper()
	for _, r := range requests {
		if got, body := s.do(r.method, r.path, r.body); got != r.status || !strings.Contains(body, r.holds) {
			s.t.Errorf("%s %s %s: status %d, want %d with %s: %s", r.method, r.path, r.body, got, r.status, r.holds, body)
		}
	}
}

// TestUniqueValues: values that a schema calls unique are, by their caseExact, across the types of one organization, and free again after a DELETE.
func TestUniqueValues(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, st *store.Store) {
		_, s := registered(t, st, lamps)
		_, other := registered(t, st, lamps)
		first := s.create("/Lamps", `{"serial":"S1","label":"Desk","pin":"1234","watts":4.0,"members":[{"value":"m1"},{"value":"m2"}]}`)
		second := s.create("/Lamps", `{"serial":"s1","label":"Floor","watts":4.5}`)
		person := s.create("/Users", `{"userName":"u1","`+urnBadge+`":{"number":"B1"}}`)
		other.create("/Lamps", `{"serial":"S1","label":"Desk"}`)
		replaced := `{"serial":"s1","label":"%s"}`
		taken := `"scimType":"uniqueness"`
		s.all(
			request{"POST", "/Lamps", `{"serial":"S1"}`, 409, taken},
			request{"POST", "/Lamps", `{"label":"dESK"}`, 409, taken},
			request{"POST", "/Lamps", `{"pin":"1234"}`, 409, taken},
			request{"POST", "/Lamps", `{"watts":4}`, 409, taken},
			request{"POST", "/Lamps", `{"members":[{"value":"M2"}]}`, 409, taken},
			request{"POST", "/Users", `{"userName":"u2","` + urnBadge + `":{"number":"b1"}}`, 409, taken},
			request{"PUT", "/Lamps/" + second, strings.ReplaceAll(replaced, "%s", "desk"), 409, taken},
			request{"PATCH", "/Lamps/" + second, `{"Operations":[{"op":"replace","path":"label","value":"desk"}]}`, 409, taken},
			request{"PATCH", "/Lamps/" + second, `{"Operations":[{"op":"replace","path":"label","value":"FLOOR"}]}`, 200, "FLOOR"},
			request{"PUT", "/Lamps/" + second, strings.ReplaceAll(replaced, "%s", "Hall"), 200, "Hall"},
			request{"POST", "/Lamps", `{"label":"floor"}`, 201, ""},
			request{"PATCH", "/Users/" + person, `{"Operations":[{"op":"remove","path":"` + urnBadge + `"}]}`, 200, ""},
			request{"POST", "/Users", `{"userName":"u2","` + urnBadge + `":{"number":"b1"}}`, 201, ""},
			request{"DELETE", "/Lamps/" + first, "", 204, ""},
			request{"POST", "/Lamps", `{"serial":"S1","label":"desk","pin":"1234","watts":4}`, 201, ""},
		)
		if _, body := s.do("POST", "/Lamps", `{"pin":"1234"}`); strings.Contains(body, "1234") {
			t.Errorf("the conflict tells a secret: %s", body)
		}
	})
}

// TestRegisteredType: attributes that are called as those of users and groups are mean nothing but what their schema says.
func TestRegisteredType(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, st *store.Store) {
		b, s := registered(t, st, lamps)
		id := s.create("/Lamps", `{"externalId":"X","userName":"Anna","displayName":{"value":"Lamp"},"password":"visible","groups":["g"],
			"members":[{"value":"nobody","type":"Bulb"}],"active":false}`)
		s.create("/Users", `{"userName":"Anna"}`)
		find := func(filter string) request {
			return request{"GET", "/Lamps?filter=" + strings.NewReplacer(" ", "+", `"`, "%22").Replace(filter), "", 200, `"totalResults":1`}
		}
		s.all(
			request{"GET", "/Lamps/" + id, "", 200, `"password":"visible"`},
			request{"GET", "/Users/" + id, "", 404, ""},
			find(`externalId eq "X"`), find(`userName eq "anna"`), find(`displayName.value eq "lamp"`), find(`displayName pr`), find(`groups eq "g"`),
			find(`members[value eq "nobody" and type eq "bulb"]`), find(`active eq false`), find(`meta.resourceType eq "Lamp"`), find(`id eq "`+id+`"`),
			request{"GET", "/Lamps?sortBy=members.value", "", 200, id},
			request{"GET", "/Lamps?sortBy=userName&sortOrder=descending", "", 200, id},
			request{"GET", "/?filter=userName+eq+%22anna%22", "", 200, `"totalResults":2`},
			request{"PATCH", "/Lamps/" + id, `{"Operations":[{"op":"remove","path":"active"}]}`, 200, ""},
			request{"GET", "/Lamps?filter=active+pr", "", 200, `"totalResults":0`},
			request{"PUT", "/Lamps/" + id, `{"members":[{"value":"other"}]}`, 200, `"other"`},
			request{"POST", "/Groups", `{"displayName":"G","members":[{"value":"` + id + `"}]}`, 400, "invalidValue"},
		)
		if rows, err := st.GroupsOf(t.Context(), b.Organization, "other"); err != nil || len(rows) > 0 {
			t.Errorf("the members of a lamp became %d memberships (%v)", len(rows), err)
		}
		changes, err := st.Changes(t.Context(), b.Organization, 0, 100)
		if err != nil || len(changes) == 0 || changes[0].Type != "Lamp" || changes[0].Kind != directory.Created {
			t.Errorf("the feed begins with %+v (%v)", changes, err)
		}
		s.all(request{"DELETE", "/Lamps/" + id, "", 204, ""}, request{"GET", "/Lamps/" + id, "", 404, ""})
		// Another organization has none of this.
		_, plain := registered(t, st, "["+lamps[strings.LastIndex(lamps, `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:ResourceType"]`):])
		plain.all(request{"GET", "/Lamps", "", 404, ""}, request{"GET", "/Schemas/" + urnLamp, "", 404, ""})
	})
}

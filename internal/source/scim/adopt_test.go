package scim_test

import (
	"strings"
	"sync"
	"testing"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/organization"
	source "github.com/rollcall-id/rollcall/internal/source/scim"
	"github.com/rollcall-id/rollcall/internal/store"
	"github.com/rollcall-id/rollcall/internal/store/storetest"
	"github.com/rollcall-id/rollcall/scim"
)

func person(name string, emails ...string) scim.Resource {
	r := scim.Resource{"userName": name, "title": "Local title", "nickName": "Local", "active": true}
	var list []any
	for i, e := range emails {
		list = append(list, map[string]any{"value": e, "primary": i == 0})
	}
	if list != nil {
		r["emails"] = list
	}
	return r
}

// linking is a backend under a rule, and its service.
func linking(t *testing.T, st *store.Store, rule organization.LinkRule) (source.Backend, service) {
	b := newBackend(t, st)
	b.Link = rule
	return b, serviceOf(t, b)
}

func stored(t *testing.T, b source.Backend, typ, id string) directory.Object {
	t.Helper()
	o, err := b.Directory.Store.Object(t.Context(), b.Organization, typ, id)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// TestNothingIsTakenOverUnasked: without a rule, a local account keeps its name and itself, and the answer says what an administrator can do.
func TestNothingIsTakenOverUnasked(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, st *store.Store) {
		for _, profile := range []scim.Profile{scim.ProfileRFC, scim.ProfileEntra, scim.ProfileOkta} {
			b := newBackend(t, st)
			b.Profile = profile
			s := serviceOf(t, b)
			off := person("Off@acme.example")
			off["active"] = false
			locals := []directory.Object{
				local(t, b, directory.User, person("Ada@acme.example", "ada@acme.example")), local(t, b, directory.User, off),
				local(t, b, directory.Group, scim.Resource{"displayName": "Staff"}),
			}
			mine := s.create("/Users", `{"userName":"mine"}`)
			for _, test := range []struct{ method, path, body string }{
				{"POST", "/Users", `{"userName":"ada@acme.example"}`},
				{"POST", "/Users", `{"userName":"off@acme.example","active":true}`},
				{"POST", "/Groups", `{"displayName":"staff"}`},
				{"PATCH", "/Users/" + mine, `{"Operations":[{"op":"replace","path":"userName","value":"ADA@acme.example"}]}`},
				{"PUT", "/Users/" + mine, `{"userName":"ada@acme.example"}`},
			} {
				status, body := s.do(test.method, test.path, test.body)
				if status != 409 || !strings.Contains(body, `"uniqueness"`) || !strings.Contains(body, "--link user-name") {
					t.Errorf("%s: %s %s %s: status %d: %s; want 409 with what allows it", profile, test.method, test.path, test.body, status, body)
				}
			}
			for _, o := range locals {
				if got := stored(t, b, o.Type, o.ID); got.Version != 1 || got.Owner != directory.OwnerLocal {
					t.Errorf("%s: %s was touched: %+v", profile, o.Name(), got)
				}
			}
			// What is SCIM's is found and updated by the client, and says so.
			if status, body := s.do("POST", "/Users", `{"userName":"mine"}`); status != 409 || strings.Contains(body, "--link") {
				t.Errorf("%s: a second POST of SCIM's own: status %d: %s", profile, status, body)
			}
		}
	})
}

// TestLinkByUserName: under the rule, the account of that name becomes SCIM's as it is. Login and mail are not the first request's to change.
func TestLinkByUserName(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, st *store.Store) {
		b, s := linking(t, st, organization.LinkUserName)
		ada := person("Ada@acme.example", "ada@acme.example", "ada@home.example")
		ada["name"] = map[string]any{"givenName": "Ada", "familyName": "Local"}
		ada[scim.URNEnterpriseUser] = map[string]any{"department": "Local", "costCenter": "7"}
		old := local(t, b, directory.User, ada)
		id := s.create("/Users", `{"userName":"ada@ACME.example","externalId":"x1","title":"Engineer","name":{"familyName":"Lovelace"},"emails":[{"value":"evil@attacker.example","primary":true}],
			"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"R&D"}}`)
		o := stored(t, b, directory.User, id)
		if id != old.ID || o.Owner != directory.OwnerSCIM || o.Version != 2 {
			t.Fatalf("got %+v; want the account %s as SCIM's", o, old.ID)
		}
		if o.Name() != "Ada@acme.example" || o.Email() != "ada@acme.example" || len(o.Attributes["emails"].([]any)) != 2 {
			t.Errorf("login and mail are %v, %v; want them unchanged", o.Name(), o.Attributes["emails"])
		}
		if o.Attributes["title"] != "Engineer" || o.Attributes["nickName"] != "Local" || o.Attributes.ExternalID() != "x1" {
			t.Errorf("the attributes are %v; want the request's over the local ones", o.Attributes)
		}
		name, enterprise := o.Attributes["name"].(map[string]any), o.Attributes[scim.URNEnterpriseUser].(map[string]any)
		if name["givenName"] != "Ada" || name["familyName"] != "Lovelace" || enterprise["department"] != "R&D" || enterprise["costCenter"] != "7" {
			t.Errorf("the name is %v, the extension %v; want the request's parts over the local ones", name, enterprise)
		}
		changes, err := st.Changes(t.Context(), b.Organization, 0, 100)
		if err != nil {
			t.Fatal(err)
		}
		var kinds []string
		for _, c := range changes {
			kinds = append(kinds, string(c.Kind))
		}
		if got := strings.Join(kinds, " "); got != "create link update" || changes[1].Actor != b.Origin.Actor {
			t.Errorf("the feed has %q; want create link update", got)
		}
		// From now on it is like any other.
		if status, body := s.do("PATCH", "/Users/"+id, `{"Operations":[{"op":"replace","path":"userName","value":"ada.new@acme.example"}]}`); status != 200 {
			t.Errorf("a later rename: status %d: %s", status, body)
		}
		if status, body := s.do("POST", "/Users", `{"userName":"ada.new@acme.example"}`); status != 409 {
			t.Errorf("a second POST: status %d: %s", status, body)
		}
		// The rule knows no addresses.
		local(t, b, directory.User, person("bob", "bob@acme.example"))
		if other := s.create("/Users", `{"userName":"bob@acme.example"}`); stored(t, b, directory.User, other).Version != 1 {
			t.Error("somebody was linked by address")
		}
	})
}

func TestLinkGroupByName(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, st *store.Store) {
		b, s := linking(t, st, organization.LinkUserName)
		hidden := local(t, b, directory.User, person("hidden"))
		old := local(t, b, directory.Group, scim.Resource{"displayName": "Staff"}, hidden.ID)
		user := s.create("/Users", `{"userName":"ada"}`)
		id := s.create("/Groups", `{"displayName":"staff","externalId":"g1","members":[{"value":"`+user+`"}]}`)
		if id != old.ID {
			t.Fatalf("got the group %s, want %s", id, old.ID)
		}
		if _, body := s.do("GET", "/Groups/"+id, ""); !strings.Contains(body, user) || strings.Contains(body, hidden.ID) {
			t.Errorf("the group shows %s; want SCIM's member only", body)
		}
		if rows, err := st.GroupsOf(t.Context(), b.Organization, hidden.ID, user); err != nil || len(rows) != 2 {
			t.Errorf("%d memberships, %v; want the local one and the new one", len(rows), err)
		}
	})
}

// TestLinkByEmail: the rule also takes the one account that has the address; a name counts more, and two with the address are none.
func TestLinkByEmail(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, st *store.Store) {
		b, s := linking(t, st, organization.LinkEmail)
		ada := local(t, b, directory.User, person("ada", "Ada@acme.example", "second@acme.example"))
		bob := local(t, b, directory.User, person("bob", "bob@acme.example"))
		named := local(t, b, directory.User, person("carl@acme.example"))
		local(t, b, directory.User, person("carl", "carl@acme.example"))
		local(t, b, directory.User, person("twin1", "twin@acme.example"))
		local(t, b, directory.User, person("twin2", "twin@acme.example"))
		for _, test := range []struct{ name, body, want string }{
			{"userName is the address", `{"userName":"ada@acme.example"}`, ada.ID},
			{"the primary address", `{"userName":"robert@new.example","emails":[{"value":"BOB@acme.example","primary":true}]}`, bob.ID},
			{"somebody has the name", `{"userName":"carl@acme.example"}`, named.ID},
			{"two have the address", `{"userName":"twin@acme.example"}`, ""},
			{"a second address", `{"userName":"second@acme.example"}`, ""},
		} {
			id := s.create("/Users", test.body)
			o := stored(t, b, directory.User, id)
			if test.want == "" && o.Version != 1 || test.want != "" && id != test.want || o.Owner != directory.OwnerSCIM {
				t.Errorf("%s: got %+v; want %q", test.name, o, test.want)
			}
		}
		if o := stored(t, b, directory.User, bob.ID); o.Name() != "bob" || o.Email() != "bob@acme.example" {
			t.Errorf("login and mail became %s, %s", o.Name(), o.Email())
		}
	})
}

// TestLinkingSwitchesNobodyOn: somebody whom an administrator switched off does not come back by a POST, whatever the profile.
func TestLinkingSwitchesNobodyOn(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, st *store.Store) {
		for _, profile := range []scim.Profile{scim.ProfileRFC, scim.ProfileOkta} {
			b := newBackend(t, st)
			b.Link, b.Profile = organization.LinkEmail, profile
			off := person("off@acme.example", "off@acme.example")
			off["active"] = false
			o := local(t, b, directory.User, off)
			status, body := serviceOf(t, b).do("POST", "/Users", `{"userName":"off@acme.example","active":true}`)
			if status != 409 || !strings.Contains(body, "switched off") {
				t.Errorf("%s: status %d: %s; want 409", profile, status, body)
			}
			if got := stored(t, b, directory.User, o.ID); got.Active() || got.Owner != directory.OwnerLocal {
				t.Errorf("%s: the account is %+v", profile, got)
			}
		}
	})
}

// TestOneLinks: of many requests for one account at the same time, one gets it.
func TestOneLinks(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, st *store.Store) {
		b, s := linking(t, st, organization.LinkEmail)
		local(t, b, directory.User, person("ada", "ada@acme.example"))
		const clients = 8
		statuses := make([]int, clients)
		var all sync.WaitGroup
		for i := range clients {
			all.Go(func() {
				statuses[i], _ = s.do("POST", "/Users", `{"userName":"ada"}`)
			})
		}
		all.Wait()
		count := map[int]int{}
		for _, status := range statuses {
			count[status]++
		}
		if count[201] != 1 || count[409] != clients-1 {
			t.Errorf("the statuses are %v; want one 201 and the rest 409", statuses)
		}
	})
}

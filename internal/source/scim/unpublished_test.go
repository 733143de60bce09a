package scim_test

import (
	"strings"
	"testing"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/organization"
	"github.com/rollcall-id/rollcall/internal/store"
	"github.com/rollcall-id/rollcall/internal/store/storetest"
	"github.com/rollcall-id/rollcall/scim/scimserver"
)

// TestUnpublishedAttributesStay: what an import wrote and the endpoint does not publish is neither shown to a client nor lost by its requests.
func TestUnpublishedAttributesStay(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, st *store.Store) {
		b, s := linking(t, st, organization.LinkUserName)
		shown, err := directory.Published(directory.Registry())
		if err != nil {
			t.Fatal(err)
		}
		s.h = scimserver.New(scimserver.Config{Registry: shown, Backend: b, Profile: b.Profile})
		ada := person("ada@acme.example")
		if err := directory.SetAttribute(ada, directory.User, "ageGroup", "Adult"); err != nil {
			t.Fatal(err)
		}
		id := local(t, b, directory.User, ada).ID
		for _, request := range []struct{ method, path, body string }{
			{"POST", "/Users", `{"userName":"ada@acme.example","title":"Engineer"}`}, // links
			{"PUT", "/Users/" + id, `{"userName":"ada@acme.example","title":"Chief"}`},
			{"PATCH", "/Users/" + id, `{"Operations":[{"op":"replace","value":{"title":"President"}},{"op":"add","path":"ageGroup","value":"Minor"}]}`},
			{"PATCH", "/Users/" + id, `{"Operations":[{"op":"remove","path":"title"}]}`},
			{"GET", "/Users/" + id, ""},
			{"GET", "/Users", ""},
			{"GET", "/Users/" + id + "?attributes=ageGroup," + directory.URNEntraUser, ""},
			{"GET", "/Schemas", ""},
		} {
			if status, body := s.do(request.method, request.path, request.body); strings.Contains(body, "Adult") || strings.Contains(body, "EntraUser") || status >= 500 {
				t.Errorf("%s %s: status %d: %s; want nothing of what is not published", request.method, request.path, status, body)
			}
			o := stored(t, b, directory.User, id)
			if got, _ := directory.Attribute(o, "ageGroup"); got != "Adult" {
				t.Fatalf("after %s %s the attributes are %v", request.method, request.path, o.Attributes)
			}
		}
		if o := stored(t, b, directory.User, id); o.Owner != directory.OwnerSCIM || o.Attributes["title"] != nil {
			t.Errorf("the requests did not do their work: %+v", o)
		}
		if status, body := s.do("GET", "/Users?filter=ageGroup+eq+%22Adult%22", ""); status != 400 {
			t.Errorf("a filter on it: status %d: %s", status, body)
		}
	})
}

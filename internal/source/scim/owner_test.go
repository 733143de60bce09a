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
)

// local makes an object that SCIM does not own, as an import does.
func local(t *testing.T, b source.Backend, typ string, attributes scim.Resource, members ...string) directory.Object {
	t.Helper()
	var o directory.Object
	origin := directory.Origin{Actor: "csv import"}
	err := b.Directory.Write(t.Context(), b.Organization, origin, func(ctx context.Context, w *directory.Writer) (err error) {
		o, err = w.Create(ctx, typ, attributes, members)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// TestWhatSCIMDoesNotOwnIsInvisible: identity providers deactivate accounts that they find and do not know (spec/scim.md 5, lesson 41).
func TestWhatSCIMDoesNotOwnIsInvisible(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, st *store.Store) {
		b := newBackend(t, st)
		s := serviceOf(t, b)
		mine := s.create("/Users", `{"userName":"mine"}`)
		group := s.create("/Groups", `{"displayName":"Ours","members":[{"value":"`+mine+`"}]}`)
		user := local(t, b, directory.User, scim.Resource{"userName": "local", "externalId": "L1"}).ID
		hidden := local(t, b, directory.Group, scim.Resource{"displayName": "Hidden"}, mine, user).ID
		// Somebody else put the local user into SCIM's group.
		err := b.Directory.Write(t.Context(), b.Organization, directory.Origin{Actor: "a person"}, func(ctx context.Context, w *directory.Writer) error {
			g, err := w.Touch(ctx, b.Organization, directory.Group, group)
			if err == nil {
				_, _, err = w.ChangeMembers(ctx, g, []scim.MemberOp{{Kind: scim.MemberAdd, Values: []string{user}}})
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		deactivate := `{"Operations":[{"op":"replace","path":"active","value":false}]}`
		for _, test := range []struct {
			method, path, body string
			want               int
			holds              string
		}{
			{"GET", "/Users/" + user, "", 404, ""},
			{"GET", "/Groups/" + hidden, "", 404, ""},
			{"DELETE", "/Users/" + user, "", 404, ""},
			{"DELETE", "/Groups/" + hidden, "", 404, ""},
			{"PATCH", "/Users/" + user, deactivate, 404, ""},
			{"PUT", "/Users/" + user, `{"userName":"local","active":false}`, 404, ""},
			{"PATCH", "/Groups/" + hidden, addMember(mine), 404, ""},
			{"GET", "/Users", "", 200, `"totalResults":1`},
			{"GET", "/Users?count=0", "", 200, `"totalResults":1`},
			{"GET", "/Groups", "", 200, `"totalResults":1`},
			{"GET", "/Users?filter=userName+eq+%22local%22", "", 200, `"totalResults":0`},
			{"GET", "/Users?filter=externalId+eq+%22L1%22", "", 200, `"totalResults":0`},
			{"GET", "/Users?filter=id+eq+%22" + user + "%22", "", 200, `"totalResults":0`},
			{"GET", "/Users?filter=userName+ne+%22mine%22", "", 200, `"totalResults":0`},
			{"GET", "/Users?filter=groups.value+eq+%22" + hidden + "%22", "", 200, `"totalResults":0`},
			{"GET", "/Groups?filter=members.value+eq+%22" + user + "%22", "", 200, `"totalResults":0`},
			{"GET", "/Users?sortBy=userName", "", 200, `"totalResults":1`},
			{"PATCH", "/Groups/" + group, addMember(user), 400, ""},
			{"POST", "/Groups", `{"displayName":"New","members":[{"value":"` + user + `"}]}`, 400, ""},
			{"PATCH", "/Groups/" + group, removeMember(user), 200, mine},
			{"PUT", "/Groups/" + group, `{"displayName":"Ours","members":[{"value":"` + mine + `"}]}`, 200, mine},
		} {
			got, body := s.do(test.method, test.path, test.body)
			if got != test.want || !strings.Contains(body, test.holds) {
				t.Errorf("%s %s: status %d, want %d with %s: %s", test.method, test.path, got, test.want, test.holds, body)
			}
		}
		for _, path := range []string{"/Users/" + mine, "/Users", "/Groups/" + group, "/Groups"} {
			if _, body := s.do("GET", path, ""); strings.Contains(body, user) || strings.Contains(body, hidden) {
				t.Errorf("GET %s shows what SCIM does not own: %s", path, body)
			}
		}
		// Neither the PUT of the members that the client sees nor a PATCH that names the other one ended the membership that it does not see.
		if rows, err := st.GroupsOf(t.Context(), b.Organization, user); err != nil || len(rows) != 2 {
			t.Errorf("the local user has %d memberships (%v), want both", len(rows), err)
		}
		o, err := st.Object(t.Context(), b.Organization, directory.User, user)
		if err != nil || o.Version != 1 || o.Owner != directory.OwnerLocal {
			t.Errorf("the local user is %+v, %v; want it untouched", o, err)
		}
	})
}

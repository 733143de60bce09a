package scim_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/store"
	"github.com/rollcall-id/rollcall/internal/store/storetest"
	"github.com/rollcall-id/rollcall/scim"
	"github.com/rollcall-id/rollcall/scim/scimserver"
)

// TestReturningIsCounted is rule N16 by profile: Okta's POST brings the account back and is counted, everybody else's is a conflict.
func TestReturningIsCounted(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, st *store.Store) {
		for _, profile := range []scim.Profile{scim.ProfileRFC, scim.ProfileEntra, scim.ProfileOkta} {
			b := newBackend(t, st)
			b.Profile = profile
			var rules []string
			h := scimserver.New(scimserver.Config{
				Registry: registry(), Backend: b, Profile: profile,
				Observe: func(_ *http.Request, e scimserver.Event) { rules = e.Rules },
			})
			post := func(body string) int {
				w := httptest.NewRecorder()
				h.ServeHTTP(w, httptest.NewRequest("POST", "/Users", strings.NewReader(body)))
				return w.Code
			}
			if status := post(`{"userName":"anna","externalId":"1","active":false}`); status != 201 || slices.Contains(rules, "N16") {
				t.Fatalf("%s: create: status %d, rules %v", profile, status, rules)
			}
			want, counted := 409, false
			if profile == scim.ProfileOkta {
				want, counted = 201, true
			}
			if status := post(`{"userName":"ANNA","externalId":"1"}`); status != want || slices.Contains(rules, scimserver.RuleReturning) != counted {
				t.Errorf("%s: create again: status %d, rules %v; want %d and N16 %v", profile, status, rules, want, counted)
			}
		}
	})
}

// TestPasswordsAreNotKept looks at what is stored after each way of sending a password.
func TestPasswordsAreNotKept(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, st *store.Store) {
		b := newBackend(t, st)
		s := serviceOf(t, b)
		id := s.create("/Users", `{"userName":"anna","password":"secret-1"}`)
		for _, write := range []struct{ method, body string }{
			{"PUT", `{"userName":"anna","title":"T","password":"secret-2"}`},
			{"PATCH", `{"Operations":[{"op":"add","path":"password","value":"secret-3"},{"op":"add","path":"title","value":"U"}]}`},
			{"PATCH", `{"Operations":[{"op":"replace","value":{"password":"secret-4","title":"V"}}]}`},
		} {
			if status, body := s.do(write.method, "/Users/"+id, write.body); status != 200 || strings.Contains(body, "secret") {
				t.Fatalf("%s: status %d: %s", write.method, status, body)
			}
			o, err := st.Object(t.Context(), b.Organization, directory.User, id)
			if err != nil {
				t.Fatal(err)
			}
			if stored := string(scim.Encode(o.Attributes)); strings.Contains(stored, "secret") || strings.Contains(stored, "password") {
				t.Errorf("%s: stored %s; want no password", write.method, stored)
			}
		}
	})
}

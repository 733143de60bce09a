package scim_test

import (
	"fmt"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcall-id/rollcall/internal/store"
	"github.com/rollcall-id/rollcall/internal/store/storetest"
	"github.com/rollcall-id/rollcall/scim"
	"github.com/rollcall-id/rollcall/scim/scimserver"
)

// slow hides that a backend can hand on documents as they are stored.
type slow struct{ scimserver.Backend }

// TestDocumentsAreTheResources: reading without decoding shows, byte for byte, what reading with it does.
func TestDocumentsAreTheResources(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		backend := newBackend(t, s)
		fast := scimserver.New(scimserver.Config{Registry: registry(), Backend: backend})
		general := scimserver.New(scimserver.Config{Registry: registry(), Backend: slow{backend}})
		ids := someDirectory(t, fast)
		paths := []string{
			"/Users", "/Users?count=2&startIndex=2", "/Users?sortBy=title", "/Users?sortBy=title&sortOrder=descending&count=3", "/Users?count=0", "/?count=4", "/",
			"/Users?filter=" + url.QueryEscape(`userName eq "u1"`), "/Users?filter=" + url.QueryEscape(`active eq true`), "/Users/nobody", "/Users?attributes=groups",
			"/Users?excludedAttributes=groups", "/Groups", "/Users?startIndex=100", "/Users?filter=" + url.QueryEscape(`groups.display eq "g0"`),
		}
		for _, id := range ids {
			paths = append(paths, "/Users/"+id, "/Groups/"+id, "/Users/"+id+"?attributes=emails")
		}
		for _, path := range paths {
			got, want := httptest.NewRecorder(), httptest.NewRecorder()
			fast.ServeHTTP(got, httptest.NewRequest("GET", path, nil))
			general.ServeHTTP(want, httptest.NewRequest("GET", path, nil))
			if d := cmp.Diff(want.Body.String(), got.Body.String()); d != "" || got.Code != want.Code {
				t.Errorf("%s: status %d and %d (-general +fast):\n%s", path, want.Code, got.Code, d)
			}
			if d := cmp.Diff(want.Header(), got.Header()); d != "" {
				t.Errorf("%s: headers (-general +fast):\n%s", path, d)
			}
		}
	})
}

// someDirectory makes people of all kinds, in groups and not, one deleted, and returns the ids.
func someDirectory(t *testing.T, h *scimserver.Handler) (ids []string) {
	t.Helper()
	create := func(path, body string) string {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("POST", path, strings.NewReader(body)))
		if w.Code != 201 {
			t.Fatalf("%s: %s", body, w.Body)
		}
		ids = append(ids, w.Header().Get("Location")[strings.LastIndex(w.Header().Get("Location"), "/")+1:])
		return ids[len(ids)-1]
	}
	for i, members := range []string{
		`"active":true`,
		`"externalId":"e","title":"T","emails":[{"value":"a@x.example","type":"work","primary":true}]`,
		`"` + scim.URNEnterpriseUser + `":{"department":"R&D <b>","manager":{"value":"m"}},"title":"é\"\\"`,
		`"password":"secret","title":"with a password"`,
		`"addresses":[{"type":"work","country":"NO"}],"externalId":"\"","urn:rollcall:params:scim:schemas:extension:directory:2.0:User":{"companyName":"C"}`,
	} {
		create("/Users", fmt.Sprintf(`{"userName":"u%d",%s}`, i, members))
	}
	people := len(ids)
	for i := range 3 {
		create("/Groups", fmt.Sprintf(`{"displayName":"g%d","members":[{"value":%q},{"value":%q}]}`, i, ids[i], ids[(i+1)%people]))
	}
	for _, gone := range []string{"/Users/" + ids[0], "/Groups/" + ids[people]} { // who is only in groups that are gone is in none
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("DELETE", gone, nil))
		if w.Code != 204 {
			t.Fatal(w.Body)
		}
	}
	return ids
}
